//! What is wrong with a policy file, where, and what to do about it.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One problem of one policy file. A check collects all of them, so that a person mends a file in one go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyProblem {
    /// The file's name as the caller gave it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The field in question, such as `deadlines.acknowledge-days`; empty where the text is no TOML at all.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

impl fmt::Display for PolicyProblem {
    /// `policy.toml:3:1: deadlines.acknowledge-days: … (remedy: …)`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.field.is_empty() {
            write!(out, "{}: ", self.field)?;
        }
        write!(out, "{} ({})", self.message, self.remedy)
    }
}

/// Collects the problems of one file and knows how to turn byte offsets into lines.
#[derive(Debug)]
pub(crate) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<PolicyProblem>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// Notes a problem at these bytes of the text.
    pub(crate) fn add(
        &mut self,
        span: &Range<usize>,
        field: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (line, column) = position(self.text, span.start);
        self.found.push(PolicyProblem {
            file: self.file.to_owned(),
            line,
            column,
            field: field.to_owned(),
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The problems in the order of the file.
    pub(crate) fn into_sorted(mut self) -> Vec<PolicyProblem> {
        self.found.sort_by_key(|problem| (problem.line, problem.column));
        self.found
    }
}

/// Line and column, both from 1, of a byte offset; an offset beyond the text is its end.
pub(crate) fn position(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
