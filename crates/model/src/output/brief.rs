//! Plain text for a terminal, shorter: findings that one thing mends stand together, with that thing first.

use std::fmt::Write as _;

use super::{Counts, by_urgency, clean, level_word, one_line, status_word, text};
use crate::finding::{Evidence, Finding, Status};

/// The most places that are named for one group; the rest are counted.
const PLACES: usize = 5;
/// The most findings of one group that are told in a sentence each; of the rest the names are told.
const SENTENCES: usize = 6;
/// The names on one line.
const NAMES: usize = 6;
/// The longest message, in characters; JSON has it whole.
const MESSAGE_CHARS: usize = 200;

/// Findings that one thing mends.
struct Group<'a> {
    subject: String,
    remedy: &'a str,
    findings: Vec<&'a Finding>,
}

/// Writes findings for people: by what is to be done, the worst first. Nothing is left out but
/// passes, which are counted.
pub fn render_brief(findings: &[Finding]) -> String {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in by_urgency(findings).into_iter().filter(|finding| finding.status != Status::Pass) {
        let subject = head(finding);
        let same = groups.iter_mut().find(|group| {
            group.subject == subject
                && group.remedy == finding.remedy
                && std::mem::discriminant(&group.findings[0].status)
                    == std::mem::discriminant(&finding.status)
        });
        match same {
            Some(group) => group.findings.push(finding),
            None => groups.push(Group { subject, remedy: &finding.remedy, findings: vec![finding] }),
        }
    }
    let mut out = String::new();
    for group in &groups {
        write_group(&mut out, group);
    }
    writeln!(out, "{}", Counts::of(findings)).expect("writing to a string cannot fail");
    out
}

/// What several findings have in common: `jinja2 3.0.0` of `jinja2 3.0.0: PYSEC-2021-66`, where the message says the rest.
fn head(finding: &Finding) -> String {
    let subject = one_line(&finding.subject);
    match subject.rsplit_once(": ") {
        Some((head, tail)) if one_line(&finding.message).starts_with(tail) => head.to_owned(),
        _ => subject,
    }
}

/// What is left of the subject: `PYSEC-2021-66`.
fn tail(finding: &Finding) -> String {
    let subject = one_line(&finding.subject);
    subject
        .strip_prefix(&head(finding))
        .map_or_else(|| subject.clone(), |tail| tail.trim_start_matches(": ").to_owned())
}

fn write_group(out: &mut String, group: &Group<'_>) {
    let mut line = |text: &str| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    let worst = group.findings[0];
    line(&format!("{} {} {}", status_word(&worst.status), level_word(worst.severity), group.subject));
    if !group.remedy.is_empty() {
        line(&format!("    what to do: {}", one_line(group.remedy)));
    }
    for finding in group.findings.iter().take(SENTENCES) {
        let mut message = one_line(&finding.message);
        if message.chars().count() > MESSAGE_CHARS {
            message = message.chars().take(MESSAGE_CHARS).chain(['…']).collect();
        }
        line(&format!("    {:<8} {message}", level_word(finding.severity)));
        if let Status::Waived { reason, by, until } = &finding.status {
            line(&format!(
                "             accepted by {} until {}: {}",
                one_line(by),
                until.date(),
                one_line(reason)
            ));
        }
    }
    let rest: Vec<String> = group.findings.iter().skip(SENTENCES).map(|finding| tail(finding)).collect();
    for (number, names) in rest.chunks(NAMES).enumerate() {
        let before = if number == 0 { format!("and {} more: ", rest.len()) } else { String::new() };
        line(&format!("             {before}{}", names.join(", ")));
    }
    let places = places(group);
    for place in places.iter().take(PLACES) {
        line(&format!("    at {place}"));
    }
    if places.len() > PLACES {
        line(&format!("    and at {} more places", places.len() - PLACES));
    }
    line("");
}

/// The places of all findings of a group, each once, with what was seen there.
fn places(group: &Group<'_>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for Evidence { place, text: seen } in group.findings.iter().flat_map(|finding| &finding.evidence) {
        let seen = clean::lines(seen, 1).join(" ");
        let place = text::place(place);
        let told = if seen.is_empty() { place } else { format!("{place}  {seen}") };
        if !all.contains(&told) {
            all.push(told);
        }
    }
    all
}
