//! What a dependent has to write instead, so that a fix comes in and nothing affected does.

use bastide_model::{
    specifier::{Clause, Operator, Specifiers},
    version::Version,
};

use super::{Exposure, State};

/// What to write instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The fixed version that it lets in.
    pub fix: Version,
    /// The new specifiers.
    pub specifiers: Specifiers,
}

impl Exposure {
    /// What somebody has to write instead of `specifiers`, where these are blocked; nothing else, or where the advisory names
    /// no fixed version.
    ///
    /// The habit of the writer is kept: a pin stays a pin, a cap stays as coarse as it was, what blocks nothing stays.
    pub fn change(&self, specifiers: &Specifiers) -> Option<Change> {
        if self.judge(&specifiers.set()) != State::Blocked {
            return None;
        }
        // Of the fixes above what is let in now, the nearest; a fix below would be a step back.
        let wanted = specifiers.set().intersection(&self.affected).upward();
        let candidates = || self.fixed.iter().filter(|fix| wanted.contains(fix));
        let keeps_affected_out = |new: &Specifiers| !new.set().intersects(&self.affected);
        let written =
            |fix: &Version| Some(Change { fix: fix.clone(), specifiers: rewrite(specifiers, fix)? });
        candidates()
            .filter_map(written)
            .find(|change| change.specifiers.contains(&change.fix) && keeps_affected_out(&change.specifiers))
            .or_else(|| {
                candidates()
                    .filter_map(|fix| {
                        Some(Change { fix: fix.clone(), specifiers: Specifiers::at_least(fix)? })
                    })
                    .find(|change| keeps_affected_out(&change.specifiers))
            })
            .or_else(|| {
                let fix = candidates().next()?;
                Some(Change { fix: fix.clone(), specifiers: Specifiers::exactly(fix)? })
            })
    }
}

/// The specifiers with each clause that keeps `fix` out replaced, and a lower bound at the fix.
fn rewrite(specifiers: &Specifiers, fix: &Version) -> Option<Specifiers> {
    let is_pin = |clause: &Clause| matches!(clause.operator(), Operator::Equal | Operator::Arbitrary);
    if specifiers.clauses().iter().any(is_pin) {
        return Specifiers::exactly(fix);
    }
    let mut clauses = vec![Specifiers::at_least(fix)?.to_string()];
    let push = |clauses: &mut Vec<String>, text: String| {
        if !clauses.contains(&text) {
            clauses.push(text);
        }
    };
    for clause in specifiers.clauses() {
        match clause.operator() {
            // The new lower bound stands in their place.
            Operator::Greater | Operator::GreaterEqual => {}
            _ if clause.contains(fix) && clause.operator() != Operator::Compatible => {
                push(&mut clauses, clause.to_string());
            }
            Operator::NotEqual | Operator::NotEqualPrefix => {}
            Operator::Less | Operator::LessEqual | Operator::EqualPrefix => {
                push(&mut clauses, cap(clause, fix, 0)?);
            }
            Operator::Compatible => push(&mut clauses, cap(clause, fix, 1)?),
            Operator::Equal | Operator::Arbitrary => {}
        }
    }
    Specifiers::parse(&clauses.join(",")).ok()
}

/// A cap above `fix` as coarse as the clause's: after `<2` comes `<3` or later, after `<1.27` `<2.1` or later. `dropped` last
/// numbers of the clause say nothing about the cap (`~=1.4` caps at 2).
fn cap(clause: &Clause, fix: &Version, dropped: usize) -> Option<String> {
    let written = clause.version()?;
    let numbers = |version: &Version| -> Vec<u64> {
        let text = version.normalised();
        let release = text.split_once('!').map_or(text.as_str(), |(_, release)| release);
        let end = release.find(|sign: char| !(sign.is_ascii_digit() || sign == '.')).unwrap_or(release.len());
        release[..end].trim_end_matches('.').split('.').map_while(|number| number.parse().ok()).collect()
    };
    let epoch = fix.normalised().split_once('!').map_or(String::new(), |(epoch, _)| format!("{epoch}!"));
    let mut precision = numbers(&written).len().saturating_sub(dropped).max(1);
    // `<2.0` means the second series, whatever the zeros say.
    if matches!(clause.operator(), Operator::Less) {
        precision = numbers(&written).iter().rposition(|number| *number != 0).map_or(1, |last| last + 1);
    }
    let mut release = numbers(fix);
    release.resize(precision, 0);
    let last = release.last_mut()?;
    *last = last.checked_add(1)?;
    let release: Vec<String> = release.iter().map(u64::to_string).collect();
    Some(format!("<{epoch}{}", release.join(".")))
}
