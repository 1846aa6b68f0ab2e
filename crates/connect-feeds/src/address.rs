//! A source at an address: fetched when it changed, kept in a file.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bastide_connect_web::{GuardedClient, Limits, Origin, SystemNames, Web};
use http::{Request, StatusCode, header};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    ErrorKind, FeedError, Place,
    place::write_whole,
    source::{FeedSource, extension},
};

/// What is kept of an answer, to ask next time whether it changed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    address: String,
    #[serde(default)]
    etag: Option<String>,
    #[serde(default)]
    last_modified: Option<String>,
}

/// A fetched feed.
pub(crate) struct Fetched {
    /// The file that it lies in.
    pub(crate) path: PathBuf,
    /// Whether the address said that it is as it was.
    pub(crate) unchanged: bool,
}

/// A client for a feed: large answers, much time, and the origin that somebody typed whatever its address.
pub(crate) fn client(address: &Url) -> GuardedClient {
    let named: BTreeSet<Origin> = Origin::of(address).into_iter().collect();
    let limits = Limits {
        time: Duration::from_mins(15),
        connect: Duration::from_secs(10),
        body: 1 << 30,
        redirects: 5,
    };
    GuardedClient::with(named, &(Arc::new(SystemNames) as _), limits)
}

/// Fetches a feed into the place's downloads, if it changed since the last time.
pub(crate) async fn fetch(web: &dyn Web, address: &Url, place: &Place) -> Result<Fetched, FeedError> {
    let name = FeedSource::Address(address.clone()).name();
    let failed = |reason: String, remedy: &str| FeedError::new(ErrorKind::Failed, &name, reason, remedy);
    let ending = if extension(Path::new(address.path())).as_deref() == Some("json") { "json" } else { "zip" };
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(address.as_str().as_bytes())[..16]);
    let path = place.downloads().join(format!("{digest}.{ending}"));
    let beside = place.downloads().join(format!("{digest}.kept.json"));
    let kept = known(&path, &beside, address);
    let mut request = Request::get(address.as_str());
    let conditions = [(header::IF_NONE_MATCH, &kept.etag), (header::IF_MODIFIED_SINCE, &kept.last_modified)];
    for (field, value) in conditions {
        if let Some(value) = value {
            request = request.header(field, value);
        }
    }
    let request = request
        .body(Vec::new())
        .map_err(|error| failed(format!("it cannot be asked: {error}"), "look at the address"))?;
    let answer = web
        .send(request)
        .await
        .map_err(|error| failed(error.to_string(), "look at the network, or give a file instead"))?;
    match answer.status() {
        StatusCode::NOT_MODIFIED if path.exists() => Ok(Fetched { path, unchanged: true }),
        StatusCode::OK => {
            let header = |name: header::HeaderName| {
                answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
            };
            let kept = Kept {
                address: address.to_string(),
                etag: header(header::ETAG),
                last_modified: header(header::LAST_MODIFIED),
            };
            // The note goes first: without its file it is not believed, and a new file with an old note would be.
            let _ = fs::remove_file(&beside);
            write_whole(&path, answer.body())?;
            let note = serde_json::to_vec(&kept)
                .map_err(|error| failed(format!("its note cannot be written: {error}"), "try again"))?;
            write_whole(&beside, &note)?;
            Ok(Fetched { path, unchanged: false })
        }
        status => {
            let reason = format!("it answers with {status}");
            Err(failed(reason, "open the address in a browser; give a file instead"))
        }
    }
}

/// What is known of the file; nothing where there is none, or where the note is of something else.
fn known(path: &Path, beside: &Path, address: &Url) -> Kept {
    let note = fs::read(beside).ok().filter(|_| path.exists());
    let kept: Option<Kept> = note.and_then(|note| serde_json::from_slice(&note).ok());
    kept.filter(|kept| kept.address == address.as_str()).unwrap_or_default()
}
