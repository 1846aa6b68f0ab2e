//! Published advisories: the list, each document exactly as it was published, the feed.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bastide_advisory::html::STYLE;
use bastide_model::{digest::Sha256Digest, party::ProjectName};
use bastide_usecases::{DocumentKind, UseCaseError};
use data_encoding::BASE64;

use crate::web::{
    advisories,
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

/// An advisory's page, as it was published.
pub(in crate::web) async fn page(visit: Visit) -> Response {
    visit.answer(published(&visit, DocumentKind::Html).await)
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
    let version = visit.query("version");
    let version =
        if version.is_empty() { None } else { Some(version.parse().map_err(|_| UseCaseError::NotFound)?) };
    let found = visit.desk().published(&id, version, kind).await?;
    let mut response = document(kind.media_type(), found.bytes);
    if kind == DocumentKind::Html
        && let Ok(policy) = HeaderValue::from_str(&DOCUMENT_POLICY)
    {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// The Atom feed.
pub(in crate::web) async fn feed(visit: Visit) -> Response {
    let page = async {
        let feed = visit.desk().feed().await?;
        Ok(document("application/atom+xml; charset=utf-8", feed.into_bytes()))
    };
    visit.answer(page.await)
}
