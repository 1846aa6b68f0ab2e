//! Projects and published advisories.

use axum::{http::StatusCode, response::Response};
use bastide_advisory::osv;
use bastide_model::party::ProjectName;
use bastide_usecases::UseCaseError;
use serde_json::{Value, json};

use super::{extract::Call, json as answer};

/// Every project of the programme.
pub(crate) async fn list(call: Call) -> Response {
    match call.app.desk().projects().await {
        Ok(projects) => {
            let projects: Vec<Value> = projects
                .iter()
                .map(|project| json!({ "name": project.name, "title": project.title }))
                .collect();
            answer(StatusCode::OK, &projects)
        }
        Err(error) => call.fail(&error),
    }
}

/// One project with its policy, threat model and what it supports.
pub(crate) async fn show(call: Call) -> Response {
    match shown(&call).await {
        Ok(value) => answer(StatusCode::OK, &value),
        Err(error) => call.fail(&error),
    }
}

async fn shown(call: &Call) -> Result<Value, UseCaseError> {
    let name: ProjectName = call.parameter("project")?;
    let facts = call.app.desk().project(&name).await?;
    Ok(json!({
        "name": facts.record.name,
        "title": facts.record.title,
        "policy": facts.policy,
        "policy-digest": facts.record.policy,
        "threat-model": facts.threat_model,
        "supports": facts.product(),
    }))
}

/// The newest version of every published advisory, as OSV.
pub(crate) async fn advisories(call: Call) -> Response {
    let project = call.query("project").and_then(|name| name.parse::<ProjectName>().ok());
    match call.app.desk().public_advisories(project.as_ref(), 500).await {
        Ok(advisories) => {
            let records: Vec<Value> =
                advisories.iter().map(|advisory| osv::render(&advisory.record)).collect();
            answer(StatusCode::OK, &records)
        }
        Err(error) => call.fail(&error),
    }
}
