//! Requirements from what people have: a table (CSV), PyPI's JSON, core metadata (PEP 658), a list of edges.
//!
//! A source is read as far as it can be. A requirement that cannot be read keeps its edge where its name can be read, with
//! versions unknown; else it is refused. [`Report`] counts both and keeps the first of them with place and reason.

mod csv;
mod edges;
mod json;
mod metadata;

use std::{
    cell::Cell,
    io::{self, Read},
    rc::Rc,
};

pub use self::{csv::csv, edges::edges, json::json, metadata::metadata};
use super::build::{BuildError, Builder};
use crate::requirement::Requirement;

/// The largest single record (a row, a document), in bytes.
pub const MAX_RECORD_BYTES: u64 = 16 << 20;

/// The most requirements of one project. Real ones stay below 2,000.
pub const MAX_REQUIREMENTS: usize = 20_000;

/// How many refusals are kept; the others are counted.
pub const MAX_REFUSALS: usize = 1000;

/// Why a source cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not what it should be.
    #[error("{source_name}: {reason}")]
    Form {
        /// The source's name.
        source_name: String,
        /// What is wrong, where, and how it should be.
        reason: String,
    },
    /// The graph is full, or a project has no name.
    #[error("{source_name}: {error}")]
    Build {
        /// The source's name.
        source_name: String,
        /// What is wrong.
        error: BuildError,
    },
}

/// Something that was not taken in as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands: the source and the project.
    pub place: String,
    /// What is wrong with it and how it should be.
    pub reason: String,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Projects that told what they require, once for each time that they did.
    pub projects: usize,
    /// Requirements that were read.
    pub requirements: usize,
    /// Of these, written against PEP 508 and read all the same.
    pub amended: usize,
    /// Requirements whose name alone could be read: their edges have unknown versions.
    pub unreadable: usize,
    /// Requirements and projects that were refused.
    pub refused: usize,
    /// The first of what was unreadable or refused.
    pub refusals: Vec<Refusal>,
}

/// An import that goes on.
#[derive(Debug, Default)]
pub struct Import {
    /// What was taken in.
    pub builder: Builder,
    /// What came of it.
    pub report: Report,
}

impl Import {
    /// Takes what one project requires in; a name that no project has is refused, a graph that is full ends the import.
    fn project<'text>(
        &mut self,
        source: &str,
        project: &str,
        requirements: impl IntoIterator<Item = &'text str>,
    ) -> Result<(), ImportError> {
        match self.builder.project(project) {
            Ok(()) => self.report.projects += 1,
            Err(error @ BuildError::Name { .. }) => {
                self.refuse(source, project, error.to_string());
                return Ok(());
            }
            Err(error) => return Err(ImportError::Build { source_name: source.to_owned(), error }),
        }
        for (number, text) in requirements.into_iter().enumerate() {
            if number == MAX_REQUIREMENTS {
                let reason =
                    format!("it has more than {MAX_REQUIREMENTS} requirements; the others are left out");
                self.refuse(source, project, reason);
                break;
            }
            self.requirement(source, project, text, false)?;
        }
        Ok(())
    }

    fn requirement(
        &mut self,
        source: &str,
        project: &str,
        text: &str,
        build: bool,
    ) -> Result<(), ImportError> {
        let added = match Requirement::parse(text) {
            Ok(requirement) => {
                self.report.requirements += 1;
                self.report.amended += usize::from(!requirement.amendments.is_empty());
                if build {
                    self.builder.require_for_build(project, &requirement)
                } else {
                    self.builder.require(project, &requirement)
                }
            }
            Err(error) => {
                let named = Requirement::name_of(text);
                let kept = named.is_some_and(|name| self.builder.require_unreadable(project, name).is_ok());
                if kept {
                    self.report.unreadable += 1;
                    self.note(source, project, error.to_string());
                } else {
                    self.refuse(source, project, error.to_string());
                }
                Ok(())
            }
        };
        match added {
            Err(error @ BuildError::Full { .. }) => {
                Err(ImportError::Build { source_name: source.to_owned(), error })
            }
            Err(error @ BuildError::Name { .. }) => {
                self.refuse(source, project, error.to_string());
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn refuse(&mut self, source: &str, project: &str, reason: String) {
        self.report.refused += 1;
        self.note(source, project, reason);
    }

    fn note(&mut self, source: &str, project: &str, reason: String) {
        if self.report.refusals.len() < MAX_REFUSALS {
            let project: String = project.chars().take(64).collect();
            self.report.refusals.push(Refusal { place: format!("{source}: {project}"), reason });
        }
    }
}

/// A reader that ends with an error when more than [`MAX_RECORD_BYTES`] went by since its owner last took a whole record.
struct Metered<R> {
    inner: R,
    since: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > MAX_RECORD_BYTES {
            return Err(io::Error::other(format!("a record has more than {} MiB", MAX_RECORD_BYTES >> 20)));
        }
        let read = self.inner.read(buffer)?;
        self.since.set(self.since.get() + read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
