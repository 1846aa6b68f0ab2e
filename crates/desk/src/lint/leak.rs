//! Outgoing text before its time: CVE numbers, versions and details that must not be said yet (J16, J19, J22, J23, J27).
//!
//! A CVE number is private until the reporter is told; from then on until the announcement anybody may mention it with
//! the name of the software and nothing else; release notes before the announcement say nothing at all. Text is
//! compared without regard to case, kinds of dashes, invisible characters and line breaks. Findings name the place
//! and never repeat the secret.

use std::fmt;
use std::sync::LazyLock;

use bastide_model::{
    finding::{Confidence, Evidence, Finding, Level, Place, Status},
    rule::Rule,
};
use regex::Regex;
use serde::{Deserialize, Serialize};

/// What must not be said. Its `Debug` form shows counts only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Secrets {
    /// Numbers reserved for the case: CVE, and advisory numbers such as GHSA.
    pub cve_numbers: Vec<String>,
    /// Versions that are affected or fixed.
    pub versions: Vec<String>,
    /// Names of the software, which may be said with a number.
    pub software: Vec<String>,
    /// Words of the private tier: function names, sentences of the report, addresses of private forks.
    pub phrases: Vec<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Secrets(*** {} numbers, {} phrases)", self.cve_numbers.len(), self.phrases.len())
    }
}

/// What kind of text goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutgoingKind {
    /// A post, a mail to a list, a page, an issue.
    PublicText,
    /// Release notes, a change log, a commit message, the text of a pull request.
    ReleaseNotes,
}

/// How secret the CVE number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CveSecrecy {
    /// Reserved; only the case's team knows it (J19).
    Private,
    /// The reporter was told; it may be mentioned with the software's name only (J22, J23).
    Mentionable,
    /// The advisory is published.
    Published,
}

/// The rules of outgoing text.
pub const LEAK_RULES: &[Rule] = &[
    Rule {
        id: "LEAK-J16",
        title: "Private details stay private",
        why: "Details of the private tier help an attacker as long as people have not updated, and a reporter trusted the \
              desk with them. Some are never made public.",
        sources: &["J16"],
        severity: Level::Critical,
        remedy: "Take the passage out; the public text describes the effect in general words.",
        failing: "The flaw is in the helper parse_secret_header, see the private fork.",
        passing: "This release mends several problems.",
        run: |text| example("LEAK-J16", text, OutgoingKind::PublicText, CveSecrecy::Published),
    },
    Rule {
        id: "LEAK-J19",
        title: "A reserved CVE number is not mentioned",
        why: "The number is private until the reporter was told; a number that appears early shows that something is coming.",
        sources: &["J19", "J22"],
        severity: Level::High,
        remedy: "Take the number out, or tell the reporter first.",
        failing: "We are working on CVE-2030-12345.",
        passing: "We are working on a few things.",
        run: |text| example("LEAK-J19", text, OutgoingKind::PublicText, CveSecrecy::Private),
    },
    Rule {
        id: "LEAK-J23",
        title: "Before the announcement a CVE number stands with the software's name only",
        why: "Version numbers tell an attacker where to look for the change, and details what to look for.",
        sources: &["J22", "J23"],
        severity: Level::High,
        remedy: "Say the number and the name of the software, and nothing about versions or the kind of flaw.",
        failing: "CVE-2030-12345 in Example Server is fixed in 4.2.5.",
        passing: "CVE-2030-12345 concerns Example Server; details follow.",
        run: |text| example("LEAK-J23", text, OutgoingKind::PublicText, CveSecrecy::Mentionable),
    },
    Rule {
        id: "LEAK-J27",
        title: "Release notes say nothing before the announcement",
        why: "The quiet release gives administrators a week. Notes that speak of security take it from them.",
        sources: &["J27", "J26"],
        severity: Level::High,
        remedy: "Release without notes on this change; add them when the advisory is out.",
        failing: "4.2.5\n\n* Security fix in the header parser",
        passing: "4.2.5\n\n* Faster start of kernels",
        run: |text| example("LEAK-J27", text, OutgoingKind::ReleaseNotes, CveSecrecy::Mentionable),
    },
];

fn example(id: &str, text: &str, kind: OutgoingKind, secrecy: CveSecrecy) -> Vec<Finding> {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let secrets = Secrets {
        cve_numbers: texts(&["CVE-2030-12345"]),
        versions: texts(&["4.2.5"]),
        software: texts(&["Example Server"]),
        phrases: texts(&["parse_secret_header"]),
    };
    leak_lint(text, &secrets, kind, secrecy).into_iter().filter(|finding| finding.rule == id).collect()
}

/// Words that say what kind of flaw it is.
static DETAILS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(overflow|injection|traversal|bypass|xss|cross-site|csrf|ssrf|rce|remote code|code execution|denial of service|redos|use-after-free|out-of-bounds|escalation|deserialization|leaks?|affected versions?|fixed in|upgrade to|cvss|severity|cwe-\d+)\b")
        .expect("a constant pattern, compiled by the tests")
});

/// Words by which a release note gives itself away.
static SECURITY_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(cve(-\d{4}-\d{4,})?|ghsa-[0-9a-z-]+|security|vulnerabilit(y|ies)|vulnerable|exploit\w*|advisor(y|ies)|attackers?|embargo\w*)\b")
        .expect("a constant pattern, compiled by the tests")
});

/// Judges outgoing text of a case.
pub fn leak_lint(text: &str, secrets: &Secrets, kind: OutgoingKind, secrecy: CveSecrecy) -> Vec<Finding> {
    let plain = Plain::of(text);
    let mut findings = Vec::new();
    for line in plain.lines_with_any(&secrets.phrases, anywhere) {
        findings.push(finding(
            "LEAK-J16",
            line,
            "the text holds words of the private tier",
            Confidence::High,
        ));
    }
    if secrecy == CveSecrecy::Published {
        return findings;
    }
    let numbers = plain.lines_with_any(&secrets.cve_numbers, as_number);
    if kind == OutgoingKind::ReleaseNotes {
        for line in plain.lines_matching(&SECURITY_WORDS) {
            let message = "the release text speaks of security before the announcement";
            findings.push(finding("LEAK-J27", line, message, Confidence::Medium));
        }
    }
    match secrecy {
        CveSecrecy::Private => {
            for line in numbers {
                findings.push(finding(
                    "LEAK-J19",
                    line,
                    "the text holds a reserved number that is still private",
                    Confidence::High,
                ));
            }
        }
        // Versions and details are only a leak together with the number: an ordinary release note is full of them.
        CveSecrecy::Mentionable if !numbers.is_empty() => {
            for line in plain.lines_with_any(&secrets.versions, as_version) {
                findings.push(finding(
                    "LEAK-J23",
                    line,
                    "the text joins the CVE number with a version",
                    Confidence::High,
                ));
            }
            for line in plain.lines_matching(&DETAILS) {
                let message = "the text joins the CVE number with details of the flaw";
                findings.push(finding("LEAK-J23", line, message, Confidence::Medium));
            }
        }
        CveSecrecy::Mentionable | CveSecrecy::Published => {}
    }
    findings
}

fn finding(id: &str, line: u32, message: &str, confidence: Confidence) -> Finding {
    let rule = LEAK_RULES.iter().find(|rule| rule.id == id);
    Finding {
        rule: id.to_owned(),
        subject: "outgoing text".to_owned(),
        status: Status::Fail,
        severity: rule.map_or(Level::High, |rule| rule.severity),
        confidence,
        message: message.to_owned(),
        evidence: vec![Evidence { place: Place::line(line), text: String::new() }],
        remedy: rule.map_or("", |rule| rule.remedy).to_owned(),
    }
}

/// A text made comparable: lower case, one kind of dash, no invisible characters, one blank between words.
struct Plain {
    text: String,
    /// For each start of a line in `text`: its byte offset; the line's number is its index plus one.
    starts: Vec<usize>,
}

impl Plain {
    fn of(text: &str) -> Self {
        let mut plain = Self { text: String::with_capacity(text.len()), starts: vec![0] };
        for character in text.chars() {
            match character {
                '\n' => {
                    plain.blank();
                    plain.starts.push(plain.text.len());
                }
                '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}' => {}
                // Markup around a number or word hides nothing from a reader.
                '*' | '`' => {}
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => {
                    plain.text.push('-');
                }
                other if other.is_whitespace() => plain.blank(),
                other => plain.text.extend(other.to_lowercase()),
            }
        }
        plain
    }

    fn blank(&mut self) {
        if !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    /// The number of the line at a byte offset.
    fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// The lines on which any of these stands, if what goes on around it lets it stand.
    fn lines_with_any(&self, needles: &[String], stands: fn(&str, &str) -> bool) -> Vec<u32> {
        let mut lines: Vec<u32> = Vec::new();
        for needle in needles {
            let needle = Self::of(needle).text;
            let needle = needle.trim();
            // A phrase of two letters would be found everywhere.
            if needle.len() < 3 {
                continue;
            }
            // `CVE 2030 12345` and `cve_2030_12345` say the same as the number with dashes.
            let joints: &[&str] = if needle.starts_with("cve-") { &["-", " ", "_", ""] } else { &["-"] };
            for joint in joints {
                let spelled = if *joint == "-" { needle.to_owned() } else { needle.replace('-', joint) };
                let hits = self.text.match_indices(&spelled);
                let standing =
                    hits.filter(|(at, _)| stands(&self.text[..*at], &self.text[at + spelled.len()..]));
                lines.extend(standing.map(|(at, _)| self.line(at)));
            }
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    fn lines_matching(&self, pattern: &Regex) -> Vec<u32> {
        let mut lines: Vec<u32> =
            pattern.find_iter(&self.text).map(|found| self.line(found.start())).collect();
        lines.dedup();
        lines
    }
}

/// A phrase stands anywhere.
fn anywhere(_before: &str, _after: &str) -> bool {
    true
}

/// A number stands where no digit goes on: `CVE-2030-123456` is another one, `CVE-2030-12345.` is not.
fn as_number(_before: &str, after: &str) -> bool {
    !after.starts_with(|character: char| character.is_ascii_digit())
}

/// A version stands where it is no part of another: `4.2.5` is none of `14.2.5` and `4.2.51`.
fn as_version(before: &str, after: &str) -> bool {
    let goes_on = |first: Option<char>, second: Option<char>| match first {
        Some('.') => second.is_some_and(|character| character.is_ascii_digit()),
        Some(character) => character.is_ascii_digit(),
        None => false,
    };
    let (mut before, mut after) = (before.chars().rev(), after.chars());
    !goes_on(before.next(), before.next()) && !goes_on(after.next(), after.next())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets() -> Secrets {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Secrets {
            cve_numbers: texts(&["CVE-2030-12345", "GHSA-aaaa-bbbb-cccc"]),
            versions: texts(&["4.2.5", "4.2.4"]),
            software: texts(&["Example Server"]),
            phrases: texts(&["parse_secret_header", "a header with 70 semicolons"]),
        }
    }

    fn found(text: &str, kind: OutgoingKind, secrecy: CveSecrecy) -> Vec<(String, u32)> {
        let line = |finding: &Finding| finding.evidence[0].place.line.unwrap();
        leak_lint(text, &secrets(), kind, secrecy)
            .iter()
            .map(|finding| (finding.rule.clone(), line(finding)))
            .collect()
    }

    /// Proves: J19, J22, J23.
    #[test]
    fn the_number_is_private_then_mentionable_with_the_name_only_then_free() {
        use CveSecrecy::{Mentionable, Private, Published};
        let public = |text: &str, secrecy| found(text, OutgoingKind::PublicText, secrecy);
        let name_only = "CVE-2030-12345 concerns Example Server.";
        let with_version = "Example Server:\nCVE-2030-12345 is fixed\nin 4.2.5";
        assert_eq!(public(name_only, Private), [("LEAK-J19".to_owned(), 1)]);
        assert!(public(name_only, Mentionable).is_empty());
        assert_eq!(
            public(with_version, Mentionable),
            [("LEAK-J23".to_owned(), 3), ("LEAK-J23".to_owned(), 2)]
        );
        assert!(public(with_version, Published).is_empty());
        assert!(public("CVE-2030-12345, not 14.2.5 nor 4.2.51", Mentionable).is_empty());
        assert_eq!(public("CVE-2030-12345: a traversal", Mentionable).len(), 1);
    }

    /// Proves: J27.
    #[test]
    fn release_notes_before_the_announcement_say_nothing_of_security() {
        let notes = |text: &str, secrecy| found(text, OutgoingKind::ReleaseNotes, secrecy);
        assert!(notes("4.2.5\n\nFaster kernels; thanks to all.", CveSecrecy::Mentionable).is_empty());
        assert_eq!(
            notes("4.2.5\n\nFixes a vulnerability.", CveSecrecy::Mentionable),
            [("LEAK-J27".to_owned(), 3)]
        );
        assert!(notes("4.2.5\n\nFixes a vulnerability.", CveSecrecy::Published).is_empty());
    }

    /// Proves: J16.
    #[test]
    fn words_of_the_private_tier_are_found_across_lines_and_markup_and_never_repeated() {
        let text = "Sent: a `header`\n  with 70 **semicolons**.";
        let findings = leak_lint(text, &secrets(), OutgoingKind::PublicText, CveSecrecy::Published);
        assert_eq!(findings.len(), 1);
        assert!(!serde_json::to_string(&findings).unwrap().contains("semicolons"));
        assert!(!format!("{:?}", secrets()).contains("12345"));
    }

    #[test]
    fn other_spellings_of_a_number_are_found() {
        for text in [
            "cve-2030-12345",
            "CVE\u{2011}2030\u{2011}12345",
            "CVE 2030 12345",
            "CVE_2030_12345",
            "C\u{200b}VE-2030-12345",
        ] {
            assert_eq!(found(text, OutgoingKind::PublicText, CveSecrecy::Private).len(), 1, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_found_wherever_it_stands(before in "\\PC{0,40}", after in "[ .,;\n]\\PC{0,40}", dash in "[-\u{2010}-\u{2015}]") {
            let text = format!("{before} CVE{dash}2030{dash}12345{after}");
            let rules = found(&text, OutgoingKind::PublicText, CveSecrecy::Private);
            prop_assert!(rules.iter().any(|(rule, _)| rule == "LEAK-J19"), "{text:?}");
        }
    }
}
