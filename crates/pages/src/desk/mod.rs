//! The pages of the vulnerability desk, one struct each; the template of `Home` is `templates/desk/home.html`.

mod advisory_draft;
mod advisory_public;
mod board;
mod case;
mod case_parts;
mod demo_start;
mod home;
mod inbox;
mod ledger;
mod linked_accounts;
mod message;
mod one_form;
mod project;
mod public_keys;
mod receipt;
pub mod report_form;
mod report_list;
mod report_picker;
mod report_preview;
mod report_questions;
mod reporter_status;
mod security;
mod sign_in;

pub use advisory_draft::{
    AdvisoryDraft, Approval, Difference, DifferenceLine, LineChange, Preview, VersionEntry,
};
pub use advisory_public::{
    AcknowledgedPerson, AcknowledgedYear, Acknowledgements, AdvisoryHistory, AdvisoryList, AdvisoryProof,
    AdvisoryPublic, AffectedAnswer, AffectedRow, CreditRow, FormatLink, TimelineMoment, VersionChange,
};
pub use board::{Board, BoardCard, BoardColumn};
pub use case::Case;
pub use case_parts::{
    DeadlineRow, EntryKind, FixRow, FourEyes, MachineState, NextTask, PersonRow, ReaderRow, ReadyText,
    ReportPart, TimelineEntry, TimelineNavigation, VulnerabilityRow,
};
pub use demo_start::{DemoRole, DemoStart, PlayedStep};
pub use home::{Home, ProjectCard};
pub use inbox::{BulkRow, Inbox, InboxBulk, InboxRow, Pager, RowAction, SavedFilter};
pub use ledger::Ledger;
pub use linked_accounts::{LinkedAccounts, LinkedRow};
pub use message::{Message, Outcome};
pub use one_form::OneForm;
pub use project::{Project, VersionRow};
pub use public_keys::{LogKeys, PublicKeyRow, PublicKeys};
pub use receipt::{Expectation, Receipt};
pub use report_form::{ReportForm, ReportValues};
pub use report_list::{OwnReportRow, ReportList};
pub use report_picker::ReportPicker;
pub use report_preview::ReportPreview;
pub use reporter_status::{
    CreditView, CveTold, DateRow, EmbargoProposal, MessageView, NextStep, ReporterStatus,
};
pub use security::Security;
pub use sign_in::SignIn;
