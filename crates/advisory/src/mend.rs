//! What to type to mend an installation.
//!
//! People copy these lines into a shell, so a line is made only of a name and a version that their ecosystem allows and
//! that no shell reads as anything else; otherwise there is no line.

use bastide_model::{
    package::{Ecosystem, Package},
    version::Version,
};

use crate::record::Affected;

/// One line for one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The tool: `pip`, `uv`, `conda`, `npm`.
    pub tool: &'static str,
    /// What it leads to: `jupyterlab 4.2.5`.
    pub to: String,
    /// The line.
    pub line: String,
}

/// The lines that install a fixed version: for each line of releases the smallest step, for the newest the newest.
///
/// conda has no advisory names of its own: its line takes the name of the PyPI package, which conda-forge shares as a rule.
pub fn commands(affected: &Affected) -> Vec<Command> {
    let Some(package) = &affected.package else { return Vec::new() };
    let ecosystem = package.ecosystem();
    let name = match ecosystem {
        Ecosystem::PyPi if is_pypi_name(&package.name) => package.package().name().to_owned(),
        Ecosystem::Npm if is_npm_name(&package.name) => package.name.clone(),
        _ => return Vec::new(),
    };
    let mut fixed: Vec<Version> = affected
        .fixed_versions()
        .into_iter()
        .filter(|text| is_plain_version(text))
        .filter_map(|text| Version::parse(&ecosystem, text).ok())
        .collect();
    fixed.sort_by(|left, right| right.compare(left).unwrap_or(std::cmp::Ordering::Equal));
    let mut lines = Vec::new();
    for (place, version) in fixed.iter().enumerate() {
        let newest = place == 0;
        let to = format!("{name} {}", version.normalised());
        let mut add = |tool, line| lines.push(Command { tool, to: to.clone(), line });
        match ecosystem {
            Ecosystem::PyPi => {
                // `~=` stays on the line of releases; it needs two numbers at least.
                let stays = !newest && version.normalised().contains('.');
                let wanted = format!("{name}{}{}", if stays { "~=" } else { ">=" }, version.normalised());
                add("pip", format!("python -m pip install --upgrade '{wanted}'"));
                add("uv", format!("uv add '{wanted}'"));
                add("conda", format!("conda install -c conda-forge '{wanted}'"));
            }
            _ => add("npm", format!("npm install '{name}@^{}'", version.normalised())),
        }
    }
    lines
}

/// The name and the version as a shell may see them, quoted or not; nothing where it could read anything else in them.
pub fn words(package: &Package, version: &Version) -> Option<(String, String)> {
    let name = package.name();
    let named = match package.ecosystem() {
        Ecosystem::PyPi => is_pypi_name(name),
        Ecosystem::Npm => is_npm_name(name),
        Ecosystem::Other(other) => other == "conda" && is_pypi_name(name.trim_start_matches('_')),
    };
    let version = version.normalised();
    (named && is_plain_version(&version)).then(|| (name.to_owned(), version))
}

fn is_plain_version(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
}

/// PEP 508: letters, digits, and `.`, `-`, `_` inside.
fn is_pypi_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    name.bytes().all(inner) && end(name.as_bytes().first()) && end(name.as_bytes().last())
}

/// npm: an optional scope, then letters, digits and `.`, `-`, `_`, `~`, starting with a letter or digit.
fn is_npm_name(name: &str) -> bool {
    let part = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_~".contains(&byte))
            && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
    };
    match name.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| part(scope) && part(name)),
        None => part(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{AffectedPackage, Event, EventKind, Range};

    fn lines(ecosystem: &str, name: &str, fixed: &[&str]) -> Vec<String> {
        let events = fixed
            .iter()
            .flat_map(|fixed| [Event::new(EventKind::Introduced, "0"), Event::new(EventKind::Fixed, *fixed)]);
        let affected = Affected {
            package: Some(AffectedPackage::new(ecosystem, name)),
            ranges: vec![Range::ecosystem(events.collect())],
            ..Affected::default()
        };
        commands(&affected).into_iter().map(|command| command.line).collect()
    }

    #[test]
    fn each_line_of_releases_gets_its_command() {
        assert_eq!(
            lines("PyPI", "JupyterLab", &["3.6.8", "4.2.5"]),
            [
                "python -m pip install --upgrade 'jupyterlab>=4.2.5'",
                "uv add 'jupyterlab>=4.2.5'",
                "conda install -c conda-forge 'jupyterlab>=4.2.5'",
                "python -m pip install --upgrade 'jupyterlab~=3.6.8'",
                "uv add 'jupyterlab~=3.6.8'",
                "conda install -c conda-forge 'jupyterlab~=3.6.8'",
            ]
        );
        assert_eq!(
            lines("npm", "@jupyterlab/help-extension", &["4.5.7"]),
            ["npm install '@jupyterlab/help-extension@^4.5.7'"]
        );
    }

    #[test]
    fn a_name_or_version_that_a_shell_could_run_gets_no_command() {
        for name in ["a'; rm -rf ~; '", "$(id)", "a b", "-e", "a\nb", ""] {
            assert!(
                lines("PyPI", name, &["1.0"]).is_empty() && lines("npm", name, &["1.0.0"]).is_empty(),
                "{name}"
            );
        }
        assert!(lines("PyPI", "a", &["1.0'; id; '", "not a version"]).is_empty());
        assert!(lines("Debian:12", "a", &["1.0"]).is_empty());
    }
}
