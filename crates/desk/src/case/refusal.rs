//! Why a command was refused: the rule, what is the matter and what to do instead.

use std::borrow::Cow;

use serde::Serialize;

use crate::machine::Refused;

/// What a caller can do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// Another role does this step (J10).
    NotYourRole,
    /// The case is not at this step; another step comes first or it is too late.
    NotNow,
    /// A second person must do it (J09).
    SecondPerson,
    /// The command's values do not fit.
    Invalid,
}

/// A command that was refused; the case is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{what} ({rule}). {remedy}")]
pub struct Refusal {
    /// What the caller can do about it.
    pub kind: RefusalKind,
    /// The acceptance id or specification section of the rule.
    pub rule: Cow<'static, str>,
    /// What is the matter, one sentence without a full stop.
    pub what: String,
    /// What to do instead, one sentence.
    pub remedy: String,
}

impl Refusal {
    pub(crate) fn role(
        rule: impl Into<Cow<'static, str>>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind: RefusalKind::NotYourRole, rule: rule.into(), what: what.into(), remedy: remedy.into() }
    }
    pub(crate) fn not_now(
        rule: impl Into<Cow<'static, str>>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind: RefusalKind::NotNow, rule: rule.into(), what: what.into(), remedy: remedy.into() }
    }
    pub(crate) fn second(
        rule: impl Into<Cow<'static, str>>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind: RefusalKind::SecondPerson, rule: rule.into(), what: what.into(), remedy: remedy.into() }
    }
    pub(crate) fn invalid(
        rule: impl Into<Cow<'static, str>>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind: RefusalKind::Invalid, rule: rule.into(), what: what.into(), remedy: remedy.into() }
    }
    /// A step that a state machine does not know.
    pub(crate) fn machine(rule: &'static str, refused: &Refused) -> Self {
        Self::not_now(
            rule,
            refused.to_string(),
            "Look at the case's next task for the step that is possible now.",
        )
    }
}
