//! Advisories that were published elsewhere, before the desk or by others: kept as they were, shown as imported.
//!
//! They stand beside the desk's own publications, under a kind of document of their own, so they are as immutable and as
//! provable, and never replace, revise or withdraw one of ours: where both name the same vulnerability, ours is shown.

use std::collections::BTreeSet;

use bastide_advisory::{Advisory, Format, json_text, osv};
use bastide_model::{package::Package, party::ProjectName};
use bastide_store::{Append, Change, Publication, StreamKind};
use serde_json::json;

use crate::{Desk, DocumentKind, ProjectFacts, PublicAdvisory, UseCaseError, desk::store};

/// The kind of an imported record: OSV.
pub(crate) const IMPORTED: &str = "imported-osv";

/// The kind of the document that says where an imported record came from.
pub(crate) const SOURCE: &str = "imported-from";

/// How many records one transaction takes.
const TOGETHER: usize = 200;

/// The most records that one call takes.
const MOST: usize = 20_000;

/// A record to import.
#[derive(Debug, Clone)]
pub struct ForeignRecord {
    /// The file's name, for messages.
    pub name: String,
    /// Its bytes: an OSV record.
    pub bytes: Vec<u8>,
    /// How it is written.
    pub format: Format,
}

/// What became of the records of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// New here, or a newer version of one that was here.
    pub taken: usize,
    /// Here already, byte for byte.
    pub known: usize,
    /// Older than the version that is here.
    pub older: usize,
    /// About a vulnerability that this desk published itself.
    pub ours: usize,
    /// About no package of the project.
    pub others: usize,
    /// Not readable as OSV: the file and why.
    pub refused: Vec<(String, String)>,
}

impl Desk {
    /// Imports records for a project. Without `all`, only those that name one of its packages. `source` says where they
    /// come from, as people read it; an address becomes a link.
    pub async fn import_advisories(
        &self,
        project: &ProjectName,
        source: &str,
        all: bool,
        records: Vec<ForeignRecord>,
    ) -> Result<ImportReport, UseCaseError> {
        let source = source.trim();
        if source.is_empty() || source.chars().count() > 300 || source.chars().any(char::is_control) {
            return Err(UseCaseError::invalid(
                "source",
                "it has 1 to 300 characters in one line",
                "Name the database, such as https://github.com/pypa/advisory-database.",
            ));
        }
        if records.len() > MOST {
            return Err(UseCaseError::invalid(
                "records",
                format!("there are more than {MOST}"),
                "Import them in parts.",
            ));
        }
        let facts = self.project(project).await?;
        let own = self.own_ids().await?;
        let mut report = ImportReport::default();
        let mut changes: Vec<Change> = Vec::new();
        let mut seen = BTreeSet::new();
        for foreign in records {
            let record = match osv::read(&foreign.bytes, foreign.format, &foreign.name) {
                Ok(record) => record,
                Err(error) => {
                    report.refused.push((foreign.name, error.to_string()));
                    continue;
                }
            };
            if !all && !is_about(&record, &facts) {
                report.others += 1;
            } else if record.ids().any(|id| own.contains(id)) {
                report.ours += 1;
            } else if !seen.insert(record.id.clone()) {
                report.known += 1;
            } else {
                self.import_one(project, source, &record, &mut report, &mut changes).await?;
            }
            if changes.len() >= TOGETHER * 2 {
                self.append_imports(project, source, std::mem::take(&mut changes)).await?;
            }
        }
        if !changes.is_empty() {
            self.append_imports(project, source, changes).await?;
        }
        Ok(report)
    }

    async fn import_one(
        &self,
        project: &ProjectName,
        source: &str,
        record: &Advisory,
        report: &mut ImportReport,
        changes: &mut Vec<Change>,
    ) -> Result<(), UseCaseError> {
        let bytes = json_text(&osv::render(record)).into_bytes();
        let known = self.store().publication(&record.id, None, IMPORTED).await.map_err(store)?;
        if known.as_ref().is_some_and(|known| known.bytes == bytes) {
            report.known += 1;
            return Ok(());
        }
        if let Some(known) = &known
            && read(&record.id, &known.bytes)?.modified >= record.modified
        {
            report.older += 1;
            return Ok(());
        }
        report.taken += 1;
        let version = known.map_or(1, |known| known.version + 1);
        let document = |kind: &str, bytes: Vec<u8>| {
            Change::AddPublication(Box::new(Publication {
                advisory: record.id.clone(),
                version,
                kind: kind.to_owned(),
                project: project.clone(),
                published_at: record.published.unwrap_or(record.modified),
                withdrawn_at: record.withdrawn,
                title: record.headline(),
                bytes,
            }))
        };
        changes.push(document(IMPORTED, bytes));
        changes.push(document(SOURCE, source.as_bytes().to_vec()));
        Ok(())
    }

    async fn append_imports(
        &self,
        project: &ProjectName,
        source: &str,
        changes: Vec<Change>,
    ) -> Result<(), UseCaseError> {
        let mut append = Append::at(self.now());
        let header = json!({ "records": changes.len() / 2, "source": source });
        let note = self.note(StreamKind::Project, project.to_string(), "advisories-imported", header).await?;
        append.batches.push(note);
        append.changes = changes;
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Every id under which the desk itself has published, aliases included.
    async fn own_ids(&self) -> Result<BTreeSet<String>, UseCaseError> {
        let mut ids = BTreeSet::new();
        for page in 0.. {
            let kind = DocumentKind::Record.as_str();
            let rows =
                self.store().latest_publications(kind, None, 1000, page * 1000).await.map_err(store)?;
            for row in &rows {
                let record = crate::publication::read_record(&row.advisory, &row.bytes)?;
                ids.extend(record.ids().map(str::to_owned));
            }
            if rows.len() < 1000 {
                break;
            }
        }
        Ok(ids)
    }

    /// The newest version of every imported advisory, newest first, but for those that the desk published itself since.
    pub async fn imported_advisories(
        &self,
        project: Option<&ProjectName>,
        limit: u32,
    ) -> Result<Vec<PublicAdvisory>, UseCaseError> {
        let rows = self.store().latest_publications(IMPORTED, project, limit, 0).await.map_err(store)?;
        let own = if rows.is_empty() { BTreeSet::new() } else { self.own_ids().await? };
        let mut found = Vec::new();
        for row in rows {
            let record = read(&row.advisory, &row.bytes)?;
            if !record.ids().any(|id| own.contains(id)) {
                found.push(PublicAdvisory { project: row.project, record });
            }
        }
        Ok(found)
    }
}

/// An imported record as it is kept.
pub(crate) fn read(id: &str, bytes: &[u8]) -> Result<Advisory, UseCaseError> {
    osv::read(bytes, Format::Json, id)
        .map_err(|error| UseCaseError::Corrupt(format!("the imported record {id} cannot be read: {error}")))
}

fn is_about(record: &Advisory, facts: &ProjectFacts) -> bool {
    let packages: Vec<&Package> =
        facts.product().into_iter().flat_map(|product| product.packages.iter()).collect();
    let named = record.affected.iter().filter_map(|entry| entry.package.as_ref());
    named.map(bastide_advisory::record::AffectedPackage::package).any(|package| packages.contains(&&package))
}
