//! The advisory of a case.
//!
//! Ours; rules J05, J06, J28, P29. Every published version is immutable: a revision and a withdrawal are new versions,
//! and nothing leads back to a draft. There is no deletion. Who approves, and on which date it may be published, is
//! the case's business. That the 90 days end in publication by default (J06) opens the way for an approved draft only:
//! nothing unapproved is ever published.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// Where the advisory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Being written.
    Draft,
    /// Waits for a second person.
    InReview,
    /// A second person approved it.
    Approved,
    /// Approved, with a date.
    Scheduled,
    /// Public, first version.
    Published,
    /// Public, a later version.
    Revised,
    /// Public, and withdrawn.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::InReview,
        Self::Approved,
        Self::Scheduled,
        Self::Published,
        Self::Revised,
        Self::Withdrawn,
    ];

    /// Whether a version of it is public; once true it stays true.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Revised | Self::Withdrawn)
    }
}

/// What happens to the advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The author asks for a review.
    RequestReview,
    /// A second person approves.
    Approve,
    /// Back to the author: an approval does not cover changed text.
    RequestChanges,
    /// A date is set.
    Schedule,
    /// The date is taken back or moved.
    Unschedule,
    /// It is published.
    Publish,
    /// A new version is published.
    Revise,
    /// It is withdrawn: the last version says so.
    Withdraw,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 8] = [
        Self::RequestReview,
        Self::Approve,
        Self::RequestChanges,
        Self::Schedule,
        Self::Unschedule,
        Self::Publish,
        Self::Revise,
        Self::Withdraw,
    ];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "advisory";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::Draft;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::Draft, Trigger::RequestReview) => Some(Self::InReview),
            (Self::InReview, Trigger::Approve) => Some(Self::Approved),
            (Self::InReview | Self::Approved | Self::Scheduled, Trigger::RequestChanges) => Some(Self::Draft),
            (Self::Approved, Trigger::Schedule) => Some(Self::Scheduled),
            (Self::Scheduled, Trigger::Unschedule) => Some(Self::Approved),
            // Without a date too: a policy may publish when the fix is merged (P29).
            (Self::Approved | Self::Scheduled, Trigger::Publish) => Some(Self::Published),
            (Self::Published | Self::Revised, Trigger::Revise) => Some(Self::Revised),
            (Self::Published | Self::Revised, Trigger::Withdraw) => Some(Self::Withdrawn),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Draft => "draft",
            Self::InReview => "in review",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Revised => "published and revised",
            Self::Withdrawn => "withdrawn",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::RequestReview => "request a review",
            Self::Approve => "approve the advisory",
            Self::RequestChanges => "request changes",
            Self::Schedule => "schedule the publication",
            Self::Unschedule => "take back the date",
            Self::Publish => "publish the advisory",
            Self::Revise => "publish a revision",
            Self::Withdraw => "withdraw the advisory",
        })
    }
}
