//! Why a use case did not do what was asked, sorted by what a caller can do about it.

use bastide_desk::{case::Refusal, policy::PolicyProblem};
use bastide_model::finding::Finding;
use bastide_store::StoreError;

/// A use case's refusal or failure. Its text is for whoever asked and may repeat their words; its `Debug` form, which
/// goes to logs, does not.
#[derive(thiserror::Error)]
pub enum UseCaseError {
    /// There is no such thing, or the caller may not know of it: the two look the same.
    #[error("there is nothing at this address that you may see")]
    NotFound,
    /// The secret is unknown, used up, expired or revoked.
    #[error("this sign-in does not work (any more); ask for a new one")]
    NotSignedIn,
    /// Allowed after a fresh second factor.
    #[error(
        "this step asks you to confirm that it is you; confirm by a passkey (a token needs the scope step-up) and repeat it"
    )]
    StepUp,
    /// An auditor has not said why they read this case, or longer ago than that holds.
    #[error("say first why you read this case; it is written down for the case's team and holds for an hour")]
    PurposeNeeded {
        /// The case, which they may know of.
        case: bastide_model::id::CaseId,
    },
    /// The token, or the session that was made from it, was not made for this.
    #[error(
        "this token was not made for this; make one with a wider scope on your account page, or sign in by a link"
    )]
    OutOfReach,
    /// Whoever can read embargoed data needs a passkey first.
    #[error("your role asks for a passkey, and you have none yet; make one on your account page")]
    EnrolFirst,
    /// The process says no; the refusal cites the rule.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A value does not fit.
    #[error("{field}: {reason}. {remedy}")]
    Invalid {
        /// Which value.
        field: String,
        /// What is wrong with it.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// The policy does not take the report as it is; nothing was stored.
    #[error("the policy does not take this report as it is; mend what the findings name and send it again")]
    Blocked {
        /// What to mend.
        findings: Vec<Finding>,
    },
    /// A text that goes out would give the vulnerability away; nothing was stored.
    #[error(
        "this text would say too much before the announcement; change what the findings name and try again"
    )]
    Leaks {
        /// Where, and what to change; they never repeat the secret.
        findings: Vec<Finding>,
    },
    /// Files of rules have mistakes; nothing was stored.
    #[error("the rules have mistakes; mend what is listed with its line and send them again")]
    Rules {
        /// Each mistake; its file is the field: `policy`, `threat-model`, `supports`.
        problems: Vec<PolicyProblem>,
    },
    /// The same idempotency key came with another request.
    #[error("this idempotency key was used for another request; use a fresh key for a new request")]
    KeyReused,
    /// Too much is going on; nothing was stored.
    #[error("the desk is busy; nothing was stored; try again in a moment with the same idempotency key")]
    Busy,
    /// The store failed. Whether the change was stored is unknown: a retry with the same key finds out.
    #[error("{0}")]
    Store(StoreError),
    /// A history in the store does not fold.
    #[error("{0}")]
    Corrupt(String),
}

impl UseCaseError {
    pub(crate) fn invalid(
        field: impl Into<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Invalid { field: field.into(), reason: reason.into(), remedy: remedy.into() }
    }
}

impl std::fmt::Debug for UseCaseError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => write!(out, "Refused({:?}, {})", refusal.kind, refusal.rule),
            Self::Invalid { field, .. } => write!(out, "Invalid({field})"),
            Self::Blocked { findings } => write!(out, "Blocked({} findings)", findings.len()),
            Self::Leaks { findings } => write!(out, "Leaks({} findings)", findings.len()),
            Self::Rules { problems } => write!(out, "Rules({} problems)", problems.len()),
            Self::NotFound => out.write_str("NotFound"),
            Self::NotSignedIn => out.write_str("NotSignedIn"),
            Self::StepUp => out.write_str("StepUp"),
            Self::PurposeNeeded { case } => write!(out, "PurposeNeeded({case})"),
            Self::OutOfReach => out.write_str("OutOfReach"),
            Self::EnrolFirst => out.write_str("EnrolFirst"),
            Self::KeyReused => out.write_str("KeyReused"),
            Self::Busy => out.write_str("Busy"),
            Self::Store(error) => write!(out, "Store({error:?})"),
            Self::Corrupt(what) => write!(out, "Corrupt({what:?})"),
        }
    }
}

/// Why stored JSON does not read, without the words of it that serde would quote: errors go to logs.
pub(crate) fn unreadable(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Io => "it broke off",
        Category::Syntax => "it is not JSON",
        Category::Data => "a value does not fit",
        Category::Eof => "it ends too early",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::unreadable;

    #[test]
    fn why_json_does_not_read_repeats_none_of_it() {
        for text in [r#""SECRET""#, r#"["SECRET"]"#, r#"{"SECRET": 1}"#, "SECRET"] {
            let error = serde_json::from_str::<u32>(text).unwrap_err();
            assert!(!unreadable(&error).contains("SECRET"), "{}", unreadable(&error));
        }
    }
}
