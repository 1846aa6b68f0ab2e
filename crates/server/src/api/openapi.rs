//! The OpenAPI document, made from the tables that the routes are made from.

use axum::{http::StatusCode, response::Response};
use bastide_authz::Role;
use bastide_usecases::step::{Entry, FieldSpec, StepKind};
use serde_json::{Map, Value, json};

use super::{extract::Call, json as answer};

/// Serves the document.
pub(crate) async fn document(call: Call) -> Response {
    let _ = call;
    answer(StatusCode::OK, &openapi())
}

/// The OpenAPI 3.1 document of the JSON API.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for (path, item) in reading() {
        paths.insert(path.to_owned(), item);
    }
    for (path, item) in super::admin::paths().into_iter().chain(super::subscriptions::paths()) {
        paths.insert(path, item);
    }
    for kind in StepKind::ALL {
        paths.insert(
            format!("/api/v1/cases/{{case}}/steps/{}", kind.name),
            step(kind, "person", &json!([parameter("case", "The case's id"), idempotency_key()])),
        );
        if kind.roles.contains(&Role::Reporter) {
            paths.insert(
                format!("/api/v1/report/steps/{}", kind.name),
                step(kind, "reporter", &json!([idempotency_key()])),
            );
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "bastide",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The whole life of a case: report, steps, publication. Every mutating call takes an \
                Idempotency-Key; the same request with the same key gives the same answer.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "person": { "type": "http", "scheme": "bearer" },
                "reporter": { "type": "apiKey", "in": "header", "name": "Report-Link" },
            },
            "responses": {
                "Problem": {
                    "description": "What is the matter, which rule says so, and what to do.",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                },
            },
            "schemas": { "Problem": problem() },
        },
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "kind": { "type": "string" },
            "rule": { "type": "string" },
            "remedy": { "type": "string" },
            "field": { "type": "string" },
            "findings": { "type": "array", "items": { "type": "object" } },
            "problems": { "type": "array", "items": { "type": "object" } },
        },
    })
}

fn reading() -> Vec<(&'static str, Value)> {
    let project = || json!([parameter("project", "The project's name")]);
    let case = || json!([parameter("case", "The case's id")]);
    let message = || json!([parameter("message", "The message's id")]);
    let object = || json!({ "type": "object" });
    let list = || json!({ "type": "array", "items": { "type": "object" } });
    vec![
        ("/api/v1", json!({ "get": get("Where the API is described", None, &json!([]), &object()) })),
        ("/api/v1/health", json!({ "get": get("Whether the desk answers", None, &json!([]), &object()) })),
        (
            "/api/v1/keys",
            json!({ "get": get("Every public key that signs or signed the logs", None, &json!([]), &list()) }),
        ),
        (
            "/api/v1/operations",
            json!({ "get": get("The machinery: hold, jobs, counts, dead letters", Some("person"), &json!([]), &object()) }),
        ),
        (
            "/api/v1/operations/hold",
            json!({ "post": post("Hold everything outgoing", Some("person"), &json!([]), &object(), 200) }),
        ),
        (
            "/api/v1/operations/release",
            json!({ "post": post("Let everything outgoing go again", Some("person"), &json!([]), &object(), 200) }),
        ),
        (
            "/api/v1/operations/dead-letters/{message}",
            json!({ "post": post("Try a dead letter again, or never send it", Some("person"), &message(), &object(), 200) }),
        ),
        (
            "/api/v1/me",
            json!({ "get": get("Who I am and which roles I hold", Some("person"), &json!([]), &object()) }),
        ),
        (
            "/api/v1/people",
            json!({ "get": get("The directory of people", Some("person"), &json!([]), &list()) }),
        ),
        (
            "/api/v1/projects",
            json!({ "get": get("Every project of the programme", None, &json!([]), &list()) }),
        ),
        (
            "/api/v1/projects/{project}",
            json!({ "get": get("A project's policy, threat model and supported versions", None, &project(), &object()) }),
        ),
        (
            "/api/v1/projects/{project}/lint",
            json!({ "post": post("What the lint says of a report; nothing is stored", None, &project(), &object(), 200) }),
        ),
        (
            "/api/v1/projects/{project}/reports",
            json!({ "post": post(
                "Send a report; the answer holds the secret status link, once",
                None,
                &json!([parameter("project", "The project's name"), idempotency_key()]),
                &json!({
                    "type": "object",
                    "required": ["report"],
                    "additionalProperties": false,
                    "properties": {
                        "report": { "type": "object" },
                        "origin": { "type": ["string", "null"] },
                        "embargo-end": { "type": ["string", "null"], "format": "date-time" },
                    },
                }),
                201,
            ) }),
        ),
        (
            "/api/v1/report",
            json!({ "get": get("The report of whoever holds the link", Some("reporter"), &json!([]), &object()) }),
        ),
        (
            "/api/v1/report/amend",
            json!({ "post": post(
                "Mend a held report",
                Some("reporter"),
                &json!([idempotency_key()]),
                &json!({ "type": "object", "required": ["report"], "properties": { "report": { "type": "object" } } }),
                200,
            ) }),
        ),
        (
            "/api/v1/reports",
            json!({ "get": get("My own reports, the newest first", Some("person"), &json!([]), &list()) }),
        ),
        (
            "/api/v1/reports/{case}",
            json!({ "get": get("One of my own reports; write with the steps of its case", Some("person"), &case(), &object()) }),
        ),
        (
            "/api/v1/inbox",
            json!({ "get": get("The cases that I may see a line of", Some("person"), &json!([]), &list()) }),
        ),
        (
            "/api/v1/cases/{case}",
            json!({ "get": get("A case as I may see it", Some("person"), &case(), &object()) }),
        ),
        (
            "/api/v1/cases/{case}/purpose",
            json!({ "post": post(
                "State why an auditor reads a case; it holds for an hour",
                Some("person"),
                &json!([parameter("case", "The case"), idempotency_key()]),
                &json!({
                    "type": "object",
                    "required": ["purpose"],
                    "additionalProperties": false,
                    "properties": { "purpose": { "type": "string", "minLength": 10, "maxLength": 500 } },
                }),
                200,
            ) }),
        ),
        (
            "/api/v1/cases/{case}/preview",
            json!({ "get": get("The newest draft in every format", Some("person"), &case(), &list()) }),
        ),
        (
            "/api/v1/cases/{case}/attachments/{index}",
            json!({ "get": get(
                "A file that came with the report, byte for byte; counted from 0",
                Some("person"),
                &json!([parameter("case", "The case"), parameter("index", "Which file")]),
                &json!({ "type": "string", "format": "binary" }),
            ) }),
        ),
        (
            "/api/v1/cases/{case}/proof",
            json!({ "get": get("The proof of a case's history", Some("person"), &case(), &object()) }),
        ),
        (
            "/api/v1/cases/{case}/leak-lint",
            json!({ "post": post(
                "What a text that is about to go out would give away; nothing is stored",
                Some("person"),
                &case(),
                &json!({
                    "type": "object",
                    "required": ["text", "kind"],
                    "additionalProperties": false,
                    "properties": {
                        "text": { "type": "string" },
                        "kind": { "type": "string", "enum": ["public-text", "release-notes"] },
                    },
                }),
                200,
            ) }),
        ),
        (
            "/api/v1/advisories",
            json!({ "get": get("Every published advisory, as OSV", None, &json!([]), &list()) }),
        ),
    ]
}

pub(super) fn get(summary: &str, security: Option<&str>, parameters: &Value, schema: &Value) -> Value {
    let mut operation = operation(summary, security, parameters);
    operation["responses"]["200"] =
        json!({ "description": "Here it is.", "content": { "application/json": { "schema": schema } } });
    operation
}

pub(super) fn post(
    summary: &str,
    security: Option<&str>,
    parameters: &Value,
    body: &Value,
    status: u16,
) -> Value {
    let mut operation = operation(summary, security, parameters);
    operation["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": body } } });
    operation["responses"][status.to_string()] = json!({
        "description": "Done.",
        "content": { "application/json": { "schema": { "type": "object" } } },
    });
    operation
}

fn operation(summary: &str, security: Option<&str>, parameters: &Value) -> Value {
    let mut operation = json!({
        "summary": summary,
        "parameters": parameters,
        "responses": { "default": { "$ref": "#/components/responses/Problem" } },
    });
    if let Some(scheme) = security {
        operation["security"] = json!([{ scheme: [] }]);
    }
    operation
}

fn step(kind: &StepKind, security: &str, parameters: &Value) -> Value {
    let mut properties = Map::new();
    for field in kind.fields {
        properties.insert(field.name.to_owned(), schema(field));
    }
    let required: Vec<&str> =
        kind.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let body = json!({ "type": "object", "properties": properties, "required": required });
    let mut operation = post(kind.title, Some(security), parameters, &body, 200);
    operation["description"] = json!(format!("{} ({})", kind.why, kind.rule));
    json!({ "post": operation })
}

fn schema(field: &FieldSpec) -> Value {
    let mut schema = match field.entry {
        Entry::YesNo => json!({ "type": "boolean" }),
        Entry::Instant => json!({ "type": "string", "format": "date-time" }),
        Entry::Json => json!({ "type": "object" }),
        Entry::Choice(choices) => {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            json!({ "type": "string", "enum": words })
        }
        _ => json!({ "type": "string" }),
    };
    schema["description"] = json!(field.label);
    schema
}

pub(super) fn parameter(name: &str, description: &str) -> Value {
    json!({
        "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" },
    })
}

pub(super) fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": true,
        "description": "8 to 128 letters, digits, dashes or underscores, at least 22 where nobody is signed in; random and fresh \
            for each new request.",
        "schema": { "type": "string", "pattern": "^[A-Za-z0-9_-]{8,128}$" },
    })
}
