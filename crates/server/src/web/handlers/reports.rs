//! A reporter's account: asked for, entered, and one's own reports in it.

use axum::{http::StatusCode, response::Response};
use bastide_model::id::CaseId;
use bastide_pages::{
    desk::{Message, Outcome},
    part::Link,
};
use bastide_usecases::{AccountEntry, Secret, UseCaseError};

use super::status;
use crate::{
    visitor::{self, Cookie},
    web::{
        message, report_list,
        request::{Visit, html, see, with_cookie},
    },
};

/// One's own reports; for whoever is not signed in, the form that asks for a link.
pub(in crate::web) async fn list(visit: Visit) -> Response {
    let page = async {
        let Some(signed_in) = &visit.visitor.signed_in else {
            return Ok(html(StatusCode::OK, &report_list::ask(visit.shell(), "", Vec::new())));
        };
        let rows = visit.desk().own_reports(&signed_in.actor).await?;
        let projects = visit.desk().projects().await?;
        let keep = match &visit.visitor.report_link {
            Some(link) => visit.desk().own_report(link).await.is_ok_and(|own| !own.kept),
            None => false,
        };
        Ok(html(StatusCode::OK, &report_list::page(visit.shell(), &rows, &projects, keep, visit.now())))
    };
    visit.answer(page.await)
}

/// The button of the status page: the same form.
pub(in crate::web) async fn offer(visit: Visit) -> Response {
    drop(visit);
    see("/reports")
}

/// Somebody asks for a link. The answer is one, whatever the desk knows of the address.
pub(in crate::web) async fn ask(visit: Visit) -> Response {
    let answer = async {
        let fields = visit.fields()?;
        let address = fields.get("address").map(String::as_str).unwrap_or_default();
        match visit.desk().ask_for_account(address).await {
            Ok(()) => Ok(html(StatusCode::OK, &asked(&visit))),
            Err(error @ UseCaseError::Invalid { .. }) => {
                let findings = message::at_fields(&error).unwrap_or_default();
                let page = report_list::ask(visit.shell(), address, findings);
                Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(answer.await)
}

fn asked(visit: &Visit) -> Message {
    Message {
        shell: visit.shell(),
        outcome: Outcome::Done,
        heading: "Look into your mail".into(),
        what: "If an account can be opened with this address, a link is on its way to it.".into(),
        why: "This page says the same for every address, so that nobody learns from it who has an account here.".into(),
        rule: None,
        findings: Vec::new(),
        remedies: vec![
            "Open the link in this browser: then a report whose secret link you opened here can be kept at once.".into(),
            "No mail within a few minutes? Look among the unwanted mails, and at the address. An address gets three links \
             in an hour at most."
                .into(),
        ],
        next: vec![Link::new("Back", "/reports"), Link::new("Open a report's secret link", "/status")],
        reference: "".into(),
    }
}

/// The link of a mail was followed: it asks for a press of the button, and spends nothing.
pub(in crate::web) async fn link(visit: Visit) -> Response {
    let page = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        match visit.desk().account_entry(&secret).await {
            Ok(entry) => {
                let page = report_list::enter(visit.shell(), &visit.path, entry == AccountEntry::New);
                Ok(html(StatusCode::OK, &page))
            }
            Err(UseCaseError::NotSignedIn) => Ok(html(StatusCode::NOT_FOUND, &spent(&visit))),
            Err(error) => Err(error),
        }
    };
    visit.answer(page.await)
}

fn spent(visit: &Visit) -> Message {
    Message {
        shell: visit.shell(),
        outcome: Outcome::Refused,
        heading: "This link does not work any more".into(),
        what: "You are not signed in.".into(),
        why: "A link works once, for a day, and only the newest one. It signs in nobody who has a role at the desk.".into(),
        rule: None,
        findings: Vec::new(),
        remedies: vec!["Ask for another link.".into()],
        next: vec![Link::new("Ask for another link", "/reports"), Link::new("Sign in otherwise", "/sign-in")],
        reference: "".into(),
    }
}

/// The button was pressed.
pub(in crate::web) async fn enter(visit: Visit) -> Response {
    let answer = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        let fields = visit.fields()?;
        let name = fields.get("name").map(String::as_str).unwrap_or_default();
        let person = match visit.desk().enter_account(&secret, name).await {
            Ok(person) => person,
            Err(UseCaseError::NotSignedIn) => return Ok(html(StatusCode::NOT_FOUND, &spent(&visit))),
            Err(error) => return Err(error),
        };
        let browser = visitor::browser(&visit.app, &visit.headers);
        let session = visit.desk().sign_in_vouched(person, &browser).await?;
        Ok(super::account::signed_in(&visit, see("/reports"), &session))
    };
    visit.answer(answer.await)
}

/// One of one's own reports.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    visit.answer(status::own(&visit, None, StatusCode::OK).await)
}

/// The report of this browser's secret link goes under the account of whoever is signed in.
pub(in crate::web) async fn keep(visit: Visit) -> Response {
    let answer = async {
        let Some(signed_in) = &visit.visitor.signed_in else { return Ok(see("/reports")) };
        let link = visit.visitor.report_link.clone().ok_or(UseCaseError::NotFound)?;
        let case = visit.desk().keep_report(&signed_in.actor, &link).await?;
        Ok(see(&format!("/reports/{case}")))
    };
    visit.answer(answer.await)
}

/// The secret link ends.
pub(in crate::web) async fn end_link(visit: Visit) -> Response {
    let answer = async {
        let case: CaseId = visit.parameter("case")?;
        visit.desk().end_reporter_link(&visit.visitor.actor, case).await?;
        // The cookie of this browser holds the link that has just ended, most likely.
        Ok(with_cookie(see(&format!("/reports/{case}")), Some(Cookie::Report.clear(&visit.app))))
    };
    visit.answer(answer.await)
}

/// A new secret link, shown once.
pub(in crate::web) async fn replace_link(visit: Visit) -> Response {
    let answer = async {
        let case: CaseId = visit.parameter("case")?;
        let link = visit.desk().replace_reporter_link(&visit.visitor.actor, case).await?;
        let address = format!("{}/status/{}", visit.desk().settings().public_url, link.reveal());
        let page = Message {
            shell: visit.shell(),
            outcome: Outcome::Done,
            heading: "Keep this secret link".into(),
            what: address.into(),
            why: "It is shown only now. The link that you had before does not work any more. Whoever has the new one can read \
                  your report and write in your name."
                .into(),
            rule: None,
            findings: Vec::new(),
            remedies: vec!["Save it in a password manager, or print this page.".into()],
            next: vec![Link::new("Back to the report", format!("/reports/{case}"))],
            reference: "".into(),
        };
        Ok(with_cookie(html(StatusCode::OK, &page), Some(Cookie::Report.clear(&visit.app))))
    };
    visit.answer(answer.await)
}
