//! An audit as findings.
//!
//! Each issue is a finding whose subject is package, version and id; its remedy is the upgrade of the package, the same for
//! all of its issues. A gap is one finding for each document, its entries as evidence.

use bastide_model::{
    finding::{Confidence, Evidence, Finding, Level, Status},
    version::Verdict,
};

use super::{Admits, Audit, Gap, GapItem, Held, Issue, Standing, rules};
use crate::inventory::Constraint;

/// The most entries of a gap that a finding shows; the rest are counted.
const SHOWN: usize = 20;

/// The findings of an audit: issues first, in the order of their documents, then gaps.
pub fn findings(audit: &Audit) -> Vec<Finding> {
    let issues =
        audit.held.iter().flat_map(|held| held.issues.iter().map(move |issue| of_issue(held, issue)));
    issues.chain(audit.gaps.iter().flat_map(of_gap)).collect()
}

fn of_issue(held: &Held, issue: &Issue) -> Finding {
    let status = match (&issue.standing, issue.verdict) {
        (Standing::Waived { reason, by, until }, _) => {
            Status::Waived { reason: reason.clone(), by: by.clone(), until: *until }
        }
        (Standing::Cleared { .. }, _) => Status::Pass,
        (Standing::Stands, Verdict::Unknown) => Status::Unknown,
        (Standing::Stands, Verdict::Yes | Verdict::No) => Status::Fail,
    };
    let evidence = held.holders.iter().map(|holder| Evidence {
        place: holder.place.clone(),
        text: match (holder.path.len(), holder.scope) {
            (0 | 1, crate::inventory::Scope::Runtime) => String::new(),
            (0 | 1, scope) => format!("for {}", scope.name()),
            (_, scope) => format!("{} ({})", holder.path.join(" > "), scope.name()),
        },
    });
    Finding {
        rule: rules::KNOWN.to_owned(),
        subject: format!("{}: {}", held.label(), issue.id),
        status,
        severity: issue.level(),
        confidence: if issue.verdict == Verdict::Yes { Confidence::High } else { Confidence::Low },
        message: message(held, issue),
        evidence: evidence.collect(),
        remedy: remedy(held),
    }
}

fn message(held: &Held, issue: &Issue) -> String {
    let mut text = issue.id.clone();
    // CVE numbers are the names that people know; the rest stands in the JSON of the record.
    let others: Vec<&str> = issue.aliases.iter().map(String::as_str).take(4).collect();
    if !others.is_empty() {
        text = format!("{text} ({})", others.join(", "));
    }
    if !issue.summary.is_empty() {
        text = format!("{text}: {}", issue.summary.trim_end_matches('.'));
    }
    let mut sentences = vec![text];
    if issue.verdict == Verdict::Unknown {
        sentences.push(format!("Whether {} is affected cannot be told from the record", held.version));
    }
    if issue.score.is_none() && !issue.names().any(|name| name.starts_with("MAL-")) {
        sentences.push("It has no score".to_owned());
    }
    if let Standing::Cleared { status, by, reason } = &issue.standing {
        sentences.push(format!("{by} says {}: {reason}", status.name().replace('_', " ")));
    }
    if let Some(ended) = &issue.ended {
        sentences.push(format!("No longer accepted: {ended}"));
    }
    sentences.join(". ") + "."
}

/// The one thing to do about a package.
fn remedy(held: &Held) -> String {
    let upgrade = &held.upgrade;
    if held.issues.iter().any(|issue| issue.names().any(|name| name.starts_with("MAL-"))) {
        return format!(
            "{} is malicious: take it out, and treat every machine that installed it as taken over (new keys, new passwords).",
            held.label()
        );
    }
    let Some(to) = &upgrade.to else {
        return "No fixed version is known: stop using it, keep hostile input away from it, or accept it for a time (waiver)."
            .to_owned();
    };
    let mut sentences = vec![format!("Upgrade {} to {}.", held.package.name(), to.normalised())];
    match &upgrade.admits {
        Admits::No(constraints) => {
            sentences.push(format!("First change what keeps it out: {}.", stated(constraints)));
        }
        Admits::Unknown(constraints) => {
            sentences.push(format!("Whether this lets it in is not known: {}.", stated(constraints)));
        }
        Admits::Unstated | Admits::Yes => {}
    }
    let lines: Vec<String> = upgrade.commands.iter().map(|command| format!("`{}`", command.line)).collect();
    if !lines.is_empty() {
        sentences.push(format!("Type {}.", lines.join(" and ")));
    }
    if !upgrade.left.is_empty() {
        sentences.push(format!("It does not fix {}.", upgrade.left.join(", ")));
    }
    sentences.join(" ")
}

/// `jinja2==3.0.0 (pyproject.toml:7)`, `urllib3<1.27 (asked for by requests)`.
fn stated(constraints: &[Constraint]) -> String {
    let one = |constraint: &Constraint| {
        let who = match (&constraint.by, constraint.place.file.as_deref(), constraint.place.line) {
            (Some(by), _, _) => format!("asked for by {by}"),
            (None, file, Some(line)) => format!("{}:{line}", file.unwrap_or_default()),
            (None, file, None) => file.unwrap_or_default().to_owned(),
        };
        format!("{}{} ({who})", constraint.package.name(), constraint.specifiers)
    };
    let mut all: Vec<String> = constraints.iter().take(3).map(one).collect();
    if constraints.len() > all.len() {
        all.push(format!("{} more", constraints.len() - all.len()));
    }
    all.join(", ")
}

fn of_gap(gap: &Gap) -> Vec<Finding> {
    let mut parts: Vec<(Option<Standing>, Vec<&GapItem>)> = Vec::new();
    for item in &gap.items {
        match parts.iter_mut().find(|(waived, _)| *waived == item.waived) {
            Some((_, items)) => items.push(item),
            None => parts.push((item.waived.clone(), vec![item])),
        }
    }
    parts.into_iter().map(|(waived, items)| of_items(gap, waived, &items)).collect()
}

fn of_items(gap: &Gap, waived: Option<Standing>, items: &[&GapItem]) -> Finding {
    let rule = rules::rule(gap.kind);
    let evidence = |item: &&GapItem| {
        let text =
            if item.why.is_empty() { item.what.clone() } else { format!("{}: {}", item.what, item.why) };
        Evidence { place: item.place.clone(), text }
    };
    let count = items.len();
    let more = if count > SHOWN { format!(" The first {SHOWN} are shown.") } else { String::new() };
    Finding {
        rule: rule.id.to_owned(),
        subject: format!("{} ({})", gap.document, gap.input.name()),
        status: match waived {
            Some(Standing::Waived { reason, by, until }) => Status::Waived { reason, by, until },
            _ => Status::Unknown,
        },
        severity: Level::Info.max(rule.severity),
        confidence: Confidence::High,
        message: format!("{}{more}", rules::sentence(gap.kind, count)),
        evidence: items.iter().take(SHOWN).map(evidence).collect(),
        remedy: rule.remedy.to_owned(),
    }
}
