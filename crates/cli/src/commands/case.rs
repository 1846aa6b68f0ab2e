//! `bastide case`: show a case, prove it, and take any step of the process. The steps' commands are made from the table of
//! steps, so that no step can be missing here.

use std::path::Path;

use bastide_model::{id::CaseId, output::Outcome};
use bastide_usecases::{
    Done,
    step::{Entry, FieldSpec, StepKind},
};
use clap::{
    Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand,
    builder::{PossibleValue, PossibleValuesParser},
    value_parser,
};
use serde_json::{Map, Value};

use super::{case_proof::CaseProof, case_show::CaseShow};
use crate::{
    connection::Connection,
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// The longest text that is read from a file or standard input, in bytes.
const MOST_TEXT: usize = 4 * 1024 * 1024;

/// What can be done with a case.
#[derive(Debug)]
pub(crate) enum Case {
    /// Show it.
    Show(CaseShow),
    /// Prove its history.
    Proof(CaseProof),
    /// Take a step.
    Step(StepArguments),
}

/// A step with its values, as typed.
#[derive(Debug)]
pub(crate) struct StepArguments {
    kind: &'static StepKind,
    case: CaseId,
    fields: Vec<(&'static FieldSpec, String)>,
    connection: Connection,
}

impl Case {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        match self {
            Self::Show(show) => show.run().await,
            Self::Proof(proof) => proof.run().await,
            Self::Step(step) => step.run().await,
        }
    }
}

impl StepArguments {
    async fn run(&self) -> Result<Outcome, Diagnostic> {
        let mut fields = Map::new();
        for (spec, text) in &self.fields {
            fields.insert(spec.name.to_owned(), value(spec, text)?);
        }
        // Read here too, so that a wrong value is told before anything is sent.
        self.kind.read(&fields).map_err(|error| Diagnostic::usage(chain(&error)))?;
        let desk = self.connection.open_signed_in()?;
        let path = format!("/api/v1/cases/{}/steps/{}", self.case, self.kind.name);
        let answer = desk.post(&path, &Value::Object(fields)).await?;
        let done: Done = serde_json::from_value(answer).map_err(|error| {
            Diagnostic::cannot(format!("the answer is not understood: {}", chain(&error)))
        })?;
        terminal::print(&told(&done))?;
        Ok(Outcome::Clean)
    }
}

/// What became of a step.
fn told(done: &Done) -> String {
    let published = done.advisory.as_ref().map(|id| format!("  published as {id}\n")).unwrap_or_default();
    format!("{}: {}\n  {}\n{published}", done.case, done.lifecycle.as_str(), done.events.join(", "))
}

/// A field's value: `-` reads a text from standard input, a document is named by its file.
fn value(spec: &FieldSpec, text: &str) -> Result<Value, Diagnostic> {
    Ok(match spec.entry {
        Entry::YesNo => Value::Bool(text == "yes"),
        Entry::Json => {
            let document = input::read_text(Path::new(text), MOST_TEXT)?;
            serde_json::from_str(&document).map_err(|error| {
                Diagnostic::usage(format!("this is not JSON: {error}")).at(input::shown(Path::new(text)))
            })?
        }
        Entry::Text if text == "-" => Value::String(input::read_text(Path::new("-"), MOST_TEXT)?),
        _ => Value::String(text.to_owned()),
    })
}

impl FromArgMatches for Case {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (name, matches) = matches.subcommand().ok_or_else(missing)?;
        match name {
            "show" => Ok(Self::Show(CaseShow::from_arg_matches(matches)?)),
            "proof" => Ok(Self::Proof(CaseProof::from_arg_matches(matches)?)),
            name => {
                let kind = StepKind::find(name).ok_or_else(missing)?;
                let case = matches.get_one::<CaseId>("case").copied().ok_or_else(missing)?;
                let given = |spec: &&'static FieldSpec| {
                    matches.get_one::<String>(spec.name).map(|text| (*spec, text.clone()))
                };
                let fields = kind.fields.iter().collect::<Vec<_>>().iter().filter_map(given).collect();
                Ok(Self::Step(StepArguments {
                    kind,
                    case,
                    fields,
                    connection: Connection::from_arg_matches(matches)?,
                }))
            }
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for Case {
    fn augment_subcommands(command: Command) -> Command {
        let command = command
            .subcommand(CaseShow::augment_args(Command::new("show")))
            .subcommand(CaseProof::augment_args(Command::new("proof")))
            .subcommand_required(true);
        StepKind::ALL.iter().fold(command, |command, kind| command.subcommand(step_command(kind)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        matches!(name, "show" | "proof") || StepKind::find(name).is_some()
    }
}

/// The command of a step: its title, why it exists, its rule, its fields.
fn step_command(kind: &'static StepKind) -> Command {
    let options: Vec<String> = kind
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| format!(" --{} {}", field.name, placeholder(field)))
        .collect();
    // First the arguments of the connection, whose own description gives way to the step's.
    let command = Connection::augment_args(Command::new(kind.name))
        .about(kind.title)
        .long_about(format!("{}\n\n{} ({})", kind.title, kind.why, kind.rule))
        .after_help(format!("Example:\n  bastide case {} case-…{}", kind.name, options.concat()))
        .arg(
            Arg::new("case")
                .value_name("CASE")
                .help("The case")
                .required(true)
                .value_parser(value_parser!(CaseId)),
        );
    kind.fields.iter().fold(command, |command, field| command.arg(option(field)))
}

fn option(field: &FieldSpec) -> Arg {
    let hint = match field.entry {
        Entry::Text => "; `-` reads it from standard input",
        Entry::Instant => ", such as 2027-01-31T12:00:00Z",
        Entry::Json => ", the file that holds it; `-` for standard input",
        Entry::DraftDigest => ", as `bastide case show` names it",
        _ => "",
    };
    let option = Arg::new(field.name)
        .long(field.name)
        .value_name(placeholder(field))
        .help(format!("{}{hint}", field.label))
        .required(field.required)
        .allow_hyphen_values(matches!(field.entry, Entry::Text));
    match field.entry {
        Entry::Choice(choices) => {
            let values = choices.iter().map(|(word, meaning)| PossibleValue::new(*word).help(*meaning));
            option.value_parser(PossibleValuesParser::new(values))
        }
        Entry::YesNo => option.value_parser(["yes", "no"]),
        _ => option,
    }
}

const fn placeholder(field: &FieldSpec) -> &'static str {
    match field.entry {
        Entry::Line | Entry::Text => "TEXT",
        Entry::Instant => "INSTANT",
        Entry::Choice(_) => "WORD",
        Entry::YesNo => "yes|no",
        Entry::Person => "PERSON",
        Entry::Project | Entry::CaseProject => "NAME",
        Entry::Vulnerability => "VULNERABILITY",
        Entry::Clause => "CLAUSE",
        Entry::DraftDigest => "DIGEST",
        Entry::Json => "FILE",
    }
}
