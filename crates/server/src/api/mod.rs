//! The JSON API: the whole life of a case for programs, under `/api/v1`.
//!
//! Every mutating call takes an `Idempotency-Key`; sending the same request again with the same key gives the same
//! answer. Failures are problem documents (RFC 9457) that name the rule and the remedy.

mod admin;
mod case;
mod extract;
mod ledger;
mod me;
mod openapi;
mod operations;
mod osv;
mod project;
mod report;
mod subscriptions;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_authz::{Action, Role};
use serde::Serialize;

use crate::{guard::Guard, routes::Routes};

pub use openapi::openapi;

/// Adds the API's routes.
pub(crate) fn add(routes: &mut Routes) {
    let public = Guard::Public(Action::ReadPublic);
    routes.get("/api/v1", public, me::index);
    routes.get("/api/v1/health", public, me::health);
    routes.get("/health/live", public, operations::live);
    routes.get("/health/ready", public, operations::ready);
    routes.get("/metrics", Guard::Programme(Action::ReadHealth), operations::metrics);
    let operator = Guard::Programme(Action::Operate);
    routes.get("/api/v1/operations", operator, operations::show);
    routes.post("/api/v1/operations/hold", operator, operations::hold);
    routes.post("/api/v1/operations/release", operator, operations::release);
    routes.post("/api/v1/operations/dead-letters/{message}", operator, operations::decide);
    routes.get("/api/v1/openapi.json", public, openapi::document);
    routes.get("/api/v1/me", Guard::Own(Action::OwnAccount), me::me);
    routes.get("/api/v1/people", Guard::Own(Action::OwnAccount), me::people);
    routes.get("/api/v1/projects", public, project::list);
    routes.get("/api/v1/projects/{project}", Guard::Project(Action::ReadPublic), project::show);
    routes.post("/api/v1/projects/{project}/lint", Guard::Project(Action::SubmitReport), report::lint);
    routes.post("/api/v1/projects/{project}/reports", Guard::Project(Action::SubmitReport), report::submit);
    routes.get("/api/v1/report", Guard::OwnReport(Action::SeeOwnReport), report::own);
    routes.post("/api/v1/report/amend", Guard::OwnReport(Action::SeeOwnReport), report::amend);
    routes.get("/api/v1/reports", Guard::Own(Action::OwnAccount), report::list);
    routes.get("/api/v1/reports/{case}", Guard::Case(Action::SeeOwnReport), report::show);
    let own = Guard::Own(Action::OwnAccount);
    routes.get("/api/v1/subscriptions", own, subscriptions::list);
    routes.post("/api/v1/subscriptions", own, subscriptions::make);
    routes.get("/api/v1/subscriptions/{subscription}", own, subscriptions::show);
    routes.post("/api/v1/subscriptions/{subscription}/packages", own, subscriptions::refresh);
    routes.post("/api/v1/subscriptions/{subscription}/end", own, subscriptions::end);
    routes.get("/api/v1/inbox", Guard::Own(Action::OwnAccount), case::inbox);
    routes.get("/api/v1/cases/{case}", Guard::Case(Action::ReadCase), case::show);
    routes.post("/api/v1/cases/{case}/purpose", Guard::Case(Action::ReadCase), case::purpose);
    routes.get("/api/v1/cases/{case}/preview", Guard::Case(Action::ReadCase), case::preview);
    let team = Guard::Case(Action::ReadTeamOnly);
    routes.get("/api/v1/cases/{case}/attachments/{index}", team, case::attachment);
    routes.get("/api/v1/cases/{case}/proof", Guard::Case(Action::ReadProofs), ledger::proof);
    routes.post("/api/v1/cases/{case}/leak-lint", Guard::Case(Action::ReadTeamOnly), case::leak_lint);
    for kind in bastide_usecases::step::StepKind::ALL {
        let path = format!("/api/v1/cases/{{case}}/steps/{}", kind.name);
        routes.post(&path, Guard::Case(kind.action), move |request| case::step(kind, request));
        if kind.roles.contains(&Role::Reporter) {
            let path = format!("/api/v1/report/steps/{}", kind.name);
            routes.post(&path, Guard::OwnReport(kind.action), move |request| report::step(kind, request));
        }
    }
    admin::add(routes);
    osv::add(routes);
    routes.get("/api/v1/advisories", public, project::advisories);
    routes.get("/api/v1/keys", public, ledger::keys);
    routes.get("/ledger/{log}/checkpoint", public, ledger::checkpoint);
    routes.get("/ledger/{log}/key", public, ledger::key);
    routes.get("/ledger/{log}/tile/{*path}", public, ledger::tile);
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => {
            let kind = HeaderValue::from_static("application/json");
            (status, [(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
