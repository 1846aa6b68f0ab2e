//! Projects: taking one in, what is left to do, the versions of its rules.

use axum::{http::StatusCode, response::Response};
use bastide_model::party::ProjectName;
use bastide_usecases::{NewProject, UseCaseError};
use serde_json::{Value, json};

use crate::api::{
    extract::Call,
    json as answer,
    openapi::{get, idempotency_key, parameter, post},
};

/// Takes a project in.
pub(super) async fn create(call: Call) -> Response {
    let result = async {
        let key = call.key()?;
        let new: NewProject = call.json()?;
        call.desk().create_project(&call.visitor.actor, &new, &key).await
    };
    match result.await {
        Ok(name) => answer(StatusCode::CREATED, &json!({ "project": name })),
        Err(error) => call.fail(&error),
    }
}

/// What a project would be, without storing anything.
pub(super) async fn preview(call: Call) -> Response {
    let result = async {
        let new: NewProject = call.json()?;
        call.desk().preview_project(&call.visitor.actor, &new)
    };
    match result.await {
        Ok(facts) => answer(
            StatusCode::OK,
            &json!({
                "name": facts.record.name,
                "title": facts.record.title,
                "policy": facts.policy,
                "threat-model": facts.threat_model,
                "supports": facts.record.supports,
            }),
        ),
        Err(error) => call.fail(&error),
    }
}

/// A project as its administrators see it: its rules as written, what is left to do, who holds what, every version.
pub(super) async fn show(call: Call) -> Response {
    match shown(&call).await {
        Ok(value) => answer(StatusCode::OK, &value),
        Err(error) => call.fail(&error),
    }
}

async fn shown(call: &Call) -> Result<Value, UseCaseError> {
    let name: ProjectName = call.parameter("project")?;
    let (desk, actor) = (call.desk(), &call.visitor.actor);
    let steps = desk.project_steps(actor, &name).await?;
    let people = desk.project_people(actor, &name).await?;
    let versions = desk.project_versions(actor, &name).await?;
    let facts = desk.project(&name).await?;
    Ok(json!({
        "name": name,
        "title": facts.record.title,
        "conduct-contact": facts.record.conduct_contact,
        "rules": facts.written(),
        "steps": steps.iter().map(|(step, done)| json!({ "step": step, "done": done })).collect::<Vec<_>>(),
        "people": people
            .iter()
            .map(|(person, called, grant)| json!({
                "person": person, "name": called, "role": grant.role, "from": grant.from, "until": grant.until,
                "taken-on": grant.confirmed,
            }))
            .collect::<Vec<_>>(),
        "versions": versions
            .iter()
            .map(|version| json!({
                "number": version.number,
                "at": version.at,
                "by": version.by,
                "rules": version.record.as_ref().and_then(|record| record.written.as_ref()),
            }))
            .collect::<Vec<_>>(),
    }))
}

/// These addresses in the OpenAPI document.
pub(super) fn paths() -> Vec<(String, Value)> {
    let source = json!({
        "type": "object",
        "properties": { "builtin": { "type": "string" }, "written": { "type": "string" } },
    });
    let project = json!({
        "type": "object",
        "required": ["name", "title", "policy"],
        "additionalProperties": false,
        "properties": {
            "name": { "type": "string" },
            "title": { "type": "string" },
            "packages": { "type": "array", "maxItems": 50, "items": { "type": "string" } },
            "policy": source,
            "threat-model": source,
            "supports": source,
            "product": { "type": "string" },
            "mail": { "type": "string" },
            "key": { "type": "string" },
            "cve-authority": { "type": "string", "enum": ["github", "psf", "none"] },
            "conduct-contact": { "type": "string" },
            "coordinators": { "type": "array", "maxItems": 20, "items": { "type": "object" } },
        },
    });
    let name = || json!([parameter("project", "The project's name")]);
    let object = json!({ "type": "object" });
    let me = Some("person");
    vec![
        (
            "/api/v1/admin/projects".to_owned(),
            json!({ "post": post("Take a project in", me, &json!([idempotency_key()]), &project, 201) }),
        ),
        (
            "/api/v1/admin/onboarding/preview".to_owned(),
            json!({ "post": post("What a project would be; nothing is stored", me, &json!([]), &project, 200) }),
        ),
        (
            "/api/v1/admin/projects/{project}".to_owned(),
            json!({ "get": get("A project as its administrators see it", me, &name(), &object) }),
        ),
    ]
}
