//! Every rule on its examples, whole reports under the built-in policies, and speed.

use std::sync::LazyLock;

use bastide_model::{finding::Status, rule::Registry, time::Instant};
use proptest::prelude::*;

use super::*;
use crate::policy::Disposition;

static LINTER: LazyLock<Linter> = LazyLock::new(|| Linter::for_builtin("cpython").unwrap());

fn now() -> Instant {
    "2025-06-01T00:00:00Z".parse().unwrap()
}

/// A report that keeps every rule of the strictest built-in policy.
const GOOD: &str = "\
Title: http.cookies accepts a control character in a name
Threat model: remote data gives a wrong value to the program
Cites: remote-data
Real world: web servers read cookies from anybody
Launch conditions: no
Availability: no
Dependency: none
Fixed on main: no
Platform dependent: no
Tested versions: 3.12.4 vulnerable, 3.13.1 vulnerable, main not vulnerable
Credit: Reporter A
Credit consent: yes
Patch: see the pull request text below
Proof of concept: import sys; sys.exit(1 if vulnerable() else 0)

A cookie's name with a control character in it is accepted, and a server behind a proxy takes it for another name.
So any client can set a cookie that the proxy meant to refuse.
";

fn read(text: &str) -> ReportDraft {
    ReportDraft::from_text(text.as_bytes(), Kind::Text).unwrap()
}

fn failing_rules(report: &LintReport) -> Vec<&str> {
    let failures = report.findings.iter().filter(|judged| judged.finding.is_failure());
    failures.map(|judged| judged.finding.rule.as_str()).collect()
}

/// Proves: P02, P03, P04, P05, P06, P07, P08, P09, P10, P11, P12, P13, P14, P15, P16, P17, P18, P19, P20, P21, P22,
/// P23, P24, P25, P26, S07, J16, J19, J23, J27.
#[test]
fn every_rule_finds_its_failing_example_and_passes_its_passing_one() {
    let registry = Registry::new(&[RULES, LEAK_RULES]).unwrap();
    for rule in registry.rules() {
        let failing = (rule.run)(rule.failing);
        assert!(
            failing.iter().any(|finding| finding.status == Status::Fail),
            "{}: the failing example passes",
            rule.id
        );
        let passing = (rule.run)(rule.passing);
        let failures: Vec<_> = passing.iter().filter(|finding| finding.status == Status::Fail).collect();
        assert!(failures.is_empty(), "{}: the passing example fails: {failures:?}", rule.id);
        for finding in failing {
            assert_eq!(finding.rule, rule.id);
            assert!(!finding.remedy.is_empty() && !finding.evidence.is_empty(), "{}", rule.id);
        }
        assert!(!rule.why.is_empty() && !rule.sources.is_empty());
    }
    println!("{} lint rules, each with its two examples", registry.rules().len());
}

/// What each rule's own failing example leads to under the policy whose rule it is.
///
/// Proves: P02, P03, P04, P05, P06, P07, P08, P09, P10, P12, P13, P14, P15, P16, P17, P18, P19, P20, P21, P22, P23, P24,
/// P25, S07.
#[test]
fn what_is_missing_holds_a_report_what_is_doubtful_warns_and_what_is_welcome_is_recorded() {
    use Disposition::{Block, Hold, Record, Warn};
    let table = [
        ("REP-P02", Hold),
        ("REP-P03", Warn),
        ("REP-P04", Warn),
        ("REP-P05", Warn),
        ("REP-P06", Hold),
        ("REP-P07", Hold),
        ("REP-P08", Hold),
        ("REP-P09", Warn),
        ("REP-P10", Warn),
        ("REP-P12", Warn),
        ("REP-P13", Hold),
        ("REP-P14", Warn),
        ("REP-P15", Warn),
        ("REP-P16", Record),
        ("REP-P17", Hold),
        ("REP-P18", Record),
        ("REP-P19", Hold),
        ("REP-P20", Warn),
        ("REP-P21", Record),
        ("REP-P22", Hold),
        ("REP-P23", Block),
        ("REP-P24", Block),
        ("REP-P25", Warn),
        ("REP-S07", Warn),
    ];
    let scipy = Linter::for_builtin("scipy").unwrap();
    for (id, expected) in table {
        let rule = RULES.iter().find(|rule| rule.id == id).unwrap();
        let kind = if rule.failing.starts_with("From:") { Kind::Mail } else { Kind::Text };
        let draft = ReportDraft::from_text(rule.failing.as_bytes(), kind).unwrap();
        let linter = if id == "REP-S07" { &scipy } else { &*LINTER };
        let report = linter.lint(&draft, now());
        let judged = report.findings.iter().find(|judged| judged.finding.rule == id).unwrap();
        assert_eq!(judged.disposition, expected, "{id}");
    }
}

/// Proves: P07, P22, S07.
#[test]
fn each_required_answer_is_missed_by_its_own_name() {
    let scipy = Linter::for_builtin("scipy").unwrap();
    let fields = |linter: &Linter, rule: &str, text: &str| -> Vec<String> {
        let report = linter.lint(&read(&format!("Title: x\n{text}\n\nIt stops.\n")), now());
        let found = report.findings.into_iter().filter(|judged| judged.finding.rule == rule);
        found.filter_map(|judged| judged.finding.evidence[0].place.field.clone()).collect()
    };
    let both = ["answers.input-size", "answers.use-case"];
    assert_eq!(fields(&LINTER, "REP-P07", "Availability: yes"), both);
    assert_eq!(fields(&LINTER, "REP-P07", "Availability: yes\nInput size: 2 kB"), both[1..]);
    assert_eq!(fields(&LINTER, "REP-P07", "Availability: yes\nUse case: a header"), both[..1]);
    assert_eq!(fields(&LINTER, "REP-P22", "Credit: Reporter A"), ["tested-versions"]);
    let asked = ["answers.attack-vector", "answers.freely-executes"];
    assert_eq!(fields(&scipy, "REP-S07", "Credit: Reporter A"), asked);
    assert_eq!(fields(&scipy, "REP-S07", "Attack vector: a mirror"), asked[1..]);
    assert_eq!(fields(&scipy, "REP-S07", "Freely executes: no"), asked[..1]);
}

#[test]
fn a_good_report_passes_the_strictest_policy() {
    let report = Linter::for_builtin("cpython").unwrap().lint(&read(GOOD), now());
    assert_eq!(failing_rules(&report), Vec::<&str>::new());
    assert_eq!(report.disposition, None);
    assert!(matches!(report.eligibility, Some(crate::project::Eligibility::Eligible { .. })));
}

/// Proves: O05.
#[test]
fn the_same_report_is_held_by_one_policy_and_warned_about_by_another() {
    let draft = read("Title: A problem\n\nA notebook shows its token to another site.\n");
    let cpython = Linter::for_builtin("cpython").unwrap().lint(&draft, now());
    assert_eq!(cpython.disposition, Some(Disposition::Hold));
    let jupyter = Linter::for_builtin("jupyter").unwrap().lint(&draft, now());
    assert_eq!(jupyter.disposition, Some(Disposition::Warn));
}

/// Proves: P23, P24.
#[test]
fn a_program_that_is_named_like_a_text_is_blocked() {
    let mut draft = read(GOOD);
    draft.attachments.push(Attachment { name: "notes.txt".to_owned(), bytes: b"\x7fELF\x02\x01".to_vec() });
    let report = Linter::for_builtin("cpython").unwrap().lint(&draft, now());
    assert_eq!(report.disposition, Some(Disposition::Block));
    assert_eq!(failing_rules(&report), ["REP-P23", "REP-P24"]);
    assert_eq!(report.findings[0].finding.evidence[0].place.field.as_deref(), Some("attachments[0]"));
}

/// Proves: P17, P20.
#[test]
fn later_messages_are_judged_for_length_and_files_and_may_speak_of_severity() {
    let linter = Linter::for_builtin("cpython").unwrap();
    let mut message = ReportDraft {
        body: "Severity: high, as you said.\n\n## Summary\n".to_owned(),
        ..ReportDraft::default()
    };
    assert_eq!(failing_rules(&linter.lint_message(&message, now())), ["REP-P17"]);
    message.body = "word ".repeat(401);
    let report = linter.lint_message(&message, now());
    assert_eq!(failing_rules(&report), ["REP-P17"]);
    assert_eq!(report.counts.words, 401);
    message.body = "word ".repeat(400);
    assert!(failing_rules(&linter.lint_message(&message, now())).is_empty());
}

/// Proves: P19.
#[test]
fn named_functions_are_looked_up_where_a_list_is_given_and_unknown_otherwise() {
    let mut draft = read(GOOD);
    draft.found_with_llm = true;
    draft.answers.verified = true;
    draft.body = "json.parse_unsafe(x) overflows.".to_owned();
    let plain = Linter::for_builtin("cpython").unwrap();
    let report = plain.lint(&draft, now());
    let unknown = report.findings.iter().find(|judged| judged.finding.rule == "REP-P19").unwrap();
    assert_eq!((unknown.finding.status.clone(), unknown.disposition), (Status::Unknown, Disposition::Record));
    assert_eq!(report.disposition, None, "what could not be checked is not held against the reporter");
    let informed = plain.with_api_names(ApiNames::new(["json.loads"])).lint(&draft, now());
    assert_eq!(failing_rules(&informed), ["REP-P19"]);
    assert_eq!(informed.disposition, Some(Disposition::Hold));
}

/// Proves: S03, S05, S06, S07.
#[test]
fn free_execution_under_scipy_warns_and_suggests_the_clause() {
    let draft = read(
        "Title: Crash\nTested versions: 1.15.0 vulnerable\nFreely executes: yes\nAttack vector: call the function\n\nA segfault.\n",
    );
    let report = Linter::for_builtin("scipy").unwrap().lint(&draft, now());
    let clauses: Vec<&str> = report.suggestions.iter().map(|suggestion| suggestion.clause.as_str()).collect();
    assert_eq!(clauses, ["free-execution", "bug-under-free-execution"]);
    let judged = report.findings.iter().find(|judged| judged.finding.rule == "REP-S07").unwrap();
    assert_eq!(judged.disposition, Disposition::Warn);
}

#[test]
fn a_poor_report_reads_like_this() {
    let text = "Title: CRITICAL: Arbitrary code execution in pickle (CVSS 9.8)\nFound with LLM: yes\n\
                Tested versions: 3.14.0b1 vulnerable\n\n# Executive Summary\n\n\
                The pickle.loads function allows attackers to execute code.\n\n| Metric | Value |\n|---|---|\n| AV | N |\n";
    let report = Linter::for_builtin("cpython").unwrap().lint(&read(text), now());
    let lines: Vec<String> = report
        .findings
        .iter()
        .map(|judged| {
            let place = &judged.finding.evidence[0].place;
            let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
            let field = place.field.as_deref().unwrap_or("");
            format!(
                "{:?} {} {field}{line} {}",
                judged.disposition, judged.finding.rule, judged.finding.message
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_draft_survives_json_and_an_unknown_field_is_refused() {
    let mut draft = read(GOOD);
    draft.attachments.push(Attachment { name: "a".to_owned(), bytes: vec![0, 255, 3] });
    let json = serde_json::to_string(&draft).unwrap();
    assert!(serde_json::from_str::<ReportDraft>(&json).unwrap() == draft);
    assert!(serde_json::from_str::<ReportDraft>("{\"titel\": \"x\"}").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lint_never_panics_and_changes_nothing(body in "(\\PC|\n|`|#|\\||<details>|</details>){0,300}", title in "\\PC{0,60}") {
        let draft = ReportDraft { title, body, ..ReportDraft::default() };
        let before = draft.clone();
        let report = LINTER.lint(&draft, now());
        prop_assert!(before == draft, "lint only flags");
        prop_assert!(report.disposition >= Some(Disposition::Hold), "a report without answers is held");
    }
}
