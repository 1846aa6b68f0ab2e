//! What the reporter sees of their report, by the secret link or by their account.

use bastide_authz::{Action, Actor, Permit};
use bastide_model::time::Instant;
use bastide_store::Holder;

use crate::{
    CaseView, Desk, Secret, UseCaseError,
    desk::{Loaded, store},
};

/// A report as its reporter sees it: the case through the reporter's eyes.
#[derive(Debug, Clone)]
pub struct ReporterView {
    /// The reporter, as `authorize` sees them.
    pub actor: Actor,
    /// The case; contents that are not for the reporter are closed.
    pub view: CaseView,
    /// The stages of the process, in order.
    pub stages: Vec<StageOf>,
    /// Whether it is kept under an account.
    pub kept: bool,
    /// Whether a secret link opens it.
    pub link: bool,
}

/// One stage of the process, as the reporter follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOf {
    /// The stage in words.
    pub name: &'static str,
    /// When it was reached.
    pub reached: Option<Instant>,
    /// When it is expected, if a date is known.
    pub expected: Option<Instant>,
}

impl Desk {
    /// The report that this secret link belongs to.
    pub async fn own_report(&self, link: &Secret) -> Result<ReporterView, UseCaseError> {
        let (actor, case) = self.reporter_by_link(link).await?;
        let (loaded, permit) = self.open_case(&actor, case, Action::SeeOwnReport).await?;
        self.as_reporter(&actor, loaded, &permit).await
    }

    pub(crate) async fn as_reporter(
        &self,
        actor: &Actor,
        loaded: Loaded,
        permit: &Permit,
    ) -> Result<ReporterView, UseCaseError> {
        let (stages, kept) = (stages(&loaded), loaded.case.reporter.person.is_some());
        let links = self.store().credentials_of(Holder::Case(loaded.case.id)).await.map_err(store)?;
        let link = links.iter().any(|credential| credential.works(self.now()));
        let view = self.view(actor, loaded, permit, crate::timeline::Opening::All, 0).await?;
        Ok(ReporterView { actor: actor.clone(), view, stages, kept, link })
    }
}

/// What the stage of the decision is called: nobody is told "accepted" before somebody has decided.
pub fn judged(accepted: Option<Instant>, closed: bool) -> &'static str {
    if accepted.is_some() || closed { "Accepted as a vulnerability" } else { "Judged" }
}

fn stages(loaded: &Loaded) -> Vec<StageOf> {
    use bastide_desk::{
        case::{DeadlineKind, Event, Party},
        machine::{fix, intake, rm},
    };
    let case = &loaded.case;
    let when = |wanted: &dyn Fn(&Event) -> bool| {
        loaded.events.iter().find(|loaded| wanted(&loaded.event)).map(|loaded| loaded.stored.at)
    };
    let due = |kind| case.deadlines.get(&kind).map(|deadline| deadline.due);
    let received = when(&|event| matches!(event, Event::IntakeChanged { trigger: intake::Trigger::Receive }));
    let accepted =
        when(&|event| matches!(event, Event::RmChanged { party: Party::Desk, trigger: rm::Trigger::Accept }));
    let fixed = when(&|event| matches!(event, Event::FixChanged { trigger: fix::Trigger::Agree, .. }));
    let released = when(&|event| matches!(event, Event::FixChanged { trigger: fix::Trigger::Release, .. }));
    let published = case.advisory.published.map(|(_, _, at)| at);
    let dates = case.dates.filter(|dates| dates.confirmed_by.is_some());
    let stage = |name, reached, expected| StageOf { name, reached, expected };
    vec![
        stage("Received", received, None),
        stage("Answered by a person", case.acknowledged, due(DeadlineKind::Acknowledge)),
        stage(judged(accepted, case.closed.is_some()), accepted, None),
        stage("Fix agreed", fixed, None),
        stage("Fix released", released, dates.map(|dates| dates.release)),
        stage(
            "Advisory published",
            published,
            dates.map(|dates| dates.announcement).or_else(|| due(DeadlineKind::Disclosure)),
        ),
        stage("Closed", case.closed.map(|(at, _)| at), None),
    ]
}
