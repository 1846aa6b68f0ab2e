//! Changes that need two persons: who may decide, what is carried out, and when nothing is.

use bastide_authz::{Role, Scope};
use bastide_model::{id::ChangeId, time::Span};
use bastide_store::ProposalState;
use bastide_usecases::{
    UseCaseError, WrittenRules,
    proposal::{Decision, Proposed},
};

use crate::world::{Who, World, on_both_engines, on_sqlite, project};

async fn rules(world: &World) -> WrittenRules {
    world.desk.project(&project("jupyterlab")).await.unwrap().written()
}

/// A new policy for jupyterlab: another number of days for the first answer.
async fn edit(world: &World, days: u32) -> Proposed {
    let mut rules = rules(world).await;
    rules.policy = rules.policy.lines().fold(String::new(), |text, line| {
        let line = if line.starts_with("acknowledge-days") {
            format!("acknowledge-days = {days}")
        } else {
            line.to_owned()
        };
        text + line.as_str() + "\n"
    });
    Proposed::EditProject {
        project: project("jupyterlab"),
        title: "JupyterLab".to_owned(),
        conduct_contact: None,
        rules: Box::new(rules),
    }
}

async fn propose(world: &World, who: Who, change: Proposed) -> ChangeId {
    world.desk.propose(&world.actor(who).await, change, "We answer slower.", None, None).await.unwrap()
}

async fn decide(
    world: &World,
    who: Who,
    id: ChangeId,
    decision: Decision,
) -> Result<ProposalState, UseCaseError> {
    world.desk.decide_proposal(&world.actor(who).await, id, decision, "Because.", None).await
}

async fn answer_days(world: &World) -> u32 {
    world.desk.project(&project("jupyterlab")).await.unwrap().policy.deadlines.acknowledge_days
}

fn rule(outcome: Result<ProposalState, UseCaseError>) -> String {
    match outcome {
        Err(UseCaseError::Refused(refusal)) => refusal.what,
        other => panic!("it was to be refused: {other:?}"),
    }
}

#[test]
fn a_projects_rules_change_when_a_second_person_approves_and_not_before() {
    on_both_engines(async |world| {
        let id = propose(&world, Who::ProjectAdmin, edit(&world, 5).await).await;
        assert_eq!(answer_days(&world).await, 3);
        let own = rule(decide(&world, Who::ProjectAdmin, id, Decision::Approve).await);
        assert_eq!(own, "nobody decides about their own proposal");
        let view = world.desk.proposal(&world.actor(Who::ProgrammeAdmin).await, id).await.unwrap();
        assert_eq!(view.comparison.len(), 1, "only the policy would change");
        assert!(view.comparison[0].old.contains("acknowledge-days = 3"));
        assert!(view.comparison[0].new.contains("acknowledge-days = 5"));
        assert!(view.may_decide && !view.may_withdraw && !view.stale);
        assert_eq!(
            decide(&world, Who::ProgrammeAdmin, id, Decision::Approve).await.unwrap(),
            ProposalState::Approved
        );
        assert_eq!(answer_days(&world).await, 5);
        let again = rule(decide(&world, Who::SecondAdmin, id, Decision::Approve).await);
        assert!(again.contains("was decided"), "{again}");
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn nobody_without_the_right_learns_of_a_proposal_or_decides_about_it() {
    on_sqlite(async |world| {
        let id = propose(&world, Who::ProjectAdmin, edit(&world, 5).await).await;
        for who in Who::ALL {
            let actor = world.actor(who).await;
            let may = matches!(who, Who::ProjectAdmin | Who::ProgrammeAdmin | Who::SecondAdmin);
            assert_eq!(world.desk.proposal(&actor, id).await.is_ok(), may, "{who:?}");
            assert_eq!(world.desk.proposals(&actor, true).await.unwrap().len(), usize::from(may), "{who:?}");
            if !may {
                for decision in Decision::ALL {
                    let outcome = decide(&world, who, id, decision).await;
                    assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{who:?}: {outcome:?}");
                }
                let change = edit(&world, 9).await;
                let outcome = world.desk.propose(&actor, change, "Mine.", None, None).await;
                assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{who:?}: {outcome:?}");
            }
        }
        // With the right and without the confirmation one may read and not decide.
        let mut stale_session = world.actor(Who::ProgrammeAdmin).await;
        stale_session.stepped_up = false;
        assert!(world.desk.proposal(&stale_session, id).await.is_ok());
        let outcome = world.desk.decide_proposal(&stale_session, id, Decision::Approve, "", None).await;
        assert!(matches!(outcome, Err(UseCaseError::StepUp)), "{outcome:?}");
        world.end().await;
    });
}

#[test]
fn rights_are_read_again_at_the_moment_of_approval() {
    on_sqlite(async |world| {
        let scope = Scope::Project(project("jupyterlab"));
        let id = propose(&world, Who::ProjectAdmin, edit(&world, 5).await).await;
        world.desk.end_grant(world.id(Who::ProjectAdmin), Role::ProjectAdmin, scope).await.unwrap();
        let left = rule(decide(&world, Who::ProgrammeAdmin, id, Decision::Approve).await);
        assert_eq!(left, "whoever proposed this no longer has the right to");
        assert_eq!(answer_days(&world).await, 3);
        world.end().await;
    });
}

#[test]
fn what_has_changed_since_is_not_carried_out() {
    on_sqlite(async |world| {
        let first = propose(&world, Who::ProgrammeAdmin, edit(&world, 5).await).await;
        let second = propose(&world, Who::ProgrammeAdmin, edit(&world, 6).await).await;
        decide(&world, Who::SecondAdmin, first, Decision::Approve).await.unwrap();
        let stale = rule(decide(&world, Who::SecondAdmin, second, Decision::Approve).await);
        assert_eq!(stale, "what this is about has changed since it was proposed");
        let view = world.desk.proposal(&world.actor(Who::SecondAdmin).await, second).await.unwrap();
        assert!(view.stale);
        assert_eq!(answer_days(&world).await, 5);
        world.end().await;
    });
}

#[test]
fn a_proposal_ends_by_the_clock_and_counts_as_ended_at_once() {
    on_both_engines(async |world| {
        let id = propose(&world, Who::ProgrammeAdmin, edit(&world, 5).await).await;
        world.days_pass(7);
        let late = rule(decide(&world, Who::SecondAdmin, id, Decision::Approve).await);
        assert_eq!(late, "the time for this proposal is over");
        world.desk.tick().await.unwrap();
        let view = world.desk.proposal(&world.actor(Who::SecondAdmin).await, id).await.unwrap();
        assert_eq!(view.line.state, ProposalState::Expired);
        assert_eq!(answer_days(&world).await, 3);
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn a_proposal_is_taken_back_by_its_proposer_only() {
    on_sqlite(async |world| {
        let id = propose(&world, Who::ProgrammeAdmin, edit(&world, 5).await).await;
        assert!(
            rule(decide(&world, Who::SecondAdmin, id, Decision::Withdraw).await).contains("its proposer")
        );
        decide(&world, Who::ProgrammeAdmin, id, Decision::Withdraw).await.unwrap();
        assert!(rule(decide(&world, Who::SecondAdmin, id, Decision::Approve).await).contains("was decided"));
        world.end().await;
    });
}

#[test]
fn the_same_request_with_the_same_key_proposes_once() {
    on_sqlite(async |world| {
        let key = "a-key-of-a-test".parse().unwrap();
        let actor = world.actor(Who::ProgrammeAdmin).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let change = edit(&world, 5).await;
            ids.push(world.desk.propose(&actor, change, "Once.", None, Some(&key)).await.unwrap());
        }
        assert_eq!(ids[0], ids[1]);
        assert_eq!(world.desk.proposals(&actor, true).await.unwrap().len(), 1);
        world.end().await;
    });
}

#[test]
fn rules_with_mistakes_reasons_of_no_words_and_changes_of_nothing_are_refused_when_proposed() {
    on_sqlite(async |world| {
        let actor = world.actor(Who::ProgrammeAdmin).await;
        let Proposed::EditProject { rules, .. } = edit(&world, 5).await else { panic!("an edit") };
        let broken = Proposed::EditProject {
            project: project("jupyterlab"),
            title: "JupyterLab".to_owned(),
            conduct_contact: None,
            rules: Box::new(WrittenRules { policy: format!("{}\nacknowlege = 1\n", rules.policy), ..*rules }),
        };
        match world.desk.propose(&actor, broken, "Broken.", None, None).await {
            Err(UseCaseError::Rules { problems }) => {
                assert_eq!((problems[0].file.as_str(), problems.len()), ("policy", 1), "{problems:?}");
            }
            other => panic!("{other:?}"),
        }
        let same = edit(&world, 3).await;
        let outcome = world.desk.propose(&actor, same, "The same.", None, None).await;
        assert!(
            matches!(outcome, Err(UseCaseError::Invalid { ref field, .. }) if field == "change"),
            "{outcome:?}"
        );
        let outcome = world.desk.propose(&actor, edit(&world, 5).await, "  ", None, None).await;
        assert!(
            matches!(outcome, Err(UseCaseError::Invalid { ref field, .. }) if field == "reason"),
            "{outcome:?}"
        );
        let long = Some(Span::days(31));
        let outcome = world.desk.propose(&actor, edit(&world, 5).await, "Long.", long, None).await;
        assert!(
            matches!(outcome, Err(UseCaseError::Invalid { ref field, .. }) if field == "lasts"),
            "{outcome:?}"
        );
        world.end().await;
    });
}
