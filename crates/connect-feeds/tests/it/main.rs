//! Feeds as people have them, broken ones among them, and the snapshot that comes of them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it counted"
)]

mod loss;
mod sources;

use std::{fs, path::Path};

use bastide_connect_feeds::{FeedError, FeedSource, Options, Place, Silent, Summary, sync};
use bastide_model::time::Instant;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A record of one package of PyPI, fixed in 2.0, modified on a day of May 2024.
fn record(id: &str, day: u32) -> Value {
    json!({
        "id": id,
        "modified": format!("2024-05-{day:02}T00:00:00Z"),
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }],
    })
}

/// A directory with these files.
fn directory(files: &[(&str, String)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn source(path: &Path) -> FeedSource {
    FeedSource::read(path.to_str().unwrap()).unwrap()
}

async fn bring(data: &TempDir, sources: &[FeedSource], options: Options) -> Result<Summary, FeedError> {
    sync(&Place::in_data(data.path()), sources, options, Instant::EPOCH, &mut Silent).await
}

/// The ids in the snapshot of a data directory.
fn ids(data: &TempDir) -> Vec<String> {
    let snapshot = Place::in_data(data.path()).open().unwrap();
    snapshot.records().map(|record| record.unwrap().id).collect()
}
