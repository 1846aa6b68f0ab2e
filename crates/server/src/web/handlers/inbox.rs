//! The inbox, its saved filters, several cases at once, and the board.

use axum::{http::StatusCode, response::Response};
use bastide_model::{id::CaseId, time::Instant};
use bastide_usecases::{InboxFilter, RequestKey, UseCaseError};

use super::case::people;
use crate::web::{
    board,
    inbox::{
        self, Listing,
        bulk::{self, Bulk, Outlook},
        filter::{self, address},
    },
    message,
    request::{Visit, html, key, see},
};

fn asked(visit: &Visit) -> Result<InboxFilter, UseCaseError> {
    let pairs = visit.query_pairs();
    filter::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// The inbox.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let page = async {
        let chosen = asked(&visit)?;
        let filter = InboxFilter { limit: inbox::per_page(&chosen), ..chosen };
        let actor = &visit.visitor.actor;
        let page = visit.desk().inbox(actor, &filter).await?;
        let saved = visit.desk().saved_filters(actor).await?;
        let projects = visit.desk().project_list().await?;
        let directory = people(&visit).await?;
        let listing = Listing {
            page: &page,
            filter: &filter,
            saved: &saved,
            projects: &projects,
            directory: &directory,
            viewer: actor.person,
            now: visit.now(),
        };
        Ok(html(StatusCode::OK, &inbox::page(visit.shell(), &listing)))
    };
    visit.answer(page.await)
}

/// The board.
pub(in crate::web) async fn board(visit: Visit) -> Response {
    let page = async {
        let filter = InboxFilter { limit: board::MOST, ..asked(&visit)? };
        let actor = &visit.visitor.actor;
        let open = visit.desk().inbox(actor, &filter).await?;
        let projects = visit.desk().project_list().await?;
        let directory = people(&visit).await?;
        let listing = Listing {
            page: &open,
            filter: &filter,
            saved: &[],
            projects: &projects,
            directory: &directory,
            viewer: actor.person,
            now: visit.now(),
        };
        Ok(html(StatusCode::OK, &board::page(visit.shell(), &listing)))
    };
    visit.answer(page.await)
}

/// Saves a filter under a name.
pub(in crate::web) async fn save_filter(visit: Visit) -> Response {
    let answer = async {
        let fields = visit.fields()?;
        key(&fields)?;
        let of = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(of("query")).unwrap_or_default();
        let filter = filter::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        let query = filter::query(&filter, false);
        visit.desk().save_filter(&visit.visitor.actor, of("name"), &query).await?;
        Ok(see(&address("/inbox", &query)))
    };
    visit.answer(answer.await)
}

/// Removes a saved filter.
pub(in crate::web) async fn remove_filter(visit: Visit) -> Response {
    let answer = async {
        let fields = visit.fields()?;
        key(&fields)?;
        let name = fields.get("name").map(String::as_str).unwrap_or_default();
        visit.desk().remove_filter(&visit.visitor.actor, name).await?;
        Ok(see("/inbox"))
    };
    visit.answer(answer.await)
}

/// What would happen to the chosen cases.
pub(in crate::web) async fn bulk(visit: Visit) -> Response {
    let page = async {
        let bulk = Bulk::read(&visit.query("do"))?;
        let chosen = visit.query_pairs().into_iter().filter(|(name, _)| name == "case");
        let cases = read_cases(chosen.map(|(_, value)| value))?;
        let page = confirm(&visit, bulk, &cases, &|_| String::new(), Vec::new()).await?;
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// Does it, case by case, and says what came of each.
pub(in crate::web) async fn do_bulk(visit: Visit) -> Response {
    let answer = async {
        let fields = visit.fields()?;
        let of = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let bulk = Bulk::read(&of("do"))?;
        let cases = read_cases(of("cases").split_whitespace().map(str::to_owned))?;
        let key = key(&fields)?;
        let until: Option<Instant> = of("until").parse().ok();
        let step = match bulk.step() {
            None if until.is_some() => None,
            None => {
                let error = UseCaseError::Invalid {
                    field: "until".to_owned(),
                    reason: "no day was chosen".to_owned(),
                    remedy: "Choose until when the cases are put aside.".to_owned(),
                };
                return again(&visit, bulk, &cases, &of, &error).await;
            }
            Some(kind) => match kind.read(&bulk.values(of)) {
                Ok(step) => Some(step),
                Err(error) => {
                    let error = UseCaseError::Invalid {
                        field: "form".to_owned(),
                        reason: error.to_string(),
                        remedy: "Fill it in and send it again.".to_owned(),
                    };
                    return again(&visit, bulk, &cases, &of, &error).await;
                }
            },
        };
        let actor = &visit.visitor.actor;
        let mut rows = Vec::new();
        for row in lines(&visit, &cases).await? {
            // Each case has its own key, so that the form sent twice does each of them once.
            let own: RequestKey = format!("{}-{}", key.as_str(), &row.case.to_string()[5..])
                .parse()
                .map_err(|_| UseCaseError::KeyReused)?;
            let outcome = match (&step, until) {
                (Some(step), _) => visit.desk().act(actor, row.case, step, Some(&own)).await.map(drop),
                (None, Some(until)) => visit.desk().snooze(actor, row.case, until).await,
                (None, None) => Err(UseCaseError::NotFound),
            };
            rows.push((row, outcome.map_err(|error| why_not(&error))));
        }
        Ok(html(StatusCode::OK, &bulk::done(visit.shell(), bulk, &rows)))
    };
    visit.answer(answer.await)
}

/// Why a case was left out, with what to do.
fn why_not(error: &UseCaseError) -> String {
    match error {
        UseCaseError::Refused(refusal) => {
            format!("{}. {}", crate::web::words::capitalised(&refusal.what), refusal.remedy)
        }
        UseCaseError::NotFound => "This is for the case's coordinators. Ask one of them.".to_owned(),
        UseCaseError::StepUp => "It asks you to sign in afresh. Sign in again and repeat it.".to_owned(),
        error => crate::web::words::sentence(&crate::error::detail(error)),
    }
}

async fn again(
    visit: &Visit,
    bulk: Bulk,
    cases: &[CaseId],
    sent: &(dyn Fn(&str) -> String + Sync),
    error: &UseCaseError,
) -> Result<Response, UseCaseError> {
    let findings = message::at_fields(error).unwrap_or_default();
    let page = confirm(visit, bulk, cases, sent, findings).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn confirm(
    visit: &Visit,
    bulk: Bulk,
    cases: &[CaseId],
    sent: &(dyn Fn(&str) -> String + Sync),
    findings: Vec<bastide_pages::part::FindingNote>,
) -> Result<bastide_pages::desk::InboxBulk, UseCaseError> {
    let actor = &visit.visitor.actor;
    let mut rows = Vec::new();
    for row in lines(visit, cases).await? {
        let outlook = match bulk.step() {
            Some(kind) => Outlook::of(visit.desk().offer(actor, row.case, kind).await)?,
            None if row.title.is_some() => Outlook::Possible { confirm: false },
            None => Outlook::Not("Only what you can read can be put aside.".to_owned()),
        };
        rows.push((row, outlook));
    }
    let directory = people(visit).await?;
    Ok(bulk::confirm(visit.shell(), bulk, &rows, &directory, sent, findings, visit.now()))
}

/// The lines of these cases, as far as the visitor may see one.
async fn lines(visit: &Visit, cases: &[CaseId]) -> Result<Vec<bastide_usecases::InboxRow>, UseCaseError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let filter = InboxFilter { cases: cases.to_vec(), ..InboxFilter::default() };
    Ok(visit.desk().inbox(&visit.visitor.actor, &filter).await?.rows)
}

fn read_cases(texts: impl Iterator<Item = String>) -> Result<Vec<CaseId>, UseCaseError> {
    let mut cases: Vec<CaseId> = Vec::new();
    for text in texts {
        let case = text.parse().map_err(|_| UseCaseError::NotFound)?;
        if !cases.contains(&case) {
            cases.push(case);
        }
        if cases.len() > bulk::MOST {
            return Err(UseCaseError::Invalid {
                field: "case".to_owned(),
                reason: format!("more than {} cases were chosen", bulk::MOST),
                remedy: "Choose fewer and do it in several rounds.".to_owned(),
            });
        }
    }
    Ok(cases)
}
