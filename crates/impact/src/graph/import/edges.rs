//! A list of edges: a line for each requirement, `PROJECT<tab>REQUIREMENT` or `PROJECT<tab>REQUIREMENT<tab>build`.
//!
//! A space may stand in place of the one tab of `PROJECT REQUIREMENT`. Empty lines and lines that begin with `#` say nothing; a line with a project
//! alone says that it requires nothing.

use std::{
    cell::Cell,
    io::{BufRead as _, BufReader, Read},
    rc::Rc,
};

use super::{Import, ImportError, Metered};

/// Reads a list of edges.
pub fn edges(input: impl Read, source: &str, into: &mut Import) -> Result<(), ImportError> {
    let form = |reason: String| ImportError::Form { source_name: source.to_owned(), reason };
    let since = Rc::new(Cell::new(0));
    let mut reader = BufReader::new(Metered { inner: input, since: Rc::clone(&since) });
    let mut bytes = Vec::new();
    for number in 1.. {
        since.set(0);
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(|error| form(error.to_string()))? == 0 {
            break;
        }
        let Ok(line) = std::str::from_utf8(&bytes) else {
            into.refuse(source, &format!("line {number}"), "this line is not UTF-8 text".to_owned());
            continue;
        };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (project, rest) = line.split_once('\t').or_else(|| line.split_once(' ')).unwrap_or((line, ""));
        let (requirement, kind) = rest.split_once('\t').unwrap_or((rest, "runtime"));
        let place = format!("{source}, line {number}");
        match kind.trim() {
            "runtime" if requirement.trim().is_empty() => into.project(&place, project.trim(), [])?,
            "runtime" => into.project(&place, project.trim(), [requirement])?,
            "build" => into.requirement(&place, project.trim(), requirement, true)?,
            other => {
                let shown: String = other.chars().take(32).collect();
                into.refuse(
                    &place,
                    project,
                    format!("`{shown}` is no kind of requirement; write `runtime` or `build`"),
                );
            }
        }
    }
    Ok(())
}
