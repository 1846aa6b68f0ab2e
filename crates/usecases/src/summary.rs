//! What one accepted command writes: events, the case's line in the inbox, its parties, publications, messages.

use bastide_authz::{Embargoed, Role};
use bastide_desk::{
    case::{Case, Content, Event, Recorded, evolve, tasks},
    machine::cve,
};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use bastide_store::{Append, CaseParty, CaseSummary, Change, NewEvent, Stream, StreamBatch};

use crate::{Desk, UseCaseError, desk::Loaded, outbox, publication};

/// How people refer to a case: its project, its year and eight characters of its id.
pub(crate) fn reference(case: &Case) -> String {
    let year: String = case.received.date().chars().take(4).collect();
    let id = case.id.to_string();
    let short: String = id.trim_start_matches("case-").chars().take(8).collect();
    format!("{}-{year}-{short}", case.project)
}

/// Adds everything that these events of `acting` write to `append`; gives the case after them.
pub(crate) async fn add_case_events(
    desk: &Desk,
    append: &mut Append,
    loaded: Option<&Loaded>,
    id: CaseId,
    acting: Option<PersonId>,
    recorded: Vec<Recorded>,
) -> Result<Case, UseCaseError> {
    let now = append.at;
    let mut folded = loaded.map(|loaded| loaded.case.clone());
    for recorded in &recorded {
        let next = evolve(folded, id, now, &recorded.event)
            .map_err(|error| UseCaseError::Corrupt(error.to_string()))?;
        folded = Some(next);
    }
    let Some(case) = folded else { return Err(UseCaseError::NotFound) };
    let stream = Stream::case(id);
    let expected = loaded.map_or(0, |loaded| loaded.events.len() as u64);
    for (index, recorded) in recorded.iter().enumerate() {
        outbox::add_messages(append, &case, acting, expected + index as u64 + 1, &recorded.event);
        if let Event::AdvisoryPublished { version, withdrawn, .. } = &recorded.event
            && let Some(loaded) = loaded
        {
            publication::add(desk, append, loaded, &case, *version, *withdrawn).await?;
        }
    }
    let title = title(loaded, &recorded);
    append.changes.push(Change::PutCaseSummary(Box::new(line(&case, title, now))));
    let projects = case.projects.keys().cloned().collect();
    append.changes.push(Change::SetCaseProjects { case: id, projects });
    append.changes.push(Change::SetCaseParties { case: id, parties: parties(&case) });
    if frees_names(loaded.map(|loaded| &loaded.case), &case) {
        append.changes.push(Change::ReleaseClaims { case: id });
    }
    let events = recorded.into_iter().map(|recorded| stored(recorded, now, acting)).collect();
    append.batches.push(StreamBatch { stream, expected, events });
    Ok(case)
}

/// Whether a case gives its names free: it ends now, for good, and nothing bears them. A CVE number that was rejected is
/// spent for everybody.
fn frees_names(before: Option<&Case>, case: &Case) -> bool {
    let ends = case.closed.is_some() && before.is_none_or(|before| before.closed.is_none());
    let spent = case
        .vulnerabilities
        .values()
        .any(|part| matches!(part.cve, cve::State::Rejecting | cve::State::Rejected));
    ends && case.advisory.published.is_none() && !spent
}

fn stored(recorded: Recorded, at: Instant, actor: Option<PersonId>) -> NewEvent {
    let header = serde_json::to_value(&recorded.event).unwrap_or_default();
    NewEvent {
        kind: recorded.event.name(),
        at,
        actor,
        header,
        body: recorded
            .content
            .map(|content| content.map(|content| serde_json::to_vec(&content).unwrap_or_default())),
    }
}

fn line(case: &Case, title: Option<Embargoed<String>>, now: Instant) -> CaseSummary {
    CaseSummary {
        case: case.id,
        project: case.project.clone(),
        lifecycle: case.lifecycle().as_str().to_owned(),
        severity: case.advisory.severity.map(|rating| rating.to_string().to_lowercase()),
        owner: case.holders(Role::Coordinator).next(),
        reference: reference(case),
        received_at: case.received,
        next_due: case.next_deadline().map(|deadline| deadline.due),
        next_task: tasks(case).into_iter().find(|task| task.role != Role::Reporter).map(|task| task.what),
        updated_at: now,
        closed: case.closed.is_some(),
        title,
        wake_at: case.wake_at(now),
    }
}

/// The title of the newest version of the report, still under embargo.
pub(crate) fn title(loaded: Option<&Loaded>, recorded: &[Recorded]) -> Option<Embargoed<String>> {
    let of_content = |content: Content| match content {
        Content::Report(report) => report.draft.title,
        _ => String::new(),
    };
    let is_report = |event: &Event| matches!(event, Event::ReportSubmitted { .. } | Event::ReportRevised);
    let fresh = recorded.iter().rev().find(|recorded| is_report(&recorded.event));
    if let Some(content) = fresh.and_then(|recorded| recorded.content.clone()) {
        return Some(content.map(of_content));
    }
    let earlier = loaded?.events.iter().rev().find(|loaded| is_report(&loaded.event))?;
    Some(earlier.content()?.map(of_content))
}

fn parties(case: &Case) -> Vec<CaseParty> {
    let mut parties = Vec::new();
    for (person, member) in &case.members {
        let consented = case.content_open_to(member);
        parties.extend(member.roles.iter().map(|role| CaseParty { person: *person, role: *role, consented }));
        let invited = member.invited.difference(&member.roles);
        parties.extend(invited.map(|role| CaseParty { person: *person, role: *role, consented: false }));
    }
    if let Some(person) = case.reporter.person {
        parties.push(CaseParty { person, role: Role::Reporter, consented: true });
    }
    parties
}
