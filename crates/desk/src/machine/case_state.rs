//! The case state (CS): a vendor's fix path together with what the world knows; 32 states, 58 transitions.
//!
//! Source: Householder and Spring, "A State-Based Model for Multi-Party Coordinated Vulnerability Disclosure"
//! (CMU/SEI-2021-SR-021), and Vultron CSB-17. Two pairs of states do not last: when the public knows, the vendor
//! learns of it next (`vP` to `VP`), and when an exploit is public, the public learns of it next (`pX` to `PX`).
//! Of the 720 orders of the six events, 70 are possible.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Machine, pxa, vfd};

/// A fix path with what the world knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// How far the vendor is.
    pub vfd: vfd::State,
    /// What the world knows.
    pub pxa: pxa::State,
}

/// One of the six events of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// V: the vendor learns of the vulnerability.
    VendorAware,
    /// F: a fix is ready.
    FixReady,
    /// D: a fix is deployed.
    FixDeployed,
    /// P: the public learns of the vulnerability.
    Public,
    /// X: an exploit is published.
    Exploit,
    /// A: attacks are observed.
    Attacks,
}

impl Event {
    /// Every event, in the order V, F, D, P, X, A.
    pub const ALL: [Self; 6] =
        [Self::VendorAware, Self::FixReady, Self::FixDeployed, Self::Public, Self::Exploit, Self::Attacks];

    /// The letter that Vultron writes for the event.
    pub const fn letter(self) -> char {
        match self {
            Self::VendorAware => 'V',
            Self::FixReady => 'F',
            Self::FixDeployed => 'D',
            Self::Public => 'P',
            Self::Exploit => 'X',
            Self::Attacks => 'A',
        }
    }
}

impl State {
    /// Every state.
    pub const ALL: [Self; 32] = all();

    /// Vultron's name of the state, such as `VFdPxa`.
    pub fn code(self) -> String {
        format!("{}{}", self.vfd.code(), self.pxa.code())
    }

    /// The only event that may follow, where the state does not last.
    pub const fn forced(self) -> Option<Event> {
        if self.pxa.is_public() && !self.vfd.vendor_is_aware() {
            Some(Event::VendorAware)
        } else if self.pxa.exploit_is_public() && !self.pxa.is_public() {
            Some(Event::Public)
        } else {
            None
        }
    }

    /// The state after all forced events have happened.
    #[must_use]
    pub fn settled(self) -> Self {
        let mut state = self;
        while let Some(after) = state.forced().and_then(|event| state.next(event)) {
            state = after;
        }
        state
    }
}

const fn all() -> [State; 32] {
    let mut states = [State { vfd: vfd::State::Unaware, pxa: pxa::State::Quiet }; 32];
    let mut index = 0;
    while index < states.len() {
        let (fix, world) = (index / pxa::State::ALL.len(), index % pxa::State::ALL.len());
        states[index] = State { vfd: vfd::State::ALL[fix], pxa: pxa::State::ALL[world] };
        index += 1;
    }
    states
}

impl Machine for State {
    type Trigger = Event;

    const NAME: &'static str = "case state";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Event] = &Event::ALL;
    const START: Self = Self { vfd: vfd::State::Unaware, pxa: pxa::State::Quiet };

    fn next(self, event: Event) -> Option<Self> {
        if self.forced().is_some_and(|forced| forced != event) {
            return None;
        }
        let fix = |trigger| self.vfd.next(trigger).map(|vfd| Self { vfd, ..self });
        let world = |trigger| self.pxa.next(trigger).map(|pxa| Self { pxa, ..self });
        match event {
            Event::VendorAware => fix(vfd::Trigger::BecomeAware),
            Event::FixReady => fix(vfd::Trigger::ReadyFix),
            Event::FixDeployed => fix(vfd::Trigger::DeployFix),
            Event::Public => world(pxa::Trigger::BecomePublic),
            Event::Exploit => world(pxa::Trigger::PublishExploit),
            Event::Attacks => world(pxa::Trigger::ObserveAttacks),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; {}", self.vfd, self.pxa)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VendorAware => vfd::Trigger::BecomeAware.fmt(out),
            Self::FixReady => vfd::Trigger::ReadyFix.fmt(out),
            Self::FixDeployed => vfd::Trigger::DeployFix.fmt(out),
            Self::Public => pxa::Trigger::BecomePublic.fmt(out),
            Self::Exploit => pxa::Trigger::PublishExploit.fmt(out),
            Self::Attacks => pxa::Trigger::ObserveAttacks.fmt(out),
        }
    }
}
