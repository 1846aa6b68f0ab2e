//! Who reads a case is written down once an hour; an auditor says why first; what is new to somebody is told.

use bastide_authz::Tier;
use bastide_model::time::Span;
use bastide_store::{Stream, StreamKind};
use bastide_usecases::UseCaseError;
use serde_json::json;

use crate::world::{Who, World, on_both_engines, request_key};

async fn events(world: &World, case: bastide_model::id::CaseId) -> usize {
    world.desk.store().stream(&Stream::new(StreamKind::Reading, case.to_string())).await.unwrap().len()
}

#[test]
fn a_reading_is_one_event_for_each_person_and_hour_however_often_they_look() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let before = events(&world, case).await;
        world.clock.pass(Span::hours(1));
        for _ in 0..5 {
            world.view(Who::Coordinator, case).await;
        }
        assert_eq!(events(&world, case).await, before + 1);
        let note = json!({ "tier": "team-only", "text": "Something new." });
        world.does(Who::Coordinator, case, "message", note).await;
        assert_eq!(world.view(Who::Developer, case).await.readers.len(), 2, "coordinator and developer");
        world.view(Who::Coordinator, case).await;
        assert_eq!(events(&world, case).await, before + 2, "the developer's hour, and no more of the first");
        world.clock.pass(Span::hours(1));
        world.view(Who::Coordinator, case).await;
        assert_eq!(events(&world, case).await, before + 3);
        // What a case's history is does not grow by being read.
        let length = world.view(Who::Coordinator, case).await.entries.len();
        world.clock.pass(Span::hours(2));
        assert_eq!(world.view(Who::Coordinator, case).await.entries.len(), length);
        world.end().await;
    });
}

#[test]
fn somebody_learns_from_where_on_a_case_is_new_to_them() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let seen = world.view(Who::Coordinator, case).await.entries.len() as u64;
        let note = json!({ "tier": "team-only", "text": "Something new." });
        world.does(Who::Developer, case, "message", note).await;
        assert_eq!(world.view(Who::Coordinator, case).await.seen, seen);
        assert_eq!(world.view(Who::Coordinator, case).await.seen, seen + 1);
        world.end().await;
    });
}

#[test]
fn an_auditor_says_why_before_they_read_and_again_after_an_hour() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let auditor = world.actor(Who::Auditor).await;
        let asked = |result: Result<(), UseCaseError>| match result {
            Err(UseCaseError::PurposeNeeded { case: of }) => assert_eq!(of, case),
            other => panic!("no purpose was asked for: {other:?}"),
        };
        asked(world.desk.case_view(&auditor, case).await.map(drop));
        asked(world.desk.proof(&auditor, case).await.map(drop));
        let short = world.desk.state_purpose(&auditor, case, " because ", &request_key()).await;
        assert!(matches!(short, Err(UseCaseError::Invalid { .. })), "{short:?}");
        asked(world.desk.case_view(&auditor, case).await.map(drop));

        let purpose = "Quarterly review of missed deadlines.";
        let key = request_key();
        for _ in 0..2 {
            world.desk.state_purpose(&auditor, case, purpose, &key).await.unwrap();
        }
        let view = world.desk.case_view(&auditor, case).await.unwrap();
        assert!(view.readers.iter().all(|reader| reader.purpose.is_none()), "it is for the team");
        world.desk.proof(&auditor, case).await.unwrap();
        let view = world.view(Who::Coordinator, case).await;
        let read = view.readers.iter().find(|reader| Some(reader.person) == auditor.person).unwrap();
        assert_eq!((read.viewer.as_str(), read.purpose.as_deref()), ("auditor", Some(purpose)));
        // The stored purpose is under seal, for the team.
        let stream = Stream::new(StreamKind::Reading, case.to_string());
        let stored = world.desk.store().stream(&stream).await.unwrap();
        let bodies: Vec<Tier> = stored
            .iter()
            .filter_map(|event| match &event.body {
                bastide_store::Body::Sealed(body) => Some(body.tier()),
                _ => None,
            })
            .collect();
        assert_eq!(bodies, [Tier::TeamOnly]);

        world.clock.pass(Span::minutes(61));
        asked(world.desk.case_view(&auditor, case).await.map(drop));
        world.end().await;
    });
}

#[test]
fn who_may_not_read_a_case_can_state_no_purpose_for_it() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        for who in Who::ALL.into_iter().filter(|who| *who != Who::Auditor) {
            let actor = world.actor(who).await;
            let stated =
                world.desk.state_purpose(&actor, case, "Because I would like to know.", &request_key()).await;
            assert!(matches!(stated, Err(UseCaseError::NotFound)), "{who:?}: {stated:?}");
        }
        world.end().await;
    });
}
