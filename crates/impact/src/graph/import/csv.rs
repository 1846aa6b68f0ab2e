//! A table: a row for each project, its name in one column, its requirements in another.
//!
//! The columns are found by their titles, as in the table of the 8,000 most used projects (`project`, `dependencies_raw`).
//! Requirements stand in one cell, with `; ` or lines between them.

use std::{cell::Cell, io::Read, rc::Rc};

use super::{Import, ImportError, Metered};
use crate::requirement::split_list;

/// The titles of the column of names.
const NAMES: [&str; 3] = ["project", "name", "package"];
/// The titles of the column of requirements.
const REQUIREMENTS: [&str; 4] = ["dependencies_raw", "requires_dist", "requirements", "dependencies"];

/// Reads a table.
pub fn csv(input: impl Read, source: &str, into: &mut Import) -> Result<(), ImportError> {
    let form = |reason: String| ImportError::Form { source_name: source.to_owned(), reason };
    let since = Rc::new(Cell::new(0));
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(Metered { inner: input, since: Rc::clone(&since) });
    let titles = reader.headers().map_err(|error| form(error.to_string()))?;
    let column = |wanted: &[&str]| {
        wanted
            .iter()
            .find_map(|title| titles.iter().position(|found| found.trim().eq_ignore_ascii_case(title)))
            .ok_or_else(|| {
                form(format!("its first row names no column `{}`; give it this title", wanted.join("` or `")))
            })
    };
    let (names, requirements) = (column(&NAMES)?, column(&REQUIREMENTS)?);
    let mut row = ::csv::StringRecord::new();
    loop {
        since.set(0);
        match reader.read_record(&mut row) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let name = row.get(names).unwrap_or_default().trim();
                let cell = row.get(requirements).unwrap_or_default();
                into.project(source, name, cell.lines().flat_map(split_list))?;
            }
            Err(error) if matches!(error.kind(), ::csv::ErrorKind::Utf8 { .. }) => {
                let line = error.position().map_or(0, ::csv::Position::line);
                into.refuse(source, &format!("line {line}"), "this row is not UTF-8 text".to_owned());
            }
            Err(error) => return Err(form(error.to_string())),
        }
    }
}
