//! From sources to a snapshot, held against the one before.

use bastide_advisory::{AdvisoryError, Format, read_osv};
use bastide_connect_web::Web;
use bastide_impact::{
    database::{Added, Builder, Counts, Snapshot},
    digestible::unreadable,
};
use bastide_model::{finding::Finding, time::Instant};

use crate::{
    ErrorKind, FeedError, FeedSource, Place,
    address::{self, fetch},
    reading::{self, Document},
};

/// A new snapshot that has less than this share of the records of the one before has shrunk by a lot, in percent.
const SHRUNK_BELOW_PERCENT: usize = 90;
/// How many ids a message names.
const NAMED: usize = 5;

/// How a sync is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Take the new snapshot even if it loses much of the one before, or goes back in time.
    pub accept_loss: bool,
}

/// Who hears how far it is.
pub trait Progress {
    /// A source is begun.
    fn source(&mut self, name: &str);
    /// So many documents were read of all sources.
    fn documents(&mut self, count: usize);
}

/// Nobody hears.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn source(&mut self, _name: &str) {}
    fn documents(&mut self, _count: usize) {}
}

/// What came of a sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// What the new snapshot holds.
    pub counts: Counts,
    /// Its length in bytes.
    pub bytes: usize,
    /// SHA-256 of what it holds, in hexadecimal.
    pub content_hash: String,
    /// Documents that were read.
    pub documents: usize,
    /// Records that another source had in the same or a newer version.
    pub doubled: usize,
    /// Documents that are no records at all: JSON without an id. Their names, the first of them.
    pub passed_over: (usize, Vec<String>),
    /// Sources that said that they are as they were.
    pub unchanged_sources: usize,
    /// What was refused, and what clients of the OSV service would stumble over.
    pub findings: Vec<Finding>,
    /// What the snapshot before had and this one has not.
    pub loss: Loss,
    /// Records that the snapshot before did not have, or had in an older version; all where there was none.
    pub news: usize,
    /// Why the snapshot before was not looked at, where it could not be read.
    pub before_unreadable: Option<String>,
}

/// What a new snapshot has lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loss {
    /// How many records the snapshot before had.
    pub before: usize,
    /// Ids that are gone.
    pub vanished: Vec<String>,
    /// Ids whose record is older than the one before.
    pub older: Vec<String>,
}

impl Loss {
    /// Whether the feed has shrunk by a lot.
    pub fn has_shrunk(&self) -> bool {
        let kept = self.before - self.vanished.len().min(self.before);
        kept * 100 < self.before * SHRUNK_BELOW_PERCENT
    }

    /// Whether somebody has to accept it.
    pub fn is_grave(&self) -> bool {
        self.has_shrunk() || !self.older.is_empty()
    }

    fn sentence(&self) -> String {
        let some = |ids: &[String]| {
            let more = if ids.len() > NAMED { ", …" } else { "" };
            format!("{}{more}", ids[..ids.len().min(NAMED)].join(", "))
        };
        let mut parts = Vec::new();
        for (ids, fate) in [(&self.vanished, "be gone"), (&self.older, "become older")] {
            if !ids.is_empty() {
                parts.push(format!("{} would {fate} ({})", ids.len(), some(ids)));
            }
        }
        let all =
            if self.before == 1 { "the one record".to_owned() } else { format!("{} records", self.before) };
        format!("of {all} here, {}", parts.join(" and "))
    }
}

/// Reads the sources, makes a snapshot of them and puts it in its place. Where a snapshot is in place already and the new one
/// would lose much of it, nothing is written unless `options` accept that.
///
/// # Errors
/// A source cannot be read at all, the place cannot be written, or too much would be lost. A document that cannot be read is a
/// finding of the summary instead.
pub async fn sync(
    place: &Place,
    sources: &[FeedSource],
    options: Options,
    now: Instant,
    progress: &mut (dyn Progress + Send),
) -> Result<Summary, FeedError> {
    let lock = place.lock()?;
    let mut intake = Intake { builder: Builder::new(), seen: Seen::default(), progress };
    for source in sources {
        intake.progress.source(&source.name());
        intake.source(source, place, None).await?;
    }
    let Intake { builder, seen, .. } = intake;
    if builder.is_empty() {
        let names: Vec<String> = sources.iter().map(FeedSource::name).collect();
        let reason = format!("no record was found ({} documents were looked at)", seen.documents);
        let remedy = "give a zip or a directory of OSV records; the database that is there stays as it is";
        return Err(FeedError::new(ErrorKind::Source, names.join(", "), reason, remedy));
    }
    let path = place.snapshot();
    let failed = |error| FeedError::database(&path, &error);
    let bytes = builder.finish(now).map_err(failed)?;
    let length = bytes.len();
    let new = Snapshot::of_bytes(bytes.clone()).map_err(failed)?;
    let (loss, news, before_unreadable) = match place.open() {
        Ok(before) => match compare(&before, &new) {
            Ok((loss, news)) => (loss, news, None),
            Err(error) => (Loss::default(), new.counts().records as usize, Some(error.to_string())),
        },
        Err(error) if error.kind == ErrorKind::Absent => {
            (Loss::default(), new.counts().records as usize, None)
        }
        Err(error) => (Loss::default(), new.counts().records as usize, Some(error.reason)),
    };
    if loss.is_grave() && !options.accept_loss {
        let remedy = "look whether the sources are whole and of today, and name all that you named before; \
                      `--accept-loss` takes them as they are. The database that is there stays as it is";
        return Err(FeedError::new(ErrorKind::Loss, path.display().to_string(), loss.sentence(), remedy));
    }
    place.write(&lock, &bytes)?;
    Ok(Summary {
        counts: new.counts(),
        bytes: length,
        content_hash: new.content_hash(),
        documents: seen.documents,
        doubled: seen.doubled,
        passed_over: seen.passed_over,
        unchanged_sources: seen.unchanged_sources,
        findings: seen.findings,
        loss,
        news,
        before_unreadable,
    })
}

/// What the new snapshot has lost and won.
fn compare(
    before: &Snapshot,
    new: &Snapshot,
) -> Result<(Loss, usize), bastide_impact::database::DatabaseError> {
    let mut loss = Loss { before: before.counts().records as usize, ..Loss::default() };
    let mut same = 0;
    for old in before.records() {
        let old = old?;
        match new.record(&old.id)? {
            None => loss.vanished.push(old.id),
            Some(record) if record.modified < old.modified => loss.older.push(old.id),
            Some(record) if record.modified == old.modified => same += 1,
            Some(_) => {}
        }
    }
    Ok((loss, new.counts().records as usize - same))
}

#[derive(Default)]
struct Seen {
    documents: usize,
    doubled: usize,
    passed_over: (usize, Vec<String>),
    unchanged_sources: usize,
    findings: Vec<Finding>,
}

struct Intake<'progress> {
    builder: Builder,
    seen: Seen,
    progress: &'progress mut (dyn Progress + Send),
}

impl Intake<'_> {
    /// Takes all documents of a source. Tests bring a web of their own.
    async fn source(
        &mut self,
        source: &FeedSource,
        place: &Place,
        web: Option<&dyn Web>,
    ) -> Result<(), FeedError> {
        let take = &mut |document| self.document(document);
        match source {
            FeedSource::Zip(path) => reading::zip(path, take),
            FeedSource::Directory(path) => reading::directory(path, take),
            FeedSource::File(path) => reading::file(path, take),
            FeedSource::Address(address) => {
                let fetched = match web {
                    Some(web) => fetch(web, address, place).await?,
                    None => fetch(&address::client(address), address, place).await?,
                };
                self.seen.unchanged_sources += usize::from(fetched.unchanged);
                let take = &mut |document| self.document(document);
                if fetched.path.extension().is_some_and(|ending| ending == "json") {
                    reading::file(&fetched.path, take)
                } else {
                    reading::zip(&fetched.path, take)
                }
            }
        }
    }

    fn document(&mut self, document: Document) -> Result<(), FeedError> {
        self.seen.documents += 1;
        self.progress.documents(self.seen.documents);
        let bytes = match document.bytes {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.seen.findings.push(unreadable(&AdvisoryError {
                    kind: bastide_advisory::ErrorKind::Syntax,
                    document: document.name,
                    field: String::new(),
                    reason,
                }));
                return Ok(());
            }
        };
        match read_osv(&bytes, document.format, &document.name) {
            Ok(record) => {
                let added = self.builder.add(&record);
                let (added, findings) = added.map_err(|error| {
                    FeedError::new(ErrorKind::Failed, document.name, error.to_string(), "give fewer sources")
                })?;
                self.seen.doubled += usize::from(added != Added::New);
                self.seen.findings.extend(findings);
            }
            Err(_) if is_no_record(&bytes, document.format) => {
                self.seen.passed_over.0 += 1;
                if self.seen.passed_over.1.len() < NAMED {
                    self.seen.passed_over.1.push(document.name);
                }
            }
            Err(error) => self.seen.findings.push(unreadable(&error)),
        }
        Ok(())
    }
}

/// Whether a document is JSON of another kind: a checkout holds settings and schemas besides records. Whatever has an id, or is
/// no JSON at all, is a record that is broken.
fn is_no_record(bytes: &[u8], format: Format) -> bool {
    if format == Format::Yaml {
        let text = String::from_utf8_lossy(bytes);
        return !text.lines().any(|line| line.starts_with("id:") || line.starts_with('{'));
    }
    serde_json::from_slice::<serde_json::Value>(bytes)
        .is_ok_and(|value| !value.as_object().is_some_and(|object| object.contains_key("id")))
}
