//! What a route is about and which action it does: declared at the route, asked of `authorize` before the handler.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bastide_authz::{Action, Object};
use bastide_model::{
    id::{CaseId, ChangeId},
    party::ProjectName,
};
use bastide_usecases::UseCaseError;

use crate::{App, error::Failure, kept::Kept, visitor::Visitor};

/// A route's declaration: what it is about and which action it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// A public page or document.
    Public(Action),
    /// The project that `{project}` names.
    Project(Action),
    /// The case that `{case}` names.
    Case(Action),
    /// The report whose secret link the request carries.
    OwnReport(Action),
    /// The signed-in person's own things.
    Own(Action),
    /// The programme itself.
    Programme(Action),
    /// The proposal that `{proposal}` names: its kind says which right about which object it takes, to read it or to
    /// decide about it.
    Proposal {
        /// Whether the route decides.
        decides: bool,
    },
    /// The signed-in person's own account: how they sign in. Open also to who must make a passkey before anything else.
    Account(Action),
}

impl Guard {
    /// The action.
    pub(crate) fn action(self) -> Action {
        match self {
            Self::Public(action)
            | Self::Project(action)
            | Self::Case(action)
            | Self::OwnReport(action)
            | Self::Own(action)
            | Self::Programme(action)
            | Self::Account(action) => action,
            // Stands in tables for whatever the kind of the proposal asks.
            Self::Proposal { .. } => Action::OwnAccount,
        }
    }

    /// What the route is about, in a word.
    pub(crate) fn object(self) -> &'static str {
        match self {
            Self::Public(_) => "public",
            Self::Project(_) => "project",
            Self::Case(_) => "case",
            Self::OwnReport(_) => "own report",
            Self::Own(_) | Self::Account(_) => "own account",
            Self::Programme(_) => "programme",
            Self::Proposal { .. } => "proposal",
        }
    }
}

/// Stands before every handler: who is asking, and whether they may. The handler finds the [`Visitor`] in the
/// request's extensions.
pub(crate) async fn stand(
    State((app, guard)): State<(App, Guard)>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let mut response = answer(app, guard, request, next, &path, &headers).await;
    // For the counts, which know a route's class and nothing more of it.
    response.extensions_mut().insert(crate::operations::RouteClass(guard.object()));
    response
}

async fn answer(
    app: App,
    guard: Guard,
    mut request: Request,
    next: Next,
    path: &str,
    headers: &HeaderMap,
) -> Response {
    match admit(&app, guard, path, headers).await {
        Ok(visitor) => {
            if let Some(response) = crate::limits::write_must_wait(&app, &request, &visitor) {
                return response;
            }
            request.extensions_mut().insert(Arc::new(visitor));
            next.run(request).await
        }
        Err((error, visitor)) => {
            let kept = match error {
                UseCaseError::StepUp => kept(path, request).await,
                _ => None,
            };
            Failure::keeping(&error, &app, path, visitor.as_ref(), kept.as_ref()).into_response()
        }
    }
}

/// What was sent, for whoever must confirm first. A body that is too long to be kept stays in the browser's history.
async fn kept(path: &str, request: Request) -> Option<Kept> {
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = to_bytes(request.into_body(), crate::kept::MOST).await.ok()?;
    Kept::of(&method, &headers, path, &query, &body)
}

async fn admit(
    app: &App,
    guard: Guard,
    path: &str,
    headers: &HeaderMap,
) -> Result<Visitor, (UseCaseError, Option<Visitor>)> {
    let mut visitor = Visitor::of(app, headers).await.map_err(|error| (error, None))?;
    match check(app, guard, path, &mut visitor).await {
        Ok(()) => Ok(visitor),
        Err(error) => Err((error, Some(visitor))),
    }
}

async fn check(app: &App, guard: Guard, path: &str, visitor: &mut Visitor) -> Result<(), UseCaseError> {
    let desk = app.desk();
    // Asked before anything is looked up, so that the answer is one whatever the address names.
    if visitor.actor.confined && !matches!(guard, Guard::Public(_) | Guard::Account(_) | Guard::OwnReport(_))
    {
        let in_public = matches!(guard.action(), Action::ReadPublic | Action::SubmitReport);
        if !in_public {
            return Err(UseCaseError::EnrolFirst);
        }
    }
    match guard {
        Guard::Public(action) => desk.permit(&visitor.actor, action, Object::Public)?,
        Guard::Own(action) | Guard::Account(action) => {
            let person = visitor.actor.person.ok_or(UseCaseError::NotSignedIn)?;
            desk.permit(&visitor.actor, action, Object::Person(person))?
        }
        Guard::Programme(action) => desk.permit(&visitor.actor, action, Object::Programme)?,
        Guard::Proposal { decides } => {
            let id: ChangeId = parameter(path, 1).ok_or(UseCaseError::NotFound)?;
            return desk.admit_to_proposal(&visitor.actor, id, decides).await;
        }
        Guard::Project(action) => {
            let name: ProjectName = parameter(path, 1).ok_or(UseCaseError::NotFound)?;
            desk.project(&name).await?;
            desk.permit(&visitor.actor, action, Object::Project(&name))?
        }
        Guard::Case(action) => {
            let id: CaseId = parameter(path, 1).ok_or(UseCaseError::NotFound)?;
            let object = desk.case_object(id).await?;
            desk.permit(&visitor.actor, action, Object::Case(&object))?
        }
        Guard::OwnReport(action) => {
            let link = visitor.report_link.clone().ok_or(UseCaseError::NotFound)?;
            let (actor, case) = desk.reporter_by_link(&link).await?;
            let object = desk.case_object(case).await?;
            visitor.actor = actor;
            desk.permit(&visitor.actor, action, Object::Case(&object))?
        }
    };
    Ok(())
}

/// The value that follows `projects`, `cases` or `proposals` in the path: segment `index` after the area.
fn parameter<T: std::str::FromStr>(path: &str, index: usize) -> Option<T> {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let path = path.strip_prefix("/admin").unwrap_or(path);
    path.trim_start_matches('/').split('/').nth(index)?.parse().ok()
}
