//! A feed that shrinks or goes back in time, two at once, and a death in between.

use std::fs;

use bastide_connect_feeds::{ErrorKind, Options, Place};

use crate::{bring, directory, ids, record, source};

const ACCEPT: Options = Options { accept_loss: true };

#[tokio::test]
async fn a_feed_that_shrinks_by_a_lot_is_taken_only_when_somebody_says_so() {
    let names: Vec<String> = (10..40).map(|number| format!("PYSEC-2024-{number}")).collect();
    let all: Vec<(&str, String)> = names.iter().map(|id| (id.as_str(), record(id, 1).to_string())).collect();
    let files = directory(&all.iter().map(|(id, text)| (*id, text.clone())).collect::<Vec<_>>());
    for (id, _) in &all {
        fs::rename(files.path().join(id), files.path().join(format!("{id}.json"))).unwrap();
    }
    let data = tempfile::tempdir().unwrap();
    bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    for id in &names[..2] {
        fs::remove_file(files.path().join(format!("{id}.json"))).unwrap();
    }
    let summary = bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    assert_eq!(summary.loss.vanished, ["PYSEC-2024-10", "PYSEC-2024-11"], "few are said and taken");
    for id in &names[2..8] {
        fs::remove_file(files.path().join(format!("{id}.json"))).unwrap();
    }
    let error = bring(&data, &[source(files.path())], Options::default()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Loss);
    assert!(error.reason.starts_with("of 28 records here, 6 would be gone (PYSEC-2024-12, "), "{error}");
    assert!(error.remedy.contains("--accept-loss"));
    assert_eq!(ids(&data).len(), 28, "nothing was written");
    bring(&data, &[source(files.path())], ACCEPT).await.unwrap();
    assert_eq!(ids(&data).len(), 22);
}

#[tokio::test]
async fn a_feed_that_goes_back_in_time_is_taken_only_when_somebody_says_so() {
    let files = directory(&[("a.json", record("PYSEC-2024-1", 9).to_string())]);
    let data = tempfile::tempdir().unwrap();
    bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    fs::write(files.path().join("a.json"), record("PYSEC-2024-1", 8).to_string()).unwrap();
    let error = bring(&data, &[source(files.path())], Options::default()).await.unwrap_err();
    assert_eq!(error.reason, "of the one record here, 1 would become older (PYSEC-2024-1)");
    assert_eq!(bring(&data, &[source(files.path())], ACCEPT).await.unwrap().loss.older, ["PYSEC-2024-1"]);
}

#[tokio::test]
async fn a_damaged_snapshot_is_made_anew_and_what_a_killed_sync_left_is_no_snapshot() {
    let files = directory(&[("a.json", record("PYSEC-2024-1", 9).to_string())]);
    let data = tempfile::tempdir().unwrap();
    let place = Place::in_data(data.path());
    bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    let whole = fs::read(place.snapshot()).unwrap();
    fs::write(place.snapshot(), &whole[..whole.len() / 2]).unwrap();
    let error = place.open().unwrap_err();
    assert!(error.reason.contains("is damaged") && error.remedy.contains("bastide sync"), "{error:?}");
    fs::write(place.snapshot().with_extension("unfinished"), "half").unwrap();
    let summary = bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    assert!(summary.before_unreadable.is_some());
    assert_eq!(ids(&data), ["PYSEC-2024-1"]);
    assert!(!place.snapshot().with_extension("unfinished").exists());
}

#[tokio::test]
async fn a_second_sync_at_once_is_refused() {
    let files = directory(&[("a.json", record("PYSEC-2024-1", 9).to_string())]);
    let data = tempfile::tempdir().unwrap();
    bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    let other = fs::OpenOptions::new().write(true).open(data.path().join("advisories/lock")).unwrap();
    other.lock().unwrap();
    let error = bring(&data, &[source(files.path())], Options::default()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Busy);
    drop(other);
    bring(&data, &[source(files.path())], Options::default()).await.unwrap();
}
