//! Laws that hold between two machines, whatever else a case is about.
//!
//! Source: Vultron, `rm_em_cs` model interactions, CSB-18-001 to CSB-18-004, VP-06-001. The law inside the case state
//! (`vP` becomes `VP`, `pX` becomes `PX`) is in [`case_state`](super::case_state).

use super::{em, pxa, rm, vfd};

/// A law between machines that a pair of states breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A fix is ready although its vendor never accepted the report.
    #[error("the fix path says \"{vfd}\" but the report is \"{rm}\": accept the report first")]
    FixWithoutAcceptance {
        /// The vendor's report state.
        rm: rm::State,
        /// The vendor's fix path.
        vfd: vfd::State,
    },
    /// An embargo is negotiated or in force although there is nothing left to keep secret.
    #[error("the embargo is \"{em}\" but the vulnerability is \"{pxa}\": end the embargo")]
    EmbargoOnTheKnown {
        /// The embargo.
        em: em::State,
        /// What the world knows.
        pxa: pxa::State,
    },
}

/// Fix ready or deployed needs a report that is accepted, or was (deferred, closed): CSB-18-001.
pub const fn check_fix(rm: rm::State, vfd: vfd::State) -> Result<(), Violation> {
    let accepted = matches!(rm, rm::State::Accepted | rm::State::Deferred | rm::State::Closed);
    if vfd.fix_is_ready() && !accepted {
        return Err(Violation::FixWithoutAcceptance { rm, vfd });
    }
    Ok(())
}

/// No embargo is proposed, in force or under revision when the public knows, an exploit is public, or attacks were
/// observed: VP-06-001, CSB-18-002 to CSB-18-004.
///
/// With `attacks` = [`OnAttacks::Keep`] attacks alone do not break the law for an embargo that is in force: Vultron
/// says SHOULD end in VP-09-003 and MUST end in EMB-03-003, so the policy chooses.
pub const fn check_embargo(em: em::State, pxa: pxa::State, attacks: OnAttacks) -> Result<(), Violation> {
    let known = pxa.is_public() || pxa.exploit_is_public();
    let broken = match em {
        em::State::None | em::State::Exited => false,
        em::State::Proposed => !may_negotiate(pxa),
        em::State::Active | em::State::Revise => {
            known || (pxa.attacks_were_observed() && matches!(attacks, OnAttacks::EndEmbargo))
        }
    };
    if broken { Err(Violation::EmbargoOnTheKnown { em, pxa }) } else { Ok(()) }
}

/// Whether terms of an embargo may be proposed or accepted: only while nothing has happened in the world.
pub const fn may_negotiate(pxa: pxa::State) -> bool {
    matches!(pxa, pxa::State::Quiet)
}

/// What must happen to an embargo when the secret is out: a proposal is rejected, one in force ends.
pub const fn on_disclosure(em: em::State) -> Option<em::Trigger> {
    match em {
        em::State::Proposed => Some(em::Trigger::Reject),
        em::State::Active | em::State::Revise => Some(em::Trigger::Terminate),
        em::State::None | em::State::Exited => None,
    }
}

/// What a policy does with an embargo in force when attacks are observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnAttacks {
    /// The embargo ends: users need to know (the default).
    #[default]
    EndEmbargo,
    /// The embargo stays, and the coordinator decides.
    Keep,
}
