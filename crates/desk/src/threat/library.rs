//! Threat models by name: reading their files, and what they inherit.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bastide_model::party::Slug;
use serde::Deserialize;
use toml::Spanned;

use super::clause::{Clause, Origin, Override, Ruling, ThreatModel, Trigger};
use crate::policy::{PolicyProblem, nearest, problem::Problems};

/// The largest file that is read, in bytes.
const MAXIMUM_BYTES: usize = 1024 * 1024;
/// The longest chain of inheritance.
const LONGEST_LINEAGE: usize = 8;

const BUILTIN_FILES: &[(&str, &str)] = &[
    ("default", include_str!("../../../../policies/threat-models/default.toml")),
    ("jupyter", include_str!("../../../../policies/threat-models/jupyter.toml")),
    ("cpython", include_str!("../../../../policies/threat-models/cpython.toml")),
    ("numpy", include_str!("../../../../policies/threat-models/numpy.toml")),
    ("scipy", include_str!("../../../../policies/threat-models/scipy.toml")),
];

/// The names of the built-in threat models.
pub const BUILTIN_NAMES: &[&str] = &["default", "jupyter", "cpython", "numpy", "scipy"];

/// The text of the built-in threat model file of this name, comments and all.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    BUILTIN_FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The built-in threat model of this name.
pub fn builtin(name: &str) -> Option<ThreatModel> {
    static RESOLVED: LazyLock<BTreeMap<&str, ThreatModel>> = LazyLock::new(|| {
        let library = Library::builtin();
        let resolve = |(name, text): &(&'static str, &str)| Some((*name, library.check(text, name).ok()?));
        BUILTIN_FILES.iter().filter_map(resolve).collect()
    });
    RESOLVED.get(name).cloned()
}

/// Checks a threat model that may inherit the built-in ones. Returns the resolved model or every problem.
pub fn check(text: &str, file_name: &str) -> Result<ThreatModel, Vec<PolicyProblem>> {
    Library::builtin().check(text, file_name)
}

/// A file as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    schema: Spanned<u32>,
    name: Spanned<Slug>,
    title: String,
    version: u32,
    inherits: Option<Spanned<Slug>>,
    #[serde(default)]
    clause: Vec<WrittenClause>,
}

/// A clause as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenClause {
    id: Spanned<Slug>,
    title: String,
    text: String,
    ruling: Ruling,
    #[serde(default)]
    when: Vec<Trigger>,
    #[serde(default)]
    names: Vec<String>,
    origin: Origin,
    overrides: Option<Spanned<Slug>>,
    reason: Option<String>,
}

/// Threat model files by name: those that a model may inherit.
#[derive(Debug, Clone, Default)]
pub struct Library {
    files: BTreeMap<String, String>,
}

impl Library {
    /// The built-in models.
    pub fn builtin() -> Self {
        let files =
            BUILTIN_FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self { files }
    }

    /// The library with one more file under this name, which hides a file that had the name before.
    #[must_use]
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    /// Checks a file and resolves what it inherits from this library.
    pub fn check(&self, text: &str, file_name: &str) -> Result<ThreatModel, Vec<PolicyProblem>> {
        self.resolve(text, file_name, &mut Vec::new())
    }

    fn resolve(
        &self,
        text: &str,
        file_name: &str,
        below: &mut Vec<String>,
    ) -> Result<ThreatModel, Vec<PolicyProblem>> {
        let mut problems = Problems::new(file_name, text);
        let Some(file) = read(text, &mut problems) else { return Err(problems.into_sorted()) };
        if *file.schema.get_ref() != 1 {
            let message = format!("schema {} is unknown", file.schema.get_ref());
            problems.add(&file.schema.span(), "schema", message, "write `schema = 1`");
        }
        below.push(file.name.get_ref().to_string());
        let parent = match &file.inherits {
            None => None,
            Some(name) => match self.parent(name, below) {
                Ok(model) => Some(model),
                Err((message, remedy)) => {
                    problems.add(&name.span(), "inherits", message, remedy);
                    return Err(problems.into_sorted());
                }
            },
        };
        let name = file.name.get_ref().clone();
        let mut clauses = parent.as_ref().map(|model| model.clauses.clone()).unwrap_or_default();
        let inherited = clauses.clone();
        for written in file.clause {
            add(written, &name, &inherited, &mut clauses, &mut problems);
        }
        if !problems.is_empty() {
            return Err(problems.into_sorted());
        }
        let above = parent.map(|model| model.lineage).unwrap_or_default();
        Ok(ThreatModel {
            schema: 1,
            title: file.title,
            version: file.version,
            lineage: std::iter::once(name.clone()).chain(above).collect(),
            name,
            clauses,
        })
    }

    fn parent(&self, name: &Spanned<Slug>, below: &mut Vec<String>) -> Result<ThreatModel, (String, String)> {
        let name = name.get_ref().as_str();
        if below.iter().any(|known| known == name) {
            let circle = format!("{} inherits {name}", below.join(" inherits "));
            let remedy = "let one of them inherit nothing".to_owned();
            return Err((format!("the inheritance runs in a circle: {circle}"), remedy));
        }
        if below.len() >= LONGEST_LINEAGE {
            return Err((
                format!("the chain of inheritance is longer than {LONGEST_LINEAGE}"),
                "inherit a model nearer to the root".to_owned(),
            ));
        }
        let Some(text) = self.files.get(name) else {
            let remedy = match nearest(name, self.files.keys().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    format!("known models: {}", self.files.keys().cloned().collect::<Vec<_>>().join(", "))
                }
            };
            return Err((format!("there is no threat model `{name}`"), remedy));
        };
        self.resolve(text, name, below).map_err(|problems| {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            (format!("the inherited model has problems, the first: {first}"), format!("mend `{name}` first"))
        })
    }
}

/// Reads the form of a file.
fn read(text: &str, problems: &mut Problems<'_>) -> Option<File> {
    if text.len() > MAXIMUM_BYTES {
        let message =
            format!("the file has {} bytes; a threat model has at most {MAXIMUM_BYTES}", text.len());
        problems.add(&(0..0), "", message, "check that this is a threat model");
        return None;
    }
    match toml::from_str(text) {
        Ok(file) => Some(file),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().replace('\n', ", ");
            problems.add(&span, "", message, "see the built-in models for the form of a clause");
            None
        }
    }
}

/// Adds a clause to those inherited, or says why it may not be added.
fn add(
    written: WrittenClause,
    model: &Slug,
    inherited: &[Clause],
    clauses: &mut Vec<Clause>,
    problems: &mut Problems<'_>,
) {
    let id = written.id.get_ref().clone();
    let field = format!("clause.{id}");
    let span = written.id.span();
    let text_fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= 4000;
    if !text_fits(&written.title) || !text_fits(&written.text) || !text_fits(&written.origin.document) {
        let remedy = "write title, text and origin.document in at most 4000 characters each";
        problems.add(&span, &field, "the clause lacks words, or has too many", remedy);
    }
    if written.names.iter().any(|name| name.trim_end_matches("()").len() < 2 || name.len() > 100) {
        problems.add(
            &span,
            &field,
            "a name has 2 to 100 characters",
            "write the name of a module or function",
        );
    }
    let replaced = match (&written.overrides, &written.reason) {
        (None, None) => None,
        (None, Some(_)) => {
            problems.add(
                &span,
                &field,
                "a reason without `overrides`",
                "name the clause with `overrides = \"id\"`",
            );
            None
        }
        (Some(target), reason) => {
            let Some(old) = inherited.iter().find(|old| old.id == *target.get_ref()) else {
                let remedy =
                    match nearest(target.get_ref().as_str(), inherited.iter().map(|old| old.id.as_str())) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "name a clause of the inherited model, or drop `overrides`".to_owned(),
                    };
                let message = format!("there is no inherited clause `{}`", target.get_ref());
                problems.add(&target.span(), &field, message, remedy);
                return;
            };
            match reason.as_deref().map(str::trim) {
                Some(reason) if !reason.is_empty() => {
                    Some(Override { clause: old.id.clone(), ruled: old.ruling, reason: reason.to_owned() })
                }
                _ => {
                    let message = format!("`{}` is overridden without a reason", old.id);
                    problems.add(&target.span(), &field, message, "write `reason = \"…\"`: readers will ask");
                    return;
                }
            }
        }
    };
    let free = |old: &&Clause| replaced.as_ref().is_none_or(|replaced| replaced.clause != old.id);
    for old in inherited.iter().filter(free) {
        if let Some(quarrel) = quarrel(&written, old) {
            let message = format!(
                "{quarrel}, on which the inherited clause `{}` rules {}; an inherited clause is never changed silently",
                old.id,
                old.ruling.in_words()
            );
            let remedy = format!("choose another, or write `overrides = \"{}\"` with a `reason`", old.id);
            problems.add(&span, &field, message, remedy);
            return;
        }
    }
    if clauses.iter().filter(free).any(|known| known.id == id) {
        problems.add(
            &span,
            &field,
            format!("the id `{id}` is used twice"),
            "give the clause an id of its own",
        );
        return;
    }
    clauses.retain(|known| replaced.as_ref().is_none_or(|replaced| replaced.clause != known.id));
    clauses.push(Clause {
        id,
        title: written.title,
        text: written.text.trim().to_owned(),
        ruling: written.ruling,
        when: written.when,
        names: written.names,
        origin: written.origin,
        model: model.clone(),
        overrides: replaced,
    });
}

/// How a new clause would change what an inherited one says, if it does.
fn quarrel(new: &WrittenClause, old: &Clause) -> Option<String> {
    if *new.id.get_ref() == old.id {
        return Some(format!("the id `{}` would be replaced", old.id));
    }
    if new.ruling == old.ruling {
        return None;
    }
    if let Some(name) = new.names.iter().find(|name| old.names.contains(name)) {
        return Some(format!("it rules {} on the name `{name}`", new.ruling.in_words()));
    }
    let same = new.when.iter().find(|trigger| old.when.contains(trigger))?;
    Some(format!("it rules {} on the answer to \"{}\"", new.ruling.in_words(), same.question.in_words()))
}
