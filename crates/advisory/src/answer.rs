//! "Am I affected?": one installed version held against an advisory, with what decided it.

use bastide_model::version::{Verdict, Version};

use crate::{
    Advisory,
    record::{Affected, AffectedPackage, RangeKind},
};

/// The answer to "am I affected?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Affected, not affected, or not to be told.
    pub verdict: Verdict,
    /// What decided it, in a sentence each: a range, a listed version, or why it cannot be told.
    pub because: Vec<String>,
    /// The versions that mend it, as the advisory names them; only where the answer is not "not affected".
    pub fixed: Vec<String>,
}

/// The packages that an advisory names, each once, as `ECOSYSTEM:NAME`.
pub fn packages(advisory: &Advisory) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in advisory.affected.iter().filter_map(|affected| affected.package.as_ref()).map(name_of) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn name_of(package: &AffectedPackage) -> String {
    format!("{}:{}", package.ecosystem, package.name)
}

/// Whether this version of this package is affected. The package is one of [`packages`], or a bare name, which is looked
/// for in every ecosystem that the advisory names. What cannot be compared is never "not affected".
pub fn answer(advisory: &Advisory, package: &str, version: &str) -> Answer {
    let (package, version) = (package.trim(), version.trim());
    if advisory.withdrawn.is_some() {
        let why = "The advisory was withdrawn: nothing is known to be affected.".to_owned();
        return Answer { verdict: Verdict::No, because: vec![why], fixed: Vec::new() };
    }
    let entries: Vec<&Affected> = advisory.affected.iter().filter(|entry| is_about(entry, package)).collect();
    if entries.is_empty() {
        let known = packages(advisory).join(", ");
        let why = if known.is_empty() {
            "The advisory names no package; read its description.".to_owned()
        } else {
            format!("The advisory does not name this package. It is about {known}.")
        };
        return Answer { verdict: Verdict::Unknown, because: vec![why], fixed: Vec::new() };
    }
    let judged: Vec<(Verdict, Vec<String>)> = entries.iter().map(|entry| judge(entry, version)).collect();
    let verdict = Verdict::any(judged.iter().map(|(verdict, _)| *verdict));
    let mut because: Vec<String> = Vec::new();
    for line in judged.into_iter().filter(|(own, _)| *own == verdict).flat_map(|(_, lines)| lines) {
        if !because.contains(&line) {
            because.push(line);
        }
    }
    let mut fixed: Vec<String> = Vec::new();
    if verdict != Verdict::No {
        for version in entries.iter().flat_map(|entry| entry.fixed_versions()) {
            if !fixed.iter().any(|known| known == version) {
                fixed.push(version.to_owned());
            }
        }
    }
    Answer { verdict, because, fixed }
}

fn is_about(entry: &Affected, asked: &str) -> bool {
    let Some(package) = &entry.package else { return false };
    let (ecosystem, name) = match asked.split_once(':') {
        Some((ecosystem, name)) if ecosystem == package.ecosystem => (ecosystem, name),
        _ => (package.ecosystem.as_str(), asked),
    };
    AffectedPackage::new(ecosystem, name).package() == package.package()
}

/// One entry's verdict with what decided it.
fn judge(entry: &Affected, asked: &str) -> (Verdict, Vec<String>) {
    let ecosystem = entry.ecosystem();
    let version = match Version::parse(&ecosystem, asked) {
        Ok(version) => version,
        Err(error) => return (Verdict::Unknown, vec![format!("{error}.")]),
    };
    let verdict = entry.affects(&version);
    if entry.versions.iter().any(|listed| {
        listed == version.as_str() || Version::parse(&ecosystem, listed).is_ok_and(|listed| listed == version)
    }) {
        return (verdict, vec![format!("{version} is listed as affected.")]);
    }
    let mut lines = Vec::new();
    for range in entry.ranges.iter().filter(|range| range.kind != RangeKind::Git) {
        match range.intervals(&ecosystem) {
            Ok(intervals) => {
                for interval in intervals {
                    let held = interval.contains(&version);
                    let line = match held {
                        Verdict::Yes => format!("{version} is in the affected range {interval}."),
                        Verdict::No => format!("{version} is not in the affected range {interval}."),
                        Verdict::Unknown => {
                            format!("{version} cannot be compared with the range {interval}.")
                        }
                    };
                    if held == verdict {
                        lines.push(line);
                    }
                }
            }
            Err(_) => lines.push("A range of the advisory cannot be read; see its OSV document.".to_owned()),
        }
    }
    if lines.is_empty() {
        lines.push(if verdict == Verdict::No {
            format!("{version} is not among the versions listed as affected.")
        } else {
            "The advisory names commits only; compare your build with them.".to_owned()
        });
    }
    (verdict, lines)
}

#[cfg(test)]
mod tests {
    use bastide_model::time::Instant;

    use super::*;
    use crate::record::{Event, EventKind, Range};

    fn advisory(ecosystem: &str, name: &str, pairs: &[(&str, &str)]) -> Advisory {
        let events = pairs.iter().flat_map(|(from, to)| {
            [Event::new(EventKind::Introduced, *from), Event::new(EventKind::Fixed, *to)]
        });
        Advisory {
            affected: vec![Affected {
                package: Some(AffectedPackage::new(ecosystem, name)),
                ranges: vec![Range::ecosystem(events.collect())],
                ..Affected::default()
            }],
            ..Advisory::draft("x_test-1", Instant::EPOCH)
        }
    }

    #[test]
    fn the_range_that_decided_is_named() {
        let record = advisory("PyPI", "JupyterLab", &[("3.0.0", "3.6.8"), ("4.0.0", "4.2.5")]);
        for (version, verdict, because) in [
            ("4.2.4", Verdict::Yes, "4.2.4 is in the affected range >= 4.0.0, < 4.2.5."),
            ("4.2.5rc1", Verdict::Yes, "4.2.5rc1 is in the affected range >= 4.0.0, < 4.2.5."),
            ("4.2.5", Verdict::No, "4.2.5 is not in the affected range >= 3.0.0, < 3.6.8."),
            ("3.7", Verdict::No, "3.7 is not in the affected range >= 3.0.0, < 3.6.8."),
            ("banana", Verdict::Unknown, "`banana` is not a version of an PyPI package"),
            ("", Verdict::Unknown, "`` is not a version of an PyPI package: it has 0 bytes"),
        ] {
            let found = answer(&record, "PyPI:JupyterLab", version);
            assert_eq!(found.verdict, verdict, "{version}: {:?}", found.because);
            assert!(found.because[0].starts_with(because), "{version}: {:?}", found.because);
            assert_eq!(found.fixed.is_empty(), verdict == Verdict::No, "{version}");
        }
    }

    #[test]
    fn a_name_is_found_in_every_spelling_of_its_ecosystem_and_another_package_is_never_called_safe() {
        let record = advisory("PyPI", "Jupyter_Server", &[("0", "2.0")]);
        for name in ["jupyter-server", "PyPI:jupyter.server", " JUPYTER_SERVER "] {
            assert_eq!(answer(&record, name, "1.0").verdict, Verdict::Yes, "{name}");
        }
        for name in ["jupyter", "npm:jupyter-server", ""] {
            let found = answer(&record, name, "1.0");
            assert_eq!(found.verdict, Verdict::Unknown, "{name}");
        }
        let npm = advisory("npm", "@jupyterlab/a", &[("4.0.0", "4.2.5")]);
        assert_eq!(answer(&npm, "@jupyterlab/a", "4.2.5-rc.1").verdict, Verdict::Yes);
        assert_eq!(answer(&npm, "@jupyterlab/a", "4.2").verdict, Verdict::Unknown, "no whole SemVer version");
    }

    #[test]
    fn what_cannot_be_compared_is_unknown_and_a_withdrawn_advisory_affects_nobody() {
        let debian = advisory("Debian:12", "x", &[("1.0", "2.0")]);
        assert_eq!(answer(&debian, "x", "1.5").verdict, Verdict::Unknown);
        assert_eq!(answer(&debian, "x", "1.0").verdict, Verdict::Yes, "an end of the range is known");
        let mut gone = advisory("PyPI", "x", &[("0", "2.0")]);
        gone.withdrawn = Some(Instant::EPOCH);
        assert_eq!(answer(&gone, "x", "1.5").verdict, Verdict::No);
    }
}
