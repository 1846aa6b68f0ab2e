//! A reporter's conduct across cases.

use bastide_authz::Actor;
use bastide_desk::{
    case::{ClosingReason, Lifecycle, RefusalKind},
    conduct::{State, Verdict},
};
use bastide_model::id::CaseId;
use bastide_usecases::{ConductDone, ConductStep, UseCaseError};
use serde_json::json;

use crate::world::{Who, World, good_report, on_both_engines};

fn because(reason: &str) -> String {
    reason.to_owned()
}

/// A step about the stranger, who reports a lot.
async fn step(world: &World, who: Who, step: ConductStep) -> Result<ConductDone, UseCaseError> {
    world.desk.conduct_step(&world.actor(who).await, world.id(Who::Stranger), &step, None).await
}

async fn strike(world: &World, who: Who, case: CaseId) -> Result<ConductDone, UseCaseError> {
    step(world, who, ConductStep::Strike { case, reason: because("Shouted at everybody.") }).await
}

fn refused(done: Result<ConductDone, UseCaseError>) -> RefusalKind {
    match done {
        Err(UseCaseError::Refused(refusal)) => refusal.kind,
        other => panic!("was to be refused: {other:?}"),
    }
}

/// Proves: P01.
#[test]
fn repeated_failure_leads_to_rejection_and_a_ban_by_two_and_there_are_ways_back() {
    on_both_engines(async |world| {
        let case = world.report_by(Who::Stranger, "jupyterlab").await.case;
        assert_eq!(strike(&world, Who::Coordinator, case).await.unwrap().state, State::Warned(1));
        let second = world.report_by(Who::Stranger, "jupyterlab").await;
        assert_eq!(second.lifecycle, Lifecycle::Received, "a warning rejects nothing");
        assert_eq!(
            strike(&world, Who::SecondCoordinator, second.case).await.unwrap().state,
            State::Warned(2)
        );
        let reject = ConductStep::RejectFuture { case, reason: because("Again.") };
        assert_eq!(step(&world, Who::Coordinator, reject).await.unwrap().state, State::RejectOnArrival);

        let third = world.report_by(Who::Stranger, "cpython").await;
        assert_eq!(third.lifecycle, Lifecycle::Closed, "in every project, regardless of technical merit");
        let view = world.view(Who::OtherCoordinator, third.case).await;
        assert!(matches!(view.case.closed, Some((_, ClosingReason::RejectedOnArrival))));
        let anonymous = world.report("jupyterlab", good_report()).await;
        assert_eq!(anonymous.lifecycle, Lifecycle::Received);

        let ban = || ConductStep::ProposeBan { reason: because("It goes on.") };
        let yes = || ConductStep::Second { accept: true, reason: because("Agreed.") };
        step(&world, Who::Coordinator, ban()).await.unwrap();
        assert_eq!(refused(step(&world, Who::Coordinator, yes()).await), RefusalKind::SecondPerson);
        assert_eq!(step(&world, Who::ConductTeam, yes()).await.unwrap().state, State::Banned);

        let appeal = ConductStep::Appeal { text: because("I am sorry.") };
        step(&world, Who::Stranger, appeal).await.unwrap();
        let ease = || ConductStep::DecideAppeal { verdict: Verdict::Eased, reason: because("Well.") };
        assert_eq!(refused(step(&world, Who::ProgrammeAdmin, ease()).await), RefusalKind::SecondPerson);
        let lift = ConductStep::ProposeLift { wholly: true, reason: because("They are.") };
        step(&world, Who::ProgrammeAdmin, lift).await.unwrap();
        assert_eq!(step(&world, Who::Coordinator, yes()).await.unwrap().state, State::Clear);
        assert_eq!(world.report_by(Who::Stranger, "cpython").await.lifecycle, Lifecycle::Received);
        world.sound().await;
        world.end().await;
    });
}

/// Proves: P01.
#[test]
fn only_those_concerned_decide_and_the_reporter_reads_what_is_for_them() {
    on_both_engines(async |world| {
        let case = world.report_by(Who::Stranger, "jupyterlab").await.case;
        let ban = || ConductStep::ProposeBan { reason: because("Between us.") };
        assert_eq!(refused(step(&world, Who::Coordinator, ban()).await), RefusalKind::NotNow);
        for who in
            [Who::OtherCoordinator, Who::Stranger, Who::ProgrammeAdmin, Who::ConductTeam, Who::Developer]
        {
            let done = strike(&world, who, case).await;
            assert!(matches!(done, Err(UseCaseError::NotFound)), "{who:?}: {done:?}");
        }
        strike(&world, Who::Coordinator, case).await.unwrap();
        step(&world, Who::Coordinator, ban()).await.unwrap();
        for who in [Who::Stranger, Who::Developer, Who::ProjectAdmin, Who::Auditor] {
            let done = step(&world, who, ConductStep::Second { accept: true, reason: because("Yes.") }).await;
            assert!(matches!(done, Err(UseCaseError::NotFound)), "{who:?}: {done:?}");
        }
        let person = world.id(Who::Stranger);
        for who in [Who::Developer, Who::Auditor, Who::ProjectAdmin] {
            let view = world.desk.conduct_view(&world.actor(who).await, person).await;
            assert!(matches!(view, Err(UseCaseError::NotFound)), "{who:?}");
        }
        let nobody = world.desk.conduct_view(&Actor::anonymous(), person).await;
        assert!(matches!(nobody, Err(UseCaseError::NotFound)));
        let texts = async |who| {
            let view = world.desk.conduct_view(&world.actor(who).await, person).await.unwrap();
            assert!(!format!("{view:?}").contains("Shouted"));
            view.entries.into_iter().filter_map(|entry| entry.text).collect::<Vec<_>>().join("|")
        };
        assert_eq!(
            texts(Who::Stranger).await,
            "Shouted at everybody.",
            "the proposal is not for the reporter"
        );
        assert_eq!(texts(Who::Coordinator).await, "Shouted at everybody.|Between us.");
        assert_eq!(texts(Who::ConductTeam).await, "", "the conduct team reads the export");

        let anonymous = world.report("jupyterlab", good_report()).await.case;
        let done = strike(&world, Who::Coordinator, anonymous).await;
        assert!(matches!(done, Err(UseCaseError::Invalid { .. })), "{done:?}");

        let key = "a-strike-by-key".parse().unwrap();
        let again = ConductStep::Strike { case, reason: because("Once more.") };
        let coordinator = world.actor(Who::Coordinator).await;
        let first = world.desk.conduct_step(&coordinator, person, &again, Some(&key)).await.unwrap();
        let retried = world.desk.conduct_step(&coordinator, person, &again, Some(&key)).await.unwrap();
        assert_eq!((first.state, retried.state), (State::Warned(2), State::Warned(2)), "counted once");
        world.end().await;
    });
}

/// Proves: P30.
#[test]
fn the_conduct_team_gets_the_talk_without_the_vulnerability() {
    on_both_engines(async |world| {
        let report = world.report_by(Who::Stranger, "jupyterlab").await;
        let case = report.case;
        world.does(Who::Coordinator, case, "acknowledge", json!({ "text": "Thank you for writing." })).await;
        let verdict = json!({
            "outcome": "vulnerability",
            "clause": "untrusted-notebook",
            "reasoning": "The sanitizer lets the attribute through.",
        });
        world.does(Who::Coordinator, case, "triage", verdict).await;
        world.does(Who::Coordinator, case, "accept", json!({})).await;
        world.does(Who::Coordinator, case, "cve-reserve", json!({ "number": "CVE-2026-55555" })).await;
        let angry = "You are all useless! A prepared document runs a script when it is opened, before anybody \
                     trusts it. CVE-2026-55555 in 4.2.4 is a disgrace.";
        world
            .does(Who::Stranger, case, "message", json!({ "tier": "team-and-reporter", "text": angry }))
            .await;
        let internal = json!({ "tier": "team-only", "text": "Please stay calm, everybody." });
        world.does(Who::Coordinator, case, "message", internal).await;
        strike(&world, Who::Coordinator, case).await.unwrap();

        let conduct = world.actor(Who::ConductTeam).await;
        assert!(matches!(world.desk.case_view(&conduct, case).await, Err(UseCaseError::NotFound)));
        let export = world.desk.conduct_export(&conduct, case).await.unwrap();
        for said in
            ["You are all useless!", "Thank you for writing.", "Shouted at everybody.", "the reporter"]
        {
            assert!(export.contains(said), "`{said}` is missing in:\n{export}");
        }
        let draft = good_report();
        let secrets =
            ["55555", "4.2.4", "prepared document", "sanitizer", &draft.title, "Reporter A", "coordinator@"];
        for secret in secrets {
            assert!(!export.contains(secret), "`{secret}` in:\n{export}");
        }
        for who in [Who::Stranger, Who::Developer, Who::OtherCoordinator, Who::ProgrammeAdmin, Who::Auditor] {
            let export = world.desk.conduct_export(&world.actor(who).await, case).await;
            assert!(matches!(export, Err(UseCaseError::NotFound)), "{who:?}");
        }
        world.desk.store().erase_case_bodies(case, world.now(), None).await.unwrap();
        let view =
            world.desk.conduct_view(&world.actor(Who::Coordinator).await, world.id(Who::Stranger)).await;
        assert_eq!(view.unwrap().matter.state, State::Warned(1), "the matter stands without its words");
        world.sound().await;
        world.end().await;
    });
}
