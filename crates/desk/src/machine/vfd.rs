//! The fix path (VFD) of one vendor participant: aware (V), fix ready (F), fix deployed (D).
//!
//! Source: Vultron, case state model; 3 transitions. Each happens once and is never undone. Libraries stay at "fix
//! ready": deploying is what the operators of services do, and publishing is no deployment.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// How far a vendor is with its fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// `vfd`: the vendor does not know.
    Unaware,
    /// `Vfd`: the vendor knows.
    Aware,
    /// `VFd`: a fix is ready.
    FixReady,
    /// `VFD`: a fix is deployed.
    FixDeployed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Unaware, Self::Aware, Self::FixReady, Self::FixDeployed];

    /// Vultron's name of the state.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unaware => "vfd",
            Self::Aware => "Vfd",
            Self::FixReady => "VFd",
            Self::FixDeployed => "VFD",
        }
    }

    /// Whether V has happened.
    pub const fn vendor_is_aware(self) -> bool {
        !matches!(self, Self::Unaware)
    }

    /// Whether F has happened.
    pub const fn fix_is_ready(self) -> bool {
        matches!(self, Self::FixReady | Self::FixDeployed)
    }
}

/// What happens on the fix path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// V: the vendor learns of the vulnerability.
    BecomeAware,
    /// F: a fix is ready.
    ReadyFix,
    /// D: a fix is deployed.
    DeployFix,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 3] = [Self::BecomeAware, Self::ReadyFix, Self::DeployFix];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "fix path";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::Unaware;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::Unaware, Trigger::BecomeAware) => Some(Self::Aware),
            (Self::Aware, Trigger::ReadyFix) => Some(Self::FixReady),
            (Self::FixReady, Trigger::DeployFix) => Some(Self::FixDeployed),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unaware => "vendor unaware",
            Self::Aware => "vendor aware",
            Self::FixReady => "fix ready",
            Self::FixDeployed => "fix deployed",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::BecomeAware => "tell the vendor",
            Self::ReadyFix => "declare the fix ready",
            Self::DeployFix => "declare the fix deployed",
        })
    }
}
