//! Several projects of one programme, handled by one process in one place.

use axum::http::StatusCode;
use bastide_authz::{Role, Scope};
use bastide_model::{party::Identity, time::Span};
use bastide_usecases::{NewPerson, ProjectSetup};
use serde_json::{Value, json};

use crate::{api::report, site::Site};

/// Sets a second project up, with a coordinator of its own; gives their token.
async fn notebook(site: &Site) -> String {
    let name = "notebook".parse().unwrap();
    let setup = ProjectSetup::builtin(name, "Jupyter Notebook", "jupyter", Some("jupyter"), Some("notebook"));
    site.desk.set_up_project(setup.unwrap()).await.unwrap();
    let handle = Identity::Forge { host: "github.com".into(), handle: "coordinator-b".into() };
    let person = NewPerson { name: "coordinator-b".into(), identities: vec![handle] };
    let person = site.desk.add_person(person).await.unwrap();
    let scope = Scope::Project("notebook".parse().unwrap());
    site.desk.grant(person, Role::Coordinator, scope, None).await.unwrap();
    site.desk.issue_token(person, Span::days(1), true).await.unwrap().reveal().to_owned()
}

async fn reported(site: &Site, project: &str) -> String {
    let sent = site.post(&format!("/api/v1/projects/{project}/reports"), None, report()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    sent.json()["case"].as_str().unwrap().to_owned()
}

async fn step(site: &Site, token: &str, case: &str, name: &str, fields: Value) {
    let done = site.post(&format!("/api/v1/cases/{case}/steps/{name}"), Some(token), fields).await;
    assert_eq!(done.status, StatusCode::OK, "{name}: {}", done.text);
}

async fn inbox(site: &Site, token: &str) -> Vec<String> {
    let rows = site.get("/api/v1/inbox", Some(token)).await.json();
    let mut cases: Vec<String> =
        rows.as_array().unwrap().iter().map(|row| row["case"].as_str().unwrap().to_owned()).collect();
    cases.sort();
    cases
}

/// A report accepted by its project's coordinator.
async fn accepted(site: &Site) -> String {
    let case = reported(site, "jupyterlab").await;
    let coordinator = &site.coordinator.1;
    let verdict = json!({ "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": "So." });
    step(site, coordinator, &case, "triage", verdict).await;
    step(site, coordinator, &case, "accept", json!({})).await;
    case
}

/// Proves: J03, J12, J32, O01, O03.
#[tokio::test]
async fn one_tracker_holds_the_cases_of_all_projects_and_a_case_the_fixes_of_several() {
    let site = Site::open().await;
    let other = notebook(&site).await;
    site.desk.grant(site.stranger.0, Role::Coordinator, Scope::Programme, None).await.unwrap();
    let case = accepted(&site).await;
    let second = reported(&site, "notebook").await;
    let mut both = vec![case.clone(), second.clone()];
    both.sort();
    assert_eq!(inbox(&site, &site.stranger.1).await, both, "the programme's coordinator sees all projects");
    assert_eq!(
        inbox(&site, &site.coordinator.1).await,
        std::slice::from_ref(&case),
        "a project's sees its own"
    );
    assert_eq!(inbox(&site, &other).await, std::slice::from_ref(&second));

    // The other project is affected, too: it takes part in the same case, with a fix of its own elsewhere.
    let coordinator = &site.coordinator.1;
    step(&site, coordinator, &case, "add-project", json!({ "project": "notebook" })).await;
    for (developer, token) in [(site.developer.0, &site.developer.1), (site.stranger.0, &site.stranger.1)] {
        let invitation = json!({ "person": developer, "seat": "developer" });
        step(&site, coordinator, &case, "invite", invitation).await;
        step(&site, token, &case, "answer-invitation", json!({ "accept": true })).await;
    }
    for (token, project, fork) in [
        (&site.developer.1, "jupyterlab", "github.com/jupyterlab/fork-1"),
        (&site.stranger.1, "notebook", "github.com/jupyter/fork-2"),
    ] {
        let seen = json!({ "project": project, "result": "confirmed", "note": "Seen." });
        step(&site, token, &case, "replicate", seen).await;
        let start = json!({ "project": project, "reference": fork });
        step(&site, token, &case, "fix-start", start).await;
    }
    step(&site, &site.developer.1, &case, "fix-agree", json!({ "project": "jupyterlab" })).await;
    let shown = site.get(&format!("/api/v1/cases/{case}"), Some(&site.developer.1)).await;
    let fixes: Vec<(String, String)> = shown.json()["state"]["projects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["project"].as_str().unwrap().to_owned(), part["fix"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [("jupyterlab", "agreed"), ("notebook", "in-development")];
    assert_eq!(fixes, expected.map(|(project, fix)| (project.to_owned(), fix.to_owned())));
    for fork in ["github.com/jupyterlab/fork-1", "github.com/jupyter/fork-2"] {
        assert!(shown.text.contains(fork), "{fork} is recorded in the case");
    }
    assert!(!shown.json()["offers"].as_array().unwrap().is_empty());
}

/// Proves: J17.
#[tokio::test]
async fn people_are_found_by_their_handles_in_one_directory_and_added_from_it() {
    let site = Site::open().await;
    notebook(&site).await;
    let case = accepted(&site).await;
    assert_eq!(site.get("/api/v1/people", Some(&site.stranger.1)).await.status, StatusCode::NOT_FOUND);
    let people = site.get("/api/v1/people", Some(&site.coordinator.1)).await.json();
    let with_handle = |person: &&Value| person["identities"].to_string().contains("coordinator-b");
    let found: Vec<&Value> = people.as_array().unwrap().iter().filter(with_handle).collect();
    let [person] = found.as_slice() else { panic!("one person has this handle: {people}") };
    let invitation = json!({ "person": person["person"], "seat": "developer" });
    step(&site, &site.coordinator.1, &case, "invite", invitation).await;
    let nobody = json!({ "person": "person-00000000000000000000000000", "seat": "developer" });
    let path = format!("/api/v1/cases/{case}/steps/invite");
    let refused = site.post(&path, Some(&site.coordinator.1), nobody).await;
    assert!(refused.status.is_client_error() && refused.text.contains("directory"), "{}", refused.text);
}
