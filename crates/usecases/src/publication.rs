//! From the approved draft to documents: one record, every format, each version immutable.

use bastide_advisory::{
    Advisory, Changes, atom, csaf, cve,
    html::{self, FormatLink, Links},
    json_text, osv, publish, revise, text, withdraw,
};
use bastide_desk::{
    case::{Case, Content, Event},
    machine::advisory,
    policy::CveAuthority,
};
use bastide_model::{digest::Sha256Digest, party::ProjectName, time::Instant};
use bastide_store::{Append, Change, ClaimKind, Publication};
use serde_json::Value;

use crate::{
    Desk, ProjectRecord, UseCaseError,
    desk::{Loaded, store},
    draft,
    import::IMPORTED,
};

/// The formats in which an advisory is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// OSV 1.7.5, for scanners.
    Osv,
    /// CSAF 2.0, for vendors and authorities.
    Csaf,
    /// A CVE record, for the CNA; only where there is exactly one CVE number.
    Cve,
    /// Plain text, for a mailing list.
    Text,
    /// A static page, for people.
    Html,
    /// The record itself, from which all others are rendered.
    Record,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Osv, Self::Csaf, Self::Cve, Self::Text, Self::Html, Self::Record];

    /// The word in addresses and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Osv => "osv",
            Self::Csaf => "csaf",
            Self::Cve => "cve",
            Self::Text => "text",
            Self::Html => "html",
            Self::Record => "record",
        }
    }

    /// The name that people know.
    pub fn title(self) -> &'static str {
        match self {
            Self::Osv => "OSV",
            Self::Csaf => "CSAF 2.0",
            Self::Cve => "CVE record",
            Self::Text => "Plain text",
            Self::Html => "Page",
            Self::Record => "Record",
        }
    }

    /// The media type that it is served with.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Osv | Self::Csaf | Self::Cve | Self::Record => "application/json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// The kind that a word in an address names.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A document as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedDocument {
    /// Its format.
    pub kind: DocumentKind,
    /// The advisory's version.
    pub version: u32,
    /// Its bytes, exactly as the public log vouches for them.
    pub bytes: Vec<u8>,
    /// Their digest.
    pub digest: Sha256Digest,
    /// When this version went out.
    pub published_at: Instant,
    /// Whether it was published elsewhere and imported.
    pub imported: bool,
}

/// A line of a list of advisories.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicAdvisory {
    /// The project.
    pub project: ProjectName,
    /// The newest version of the record.
    pub record: Advisory,
}

/// A draft previewed in one format. Prints no document: it is under embargo.
#[derive(Clone, PartialEq)]
pub struct Preview {
    /// The format.
    pub kind: DocumentKind,
    /// The document, or why there is none.
    pub document: Result<String, String>,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Preview").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Adds the documents of a version that goes out; the store logs each in the public log.
pub(crate) async fn add(
    desk: &Desk,
    append: &mut Append,
    loaded: &Loaded,
    case: &Case,
    version: u32,
    withdrawn: bool,
) -> Result<(), UseCaseError> {
    let drafted = loaded.events.iter().rev().find(
        |event| matches!(event.event, Event::AdvisoryDrafted { version: drafted, .. } if drafted == version),
    );
    let content = drafted.and_then(|loaded| loaded.content()).ok_or_else(|| {
        UseCaseError::Corrupt(format!("{}: version {version} of the advisory has no content", case.id))
    })?;
    #[allow(clippy::disallowed_methods, reason = "this is the place that publishes")]
    let Content::Advisory { record, change } = content.disclose() else {
        return Err(UseCaseError::Corrupt(format!("{}: version {version} holds no advisory", case.id)));
    };
    let draft: Advisory = serde_json::from_value(record.clone())
        .map_err(|error| UseCaseError::Corrupt(format!("{}: the draft cannot be read: {error}", case.id)))?;
    let change = change.clone().unwrap_or_default();
    let now = append.at;
    let claimed = Change::Claim { case: case.id, kind: ClaimKind::AdvisoryId, name: draft.id.clone() };
    append.changes.push(claimed);
    let out = loaded.case.advisory.published.is_some();
    let (record, documents) = version_of(desk, case, out, draft, &change, withdrawn, now).await?;
    for (kind, document) in documents {
        let bytes = document.into_bytes();
        append.changes.push(Change::AddPublication(Box::new(Publication {
            advisory: record.id.clone(),
            version: record.version,
            kind: kind.as_str().to_owned(),
            project: case.project.clone(),
            published_at: now,
            withdrawn_at: record.withdrawn,
            title: record.headline(),
            bytes,
        })));
    }
    append.outbox.push(crate::telling::announcement(&record.id, record.version, now));
    Ok(())
}

/// The next version of a case's advisory and its documents, as they would go out at `now`. `out` says whether one is
/// out already: then this one revises or withdraws it, and never begins a second advisory.
async fn version_of(
    desk: &Desk,
    case: &Case,
    out: bool,
    draft: Advisory,
    change: &str,
    withdrawn: bool,
    now: Instant,
) -> Result<(Advisory, Vec<(DocumentKind, String)>), UseCaseError> {
    let published = desk.newest_record(&draft.id).await?;
    let record = match published {
        Some(_) if !out => return Err(draft::taken()),
        None if out || withdrawn => {
            return Err(UseCaseError::invalid(
                "record.id",
                "no advisory is out under this id that could be revised or withdrawn",
                "Leave the id out.",
            ));
        }
        None => publish(&draft, now),
        Some(published) if withdrawn => withdraw(&published, change, now),
        Some(published) => revise(&published, Changes { content: draft, summary: change.to_owned() }, now),
    };
    let record = record
        .map_err(|error| UseCaseError::invalid("advisory", error.to_string(), "Draft a new version."))?;
    let facts = desk.project(&case.project).await?;
    let authority = case.terms.publication.cve_authority;
    let mut documents = Vec::new();
    for preview in render(desk, &record, &facts.record.title, authority) {
        match preview.document {
            Ok(document) => documents.push((preview.kind, document)),
            // A record without exactly one number, or of a project without numbering authority, is no CVE record.
            Err(_)
                if preview.kind == DocumentKind::Cve
                    && (record.cve_ids().len() != 1 || authority == CveAuthority::None) => {}
            Err(reason) => {
                return Err(UseCaseError::invalid(
                    "record",
                    format!("it cannot be published as {}: {reason}", preview.kind.title()),
                    "Mend the draft; the previews show every format.",
                ));
            }
        }
    }
    Ok((record, documents))
}

/// Refuses a draft that could not be published as it is: it would be found out on the day that it goes out.
pub(crate) async fn check_draft(
    desk: &Desk,
    loaded: &Loaded,
    draft: &Advisory,
    withdraws: bool,
) -> Result<(), UseCaseError> {
    let out = loaded.case.advisory.published.is_some();
    let over = matches!(loaded.case.advisory.state, advisory::State::Withdrawn);
    // What the process refuses anyway, it refuses with its rule.
    if over || withdraws && !out {
        return Ok(());
    }
    let change = "What changed is said with the draft.";
    version_of(desk, &loaded.case, out, draft.clone(), change, withdraws, desk.now()).await.map(drop)
}

/// The public id of the advisory that an append publishes.
pub(crate) fn public_id(append: &Append) -> Option<String> {
    append.changes.iter().find_map(|change| match change {
        Change::AddPublication(publication) => Some(publication.advisory.clone()),
        _ => None,
    })
}

/// A record in every format; a format that cannot carry it says why.
fn render(desk: &Desk, record: &Advisory, project: &str, authority: CveAuthority) -> Vec<Preview> {
    let url = &desk.settings().public_url;
    let address = |kind: DocumentKind| format!("{url}/advisories/{}/{}", record.id, kind.as_str());
    let publisher = csaf::Publisher {
        category: csaf::PublisherCategory::Coordinator,
        name: desk.settings().programme.clone(),
        namespace: url.clone(),
        contact_details: None,
        directory: None,
    };
    let cve = match assigner(authority) {
        Some(assigner) => {
            cve::render(record, &assigner).map(|record| json_text(&record)).map_err(|error| error.to_string())
        }
        None => Err("the project's policy names no CVE numbering authority".to_owned()),
    };
    let links = Links {
        formats: [DocumentKind::Osv, DocumentKind::Csaf, DocumentKind::Cve, DocumentKind::Text]
            .into_iter()
            .filter(|kind| *kind != DocumentKind::Cve || cve.is_ok())
            .map(|kind| FormatLink {
                name: kind.title().to_owned(),
                media_type: kind.media_type().to_owned(),
                address: address(kind),
            })
            .collect(),
        feed: Some(format!("{url}/feed.atom")),
        home: Some((project.to_owned(), format!("{url}/advisories"))),
    };
    let document = |kind| match kind {
        DocumentKind::Osv => Ok(json_text(&osv::render(record))),
        DocumentKind::Csaf => csaf::render(record, &publisher)
            .map(|record| json_text(&record))
            .map_err(|error| error.to_string()),
        DocumentKind::Cve => cve.clone(),
        DocumentKind::Text => Ok(text::render(record)),
        DocumentKind::Html => html::render(record, &links).map_err(|error| error.to_string()),
        DocumentKind::Record => {
            serde_json::to_value(record).map(|record| json_text(&record)).map_err(|error| error.to_string())
        }
    };
    DocumentKind::ALL.into_iter().map(|kind| Preview { kind, document: document(kind) }).collect()
}

/// The numbering authority as the CVE programme lists it (cve.org, list of partners); nothing where a policy names none.
pub fn assigner(authority: CveAuthority) -> Option<cve::Assigner> {
    let (org_id, short_name) = match authority {
        CveAuthority::Github => ("a0819718-46f1-4df5-94e2-005712e83aaa", "GitHub_M"),
        CveAuthority::Psf => ("28c92f92-d60d-412d-b760-e73465c3df22", "PSF"),
        CveAuthority::None => return None,
    };
    Some(cve::Assigner { org_id: org_id.to_owned(), short_name: Some(short_name.to_owned()) })
}

impl Desk {
    /// A draft of a case in every format, as it would be published now.
    pub async fn previews(&self, case: &Case, draft: &Value) -> Result<Vec<Preview>, UseCaseError> {
        let facts = self.facts_of(case).await?;
        let draft: Advisory = serde_json::from_value(draft.clone())
            .map_err(|error| UseCaseError::Corrupt(format!("the draft cannot be read: {error}")))?;
        let record = publish(&draft, self.now()).unwrap_or(draft);
        Ok(render(self, &record, &facts.record.title, facts.policy.publication.cve_authority))
    }

    /// One published document: of this version, or the newest.
    pub async fn published(
        &self,
        advisory: &str,
        version: Option<u32>,
        kind: DocumentKind,
    ) -> Result<PublishedDocument, UseCaseError> {
        let mut found = self.store().publication(advisory, version, kind.as_str()).await.map_err(store)?;
        let imported = found.is_none() && kind == DocumentKind::Osv;
        if imported {
            found = self.store().publication(advisory, version, IMPORTED).await.map_err(store)?;
        }
        let publication = found.ok_or(UseCaseError::NotFound)?;
        Ok(PublishedDocument {
            imported,
            kind,
            version: publication.version,
            digest: Sha256Digest::of(&publication.bytes),
            bytes: publication.bytes,
            published_at: publication.published_at,
        })
    }

    /// The newest version of every advisory, newest first; of one project or of all.
    pub async fn public_advisories(
        &self,
        project: Option<&ProjectName>,
        limit: u32,
    ) -> Result<Vec<PublicAdvisory>, UseCaseError> {
        let kind = DocumentKind::Record.as_str();
        let found = self.store().latest_publications(kind, project, limit, 0).await.map_err(store)?;
        found
            .into_iter()
            .map(|publication| {
                let record = read_record(&publication.advisory, &publication.bytes)?;
                Ok(PublicAdvisory { project: publication.project, record })
            })
            .collect()
    }

    /// The newest published version of an advisory's record, if one is out.
    pub async fn newest_record(&self, advisory: &str) -> Result<Option<Advisory>, UseCaseError> {
        match self.published(advisory, None, DocumentKind::Record).await {
            Ok(document) => read_record(advisory, &document.bytes).map(Some),
            Err(UseCaseError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The feed of published advisories, of one project or of all: the newest hundred.
    pub async fn feed(&self, project: Option<&ProjectRecord>) -> Result<String, UseCaseError> {
        let advisories = self.public_advisories(project.map(|project| &project.name), 100).await?;
        let url = &self.settings().public_url;
        let (title, place, home) = match project {
            Some(project) => {
                let place = format!("{url}/projects/{}", project.name);
                (project.title.clone(), format!("{place}/feed.atom"), place)
            }
            None => {
                (self.settings().programme.clone(), format!("{url}/feed.atom"), format!("{url}/advisories"))
            }
        };
        let started = advisories.iter().filter_map(|advisory| advisory.record.published).min();
        let feed = atom::Feed {
            title: format!("{title}: security advisories"),
            address: place,
            home,
            author: self.settings().programme.clone(),
            started: started.unwrap_or(Instant::EPOCH),
        };
        let entries: Vec<(&Advisory, String)> = advisories
            .iter()
            .map(|advisory| (&advisory.record, format!("{url}/advisories/{}", advisory.record.id)))
            .collect();
        atom::feed(&feed, &entries).map_err(|error| UseCaseError::Corrupt(error.to_string()))
    }
}

pub(crate) fn read_record(advisory: &str, bytes: &[u8]) -> Result<Advisory, UseCaseError> {
    serde_json::from_slice(bytes)
        .map_err(|error| UseCaseError::Corrupt(format!("the record of {advisory} cannot be read: {error}")))
}
