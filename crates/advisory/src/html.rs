//! The advisory as one static page: it works without script, in light and dark, on paper, and from a file.
//!
//! Every text is escaped by the template; Markdown passes through [`crate::markdown`]. Addresses become links only if they
//! are `https`, `http` or `mailto`.

use askama::Template;

use crate::{
    Advisory, AdvisoryError, Carried, ErrorKind, Field, cwe,
    markdown::{to_html, to_plain},
    mend::{self, Command},
    record::{Affected, State},
    text::severity_line,
};

/// The page's style sheet, as it stands in its `style` element; a door takes its hash into the content security policy.
pub const STYLE: &str = include_str!("../templates/advisory.css");

/// What the page shows of each field of the record.
pub const FIELDS: &[Field] = &[
    Field::new("id", Carried::Yes),
    Field::new("version", Carried::Yes),
    Field::new("published", Carried::Partly("to the minute for people, whole in the markup")),
    Field::new("modified", Carried::Partly("to the minute for people, whole in the markup")),
    Field::new("withdrawn", Carried::Partly("to the minute")),
    Field::new("withdrawal_reason", Carried::Partly("beside the instant of withdrawal")),
    Field::new("revisions", Carried::Yes),
    Field::new("aliases", Carried::Yes),
    Field::new("related", Carried::No("the page is about this vulnerability")),
    Field::new("upstream", Carried::No("the page is about this vulnerability")),
    Field::new("title", Carried::Yes),
    Field::new("summary", Carried::Yes),
    Field::new("details", Carried::Partly("as safe markup: no pictures, no raw HTML")),
    Field::new("workaround", Carried::Partly("as safe markup: no pictures, no raw HTML")),
    Field::new("affected", Carried::Partly("packages, ranges of versions and fixed versions; no commits")),
    Field::new("severities", Carried::Partly("CVSS vectors")),
    Field::new("cwe_ids", Carried::Yes),
    Field::new(
        "references",
        Carried::Partly("type and address; a link where the address is https, http or mailto"),
    ),
    Field::new("credits", Carried::Partly("names and types of those who agreed")),
    Field::new("timeline", Carried::Yes),
    Field::new("database_specific", Carried::No("it is for machines")),
    Field::new("unknown", Carried::No("it is for machines")),
];

/// Where the page's neighbours are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The same advisory in other formats: name (`OSV`), media type and address.
    pub formats: Vec<FormatLink>,
    /// The feed of advisories.
    pub feed: Option<String>,
    /// The list of advisories that the page belongs to: its name and address.
    pub home: Option<(String, String)>,
}

/// The advisory in another format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatLink {
    /// The format's name for people.
    pub name: String,
    /// Its media type, such as `application/json`.
    pub media_type: String,
    /// Where it is.
    pub address: String,
}

#[derive(Template)]
#[template(path = "advisory.html")]
struct Page<'page> {
    style: &'static str,
    links: &'page Links,
    id: String,
    headline: String,
    summary: Option<String>,
    draft: bool,
    withdrawn: Option<(String, String)>,
    rating: Option<&'static str>,
    severities: Vec<String>,
    aliases: Vec<String>,
    published: Option<Moment>,
    modified: Moment,
    version: u32,
    affected: Vec<Row>,
    commands: Vec<Command>,
    workaround: Option<String>,
    details: Option<String>,
    weaknesses: Vec<String>,
    timeline: Vec<(Moment, String)>,
    credits: Vec<(String, &'static str)>,
    references: Vec<(&'static str, String, bool)>,
    revisions: Vec<(u32, Moment, String)>,
}

/// An instant for machines and for people.
struct Moment {
    machine: String,
    people: String,
}

impl From<bastide_model::time::Instant> for Moment {
    fn from(instant: bastide_model::time::Instant) -> Self {
        Self { machine: instant.to_string(), people: instant.for_people() }
    }
}

/// A row of the table "Am I affected?".
struct Row {
    name: String,
    place: String,
    versions: Vec<String>,
    fixed: String,
}

/// The page.
pub fn render(advisory: &Advisory, links: &Links) -> Result<String, AdvisoryError> {
    let plain = to_plain;
    let page = Page {
        style: STYLE,
        links,
        id: plain(&advisory.id),
        headline: plain(&advisory.headline()),
        // A headline that was made from the summary says it already.
        summary: advisory.summary.as_deref().filter(|summary| *summary != advisory.headline()).map(plain),
        draft: advisory.state() == State::Draft,
        withdrawn: advisory.withdrawn.map(|at| {
            (
                at.for_people(),
                plain(advisory.withdrawal_reason.as_deref().unwrap_or("No reason is recorded.")),
            )
        }),
        rating: advisory.severity().map(|severity| severity.rating().name()),
        severities: advisory.cvss().map(severity_line).collect(),
        aliases: advisory.aliases.iter().map(|alias| plain(alias)).collect(),
        published: advisory.published.map(Moment::from),
        modified: advisory.modified.into(),
        version: advisory.version,
        affected: advisory.affected.iter().map(row).collect(),
        commands: advisory.affected.iter().flat_map(mend::commands).collect(),
        workaround: advisory.workaround.as_deref().map(to_html),
        details: advisory.details.as_deref().map(to_html),
        weaknesses: advisory
            .cwe_ids
            .iter()
            .map(|id| plain(format!("{id} {}", cwe::name(id).unwrap_or_default()).trim()))
            .collect(),
        timeline: advisory.timeline.iter().map(|event| (event.at.into(), plain(&event.text))).collect(),
        credits: advisory
            .shown_credits()
            .map(|credit| (plain(&credit.name), credit.kind.map_or("", |kind| kind.plain_name())))
            .collect(),
        references: advisory
            .references
            .iter()
            .map(|reference| (reference.kind.plain_name(), plain(&reference.url), is_link(&reference.url)))
            .collect(),
        revisions: advisory
            .revisions
            .iter()
            .map(|revision| (revision.version, revision.at.into(), plain(&revision.summary)))
            .collect(),
    };
    page.render().map_err(|error| AdvisoryError {
        kind: ErrorKind::NotRenderable,
        document: advisory.id.clone(),
        field: String::new(),
        reason: error.to_string(),
    })
}

fn row(affected: &Affected) -> Row {
    let place = affected.package.as_ref().map_or("source repository", |package| &package.ecosystem);
    let mut versions = affected.affected_for_people();
    if versions.is_empty() {
        versions.push("given as commits; see the OSV document".to_owned());
    }
    let fixed = affected.fixed_versions();
    Row {
        name: to_plain(&crate::csaf::entry_name(affected)),
        place: to_plain(place),
        versions: versions.iter().map(|line| to_plain(line)).collect(),
        fixed: if fixed.is_empty() {
            "no released version yet".to_owned()
        } else {
            to_plain(&fixed.join(", "))
        },
    }
}

/// Whether an address may become a link.
pub(crate) fn is_link(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default().to_ascii_lowercase();
    matches!(scheme.as_str(), "https" | "http" | "mailto") && crate::osv::is_uri(address)
}
