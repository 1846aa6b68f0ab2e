//! One's own reports: where each stands, what comes next, whether there is an answer that was not read.

use bastide_authz::{Action, Actor, Role};
use bastide_desk::case::{Content, Event, Lifecycle};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use bastide_store::{AccountChange, Append, Change};

use crate::{CaseEntry, Desk, OpenedContent, ReporterView, UseCaseError, desk::store};

/// The most reports that one page lists.
const MOST: usize = 200;

/// A line of the list. Prints its case and nothing that was opened.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnReport {
    /// The case.
    pub case: CaseId,
    /// What people call it.
    pub reference: String,
    /// The title that the reporter gave it; none once its contents were erased.
    pub title: Option<String>,
    /// The project.
    pub project: String,
    /// When it was received.
    pub received: Instant,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// The last stage that it reached.
    pub stage: &'static str,
    /// The next date that concerns the reporter, if one is known.
    pub next: Option<Instant>,
    /// What the reporter has to do, if anything.
    pub task: Option<String>,
    /// Whether something was said to them that they have not opened.
    pub unread: bool,
}

impl std::fmt::Debug for OwnReport {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("OwnReport").field("case", &self.case).finish_non_exhaustive()
    }
}

impl Desk {
    /// The reports of the signed-in person, the newest first.
    pub async fn own_reports(&self, actor: &Actor) -> Result<Vec<OwnReport>, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let mut rows = Vec::new();
        for line in self.store().cases_of(person).await.map_err(store)? {
            let own = match self.own_report_of(actor, line.case).await {
                Ok(own) => own,
                // They take part in another role.
                Err(UseCaseError::NotFound) => continue,
                Err(error) => return Err(error),
            };
            let seen = self.store().report_seen(person, line.case).await.map_err(store)?;
            rows.push(row(&own, person, seen));
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.received));
        rows.truncate(MOST);
        Ok(rows)
    }

    /// One of the signed-in person's own reports, as its reporter sees it.
    pub async fn own_report_of(&self, actor: &Actor, id: CaseId) -> Result<ReporterView, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let (loaded, permit) = self.open_case(actor, id, Action::SeeOwnReport).await?;
        // A link that came along with the session has no say here.
        if !loaded.case.is_reporter(person) {
            return Err(UseCaseError::NotFound);
        }
        self.as_reporter(actor, loaded, &permit).await
    }

    /// The signed-in reporter has seen what is there now.
    pub async fn report_seen(&self, own: &ReporterView) -> Result<(), UseCaseError> {
        let Some(person) = own.actor.person else { return Ok(()) };
        let (case, newest) = (own.view.case.id, own.view.entries.last().map_or(0, |entry| entry.sequence));
        if self.store().report_seen(person, case).await.map_err(store)? >= newest {
            return Ok(());
        }
        let mut append = Append::at(self.now());
        append.changes.push(Change::Account(AccountChange::ReportSeen { person, case, sequence: newest }));
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }
}

fn row(own: &ReporterView, person: PersonId, seen: u64) -> OwnReport {
    let view = &own.view;
    let reached = own.stages.iter().rev().find(|stage| stage.reached.is_some());
    let task = view.tasks.iter().find(|task| task.role == Role::Reporter);
    OwnReport {
        case: view.case.id,
        reference: view.reference.clone(),
        title: view.report.as_ref().map(|report| report.draft.title.clone()),
        project: view.case.project.to_string(),
        received: view.case.received,
        lifecycle: view.lifecycle(),
        stage: reached.map_or("Sent", |stage| stage.name),
        next: task
            .and_then(|task| task.due)
            .or_else(|| view.case.next_deadline().map(|deadline| deadline.due))
            .filter(|_| view.case.closed.is_none()),
        task: task.map(|task| task.what.clone()),
        unread: view.entries.iter().any(|entry| entry.sequence > seen && said_to(entry, person)),
    }
}

/// Whether an entry holds words of somebody else for the reporter.
fn said_to(entry: &CaseEntry, person: PersonId) -> bool {
    let words = matches!(&entry.content, OpenedContent::Open(_, content) if matches!(content.as_ref(), Content::Text { .. }));
    let told = matches!(
        entry.event,
        Event::Acknowledged { .. } | Event::ReporterNotified { .. } | Event::Triaged { .. }
    );
    let message = matches!(entry.event, Event::MessageSent { .. }) && entry.actor.is_some();
    words && (told || message) && entry.actor != Some(person)
}
