//! Rules about what is affected: can a machine tell who is, and what to install?

use bastide_model::{
    finding::Level,
    package::Ecosystem,
    rule::Rule,
    version::{AffectedRange, RangeEnd, Verdict, Version},
};

use super::{AdvisoryRule, Complaint, run};
use crate::{
    Advisory,
    record::{Affected, EventKind, RangeKind},
};

pub(super) const NOTHING: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-AFFECTED",
        title: "Something is affected",
        why: "An advisory that names no product reaches nobody: no scanner matches it, and CSAF and CVE cannot say it.",
        sources: &["CSAF 2.0 profile 4", "CVE 5.2 affected", "J15"],
        severity: Level::High,
        remedy: "Add at least one affected package with its range.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z"}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "jupyterlab"}}]}"#,
        run: |example| run("ADV-AFFECTED", example),
    },
    check: |advisory| {
        Complaint::when(advisory.affected.is_empty(), "affected", "Nothing is named as affected.")
    },
};

pub(super) const PACKAGE: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-PACKAGE",
        title: "Each affected entry names its package",
        why: "Scanners match by package. pip-audit stops with an error on an entry without one, and then reports nothing at \
              all for its user.",
        sources: &["OSV affected[].package", "pip-audit"],
        severity: Level::High,
        remedy: "Name ecosystem and package. An entry of commits alone belongs beside the package's range.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "affected": [{"versions": ["1.0"]}]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "jupyterlab"}, "versions": ["1.0"]}]}"#,
        run: |example| run("ADV-PACKAGE", example),
    },
    check: |advisory| {
        let without = advisory.affected.iter().enumerate().filter(|(_, affected)| affected.package.is_none());
        without
            .map(|(index, _)| Complaint::new(format!("affected[{index}].package"), "No package is named."))
            .collect()
    },
};

pub(super) const NAME: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-NAME",
        title: "A PyPI package has its normalised name",
        why: "pip-audit compares names letter by letter when it looks for fixed versions: `Jupyter_Server` is found as \
              affected, but without a version to go to.",
        sources: &["PEP 503", "pip-audit"],
        severity: Level::Medium,
        remedy: "Write the name in lower case with dashes: jupyter-server.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "Jupyter_Server"}}]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "jupyter-server"}}]}"#,
        run: |example| run("ADV-NAME", example),
    },
    check: |advisory| {
        let mut out = Vec::new();
        for (index, affected) in advisory.affected.iter().enumerate() {
            if let Some(package) = &affected.package
                && package.ecosystem() == Ecosystem::PyPi
                && package.package().name() != package.name
            {
                let message = format!("`{}` is written `{}`.", package.name, package.package().name());
                out.push(Complaint::new(format!("affected[{index}].package.name"), message));
            }
        }
        out
    },
};

pub(super) const VERSION: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-VERSION",
        title: "Each version is one of its ecosystem",
        why: "A version that the ecosystem's rules cannot read is compared by luck or not at all; pip-audit and uv stop on it.",
        sources: &["PEP 440", "SemVer 2.0", "J27"],
        severity: Level::High,
        remedy: "Write PyPI versions by PEP 440 (4.3.0rc1) and npm versions by SemVer (4.3.0-rc.1).",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "a"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.2"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "npm", "name": "a"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "4.2.0"}]}]}]}"#,
        run: |example| run("ADV-VERSION", example),
    },
    check: unreadable_versions,
};

fn unreadable_versions(advisory: &Advisory) -> Vec<Complaint> {
    let mut out = Vec::new();
    for (index, affected) in advisory.affected.iter().enumerate() {
        let ecosystem = affected.ecosystem();
        let mut check = |field: String, ecosystem: &Ecosystem, text: &str| {
            if let Err(error) = Version::parse(ecosystem, text) {
                out.push(Complaint::new(field, error.to_string()));
            }
        };
        for (place, version) in affected.versions.iter().enumerate() {
            check(format!("affected[{index}].versions[{place}]"), &ecosystem, version);
        }
        for (number, range) in
            affected.ranges.iter().enumerate().filter(|(_, range)| range.kind != RangeKind::Git)
        {
            let scheme = if range.kind == RangeKind::Semver { &Ecosystem::Npm } else { &ecosystem };
            for (place, event) in range.events.iter().enumerate() {
                let special = matches!(
                    (event.kind, event.version.as_str()),
                    (EventKind::Introduced, "0") | (EventKind::Limit, "*")
                );
                if !special {
                    check(
                        format!("affected[{index}].ranges[{number}].events[{place}]"),
                        scheme,
                        &event.version,
                    );
                }
            }
        }
    }
    out
}

pub(super) const RANGE: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-RANGE",
        title: "Each range holds at least its first version",
        why: "A range whose fix comes before its beginning says that nothing is affected; mostly two numbers were exchanged.",
        sources: &["OSV evaluation"],
        severity: Level::High,
        remedy: "Check both ends: `introduced` is the first affected version, `fixed` the first that is not.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "4.0"}, {"fixed": "3.9"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "3.9"}, {"fixed": "4.0"}]}]}]}"#,
        run: |example| run("ADV-RANGE", example),
    },
    check: |advisory| {
        let mut out = Vec::new();
        for (index, affected) in advisory.affected.iter().enumerate() {
            let ranges = affected.ranges.iter().enumerate().filter(|(_, range)| range.kind != RangeKind::Git);
            for (number, range) in ranges {
                let intervals = range.intervals(&affected.ecosystem()).unwrap_or_default();
                let ends = range.events.iter().filter(|event| event.kind != EventKind::Introduced).count();
                let closed = intervals.iter().filter(|interval| interval.end != RangeEnd::Open).count();
                // Sorted by version, an end that comes first closes nothing.
                if intervals.iter().any(is_empty) || (ends > 0 && closed == 0) {
                    let field = format!("affected[{index}].ranges[{number}]");
                    out.push(Complaint::new(field, "The range ends before it begins."));
                }
            }
        }
        out
    },
};

fn is_empty(interval: &AffectedRange) -> bool {
    interval.introduced.as_ref().is_some_and(|first| interval.contains(first) == Verdict::No)
}

pub(super) const FIXED: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-FIXED",
        title: "No fixed version is itself affected",
        why: "Tools tell people to install the fixed version. If another range or the list of versions calls it affected, the \
              same advisory warns them again.",
        sources: &["OSV evaluation", "CSAF 2.0 test 6.1.6"],
        severity: Level::High,
        remedy: "Make ranges and versions agree; take the fixed version out of the list.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1.0", "1.1"],
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1.0"],
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}]}"#,
        run: |example| run("ADV-FIXED", example),
    },
    check: |advisory| {
        let mut out = Vec::new();
        for (index, affected) in advisory.affected.iter().enumerate() {
            for fixed in affected.fixed_versions() {
                let Ok(version) = Version::parse(&affected.ecosystem(), fixed) else { continue };
                let same = |other: &&Affected| {
                    let names =
                        |one: &Affected| one.package.as_ref().map(crate::record::AffectedPackage::package);
                    names(other) == names(affected)
                };
                if advisory.affected.iter().filter(same).any(|other| other.affects(&version) == Verdict::Yes)
                {
                    out.push(Complaint::new(
                        format!("affected[{index}]"),
                        format!("`{fixed}` is called fixed and affected."),
                    ));
                }
            }
        }
        out
    },
};

pub(super) const REMEDY: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-REMEDY",
        title: "Each affected package has a fixed version or a workaround",
        why: "Disclosure without a fix can be right (after 90 days it is the rule), but people must then be told what they \
              can do meanwhile.",
        sources: &["J05", "J06", "O04"],
        severity: Level::High,
        remedy: "Name the fixed version, or describe a workaround; if there is none, say what to watch or to switch off.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "database_specific": {"bastide": {"workaround": "Disable the extension."}},
            "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}"#,
        run: |example| run("ADV-REMEDY", example),
    },
    check: |advisory| {
        if advisory.workaround.as_deref().is_some_and(|text| !text.trim().is_empty()) {
            return Vec::new();
        }
        let fixes = |affected: &Affected| {
            affected
                .ranges
                .iter()
                .any(|range| range.events.iter().any(|event| event.kind == EventKind::Fixed))
        };
        let without = advisory.affected.iter().enumerate().filter(|(_, affected)| !fixes(affected));
        let message = "There is no fixed version and no workaround.";
        without.map(|(index, _)| Complaint::new(format!("affected[{index}]"), message)).collect()
    },
};
