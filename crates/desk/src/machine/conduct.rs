//! The conduct of one reporter: what repeated failure to respect the policy leads to (P01).
//!
//! Ours; rules P01, P30. "Repeated" is meant: nobody is rejected or banned without an earlier warning. Every step has
//! a way back by appeal, either a step or all of it. How many warnings a project gives before it rejects is policy;
//! the machine stops counting at [`MAX_WARNINGS`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// The most warnings that are counted; a strike after that rejects future reports.
pub const MAX_WARNINGS: u8 = 9;

/// How the desk treats a reporter's reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As everybody's.
    Clear,
    /// As everybody's, after so many warnings (1 to [`MAX_WARNINGS`]).
    Warned(u8),
    /// New reports are rejected on arrival, whatever their merit.
    RejectOnArrival,
    /// The reporter is banned from the organisation.
    Banned,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Clear,
        Self::Warned(1),
        Self::Warned(2),
        Self::Warned(3),
        Self::Warned(4),
        Self::Warned(5),
        Self::Warned(6),
        Self::Warned(7),
        Self::Warned(8),
        Self::Warned(9),
        Self::RejectOnArrival,
        Self::Banned,
    ];

    /// Whether a new report of this reporter is turned away.
    pub const fn rejects_reports(self) -> bool {
        matches!(self, Self::RejectOnArrival | Self::Banned)
    }
}

/// What is decided about a reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A failure to respect the policy is recorded.
    Strike,
    /// Future reports are to be rejected.
    RejectFuture,
    /// The reporter is banned.
    Ban,
    /// An appeal is upheld in part: one step back.
    EaseOnAppeal,
    /// An appeal is upheld: a clean slate.
    ClearOnAppeal,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 5] =
        [Self::Strike, Self::RejectFuture, Self::Ban, Self::EaseOnAppeal, Self::ClearOnAppeal];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "conduct";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::Clear;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::Clear, Trigger::Strike) => Some(Self::Warned(1)),
            (Self::Warned(warnings), Trigger::Strike) if warnings < MAX_WARNINGS => {
                Some(Self::Warned(warnings + 1))
            }
            (Self::Warned(_), Trigger::Strike | Trigger::RejectFuture) => Some(Self::RejectOnArrival),
            (Self::Warned(_) | Self::RejectOnArrival, Trigger::Ban) => Some(Self::Banned),
            (Self::Banned, Trigger::EaseOnAppeal) => Some(Self::RejectOnArrival),
            (Self::RejectOnArrival, Trigger::EaseOnAppeal) => Some(Self::Warned(1)),
            (Self::Warned(warnings), Trigger::EaseOnAppeal) if warnings > 1 => {
                Some(Self::Warned(warnings.min(MAX_WARNINGS + 1) - 1))
            }
            (Self::Warned(_), Trigger::EaseOnAppeal) => Some(Self::Clear),
            (Self::Warned(_) | Self::RejectOnArrival | Self::Banned, Trigger::ClearOnAppeal) => {
                Some(Self::Clear)
            }
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clear => out.write_str("clear"),
            Self::Warned(1) => out.write_str("warned once"),
            Self::Warned(warnings) => write!(out, "warned {warnings} times"),
            Self::RejectOnArrival => out.write_str("rejected on arrival"),
            Self::Banned => out.write_str("banned"),
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Strike => "record a strike",
            Self::RejectFuture => "reject future reports",
            Self::Ban => "ban the reporter",
            Self::EaseOnAppeal => "ease the measure on appeal",
            Self::ClearOnAppeal => "clear the reporter on appeal",
        })
    }
}
