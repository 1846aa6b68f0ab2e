//! Lint: what is wrong with a report, a later message, or a text that is about to go out.
//!
//! [`Linter`] holds a policy, and the threat model, project and API names where they are known, all compiled once.
//! [`Linter::lint`] judges a [`ReportDraft`]; [`Linter::lint_message`] a follow-up. Each rule is one file under
//! [`rules`], with its reason, its source and two examples. Lint only flags: the raw bytes of a report are kept by the
//! case whatever is found, and what a finding leads to (record, warn, hold, block) is the policy's word.
//!
//! [`leak_lint`] looks at outgoing text before an announcement: release notes, posts, commit messages.
//!
//! A finding quotes the report it is about. Keep it where the report is kept: sealed, and out of logs.

mod api_names;
mod attachment;
mod draft;
mod judge;
mod leak;
mod read;
mod rule;
pub mod rules;
mod text;

pub use api_names::ApiNames;
pub use attachment::Content;
pub use draft::{Answers, Attachment, Credit, Posture, ReportDraft, TestedVersion};
pub use judge::{Counts, Judged, LintReport, Linter};
pub use leak::{CveSecrecy, LEAK_RULES, OutgoingKind, Secrets, leak_lint};
pub use read::{Kind, MAXIMUM_BYTES, ReadError};
pub use rule::{Noted, ReportRule, Stage, Subject};
pub use rules::{REPORT_RULES, RULES};
pub use text::TextIndex;

#[cfg(test)]
mod tests;
