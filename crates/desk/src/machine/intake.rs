//! Intake: the way of one report from a reporter's draft to a case, or to none.
//!
//! Ours (Vultron begins at the received report); rules P01, P02 and P17 to P26. A lint finding holds a report, noise
//! is put aside, a reporter whose reports are rejected on arrival is turned away; nothing is deleted, and a person
//! can take a report back out of noise or rejection (O06: screening is automated, humans decide).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// Where a report stands before it is a case's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The reporter is writing it.
    Draft,
    /// It was sent and is being checked.
    Submitted,
    /// The lint holds it; the reporter was told what is missing.
    Held,
    /// It holds no potential vulnerability (P26).
    Noise,
    /// Its reporter's reports are rejected on arrival (P01).
    RejectedOnArrival,
    /// It is in the inbox: a case begins.
    Received,
    /// The reporter took it back.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Submitted,
        Self::Held,
        Self::Noise,
        Self::RejectedOnArrival,
        Self::Received,
        Self::Withdrawn,
    ];
}

/// What happens to a report on its way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The reporter sends it.
    Submit,
    /// The lint holds it.
    Hold,
    /// It is put aside as noise.
    Discard,
    /// It is turned away because of its reporter's conduct.
    RejectOnArrival,
    /// It is taken into the inbox.
    Receive,
    /// The reporter amends a held report; it is checked again.
    Amend,
    /// The reporter takes it back.
    Withdraw,
    /// A person takes it back out of noise or rejection.
    Restore,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 8] = [
        Self::Submit,
        Self::Hold,
        Self::Discard,
        Self::RejectOnArrival,
        Self::Receive,
        Self::Amend,
        Self::Withdraw,
        Self::Restore,
    ];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "intake";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::Draft;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::Draft, Trigger::Submit) => Some(Self::Submitted),
            (Self::Submitted, Trigger::Hold) => Some(Self::Held),
            (Self::Submitted | Self::Held, Trigger::Discard) => Some(Self::Noise),
            (Self::Submitted, Trigger::RejectOnArrival) => Some(Self::RejectedOnArrival),
            (Self::Submitted | Self::Held, Trigger::Receive) => Some(Self::Received),
            (Self::Held, Trigger::Amend) => Some(Self::Submitted),
            (Self::Draft | Self::Submitted | Self::Held, Trigger::Withdraw) => Some(Self::Withdrawn),
            (Self::Noise | Self::RejectedOnArrival, Trigger::Restore) => Some(Self::Received),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Held => "held",
            Self::Noise => "noise",
            Self::RejectedOnArrival => "rejected on arrival",
            Self::Received => "received",
            Self::Withdrawn => "withdrawn",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Submit => "submit the report",
            Self::Hold => "hold the report",
            Self::Discard => "discard the report as noise",
            Self::RejectOnArrival => "reject the report on arrival",
            Self::Receive => "take the report into the inbox",
            Self::Amend => "amend the report",
            Self::Withdraw => "withdraw the report",
            Self::Restore => "restore the report",
        })
    }
}
