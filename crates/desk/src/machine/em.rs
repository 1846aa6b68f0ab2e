//! Embargo management (EM): the one embargo of a case.
//!
//! Source: Vultron, process model EM and `specs/em-behavior.yaml`; 10 transitions. A running embargo never goes back
//! to "proposed": a change is negotiated in "revise" while the old terms stay in force. What an embargo must contain
//! (an end with a zone, a justification beyond 90 days) is the case's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// Where the embargo of a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// There is no embargo.
    None,
    /// One is proposed.
    Proposed,
    /// One is in force.
    Active,
    /// One is in force and a change of it is proposed.
    Revise,
    /// There was one; it has ended, for good.
    Exited,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::None, Self::Proposed, Self::Active, Self::Revise, Self::Exited];

    /// Whether an embargo binds its signatories now.
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::Active | Self::Revise)
    }

    /// Whether a proposal waits for a decision.
    pub const fn is_negotiating(self) -> bool {
        matches!(self, Self::Proposed | Self::Revise)
    }
}

/// What happens to the embargo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Terms (or new terms) are proposed.
    Propose,
    /// The proposal is accepted.
    Accept,
    /// The proposal is rejected; terms in force stay.
    Reject,
    /// The embargo ends.
    Terminate,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 4] = [Self::Propose, Self::Accept, Self::Reject, Self::Terminate];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "embargo";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::None;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::None | Self::Proposed, Trigger::Propose) => Some(Self::Proposed),
            (Self::Active | Self::Revise, Trigger::Propose) => Some(Self::Revise),
            (Self::Proposed | Self::Revise, Trigger::Accept) => Some(Self::Active),
            (Self::Proposed, Trigger::Reject) => Some(Self::None),
            (Self::Revise, Trigger::Reject) => Some(Self::Active),
            (Self::Active | Self::Revise, Trigger::Terminate) => Some(Self::Exited),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::None => "no embargo",
            Self::Proposed => "proposed",
            Self::Active => "in force",
            Self::Revise => "in force, a change is proposed",
            Self::Exited => "ended",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Propose => "propose terms",
            Self::Accept => "accept the proposal",
            Self::Reject => "reject the proposal",
            Self::Terminate => "end the embargo",
        })
    }
}
