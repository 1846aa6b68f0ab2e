//! `bastide sync [SOURCE]...`: bring advisories to this machine.

use std::{io::IsTerminal as _, path::PathBuf, time::Duration};

use bastide_connect_feeds::{ErrorKind, FeedError, FeedSource, Options, Place, Progress, Summary, sync};
use bastide_model::{
    output::{self, Format, Outcome},
    time::Clock as _,
};
use bastide_usecases::SystemClock;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{desk_place, diagnostic::Diagnostic, terminal};

/// Where osv.dev publishes all that it knows of PyPI.
const DEFAULT_SOURCE: &str = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip";

/// Bring advisories to this machine, where `bastide audit` and a desk's OSV service read them.
///
/// All sources together become one database, in place of the one before: name all that you want in it each time. A record that
/// cannot be read is left out and named. Where much would be lost, nothing is written.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  bastide sync                                 what osv.dev publishes about PyPI\n  bastide sync \
                  ~/src/advisory-database        a git checkout or any directory of OSV records\n  bastide sync all.zip \
                  ours/ --data /srv/bastide"
)]
pub(crate) struct Sync {
    /// A zip of OSV records, a directory or git checkout of them (JSON or YAML), one record, or an address of a zip or
    /// record. Without one: what osv.dev publishes about PyPI.
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    #[command(flatten)]
    data: DataDirectory,
    /// Take the sources even if much of what is there would be gone or would become older.
    #[arg(long)]
    accept_loss: bool,
    /// How records that were left out, or that clients cannot digest, are written: text, json, sarif, github or markdown.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Where the advisory database lies.
#[derive(Debug, Args)]
pub(crate) struct DataDirectory {
    /// The data directory; the database lies in `advisories` in it. Without it: `bastide` under `$XDG_DATA_HOME`, or
    /// `~/.local/share`.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl DataDirectory {
    /// The place of the database.
    pub(crate) fn place(&self) -> Result<Place, Diagnostic> {
        let directory = self.data.clone().map_or_else(desk_place::home, Ok)?;
        Ok(Place::in_data(&directory))
    }
}

impl From<FeedError> for Diagnostic {
    fn from(error: FeedError) -> Self {
        let diagnostic = match error.kind {
            ErrorKind::Source => Self::usage(error.reason),
            ErrorKind::Loss => Self::refused(error.reason),
            ErrorKind::Absent | ErrorKind::Busy | ErrorKind::Failed => Self::cannot(error.reason),
        };
        diagnostic.at(error.place).remedy(error.remedy)
    }
}

impl Sync {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let named: Vec<&str> = match self.sources.as_slice() {
            [] => vec![DEFAULT_SOURCE],
            given => given.iter().map(String::as_str).collect(),
        };
        let sources = named.into_iter().map(FeedSource::read).collect::<Result<Vec<_>, _>>()?;
        let place = self.data.place()?;
        let mut bar = Bar::new();
        let options = Options { accept_loss: self.accept_loss };
        let summary = sync(&place, &sources, options, SystemClock.now(), &mut bar).await;
        bar.0.finish_and_clear();
        let summary = summary?;
        let findings = output::render(self.format, &summary.findings, &terminal::registry()?);
        let words = words(&summary, &place);
        if self.format == Format::Text {
            // Nothing to complain about needs no heading.
            let findings = if summary.findings.is_empty() { "" } else { &findings };
            terminal::print(&format!("{findings}{words}"))?;
        } else {
            terminal::print(&findings)?;
            terminal::say(&words);
        }
        Ok(Outcome::of(&summary.findings))
    }
}

/// What came of it, for people.
fn words(summary: &Summary, place: &Place) -> String {
    let counts = summary.counts;
    let mut lines = vec![format!(
        "{} on {} ({} withdrawn) in {}; {} new or changed.",
        terminal::counted(counts.records as usize, "advisory", "advisories"),
        terminal::counted(counts.packages as usize, "package", "packages"),
        counts.withdrawn,
        place.snapshot().display(),
        summary.news,
    )];
    let left_out = summary.findings.iter().filter(|finding| finding.rule == "OSV-READABLE").count();
    let odd = summary.findings.len() - left_out;
    let records = |count| terminal::counted(count, "record", "records");
    let mut say = |count: usize, what: &str, how_many: String| {
        if count > 0 {
            lines.push(format!("{what}: {how_many}."));
        }
    };
    say(left_out, "Left out, because they cannot be read (each is named with its field)", records(left_out));
    say(
        odd,
        "Taken, although a client of the OSV service would stumble over them",
        terminal::counted(odd, "place", "places"),
    );
    say(summary.doubled, "There more than once, of which the newest stays", records(summary.doubled));
    let (passed_over, names) = &summary.passed_over;
    let more = if names.len() < *passed_over { ", …" } else { "" };
    let documents = terminal::counted(*passed_over, "document", "documents");
    let documents = format!("{documents} ({}{more})", names.join(", "));
    say(*passed_over, "Passed over, because they are no advisories", documents);
    let unchanged = summary.unchanged_sources;
    say(unchanged, "Nothing new", terminal::counted(unchanged, "address", "addresses"));
    let loss = &summary.loss;
    say(loss.vanished.len(), "Gone since the database before", records(loss.vanished.len()));
    say(loss.older.len(), "Older than before, as you accepted", records(loss.older.len()));
    if let Some(reason) = &summary.before_unreadable {
        lines.push(format!("The database before could not be compared: {reason}."));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// How far it is, on a terminal; nothing elsewhere.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {pos} documents") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }
}

impl Progress for Bar {
    fn source(&mut self, name: &str) {
        self.0.set_message(terminal::safe(name));
    }

    fn documents(&mut self, count: usize) {
        self.0.set_position(count as u64);
    }
}
