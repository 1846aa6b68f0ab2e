//! What happened in a matter of conduct: plain headers that fold, and what people wrote beside them.

use std::fmt;

use bastide_authz::Tier;
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
};
use serde::{Deserialize, Serialize};

/// Whom a matter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "kebab-case")]
pub enum Subject {
    /// A person with an account.
    Person {
        /// Who.
        id: PersonId,
    },
    /// Whoever writes from a mail address. The digest is keyed by the caller, so that nobody can find out by trying
    /// whether an address is known here.
    Mail {
        /// The keyed digest of the address in its normal form.
        digest: Sha256Digest,
    },
}

/// What becomes of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The measure stays.
    Dismissed,
    /// One step back.
    Eased,
    /// A clean slate.
    Cleared,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The matter begins.
    MatterOpened {
        /// Whom it is about.
        subject: Subject,
    },
    /// A failure to respect the policy was recorded. Content: the reason.
    StrikeGiven {
        /// The case that gave the occasion.
        case: CaseId,
        /// Who.
        by: PersonId,
    },
    /// Future reports are rejected on arrival. Content: the reason.
    FutureReportsRejected {
        /// Who.
        by: PersonId,
    },
    /// A ban was proposed. Content: the reason.
    BanProposed {
        /// Who.
        by: PersonId,
    },
    /// A second person confirmed the ban. Content: the reason.
    Banned {
        /// Who.
        by: PersonId,
    },
    /// It was proposed to lift the ban. Content: the reason.
    LiftProposed {
        /// Whether wholly.
        wholly: bool,
        /// Who.
        by: PersonId,
    },
    /// A second person agreed to lift the ban. Content: the reason.
    BanLifted {
        /// Whether wholly; otherwise reports stay rejected on arrival.
        wholly: bool,
        /// Who.
        by: PersonId,
    },
    /// A second person rejected the open proposal. Content: the reason.
    ProposalRejected {
        /// Who.
        by: PersonId,
    },
    /// The reporter appealed. Content: what they wrote.
    Appealed,
    /// The appeal was decided. Content: the reason.
    AppealDecided {
        /// How.
        verdict: Verdict,
        /// Who.
        by: PersonId,
    },
}

/// What somebody wrote in a step, to be sealed. Its `Debug` form shows no word of it.
///
/// Of the tiers of a case two are used: *team only* (coordinators, the programme's administrators and the conduct team)
/// and *team and reporter*. A reason may name an undisclosed vulnerability, so nothing here is for anybody else; the
/// conduct team gets the [redacted export](super::redacted_export).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Whom it is for.
    pub tier: Tier,
    /// The text as written.
    pub text: String,
}

impl fmt::Debug for Content {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Content({:?}, *** {} bytes)", self.tier, self.text.len())
    }
}
