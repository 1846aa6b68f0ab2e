//! The commands, one file each.

pub(crate) mod admin;
pub(crate) mod admin_online;
pub(crate) mod advisory_get;
pub(crate) mod advisory_import;
pub(crate) mod advisory_lint;
pub(crate) mod advisory_render;
pub(crate) mod backup;
pub(crate) mod case;
pub(crate) mod case_proof;
pub(crate) mod case_show;
pub(crate) mod demo;
pub(crate) mod inbox;
pub(crate) mod ledger_prove;
pub(crate) mod ledger_verify;
pub(crate) mod login;
pub(crate) mod manual;
pub(crate) mod migrate;
pub(crate) mod operations;
pub(crate) mod policy_check;
pub(crate) mod report_amend;
pub(crate) mod report_lint;
pub(crate) mod report_own;
pub(crate) mod report_send;
pub(crate) mod rules;
pub(crate) mod serve;
pub(crate) mod serving;
