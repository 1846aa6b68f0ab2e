//! Report management (RM): what one participant has made of the report.
//!
//! Source: Vultron, process model RM and `specs/rm-behavior.yaml`; 11 transitions. Vultron's table of sent messages
//! also lets a participant declare a *valid* report invalid; its machine has no such transition, and VP-02-004
//! forbids closing from valid. We take the machine.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// Where a participant stands with the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The participant has not received the report.
    Start,
    /// Received, not yet judged.
    Received,
    /// Judged to be no valid report; may become valid with more information.
    Invalid,
    /// Judged to be valid, not yet prioritised.
    Valid,
    /// Valid, and put off.
    Deferred,
    /// Valid, and being worked on.
    Accepted,
    /// The participant's work on it has ended, for good.
    Closed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Start,
        Self::Received,
        Self::Invalid,
        Self::Valid,
        Self::Deferred,
        Self::Accepted,
        Self::Closed,
    ];

    /// Whether the participant holds the report and has not closed it: RM in {R, I, V, D, A}.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Start | Self::Closed)
    }
}

/// What a participant decides about the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The report arrives.
    Receive,
    /// It is judged valid.
    Validate,
    /// It is judged invalid.
    Invalidate,
    /// Work on it begins (again).
    Accept,
    /// Work on it is put off.
    Defer,
    /// Work on it ends.
    Close,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 6] =
        [Self::Receive, Self::Validate, Self::Invalidate, Self::Accept, Self::Defer, Self::Close];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "report management";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::Start;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::Start, Trigger::Receive) => Some(Self::Received),
            (Self::Received | Self::Invalid, Trigger::Validate) => Some(Self::Valid),
            (Self::Received, Trigger::Invalidate) => Some(Self::Invalid),
            (Self::Valid | Self::Deferred, Trigger::Accept) => Some(Self::Accepted),
            (Self::Valid | Self::Accepted, Trigger::Defer) => Some(Self::Deferred),
            (Self::Invalid | Self::Deferred | Self::Accepted, Trigger::Close) => Some(Self::Closed),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Start => "not received",
            Self::Received => "received",
            Self::Invalid => "invalid",
            Self::Valid => "valid",
            Self::Deferred => "deferred",
            Self::Accepted => "accepted",
            Self::Closed => "closed",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Receive => "receive the report",
            Self::Validate => "judge the report valid",
            Self::Invalidate => "judge the report invalid",
            Self::Accept => "accept the report",
            Self::Defer => "defer the report",
            Self::Close => "close the report",
        })
    }
}
