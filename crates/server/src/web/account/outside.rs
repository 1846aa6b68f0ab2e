//! Signing in through somebody else (GitHub, an `OpenID` Connect provider), and which of its accounts are linked to one's own.
//!
//! A form begins it, so nobody is sent away by a link of somebody else; its answer is a page that goes on to the provider by
//! itself, because a form of ours leads to this desk only. The provider sends the browser back by a link from elsewhere, with
//! which strict cookies do not come along: the sign-in is recognised by its own cookie, and the answer is a page again.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bastide_model::party::Identity;
use bastide_pages::{
    desk::{LinkedAccounts, LinkedRow, Message, Outcome},
    part::{ActionForm, Control, Field, Link},
};
use bastide_usecases::{OutsideDone, OutsideError, OutsidePurpose, Returned, Secret, UseCaseError};

use crate::{
    visitor::{self, Cookie},
    web::{
        forms::Forms,
        handlers::account::{after_sign_in, signed_in},
        request::{Visit, html, see, with_cookie},
        sign_in,
    },
};

/// The longest state, code or issuer that is looked at.
const LONGEST: usize = 2048;

/// A form of one button.
fn form(id: &str, action: &str, fields: Vec<Field>, submit: &str) -> ActionForm {
    ActionForm::new(id, submit, action, Forms::fresh().tokens()).asking(fields).unfolded()
}

/// Somebody wants to sign in through a provider.
pub(in crate::web) async fn begin(visit: Visit) -> Response {
    let answer = async {
        let fields = visit.fields()?;
        let next = sign_in::local_path(fields.get("next").map(String::as_str).unwrap_or_default());
        let from = visitor::browser(&visit.app, &visit.headers);
        go(&visit, OutsidePurpose::SignIn { next: next.to_owned(), from }).await
    };
    visit.answer(answer.await)
}

/// Somebody wants to link an account of theirs.
pub(in crate::web) async fn link(visit: Visit) -> Response {
    let answer = async {
        let who = visit.visitor.signed_in.as_ref().ok_or(UseCaseError::NotSignedIn)?;
        let person = visit.desk().may_link_outside(who)?;
        go(&visit, OutsidePurpose::Link { person, session: who.credential }).await
    };
    visit.answer(answer.await)
}

async fn go(visit: &Visit, purpose: OutsidePurpose) -> Result<Response, UseCaseError> {
    let provider: String = visit.parameter("provider")?;
    let outside = &visit.app.options().outside;
    let begun = match outside.begin(visit.desk(), &provider, purpose).await {
        Ok(begun) => begun,
        Err(error) => return failed(visit, &provider, error),
    };
    let title = outside.offered().find(|(name, _)| *name == provider).map_or("", |(_, title)| title);
    let page = Message {
        shell: visit.shell(),
        outcome: Outcome::Done,
        heading: format!("On to {title}").into(),
        what: format!("You sign in at {title} and come back here.").into(),
        why: "It tells this desk which account is yours, and nothing of the desk.".into(),
        rule: None,
        findings: Vec::new(),
        remedies: vec!["If nothing happens within a moment, follow the link.".into()],
        next: vec![
            Link::new(format!("Go on to {title}"), begun.address.clone()),
            Link::new("Stay here", "/sign-in"),
        ],
        reference: "".into(),
    };
    let mut response =
        with_cookie(html(StatusCode::OK, &page), Cookie::Outside.set(&visit.app, &begun.browser));
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={}", begun.address)) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(response)
}

/// The browser is back from the provider.
pub(in crate::web) async fn back(visit: Visit) -> Response {
    let answer = async {
        let provider: String = visit.parameter("provider")?;
        let query =
            |name: &str| Some(visit.query(name)).filter(|value| !value.is_empty() && value.len() <= LONGEST);
        let state = Secret::given(&query("state").unwrap_or_default());
        let returned = query("code").map(|code| Returned { code, issuer: query("iss") });
        let browser = Cookie::Outside.read(&visit.headers, visit.app.options().secure_cookies);
        let outside = &visit.app.options().outside;
        let done = outside.finish(visit.desk(), &provider, &state, returned.as_ref(), browser.as_ref()).await;
        match done {
            Ok(OutsideDone::Person { person, next, from }) => {
                let session = visit.desk().sign_in_vouched(person, &from).await?;
                let to = after_sign_in(&visit, &session, &next).await;
                let page = onward(&visit, "You are signed in", &to);
                Ok(signed_in(&visit, over(&visit, page), &session))
            }
            Ok(OutsideDone::Linked { .. }) => {
                let page = onward(&visit, "The account is linked", "/account/outside");
                Ok(over(&visit, page))
            }
            Ok(OutsideDone::Unknown { shown, ticket }) => Ok(unknown(&visit, &provider, &shown, &ticket)),
            Err(error) => failed(&visit, &provider, error),
        }
    };
    visit.answer(answer.await)
}

/// The sign-in is over: its cookie goes.
fn over(visit: &Visit, response: Response) -> Response {
    with_cookie(response, Some(Cookie::Outside.clear(&visit.app)))
}

/// A page that goes on by itself: the next request is this site's own, so the strict cookie comes along.
fn onward(visit: &Visit, heading: &str, next: &str) -> Response {
    let page = Message {
        shell: visit.shell(),
        outcome: Outcome::Done,
        heading: heading.into(),
        what: "You go on by yourself in a moment.".into(),
        why: "".into(),
        rule: None,
        findings: Vec::new(),
        remedies: Vec::new(),
        next: vec![Link::new("Go on", next)],
        reference: "".into(),
    };
    let mut response = html(StatusCode::OK, &page);
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={next}")) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}

/// The account is nobody's here.
fn unknown(visit: &Visit, provider: &str, shown: &str, ticket: &Secret) -> Response {
    let outside = &visit.app.options().outside;
    let title = outside.offered().find(|(name, _)| *name == provider).map_or("", |(_, title)| title);
    let ticket = Field::new("ticket", "", Control::Hidden(ticket.reveal().into()));
    let page = bastide_pages::desk::OneForm {
        shell: visit.shell(),
        heading: "This account is linked to nobody here".into(),
        lead: format!(
            "{title} says that you are {shown}. No person of this desk is linked to that account, so you are not signed in. If \
             you have a role here, sign in as before and link it on your account page, or ask your programme's administrator to \
             link it. If you report \
             vulnerabilities and want your reports in one place, you can make a reporter's account with it: it has no role."
        )
        .into(),
        form: form(
            "reporter",
            &format!("/sign-in/account/{provider}"),
            vec![ticket],
            "Make a reporter's account",
        ),
        next: vec![Link::new("Sign in otherwise", "/sign-in"), Link::new("Go to the front page", "/")],
    };
    html(StatusCode::FORBIDDEN, &page)
}

/// A reporter's account for an account that was nobody's.
pub(in crate::web) async fn make_account(visit: Visit) -> Response {
    let answer = async {
        let provider: String = visit.parameter("provider")?;
        let fields = visit.fields()?;
        let ticket = Secret::given(fields.get("ticket").map(String::as_str).unwrap_or_default());
        let browser = Cookie::Outside.read(&visit.headers, visit.app.options().secure_cookies);
        let outside = &visit.app.options().outside;
        match outside.make_account(visit.desk(), &provider, &ticket, browser.as_ref()).await {
            Ok(person) => {
                let from = visitor::browser(&visit.app, &visit.headers);
                let session = visit.desk().sign_in_vouched(person, &from).await?;
                Ok(signed_in(&visit, over(&visit, see("/reports")), &session))
            }
            Err(error) => failed(&visit, &provider, error),
        }
    };
    visit.answer(answer.await)
}

/// What happened, and what to do. What a provider answered stands in the log, in words of our own.
fn failed(visit: &Visit, provider: &str, error: OutsideError) -> Result<Response, UseCaseError> {
    let found = visit.app.options().outside.offered().find(|(name, _)| *name == provider);
    let title = found.map_or(provider, |(_, title)| title);
    let (status, what, why, remedy) = match error {
        OutsideError::Desk(error) => return Err(error),
        OutsideError::NoProvider => return Err(UseCaseError::NotFound),
        OutsideError::Stale => (
            StatusCode::BAD_REQUEST,
            "This answer belongs to no sign-in that this browser has under way.".to_owned(),
            "A sign-in takes ten minutes at most, counts once, and ends in the browser in which it began.",
            "Begin again.",
        ),
        OutsideError::Declined => (
            StatusCode::FORBIDDEN,
            format!("The sign-in at {title} was not finished."),
            "You said no there, or it did.",
            "Begin again, or sign in otherwise.",
        ),
        OutsideError::Taken => (
            StatusCode::CONFLICT,
            "This account is linked to somebody else.".to_owned(),
            "An account belongs to one person.",
            "Sign in as that person and take it away there, or use another account.",
        ),
        OutsideError::Provider(error) => {
            tracing::warn!(%error, "a sign-in through a provider came to nothing");
            let provider_is_down = matches!(error, bastide_usecases::IdentityError::Unavailable { .. });
            if provider_is_down {
                (
                    StatusCode::BAD_GATEWAY,
                    format!("{title} could not be asked."),
                    "It did not answer, or with an error of its own.",
                    "Try again in a few minutes, or sign in otherwise.",
                )
            } else {
                (
                    StatusCode::BAD_GATEWAY,
                    format!("What {title} answered does not hold."),
                    "This desk checks every answer and takes none on trust.",
                    "Begin again. If it happens again, tell the desk's operator: the reason stands in the log.",
                )
            }
        }
    };
    let page = Message {
        shell: visit.shell(),
        outcome: Outcome::Refused,
        heading: "You are not signed in".into(),
        what: what.into(),
        why: why.into(),
        rule: None,
        findings: Vec::new(),
        remedies: vec![remedy.into()],
        next: vec![Link::new("Sign in", "/sign-in"), Link::new("Go to the front page", "/")],
        reference: provider.into(),
    };
    Ok(over(visit, html(status, &page)))
}

/// Which accounts are linked to one's own, and which can be.
pub(in crate::web) async fn linked(visit: Visit) -> Response {
    let page = async {
        let who = visit.visitor.signed_in.as_ref().ok_or(UseCaseError::NotSignedIn)?;
        let person = who.actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let record = visit.desk().person(person).await?.ok_or(UseCaseError::NotSignedIn)?;
        let outside = &visit.app.options().outside;
        let hidden = |name: &str, value: &str| Field::new(name.to_owned(), "", Control::Hidden(value.into()));
        let rows: Vec<LinkedRow> = record
            .identities
            .iter()
            .filter_map(|identity| match identity {
                Identity::Outside { issuer, subject, shown } => Some(LinkedRow {
                    provider: outside.title_of(issuer).unwrap_or(issuer).into(),
                    shown: shown.as_str().into(),
                    number: subject.as_str().into(),
                    unlink: form(
                        "unlink",
                        "/account/outside/unlink",
                        vec![hidden("issuer", issuer), hidden("subject", subject)],
                        "Take it away",
                    ),
                }),
                Identity::Mail { .. } | Identity::Forge { .. } => None,
            })
            .collect();
        let offers = outside
            .offered()
            .map(|(name, title)| {
                let id = format!("link-{name}");
                form(
                    &id,
                    &format!("/account/outside/{name}/link"),
                    Vec::new(),
                    &format!("Link an account at {title}"),
                )
            })
            .collect();
        Ok(html(StatusCode::OK, &LinkedAccounts { shell: visit.shell(), rows, offers }))
    };
    visit.answer(page.await)
}

/// An account is taken away.
pub(in crate::web) async fn unlink(visit: Visit) -> Response {
    let answer = async {
        let who = visit.visitor.signed_in.as_ref().ok_or(UseCaseError::NotSignedIn)?;
        let fields = visit.fields()?;
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        visit.desk().unlink_outside(who, field("issuer"), field("subject")).await?;
        Ok(see("/account/outside"))
    };
    visit.answer(answer.await)
}
