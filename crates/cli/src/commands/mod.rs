//! The commands, one file each.

pub(crate) mod admin;
pub(crate) mod advisory_lint;
pub(crate) mod advisory_render;
pub(crate) mod ledger_prove;
pub(crate) mod ledger_verify;
pub(crate) mod policy_check;
pub(crate) mod report_lint;
pub(crate) mod rules;
