//! Rules about ids, severity, references and thanks.

use bastide_model::{finding::Level, rule::Rule};

use super::{AdvisoryRule, Complaint, run};
use crate::{
    cwe,
    record::{Consent, is_cve_id},
};

pub(super) const CVE_FORMAT: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-CVE-FORMAT",
        title: "A CVE id looks like one",
        why: "A misspelt number leads readers and tools to another vulnerability or to none, and it can never be taken back \
              from the copies.",
        sources: &["CVE 5.2 cveId", "J22"],
        severity: Level::High,
        remedy: "Copy the number from its reservation: CVE, a year of four digits, a number of at least four.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "aliases": ["CVE-24-43805"]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "aliases": ["CVE-2024-43805"]}"#,
        run: |example| run("ADV-CVE-FORMAT", example),
    },
    check: |advisory| {
        let lists = [
            ("aliases", &advisory.aliases),
            ("related", &advisory.related),
            ("upstream", &advisory.upstream),
        ];
        let mut out = Vec::new();
        for (name, ids) in lists {
            for (index, id) in ids.iter().enumerate() {
                let says_cve = id.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("cve"));
                if says_cve && !is_cve_id(id) {
                    out.push(Complaint::new(format!("{name}[{index}]"), format!("`{id}` is not a CVE id.")));
                }
            }
        }
        out
    },
};

pub(super) const CVE_MISSING: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-CVE-MISSING",
        title: "The vulnerability has a CVE id",
        why: "Distributions, scanners and auditors find each other by it; without one the same vulnerability is counted \
              several times or not at all.",
        sources: &["J19", "J21", "P29"],
        severity: Level::Low,
        remedy: "Reserve an id before publishing, or say in the case why there is none (a version that is not eligible).",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "aliases": ["GHSA-9q39-rmj3-p4r2"]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "aliases": ["CVE-2024-43805"]}"#,
        run: |example| run("ADV-CVE-MISSING", example),
    },
    check: |advisory| Complaint::when(advisory.cve_ids().is_empty(), "aliases", "There is no CVE id."),
};

pub(super) const SEVERITY: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-SEVERITY",
        title: "The severity is assessed",
        why: "Whoever has a hundred advisories in the morning sorts by it; without one they take a stranger's guess.",
        sources: &["P20", "CVSS v4.0"],
        severity: Level::Medium,
        remedy: "Score it with CVSS v4.0 (the desk does, not the reporter) and copy the vector.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z"}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "severity": [{"type": "CVSS_V4",
            "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}]}"#,
        run: |example| run("ADV-SEVERITY", example),
    },
    check: |advisory| {
        let somewhere = !advisory.severities.is_empty()
            || advisory.affected.iter().any(|affected| !affected.severities.is_empty());
        Complaint::when(!somewhere, "severities", "There is no severity.")
    },
};

pub(super) const WEAKNESS: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-CWE",
        title: "The weakness is named by its CWE id",
        why: "The kind of weakness tells maintainers of similar code where to look, and CVE records ask for it.",
        sources: &["CVE 5.2 problemTypes", "CWE 4.17"],
        severity: Level::Low,
        remedy: "Take the most precise weakness of the CWE list, such as CWE-79 for cross-site scripting.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "database_specific": {"cwe_ids": ["CWE-999999"]}}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "database_specific": {"cwe_ids": ["CWE-79"]}}"#,
        run: |example| run("ADV-CWE", example),
    },
    check: |advisory| {
        if advisory.cwe_ids.is_empty() {
            return vec![Complaint::new("cwe_ids", "No weakness is named.")];
        }
        let unknown = advisory.cwe_ids.iter().enumerate().filter(|(_, id)| cwe::name(id).is_none());
        unknown
            .map(|(index, id)| {
                Complaint::new(format!("cwe_ids[{index}]"), format!("`{id}` is not in the CWE list."))
            })
            .collect()
    },
};

pub(super) const REFERENCE: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-REFERENCE",
        title: "There is a reference",
        why: "A CVE record must have one, and readers want to check the fix for themselves.",
        sources: &["CVE 5.2 references", "P29"],
        severity: Level::Medium,
        remedy: "Add the address of the fix (type FIX) or of the announcement (type ADVISORY).",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z"}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "references": [{"type": "FIX", "url": "https://example.org/commit/1"}]}"#,
        run: |example| run("ADV-REFERENCE", example),
    },
    check: |advisory| Complaint::when(advisory.references.is_empty(), "references", "There is no reference."),
};

pub(super) const CONSENT: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-CONSENT",
        title: "Everybody who is named agreed to be named",
        why: "A published name cannot be unpublished. Formats show only those who agreed; a name that waits or refused has no \
              place in a record that is about to be public.",
        sources: &["J07", "J17"],
        severity: Level::High,
        remedy: "Ask, and record the answer; take out the names of those who refused.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "credits": [{"name": "reporter-a", "type": "REPORTER", "consent": "pending"}]}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z",
            "credits": [{"name": "reporter-a", "type": "REPORTER", "consent": "given"}]}"#,
        run: |example| run("ADV-CONSENT", example),
    },
    check: |advisory| {
        let waiting =
            advisory.credits.iter().enumerate().filter(|(_, credit)| credit.consent != Consent::Given);
        waiting
            .map(|(index, credit)| {
                let state = if credit.consent == Consent::Refused {
                    "refused to be named"
                } else {
                    "was not asked or did not answer"
                };
                Complaint::new(format!("credits[{index}]"), format!("The person in this credit {state}."))
            })
            .collect()
    },
};

pub(super) const THANKS: AdvisoryRule = AdvisoryRule {
    rule: Rule {
        id: "ADV-THANKS",
        title: "Somebody is thanked",
        why: "Reporters, developers and others who identify and report are acknowledged; it is often all that they get.",
        sources: &["J07", "P29"],
        severity: Level::Info,
        remedy: "Add a credit for each who agreed; leave it if nobody wants to be named.",
        failing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z"}"#,
        passing: r#"{"id": "x_T-1", "modified": "2024-01-01T00:00:00Z", "credits": [{"name": "reporter-a", "type": "REPORTER"}]}"#,
        run: |example| run("ADV-THANKS", example),
    },
    check: |advisory| Complaint::when(advisory.credits.is_empty(), "credits", "Nobody is thanked."),
};
