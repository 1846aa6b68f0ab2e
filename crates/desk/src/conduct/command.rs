//! What somebody wants to do about a reporter's conduct.

use bastide_model::id::{CaseId, PersonId};

use super::{Subject, Verdict};

/// As what a person acts. That they hold it was asked of `authorize` before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// Coordinates the case that gave the occasion.
    Coordinator,
    /// Administers the programme.
    ProgrammeAdmin,
    /// Belongs to the conduct team.
    ConductTeam,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person in an office.
    Person {
        /// Who.
        id: PersonId,
        /// As what.
        office: Office,
    },
    /// The reporter whom the matter is about, signed in or by the secret link of one of their reports.
    Reporter,
}

/// One step that one person takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A coordinator records a failure to respect the policy. The first one opens the matter.
    Strike {
        /// Whom it is about.
        subject: Subject,
        /// The case that gave the occasion.
        case: CaseId,
        /// What happened; the reporter reads it.
        reason: String,
    },
    /// A coordinator has future reports rejected on arrival.
    RejectFuture {
        /// Why; the reporter reads it.
        reason: String,
    },
    /// Somebody proposes to ban the reporter.
    ProposeBan {
        /// Why.
        reason: String,
    },
    /// Somebody proposes to lift the ban.
    ProposeLift {
        /// Whether the reporter gets a clean slate; otherwise their reports stay rejected.
        wholly: bool,
        /// Why.
        reason: String,
    },
    /// A second person decides about the open proposal.
    Second {
        /// Yes or no.
        accept: bool,
        /// Why; the reporter reads it when the proposal is accepted.
        reason: String,
    },
    /// The reporter appeals.
    Appeal {
        /// What they have to say.
        text: String,
    },
    /// Somebody decides about the open appeal.
    DecideAppeal {
        /// How.
        verdict: Verdict,
        /// Why; the reporter reads it.
        reason: String,
    },
}
