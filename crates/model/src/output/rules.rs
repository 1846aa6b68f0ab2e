//! The rules themselves, for people who want to know what is checked and why.
//!
//! `bastide rules` lists them, `bastide explain ID` shows one. The JSON's field names are frozen, as those of findings:
//! `schemas/rules-1.json`.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{FormatError, clean, level_word, markdown::escape, one_line};
use crate::rule::{Registry, Rule};

/// Where the schema of the list is published.
const SCHEMA: &str = "https://bastide-security.github.io/schemas/rules-1.json";

/// How a list of rules is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleFormat {
    /// One line for each rule.
    Text,
    /// JSON by the published schema `rules-1.json`.
    Json,
    /// A page with a section for each rule.
    Markdown,
}

impl RuleFormat {
    /// Every format, in the order in which the command line names them.
    pub const ALL: [Self; 3] = [Self::Text, Self::Json, Self::Markdown];

    /// The name that people type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }
}

impl fmt::Display for RuleFormat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for RuleFormat {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| FormatError::new(text, "text, json or markdown"))
    }
}

/// Writes every rule of `registry`, ordered by id.
pub fn list_rules(format: RuleFormat, registry: &Registry) -> String {
    match format {
        RuleFormat::Text => registry.rules().iter().map(line).collect::<Vec<_>>().concat(),
        RuleFormat::Json => json(registry),
        RuleFormat::Markdown => markdown(registry),
    }
}

/// The page of one rule, as text for a terminal.
pub fn explain(rule: &Rule) -> String {
    let paragraphs = [
        format!("{} ({}): {}", rule.id, level_word(rule.severity), rule.title),
        rule.why.to_owned(),
        format!("What to do: {}", rule.remedy),
        format!("Breaks the rule:\n{}", indented(rule.failing)),
        format!("Keeps it:\n{}", indented(rule.passing)),
        format!("Source: {}", rule.sources.join(", ")),
    ];
    paragraphs.join("\n\n") + "\n"
}

fn line(rule: &Rule) -> String {
    format!("{:<9} {:<8} {}\n", rule.id, level_word(rule.severity), one_line(rule.title))
}

/// An example, moved in by four spaces; an empty one is said to be empty.
fn indented(example: &str) -> String {
    if example.trim().is_empty() {
        return "    (nothing)".to_owned();
    }
    clean::lines(example, usize::MAX).iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[derive(Serialize)]
struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: u8,
    rules: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    title: &'static str,
    severity: &'static str,
    why: &'static str,
    remedy: &'static str,
    sources: &'static [&'static str],
    failing: &'static str,
    passing: &'static str,
}

fn json(registry: &Registry) -> String {
    let rules = registry.rules().iter().map(|rule| Entry {
        id: rule.id,
        title: rule.title,
        severity: level_word(rule.severity),
        why: rule.why,
        remedy: rule.remedy,
        sources: rule.sources,
        failing: rule.failing,
        passing: rule.passing,
    });
    let document = Document { schema: SCHEMA, version: 1, rules: rules.collect() };
    let written = serde_json::to_string_pretty(&document)
        .expect("a document of texts and numbers, with texts as keys, is always JSON");
    clean::json(&written) + "\n"
}

fn markdown(registry: &Registry) -> String {
    let section = |rule: &Rule| {
        format!(
            "\n## {id}\n\n**{title}** ({severity})\n\nWhy: {why}\n\nWhat to do: {remedy}\n\nBreaks the rule:\n\n{failing}\n\n\
             Keeps it:\n\n{passing}\n\nSource: {sources}\n",
            id = rule.id,
            title = escape(rule.title),
            severity = level_word(rule.severity),
            why = escape(rule.why),
            remedy = escape(rule.remedy),
            failing = super::markdown::fenced(rule.failing, usize::MAX),
            passing = super::markdown::fenced(rule.passing, usize::MAX),
            sources = escape(&rule.sources.join(", ")),
        )
    };
    let sections: Vec<String> = registry.rules().iter().map(section).collect();
    format!("# Rules\n{}", sections.concat())
}
