//! A database as lines: the same from both engines, whole or refused, taken while others write.

use bastide_store::{
    Append, Change, Config, Location, Log, Store, StoreError,
    transfer::{Loader, Summary, dump},
};

use crate::{
    desk::{Desk, case, now, on_both_engines, on_sqlite, report, stored},
    proving::publication,
};

async fn fill(store: &Store, rounds: u64) {
    for round in 0..rounds {
        for number in 1..4 {
            stored(store.append(report(number, round, "said")).await.unwrap());
        }
    }
}

async fn publish(store: &Store) {
    let mut append = Append::at(now());
    append.changes.push(Change::AddPublication(Box::new(publication(1, "text"))));
    append.changes.push(Change::AddSnapshot { kind: "policy".to_owned(), bytes: b"rules".to_vec() });
    store.append(append).await.unwrap();
}

async fn lines(location: &Location) -> (Vec<String>, Summary) {
    let mut reading = dump(location).await.unwrap();
    let mut text = String::new();
    while let Some(more) = reading.next().await.unwrap() {
        text.push_str(std::str::from_utf8(&more).unwrap());
    }
    (text.lines().map(str::to_owned).collect(), reading.finish().await.unwrap())
}

async fn load(lines: &[String], location: &Location) -> Result<Summary, StoreError> {
    let mut loader = Loader::begin(location).await?;
    for line in lines {
        if let Err(error) = loader.take(line).await {
            loader.abandon().await;
            return Err(error);
        }
    }
    loader.finish().await
}

/// A copy's configuration: another place, the same keys.
fn copy(of: &Desk, at: &Desk) -> Config {
    Config { location: at.config.location.clone(), ..of.config.clone() }
}

#[test]
fn a_desk_moves_to_the_other_engine_and_back_and_holds_the_same() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        fill(&store, 90).await;
        publish(&store).await;
        store.checkpoint(Log::Case).await.unwrap();
        store.erase_case_bodies(case(3), now(), None).await.unwrap();
        let size = store.log_size(Log::Case).await.unwrap();
        let root = store.root_at(Log::Case, size).await.unwrap();
        store.close().await;
        let (text, summary) = lines(&desk.config.location).await;
        assert!(!text.concat().contains("plaintext"), "contents stay sealed");
        let places = [Some(Desk::sqlite()), Desk::postgres()];
        for place in places.into_iter().flatten() {
            assert_eq!(load(&text, &place.config.location).await.unwrap(), summary);
            assert_eq!(lines(&place.config.location).await, (text.clone(), summary.clone()));
            let again = load(&text, &place.config.location).await;
            assert!(
                matches!(again, Err(StoreError::Exists { .. })),
                "a place that holds something: {again:?}"
            );
            let moved = Store::open(copy(&desk, &place), now()).await.unwrap();
            let checked = moved.verify().await.unwrap();
            assert!(checked.is_sound(), "{checked:?}");
            assert_eq!((checked.events, checked.erased > 0), (271, true));
            assert_eq!(moved.root_at(Log::Case, size).await.unwrap(), root);
            assert_eq!(moved.root_at(Log::Case, size + 1).await.unwrap(), None);
            stored(moved.append(report(1, 90, "goes on")).await.unwrap());
            assert_eq!(moved.root_at(Log::Case, size).await.unwrap(), root, "the past stays as it was");
            moved.close().await;
        }
    });
}

#[test]
fn a_snapshot_is_one_moment_however_much_is_written_meanwhile() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        fill(&store, 50).await;
        let mut reading = dump(&desk.config.location).await.unwrap();
        let mut text = Vec::new();
        let mut round = 50;
        while let Some(more) = reading.next().await.unwrap() {
            text.extend(std::str::from_utf8(&more).unwrap().lines().map(str::to_owned));
            stored(store.append(report(1, round, "meanwhile")).await.unwrap());
            round += 1;
        }
        let summary = reading.finish().await.unwrap();
        let place = Desk::sqlite();
        assert_eq!(load(&text, &place.config.location).await.unwrap(), summary);
        let moved = Store::open(copy(&desk, &place), now()).await.unwrap();
        let checked = moved.verify().await.unwrap();
        assert!(checked.is_sound(), "{checked:?}");
        assert_eq!(checked.events, 150, "nothing of what came after the snapshot");
        assert!(round > 60, "{round}: something was written meanwhile");
        moved.close().await;
        store.close().await;
    });
}

#[test]
fn lines_that_are_cut_altered_or_of_another_kind_leave_nothing_behind() {
    on_sqlite(async |desk| {
        let store = desk.open().await;
        fill(&store, 3).await;
        store.close().await;
        let (text, _) = lines(&desk.config.location).await;
        let mut tried = 0;
        let mut refuse = async |lines: &[String], why: String| {
            let place = Desk::sqlite();
            let refused = load(lines, &place.config.location).await;
            assert!(refused.is_err(), "{why}");
            let left = dump(&place.config.location).await;
            assert!(left.is_err(), "{why}: something was left behind");
            tried += 1;
        };
        for end in 0..text.len() {
            refuse(&text[..end], format!("cut before line {end}")).await;
        }
        for number in 0..text.len() {
            let mut without = text.clone();
            without.remove(number);
            refuse(&without, format!("line {number} is missing")).await;
            if let Some(altered) = text[number].strip_prefix('[') {
                let mut other = text.clone();
                other[number] = format!("[1,{altered}");
                refuse(&other, format!("line {number} has another value")).await;
            }
        }
        for wrong in
            ["", "nothing", "[]", "{}", "7", "{\"format\":\"bastide-transfer-9\",\"schema\":1,\"logs\":[]}"]
        {
            refuse(&[wrong.to_owned()], wrong.to_owned()).await;
        }
        println!("{tried} broken backups were refused");
    });
}
