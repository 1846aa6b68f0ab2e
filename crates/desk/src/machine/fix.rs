//! The fix of one project in a case.
//!
//! Ours; rules J20, J21, J26, J27, J31. Continuous integration does not run on private security forks, so a merge
//! needs a record of a manual test first (J31). That "agreed" waits for the CVE number before dates are set (J21) is
//! the case's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// How far the fix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody works on one.
    None,
    /// Developers work on it, in private.
    InDevelopment,
    /// Developer and coordinator agree on it.
    Agreed,
    /// A reviewer tested it by hand and left a record.
    TestedManually,
    /// It is merged: whoever reads the repository can see it.
    Merged,
    /// It is in a release.
    Released,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::None, Self::InDevelopment, Self::Agreed, Self::TestedManually, Self::Merged, Self::Released];

    /// Whether the fix can be read in public, announced or not.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Merged | Self::Released)
    }
}

/// What happens to the fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Work begins.
    Start,
    /// The fix is agreed.
    Agree,
    /// A manual test passed and is recorded.
    RecordTest,
    /// The fix is merged.
    Merge,
    /// The fix is released.
    Release,
    /// The fix needs more work; earlier agreement and tests no longer count.
    Rework,
    /// Work stops, nothing was merged.
    Abandon,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 7] =
        [Self::Start, Self::Agree, Self::RecordTest, Self::Merge, Self::Release, Self::Rework, Self::Abandon];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "fix";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::None;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::None, Trigger::Start) => Some(Self::InDevelopment),
            (Self::InDevelopment, Trigger::Agree) => Some(Self::Agreed),
            (Self::Agreed, Trigger::RecordTest) => Some(Self::TestedManually),
            (Self::TestedManually, Trigger::Merge) => Some(Self::Merged),
            (Self::Merged, Trigger::Release) => Some(Self::Released),
            (Self::Agreed | Self::TestedManually | Self::Merged, Trigger::Rework) => {
                Some(Self::InDevelopment)
            }
            (Self::InDevelopment | Self::Agreed | Self::TestedManually, Trigger::Abandon) => Some(Self::None),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::None => "no fix",
            Self::InDevelopment => "in development",
            Self::Agreed => "agreed",
            Self::TestedManually => "tested by hand",
            Self::Merged => "merged",
            Self::Released => "released",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Start => "start to develop a fix",
            Self::Agree => "agree on the fix",
            Self::RecordTest => "record a manual test",
            Self::Merge => "merge the fix",
            Self::Release => "release the fix",
            Self::Rework => "rework the fix",
            Self::Abandon => "abandon the fix",
        })
    }
}
