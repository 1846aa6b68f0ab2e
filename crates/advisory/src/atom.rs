//! The advisories as an Atom feed (RFC 4287).
//!
//! An entry's id is the permanent address of its page; `updated` moves with each version, so that a reader shows revisions
//! and withdrawals as news. Entries are newest first.

use askama::Template;

use crate::{
    Advisory, AdvisoryError, Carried, ErrorKind, Field,
    markdown::{to_html, to_plain},
    record::State,
};

/// The most entries in a feed; older ones are found on the pages.
pub const MAX_ENTRIES: usize = 100;

/// What an entry shows of each field of the record.
pub const FIELDS: &[Field] = &[
    Field::new("id", Carried::Yes),
    Field::new("version", Carried::No("`updated` tells versions apart")),
    Field::new("published", Carried::Yes),
    Field::new("modified", Carried::Yes),
    Field::new("withdrawn", Carried::Partly("as a word in the title")),
    Field::new("withdrawal_reason", Carried::No("it stands on the page")),
    Field::new("revisions", Carried::No("they stand on the page")),
    Field::new("aliases", Carried::No("they stand on the page")),
    Field::new("related", Carried::No("they stand on the page")),
    Field::new("upstream", Carried::No("they stand on the page")),
    Field::new("title", Carried::Yes),
    Field::new("summary", Carried::Yes),
    Field::new("details", Carried::Partly("as safe markup: no pictures, no raw HTML")),
    Field::new("workaround", Carried::No("it stands on the page")),
    Field::new("affected", Carried::Partly("packages as categories")),
    Field::new("severities", Carried::Partly("the rating as a category")),
    Field::new("cwe_ids", Carried::No("they stand on the page")),
    Field::new("references", Carried::No("they stand on the page")),
    Field::new("credits", Carried::No("they stand on the page")),
    Field::new("timeline", Carried::No("it stands on the page")),
    Field::new("database_specific", Carried::No("it is for machines")),
    Field::new("unknown", Carried::No("it is for machines")),
];

/// What a feed is called and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The feed's title.
    pub title: String,
    /// The feed's own address; it is its id, too.
    pub address: String,
    /// The page that the feed belongs to.
    pub home: String,
    /// Who publishes it.
    pub author: String,
    /// The instant of the last change where there is no entry yet.
    pub started: bastide_model::time::Instant,
}

#[derive(Template)]
#[template(path = "feed.xml")]
struct FeedPage<'feed> {
    feed: &'feed Feed,
    updated: String,
    entries: Vec<String>,
}

#[derive(Template)]
#[template(path = "entry.xml")]
struct EntryPage<'entry> {
    namespace: &'static str,
    author: Option<&'entry str>,
    address: &'entry str,
    title: String,
    published: Option<String>,
    updated: String,
    summary: Option<String>,
    categories: Vec<String>,
    content: String,
}

/// One advisory as a document of its own: an Atom entry whose page is at `address`.
pub fn entry(advisory: &Advisory, address: &str, author: &str) -> Result<String, AdvisoryError> {
    let xml = entry_page(advisory, address, Some(author)).render();
    xml.map(|xml| format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{xml}\n"))
        .map_err(|error| refused(&advisory.id, &error))
}

/// The feed of these advisories with the addresses of their pages. Drafts are left out.
pub fn feed(feed: &Feed, advisories: &[(&Advisory, String)]) -> Result<String, AdvisoryError> {
    let mut public: Vec<&(&Advisory, String)> =
        advisories.iter().filter(|(advisory, _)| advisory.state() != State::Draft).collect();
    public.sort_by(|(left, _), (right, _)| {
        right.modified.cmp(&left.modified).then_with(|| left.id.cmp(&right.id))
    });
    public.truncate(MAX_ENTRIES);
    let updated = public.first().map_or(feed.started, |(advisory, _)| advisory.modified).to_string();
    let entries = public
        .iter()
        .map(|(advisory, address)| {
            entry_page(advisory, address, None).render().map_err(|error| refused(&advisory.id, &error))
        })
        .collect::<Result<Vec<_>, _>>()?;
    FeedPage { feed, updated, entries }.render().map_err(|error| refused(&feed.address, &error))
}

fn refused(document: &str, error: &askama::Error) -> AdvisoryError {
    AdvisoryError {
        kind: ErrorKind::NotRenderable,
        document: document.to_owned(),
        field: String::new(),
        reason: error.to_string(),
    }
}

fn entry_page<'entry>(
    advisory: &Advisory,
    address: &'entry str,
    author: Option<&'entry str>,
) -> EntryPage<'entry> {
    let state = if advisory.withdrawn.is_some() { "Withdrawn: " } else { "" };
    let rating = advisory.severity().map(|severity| severity.rating().name().to_lowercase());
    let mut categories: Vec<String> = rating.into_iter().map(|rating| format!("severity-{rating}")).collect();
    for package in advisory.affected.iter().filter_map(|affected| affected.package.as_ref()) {
        let category = to_plain(&format!("{}/{}", package.ecosystem, package.name));
        if !categories.contains(&category) {
            categories.push(category);
        }
    }
    let text = advisory.details.as_deref().or(advisory.summary.as_deref()).unwrap_or_default();
    EntryPage {
        namespace: if author.is_some() { " xmlns=\"http://www.w3.org/2005/Atom\"" } else { "" },
        author,
        address,
        title: to_plain(&format!("{state}{}: {}", advisory.id, advisory.headline())),
        published: advisory.published.map(|at| at.to_string()),
        updated: advisory.modified.to_string(),
        summary: advisory.summary.as_deref().map(to_plain),
        categories,
        content: to_html(text),
    }
}
