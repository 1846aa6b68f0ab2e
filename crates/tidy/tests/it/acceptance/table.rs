//! The list of rules and the table made of it.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;

use super::{REGENERATE, RULES, scan::Test};

/// How many rules each document has: the ids run from 01 without a gap.
const DOCUMENTS: [(char, usize, &str); 4] = [
    ('J', 33, "Jupyter: handling of vulnerabilities"),
    ('P', 30, "CPython and the PSRT: what a report must be"),
    ('S', 8, "SciPy: what counts as a vulnerability"),
    ('O', 23, "Safe-OSE: an ecosystem that defends itself"),
];

/// A rule in our own words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    title: String,
    /// Why no test proves it yet.
    open: Option<String>,
    /// What of it no test proves yet, where tests prove the rest.
    partly: Option<String>,
}

type Rules = BTreeMap<String, Rule>;
type Proofs = BTreeMap<String, Vec<Test>>;

pub(super) fn read(written: &str) -> Rules {
    toml::from_str(written).unwrap_or_else(|error| panic!("{RULES}: {error}"))
}

/// The ids that must be there, in order.
fn ids() -> impl Iterator<Item = String> {
    DOCUMENTS
        .iter()
        .flat_map(|(letter, count, _)| (1..=*count).map(move |number| format!("{letter}{number:02}")))
}

/// Rules that are missing, unknown, neither proved nor open, or both.
pub(super) fn contradictions(rules: &Rules, proofs: &Proofs) -> Vec<String> {
    let known: Vec<String> = ids().collect();
    let named = rules.keys().chain(proofs.keys());
    let unknown = named.filter(|id| !known.contains(id)).map(|id| format!("{id}: there is no such rule"));
    let missing =
        known.iter().filter(|id| !rules.contains_key(*id)).map(|id| format!("{id}: not in {RULES}"));
    let mut complaints: Vec<String> = unknown.chain(missing).collect();
    for (id, rule) in rules {
        let complaint = match (proofs.get(id), &rule.open, &rule.partly) {
            (_, Some(_), Some(_)) => "both open and partly proved".to_owned(),
            (None, None, None) => "no test proves it and it is not open".to_owned(),
            (None, None, Some(_)) => "partly proved by no test".to_owned(),
            (Some(tests), Some(_), None) => format!("open, yet `{}` claims to prove it", tests[0].name),
            (_, Some(reason), None) | (_, None, Some(reason)) if reason.len() < 10 => {
                format!("`{reason}` is no reason")
            }
            _ => continue,
        };
        complaints.push(format!("{id} ({}): {complaint}", rule.title));
    }
    complaints
}

/// The list in which each open rule that a test claims by now is partly proved, with the same reason: that the test
/// proves the whole of it is for a person to say, by taking the line out. Works on lines, so that comments stay.
pub(super) fn with_overtaken_reasons_moved(written: &str, proofs: &Proofs) -> String {
    let mut rule = String::new();
    let mut moved = String::with_capacity(written.len());
    for line in written.lines() {
        if let Some(id) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            id.clone_into(&mut rule);
        }
        match line.strip_prefix("open = ") {
            Some(reason) if proofs.contains_key(&rule) => moved.extend(["partly = ", reason]),
            _ => moved.push_str(line),
        }
        moved.push('\n');
    }
    moved
}

/// One line of counts.
pub(super) fn summary(rules: &Rules, proofs: &Proofs) -> String {
    let open = rules.keys().filter(|id| !proofs.contains_key(*id)).count();
    let partly = rules.values().filter(|rule| rule.partly.is_some()).count();
    format!(
        "{} rules: {} proved, {partly} proved in part, {open} open",
        rules.len(),
        rules.len() - open - partly
    )
}

/// Whether tests prove the whole of a rule.
pub(super) fn is_proved(id: &str, rules: &Rules, proofs: &Proofs) -> bool {
    proofs.contains_key(id) && rules.get(id).is_some_and(|rule| rule.partly.is_none())
}

pub(super) fn render(rules: &Rules, proofs: &Proofs) -> String {
    let mut out = format!(
        "# Acceptance: what is promised, and the test that proves it\n\nMade from `{RULES}` and the tests' own doc comments \
         by `{REGENERATE}`; do not edit.\n\n{}.\n",
        summary(rules, proofs)
    );
    for (letter, _, document) in DOCUMENTS {
        write!(out, "\n## {document}\n\n| id | rule | proved by |\n|---|---|---|\n")
            .expect("writing to a string cannot fail");
        for (id, rule) in rules.iter().filter(|(id, _)| id.starts_with(letter)) {
            let mut proof: Vec<String> = proofs.get(id).into_iter().flatten().map(link).collect();
            proof.extend(rule.partly.iter().map(|missing| format!("in part; the rest needs {missing}")));
            proof.extend(rule.open.iter().map(|reason| format!("open: needs {reason}")));
            let proof = proof.join("<br>");
            writeln!(out, "| {id} | {} | {proof} |", rule.title).expect("writing to a string cannot fail");
        }
    }
    out
}

/// A link to the test's file, with the test's name.
fn link(test: &Test) -> String {
    format!("[{}](../{}) `{}`", test.path.trim_start_matches("crates/"), test.path, test.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_proved_or_open_never_both_and_never_neither() {
        let line = |id: String| format!("[{id}]\ntitle = \"t\"\nopen = \"not yet built\"\n");
        let all = ids().map(line).collect::<Vec<_>>().concat();
        let proofs = |id: &str| {
            Proofs::from([(id.to_owned(), vec![Test { path: "p".to_owned(), name: "n".to_owned() }])])
        };
        assert_eq!(ids().count(), 94);
        assert_eq!(contradictions(&read(&all), &Proofs::new()), [""; 0]);
        assert_eq!(contradictions(&read(&all), &proofs("J04")).len(), 1, "both");
        assert_eq!(contradictions(&read(&all), &proofs("J99")).len(), 1, "unknown");
        let blessed = with_overtaken_reasons_moved(&all, &proofs("J04"));
        assert_eq!(contradictions(&read(&blessed), &proofs("J04")), [""; 0]);
        assert!(!is_proved("J04", &read(&blessed), &proofs("J04")), "a person says when the whole is proved");
        assert_eq!(contradictions(&read(&blessed), &Proofs::new()).len(), 1, "partly proved by no test");
        let whole = blessed.replace("partly = \"not yet built\"\n", "");
        assert!(is_proved("J04", &read(&whole), &proofs("J04")));
        assert_eq!(contradictions(&read(&whole), &Proofs::new()).len(), 1, "neither");
        let short = all.replacen("[J01]\ntitle = \"t\"\nopen = \"not yet built\"\n", "", 1);
        assert_eq!(contradictions(&read(&short), &Proofs::new()).len(), 1, "missing");
    }
}
