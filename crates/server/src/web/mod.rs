//! The pages of the desk: use-case values in, pages out.
//!
//! Each page has a file of its name that maps what a use case answers to the struct of `bastide-pages` that shows it;
//! these functions are pure. `handlers` read a request, call the use case and send the page, one file for each part of
//! the desk. Words for states, roles and tiers stand in `words`, the forms of a case's steps in `step_form`, the form of
//! an advisory in `draft_form`.
//!
//! Invariant: no page decides who may see what: what a view holds was opened by the use case, for that viewer.
//! Invariant: a secret stands in no address that a page links to, and in the two addresses that carry one the answer
//! leads to an address without it.

mod account;
mod admin;
mod advisories;
mod advisory_draft;
mod advisory_public;
mod board;
mod case;
mod demo_start;
mod difference;
mod draft_form;
mod finding;
mod forms;
mod handlers;
mod home;
pub(crate) mod inbox;
mod ledger;
mod message;
mod multipart;
mod policy;
mod project;
mod public_keys;
mod purpose;
mod ready_text;
mod receipt;
mod report_form;
mod report_list;
mod report_picker;
mod reporter_status;
mod request;
mod security;
mod shell;
mod sign_in;
mod stages;
mod step_form;
mod timeline;
mod whole_case;
mod words;

use bastide_authz::{Action, Role};
use bastide_pages::Page as _;
use bastide_usecases::{UseCaseError, step::StepKind};

use crate::{App, guard::Guard, kept::Kept, routes::Routes, visitor::Visitor};
use advisories::acknowledgements;
use handlers::{
    account as signing_in, advisory, case as cases, draft, inbox as inboxes, public, report, reports, status,
};

/// Adds the pages' routes.
pub(crate) fn add(routes: &mut Routes) {
    let everybody = Guard::Public(Action::ReadPublic);
    routes.get("/", everybody, public::start);
    routes.get("/projects", everybody, public::projects);
    routes.get("/projects/{project}", Guard::Project(Action::ReadPublic), public::project);
    routes.get("/projects/{project}/policy.json", Guard::Project(Action::ReadPublic), public::policy);
    routes.get(
        "/projects/{project}/security.txt",
        Guard::Project(Action::ReadPublic),
        public::project_security_txt,
    );
    routes.get("/projects/{project}/security", Guard::Project(Action::ReadPublic), public::project);
    routes.get("/projects/{project}/feed.atom", Guard::Project(Action::ReadPublic), advisory::project_feed);
    routes.get("/security", everybody, public::security);
    routes.get("/projects/{project}/report", Guard::Project(Action::SubmitReport), report::form);
    routes.post("/projects/{project}/report", Guard::Project(Action::SubmitReport), report::send);
    routes.post("/projects/{project}/report/check", Guard::Project(Action::SubmitReport), report::check);
    routes.get("/report", everybody, report::pick);
    routes.get("/report/unsure", Guard::Public(Action::SubmitReport), report::unsure_form);
    routes.post("/report/unsure", Guard::Public(Action::SubmitReport), report::unsure_send);
    routes.get("/.well-known/security.txt", everybody, public::security_txt_of_desk);
    routes.get("/advisories", everybody, advisory::list);
    routes.get("/advisories/{advisory}", everybody, advisory::page);
    routes.get("/advisories/{advisory}/affected", everybody, advisory::affected);
    routes.get("/advisories/{advisory}/history", everybody, advisory::history);
    routes.get("/advisories/{advisory}/proof", everybody, advisory::proofs);
    routes.get("/advisories/{advisory}/proof/{kind}", everybody, advisory::proof);
    routes.get("/advisories/{advisory}/{kind}", everybody, advisory::format);
    routes.get("/feed.atom", everybody, advisory::feed);
    routes.get("/acknowledgements", everybody, public::thanks);
    routes.get("/ledger", everybody, public::log);
    routes.get("/keys", everybody, public::keys);
    routes.get(bastide_pages::assets::style_path(), everybody, public::style);
    routes.get(bastide_pages::assets::script_path(), everybody, public::script);
    routes.get(bastide_pages::assets::icon_path(), everybody, public::icon);
    routes.get("/status", everybody, status::show);
    routes.post("/status", everybody, status::pasted);
    routes.post("/status/forget", everybody, status::forget);
    routes.get("/status/report", Guard::OwnReport(Action::SeeOwnReport), status::mend_form);
    routes.post("/status/report", Guard::OwnReport(Action::SeeOwnReport), status::mend);
    routes.get("/status/{secret}", everybody, status::by_link);
    routes.post("/status/{secret}", everybody, status::become_reporter);
    routes.post("/status/keep", Guard::OwnReport(Action::SeeOwnReport), reports::keep);
    // A reporter's account: asked for by mail, and one's own reports by it.
    routes.get("/reports", everybody, reports::list);
    routes.post("/reports/account", everybody, reports::offer);
    routes.post("/reports/ask", everybody, reports::ask);
    routes.get("/reports/enter/{secret}", everybody, reports::link);
    routes.post("/reports/enter/{secret}", everybody, reports::enter);
    let own_case = Guard::Case(Action::SeeOwnReport);
    routes.get("/reports/{case}", own_case, reports::show);
    routes.get("/reports/{case}/report", own_case, status::mend_form);
    routes.post("/reports/{case}/report", own_case, status::mend);
    routes.post("/reports/{case}/link/end", own_case, reports::end_link);
    routes.post("/reports/{case}/link/replace", own_case, reports::replace_link);
    routes.get("/sign-in", everybody, signing_in::form);
    routes.post("/sign-in", everybody, signing_in::enter);
    routes.get("/sign-in/{secret}", everybody, signing_in::link);
    routes.post("/sign-in/{secret}", everybody, signing_in::follow);
    routes.post("/sign-out", everybody, signing_in::leave);
    account::add(routes);
    let by_person = Guard::Own(Action::OwnAccount);
    routes.get("/inbox", by_person, inboxes::show);
    routes.get("/inbox/bulk", by_person, inboxes::bulk);
    routes.post("/inbox/bulk", by_person, inboxes::do_bulk);
    routes.post("/inbox/filters", by_person, inboxes::save_filter);
    routes.post("/inbox/filters/remove", by_person, inboxes::remove_filter);
    routes.get("/board", by_person, inboxes::board);
    routes.get("/cases/{case}/move/{column}", Guard::Case(Action::ReadCase), cases::move_to);
    routes.get("/cases/{case}", Guard::Case(Action::ReadCase), cases::show);
    routes.post("/cases/{case}/purpose", Guard::Case(Action::ReadCase), cases::purpose);
    let export = Guard::Case(Action::ExportCase);
    routes.get("/cases/{case}/export", export, whole_case::show);
    routes.post("/cases/{case}/export", export, whole_case::propose);
    routes.post("/admin/proposals/{proposal}/archive", Guard::Proposal { decides: true }, whole_case::fetch);
    routes.get("/cases/{case}/attachments/{index}", Guard::Case(Action::ReadTeamOnly), cases::attachment);
    routes.get("/cases/{case}/proof", Guard::Case(Action::ReadProofs), cases::proof);
    routes.get("/cases/{case}/invitation", Guard::Case(Action::AnswerInvitation), cases::invitation);
    routes.get("/cases/{case}/advisory", Guard::Case(Action::ReadCase), draft::show);
    routes.post("/cases/{case}/advisory", Guard::Case(Action::DraftAdvisory), draft::save);
    admin::add(routes);
    for kind in StepKind::ALL {
        let path = format!("/cases/{{case}}/steps/{}", kind.name);
        routes.post(&path, Guard::Case(kind.action), move |visit| cases::step(kind, visit));
        if kind.roles.contains(&Role::Reporter) {
            let path = format!("/status/steps/{}", kind.name);
            routes.post(&path, Guard::OwnReport(kind.action), move |visit| status::step(kind, visit));
            let path = format!("/reports/{{case}}/steps/{}", kind.name);
            routes.post(&path, Guard::Case(kind.action), move |visit| status::step(kind, visit));
        }
    }
}

/// The page that answers a failure at this path. What is not there and what may not be seen is one page, whatever the
/// path.
pub(crate) fn failure_page(
    app: &App,
    visitor: Option<&Visitor>,
    path: &str,
    error: &UseCaseError,
    kept: Option<&Kept>,
) -> String {
    let frame = shell::frame(app, visitor, "");
    if let UseCaseError::PurposeNeeded { case } = error {
        let page = purpose::page(frame, *case, "", None);
        return page.render().unwrap_or_else(|_| crate::error::detail(error));
    }
    let back = back(path, visitor);
    if matches!(error, UseCaseError::StepUp) {
        let who = visitor.and_then(|visitor| visitor.signed_in.as_ref());
        let confirmation = app.desk().settings().sign_in.confirmation;
        let page = account::confirm::page(frame, who, confirmation, kept, &back);
        return page.render().unwrap_or_else(|_| crate::error::detail(error));
    }
    let page = message::of_error(frame, error, &back);
    page.render().unwrap_or_else(|_| crate::error::detail(error))
}

/// The page for whoever asks too much, or too much for now.
pub(crate) fn waiting_page(app: &App, path: &str, words: &crate::limits::WaitingWords) -> String {
    // Who asks is not looked up: this answer is to cost nothing.
    let page = message::of_waiting(shell::frame(app, None, ""), words, &back(path, None));
    page.render().unwrap_or_else(|_| words.what.clone())
}

/// The page that a form of this path stands on.
fn back(path: &str, visitor: Option<&Visitor>) -> String {
    let signed_in = visitor.is_some_and(|visitor| visitor.signed_in.is_some());
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match segments.as_slice() {
        ["cases", case, "advisory"] => format!("/cases/{case}/advisory"),
        ["cases", case, ..] => format!("/cases/{case}"),
        ["admin", "operations", ..] => "/admin/operations".to_owned(),
        ["admin", section @ ("people" | "projects" | "proposals"), entry, ..] => {
            format!("/admin/{section}/{entry}")
        }
        ["projects" | "admin", ..] | ["inbox"] => path.to_owned(),
        ["inbox", ..] => "/inbox".to_owned(),
        ["status", ..] => "/status".to_owned(),
        ["reports", case, ..] if case.starts_with("case-") => format!("/reports/{case}"),
        ["reports", ..] => "/reports".to_owned(),
        ["account", part, ..] => format!("/account/{part}"),
        _ if signed_in => "/inbox".to_owned(),
        _ => "/".to_owned(),
    }
}
