//! Administration for programs: the same use cases as the pages under `/admin`.

mod people;
mod projects;
mod proposals;

use bastide_authz::Action;
use serde_json::Value;

use crate::{guard::Guard, routes::Routes};

/// Adds the API's routes of administration.
pub(super) fn add(routes: &mut Routes) {
    let own = Guard::Own(Action::OwnAccount);
    let (see, decide) = (Guard::Proposal { decides: false }, Guard::Proposal { decides: true });
    let read = Guard::Programme(Action::ReadAdministration);
    let act = Guard::Programme(Action::Administer);
    routes.get("/api/v1/admin/people", read, people::list);
    routes.post("/api/v1/admin/people", act, people::add);
    routes.get("/api/v1/admin/people/{person}", read, people::show);
    routes.post("/api/v1/admin/people/{person}", act, people::edit);
    routes.post("/api/v1/admin/people/{person}/link", act, people::link);
    routes.post("/api/v1/admin/people/{person}/recovery/stop", act, people::stop_recovery);
    routes.post("/api/v1/admin/people/{person}/roles", act, people::change_role);
    routes.post("/api/v1/me/recovery/stop", Guard::Account(Action::OwnAccount), people::stop_own_recovery);
    routes.get("/api/v1/roles", own, people::own);
    routes.post("/api/v1/roles", own, people::answer_role);
    routes.post("/api/v1/admin/projects", act, projects::create);
    routes.post("/api/v1/admin/onboarding/preview", read, projects::preview);
    let project = Guard::Project(Action::ReadAdministration);
    routes.get("/api/v1/admin/projects/{project}", project, projects::show);
    routes.get("/api/v1/admin/proposals", own, proposals::list);
    routes.post("/api/v1/admin/proposals", own, proposals::propose);
    routes.get("/api/v1/admin/proposals/{proposal}", see, proposals::show);
    routes.post("/api/v1/admin/proposals/{proposal}/archive", decide, proposals::archive);
    for decision in bastide_usecases::proposal::Decision::ALL {
        let path = format!("/api/v1/admin/proposals/{{proposal}}/{}", decision.name());
        routes.post(&path, decide, move |call| proposals::decide(decision, call));
    }
}

/// The addresses as the OpenAPI document lists them.
pub(super) fn paths() -> Vec<(String, Value)> {
    [people::paths(), projects::paths(), proposals::paths()].concat()
}
