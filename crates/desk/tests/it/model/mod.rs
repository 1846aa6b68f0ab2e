//! One composed case under a model checker: a reporter, a coordinator and two projects, on our machines' own tables.
//!
//! Every reachable state is checked: nothing is published before its date, no content reaches who has not agreed to
//! the embargo, publication takes two persons, and from everywhere the deadlines lead to an end. They end a case alone
//! where an advisory is approved; where none is, nothing unapproved goes out, but administrators are called, and what
//! they are called for ends it. A checker that finds nothing proves little, so four faults are seeded, and each must be
//! found.

#![allow(clippy::print_stdout, reason = "the counts are printed for people")]

mod case;
mod deadline;
mod step;

use stateright::{Checker as _, Model, Property};

use self::{
    case::{Case, Told},
    deadline::Deadline,
    step::Action,
};

/// A mistake that the case could make, as a switch of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The advisory is published whatever the date.
    PublishEarly,
    /// Content is shared whoever has agreed.
    ShareWithoutConsent,
    /// The author may approve.
    ApproveOwnText,
    /// The disclosure deadline does not fire.
    ForgetDisclosureDeadline,
}

const BEFORE_DATE: &str = "nothing is published before its date";
const CONSENT: &str = "no content reaches who has not agreed";
const TWO_PERSONS: &str = "publication takes two persons";
const ENDS: &str = "deadlines, and those whom they call, end every case";
const ENDS_ALONE: &str = "deadlines alone publish what is approved";

/// The composed case, with at most one fault.
#[derive(Clone)]
struct ComposedCase {
    fault: Option<Fault>,
    actions: Vec<Action>,
}

impl Model for ComposedCase {
    type State = Case;
    type Action = Action;

    fn init_states(&self) -> Vec<Case> {
        vec![Case::submitted()]
    }

    /// What has ended is only closed; what is due comes before what anybody does.
    fn actions(&self, case: &Case, actions: &mut Vec<Action>) {
        if case.is_ended() {
            actions.push(Action::Fire(Deadline::Closing));
        } else if deadline::is_overdue(case, self.fault) {
            actions.extend(Deadline::ALL.map(Action::Fire));
        } else {
            actions.extend(&self.actions);
        }
    }

    fn next_state(&self, case: &Case, action: Action) -> Option<Case> {
        step::step(case, action, self.fault)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(BEFORE_DATE, |_, case: &Case| case.published_lawfully()),
            Property::always(CONSENT, |_, case: &Case| {
                case.projects.iter().all(|project| project.told != Told::WithoutConsent)
            }),
            Property::always(TWO_PERSONS, |_, case: &Case| case.published_by_two()),
            Property::always("the laws between machines hold", |_, case: &Case| case.laws_hold()),
            Property::always(ENDS, |model: &Self, case: &Case| model.run(case, true).is_ended()),
            Property::always(ENDS_ALONE, |model: &Self, case: &Case| {
                !case.may_go_out() || model.run(case, false).is_ended()
            }),
            Property::sometimes("an approved advisory is published on its date", |_, case: &Case| {
                case.publication.is_some_and(|publication| publication.scheduled)
            }),
            Property::sometimes("an approved advisory is published by the deadline", |_, case: &Case| {
                case.publication.is_some_and(|publication| !publication.scheduled && !publication.was_known)
            }),
            Property::sometimes("both projects release a fix", |_, case: &Case| {
                case.projects.iter().all(|project| project.fix == bastide_desk::machine::fix::State::Released)
            }),
            Property::sometimes("the case is closed after publication", |_, case: &Case| {
                case.publication.is_some() && case.rm == bastide_desk::machine::rm::State::Closed
            }),
        ]
    }
}

impl ComposedCase {
    fn new(fault: Option<Fault>) -> Self {
        Self { fault, actions: Action::all() }
    }

    /// Lets time pass and fires what is due; with `answered`, those whom a missed deadline calls do what is theirs.
    /// Nobody else acts. Every step is one of the model's own.
    fn run(&self, case: &Case, answered: bool) -> Case {
        let mut case = case.clone();
        loop {
            let step = |action| step::step(&case, action, self.fault);
            let fired = Deadline::ALL.into_iter().find_map(|deadline| step(Action::Fire(deadline)));
            let answer = || deadline::answer(&case).filter(|_| answered).and_then(step);
            match fired.or_else(answer).or_else(|| step(Action::Wait)) {
                Some(after) => case = after,
                None => return case,
            }
        }
    }
}

/// Proves: J06, J09, J28.
#[test]
fn a_case_keeps_its_date_its_secret_and_its_four_eyes_and_always_comes_to_an_end() {
    let checker = ComposedCase::new(None).checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    println!(
        "model of a case: {} unique states, {} generated, depth {}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth()
    );
    assert!(checker.is_done());
    assert!(checker.unique_state_count() > 10_000, "the model has not collapsed");
}

#[test]
fn four_seeded_faults_are_found_each_by_the_property_that_it_breaks() {
    for (fault, property) in [
        (Fault::PublishEarly, BEFORE_DATE),
        (Fault::ShareWithoutConsent, CONSENT),
        (Fault::ApproveOwnText, TWO_PERSONS),
        (Fault::ForgetDisclosureDeadline, ENDS),
    ] {
        let checker = ComposedCase::new(Some(fault))
            .checker()
            .threads(2)
            .finish_when(stateright::HasDiscoveries::AnyFailures)
            .spawn_bfs()
            .join();
        let path = checker.assert_any_discovery(property).into_actions();
        println!(
            "seeded fault {fault:?}: found among {} states, by a history of {} steps",
            checker.unique_state_count(),
            path.len()
        );
        for other in [BEFORE_DATE, CONSENT, TWO_PERSONS, ENDS].into_iter().filter(|other| *other != property)
        {
            assert!(checker.discovery(other).is_none(), "{fault:?} also breaks: {other}");
        }
    }
}
