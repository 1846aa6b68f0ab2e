//! The built-in project files, and the check of a project file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Project;
use crate::policy::{PolicyProblem, problem::Problems};

/// The largest file that is read, in bytes.
const MAXIMUM_BYTES: usize = 1024 * 1024;

const BUILTIN_FILES: &[(&str, &str)] = &[
    ("jupyter", include_str!("../../../../policies/projects/jupyter.toml")),
    ("cpython", include_str!("../../../../policies/projects/cpython.toml")),
    ("numpy", include_str!("../../../../policies/projects/numpy.toml")),
    ("scipy", include_str!("../../../../policies/projects/scipy.toml")),
];

/// The names of the built-in projects.
pub const BUILTIN_NAMES: &[&str] = &["jupyter", "cpython", "numpy", "scipy"];

/// The text of the built-in project file of this name, comments and all.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    BUILTIN_FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The built-in project of this name.
pub fn builtin(name: &str) -> Option<Project> {
    static READ: LazyLock<BTreeMap<&str, Project>> = LazyLock::new(|| {
        BUILTIN_FILES.iter().filter_map(|(name, text)| Some((*name, check(text, name).ok()?))).collect()
    });
    READ.get(name).cloned()
}

/// Reads a project file: the project, or every problem that was found. An error of form hides what comes after it.
pub fn check(text: &str, file_name: &str) -> Result<Project, Vec<PolicyProblem>> {
    let mut problems = Problems::new(file_name, text);
    if text.len() > MAXIMUM_BYTES {
        let message =
            format!("the file has {} bytes; a project file has at most {MAXIMUM_BYTES}", text.len());
        problems.add(&(0..0), "", message, "check that this is a project file");
        return Err(problems.into_sorted());
    }
    let project: Project = match toml::from_str(text) {
        Ok(project) => project,
        Err(error) => {
            let message = error.message().replace('\n', ", ");
            let remedy = "see the built-in project files; dates are written \"2026-03-01\" in quotes";
            problems.add(&error.span().unwrap_or(0..0), "", message, remedy);
            return Err(problems.into_sorted());
        }
    };
    if project.schema != 1 {
        let message = format!("schema {} is unknown", project.schema);
        problems.add(&(0..0), "schema", message, "write `schema = 1`");
    }
    for product in &project.products {
        for line in &product.lines {
            let dates: Vec<_> = line.phases().collect();
            let field = format!("product.{}.line.{}", product.name, line.name);
            // The reader keeps no place of each line; its name in quotes stands where it is written first.
            let place = text.find(&format!("\"{}\"", line.name)).unwrap_or(0);
            let place = place..place;
            if let Some(pair) = dates.windows(2).find(|pair| pair[0].1 >= pair[1].1) {
                let message = format!(
                    "{} from {} does not come after {} from {}",
                    pair[1].0.in_words(),
                    pair[1].1,
                    pair[0].0.in_words(),
                    pair[0].1
                );
                problems.add(&place, &field, message, "give each phase a later date than the one before it");
            }
            if dates.is_empty() || line.name.is_empty() {
                problems.add(
                    &place,
                    &field,
                    "the line has no dates",
                    "write when it began: `bugfix = \"2026-03-01\"`",
                );
            }
        }
    }
    if project.products.is_empty() {
        problems.add(&(0..0), "product", "the project releases nothing", "add a `[[product]]`");
    }
    if problems.is_empty() { Ok(project) } else { Err(problems.into_sorted()) }
}
