//! The state of one participant, as messages see it.
//!
//! Source: Vultron, `docs/reference/formal_protocol/states.md`: 7 report states, 5 embargo states, 5 fix paths (the
//! four, or none for who fixes nothing) and 8 states of the world make 1,400. Consent (PEC) is not among them: it is
//! recorded by the case, not told by these messages.

use serde::{Deserialize, Serialize};

use crate::machine::{case_state, em, pxa, rm, vfd};

/// What a participant does in a case, as far as the protocol tells participants apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Found or sent the report; visible from "accepted" on.
    Reporter,
    /// Makes fixes (a project).
    Vendor,
    /// Makes fixes and deploys them (a project that runs a service).
    VendorDeployer,
    /// Coordinators, observers and whoever else neither fixes nor deploys.
    Other,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Reporter, Self::Vendor, Self::VendorDeployer, Self::Other];

    /// Whether the role has a fix path.
    pub const fn is_vendor(self) -> bool {
        matches!(self, Self::Vendor | Self::VendorDeployer)
    }
}

/// What a participant knows of the report, the embargo, its own fix and the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Participant {
    /// What it made of the report.
    pub rm: rm::State,
    /// The embargo.
    pub em: em::State,
    /// Its fix path, if it has one.
    pub vfd: Option<vfd::State>,
    /// What the world knows.
    pub pxa: pxa::State,
}

/// A participant's state without what no longer matters.
///
/// Before a report is received and after it is closed nothing else matters; once the public knows, the embargo does
/// not. Vultron counts these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Essence {
    /// The report is not received.
    NotReceived,
    /// An open report that is not public.
    Private(rm::State, em::State, Option<vfd::State>, pxa::State),
    /// An open report that is public.
    Public(rm::State, Option<vfd::State>, pxa::State),
    /// The report is closed.
    Closed,
}

impl Participant {
    /// The state in which a participant of this role enters a case.
    pub const fn start(role: Role) -> Self {
        Self {
            rm: match role {
                Role::Reporter => rm::State::Accepted,
                Role::Vendor | Role::VendorDeployer | Role::Other => rm::State::Start,
            },
            em: em::State::None,
            vfd: if role.is_vendor() { Some(vfd::State::Unaware) } else { None },
            pxa: pxa::State::Quiet,
        }
    }

    /// All 1,400 states.
    pub fn all() -> impl Iterator<Item = Self> {
        let paths = || std::iter::once(None).chain(vfd::State::ALL.into_iter().map(Some));
        rm::State::ALL.into_iter().flat_map(move |rm| {
            em::State::ALL.into_iter().flat_map(move |em| {
                paths().flat_map(move |vfd| {
                    pxa::State::ALL.into_iter().map(move |pxa| Self { rm, em, vfd, pxa })
                })
            })
        })
    }

    /// The state without what no longer matters; `None` where an exploit is public and the public has not noticed,
    /// which does not last.
    pub const fn essence(self) -> Option<Essence> {
        match self.rm {
            rm::State::Start => Some(Essence::NotReceived),
            rm::State::Closed => Some(Essence::Closed),
            _ if self.pxa.is_public() => Some(Essence::Public(self.rm, self.vfd, self.pxa)),
            _ if self.pxa.exploit_is_public() => None,
            _ => Some(Essence::Private(self.rm, self.em, self.vfd, self.pxa)),
        }
    }

    /// Whether a participant of this role can be in this state.
    ///
    /// A vendor that holds a report knows of it, makes fixes only for a report that it accepted, and deploys only
    /// when it is a deployer; a reporter is first seen with an accepted report; all others have no fix path.
    pub const fn is_possible(self, role: Role) -> bool {
        match role {
            Role::Reporter => {
                self.vfd.is_none()
                    && matches!(self.rm, rm::State::Deferred | rm::State::Accepted | rm::State::Closed)
            }
            Role::Other => self.vfd.is_none(),
            Role::Vendor | Role::VendorDeployer => match (self.rm, self.vfd) {
                (_, None) => false,
                (rm::State::Start | rm::State::Closed, Some(_)) => true,
                (_, Some(vfd::State::Unaware)) => false,
                (_, Some(vfd::State::Aware)) => true,
                (rm::State::Deferred | rm::State::Accepted, Some(vfd::State::FixReady)) => true,
                (rm::State::Deferred | rm::State::Accepted, Some(vfd::State::FixDeployed)) => {
                    matches!(role, Role::VendorDeployer)
                }
                _ => false,
            },
        }
    }

    /// The state after what must follow at once: a public exploit makes the vulnerability public, and what the public
    /// knows the vendor knows.
    #[must_use]
    pub fn settled(self) -> Self {
        // Without a fix path only the world can be unsettled; a vendor that knows stands in for the missing path.
        let vfd = self.vfd.unwrap_or(vfd::State::Aware);
        let after = case_state::State { vfd, pxa: self.pxa }.settled();
        Self { vfd: self.vfd.map(|_| after.vfd), pxa: after.pxa, ..self }
    }
}
