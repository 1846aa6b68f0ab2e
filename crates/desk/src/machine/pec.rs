//! Participant embargo consent (PEC): whether one participant has agreed to the embargo of the case.
//!
//! Source: Vultron, ADR-0048 and `specs/embargo-policy.yaml`; 11 rules, of which "reset" holds in all five states
//! (15 transitions). When a change of the terms is proposed, a signatory *lapses*: EP-05-001 says "invited", the
//! code and the draft (6.2.3, 6.4.3) say "lapsed" and forbid "invited". We take "lapsed".

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// What a participant has said to the embargo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// No embargo concerns the participant.
    NoEmbargo,
    /// Asked, has not answered.
    Invited,
    /// Agreed to the terms in force.
    Signatory,
    /// Had agreed; a change of the terms is proposed and not yet answered.
    Lapsed,
    /// Refused, or did not answer in time.
    Declined,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::NoEmbargo, Self::Invited, Self::Signatory, Self::Lapsed, Self::Declined];
}

/// What changes a participant's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The participant is asked (again).
    Invite,
    /// The participant agrees.
    Accept,
    /// The participant refuses, or the time to answer has passed.
    Decline,
    /// A change of the terms is proposed.
    Revise,
    /// The embargo has ended or was removed.
    Reset,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 5] = [Self::Invite, Self::Accept, Self::Decline, Self::Revise, Self::Reset];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "consent to the embargo";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::NoEmbargo;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::NoEmbargo | Self::Lapsed | Self::Declined, Trigger::Invite) => Some(Self::Invited),
            (Self::NoEmbargo | Self::Invited | Self::Lapsed, Trigger::Accept) => Some(Self::Signatory),
            (Self::NoEmbargo | Self::Invited | Self::Lapsed, Trigger::Decline) => Some(Self::Declined),
            (Self::Signatory, Trigger::Revise) => Some(Self::Lapsed),
            (_, Trigger::Reset) => Some(Self::NoEmbargo),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NoEmbargo => "no embargo",
            Self::Invited => "invited",
            Self::Signatory => "agreed",
            Self::Lapsed => "lapsed",
            Self::Declined => "declined",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Invite => "invite the participant",
            Self::Accept => "agree",
            Self::Decline => "decline",
            Self::Revise => "propose other terms",
            Self::Reset => "remove the embargo",
        })
    }
}
