//! The reporter's own page, by the secret link or by their account: shown, answered, mended.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bastide_model::id::CaseId;
use bastide_pages::{
    desk::{Message, OneForm, Outcome, ReportForm, ReportValues, report_form::field},
    part::{ActionForm, Field, FindingNote, Link},
};
use bastide_usecases::{ProjectFacts, ReporterView, Secret, UseCaseError, step::StepKind};

use super::step;
use crate::{
    visitor::Cookie,
    web::{
        finding,
        forms::Forms,
        message,
        multipart::{self, Sent},
        report_form::{self, Again},
        reporter_status::{self, Ways},
        request::{Visit, html, key, see, with_cookie},
        step_form::{Refused, StepForms},
    },
};

/// The report of whoever holds a link; without one, a field to paste it.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let answer = own(&visit, None, StatusCode::OK).await;
    match answer {
        Err(UseCaseError::NotFound) => {
            let given = visit.visitor.report_link.is_some();
            let page = paste(
                &visit,
                if given { Some("The link that this browser kept does not work.") } else { None },
            );
            html(StatusCode::OK, &page)
        }
        answer => visit.answer(answer),
    }
}

/// The pages of the report that a request is about: by the reporter's account under `/reports/CASE`, else by the secret
/// link under `/status`.
fn base(visit: &Visit) -> String {
    let case = visit.path.strip_prefix("/reports/").and_then(|rest| rest.split('/').next());
    case.map_or("/status".to_owned(), |case| format!("/reports/{case}"))
}

/// The report that a request is about.
async fn found(visit: &Visit) -> Result<ReporterView, UseCaseError> {
    if visit.path.starts_with("/reports/") {
        let case: CaseId = visit.parameter("case")?;
        return visit.desk().own_report_of(&visit.visitor.actor, case).await;
    }
    let link = visit.visitor.report_link.clone().ok_or(UseCaseError::NotFound)?;
    visit.desk().own_report(&link).await
}

/// The report's page. Whoever opens it by their account has seen what it shows.
pub(super) async fn own(
    visit: &Visit,
    refused: Option<&Refused>,
    status: StatusCode,
) -> Result<Response, UseCaseError> {
    let own = found(visit).await?;
    visit.desk().report_seen(&own).await?;
    let projects = visit.desk().projects().await?;
    let (forms, base) = (Forms::fresh(), base(visit));
    let steps = StepForms {
        view: &own.view,
        directory: &[],
        projects: &projects,
        base: format!("{base}/steps"),
        forms: &forms,
        refused,
        now: visit.now(),
    };
    let signed_in = visit.visitor.signed_in.is_some();
    let ways = Ways { base: &base, signed_in };
    Ok(html(status, &reporter_status::page(visit.shell(), &own, &steps, &ways)))
}

fn paste(visit: &Visit, wrong: Option<&str>) -> OneForm {
    let mut field = Field::line("link", "Your secret link", "")
        .because("The whole address of your receipt, or what follows its last slash.")
        .required();
    field.findings = wrong
        .map(|wrong| finding::at_field("", "link", wrong, "Copy the whole link from your receipt."))
        .into_iter()
        .collect::<Vec<FindingNote>>();
    OneForm {
        shell: visit.shell(),
        heading: "Follow your report".into(),
        lead: "Your receipt has a secret link. With it you read answers, write to the team and see the dates, without \
               an account."
            .into(),
        form: ActionForm::new("status", "Open my report", "/status", Forms::fresh().tokens())
            .asking(vec![field])
            .unfolded(),
        next: vec![Link::new("Report something", "/")],
    }
}

/// A link was pasted.
pub(in crate::web) async fn pasted(visit: Visit) -> Response {
    let fields = match visit.fields() {
        Ok(fields) => fields,
        Err(error) => return visit.fail(&error),
    };
    let text = fields.get("link").map(String::as_str).unwrap_or_default().trim();
    let secret = Secret::given(text.rsplit('/').next().unwrap_or_default());
    match opened(&visit, &secret).await {
        Ok(response) => response,
        Err(UseCaseError::NotFound) => {
            html(StatusCode::NOT_FOUND, &paste(&visit, Some("This link leads to no report.")))
        }
        Err(error) => visit.fail(&error),
    }
}

/// Keeps the link in a cookie and leaves it out of the address.
async fn opened(visit: &Visit, secret: &Secret) -> Result<Response, UseCaseError> {
    visit.desk().reporter_by_link(secret).await?;
    Ok(with_cookie(see("/status"), Cookie::Report.set(&visit.app, secret)))
}

/// The link itself. The page that follows has no secret in its address.
///
/// Browsers send strict cookies only with requests that a page of this site began. So this answer is a page, not a
/// redirect, and the page goes on to the report by itself or by its link.
pub(in crate::web) async fn by_link(visit: Visit) -> Response {
    let answer = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        visit.desk().reporter_by_link(&secret).await?;
        let page = Message {
            shell: visit.shell(),
            outcome: Outcome::Done,
            heading: "Your report".into(),
            what: "This link opens your report in this browser.".into(),
            why: "Keep the link secret: whoever has it can read and write in your name.".into(),
            rule: None,
            findings: Vec::new(),
            remedies: Vec::new(),
            next: vec![Link::new("Open my report", "/status")],
            reference: "".into(),
        };
        let mut response = with_cookie(html(StatusCode::OK, &page), Cookie::Report.set(&visit.app, &secret));
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("0; url=/status"));
        Ok(response)
    };
    visit.answer(answer.await)
}

/// The same by a button, as the demonstration's first page has it.
pub(in crate::web) async fn become_reporter(visit: Visit) -> Response {
    let answer = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        opened(&visit, &secret).await
    };
    visit.answer(answer.await)
}

/// The form of a report that is held, with what was sent.
pub(in crate::web) async fn mend_form(visit: Visit) -> Response {
    let page = async {
        let (own, facts) = held(&visit).await?;
        let report = own.view.report.as_ref().ok_or(UseCaseError::NotFound)?;
        let again = Again {
            outcome: Some("Your report is held: this is what is missing.".to_owned()),
            findings: own
                .view
                .findings
                .iter()
                .map(|found| finding::of_report(found, Some(&facts.policy)))
                .collect(),
        };
        let values = report_form::values(&report.draft);
        let form = report_form::mending(visit.shell(), &facts, values, again, &Forms::fresh());
        let action = format!("{}/report", base(&visit)).into();
        Ok(html(StatusCode::OK, &ReportForm { action, ..form }))
    };
    visit.answer(page.await)
}

async fn held(visit: &Visit) -> Result<(ReporterView, Arc<ProjectFacts>), UseCaseError> {
    let own = found(visit).await?;
    let facts = visit.desk().project(&own.view.case.project).await?;
    Ok((own, facts))
}

/// The mended report.
pub(in crate::web) async fn mend(visit: Visit) -> Response {
    let answer = async {
        let (own, facts) = held(&visit).await?;
        let Sent { pairs, files } = visit.sent().await?;
        let values = ReportValues::from_pairs(pairs.clone());
        let fields: BTreeMap<String, String> = pairs.into_iter().collect();
        let draft = report_form::draft(&values, &files, &facts);
        let raw = super::report::as_sent(&fields, &files);
        let again = |status, values, mut again: Again| {
            let (values, lost) = multipart::pasted(values, files.clone());
            again.findings.extend(lost);
            let form = report_form::mending(visit.shell(), &facts, values, again, &Forms::fresh());
            let action = format!("{}/report", base(&visit)).into();
            Ok(html(status, &ReportForm { action, ..form }))
        };
        if fields.contains_key(field::MORE_ROWS) {
            return again(StatusCode::OK, values.with_more_rows(), Again::default());
        }
        if fields.contains_key(field::CHECK) || fields.contains_key(field::PREVIEW) {
            let report = visit.desk().lint_report(&visit.visitor.actor, &facts.record.name, &draft).await?;
            let half = report_form::half_said(&values);
            return again(StatusCode::OK, values, Again::checked(&report).and(half));
        }
        let half = report_form::half_said(&values);
        if !half.is_empty() {
            let outcome = Some("Your report was not sent.".to_owned());
            return again(StatusCode::UNPROCESSABLE_ENTITY, values, Again { outcome, findings: half });
        }
        let case = own.view.case.id;
        match visit.desk().amend_report(&own.actor, case, draft, &raw, Some(&key(&fields)?)).await {
            Ok(_) => Ok(see(&base(&visit))),
            Err(UseCaseError::Blocked { findings }) => {
                again(StatusCode::UNPROCESSABLE_ENTITY, values, Again::blocked(&findings, &facts))
            }
            Err(error) => match message::at_fields(&error) {
                Some(findings) => {
                    let outcome = Some("Your report was not sent.".to_owned());
                    again(crate::error::status(&error), values, Again { outcome, findings })
                }
                None => Err(error),
            },
        }
    };
    visit.answer(answer.await)
}

/// This browser forgets the link.
pub(in crate::web) async fn forget(visit: Visit) -> Response {
    with_cookie(see("/status"), Some(Cookie::Report.clear(&visit.app)))
}

/// A step of the reporter.
pub(in crate::web) async fn step(kind: &'static StepKind, visit: Visit) -> Response {
    let answer = async {
        let own_report = found(&visit).await?;
        let (actor, case) = (own_report.actor, own_report.view.case.id);
        let fields = visit.fields()?;
        let read = match step::read(kind, &fields) {
            Ok(read) => read,
            Err(refused) => return own(&visit, Some(&refused), StatusCode::UNPROCESSABLE_ENTITY).await,
        };
        match visit.desk().act(&actor, case, &read, Some(&key(&fields)?)).await {
            Ok(_) => Ok(see(&format!("{}?done={}", base(&visit), kind.name))),
            Err(error) => match step::refused(kind, &fields, &error) {
                Some(refused) => own(&visit, Some(&refused), crate::error::status(&error)).await,
                None => Err(error),
            },
        }
    };
    visit.answer(answer.await)
}
