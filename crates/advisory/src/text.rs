//! The advisory as plain text for a mailing list.
//!
//! Lines of ours are at most 72 characters; the details stay as their author wrote them, because Markdown reads well as
//! text. Characters that act on a terminal or reorder text are removed everywhere.

use std::fmt::Write as _;

use bastide_model::{severity::Severity, time::Instant};

use crate::{
    Advisory, Carried, Field, cwe,
    markdown::to_plain,
    mend,
    record::{Affected, State},
};

/// The widest line of ours, in characters.
const WIDTH: usize = 72;

/// What the text shows of each field of the record.
pub const FIELDS: &[Field] = &[
    Field::new("id", Carried::Yes),
    Field::new("version", Carried::Partly("from the second on")),
    Field::new("published", Carried::Partly("to the minute")),
    Field::new("modified", Carried::Partly("to the minute, from the second version on")),
    Field::new("withdrawn", Carried::Partly("to the minute")),
    Field::new("withdrawal_reason", Carried::Partly("beside the instant of withdrawal")),
    Field::new("revisions", Carried::No("the pages show the history")),
    Field::new("aliases", Carried::Yes),
    Field::new("related", Carried::No("a reader of mail needs the ids of this vulnerability")),
    Field::new("upstream", Carried::No("a reader of mail needs the ids of this vulnerability")),
    Field::new("title", Carried::Yes),
    Field::new("summary", Carried::Yes),
    Field::new(
        "details",
        Carried::Partly("without characters that act on a terminal; long lines are wrapped"),
    ),
    Field::new(
        "workaround",
        Carried::Partly("without characters that act on a terminal; long lines are wrapped"),
    ),
    Field::new("affected", Carried::Partly("packages, ranges of versions and fixed versions; no commits")),
    Field::new("severities", Carried::Partly("the worst vector of the newest CVSS version")),
    Field::new("cwe_ids", Carried::Yes),
    Field::new("references", Carried::Partly("type and address")),
    Field::new("credits", Carried::Partly("names and types of those who agreed")),
    Field::new("timeline", Carried::Partly("to the day")),
    Field::new("database_specific", Carried::No("it is for machines")),
    Field::new("unknown", Carried::No("it is for machines")),
];

/// The subject of the mail: `[PYSEC-2024-1] headline`, one line.
pub fn subject(advisory: &Advisory) -> String {
    let line = format!("[{}] {}", advisory.id, advisory.headline());
    to_plain(&line).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The body of the mail.
pub fn render(advisory: &Advisory) -> String {
    let mut out = String::new();
    let headline = to_plain(&advisory.headline());
    paragraph(&mut out, "", &headline);
    let _ = writeln!(out, "{}", "=".repeat(headline.chars().count().clamp(1, WIDTH)));
    out.push('\n');
    match advisory.state() {
        State::Draft => paragraph(&mut out, "", "DRAFT: not published; do not pass on."),
        State::Withdrawn => {
            let reason = advisory.withdrawal_reason.as_deref().unwrap_or("no reason is recorded");
            let at = advisory.withdrawn.map(Instant::for_people).unwrap_or_default();
            paragraph(&mut out, "", &format!("WITHDRAWN on {at}: {reason}"));
        }
        State::Published => {}
    }
    let ids: Vec<&str> = advisory.ids().collect();
    paragraph(&mut out, "Ids:        ", &ids.join(", "));
    if let Some(severity) = advisory.severity() {
        paragraph(&mut out, "Severity:   ", &severity_line(severity));
    }
    if let Some(published) = advisory.published {
        paragraph(&mut out, "Published:  ", &published.for_people());
    }
    if advisory.version > 1 {
        paragraph(
            &mut out,
            "Version:    ",
            &format!("{} of {}", advisory.version, advisory.modified.for_people()),
        );
    }
    for id in &advisory.cwe_ids {
        paragraph(&mut out, "Weakness:   ", &format!("{id} {}", cwe::name(id).unwrap_or_default()));
    }
    // A headline that was made from the summary says it already.
    if let Some(summary) = advisory.summary.as_ref().filter(|summary| **summary != advisory.headline()) {
        section(&mut out, "Impact");
        paragraph(&mut out, "", &to_plain(summary));
    }
    section(&mut out, "Am I affected?");
    for affected in &advisory.affected {
        self::affected(&mut out, affected);
    }
    let commands: Vec<_> = advisory.affected.iter().flat_map(mend::commands).collect();
    if !commands.is_empty() {
        section(&mut out, "What to do");
        for command in commands {
            let _ = writeln!(out, "    {}", command.line);
        }
    }
    if let Some(workaround) = &advisory.workaround {
        section(&mut out, "Workaround");
        verbatim(&mut out, workaround);
    }
    if let Some(details) = &advisory.details {
        section(&mut out, "Details");
        verbatim(&mut out, details);
    }
    if !advisory.timeline.is_empty() {
        section(&mut out, "Timeline");
        for event in &advisory.timeline {
            paragraph(&mut out, &format!("{}  ", event.at.date()), &to_plain(&event.text));
        }
    }
    if advisory.shown_credits().next().is_some() {
        section(&mut out, "Thanks");
        for credit in advisory.shown_credits() {
            let role = credit.kind.map(|kind| format!(" ({})", kind.plain_name())).unwrap_or_default();
            paragraph(&mut out, "* ", &to_plain(&format!("{}{role}", credit.name)));
        }
    }
    if !advisory.references.is_empty() {
        section(&mut out, "References");
        for reference in &advisory.references {
            let _ = writeln!(
                out,
                "* {}: {}",
                reference.kind.plain_name(),
                to_plain(&reference.url).replace('\n', " ")
            );
        }
    }
    to_plain(&out)
}

/// `8.8 High, CVSS 3.1, CVSS:3.1/AV:N/…`
pub(crate) fn severity_line(severity: &Severity) -> String {
    let (score, rating, version) = (severity.score(), severity.rating(), severity.version().number());
    format!("{score:.1} {rating}, CVSS {version}, {}", severity.vector())
}

fn affected(out: &mut String, affected: &Affected) {
    let name = to_plain(&crate::csaf::entry_name(affected)).replace('\n', " ");
    let place = affected.package.as_ref().map_or("source repository", |package| &package.ecosystem);
    let lines = affected.affected_for_people();
    let versions =
        if lines.is_empty() { "see the commits in the OSV document".to_owned() } else { lines.join("; ") };
    paragraph(out, "* ", &format!("{name} ({place}): {}", to_plain(&versions)));
    let fixed = affected.fixed_versions();
    let text = if fixed.is_empty() { "no released version yet".to_owned() } else { fixed.join(", ") };
    paragraph(out, "  fixed in: ", &to_plain(&text));
}

fn section(out: &mut String, title: &str) {
    let _ = write!(out, "\n{title}\n{}\n", "-".repeat(title.len()));
}

/// A text wrapped at words; the first line begins with `lead`, the others with as many spaces.
fn paragraph(out: &mut String, lead: &str, text: &str) {
    let indent = lead.chars().count();
    let mut line = lead.to_owned();
    let mut filled = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if filled > 0 && indent + filled + 1 + length > WIDTH {
            let _ = writeln!(out, "{}", line.trim_end());
            line = " ".repeat(indent);
            filled = 0;
        }
        if filled > 0 {
            line.push(' ');
            filled += 1;
        }
        line.push_str(word);
        filled += length;
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

/// A text in its author's lines; a line of prose that is too long is wrapped.
fn verbatim(out: &mut String, text: &str) {
    for line in to_plain(text).trim_matches('\n').lines() {
        let is_code = line.starts_with([' ', '\t', '|', '`']);
        // A word that is nearly a line is an address; breaking before it helps nobody.
        let has_address = line.split_whitespace().any(|word| word.chars().count() > WIDTH - 10);
        if is_code || has_address || line.chars().count() <= WIDTH {
            let _ = writeln!(out, "{}", line.trim_end());
        } else {
            paragraph(out, "", line);
        }
    }
}
