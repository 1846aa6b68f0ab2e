//! What the world knows (PXA): the public is aware (P), an exploit is public (X), attacks were observed (A).
//!
//! Source: Vultron, case state model; the 12 edges of a cube. Each of the three happens at most once and is never
//! undone. That a public exploit makes the vulnerability public (`pX` becomes `PX` at once) is a law of
//! [`case_state`](super::case_state), as `vP` becoming `VP` is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// Which of the three have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// `pxa`: none.
    Quiet,
    /// `Pxa`: the public is aware.
    Public,
    /// `pXa`: an exploit is public; the public is about to notice.
    Exploit,
    /// `pxA`: attacks were observed.
    Attacks,
    /// `PXa`: the public is aware and an exploit is public.
    PublicExploit,
    /// `PxA`: the public is aware and attacks were observed.
    PublicAttacks,
    /// `pXA`: an exploit is public and attacks were observed; the public is about to notice.
    ExploitAttacks,
    /// `PXA`: all three.
    PublicExploitAttacks,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Quiet,
        Self::Public,
        Self::Exploit,
        Self::Attacks,
        Self::PublicExploit,
        Self::PublicAttacks,
        Self::ExploitAttacks,
        Self::PublicExploitAttacks,
    ];

    /// Vultron's name of the state.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Quiet => "pxa",
            Self::Public => "Pxa",
            Self::Exploit => "pXa",
            Self::Attacks => "pxA",
            Self::PublicExploit => "PXa",
            Self::PublicAttacks => "PxA",
            Self::ExploitAttacks => "pXA",
            Self::PublicExploitAttacks => "PXA",
        }
    }

    /// Whether P has happened.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Public | Self::PublicExploit | Self::PublicAttacks | Self::PublicExploitAttacks)
    }

    /// Whether X has happened.
    pub const fn exploit_is_public(self) -> bool {
        matches!(
            self,
            Self::Exploit | Self::PublicExploit | Self::ExploitAttacks | Self::PublicExploitAttacks
        )
    }

    /// Whether A has happened.
    pub const fn attacks_were_observed(self) -> bool {
        matches!(
            self,
            Self::Attacks | Self::PublicAttacks | Self::ExploitAttacks | Self::PublicExploitAttacks
        )
    }
}

/// What happens in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// P: the public learns of the vulnerability, from us or otherwise.
    BecomePublic,
    /// X: an exploit is published.
    PublishExploit,
    /// A: attacks are observed.
    ObserveAttacks,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 3] = [Self::BecomePublic, Self::PublishExploit, Self::ObserveAttacks];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "public, exploit, attacks";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::Quiet;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (trigger, self) {
            (Trigger::BecomePublic, Self::Quiet) => Some(Self::Public),
            (Trigger::BecomePublic, Self::Exploit) => Some(Self::PublicExploit),
            (Trigger::BecomePublic, Self::Attacks) => Some(Self::PublicAttacks),
            (Trigger::BecomePublic, Self::ExploitAttacks) => Some(Self::PublicExploitAttacks),

            (Trigger::PublishExploit, Self::Quiet) => Some(Self::Exploit),
            (Trigger::PublishExploit, Self::Public) => Some(Self::PublicExploit),
            (Trigger::PublishExploit, Self::Attacks) => Some(Self::ExploitAttacks),
            (Trigger::PublishExploit, Self::PublicAttacks) => Some(Self::PublicExploitAttacks),

            (Trigger::ObserveAttacks, Self::Quiet) => Some(Self::Attacks),
            (Trigger::ObserveAttacks, Self::Public) => Some(Self::PublicAttacks),
            (Trigger::ObserveAttacks, Self::Exploit) => Some(Self::ExploitAttacks),
            (Trigger::ObserveAttacks, Self::PublicExploit) => Some(Self::PublicExploitAttacks),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Quiet => "not public",
            Self::Public => "public",
            Self::Exploit => "exploit public",
            Self::Attacks => "not public, attacks observed",
            Self::PublicExploit => "public, exploit public",
            Self::PublicAttacks => "public, attacks observed",
            Self::ExploitAttacks => "exploit public, attacks observed",
            Self::PublicExploitAttacks => "public, exploit public, attacks observed",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::BecomePublic => "record that it is public",
            Self::PublishExploit => "record a public exploit",
            Self::ObserveAttacks => "record attacks",
        })
    }
}
