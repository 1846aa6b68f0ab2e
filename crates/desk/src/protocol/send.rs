//! What sending a message means: most messages announce a step that the sender takes at the same moment.
//!
//! Source: Vultron, `docs/reference/formal_protocol/transitions.md`, tables of sent messages; what the machines do not
//! have is refused here too (see the [module above](super)).

use super::{Message, Participant, Role, receive::apply_world};
use crate::machine::{
    Machine, Refused, em,
    invariants::{self, OnAttacks, Violation},
    pxa, rm, vfd,
};

/// What sending a message did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The sender's state afterwards.
    pub state: Participant,
    /// What is to be sent together with it, because more than one thing changed.
    pub also: Vec<Message>,
}

/// Why a message cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotSend {
    /// The step that it announces is not possible.
    #[error("\"{message}\" cannot be sent: {refused}")]
    Step {
        /// The message.
        message: Message,
        /// What the machine says.
        refused: Refused,
    },
    /// It would break a law between two machines.
    #[error("\"{message}\" cannot be sent: {violation}")]
    Law {
        /// The message.
        message: Message,
        /// The law.
        violation: Violation,
    },
    /// The sender's report or embargo does not stand where this message is said.
    #[error("\"{message}\" cannot be sent now: {because}")]
    NotNow {
        /// The message.
        message: Message,
        /// Why, and what is missing.
        because: &'static str,
    },
}

/// The sender's state after sending `message`, or why it cannot be sent.
pub fn send(
    state: Participant,
    role: Role,
    on_attacks: OnAttacks,
    message: Message,
) -> Result<Sent, CannotSend> {
    use Message as M;
    let said = |state| Ok(Sent { state, also: vec![] });
    let not_now = |because| Err(CannotSend::NotNow { message, because });
    let report = |trigger| {
        Ok(Sent { state: Participant { rm: step(message, state.rm, trigger)?, ..state }, also: vec![] })
    };

    match message {
        M::ReportInvalid => return report(rm::Trigger::Invalidate),
        M::ReportValid => return report(rm::Trigger::Validate),
        M::ReportDeferred => return report(rm::Trigger::Defer),
        M::ReportAccepted => return report(rm::Trigger::Accept),
        M::ReportClosed => return report(rm::Trigger::Close),
        M::ReportSubmission if state.rm != rm::State::Accepted => {
            return not_now("accept the report before you send it on");
        }
        M::ReportSubmission
        | M::ReportAcknowledgement
        | M::ReportError
        | M::GeneralInquiry
        | M::GeneralAcknowledgement
        | M::GeneralError => return said(state),
        _ if state.rm == rm::State::Closed => return not_now("the report is closed"),
        _ => {}
    }
    match message {
        M::EmbargoProposal
        | M::EmbargoAcceptance
        | M::EmbargoRejection
        | M::RevisionProposal
        | M::RevisionAcceptance
        | M::RevisionRejection
        | M::EmbargoTermination => send_embargo(state, on_attacks, message),
        M::VendorAware | M::FixReady | M::FixDeployed => send_fix(state, role, message),
        M::PublicAware => send_world(state, on_attacks, message, pxa::Trigger::BecomePublic),
        M::ExploitPublic => send_world(state, on_attacks, message, pxa::Trigger::PublishExploit),
        M::AttacksObserved => send_world(state, on_attacks, message, pxa::Trigger::ObserveAttacks),
        _ => said(state),
    }
}

fn send_embargo(state: Participant, on_attacks: OnAttacks, message: Message) -> Result<Sent, CannotSend> {
    use Message as M;
    let (trigger, revision) = match message {
        M::EmbargoProposal => (em::Trigger::Propose, false),
        M::EmbargoAcceptance => (em::Trigger::Accept, false),
        M::EmbargoRejection => (em::Trigger::Reject, false),
        M::RevisionProposal => (em::Trigger::Propose, true),
        M::RevisionAcceptance => (em::Trigger::Accept, true),
        M::RevisionRejection => (em::Trigger::Reject, true),
        _ => (em::Trigger::Terminate, true),
    };
    let em = step(message, state.em, trigger)?;
    // The same triggers mean an embargo or its revision, by where it stands; the messages tell the two apart.
    if state.em.is_in_force() != revision {
        let because = if revision { "no embargo is in force" } else { "an embargo is in force: revise it" };
        return Err(CannotSend::NotNow { message, because });
    }
    invariants::check_embargo(em, state.pxa, on_attacks)
        .map_err(|violation| CannotSend::Law { message, violation })?;
    Ok(Sent { state: Participant { em, ..state }, also: vec![] })
}

fn send_fix(state: Participant, role: Role, message: Message) -> Result<Sent, CannotSend> {
    let Some(path) = state.vfd.filter(|_| role.is_vendor()) else {
        return Err(CannotSend::NotNow { message, because: "only who makes fixes has a fix path" });
    };
    if message == Message::FixDeployed && role != Role::VendorDeployer {
        return Err(CannotSend::NotNow { message, because: "a library is released, not deployed" });
    }
    let trigger = match message {
        Message::VendorAware => vfd::Trigger::BecomeAware,
        Message::FixReady => vfd::Trigger::ReadyFix,
        _ => vfd::Trigger::DeployFix,
    };
    let vfd = step(message, path, trigger)?;
    // A vendor that learns of the vulnerability has thereby received the report.
    let rm = match message {
        Message::VendorAware => state.rm.next(rm::Trigger::Receive).unwrap_or(state.rm),
        _ => state.rm,
    };
    // Announcing a ready or deployed fix is work on the report: it is accepted now, not only once.
    if message != Message::VendorAware && rm != rm::State::Accepted {
        return Err(CannotSend::NotNow { message, because: "accept the report first" });
    }
    Ok(Sent { state: Participant { rm, vfd: Some(vfd), ..state }, also: vec![] })
}

fn send_world(
    state: Participant,
    on_attacks: OnAttacks,
    message: Message,
    happened: pxa::Trigger,
) -> Result<Sent, CannotSend> {
    let pxa = step(message, state.pxa, happened)?;
    let (after, mut also) = apply_world(state, on_attacks, pxa);
    if message == Message::ExploitPublic && !state.pxa.is_public() {
        also.insert(0, Message::PublicAware);
    }
    if after.vfd != state.vfd {
        also.push(Message::VendorAware);
    }
    Ok(Sent { state: after, also })
}

fn step<M: Machine>(message: Message, state: M, trigger: M::Trigger) -> Result<M, CannotSend> {
    state.apply(trigger).map_err(|refused| CannotSend::Step { message, refused })
}
