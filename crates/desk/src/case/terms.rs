//! The process parameters of a case: what its project's policy said when the report came in.

use bastide_model::time::{Instant, Span};
use serde::{Deserialize, Serialize};

use crate::policy::{Deadlines, Embargo, Policy, Publication, Replies};

/// The parameters that the case keeps for its whole life, whatever the policy becomes later.
///
/// They are copied from the policy at intake and stand in the first event's header, so that a case folds without the
/// policy's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Terms {
    /// How long things may take.
    pub deadlines: Deadlines,
    /// Who gets an answer.
    pub replies: Replies,
    /// When and by whom an advisory is published.
    pub publication: Publication,
    /// The bounds of an embargo; a default of 0 days means that no embargo begins by itself.
    pub embargo: Embargo,
}

impl From<&Policy> for Terms {
    fn from(policy: &Policy) -> Self {
        Self {
            deadlines: policy.deadlines.clone(),
            replies: policy.replies.clone(),
            publication: policy.publication.clone(),
            embargo: policy.embargo.clone(),
        }
    }
}

impl Terms {
    /// When an answer is due for a report received at `received` (J04).
    pub fn acknowledge_due(&self, received: Instant) -> Instant {
        received + days(self.deadlines.acknowledge_days)
    }

    /// When the vulnerability is disclosed by default (J06).
    pub fn disclosure_due(&self, received: Instant) -> Instant {
        received + days(self.deadlines.disclosure_days)
    }

    /// When a case that lost or never had a coordinator since `since` is assigned to one.
    pub fn auto_assign_due(&self, since: Instant) -> Instant {
        since + days(self.deadlines.auto_assign_idle_days)
    }

    /// The time that should lie between release and announcement (J24).
    pub fn notice(&self) -> Span {
        days(self.deadlines.notice_days)
    }
}

fn days(count: u32) -> Span {
    Span::days(i64::from(count))
}
