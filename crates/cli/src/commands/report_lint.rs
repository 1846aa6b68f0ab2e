//! `bastide report lint`: what a desk would say about a report, before it is sent and without a network.

use std::{fmt::Write as _, path::PathBuf};

use bastide_desk::{
    lint::{Kind, LintReport, Linter, MAXIMUM_BYTES, ReportDraft},
    policy::{self, Disposition},
    project, threat,
};
use bastide_model::{
    finding::Finding,
    output::{self, Format, Outcome},
    time::Clock,
};
use bastide_usecases::SystemClock;
use clap::{Args, ValueEnum};

use crate::{
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// Check a report as the desk of a project would, here and without a network.
#[derive(Debug, Args)]
#[command(
    after_help = "A report is a text: lines `Key: value` at the top (Title, Tested versions, Attack vector, …), then the \
                  description. A mail is read whole, with its attachments.\n\n\
                  Examples:\n  bastide report lint --project jupyterlab report.txt\n  \
                  bastide report lint --project cpython --format sarif - < report.txt > report.sarif\n  \
                  bastide report lint --policy ours.toml --kind mail message.eml"
)]
pub(crate) struct ReportLint {
    #[command(flatten)]
    rules: ReportRules,
    #[command(flatten)]
    report: ReportFile,
    /// How the findings are written: text, json, sarif, github or markdown.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// By whose rules a report is checked.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct ReportRules {
    /// A built-in project, or a product of one: cpython, numpy, scipy, jupyter, jupyterlab, notebook, …
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// A policy file in place of the project's built-in policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// A report and the form it has.
#[derive(Debug, Args)]
pub(crate) struct ReportFile {
    /// The report; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Whether it is a text or a whole mail; by the file's ending (`.eml` is a mail) without it.
    #[arg(long, value_name = "KIND")]
    kind: Option<ReportKind>,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportKind {
    /// A text.
    Text,
    /// A mail as it came over the wire.
    Mail,
}

impl ReportFile {
    /// Reads the report.
    pub(crate) fn read(&self) -> Result<ReportDraft, Diagnostic> {
        let mail_ending = self.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("eml"));
        let kind = match self.kind {
            Some(ReportKind::Mail) => Kind::Mail,
            Some(ReportKind::Text) => Kind::Text,
            None if mail_ending => Kind::Mail,
            None => Kind::Text,
        };
        let bytes = input::read(&self.file, MAXIMUM_BYTES)?;
        ReportDraft::from_text(&bytes, kind)
            .map_err(|error| Diagnostic::usage(chain(&error)).at(input::shown(&self.file)))
    }
}

impl ReportLint {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let (linter, product) = self.rules.linter()?;
        let mut draft = self.report.read()?;
        draft.product = draft.product.or(product);
        let report = linter.lint(&draft, SystemClock.now());
        let findings = self.placed(&report);
        let mut shown = output::render(self.format, &findings, &terminal::registry()?);
        if self.format == Format::Text {
            shown.push_str(&consequence(&report));
        }
        terminal::print(&shown)?;
        Ok(Outcome::of(&findings))
    }

    /// The findings, with the file's name where they name a line of it.
    fn placed(&self, report: &LintReport) -> Vec<Finding> {
        let name = input::shown(&self.report.file);
        let mut findings: Vec<Finding> =
            report.findings.iter().map(|judged| judged.finding.clone()).collect();
        for evidence in findings.iter_mut().flat_map(|finding| &mut finding.evidence) {
            if evidence.place.line.is_some() && evidence.place.file.is_none() {
                evidence.place.file = Some(name.clone());
            }
        }
        findings
    }
}

impl ReportRules {
    /// The linter, and the product that a report is about when it does not say.
    fn linter(&self) -> Result<(Linter, Option<String>), Diagnostic> {
        let (project, product) = match &self.project {
            Some(name) => project_of(name)?,
            None => (None, None),
        };
        let policy = match (&self.policy, &self.project) {
            (Some(file), _) => {
                let text = input::read_text(file, policy::read::MAXIMUM_BYTES)?;
                policy::check(&text, &input::shown(file)).map_err(|problems| {
                    let first = problems.first().map(ToString::to_string).unwrap_or_default();
                    Diagnostic::usage(format!("the policy has mistakes: {first}"))
                        .at(input::shown(file))
                        .remedy(format!("`bastide policy check {}` names all of them", file.display()))
                })?
            }
            (None, Some(name)) => {
                let policy_name = project.as_ref().map_or(name.as_str(), |project| project.policy.as_str());
                policy::builtin(policy_name).ok_or_else(|| unknown_project(name))?
            }
            (None, None) => return Err(Diagnostic::usage("name a project or a policy")),
        };
        let model = threat::builtin(policy.threat_model.as_str());
        let linter = model.into_iter().fold(Linter::new(policy), Linter::with_model);
        Ok((project.into_iter().fold(linter, Linter::with_project), product))
    }
}

/// The built-in project of this name, or the one that has a product of this name, with that product.
fn project_of(name: &str) -> Result<(Option<project::Project>, Option<String>), Diagnostic> {
    if let Some(project) = project::builtin(name) {
        return Ok((Some(project), None));
    }
    let mut known = project::BUILTIN_NAMES.iter().filter_map(|name| project::builtin(name));
    match known.find(|project| project.product(Some(name)).is_some()) {
        Some(project) => Ok((Some(project), Some(name.to_owned()))),
        None if policy::builtin(name).is_some() => Ok((None, None)),
        None => Err(unknown_project(name)),
    }
}

fn unknown_project(name: &str) -> Diagnostic {
    let products =
        project::BUILTIN_NAMES.iter().filter_map(|name| project::builtin(name)).flat_map(|project| {
            std::iter::once(project.name.to_string())
                .chain(project.products.into_iter().map(|product| product.name.to_string()))
        });
    let mut names: Vec<String> =
        products.chain(policy::BUILTIN_NAMES.iter().map(|name| (*name).to_owned())).collect();
    names.sort();
    names.dedup();
    Diagnostic::usage(format!("there is no built-in project `{name}`"))
        .remedy(format!("name one of {}, or a policy of your own: `--policy FILE`", names.join(", ")))
}

/// What the policy would do with the report, in a sentence; and clauses to think about.
fn consequence(report: &LintReport) -> String {
    let mut text = match report.disposition {
        None => "As it is, the desk would take it in.\n",
        Some(Disposition::Record) => "As it is, the desk would take it in and note the findings.\n",
        Some(Disposition::Warn) => "As it is, the desk would take it in and show you the findings.\n",
        Some(Disposition::Hold) => {
            "As it is, the desk would hold it until the findings are mended or a person lets it in.\n"
        }
        Some(Disposition::Block) => "As it is, the desk would refuse it.\n",
    }
    .to_owned();
    for suggestion in &report.suggestions {
        let _ = writeln!(text, "Clause of the threat model to think about: {}", suggestion.clause);
    }
    text
}
