//! Operating the desk: the hold, dead letters, health; who may, and what is never told.

use bastide_authz::{Grant, Role, Scope};
use bastide_connect_mail::fake::Mailbox;
use bastide_model::time::Span;
use bastide_store::OutboxState;
use bastide_usecases::{Delivery, Job, LetterDecision, Limits, RequestKey, UseCaseError};

use crate::world::{Who, World, good_report, on_both_engines, on_sqlite};

fn key(text: &str) -> RequestKey {
    format!("key-of-a-test-{text}").parse().unwrap()
}

async fn give_up(world: &World, relay: &Mailbox) -> String {
    relay.close(true);
    for _ in 0..20 {
        if world.desk.deliver(relay).await.unwrap().given_up > 0 {
            break;
        }
        world.clock.pass(Span::hours(20));
    }
    relay.close(false);
    let admin = world.actor(Who::ProgrammeAdmin).await;
    let letters = world.desk.operations(&admin).await.unwrap().dead_letters;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(
        (letters[0].attempts, letters[0].why.as_str()),
        (8, "the mail server cannot be reached, or the connection broke")
    );
    letters[0].id.clone()
}

#[test]
fn nothing_leaves_while_everything_outgoing_is_held_and_all_of_it_afterwards() {
    on_both_engines(async |world| {
        let admin = world.actor(Who::ProgrammeAdmin).await;
        let relay = Mailbox::default();
        world.desk.hold_outbound(&admin, &key("1"), "The relay leaks.", None).await.unwrap();
        world.report("jupyterlab", good_report()).await;
        assert_eq!(world.desk.deliver(&relay).await.unwrap(), Delivery::default());
        world.days_pass(1);
        assert_eq!(world.desk.deliver(&relay).await.unwrap(), Delivery::default());
        let shown = world.desk.operations(&admin).await.unwrap();
        assert_eq!(shown.hold.unwrap().reason, "The relay leaks.");
        assert!(shown.counts.messages[&OutboxState::Waiting] > 0 && shown.counts.oldest_message.is_some());
        let held = world.desk.ready_in_full(&Limits::default()).await;
        assert!(held.iter().all(|check| check.good), "a hold is no fault: {held:?}");
        world.desk.release_outbound(&admin, &key("2")).await.unwrap();
        let late = world.desk.ready_in_full(&Limits::default()).await;
        assert!(late.iter().any(|check| check.name == "outbox" && !check.good), "{late:?}");
        assert!(world.desk.deliver(&relay).await.unwrap().sent > 0);
        assert!(relay.count() > 0);

        let until = world.now() + Span::hours(2);
        world.desk.hold_outbound(&admin, &key("3"), "For two hours.", Some(until)).await.unwrap();
        assert!(world.desk.outbound_hold().await.unwrap().is_some());
        world.clock.pass(Span::hours(2));
        assert_eq!(world.desk.outbound_hold().await.unwrap(), None, "it ended by itself");
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn a_dead_letter_is_tried_again_or_never_sent_as_an_administrator_decides() {
    on_both_engines(async |world| {
        let admin = world.actor(Who::ProgrammeAdmin).await;
        let relay = Mailbox::default();
        world.report("jupyterlab", good_report()).await;
        let letter = give_up(&world, &relay).await;
        let decide = async |number: &str, id: &str, decision| {
            world.desk.decide_dead_letter(&admin, &key(number), id, decision).await
        };
        decide("1", &letter, LetterDecision::Retry).await.unwrap();
        decide("1", &letter, LetterDecision::Retry).await.expect("the same request again is the same answer");
        assert_eq!(world.desk.deliver(&relay).await.unwrap().sent, 1);
        assert!(relay.count() > 0);
        let gone = decide("2", &letter, LetterDecision::Drop).await;
        assert!(matches!(gone, Err(UseCaseError::NotFound)), "it was sent: {gone:?}");

        world.report("jupyterlab", good_report()).await;
        let letter = give_up(&world, &relay).await;
        let before = relay.count();
        decide("3", &letter, LetterDecision::Drop).await.unwrap();
        world.days_pass(2);
        world.desk.deliver(&relay).await.unwrap();
        assert_eq!(relay.count(), before);
        assert!(world.desk.operations(&admin).await.unwrap().dead_letters.is_empty());
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn only_an_administrator_with_a_fresh_sign_in_operates_and_an_order_says_why() {
    on_sqlite(async |world| {
        for who in Who::ALL {
            let actor = world.actor(who).await;
            let held = world.desk.hold_outbound(&actor, &key("x"), "Because.", None).await;
            let seen = world.desk.operations(&actor).await;
            if matches!(who, Who::ProgrammeAdmin | Who::SecondAdmin) {
                assert!(held.is_ok() && seen.is_ok(), "{who:?}: {held:?}");
                let mut stale = actor.clone();
                stale.stepped_up = false;
                let refused = world.desk.release_outbound(&stale, &key("y")).await;
                assert!(matches!(refused, Err(UseCaseError::StepUp)), "{refused:?}");
            } else {
                assert!(matches!(held, Err(UseCaseError::NotFound)), "{who:?}: {held:?}");
                assert!(matches!(seen, Err(UseCaseError::NotFound)), "{who:?}");
            }
        }
        let admin = world.actor(Who::ProgrammeAdmin).await;
        let long = "x".repeat(501);
        for reason in ["", "  ", long.as_str()] {
            let refused = world.desk.hold_outbound(&admin, &key("z"), reason, None).await;
            assert!(matches!(refused, Err(UseCaseError::Invalid { .. })), "{refused:?}");
        }
        let past = world.desk.hold_outbound(&admin, &key("p"), "Because.", Some(world.now())).await;
        assert!(matches!(past, Err(UseCaseError::Invalid { .. })), "{past:?}");
        world.end().await;
    });
}

#[test]
fn a_clock_that_stands_still_is_not_ready_and_figures_are_for_services_and_administrators() {
    on_sqlite(async |world| {
        let ready = async || world.desk.ready(&Limits::default()).await.iter().all(|check| check.good);
        assert!(ready().await, "a desk without jobs is not blamed for them");
        world.desk.job_begins(Job::Clock);
        world.clock.pass(Span::minutes(4));
        assert!(ready().await);
        world.clock.pass(Span::minutes(2));
        assert!(!ready().await, "no round for six minutes");
        world.desk.job_ended(Job::Clock, true);
        assert!(ready().await);
        world.desk.job_ended(Job::Clock, false);
        let rounds = world.desk.rounds();
        assert_eq!((rounds.len(), rounds[0].1.failures), (1, 1));
        let full = Limits { free_bytes: u64::MAX, ..Limits::default() };
        let checks = world.desk.ready(&full).await;
        assert!(checks.iter().any(|check| check.name == "disk" && !check.good), "{checks:?}");

        let mut service = world.actor(Who::Stranger).await;
        assert!(matches!(world.desk.measured(&service).await, Err(UseCaseError::NotFound)));
        let grant = Grant {
            role: Role::Service,
            scope: Scope::Programme,
            from: world.now(),
            until: None,
            confirmed: true,
        };
        service.grants = vec![grant];
        service.stepped_up = false;
        assert!(world.desk.measured(&service).await.is_ok());
        world.end().await;
    });
}
