//! `bastide impact PACKAGE RANGE|ADVISORY`: who depends on it, and who must act.

use std::path::Path;

use bastide_advisory::{Advisory, Format as Syntax, MAX_DOCUMENT_BYTES, read_osv};
use bastide_impact::{
    graph::{Part, Parts},
    triage::{CountsByPart, Exposure, Impact as Answer, Scope, State, Triage},
};
use bastide_model::{
    output::Outcome,
    package::{Ecosystem, Package},
    specifier::Specifiers,
};
use clap::{Args, ValueEnum};

use super::{graph_import::GraphPlace, impact_output};
use crate::{
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// Say who depends on a package and who of them must act: whose requirements keep every fixed version out.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  bastide impact urllib3 '<1.26.17'\n  bastide impact jupyterlab \
                  GHSA-9q39-rmj3-p4r2.json --extras\n  bastide impact requests '>=2,<2.31' --format svg > \
                  requests.svg\n\nStates: must act (it keeps every fix out); no fix yet; unknown; re-lock (it lets the \
                  fix in already); safe (it asks for nothing that is affected).\nExit codes: 1 when somebody must act or \
                  has no fix, 3 when of somebody nobody can tell, else 0.")]
pub(crate) struct Impact {
    /// The package, by its name on PyPI or as pkg:pypi/NAME.
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// Which versions are affected: a range as in a requirement, or an advisory as a file in OSV, JSON or YAML.
    #[arg(value_name = "RANGE|ADVISORY")]
    affected: String,
    /// How the answer is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Name who is at most so many steps away; 1 names direct dependents.
    #[arg(long, value_name = "STEPS")]
    depth: Option<usize>,
    /// Name extras of packages too.
    #[arg(long)]
    extras: bool,
    /// Name packages that need it for building too.
    #[arg(long)]
    build: bool,
    /// Name at most so many in each state; 0 names all. JSON and CSV name all without it.
    #[arg(long, value_name = "COUNT")]
    most: Option<usize>,
    #[command(flatten)]
    place: GraphPlace,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people at a terminal.
    Text,
    /// For programs.
    Json,
    /// A table.
    Csv,
    /// A picture of at most 150 of them; the table holds the others.
    Svg,
}

impl Impact {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let package = self.package()?;
        let exposure = self.exposure(&package)?;
        let graph = self.place.read(Parts { terms: true, forward: false })?;
        let triage = Triage::new(&graph);
        let Some(answer) = triage.impact(&exposure, Scope { most_depth: self.depth }) else {
            return Err(Diagnostic::cannot(format!(
                "the graph does not know the package `{}`",
                package.name()
            ))
            .at("`PACKAGE`")
            .remedy(
                "check its name; if it is right, import a source that knows it: `bastide graph import`",
            ));
        };
        let named = |_: State, part: Part<'_>| match part {
            Part::Runtime => true,
            Part::Extra(_) => self.extras,
            Part::Build => self.build,
        };
        let most = |by_default: usize| match self.most {
            None => by_default,
            Some(0) => usize::MAX,
            Some(most) => most,
        };
        match self.format {
            Format::Text => terminal::print(&impact_output::text(&answer, &graph, most(20), named))?,
            Format::Json => {
                terminal::print_document(
                    impact_output::json(&answer, &graph, most(usize::MAX), named).as_bytes(),
                )?;
            }
            Format::Csv => terminal::print_document(&impact_output::csv(&answer, most(usize::MAX), named)?)?,
            Format::Svg => {
                let title = format!("{} {}", package.name(), exposure.id);
                terminal::print_document(answer.picture(named).svg(&title).as_bytes())?;
            }
        }
        Ok(self.outcome(&answer))
    }

    fn package(&self) -> Result<Package, Diagnostic> {
        let wrong = |reason: String| {
            Diagnostic::usage(reason).at("`PACKAGE`").remedy("write it as jupyterlab or pkg:pypi/jupyterlab")
        };
        if self.package.starts_with("pkg:") {
            return self.package.parse().map_err(|error| wrong(chain(&error)));
        }
        if !bastide_impact::requirement::is_name(&self.package) {
            return Err(wrong("this is not the name of a package of PyPI".to_owned()));
        }
        Ok(Package::new(Ecosystem::PyPi, &self.package))
    }

    fn exposure(&self, package: &Package) -> Result<Exposure, Diagnostic> {
        let text = self.affected.trim();
        if text.starts_with(['<', '>', '=', '!', '~']) {
            let specifiers =
                Specifiers::parse(text).map_err(|error| Diagnostic::usage(chain(&error)).at("`RANGE`"))?;
            return Ok(Exposure::of_specifiers(package, &specifiers));
        }
        let advisory = file(Path::new(text))?;
        if advisory.withdrawn.is_some() {
            terminal::say(&format!("note: {} is withdrawn; this is what it said.\n", advisory.id));
        }
        Exposure::of_advisory(&advisory, package).map_err(|error| Diagnostic::cannot(chain(&error)))
    }

    /// What is named decides: who asks about runtime alone is not told about extras by the exit code either.
    fn outcome(&self, answer: &Answer<'_>) -> Outcome {
        let CountsByPart { runtime, extras, build } = answer.all();
        let counts = [(true, runtime), (self.extras, extras), (self.build, build)];
        let any = |state: State| counts.iter().any(|(named, counts)| *named && counts.of(state) > 0);
        if any(State::Blocked) || any(State::NoFix) {
            Outcome::Findings
        } else if any(State::Unknown) {
            Outcome::Unknown
        } else {
            Outcome::Clean
        }
    }
}

/// An advisory in a file.
fn file(path: &Path) -> Result<Advisory, Diagnostic> {
    if !path.exists() {
        return Err(Diagnostic::usage("there is no such file, and it is no range of versions")
            .at(input::shown(path))
            .remedy(
                "name a file with an advisory in OSV, or write a range as in a requirement: '>=2,<2.31'",
            ));
    }
    let bytes = input::read(path, MAX_DOCUMENT_BYTES)?;
    let yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    let syntax = if yaml { Syntax::Yaml } else { Syntax::Json };
    read_osv(&bytes, syntax, &input::shown(path)).map_err(|error| Diagnostic::usage(chain(&error)))
}
