//! The yes-or-no questions that connect a report's answers with clauses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A question about a report. Some are answered by the reporter, some by the desk from what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// P04.
    RealWorld,
    /// P06.
    LaunchConditions,
    /// P07: the class of report.
    Availability,
    /// P07: the size of the input.
    ReasonableInput,
    /// P08.
    UpwardPosture,
    /// P09.
    InDependency,
    /// P10.
    SupportedVersion,
    /// P12.
    OnlyPrerelease,
    /// P13.
    FixedOnMain,
    /// P14.
    Experimental,
    /// P15.
    SupportedPlatform,
    /// S07.
    FreelyExecutes,
    /// Whether the attack starts inside of a restricted Python.
    EscapesSandbox,
}

/// The answers that are known about a report; a question that is absent was not answered.
pub type Answered = BTreeMap<Question, bool>;

impl Question {
    /// All questions.
    pub const ALL: &'static [Self] = &[
        Self::RealWorld,
        Self::LaunchConditions,
        Self::Availability,
        Self::ReasonableInput,
        Self::UpwardPosture,
        Self::InDependency,
        Self::SupportedVersion,
        Self::OnlyPrerelease,
        Self::FixedOnMain,
        Self::Experimental,
        Self::SupportedPlatform,
        Self::FreelyExecutes,
        Self::EscapesSandbox,
    ];

    /// The question as people are asked it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::RealWorld => {
                "Can the code, configuration or deployment that it needs exist in the real world?"
            }
            Self::LaunchConditions => {
                "Does the attacker need control of the command line, environment variables or files at launch?"
            }
            Self::Availability => "Is the effect a crash, a hang or exhausted resources?",
            Self::ReasonableInput => "Is the input that triggers it of a reasonable size for its use?",
            Self::UpwardPosture => "Does the attacker gain something that they could not do before?",
            Self::InDependency => "Is the flaw in a dependency rather than in the project's own code?",
            Self::SupportedVersion => "Is a supported version vulnerable?",
            Self::OnlyPrerelease => "Are only alphas, betas or release candidates vulnerable?",
            Self::FixedOnMain => "Is it already fixed on the main branch?",
            Self::Experimental => "Is the feature marked as experimental?",
            Self::SupportedPlatform => "Is a supported platform affected?",
            Self::FreelyExecutes => "Does the attack assume that the attacker can freely execute functions?",
            Self::EscapesSandbox => "Does the attack start from code that runs in a restricted Python?",
        }
    }
}
