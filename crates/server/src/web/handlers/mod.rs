//! Handlers: read a request, call the use case, send the page. One file for each part of the desk.

pub(super) mod account;
pub(super) mod advisory;
pub(super) mod case;
pub(super) mod draft;
pub(super) mod inbox;
pub(super) mod public;
pub(super) mod report;
pub(super) mod reports;
pub(super) mod status;
pub(super) mod step;
