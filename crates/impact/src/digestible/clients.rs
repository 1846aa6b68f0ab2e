//! Rules about what clients do with a record: does a user of pip-audit learn what to install?

use bastide_model::{
    finding::Level,
    package::{Ecosystem, Package},
    rule::Rule,
    version::Version,
};

use super::{ServedRule, items, pypi, run};

pub(super) const PACKAGE: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-PACKAGE",
        title: "Beside an affected package stands no entry without one",
        why: "pip-audit looks for the package in every entry of a record that it is given, and stops with an error at one that \
              has none. A record of commits alone reaches it never; a record of both takes it down.",
        sources: &["OSV affected[].package", "pip-audit KeyError"],
        severity: Level::High,
        remedy: "Put the range of commits beside the package's range, in one entry.",
        failing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1"]},
            {"ranges": [{"type": "GIT", "repo": "https://example.org/a", "events": [{"introduced": "0"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "GIT", "repo": "https://example.org/a", "events": [{"introduced": "0"}]}]}]}"#,
        run: |example| run("OSV-PACKAGE", example),
    },
    check: |document| {
        if pypi(document).is_empty() {
            return Vec::new();
        }
        let without =
            items(document, "", "affected").into_iter().filter(|(_, one)| !one["package"].is_object());
        without
            .map(|(place, _)| (format!("{place}.package"), "This entry names no package.".to_owned()))
            .collect()
    },
};

pub(super) const NAME: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-NAME",
        title: "A served PyPI package has its normalised name",
        why: "pip-audit compares the name letter by letter when it looks for the version to go to: its users learn that they are \
              affected, and not what mends it.",
        sources: &["PEP 503", "pip-audit"],
        severity: Level::Medium,
        remedy: "Write the name in small letters with dashes: jupyter-server.",
        failing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "Jupyter_Server"}}]}"#,
        passing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "jupyter-server"}}]}"#,
        run: |example| run("OSV-NAME", example),
    },
    check: |document| {
        let odd = pypi(document).into_iter().filter(|(_, one)| {
            let name = one["package"]["name"].as_str();
            name.is_none_or(|name| Package::new(Ecosystem::PyPi, name).name() != name)
        });
        odd.map(|(place, _)| (format!("{place}.package.name"), "The name is not normalised.".to_owned()))
            .collect()
    },
};

pub(super) const FIXED: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-FIXED",
        title: "Each fixing version of a PyPI package is a version of PEP 440",
        why: "pip-audit reads every `fixed` of a PyPI package by PEP 440 and stops with an error at one that is none.",
        sources: &["PEP 440", "pip-audit InvalidVersion"],
        severity: Level::High,
        remedy: "Write the version as PyPI shows it: 4.2.5, 4.3.0rc1.",
        failing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "v1-final"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0"}]}]}]}"#,
        run: |example| run("OSV-FIXED", example),
    },
    check: |document| {
        let affected = pypi(document);
        let ranges = affected.iter().flat_map(|(place, one)| items(one, &format!("{place}."), "ranges"));
        let events = ranges
            .filter(|(_, range)| range["type"] == "ECOSYSTEM")
            .flat_map(|(place, range)| items(range, &format!("{place}."), "events"));
        let bad = events.filter(|(_, event)| {
            let fixed = event.get("fixed");
            fixed.is_some_and(|text| {
                text.as_str().is_none_or(|text| Version::parse(&Ecosystem::PyPi, text).is_err())
            })
        });
        bad.map(|(place, _)| (format!("{place}.fixed"), "This is no version of PEP 440.".to_owned()))
            .collect()
    },
};

pub(super) const RANGES: ServedRule = ServedRule {
    rule: Rule {
        id: "OSV-RANGES",
        title: "A PyPI package has one range of versions in each entry",
        why: "pip-audit reads the first ECOSYSTEM range of an entry and no other: fixes that stand in a second one are not shown.",
        sources: &["pip-audit"],
        severity: Level::Low,
        remedy: "Put all events into one range; OSV sorts them into intervals.",
        failing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "ranges": [
            {"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"fixed": "1.5"}]},
            {"type": "ECOSYSTEM", "events": [{"introduced": "2"}, {"fixed": "2.5"}]}]}]}"#,
        passing: r#"{"id": "x_T-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "ranges": [
            {"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"fixed": "1.5"}, {"introduced": "2"}, {"fixed": "2.5"}]}]}]}"#,
        run: |example| run("OSV-RANGES", example),
    },
    check: |document| {
        let several = pypi(document).into_iter().filter(|(place, one)| {
            let ranges = items(one, place, "ranges");
            ranges.iter().filter(|(_, range)| range["type"] == "ECOSYSTEM").count() > 1
        });
        several
            .map(|(place, _)| {
                (format!("{place}.ranges"), "Only the first of several ranges is read.".to_owned())
            })
            .collect()
    },
};
