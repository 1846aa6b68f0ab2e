//! The clock's round: every case that should be looked at now.

use bastide_authz::{Role, Scope};
use bastide_desk::case::Event;
use bastide_model::{
    id::{CaseId, PersonId},
    time::Span,
};
use bastide_store::{Append, Change, NewEvent, Stream, StreamBatch, StreamKind};

use crate::{
    Desk, UseCaseError,
    desk::{Loaded, store},
    outbox::add_calls,
};

/// How many cases one round looks at; the next round goes on.
const ROUND: u32 = 500;

/// How long the clock leaves a case alone that it could not look at.
const BROKEN_CASE_RESTS: Span = Span::hours(1);

/// How often people are called to such a case.
const CALLED_EVERY: Span = Span::days(1);

impl Desk {
    /// Lets the clock look at every case that should be looked at now; gives how many changed.
    ///
    /// Deadlines are stored instants and are also evaluated by whoever looks: a late round records late, it does not
    /// decide otherwise.
    pub async fn tick(&self) -> Result<usize, UseCaseError> {
        self.end_expired_grants().await?;
        self.expire_proposals().await?;
        self.finish_recoveries().await?;
        let due = self.store().due_cases(self.now(), ROUND).await.map_err(store)?;
        let mut changed = 0;
        for line in due {
            match self.tick_case(line.case).await {
                Ok(events) if events.is_empty() => {}
                Ok(events) => {
                    changed += 1;
                    tracing::info!(case = %line.case, events = events.len(), "the clock changed a case");
                }
                // One broken case must not stop the clock for all others.
                Err(error) => {
                    tracing::error!(case = %line.case, ?error, "the clock could not look at a case");
                    // Nor may five hundred broken ones take every round for themselves.
                    let mut append = Append::at(self.now());
                    let until = self.now() + BROKEN_CASE_RESTS;
                    append.changes.push(Change::PostponeWake { case: line.case, until });
                    self.store().append(append).await.map_err(store)?;
                    if let Err(error) = self.call_for_help(line.case).await {
                        tracing::error!(case = %line.case, ?error, "nobody could be called to a case that the clock cannot look at");
                    }
                }
            }
        }
        Ok(changed)
    }

    /// Calls the administrators and the case's coordinators, once a day, when the clock cannot do what is due in a case,
    /// such as publish at its date. Nothing is written in the case itself: what cannot be looked at takes no event.
    async fn call_for_help(&self, case: CaseId) -> Result<(), UseCaseError> {
        let now = self.now();
        let stream = Stream::new(StreamKind::Programme, "clock");
        let events = self.store().stream(&stream).await.map_err(store)?;
        let this = serde_json::Value::String(case.to_string());
        let last = events.iter().rev().find(|event| event.header.get("case") == Some(&this));
        if last.is_some_and(|last| now.since(last.at) < CALLED_EVERY) {
            return Ok(());
        }
        let expected = events.len() as u64;
        let header = serde_json::json!({ "case": case });
        let event = NewEvent { kind: "clock-failed".to_owned(), at: now, actor: None, header, body: None };
        let mut append = Append::at(now);
        append.batches.push(StreamBatch { stream: stream.clone(), expected, events: vec![event] });
        add_calls(&mut append, &stream, expected + 1, case);
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Ends the grants whose time is over, with what hangs on them. `authorize` has not counted them since that instant;
    /// sessions and the seats that were taken by them end here.
    async fn end_expired_grants(&self) -> Result<(), UseCaseError> {
        let now = self.now();
        let projects = self.store().projects().await.map_err(store)?;
        let scopes = projects.into_iter().map(|(name, ..)| Scope::Project(name)).chain([Scope::Programme]);
        for scope in scopes {
            for (person, grant) in self.store().grants_in(&scope).await.map_err(store)? {
                if grant.until.is_none_or(|until| now < until) {
                    continue;
                }
                if let Err(error) = self.end_grant(person, grant.role, grant.scope).await {
                    tracing::error!(%person, ?error, "an expired grant could not be ended");
                }
            }
        }
        Ok(())
    }

    /// Who could coordinate a case that waits for a coordinator: those of the projects that joined last first (a report
    /// that was passed on is theirs to judge), then those of its other projects, then the programme's; among these by
    /// whose turn it is. Turns go round by the cases that each has open. Whoever coordinates it already is no candidate.
    pub(crate) async fn candidates(&self, loaded: &Loaded) -> Result<Vec<PersonId>, UseCaseError> {
        let now = self.now();
        let joined = loaded.events.iter().rev().filter_map(|loaded| match &loaded.event {
            Event::ProjectAdded { project } => Some(project.clone()),
            _ => None,
        });
        let projects = joined.chain([loaded.case.project.clone()]);
        let scopes = projects.map(Scope::Project).chain([Scope::Programme]);
        let mut candidates: Vec<(usize, usize, PersonId)> = Vec::new();
        for (rank, scope) in scopes.enumerate() {
            for (person, grant) in self.store().grants_in(&scope).await.map_err(store)? {
                let coordinates = grant.role == Role::Coordinator && grant.holds(now);
                let barred = loaded.case.is_reporter(person) || loaded.case.holds(person, Role::Coordinator);
                if coordinates && !barred && candidates.iter().all(|(_, _, known)| *known != person) {
                    let open = self.store().cases_of(person).await.map_err(store)?;
                    candidates.push((rank, open.iter().filter(|line| !line.closed).count(), person));
                }
            }
        }
        candidates.sort();
        Ok(candidates.into_iter().map(|(_, _, person)| person).collect())
    }
}
