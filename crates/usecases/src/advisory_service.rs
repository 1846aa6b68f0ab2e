//! The OSV service's matter: what the desk published itself, at once, over what the feeds say.
//!
//! What was published here is a small snapshot of its own, made anew when something was published; the next answer after a
//! publication has it. What the feeds say is the snapshot that `bastide sync` wrote, which [`Watch`] holds.

use std::sync::{Arc, Mutex, PoisonError};

use bastide_connect_feeds::Watch;
use bastide_impact::{
    database::{Builder, Snapshot},
    osv_service::{self, Layers},
};
use bastide_model::digest::Sha256Digest;

use crate::{Desk, DocumentKind, UseCaseError, desk::store, publication::read_record};

/// The most records that are read from the store at once.
const PAGE: u32 = 1000;

/// Answers which advisories speak of a package.
#[derive(Debug, Default)]
pub struct AdvisoryService {
    feeds: Option<Arc<Watch>>,
    own: Mutex<Option<Own>>,
    /// The last dump that somebody fetched, with its tag: mirrors fetch the same one.
    dump: tokio::sync::Mutex<Option<(String, Arc<Vec<u8>>)>>,
}

/// What the desk published, as far as it was looked at.
#[derive(Debug, Clone)]
struct Own {
    epoch: Option<u64>,
    publications: u64,
    snapshot: Arc<Snapshot>,
}

/// The snapshots of one moment.
#[derive(Debug, Clone)]
pub struct Snapshots {
    own: Arc<Snapshot>,
    feeds: Option<Arc<Snapshot>>,
}

impl Snapshots {
    /// As the service reads them.
    pub fn layers(&self) -> Layers<'_> {
        Layers { own: Some(&self.own), feeds: self.feeds.as_deref() }
    }

    /// Whether feeds are there. Without them a package that nothing is said of is unknown, not clean.
    pub fn has_feeds(&self) -> bool {
        self.feeds.is_some()
    }

    /// A tag that changes when what they hold changes.
    pub fn tag(&self) -> String {
        let feeds = self.feeds.as_ref().map(|feeds| feeds.content_hash()).unwrap_or_default();
        let both = format!("{} {feeds}", self.own.content_hash());
        Sha256Digest::of(both.as_bytes()).to_string()
    }
}

impl AdvisoryService {
    /// A service over what the desk publishes and these feeds.
    pub fn new(feeds: Option<Arc<Watch>>) -> Self {
        Self { feeds, ..Self::default() }
    }

    /// The snapshots of this moment.
    pub async fn snapshots(&self, desk: &Desk) -> Result<Snapshots, UseCaseError> {
        let own = self.own(desk).await?;
        Ok(Snapshots { own, feeds: self.feeds.as_ref().and_then(|feeds| feeds.current()) })
    }

    /// All records of an ecosystem as a zip, with the tag that it is known by.
    pub async fn dump(
        &self,
        desk: &Desk,
        ecosystem: &'static str,
    ) -> Result<(String, Arc<Vec<u8>>), UseCaseError> {
        let snapshots = self.snapshots(desk).await?;
        let tag = snapshots.tag();
        // One is made at a time; whoever waited finds it made.
        let mut held = self.dump.lock().await;
        if let Some((known, bytes)) = held.as_ref()
            && *known == tag
        {
            return Ok((tag, Arc::clone(bytes)));
        }
        let made = tokio::task::spawn_blocking(move || {
            let files =
                osv_service::dump(snapshots.layers(), ecosystem).map_err(|error| error.to_string())?;
            let mut packer = bastide_archive::Packer::new();
            for file in files {
                let (name, document) = file.map_err(|error| error.to_string())?;
                packer.add(&name, document.as_bytes()).map_err(|error| error.to_string())?;
            }
            packer.finish().map_err(|error| error.to_string())
        });
        let bytes = made.await.map_err(|error| error.to_string()).and_then(|made| made);
        let bytes = Arc::new(
            bytes.map_err(|error| UseCaseError::Corrupt(format!("no dump could be made: {error}")))?,
        );
        *held = Some((tag.clone(), Arc::clone(&bytes)));
        Ok((tag, bytes))
    }

    /// What the desk published, of this moment.
    async fn own(&self, desk: &Desk) -> Result<Arc<Snapshot>, UseCaseError> {
        let epoch = desk.store().epoch();
        let known = self.own.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = &known
            && epoch.is_some()
            && known.epoch == epoch
        {
            return Ok(Arc::clone(&known.snapshot));
        }
        let publications = desk.store().publication_count().await.map_err(store)?;
        let snapshot = match known.filter(|known| known.publications == publications) {
            Some(known) => known.snapshot,
            None => Arc::new(published(desk).await?),
        };
        let own = Own { epoch, publications, snapshot: Arc::clone(&snapshot) };
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
        Ok(snapshot)
    }
}

/// A snapshot of the newest version of each published advisory.
async fn published(desk: &Desk) -> Result<Snapshot, UseCaseError> {
    let failed = |error: bastide_impact::database::DatabaseError| UseCaseError::Corrupt(error.to_string());
    let mut builder = Builder::new();
    let kind = DocumentKind::Record.as_str();
    for page in 0.. {
        let rows = desk.store().latest_publications(kind, None, PAGE, page * PAGE).await.map_err(store)?;
        let last = rows.len() < PAGE as usize;
        for row in rows {
            builder.add(&read_record(&row.advisory, &row.bytes)?).map_err(failed)?;
        }
        if last {
            break;
        }
    }
    Snapshot::of_bytes(builder.finish(desk.now()).map_err(failed)?).map_err(failed)
}
