//! The law of the clock: when it looks does not matter, as long as somebody looks before each step.

use std::collections::BTreeMap;

use bastide_model::time::{Instant, Span};
use proptest::{prelude::*, test_runner::TestRunner};

use super::world::{Who, World, digest, project};
use crate::case::{Command, DeadlineKind, Event, Seat};

/// What remains of a state when the instants at which the clock wrote things down, and the reminders that a late
/// clock leaves out, are forgotten.
fn remembered(world: &World) -> serde_json::Value {
    let mut case = world.case().clone();
    case.changed = Instant::EPOCH;
    case.events = 0;
    case.reminded.clear();
    for last in case.escalated.values_mut() {
        *last = Instant::EPOCH;
    }
    for deadline in case.deadlines.values_mut() {
        deadline.breached = deadline.breached.map(|_| Instant::EPOCH);
    }
    if let Some((_, _, first)) = &mut case.advisory.published {
        *first = Instant::EPOCH;
    }
    for member in case.members.values_mut() {
        member.since = Instant::EPOCH;
    }
    serde_json::to_value(&case).expect("a case is JSON")
}

/// One step of people, and how long after the one before it.
type Story = Vec<(Span, Who, Command)>;

fn story(steps: usize, gaps: &[u32]) -> Story {
    let mut world = World::scheduled();
    let proposal = world.fresh();
    let lab = project("jupyterlab");
    let invite = Command::Invite { person: Who::Operator.id(), seat: Seat::Observer };
    let gone = Command::Leave { person: Who::Coordinator.id(), seat: Seat::Coordinator };
    let end = world.now + Span::days(70);
    let commands = [
        (Who::Coordinator, invite),
        (Who::Developer, Command::ProposeEmbargo { proposal, end, justification: None }),
        (Who::SecondDeveloper, Command::RecordManualTest { project: lab.clone(), note: "Passes.".into() }),
        (Who::Developer, Command::MergeFix { project: lab, reference: "abc".into() }),
        (Who::Coordinator, Command::RequestChanges { text: "Name the versions.".into() }),
        (Who::Coordinator, gone),
        (Who::Developer, Command::SubmitForReview),
        (Who::Developer, Command::ApproveAdvisory { digest: digest("first") }),
        (Who::Operator, Command::AnswerInvitation { accept: true }),
    ];
    let gaps = gaps.iter().map(|hours| Span::hours(i64::from(*hours)));
    gaps.zip(commands).map(|(gap, (who, command))| (gap, who, command)).take(steps).collect()
}

/// Plays a story; between two steps the clock looks at the instants that `look` chooses, and always right before a
/// step and at the end, as every door does.
fn play(story: &Story, look: &mut dyn FnMut(&World, Instant) -> Option<Instant>) -> World {
    let mut world = World::scheduled();
    let last = (Span::days(200), Who::Clock, None);
    let steps = story.iter().map(|(gap, who, command)| (*gap, *who, Some(command)));
    for (gap, who, command) in steps.chain([last]) {
        let until = world.now + gap;
        while let Some(at) = look(&world, until).filter(|at| *at < until) {
            world.now = at.max(world.now);
            world.tick();
        }
        world.now = until;
        world.tick();
        if let Some(Ok(recorded)) = command.map(|command| world.ask(who, command)) {
            world.apply(recorded);
        }
    }
    world
}

/// The law of the clock: whatever people do and whenever the clock looks in between, as long as somebody looks right
/// before each step, the case ends in the same state, but for the instants at which things were written down and
/// the reminders that came too late to be given. No deadline is breached twice.
///
/// Proves: J04, J06, J24, J28.
#[test]
fn a_clock_that_looks_at_random_comes_to_the_same_end_as_a_punctual_one() {
    let cases = 300;
    let mut runner =
        TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let given = (
        0..=9_usize,
        proptest::collection::vec(0..900_u32, 9),
        proptest::collection::vec(0..5_000_u32, 0..40),
    );
    runner
        .run(&given, |(steps, gaps, looks)| {
            let story = story(steps, &gaps);
            let mut awake = None;
            let punctual = play(&story, &mut |world, until| {
                let at = world.case().wake_at(world.now).map(|at| at.max(world.now));
                // Looking twice at one instant finds nothing new.
                let next = at.filter(|at| awake != Some(*at) && *at < until);
                awake = next;
                next
            });
            let mut looks = looks.into_iter();
            let random = play(&story, &mut |world, _| {
                looks.next().map(|minutes| world.now + Span::minutes(i64::from(minutes)))
            });
            let late = play(&story, &mut |_, _| None);
            prop_assert_eq!(remembered(&punctual), remembered(&random));
            prop_assert_eq!(remembered(&punctual), remembered(&late));
            for world in [punctual, random, late] {
                let mut breached: BTreeMap<DeadlineKind, u32> = BTreeMap::new();
                for (_, event) in &world.history {
                    match event {
                        Event::DeadlineBreached { kind } => *breached.entry(*kind).or_default() += 1,
                        Event::DeadlineSet { kind, .. } => drop(breached.remove(kind)),
                        _ => {}
                    }
                }
                prop_assert!(breached.values().all(|times| *times == 1), "{:?}", breached);
            }
            Ok(())
        })
        .expect("the law of the clock holds");
    println!("{cases} stories, each played by a punctual, a random and a late clock");
}
