//! `bastide advisory import PATH --project P`: advisories that were published elsewhere, kept and shown as imported.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use bastide_advisory::{Format, MAX_DOCUMENT_BYTES};
use bastide_model::{
    output::{Outcome, one_line},
    party::ProjectName,
};
use bastide_usecases::{ForeignRecord, ImportReport};
use clap::Args;

use crate::{
    desk_place::{DeskPlace, Missing, named},
    diagnostic::Diagnostic,
    input,
    setting_flags::SettingFlags,
    terminal,
};

/// How deep directories are looked into.
const DEPTH: usize = 8;

/// How many refused files are named.
const NAMED: usize = 20;

/// Import advisories of an OSV database, to be listed as published elsewhere.
///
/// They keep their ids, stay as they were and never replace what the desk published itself; a newer version of one is kept
/// beside the older. The desk must be stopped.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide advisory import advisory-database/vulns --project jupyterlab \
                  --source https://github.com/pypa/advisory-database")]
pub(crate) struct AdvisoryImport {
    /// An OSV record (.json, .yaml or .yml), or a directory of them.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The project whose they are.
    #[arg(long, value_name = "NAME")]
    project: ProjectName,
    /// Where they come from, best as an address; readers see it.
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// Also records that name no package of the project.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    settings: SettingFlags<false>,
}

impl AdvisoryImport {
    pub(crate) async fn run(self) -> Result<Outcome, Diagnostic> {
        let mut records = Vec::new();
        collect(&self.path, DEPTH, &mut records)?;
        if records.is_empty() {
            return Err(
                Diagnostic::cannot("there is no .json, .yaml or .yml file").at(input::shown(&self.path))
            );
        }
        let settings = self.settings.load()?.settings.desk;
        let place = DeskPlace::of(&settings)?;
        let desk = place.desk(named(&settings, "http://localhost:8080"), Missing::Refuse).await?;
        let done = desk.import_advisories(&self.project, &self.source, self.all, records).await;
        desk.store().close().await;
        let report = done?;
        terminal::print(&as_text(&report))?;
        Ok(if report.refused.is_empty() { Outcome::Clean } else { Outcome::Findings })
    }
}

/// The records under a path, in the order of their names.
fn collect(path: &Path, depth: usize, records: &mut Vec<ForeignRecord>) -> Result<(), Diagnostic> {
    let cannot = |error: std::io::Error| Diagnostic::cannot(error.to_string()).at(input::shown(path));
    #[allow(clippy::disallowed_methods, reason = "the command line reads what it is given")]
    if path.is_dir() {
        if depth == 0 {
            return Err(Diagnostic::cannot("directories lie too deep in each other").at(input::shown(path)));
        }
        let mut inner = Vec::new();
        for entry in fs::read_dir(path).map_err(cannot)? {
            inner.push(entry.map_err(cannot)?.path());
        }
        inner.sort();
        for path in inner {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !hidden && (path.is_dir() || format(&path).is_some()) {
                collect(&path, depth - 1, records)?;
            }
        }
        return Ok(());
    }
    let Some(format) = format(path) else { return Ok(()) };
    let bytes = input::read(path, MAX_DOCUMENT_BYTES)?;
    records.push(ForeignRecord { name: input::shown(path), bytes, format });
    Ok(())
}

fn format(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "json" => Some(Format::Json),
        "yaml" | "yml" => Some(Format::Yaml),
        _ => None,
    }
}

fn as_text(report: &ImportReport) -> String {
    let mut text = String::new();
    for (count, what) in [
        (report.taken, "taken: new, or a newer version"),
        (report.known, "here already"),
        (report.older, "older than what is here"),
        (report.ours, "published by this desk itself; ours is shown"),
        (report.others, "about no package of the project (--all takes them)"),
        (report.refused.len(), "not readable as OSV"),
    ] {
        let _ = writeln!(text, "{count:>6}  {what}");
    }
    for (name, why) in report.refused.iter().take(NAMED) {
        let _ = writeln!(text, "{}: {}", one_line(name), one_line(why));
    }
    text
}
