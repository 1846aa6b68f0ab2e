//! What receiving a message does.
//!
//! Source: Vultron, `docs/reference/formal_protocol/transitions.md` and the receive groups of `rm-behavior.yaml`,
//! `em-behavior.yaml` and `cs-behavior.yaml`; deviations are listed in the [module above](super).

use super::{Message, Participant, Role};
use crate::machine::{
    Machine as _, em,
    invariants::{self, OnAttacks},
    pxa, rm, vfd,
};

/// What receiving a message did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The receiver's state afterwards.
    pub state: Participant,
    /// What the receiver answers the sender, in this order.
    pub replies: Vec<Message>,
    /// What the receiver tells all participants of the case.
    pub announcements: Vec<Message>,
    /// What the receiver now knows of the sender.
    pub learned: Option<Learned>,
    /// Why the message did not fit, if it did not; the state is then unchanged.
    pub error: Option<Unexpected>,
}

/// What a message tells about its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// Where the sender stands with the report.
    Report(rm::State),
    /// How far the sender (or the vendor it speaks of) is with its fix.
    Fix(vfd::State),
}

/// A message that does not fit the receiver's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unexpected {
    /// The sender believes the receiver to have a report that it never got.
    #[error(
        "the message \"{message}\" speaks of a report that was never received here: ask the sender to submit it"
    )]
    UnknownReport {
        /// The message.
        message: Message,
    },
    /// The message does not belong to where the embargo stands.
    #[error(
        "the message \"{message}\" does not fit an embargo that is \"{em}\": tell the sender where it stands"
    )]
    EmbargoElsewhere {
        /// The message.
        message: Message,
        /// Where the embargo stands here.
        em: em::State,
    },
}

/// The state, replies and announcements after `message`, for a receiver of this role and policy.
pub fn receive(state: Participant, role: Role, on_attacks: OnAttacks, message: Message) -> Outcome {
    use Message as M;
    match message {
        M::GeneralInquiry => unchanged(state, vec![M::GeneralAcknowledgement]),
        M::GeneralAcknowledgement => unchanged(state, vec![]),
        M::GeneralError => unchanged(state, vec![M::GeneralInquiry]),
        // Whoever has closed the report may ignore whatever else arrives (RMB-14-002).
        _ if state.rm == rm::State::Closed => unchanged(state, vec![]),

        M::ReportSubmission => receive_report(state, role),
        M::ReportInvalid => sender_report(state, message, rm::State::Invalid),
        M::ReportValid => sender_report(state, message, rm::State::Valid),
        M::ReportDeferred => sender_report(state, message, rm::State::Deferred),
        M::ReportAccepted => sender_report(state, message, rm::State::Accepted),
        M::ReportClosed => sender_report(state, message, rm::State::Closed),
        M::ReportError => unchanged(state, vec![M::ReportAcknowledgement, M::GeneralInquiry]),

        M::EmbargoProposal
        | M::EmbargoRejection
        | M::EmbargoAcceptance
        | M::RevisionProposal
        | M::RevisionRejection
        | M::RevisionAcceptance
        | M::EmbargoTermination => receive_embargo(state, on_attacks, message),
        M::EmbargoError => unchanged(state, vec![M::EmbargoAcknowledgement, M::GeneralInquiry]),

        M::VendorAware => sender_fix(state, vfd::State::Aware),
        M::FixReady => sender_fix(state, vfd::State::FixReady),
        M::FixDeployed => sender_fix(state, vfd::State::FixDeployed),
        M::PublicAware => receive_world(state, on_attacks, pxa::Trigger::BecomePublic),
        M::ExploitPublic => receive_world(state, on_attacks, pxa::Trigger::PublishExploit),
        M::AttacksObserved => receive_world(state, on_attacks, pxa::Trigger::ObserveAttacks),
        M::CaseError => unchanged(state, vec![M::CaseAcknowledgement, M::GeneralInquiry]),

        M::ReportAcknowledgement | M::EmbargoAcknowledgement | M::CaseAcknowledgement => {
            unchanged(state, vec![])
        }
    }
}

/// RS: the report arrives; a vendor thereby learns of the vulnerability and says so.
fn receive_report(state: Participant, role: Role) -> Outcome {
    let mut after = state;
    after.rm = state.rm.next(rm::Trigger::Receive).unwrap_or(state.rm);
    if role.is_vendor() {
        after.vfd = state.vfd.map(|vfd| vfd.next(vfd::Trigger::BecomeAware).unwrap_or(vfd));
    }
    Outcome {
        announcements: if role.is_vendor() { vec![Message::VendorAware] } else { vec![] },
        ..unchanged(after, vec![Message::ReportAcknowledgement])
    }
}

/// RI, RV, RD, RA, RC: news of the sender, which nobody can have about a report that was never received.
fn sender_report(state: Participant, message: Message, sender: rm::State) -> Outcome {
    if state.rm == rm::State::Start {
        let replies = vec![Message::ReportError, Message::GeneralInquiry, Message::ReportAcknowledgement];
        return Outcome { error: Some(Unexpected::UnknownReport { message }), ..unchanged(state, replies) };
    }
    Outcome {
        learned: Some(Learned::Report(sender)),
        ..unchanged(state, vec![Message::ReportAcknowledgement])
    }
}

/// CV, CF, CD: news of the sender's fix; the receiver's own is another.
fn sender_fix(state: Participant, sender: vfd::State) -> Outcome {
    Outcome { learned: Some(Learned::Fix(sender)), ..unchanged(state, vec![Message::CaseAcknowledgement]) }
}

/// EP, ER, EA, EV, EJ, EC, ET.
fn receive_embargo(state: Participant, on_attacks: OnAttacks, message: Message) -> Outcome {
    use Message as M;
    use em::State as E;

    let acknowledged = |em| unchanged(Participant { em, ..state }, vec![M::EmbargoAcknowledgement]);
    let rejected = |em| unchanged(Participant { em, ..state }, vec![M::EmbargoRejection]);
    let ended = || Outcome {
        announcements: vec![M::EmbargoTermination],
        ..unchanged(Participant { em: E::Exited, ..state }, vec![])
    };
    let unexpected = || Outcome {
        error: Some(Unexpected::EmbargoElsewhere { message, em: state.em }),
        ..unchanged(state, vec![M::EmbargoError])
    };
    let negotiable = invariants::may_negotiate(state.pxa);
    // A policy that keeps an embargo under attack also lets its terms be changed.
    let tenable = invariants::check_embargo(E::Active, state.pxa, on_attacks).is_ok();

    match (message, state.em) {
        (M::EmbargoProposal, E::None | E::Proposed) if negotiable => acknowledged(E::Proposed),
        (M::EmbargoAcceptance, E::Proposed) if negotiable => acknowledged(E::Active),
        (M::EmbargoProposal | M::EmbargoAcceptance, E::Proposed) => rejected(E::None),
        (M::EmbargoProposal | M::EmbargoAcceptance, em) if !negotiable => rejected(em),
        (M::EmbargoRejection, E::Proposed) => acknowledged(E::None),

        (M::RevisionProposal, E::Active | E::Revise) if tenable => acknowledged(E::Revise),
        (M::RevisionProposal, E::Active | E::Revise) => ended(),
        (M::RevisionRejection | M::RevisionAcceptance, E::Revise) if tenable => acknowledged(E::Active),
        (M::RevisionRejection | M::RevisionAcceptance, E::Revise) => ended(),

        (M::EmbargoTermination, E::Active | E::Revise | E::Exited) => acknowledged(E::Exited),
        _ => unexpected(),
    }
}

/// CP, CX, CA: something happened in the world, which is the receiver's world too.
fn receive_world(state: Participant, on_attacks: OnAttacks, happened: pxa::Trigger) -> Outcome {
    let pxa = state.pxa.next(happened).unwrap_or(state.pxa);
    let (after, mut announcements) = apply_world(state, on_attacks, pxa);
    if after.vfd != state.vfd {
        announcements.push(Message::VendorAware);
    }
    Outcome { announcements, ..unchanged(after, vec![Message::CaseAcknowledgement]) }
}

/// The participant's state when the world turns to `pxa`, and what is said about the embargo then.
///
/// An embargo on what was public before is not touched: publication has ended it, or somebody has broken the protocol
/// and must say "embargo ended" in so many words.
pub(super) fn apply_world(
    state: Participant,
    on_attacks: OnAttacks,
    pxa: pxa::State,
) -> (Participant, Vec<Message>) {
    let mut after = Participant { pxa, ..state }.settled();
    if after.pxa == state.pxa {
        return (after, vec![]);
    }
    let untenable = invariants::check_embargo(state.em, after.pxa, on_attacks).is_err();
    if state.pxa.is_public() || !untenable {
        return (after, vec![]);
    }
    let Some(em) = invariants::on_disclosure(state.em).and_then(|trigger| state.em.next(trigger)) else {
        return (after, vec![]);
    };
    after.em = em;
    let said = match em {
        em::State::Exited => Message::EmbargoTermination,
        _ => Message::EmbargoRejection,
    };
    (after, vec![said])
}

fn unchanged(state: Participant, replies: Vec<Message>) -> Outcome {
    Outcome { state, replies, announcements: vec![], learned: None, error: None }
}
