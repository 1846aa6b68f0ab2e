//! The stages of a case as a line of dots: reached, now, to come, or not coming any more.

use bastide_desk::{
    case::{DeadlineKind, Event, Party},
    machine::{fix, intake, rm},
};
use bastide_model::time::Instant;
use bastide_pages::part::{Moment, Stage, StageState, Stages};
use bastide_usecases::{CaseView, StageOf, judged};

/// The stages as the reporter's use case gives them.
pub(super) fn of(stages: &[StageOf], closed: bool) -> Stages {
    let last = stages.iter().rposition(|stage| stage.reached.is_some());
    let next = last.map_or(0, |last| last + 1);
    let state = |index: usize, stage: &StageOf| match stage.reached {
        Some(_) => StageState::Passed,
        None if closed || index < next => StageState::Skipped,
        None if index == next => StageState::Current,
        None => StageState::Ahead,
    };
    let shown = |(index, stage): (usize, &StageOf)| {
        let state = state(index, stage);
        let at = match state {
            StageState::Passed => stage.reached,
            StageState::Current | StageState::Ahead => stage.expected,
            StageState::Skipped => None,
        };
        // A stage under way is not dated "since" its deadline: the meaning says by when.
        let (at, meaning) = match (state, at) {
            (StageState::Current, Some(due)) => (None, format!("due by {}", due.for_people())),
            (_, at) => (at, String::new()),
        };
        Stage { name: stage.name.into(), meaning: meaning.into(), state, at: at.map(Moment::of) }
    };
    Stages(stages.iter().enumerate().map(shown).collect())
}

/// The same stages for those who work on the case, from its history.
pub(super) fn of_case(view: &CaseView) -> Stages {
    let case = &view.case;
    let when = |wanted: &dyn Fn(&Event) -> bool| {
        view.entries.iter().find(|entry| wanted(&entry.event)).map(|entry| entry.at)
    };
    let due = |kind| case.deadlines.get(&kind).map(|deadline| deadline.due);
    let dates = case.dates_agreed();
    let stage = |name, reached, expected: Option<Instant>| StageOf { name, reached, expected };
    let accepted =
        when(&|event| matches!(event, Event::RmChanged { party: Party::Desk, trigger: rm::Trigger::Accept }));
    let stages = [
        stage(
            "Received",
            when(&|event| matches!(event, Event::IntakeChanged { trigger: intake::Trigger::Receive })),
            None,
        ),
        stage("Answered by a person", case.acknowledged, due(DeadlineKind::Acknowledge)),
        stage(judged(accepted, case.closed.is_some()), accepted, None),
        stage(
            "Fix agreed",
            when(&|event| matches!(event, Event::FixChanged { trigger: fix::Trigger::Agree, .. })),
            None,
        ),
        stage(
            "Fix released",
            when(&|event| matches!(event, Event::FixChanged { trigger: fix::Trigger::Release, .. })),
            dates.map(|dates| dates.release),
        ),
        stage(
            "Advisory published",
            case.advisory.published.map(|(_, _, at)| at),
            dates.map(|dates| dates.announcement).or_else(|| due(DeadlineKind::Disclosure)),
        ),
        stage("Closed", case.closed.map(|(at, _)| at), None),
    ];
    of(&stages, case.closed.is_some())
}
