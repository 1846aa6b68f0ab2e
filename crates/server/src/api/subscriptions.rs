//! What somebody watches, for programs: a lockfile given from continuous integration after each change.

use axum::{http::StatusCode, response::Response};
use bastide_model::id::SubscriptionId;
use bastide_store::{Subscription, SubscriptionItem};
use bastide_usecases::{
    NewSubscription, NoticeView, SubscriptionView, UseCaseError, WatchedSource, shown_secret,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    extract::Call,
    json as answer,
    openapi::{get, idempotency_key, parameter, post},
};

/// Which packages: names, or a document as text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct SourceBody {
    #[serde(default)]
    title: String,
    #[serde(default)]
    packages: Vec<String>,
    document: Option<DocumentBody>,
    webhook: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentBody {
    name: String,
    text: String,
}

impl SourceBody {
    fn source(&self) -> Result<WatchedSource, UseCaseError> {
        match &self.document {
            None => Ok(WatchedSource::Packages(self.packages.clone())),
            Some(document) if self.packages.is_empty() => Ok(WatchedSource::Document {
                name: document.name.clone(),
                bytes: document.text.clone().into_bytes(),
            }),
            Some(_) => Err(UseCaseError::Invalid {
                field: "packages".to_owned(),
                reason: "packages and a document cannot be given at once".to_owned(),
                remedy: "Make two subscriptions.".to_owned(),
            }),
        }
    }
}

/// What I watch.
pub(super) async fn list(call: Call) -> Response {
    match call.desk().subscriptions(&call.visitor.actor).await {
        Ok(all) => answer(StatusCode::OK, &all.iter().map(line).collect::<Vec<_>>()),
        Err(error) => call.fail(&error),
    }
}

/// Watches more.
pub(super) async fn make(call: Call) -> Response {
    let done = async {
        let body: SourceBody = call.json()?;
        let new = NewSubscription { source: body.source()?, title: body.title, webhook: body.webhook };
        call.desk().subscribe(&call.visitor.actor, &call.key()?, &new).await
    };
    match done.await {
        Ok(made) => answer(StatusCode::CREATED, &made),
        Err(error) => call.fail(&error),
    }
}

/// One of mine, with what it was told.
pub(super) async fn show(call: Call) -> Response {
    let found = async {
        let id: SubscriptionId = call.parameter("subscription")?;
        call.desk().subscription_view(&call.visitor.actor, id).await
    };
    match found.await {
        Ok(view) => answer(StatusCode::OK, &document(&view)),
        Err(error) => call.fail(&error),
    }
}

/// Its packages anew.
pub(super) async fn refresh(call: Call) -> Response {
    let done = async {
        let id: SubscriptionId = call.parameter("subscription")?;
        let body: SourceBody = call.json()?;
        call.key()?;
        call.desk().refresh_subscription(&call.visitor.actor, id, &body.source()?).await
    };
    match done.await {
        Ok(done) => answer(StatusCode::OK, &done),
        Err(error) => call.fail(&error),
    }
}

/// Its end.
pub(super) async fn end(call: Call) -> Response {
    let done = async {
        let id: SubscriptionId = call.parameter("subscription")?;
        call.key()?;
        call.desk().end_subscription(&call.visitor.actor, id).await
    };
    match done.await {
        Ok(()) => answer(StatusCode::OK, &json!({ "done": true })),
        Err(error) => call.fail(&error),
    }
}

fn line(own: &Subscription) -> Value {
    json!({
        "id": own.id, "title": own.title, "from": own.kind, "by": own.channel, "created": own.created,
        "refreshed": own.refreshed,
    })
}

fn document(view: &SubscriptionView) -> Value {
    let own = &view.subscription;
    let mut document = line(own);
    if let Some(address) = &own.address {
        document["webhook"] = json!(address);
        document["webhook-secret"] = json!(shown_secret(own));
    }
    document["packages"] = view.items.iter().map(item).collect();
    document["notices"] = view.notices.iter().map(notice).collect();
    document
}

fn item(item: &SubscriptionItem) -> Value {
    json!({
        "ecosystem": item.ecosystem, "name": item.name, "version": item.version, "scope": item.scope, "path": item.path,
    })
}

fn notice(view: &NoticeView) -> Value {
    let concerns: Vec<Value> = view
        .concerns
        .iter()
        .map(|concern| {
            let commands: Vec<String> = concern.commands().into_iter().map(|command| command.line).collect();
            json!({
                "ecosystem": concern.watched.ecosystem, "name": concern.watched.name, "version": concern.watched.version,
                "path": concern.watched.path, "certain": concern.certain, "fixed": concern.fixed, "commands": commands,
            })
        })
        .collect();
    let own = &view.notice;
    json!({
        "id": own.id, "advisory": own.advisory, "state": own.state, "found": own.found, "since": own.since,
        "concerns": concerns,
    })
}

/// The rows of the OpenAPI document.
pub(super) fn paths() -> Vec<(String, Value)> {
    let one = || parameter("subscription", "The subscription's id");
    let source = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "title": { "type": "string", "maxLength": 100 },
            "packages": { "type": "array", "items": { "type": "string" } },
            "document": {
                "type": ["object", "null"],
                "required": ["name", "text"],
                "additionalProperties": false,
                "properties": { "name": { "type": "string" }, "text": { "type": "string" } },
            },
            "webhook": { "type": ["string", "null"] },
        },
    });
    let (list, object) =
        (json!({ "type": "array", "items": { "type": "object" } }), json!({ "type": "object" }));
    let me = Some("person");
    let keyed = json!([one(), idempotency_key()]);
    vec![
        (
            "/api/v1/subscriptions".to_owned(),
            json!({
                "get": get("What I watch", me, &json!([]), &list),
                "post": post("Watch packages, a lockfile or an SBOM", me, &json!([idempotency_key()]), &source, 201),
            }),
        ),
        (
            "/api/v1/subscriptions/{subscription}".to_owned(),
            json!({ "get": get("One subscription, with what it was told", me, &json!([one()]), &object) }),
        ),
        (
            "/api/v1/subscriptions/{subscription}/packages".to_owned(),
            json!({ "post": post("Give its packages anew", me, &keyed, &source, 200) }),
        ),
        (
            "/api/v1/subscriptions/{subscription}/end".to_owned(),
            json!({ "post": post("Watch it no more", me, &keyed, &object, 200) }),
        ),
    ]
}
