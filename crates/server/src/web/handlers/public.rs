//! Pages and documents for everybody: front page, projects, thanks, ledger, security.txt, stylesheet.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_desk::policy::Policy;
use bastide_model::{
    party::ProjectName,
    time::{Instant, Span},
};
use bastide_pages::assets;
use bastide_store::Log;
use bastide_usecases::{ProjectFacts, UseCaseError};

use crate::web::{
    acknowledgements, demo_start,
    forms::Forms,
    home, ledger, project, public_keys,
    request::{Visit, document, html},
    security,
};

/// How long a security.txt is good for (RFC 9116: less than a year).
const SECURITY_TXT: Span = Span::days(180);

/// The front page; of a demonstration, where it begins.
pub(in crate::web) async fn start(visit: Visit) -> Response {
    match &visit.app.options().demo {
        Some(demo) => {
            html(StatusCode::OK, &demo_start::page(visit.shell(), demo, visit.now(), &Forms::fresh()))
        }
        None => projects(visit).await,
    }
}

/// The projects of the programme.
pub(in crate::web) async fn projects(visit: Visit) -> Response {
    let page = async {
        let desk = visit.desk();
        let mut projects = Vec::new();
        for record in desk.projects().await? {
            projects.push(desk.project(&record.name).await?);
        }
        let latest = desk.public_advisories(None, home::LATEST).await?;
        let programme = &desk.settings().programme;
        let adds = crate::web::admin::runs_the_programme(&visit);
        Ok(html(StatusCode::OK, &home::page(visit.shell(), programme, &projects, &latest, adds)))
    };
    visit.answer(page.await)
}

/// The programme's security page.
pub(in crate::web) async fn security(visit: Visit) -> Response {
    let page = async {
        let desk = visit.desk();
        let mut projects = Vec::new();
        for record in desk.projects().await? {
            projects.push(desk.project(&record.name).await?);
        }
        let latest = desk.public_advisories(None, 20).await?;
        Ok(html(
            StatusCode::OK,
            &security::page(visit.shell(), &desk.settings().programme, &projects, &latest),
        ))
    };
    visit.answer(page.await)
}

/// A project's page.
pub(in crate::web) async fn project(visit: Visit) -> Response {
    let page = async {
        let name: ProjectName = visit.parameter("project")?;
        let facts = visit.desk().project(&name).await?;
        let published = visit.desk().public_advisories(Some(&name), 50).await?;
        let imported = visit.desk().imported_advisories(Some(&name), 1000).await?;
        let page = project::page(visit.shell(), &facts, &published, &imported, visit.now());
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// A project's policy for machines.
pub(in crate::web) async fn policy(visit: Visit) -> Response {
    let page = async {
        let name: ProjectName = visit.parameter("project")?;
        let facts = visit.desk().project(&name).await?;
        Ok(document("application/json", facts.policy.canonical_json().into_bytes()))
    };
    visit.answer(page.await)
}

/// A project's security.txt (RFC 9116).
pub(in crate::web) async fn project_security_txt(visit: Visit) -> Response {
    let page = async {
        let name: ProjectName = visit.parameter("project")?;
        let facts = visit.desk().project(&name).await?;
        let url = &visit.desk().settings().public_url;
        security_txt(&visit, &reached_here(&facts, url), &format!("{url}/projects/{name}/security.txt"))
    };
    visit.answer(page.await)
}

/// The desk's own security.txt: its first project's contacts, its own pages.
pub(in crate::web) async fn security_txt_of_desk(visit: Visit) -> Response {
    let page = async {
        let desk = visit.desk();
        let url = &desk.settings().public_url;
        let projects = desk.projects().await?;
        let first = projects.first().ok_or(UseCaseError::NotFound)?;
        let facts = desk.project(&first.name).await?;
        let mut policy = reached_here(&facts, url);
        policy.contact.form = Some(format!("{url}/"));
        security_txt(&visit, &policy, &format!("{url}/.well-known/security.txt"))
    };
    visit.answer(page.await)
}

/// The security.txt that a project would have.
pub(in crate::web) fn security_txt_text(facts: &ProjectFacts, url: &str, now: Instant) -> Option<String> {
    let canonical = format!("{url}/projects/{}/security.txt", facts.record.name);
    reached_here(facts, url).security_txt(now + SECURITY_TXT, &[canonical.as_str()])
}

fn security_txt(visit: &Visit, policy: &Policy, canonical: &str) -> Result<Response, UseCaseError> {
    let text = policy.security_txt(visit.now() + SECURITY_TXT, &[canonical]).ok_or(UseCaseError::NotFound)?;
    Ok(document("text/plain; charset=utf-8", text.into_bytes()))
}

/// The policy with this desk's own addresses where it names none.
fn reached_here(facts: &ProjectFacts, url: &str) -> Policy {
    let mut policy = facts.policy.clone();
    let name = &facts.record.name;
    policy.contact.form = Some(format!("{url}/projects/{name}/report"));
    policy.contact.acknowledgments.get_or_insert(format!("{url}/acknowledgements"));
    policy.contact.policy.get_or_insert(format!("{url}/projects/{name}"));
    policy
}

/// Whom the desk thanks.
pub(in crate::web) async fn thanks(visit: Visit) -> Response {
    let page = async {
        let advisories = visit.desk().public_advisories(None, 500).await?;
        let projects = visit.desk().projects().await?;
        Ok(html(StatusCode::OK, &acknowledgements(visit.shell(), &advisories, &projects)))
    };
    visit.answer(page.await)
}

/// The public log.
pub(in crate::web) async fn log(visit: Visit) -> Response {
    let page = async {
        let desk = visit.desk();
        let checkpoint = desk.checkpoint(Log::Public).await?;
        let key = |log| desk.store().verifier_key(log).to_string();
        let (key, case_key) = (key(Log::Public), key(Log::Case));
        let head = ledger::LogHead { checkpoint: &checkpoint, key: &key, case_key: &case_key };
        Ok(html(StatusCode::OK, &ledger::page(visit.shell(), &head, visit.now())))
    };
    visit.answer(page.await)
}

/// Every public key that this desk has and had.
pub(in crate::web) async fn keys(visit: Visit) -> Response {
    let store = visit.desk().store();
    html(StatusCode::OK, &public_keys::page(visit.shell(), |log| store.log_keys(log)))
}

/// The stylesheet; its address changes when it does.
pub(in crate::web) async fn style() -> Response {
    asset("text/css; charset=utf-8", assets::STYLESHEET)
}

/// The script; its address changes when it does.
pub(in crate::web) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", assets::SCRIPT)
}

/// The icon.
pub(in crate::web) async fn icon() -> Response {
    asset("image/svg+xml", assets::ICON)
}

fn asset(media_type: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (StatusCode::OK, headers, content).into_response()
}
