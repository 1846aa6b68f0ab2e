//! A process killed under load: nothing that it acknowledged is lost or doubled.
//!
//! The test starts this very test binary again as a child that appends and prints what was acknowledged, kills it
//! at a random moment, and looks into the store.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use bastide_model::digest::Sha256Digest;
use bastide_store::{Config, Idempotency, KeySource, Location, Store, Stream};

use crate::desk::{case, now, on_sqlite, report};

const DIRECTORY: &str = "BASTIDE_KILL_TEST_DIRECTORY";
const KILLS: u8 = 20;
const STREAMS: u8 = 16;

fn config(directory: &Path) -> Config {
    Config {
        location: Location::Sqlite { directory: directory.join("data") },
        keys: KeySource::Directory(directory.join("keys")),
        origin: "desk.example.org".to_owned(),
    }
}

/// Not a test by itself: the process that is killed.
#[test]
fn child_that_appends_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(config(Path::new(&directory)), now()).await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..STREAMS {
            let store = store.clone();
            writers.spawn(async move {
                let mut length = store.stream(&Stream::case(case(number))).await.unwrap().len() as u64;
                loop {
                    let mut append = report(number, length, "under load");
                    append.idempotency = Some(Idempotency {
                        scope: "kill".to_owned(),
                        key: format!("{number}-{length}"),
                        request: Sha256Digest::of(&[number]),
                        response: vec![],
                    });
                    store.append(append).await.unwrap();
                    length += 1;
                    println!("\nacknowledged {number} {length}");
                }
            });
        }
        writers.join_all().await;
    });
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed() {
    on_sqlite(async |desk| {
        let mut acknowledged: BTreeMap<u8, usize> = BTreeMap::new();
        let mut total = 0_u64;
        for round in 0..KILLS {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "killing::child_that_appends_until_it_is_killed", "--nocapture"])
                .env(DIRECTORY, desk.directory.path())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            // Some die while opening, most under load.
            let life = Duration::from_millis(40 + 17 * u64::from(round));
            let killer = std::thread::spawn(move || {
                std::thread::sleep(life);
                child.kill().unwrap();
                child.wait().unwrap();
            });
            for line in lines.map_while(Result::ok) {
                let mut words = line.split(' ');
                if words.next() == Some("acknowledged") {
                    let (number, length) = (words.next().unwrap(), words.next().unwrap());
                    let (Ok(number), Ok(length)) = (number.parse(), length.parse()) else { continue };
                    acknowledged.insert(number, length);
                    total += 1;
                }
            }
            killer.join().unwrap();
            let store = desk.open().await;
            for (number, length) in &acknowledged {
                let events = store.stream(&Stream::case(case(*number))).await.unwrap();
                assert!(events.len() >= *length, "kill {round}: case {number} lost an acknowledged event");
                // At most the one that was under way when the process died.
                assert!(
                    events.len() <= *length + usize::from(KILLS),
                    "kill {round}: case {number} has too many"
                );
            }
            store.close().await;
        }
        let store = desk.open().await;
        let checked = store.verify().await.unwrap();
        assert!(checked.is_sound(), "{checked:?}");
        println!("{KILLS} kills, {total} acknowledged, {} stored: 0 lost, 0 doubled", checked.events);
        assert!(checked.events >= total && checked.events <= total + u64::from(KILLS) * u64::from(STREAMS));
        assert!(total > 0, "the child never got to work");
        store.close().await;
    });
}
