//! `bastide audit [PATH]`: which packages here have published vulnerabilities, and what to do.
//!
//! [`walk`] finds the documents, [`source`] reads them into inventories, `bastide_impact::audit` compares them with the database
//! that `bastide sync` wrote, and [`mend`] changes pins. Nothing here uses a network.

mod mend;
mod source;
mod walk;

use std::{path::PathBuf, str::FromStr};

use bastide_impact::{
    audit::{self, Audit, Options, cyclonedx, vex::Vex, waiver::Waivers},
    database::{DatabaseError, Snapshot},
    inputs::NameMap,
    inventory::{Component, Inventory},
};
use bastide_model::{
    finding::Level,
    output::{self, Format, FormatError, Outcome},
    package::Ecosystem,
    time::{Clock, Instant},
};
use bastide_usecases::{Entropy, SystemClock, SystemEntropy};
use clap::{Args, ValueEnum};

use super::sync::DataDirectory;
use crate::{
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// The largest file of waivers, VEX or names that is read, in bytes.
const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;
/// A database older than this many days is told as old.
const OLD_DAYS: i64 = 7;

/// Look up every package of a project or environment in the advisories, without a network.
///
/// Reads lockfiles (uv, Poetry, PDM, Pipenv, pixi, conda-lock, PEP 751), requirements, pyproject.toml, environment.yml, SBOMs (CycloneDX,
/// SPDX), wheels and installed environments. What it cannot read or compare it calls unknown, never clean.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 looked up and clean, 1 something is affected, 3 nothing known is affected but something could not be \
                  checked (0 with --allow-unknown).\n\n\
                  Examples:\n  bastide audit\n  bastide audit requirements.txt --format json\n  bastide audit .venv\n  \
                  bastide audit --fix --dry-run\n  bastide audit sbom.cdx.json --vex vex.json --format cyclonedx > audited.cdx.json"
)]
pub(crate) struct AuditArguments {
    /// Documents, environments, or directories that are searched for documents.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// How the findings are written: text, json, sarif, github, markdown or cyclonedx (with VEX).
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: AuditFormat,
    /// Leave out what is scored below this level; what has no score is never left out.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    min_severity: LeastLevel,
    /// What was accepted: a TOML file of [[waiver]] with advisory (or rule), package, reason, by and until.
    #[arg(long, visible_alias = "ignore", value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// An OpenVEX document that says what does not matter here; may be given several times.
    #[arg(long, value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// A JSON map of conda names to PyPI names, for conda packages whose document tells none.
    #[arg(long, value_name = "FILE")]
    conda_map: Option<PathBuf>,
    /// End with 0 when nothing is affected but something could not be checked.
    #[arg(long)]
    allow_unknown: bool,
    /// Search virtual environments in directories too; an environment that is named as PATH is always read.
    #[arg(long)]
    environments: bool,
    /// Change pins in requirements files and pyproject.toml to versions that mend; for lockfiles print what to type.
    #[arg(long)]
    fix: bool,
    /// With --fix: show the changes and write nothing.
    #[arg(long, requires = "fix")]
    dry_run: bool,
    #[command(flatten)]
    data: DataDirectory,
}

/// The formats of findings, and one of SBOMs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AuditFormat {
    Findings(Format),
    CycloneDx,
}

impl FromStr for AuditFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "cyclonedx" {
            return Ok(Self::CycloneDx);
        }
        text.parse().map(Self::Findings).map_err(|error: FormatError| format!("{error}, or cyclonedx"))
    }
}

/// The levels that a score can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LeastLevel {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<LeastLevel> for Level {
    fn from(level: LeastLevel) -> Self {
        match level {
            LeastLevel::Info => Self::Info,
            LeastLevel::Low => Self::Low,
            LeastLevel::Medium => Self::Medium,
            LeastLevel::High => Self::High,
            LeastLevel::Critical => Self::Critical,
        }
    }
}

impl AuditArguments {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let now = SystemClock.now();
        let mut options = self.options(now)?;
        let database = self.data.place()?.open()?;
        let (inventories, notes) = self.inventories()?;
        let components = inventories.iter().flat_map(|inventory| &inventory.components);
        if components.filter_map(Component::advised_as).any(|package| *package.ecosystem() != Ecosystem::PyPi)
        {
            // To find out which ecosystems there are takes a look at every record.
            options.kept = Some(database.ecosystems().map_err(|error| broken(&error))?.to_vec());
        }
        let audit = audit::audit(&inventories, &database, &options).map_err(|error| {
            Diagnostic::cannot(chain(&error)).remedy("run `bastide sync` to make the database anew")
        })?;
        if self.fix {
            return mend::run(&audit, self.dry_run);
        }
        self.print(&audit, now)?;
        let told = summary(&audit, &inventories, &database);
        match self.format {
            AuditFormat::Findings(Format::Text) => terminal::print(&told)?,
            _ => terminal::say(&told),
        }
        for note in notes.into_iter().chain(notes_about(&audit, &database, now)) {
            terminal::say(&format!("note: {note}\n"));
        }
        Ok(match Outcome::of(&audit::findings(&audit)) {
            Outcome::Unknown if self.allow_unknown => Outcome::Clean,
            outcome => outcome,
        })
    }

    fn options(&self, now: Instant) -> Result<Options, Diagnostic> {
        let mut options = Options { least: self.min_severity.into(), ..Options::new(now) };
        if let Some(file) = &self.waivers {
            let bytes = input::read(file, MAX_FILE_BYTES)?;
            options.waivers = Waivers::read(&input::shown(file), &bytes)
                .map_err(|error| Diagnostic::usage(chain(&error)))?;
        }
        for file in &self.vex {
            let bytes = input::read(file, MAX_FILE_BYTES)?;
            let read =
                Vex::read(&input::shown(file), &bytes).map_err(|error| Diagnostic::usage(chain(&error)))?;
            options.vex.push(read);
        }
        Ok(options)
    }

    /// What the paths hold, and what people should know about how it was found.
    fn inventories(&self) -> Result<(Vec<Inventory>, Vec<String>), Diagnostic> {
        let map = match &self.conda_map {
            Some(file) => {
                let bytes = input::read(file, MAX_FILE_BYTES)?;
                NameMap::read(&input::shown(file), &bytes)
                    .map_err(|error| Diagnostic::usage(chain(&error)))?
            }
            None => NameMap::default(),
        };
        let mut inventories = Vec::new();
        let mut notes = Vec::new();
        for path in &self.paths {
            let found = walk::find(path, self.environments)?;
            notes.extend(found.notes);
            inventories.extend(found.sources.iter().map(|source| source.read(path)));
        }
        for inventory in &mut inventories {
            map.apply(inventory);
        }
        if inventories.is_empty() {
            let paths: Vec<String> = self.paths.iter().map(|path| input::shown(path)).collect();
            return Err(Diagnostic::cannot("there is nothing here that says which packages are installed")
                .at(paths.join(", "))
                .remedy(
                    "name a lockfile, a requirements file, an SBOM, a wheel or an environment; `bastide audit --help` lists what \
                     is read",
                ));
        }
        Ok((inventories, notes))
    }

    fn print(&self, audit: &Audit, now: Instant) -> Result<(), Diagnostic> {
        match self.format {
            AuditFormat::Findings(Format::Text) => {
                terminal::print(&output::render_brief(&audit::findings(audit)))
            }
            AuditFormat::Findings(format) => {
                terminal::print(&output::render(format, &audit::findings(audit), &terminal::registry()?))
            }
            AuditFormat::CycloneDx => {
                let document = cyclonedx::document(audit, now, Some(&serial()));
                terminal::print_document(format!("{document:#}\n").as_bytes())
            }
        }
    }
}

/// What else is to be said, beside the findings.
fn notes_about(audit: &Audit, database: &Snapshot, now: Instant) -> Vec<String> {
    let mut notes = Vec::new();
    let days = (now.as_micros() - database.made_at().as_micros()) / (24 * 3_600 * 1_000_000);
    if days >= OLD_DAYS {
        notes.push(format!(
            "the advisories are {days} days old; `bastide sync` brings newer ones, and what was published since is not looked up here"
        ));
    }
    if audit.below > 0 {
        let left_out = terminal::counted(
            audit.below,
            "issue below the least level was left out",
            "issues below the least level were left out",
        );
        notes.push(format!("{left_out} (--min-severity)"));
    }
    for place in &audit.unused_waivers {
        notes.push(format!("the waiver at {place} matches nothing any more and can go"));
    }
    notes
}

/// A database that cannot be read after all.
fn broken(error: &DatabaseError) -> Diagnostic {
    Diagnostic::cannot(chain(error)).remedy("run `bastide sync` to make the database anew")
}

/// What was compared with what, in a sentence.
fn summary(audit: &Audit, inventories: &[Inventory], database: &Snapshot) -> String {
    let plural =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    format!(
        "Looked up {} of {} in {} advisories of {}.\n",
        plural(audit.checked, "package", "packages"),
        plural(inventories.len(), "document", "documents"),
        database.counts().records - database.counts().withdrawn,
        database.made_at().date(),
    )
}

/// A fresh UUID of version 4 (RFC 9562).
fn serial() -> String {
    let mut bytes = [0_u8; 16];
    SystemEntropy.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = data_encoding::HEXLOWER.encode(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}
