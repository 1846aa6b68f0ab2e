//! Lint of reports, messages and outgoing text. To come; the rules' ids are fixed already.

/// The ids of the rules about reports, as a policy's `[lint.dispositions]` may name them.
pub const RULE_IDS: &[&str] = &[
    "REP-P02", "REP-P03", "REP-P04", "REP-P05", "REP-P06", "REP-P07", "REP-P08", "REP-P09", "REP-P10",
    "REP-P11", "REP-P12", "REP-P13", "REP-P14", "REP-P15", "REP-P16", "REP-P17", "REP-P18", "REP-P19",
    "REP-P20", "REP-P21", "REP-P22", "REP-P23", "REP-P24", "REP-P25", "REP-P26", "REP-S07",
];

mod draft;

pub use draft::{Answers, Attachment, Credit, Posture, ReportDraft, TestedVersion};
