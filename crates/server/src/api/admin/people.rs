//! People and their roles.

use axum::{http::StatusCode, response::Response};
use bastide_authz::{Grant, Role, Scope};
use bastide_model::{id::PersonId, party::ProjectName, time::Instant};
use bastide_usecases::{
    NewPerson, PersonLine, RoleChange, RoleOutcome, UseCaseError, read_identity, shown_identity,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{
    extract::Call,
    json as answer,
    openapi::{get, idempotency_key, parameter, post},
};

/// A person as somebody writes them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenPerson {
    name: String,
    #[serde(default)]
    identities: Vec<String>,
}

impl WrittenPerson {
    fn read(self) -> Result<NewPerson, UseCaseError> {
        let identities =
            self.identities.iter().map(|text| read_identity(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(NewPerson { name: self.name, identities })
    }
}

/// A role that is given or ended.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenRole {
    role: Role,
    /// In which project; in the programme without it.
    project: Option<ProjectName>,
    gives: bool,
    from: Option<Instant>,
    until: Option<Instant>,
    #[serde(default)]
    reason: String,
}

/// An answer to a role that was offered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RoleAnswer {
    role: Role,
    project: Option<ProjectName>,
    accept: bool,
}

fn scope(project: Option<ProjectName>) -> Scope {
    project.map_or(Scope::Programme, Scope::Project)
}

fn shown(line: &PersonLine) -> Value {
    json!({
        "person": line.id,
        "name": line.record.name,
        "identities": line.record.identities.iter().map(shown_identity).collect::<Vec<_>>(),
        "roles": line.grants.iter().map(role).collect::<Vec<_>>(),
    })
}

fn role(grant: &Grant) -> Value {
    let project = match &grant.scope {
        Scope::Project(project) => Some(project),
        Scope::Programme | Scope::Case(_) => None,
    };
    json!({
        "role": grant.role, "project": project, "from": grant.from, "until": grant.until, "taken-on": grant.confirmed,
    })
}

/// Everybody, or with `?search=` those who match.
pub(super) async fn list(call: Call) -> Response {
    let search = call.query("search").unwrap_or_default();
    match call.desk().people(&call.visitor.actor, &search).await {
        Ok(people) => answer(StatusCode::OK, &people.iter().map(shown).collect::<Vec<_>>()),
        Err(error) => call.fail(&error),
    }
}

/// One person with what they hold and can sign in with.
pub(super) async fn show(call: Call) -> Response {
    let result = async {
        let id: PersonId = call.parameter("person")?;
        call.desk().person_view(&call.visitor.actor, id).await
    };
    match result.await {
        Ok(view) => {
            let mut value = shown(&view.line);
            let credentials = view.credentials.iter().map(|credential| {
                json!({
                    "kind": credential.kind, "created": credential.created, "expires": credential.expires,
                    "works": credential.works,
                })
            });
            value["credentials"] = credentials.collect();
            value["passkeys-replaced-at"] = json!(view.recovery);
            answer(StatusCode::OK, &value)
        }
        Err(error) => call.fail(&error),
    }
}

/// Adds somebody.
pub(super) async fn add(call: Call) -> Response {
    let result = async {
        let key = call.key()?;
        let person: WrittenPerson = call.json()?;
        call.desk().add_person_as(&call.visitor.actor, person.read()?, &key).await
    };
    match result.await {
        Ok(id) => answer(StatusCode::CREATED, &json!({ "person": id })),
        Err(error) => call.fail(&error),
    }
}

/// Changes name and identities.
pub(super) async fn edit(call: Call) -> Response {
    let result = async {
        call.key()?;
        let id: PersonId = call.parameter("person")?;
        let person: WrittenPerson = call.json()?;
        call.desk().edit_person_as(&call.visitor.actor, id, person.read()?).await.map(|()| id)
    };
    match result.await {
        Ok(id) => answer(StatusCode::OK, &json!({ "person": id })),
        Err(error) => call.fail(&error),
    }
}

/// Stops a replacement of somebody's passkeys that waits.
pub(super) async fn stop_recovery(call: Call) -> Response {
    let result = async { stop(&call, call.parameter("person")?).await };
    stopped(&call, result.await)
}

/// The same for one's own.
pub(super) async fn stop_own_recovery(call: Call) -> Response {
    let result = async { stop(&call, call.visitor.actor.person.ok_or(UseCaseError::NotSignedIn)?).await };
    stopped(&call, result.await)
}

async fn stop(call: &Call, person: PersonId) -> Result<PersonId, UseCaseError> {
    call.key()?;
    call.desk().stop_recovery(&call.visitor.actor, person).await.map(|()| person)
}

fn stopped(call: &Call, result: Result<PersonId, UseCaseError>) -> Response {
    match result {
        Ok(person) => answer(StatusCode::OK, &json!({ "person": person, "recovery": "stopped" })),
        Err(error) => call.fail(&error),
    }
}

/// Makes a link that signs somebody in once; it is shown once.
pub(super) async fn link(call: Call) -> Response {
    let result = async {
        call.key()?;
        let id: PersonId = call.parameter("person")?;
        call.desk().invite_person_as(&call.visitor.actor, id).await
    };
    match result.await {
        Ok(secret) => {
            let address = format!("{}/sign-in/{}", call.desk().settings().public_url, secret.reveal());
            answer(StatusCode::CREATED, &json!({ "link": address }))
        }
        Err(error) => call.fail(&error),
    }
}

/// Offers or ends a role; where that takes two persons, it becomes a proposal.
pub(super) async fn change_role(call: Call) -> Response {
    let result = async {
        let key = call.key()?;
        let person: PersonId = call.parameter("person")?;
        let written: WrittenRole = call.json()?;
        let (gives, from, until) = (written.gives, written.from, written.until);
        let change = RoleChange { person, role: written.role, gives, from, until };
        let actor = &call.visitor.actor;
        call.desk().change_role_as(actor, &scope(written.project), change, &written.reason, &key).await
    };
    match result.await {
        Ok(RoleOutcome::Done) => answer(StatusCode::OK, &json!({ "done": true })),
        Ok(RoleOutcome::Proposed(id)) => answer(StatusCode::OK, &json!({ "done": false, "proposal": id })),
        Err(error) => call.fail(&error),
    }
}

/// One's own roles, taken on or not.
pub(super) async fn own(call: Call) -> Response {
    match call.desk().own_roles(&call.visitor.actor).await {
        Ok(grants) => answer(StatusCode::OK, &grants.iter().map(role).collect::<Vec<_>>()),
        Err(error) => call.fail(&error),
    }
}

/// Takes on an offered role, declines it, or gives back one that one holds.
pub(super) async fn answer_role(call: Call) -> Response {
    let result = async {
        call.key()?;
        let said: RoleAnswer = call.json()?;
        let actor = &call.visitor.actor;
        call.desk().answer_role(actor, said.role, &scope(said.project), said.accept).await
    };
    match result.await {
        Ok(()) => answer(StatusCode::OK, &json!({ "done": true })),
        Err(error) => call.fail(&error),
    }
}

/// These addresses in the OpenAPI document.
pub(super) fn paths() -> Vec<(String, Value)> {
    let id = || parameter("person", "The person's id");
    let list = json!({ "type": "array", "items": { "type": "object" } });
    let object = json!({ "type": "object" });
    let nothing = json!({ "type": "object", "additionalProperties": false });
    let person = json!({
        "type": "object",
        "required": ["name"],
        "additionalProperties": false,
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 100 },
            "identities": { "type": "array", "maxItems": 10, "items": { "type": "string" } },
        },
    });
    let roles: Vec<Value> =
        bastide_usecases::proposal::kind::GIVEN.iter().map(|(role, ..)| json!(role)).collect();
    let written_role = json!({
        "type": "object",
        "required": ["role", "gives"],
        "additionalProperties": false,
        "properties": {
            "role": { "type": "string", "enum": roles },
            "project": { "type": "string" },
            "gives": { "type": "boolean" },
            "from": { "type": "string", "format": "date-time" },
            "until": { "type": "string", "format": "date-time" },
            "reason": { "type": "string", "maxLength": 2000 },
        },
    });
    let said = json!({
        "type": "object",
        "required": ["role", "accept"],
        "additionalProperties": false,
        "properties": {
            "role": { "type": "string" }, "project": { "type": "string" }, "accept": { "type": "boolean" },
        },
    });
    let keyed = |first: Value| json!([first, idempotency_key()]);
    let me = Some("person");
    vec![
        (
            "/api/v1/admin/people".to_owned(),
            json!({
                "get": get("Everybody whom the desk knows, with their roles", me, &json!([]), &list),
                "post": post("Add somebody", me, &json!([idempotency_key()]), &person, 201),
            }),
        ),
        (
            "/api/v1/admin/people/{person}".to_owned(),
            json!({
                "get": get("One person with everything that they hold", me, &json!([id()]), &object),
                "post": post("Change somebody's name and identities", me, &keyed(id()), &person, 200),
            }),
        ),
        (
            "/api/v1/admin/people/{person}/link".to_owned(),
            json!({ "post": post("Make a link that signs somebody in once", me, &keyed(id()), &nothing, 201) }),
        ),
        (
            "/api/v1/admin/people/{person}/recovery/stop".to_owned(),
            json!({ "post": post("Stop a replacement of somebody's passkeys", me, &keyed(id()), &nothing, 200) }),
        ),
        (
            "/api/v1/me/recovery/stop".to_owned(),
            json!({ "post": post("Stop a replacement of one's own passkeys", me, &json!([idempotency_key()]), &nothing, 200) }),
        ),
        (
            "/api/v1/admin/people/{person}/roles".to_owned(),
            json!({ "post": post("Offer or end a role, or propose that", me, &keyed(id()), &written_role, 200) }),
        ),
        (
            "/api/v1/roles".to_owned(),
            json!({
                "get": get("One's own roles", me, &json!([]), &list),
                "post": post("Take a role on, decline it or give it back", me, &json!([idempotency_key()]), &said, 200),
            }),
        ),
    ]
}
