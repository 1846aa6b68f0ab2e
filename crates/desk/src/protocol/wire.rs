//! The names of embargo states in Vultron's JSON.
//!
//! Its code writes the short names (`NONE`); its examples of 2023 and 2024 hold the long ones
//! (`EMBARGO_MANAGEMENT_NONE`). We write short and read both.

use crate::machine::em;

const LONG_PREFIX: &str = "EMBARGO_MANAGEMENT_";

/// The name that we write.
pub const fn embargo_state_name(state: em::State) -> &'static str {
    match state {
        em::State::None => "NONE",
        em::State::Proposed => "PROPOSED",
        em::State::Active => "ACTIVE",
        em::State::Revise => "REVISE",
        em::State::Exited => "EXITED",
    }
}

/// The state with this name, short or long.
pub fn embargo_state_from_name(name: &str) -> Option<em::State> {
    let short = name.strip_prefix(LONG_PREFIX).unwrap_or(name);
    em::State::ALL.into_iter().find(|state| embargo_state_name(*state) == short)
}
