//! Where a case stands, in one word.

use bastide_model::time::Instant;
use serde::{Deserialize, Serialize};

use super::{Case, ClosingReason, DeadlineKind};
use crate::{
    machine::{advisory, em, fix, intake, rm},
    policy::PublishTrigger,
};

/// The stage of a case; derived, exactly one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifecycle {
    /// Sent, not yet judged by the lint.
    Submitted,
    /// In quarantine until the reporter amends it or a coordinator lets it in.
    Held,
    /// In the inbox; nobody has answered yet.
    Received,
    /// A person has answered the reporter.
    Acknowledged,
    /// Judged as valid, not yet accepted.
    Triaging,
    /// Judged as no vulnerability of the project.
    Invalid,
    /// Accepted; work goes on in private.
    AcceptedEmbargoed,
    /// The fix is agreed in every project.
    FixAgreed,
    /// Dates are set.
    Scheduled,
    /// The fix is public, the vulnerability not announced.
    ReleasedQuiet,
    /// The advisory is out.
    Published,
    /// The advisory was withdrawn.
    Withdrawn,
    /// Over.
    Closed,
}

impl Lifecycle {
    /// Every stage, in the usual order.
    pub const ALL: [Self; 13] = [
        Self::Submitted,
        Self::Held,
        Self::Received,
        Self::Acknowledged,
        Self::Triaging,
        Self::Invalid,
        Self::AcceptedEmbargoed,
        Self::FixAgreed,
        Self::Scheduled,
        Self::ReleasedQuiet,
        Self::Published,
        Self::Withdrawn,
        Self::Closed,
    ];

    /// The word that addresses, filters and JSON use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Held => "held",
            Self::Received => "received",
            Self::Acknowledged => "acknowledged",
            Self::Triaging => "triaging",
            Self::Invalid => "invalid",
            Self::AcceptedEmbargoed => "accepted-embargoed",
            Self::FixAgreed => "fix-agreed",
            Self::Scheduled => "scheduled",
            Self::ReleasedQuiet => "released-quiet",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }

    /// What it means, in a sentence for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Submitted => "The report has been sent.",
            Self::Held => "The report is held until its form is mended or a coordinator lets it in.",
            Self::Received => "The report is in the inbox; nobody has answered yet.",
            Self::Acknowledged => "Somebody has answered; the report is being looked at.",
            Self::Triaging => "The report is valid; the decision to accept it is pending.",
            Self::Invalid => "The report was judged to be no vulnerability of this project.",
            Self::AcceptedEmbargoed => "Accepted; a fix is being worked on in private.",
            Self::FixAgreed => "The fix is agreed; dates come next.",
            Self::Scheduled => "Release and announcement dates are set.",
            Self::ReleasedQuiet => "The fix is out; the announcement is still to come.",
            Self::Published => "The advisory is public.",
            Self::Withdrawn => "The advisory was withdrawn.",
            Self::Closed => "The case is closed.",
        }
    }
}

impl Case {
    /// Where the case stands.
    pub fn lifecycle(&self) -> Lifecycle {
        if self.closed.is_some() {
            return Lifecycle::Closed;
        }
        match self.intake {
            intake::State::Draft | intake::State::Submitted => return Lifecycle::Submitted,
            intake::State::Held => return Lifecycle::Held,
            intake::State::Received => {}
            _ => return Lifecycle::Closed,
        }
        match self.advisory.state {
            advisory::State::Withdrawn => return Lifecycle::Withdrawn,
            _ if self.advisory.published.is_some() => return Lifecycle::Published,
            _ => {}
        }
        match self.desk_rm {
            rm::State::Start | rm::State::Received if self.acknowledged.is_some() => Lifecycle::Acknowledged,
            rm::State::Start | rm::State::Received => Lifecycle::Received,
            rm::State::Invalid => Lifecycle::Invalid,
            rm::State::Valid | rm::State::Deferred => Lifecycle::Triaging,
            rm::State::Accepted | rm::State::Closed => self.accepted_stage(),
        }
    }

    fn accepted_stage(&self) -> Lifecycle {
        let fixes = || self.projects.values().map(|project| project.fix);
        let reached = |wanted: fix::State| !self.projects.is_empty() && fixes().all(|state| state >= wanted);
        if self.fix_public() {
            Lifecycle::ReleasedQuiet
        } else if self.dates_agreed().is_some() {
            Lifecycle::Scheduled
        } else if reached(fix::State::Agreed) {
            Lifecycle::FixAgreed
        } else {
            Lifecycle::AcceptedEmbargoed
        }
    }

    /// Whether an embargo binds the participants now.
    pub fn embargoed(&self) -> bool {
        matches!(self.em, em::State::Active | em::State::Revise)
    }

    /// Whether a fix stands in a public repository while the vulnerability is not announced: openwall's distros
    /// policy calls this public; the desk counts it as exposure (J26-J28).
    pub fn fix_public(&self) -> bool {
        self.advisory.published.is_none()
            && self.projects.values().any(|project| project.fix >= fix::State::Merged)
    }

    /// Whether an approved advisory may go out: the policy's trigger has come, the disclosure deadline has passed, or
    /// the vulnerability is public anyway (J28, P29, J06).
    pub fn publication_is_open(&self, now: Instant) -> bool {
        let by_trigger = match self.terms.publication.trigger {
            PublishTrigger::AnnouncementDate => {
                self.dates_agreed().is_some_and(|dates| dates.announcement <= now)
            }
            PublishTrigger::FixMerged => {
                !self.projects.is_empty()
                    && self.projects.values().all(|project| project.fix >= fix::State::Merged)
            }
        };
        by_trigger || self.waits_for_nothing(now)
    }

    /// Whether no date and no number is waited for any more: the disclosure deadline has passed (J06), or the
    /// vulnerability is public anyway.
    pub fn waits_for_nothing(&self, now: Instant) -> bool {
        let overdue =
            self.deadlines.get(&DeadlineKind::Disclosure).is_some_and(|deadline| deadline.due <= now);
        overdue || self.is_public()
    }

    /// Whether the clock publishes the first version at `now`: it is approved, its time has come, nothing is missing.
    pub fn goes_out_by_itself(&self, now: Instant) -> bool {
        self.closed.is_none()
            && self.advisory.published.is_none()
            && self.advisory.approved()
            && self.four_eyes()
            && self.publication_is_open(now)
            && (self.numbers_settled() || self.waits_for_nothing(now))
    }

    /// Whether the case ended without a vulnerability.
    pub fn ended_without_vulnerability(&self) -> bool {
        self.closed.is_some_and(|(_, reason)| {
            !matches!(
                reason,
                ClosingReason::Published | ClosingReason::Withdrawn | ClosingReason::Duplicate { .. }
            )
        })
    }
}
