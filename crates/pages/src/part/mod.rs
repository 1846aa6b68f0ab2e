//! The parts that pages share. Most are structs with a template of their own under `templates/part/`, so that a
//! page writes `{{ moment }}` and gets escaped, well-formed markup.

mod action;
mod field;
mod finding;
mod moment;
mod passkey;
mod stages;
mod table;
mod word;

pub use action::{ActionForm, ActionGroup, Button};
pub use field::{Attachment, Choice, Control, Field, FormTokens, TestedVersion, TextKind, Verdict};
pub use finding::{Disposition, FindingNote};
pub use moment::{Countdown, Moment, Urgency};
pub use passkey::{PasskeyForm, PasskeyUse};
pub use stages::{Stage, StageState, Stages};
pub use table::{AdvisoryRow, ClauseRow, Command, EmptyState, MailRoute, PolicyPoint, PolicySummary};
pub use word::{Badge, Link, RuleReference, Tier, Tone};
