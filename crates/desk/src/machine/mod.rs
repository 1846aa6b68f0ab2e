//! The state machines that a case is made of: pure tables from (state, trigger) to state.
//!
//! A newcomer reads [`rm`] first (what one participant thinks of the report), then [`em`] and [`pec`] (the embargo of
//! the case, and who consented to it), [`vfd`], [`pxa`] and [`case_state`] (what happened in the world). These five
//! bear the names of CERT/CC's Vultron protocol and have exactly its transitions. The others are ours, because
//! Vultron is silent there: [`intake`], [`cve`], [`fix`], [`advisory`], [`conduct`].
//!
//! | machine | of | states | legal transitions |
//! |---|---|---|---|
//! | report management (RM) | a participant | 7 | 11 |
//! | embargo management (EM) | a case | 5 | 10 |
//! | embargo consent (PEC) | a participant | 5 | 15 (11 rules, reset counts once) |
//! | fix path (VFD) | a vendor participant | 4 | 3 |
//! | public, exploit, attacks (PXA) | a case | 8 | 12 |
//! | case state (VFD with PXA) | a vendor's view of a case | 32 | 58 |
//! | intake | a report | 7 | 13 |
//! | CVE record | a vulnerability | 11 | 29 |
//! | fix | a project in a case | 6 | 11 |
//! | advisory | a case | 7 | 13 |
//! | conduct | a reporter | 12 | 51 |
//!
//! Every machine implements [`Machine`]: [`Machine::next`] is the table, [`Machine::apply`] is the table with an
//! error that says what would be possible instead. What needs more than a machine's own state (roles, dates, who
//! approved) is the case's business; the few laws between two machines are in [`invariants`].
//!
//! Invariant: a machine knows no time, no person and no other machine.

use std::fmt;

pub mod advisory;
pub mod case_state;
pub mod conduct;
pub mod cve;
pub mod em;
pub mod fix;
pub mod intake;
pub mod invariants;
pub mod pec;
pub mod pxa;
pub mod rm;
pub mod vfd;

/// A finite machine whose states are values: everything that may happen is in [`Machine::next`].
pub trait Machine: Copy + Eq + Ord + fmt::Debug + fmt::Display + 'static {
    /// What can be asked of the machine.
    type Trigger: Copy + Eq + fmt::Debug + fmt::Display + 'static;

    /// The machine's name in words, as refusals print it.
    const NAME: &'static str;
    /// Every state, in the order of a usual life.
    const STATES: &'static [Self];
    /// Every trigger.
    const TRIGGERS: &'static [Self::Trigger];
    /// The state that a machine begins in.
    const START: Self;

    /// The state after `trigger`, or `None` where the table has no such transition.
    fn next(self, trigger: Self::Trigger) -> Option<Self>;

    /// The state after `trigger`, or a refusal that names what would be possible instead.
    fn apply(self, trigger: Self::Trigger) -> Result<Self, Refused> {
        self.next(trigger).ok_or_else(|| Refused {
            machine: Self::NAME,
            state: self.to_string(),
            trigger: trigger.to_string(),
            possible: self.legal().map(|trigger| trigger.to_string()).collect(),
        })
    }

    /// The triggers that the table accepts in this state.
    fn legal(self) -> impl Iterator<Item = Self::Trigger> {
        Self::TRIGGERS.iter().copied().filter(move |trigger| self.next(*trigger).is_some())
    }

    /// Whether nothing more can happen in this state.
    fn is_final(self) -> bool {
        self.legal().next().is_none()
    }

    /// How many (state, trigger) pairs the table accepts.
    fn transitions() -> usize {
        Self::STATES.iter().map(|state| state.legal().count()).sum()
    }
}

/// A step that a machine's table does not have. The state stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{machine}: cannot {trigger} when it is \"{state}\"; {}", possible_in_words(possible))]
pub struct Refused {
    /// The machine's name.
    pub machine: &'static str,
    /// The state in words.
    pub state: String,
    /// What was asked, in words.
    pub trigger: String,
    /// What could be asked instead, in words; empty in a final state.
    pub possible: Vec<String>,
}

fn possible_in_words(possible: &[String]) -> String {
    if possible.is_empty() {
        "nothing more can happen to it".to_owned()
    } else {
        format!("possible now: {}", possible.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine as _, rm};

    #[test]
    fn a_refusal_says_what_would_be_possible_instead() {
        let refused = rm::State::Valid.apply(rm::Trigger::Close).expect_err("Vultron VP-02-004");
        assert_eq!(
            refused.to_string(),
            "report management: cannot close the report when it is \"valid\"; \
             possible now: accept the report, defer the report"
        );
    }

    #[test]
    fn a_refusal_in_a_final_state_says_that_it_is_final() {
        let refused = rm::State::Closed.apply(rm::Trigger::Accept).expect_err("closed is final");
        assert!(refused.to_string().ends_with("nothing more can happen to it"), "{refused}");
    }
}
