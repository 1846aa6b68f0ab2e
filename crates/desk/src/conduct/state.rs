//! What folding a matter's events knows.

use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};
use serde::Serialize;

use super::{Event, State, Subject, Verdict};
use crate::machine::{Machine as _, Refused, conduct::Trigger};

/// What a second person is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposedStep {
    /// To ban the reporter.
    Ban,
    /// To lift the ban; reports stay rejected on arrival.
    Ease,
    /// To lift the ban with a clean slate.
    Clear,
}

/// A proposal that waits for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// What.
    pub step: ProposedStep,
    /// Who proposed it.
    pub by: PersonId,
}

/// The conduct of one reporter: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Matter {
    /// Whom it is about.
    pub subject: Subject,
    /// How the desk treats the reporter's reports.
    pub state: State,
    /// The strikes: in which case, by whom, when.
    pub strikes: Vec<(CaseId, PersonId, Instant)>,
    /// Who took the last measure; somebody else hears the appeal.
    pub measured_by: Option<PersonId>,
    /// The proposal that waits.
    pub proposal: Option<Proposal>,
    /// Since when an appeal waits.
    pub appealed: Option<Instant>,
}

/// The matter after all these events, or nothing when there are none.
///
/// # Errors
///
/// A history that cannot have happened: a step that the machine of conduct does not know.
pub fn fold<'a>(events: impl IntoIterator<Item = (Instant, &'a Event)>) -> Result<Option<Matter>, Refused> {
    events.into_iter().try_fold(None, |matter, (at, event)| evolve(matter, at, event).map(Some))
}

/// Applies one event that happened at `at`.
///
/// # Errors
///
/// An event that the matter's state does not allow: the first one opens the matter and no later one does.
pub fn evolve(matter: Option<Matter>, at: Instant, event: &Event) -> Result<Matter, Refused> {
    let mut matter = match (matter, event) {
        (None, Event::MatterOpened { subject }) => {
            return Ok(Matter {
                subject: *subject,
                state: State::Clear,
                strikes: Vec::new(),
                measured_by: None,
                proposal: None,
                appealed: None,
            });
        }
        (Some(matter), event) if !matches!(event, Event::MatterOpened { .. }) => matter,
        (matter, _) => return Err(out_of_order(matter.as_ref())),
    };
    let trigger = match event {
        Event::MatterOpened { .. } | Event::BanProposed { .. } | Event::LiftProposed { .. } => None,
        Event::StrikeGiven { .. } => Some(Trigger::Strike),
        Event::FutureReportsRejected { .. } => Some(Trigger::RejectFuture),
        Event::Banned { .. } => Some(Trigger::Ban),
        Event::BanLifted { wholly: true, .. } | Event::AppealDecided { verdict: Verdict::Cleared, .. } => {
            Some(Trigger::ClearOnAppeal)
        }
        Event::BanLifted { wholly: false, .. } | Event::AppealDecided { verdict: Verdict::Eased, .. } => {
            Some(Trigger::EaseOnAppeal)
        }
        Event::ProposalRejected { .. }
        | Event::Appealed
        | Event::AppealDecided { verdict: Verdict::Dismissed, .. } => None,
    };
    if let Some(trigger) = trigger {
        matter.state = matter.state.apply(trigger)?;
    }
    match event {
        Event::StrikeGiven { case, by } => {
            matter.strikes.push((*case, *by, at));
            matter.measured_by = Some(*by);
        }
        Event::FutureReportsRejected { by } => matter.measured_by = Some(*by),
        Event::BanProposed { by } => {
            matter.proposal = Some(Proposal { step: ProposedStep::Ban, by: *by });
        }
        Event::LiftProposed { wholly, by } => {
            let step = if *wholly { ProposedStep::Clear } else { ProposedStep::Ease };
            matter.proposal = Some(Proposal { step, by: *by });
        }
        Event::Banned { by } => {
            matter.measured_by = Some(*by);
            matter.proposal = None;
        }
        Event::BanLifted { .. } => {
            matter.proposal = None;
            matter.appealed = None;
        }
        Event::ProposalRejected { .. } => matter.proposal = None,
        Event::Appealed => matter.appealed = Some(at),
        Event::AppealDecided { .. } => matter.appealed = None,
        Event::MatterOpened { .. } => {}
    }
    // A proposal to ban somebody who was eased or cleared meanwhile has lost its ground.
    if trigger.is_some() {
        matter.proposal = None;
    }
    Ok(matter)
}

fn out_of_order(matter: Option<&Matter>) -> Refused {
    Refused {
        machine: State::NAME,
        state: matter.map_or_else(|| "not opened".to_owned(), |matter| matter.state.to_string()),
        trigger: "begin the matter anywhere but at its beginning".to_owned(),
        possible: Vec::new(),
    }
}
