//! One step in a case: load, authorise, decide, append; and again when somebody else was faster.

use bastide_authz::{Actor, Object, Role};
use bastide_desk::case::{self, Case, Command, Event, Lifecycle, decide};
use bastide_model::{finding::Finding, id::CaseId};
use bastide_store::{Append, Appended, Change, ClaimKind, Idempotency, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    Desk, RequestKey, UseCaseError,
    desk::{Loaded, store},
    error::unreadable,
    request,
    step::Step,
    summary,
};

/// How often a step is decided anew because the case had changed meanwhile.
pub(crate) const TRIES: u32 = 5;

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Done {
    /// The case.
    pub case: CaseId,
    /// What happened, by the names of the events.
    pub events: Vec<String>,
    /// Where the case stands now.
    pub lifecycle: Lifecycle,
    /// The public address of the advisory, when one went out.
    pub advisory: Option<String>,
    /// What the rules for messages found in the reporter's words; it stopped nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl Desk {
    /// Takes one step in a case.
    pub async fn act(
        &self,
        actor: &Actor,
        id: CaseId,
        step: &Step,
        key: Option<&RequestKey>,
    ) -> Result<Done, UseCaseError> {
        let scope = request::scope(actor);
        if !actor.reach.write {
            // The case is asked first: a token that cannot read it learns nothing of it.
            self.open_case(actor, id, step.kind().action).await?;
            return Err(UseCaseError::OutOfReach);
        }
        let digest = request::digest(&id.to_string(), step);
        if let Some(key) = key
            && let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?
        {
            return replay(&answer);
        }
        let mut last = UseCaseError::Busy;
        for _ in 0..TRIES {
            let loaded = self.load(id).await?;
            let permit = self.permit(actor, step.kind().action, Object::Case(&loaded.object))?;
            let findings = self.of_message(actor, &loaded, step).await?;
            self.refuse_leaks(step, &loaded, &permit).await?;
            let command = self.command(step, &loaded, actor, &permit).await?;
            let acting = self.case_actor(actor, Some(&loaded.case));
            let recorded = decide(Some(&loaded.case), id, &command, acting, self.now())?;
            let mut append = Append::at(self.now());
            append.changes.extend(claim(id, &command));
            let events: Vec<String> = recorded.iter().map(|recorded| recorded.event.name()).collect();
            let advisory =
                recorded.iter().any(|recorded| matches!(recorded.event, Event::AdvisoryPublished { .. }));
            let case = summary::add_case_events(self, &mut append, Some(&loaded), id, actor.person, recorded)
                .await?;
            let advisory = if advisory { crate::publication::public_id(&append) } else { None };
            let done = Done { case: id, events, lifecycle: case.lifecycle(), advisory, findings };
            if let Some(key) = key {
                append.idempotency = Some(Idempotency {
                    scope: scope.clone(),
                    key: key.as_str().to_owned(),
                    request: digest,
                    response: serde_json::to_vec(&done).unwrap_or_default(),
                });
            }
            match self.store().append(append).await {
                Ok(Appended::Stored(_)) => return Ok(done),
                Ok(Appended::Replayed(answer)) => return replay(&answer),
                Err(error @ StoreError::Conflict { .. }) => last = store(error),
                Err(error) => return Err(store(error)),
            }
        }
        Err(last)
    }

    /// What the rules for messages say of a reporter's message.
    async fn of_message(
        &self,
        actor: &Actor,
        loaded: &Loaded,
        step: &Step,
    ) -> Result<Vec<Finding>, UseCaseError> {
        let Step::Message { text, .. } = step else { return Ok(Vec::new()) };
        let reporter = actor
            .person
            .map_or(actor.reporter_of == Some(loaded.case.id), |person| loaded.case.is_reporter(person));
        if !reporter {
            return Ok(Vec::new());
        }
        let facts = self.facts_of(&loaded.case).await?;
        self.judged_message(&facts, text).await
    }

    /// Who acts, as the case sees it. A signed-in reporter without a role in the case acts as the reporter.
    pub(crate) fn case_actor(&self, actor: &Actor, case: Option<&Case>) -> case::Actor {
        match (actor.person, actor.reporter_of) {
            (Some(id), _) => {
                let now = self.now();
                let projects: Vec<_> =
                    case.into_iter().flat_map(|case| case.projects.keys().cloned()).collect();
                let may_coordinate = actor.holds_in(Role::Coordinator, &projects, now);
                case::Actor::Person { id, may_coordinate }
            }
            (None, _) => case::Actor::ReporterLink,
        }
    }

    /// Lets the clock look at one case; gives the names of the events, none when nothing was due.
    pub(crate) async fn tick_case(&self, id: CaseId) -> Result<Vec<String>, UseCaseError> {
        for _ in 0..TRIES {
            let loaded = self.load(id).await?;
            let candidates = self.candidates(&loaded).await?;
            let command = Command::Tick { candidates, advisory: self.fresh() };
            let now = self.now();
            let recorded = decide(Some(&loaded.case), id, &command, case::Actor::Clock, now)?;
            let events: Vec<String> = recorded.iter().map(|recorded| recorded.event.name()).collect();
            let mut append = Append::at(now);
            summary::add_case_events(self, &mut append, Some(&loaded), id, None, recorded).await?;
            match self.store().append(append).await {
                Ok(_) => return Ok(events),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(store(error)),
            }
        }
        Err(UseCaseError::Busy)
    }
}

/// The name that a command makes its case's own: two cases under one name would publish over each other.
fn claim(case: CaseId, command: &Command) -> Option<Change> {
    let (kind, name) = match command {
        Command::DraftAdvisory { record, .. } => (ClaimKind::AdvisoryId, record.get("id")?.as_str()?),
        Command::ReserveCve { number, .. } | Command::ReconcileCve { number: Some(number), .. } => {
            (ClaimKind::CveNumber, number.as_str())
        }
        _ => return None,
    };
    Some(Change::Claim { case, kind, name: name.to_owned() })
}

pub(crate) fn replay(answer: &[u8]) -> Result<Done, UseCaseError> {
    serde_json::from_slice(answer).map_err(|error| {
        UseCaseError::Corrupt(format!("a stored answer cannot be read: {}", unreadable(&error)))
    })
}
