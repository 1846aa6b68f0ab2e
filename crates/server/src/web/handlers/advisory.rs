//! Published advisories: the list, each document exactly as it was published, the feed.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bastide_advisory::html::STYLE;
use bastide_model::{digest::Sha256Digest, party::ProjectName};
use bastide_store::Log;
use bastide_usecases::{DocumentKind, PublicPage, UseCaseError};
use data_encoding::BASE64;
use serde_json::json;

use crate::web::{
    advisories,
    advisory_public::{self, Asked},
    request::{Visit, document, html},
};

/// The policy of a published page: it carries its style inside, so that it reads the same when it is saved; exactly
/// that style is allowed, by its hash.
static DOCUMENT_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64.encode(&Sha256Digest::of(STYLE.as_bytes()).0);
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; \
         base-uri 'none'"
    )
});

/// All advisories, or those of `?project=`.
pub(in crate::web) async fn list(visit: Visit) -> Response {
    let page = async {
        let chosen = visit.query("project");
        let wanted: Option<ProjectName> =
            if chosen.is_empty() { None } else { Some(chosen.parse().map_err(|_| UseCaseError::NotFound)?) };
        let advisories = visit.desk().public_advisories(wanted.as_ref(), 500).await?;
        let projects = visit.desk().projects().await?;
        Ok(html(StatusCode::OK, &advisories::list(visit.shell(), &advisories, &projects, &chosen)))
    };
    visit.answer(page.await)
}

/// An advisory for its readers, with the answer to "am I affected?" where it was asked.
pub(in crate::web) async fn page(visit: Visit) -> Response {
    let page = async {
        let found = public(&visit).await?;
        let title = visit.desk().project(&found.project).await?.record.title.clone();
        let page = advisory_public::page(visit.shell(), &found, &title, &asked(&visit));
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// The answer to "am I affected?" for a program, and for the page's script.
pub(in crate::web) async fn affected(visit: Visit) -> Response {
    let answer = async {
        let found = public(&visit).await?;
        let answer = advisory_public::answered(&found.record, &asked(&visit));
        let because: Vec<&str> = answer.because.iter().map(bastide_pages::Text::as_str).collect();
        let body = json!({
            "verdict": answer.verdict.words.as_str(),
            "tone": answer.verdict.tone.class(),
            "asked": answer.asked.as_str(),
            "because": because,
            "advice": answer.advice.as_str(),
        });
        Ok(document("application/json", body.to_string().into_bytes()))
    };
    visit.answer(answer.await)
}

/// How the documents of an advisory are proved.
pub(in crate::web) async fn proofs(visit: Visit) -> Response {
    let page = async {
        let found = public(&visit).await?;
        let desk = visit.desk();
        let key = desk.store().verifier_key(Log::Public).to_string();
        let url = &desk.settings().public_url;
        Ok(html(StatusCode::OK, &advisory_public::proof(visit.shell(), &found, url, &key)))
    };
    visit.answer(page.await)
}

/// The proof of one document.
pub(in crate::web) async fn proof(visit: Visit) -> Response {
    let proof = async {
        let (id, word): (String, String) = (visit.parameter("advisory")?, visit.parameter("kind")?);
        let kind = DocumentKind::find(&word).ok_or(UseCaseError::NotFound)?;
        let proof = visit.desk().publication_proof(&id, version(&visit)?, kind).await?;
        let bytes =
            serde_json::to_vec_pretty(&proof).map_err(|error| UseCaseError::Corrupt(error.to_string()))?;
        Ok(document("application/json", bytes))
    };
    visit.answer(proof.await)
}

/// What changed from version to version.
pub(in crate::web) async fn history(visit: Visit) -> Response {
    let page =
        async { Ok(html(StatusCode::OK, &advisory_public::history(visit.shell(), &public(&visit).await?))) };
    visit.answer(page.await)
}

async fn public(visit: &Visit) -> Result<PublicPage, UseCaseError> {
    let id: String = visit.parameter("advisory")?;
    visit.desk().public_page(&id, version(visit)?).await
}

/// The version of the advisory that is asked for; nothing for the newest.
fn version(visit: &Visit) -> Result<Option<u32>, UseCaseError> {
    let version = visit.query("version");
    if version.is_empty() { Ok(None) } else { version.parse().map(Some).map_err(|_| UseCaseError::NotFound) }
}

fn asked(visit: &Visit) -> Asked {
    Asked { package: visit.query("package"), installed: visit.query("installed") }
}

/// An advisory in one format, as it was published.
pub(in crate::web) async fn format(visit: Visit) -> Response {
    let page = async {
        let word: String = visit.parameter("kind")?;
        published(&visit, DocumentKind::find(&word).ok_or(UseCaseError::NotFound)?).await
    };
    visit.answer(page.await)
}

async fn published(visit: &Visit, kind: DocumentKind) -> Result<Response, UseCaseError> {
    let id: String = visit.parameter("advisory")?;
    let found = visit.desk().published(&id, version(visit)?, kind).await?;
    let mut response = document(kind.media_type(), found.bytes);
    if kind == DocumentKind::Html
        && let Ok(policy) = HeaderValue::from_str(&DOCUMENT_POLICY)
    {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// The Atom feed of the desk.
pub(in crate::web) async fn feed(visit: Visit) -> Response {
    let page = async {
        let feed = visit.desk().feed(None).await?;
        Ok(document("application/atom+xml; charset=utf-8", feed.into_bytes()))
    };
    visit.answer(page.await)
}

/// The Atom feed of a project.
pub(in crate::web) async fn project_feed(visit: Visit) -> Response {
    let page = async {
        let name: ProjectName = visit.parameter("project")?;
        let facts = visit.desk().project(&name).await?;
        let feed = visit.desk().feed(Some(&facts.record)).await?;
        Ok(document("application/atom+xml; charset=utf-8", feed.into_bytes()))
    };
    visit.answer(page.await)
}
