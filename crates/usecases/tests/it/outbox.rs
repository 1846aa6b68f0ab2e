//! Messages: recipients of the moment of sending, retries, and nothing of a case in a mail.

use bastide_authz::{Role, Scope};
use bastide_connect_mail::{MailError, fake::Mailbox};
use bastide_model::time::Span;
use bastide_usecases::Delivery;
use serde_json::json;

use crate::world::{Who, World, advisory, good_report, on_both_engines, project};

/// To whom the mails went that came since somebody looked last.
fn taken(mails: &Mailbox) -> Vec<String> {
    mails.take().into_iter().map(|mail| mail.to).collect()
}

async fn emptied(world: &World) -> Mailbox {
    let mails = Mailbox::default();
    world.desk.deliver(&mails).await.unwrap();
    taken(&mails);
    mails
}

#[test]
fn a_new_report_reaches_the_coordinators_of_the_moment() {
    on_both_engines(async |world| {
        world.report("jupyterlab", good_report()).await;
        let second = world.id(Who::SecondCoordinator);
        let scope = Scope::Project(project("jupyterlab"));
        world.desk.end_grant(second, Role::Coordinator, scope).await.unwrap();
        let mails = Mailbox::default();
        let delivery = world.desk.deliver(&mails).await.unwrap();
        assert_eq!(delivery, Delivery { sent: 1, ..Delivery::default() });
        let sent = mails.take();
        let [mail] = sent.as_slice() else { panic!("one recipient: {sent:?}") };
        assert_eq!(mail.to, Who::Coordinator.address());
        let text = format!("{}\n{}", mail.subject, mail.text).to_lowercase();
        for word in ["jupyter", "prepared", "document", "script", "vulnerab", "reporter a"] {
            assert!(!text.contains(word), "`{word}` in {text}");
        }
        assert!(mail.text.contains("https://desk.example.org/cases/case-"));
        assert_eq!(world.desk.deliver(&mails).await.unwrap(), Delivery::default(), "sent once");
        world.end().await;
    });
}

#[test]
fn who_lost_their_right_between_the_event_and_the_sending_hears_nothing() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let mails = emptied(&world).await;
        world
            .does(Who::Coordinator, case, "message", json!({ "tier": "participants", "text": "News." }))
            .await;
        world.does(Who::Developer, case, "leave", json!({ "seat": "developer" })).await;
        world.desk.deliver(&mails).await.unwrap();
        let mut told = taken(&mails);
        told.sort();
        assert_eq!(told, [Who::SecondDeveloper.address()]);

        let invitation = json!({ "person": world.id(Who::Operator).to_string(), "seat": "observer" });
        world.does(Who::Coordinator, case, "invite", invitation.clone()).await;
        world.does(Who::Coordinator, case, "leave", invitation).await;
        let delivery = world.desk.deliver(&mails).await.unwrap();
        assert_eq!((delivery.sent, delivery.dropped), (0, 1), "an invitation that was taken back");

        let invitation = json!({ "person": world.id(Who::Operator).to_string(), "seat": "observer" });
        world.does(Who::Coordinator, case, "invite", invitation).await;
        world.desk.deliver(&mails).await.unwrap();
        let sent = mails.take();
        let [mail] = sent.as_slice() else { panic!("one invitation: {sent:?}") };
        assert!(mail.text.trim_end().ends_with(&format!("/cases/{case}/invitation")), "{}", mail.text);
        world.end().await;
    });
}

#[test]
fn whoever_must_consent_to_a_changed_embargo_hears_of_it() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let mails = emptied(&world).await;
        let end = (world.now() + Span::days(60)).to_string();
        world.does(Who::Coordinator, case, "propose-embargo", json!({ "end": end })).await;
        world.desk.deliver(&mails).await.unwrap();
        let told = taken(&mails);
        assert!(told.contains(&Who::Developer.address()), "{told:?}");
        assert!(told.contains(&Who::SecondDeveloper.address()), "{told:?}");
        world.end().await;
    });
}

#[test]
fn a_failed_mail_is_tried_again_later_under_the_same_id_and_in_the_end_given_up() {
    on_both_engines(async |world| {
        let case = world.report("jupyterlab", good_report()).await.case;
        let mails = Mailbox::default();
        mails.fail_with([MailError::Unreachable, MailError::NotNow { code: 451 }]);
        assert_eq!(world.desk.deliver(&mails).await.unwrap().failed, 1, "both mails of the message failed");
        assert_eq!(world.desk.deliver(&mails).await.unwrap(), Delivery::default(), "not at once");
        world.clock.pass(Span::minutes(1));
        assert_eq!(world.desk.deliver(&mails).await.unwrap().sent, 1);
        let attempts = mails.tried();
        assert_eq!(attempts.len(), 4);
        assert_eq!(attempts[..2], attempts[2..], "the Message-ID is the same");

        world.report("jupyterlab", good_report()).await;
        mails.close(true);
        let (mut failed, mut rounds) = (0, 0);
        loop {
            let delivery = world.desk.deliver(&mails).await.unwrap();
            failed += delivery.failed;
            rounds += 1;
            if delivery.given_up == 1 {
                break;
            }
            assert!(rounds < 100);
            world.clock.pass(Span::hours(3));
        }
        assert_eq!((failed, rounds), (7, 8), "eight attempts, then it is given up");
        let waiting = world.desk.store().outbox_of(case).await.unwrap();
        assert!(waiting.iter().all(|message| message.attempts <= 2));
        world.end().await;
    });
}

#[test]
fn the_clock_tells_whom_it_gave_a_case_and_taking_one_tells_nobody() {
    on_both_engines(async |world| {
        let case = world.report("jupyterlab", good_report()).await.case;
        let own = world.report("jupyterlab", good_report()).await.case;
        let mails = emptied(&world).await;
        world.does(Who::Coordinator, own, "take", json!({})).await;
        assert_eq!(world.desk.deliver(&mails).await.unwrap(), Delivery::default());
        world.days_pass(3);
        world.desk.tick().await.unwrap();
        let owner = world.view(Who::Coordinator, case).await.case.holders(Role::Coordinator).next();
        assert_eq!(owner, Some(world.id(Who::SecondCoordinator)), "whoever has fewer cases");
        world.desk.deliver(&mails).await.unwrap();
        assert!(taken(&mails).contains(&Who::SecondCoordinator.address()));
        world.end().await;
    });
}

#[test]
fn a_publication_that_fails_at_its_date_calls_people_once_a_day() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        world.fix_agreed(case).await;
        world.drafted_and_approved(case, advisory()).await;
        world.dated(case).await;
        // What was approved is gone, so nothing can be published.
        world.desk.store().erase_case_bodies(case, world.now(), None).await.unwrap();
        let mails = emptied(&world).await;
        world.days_pass(9);
        world.desk.tick().await.unwrap();
        world.desk.deliver(&mails).await.unwrap();
        let calls = |mails: &Mailbox| {
            let calls = mails.take().into_iter().filter(|mail| mail.text.contains("could not be done"));
            calls.map(|mail| mail.to).collect::<std::collections::BTreeSet<_>>()
        };
        let called = calls(&mails);
        for who in [Who::ProgrammeAdmin, Who::SecondAdmin, Who::Coordinator] {
            assert!(called.contains(&who.address()), "{who:?}: {called:?}");
        }
        assert!(!called.contains(&Who::Stranger.address()));
        assert!(world.desk.public_advisories(None, 10).await.unwrap().is_empty());
        world.clock.pass(Span::hours(2));
        world.desk.tick().await.unwrap();
        world.desk.deliver(&mails).await.unwrap();
        assert!(calls(&mails).is_empty(), "once a day");
        world.days_pass(1);
        world.desk.tick().await.unwrap();
        world.desk.deliver(&mails).await.unwrap();
        assert!(calls(&mails).contains(&Who::ProgrammeAdmin.address()));
        world.sound().await;
        world.end().await;
    });
}

/// A reporter without an address, and a proposal that was decided before the next round: nobody is left to tell, and
/// nothing is wrong.
#[test]
fn a_message_that_nobody_is_left_to_read_ends_quietly_and_is_no_dead_letter() {
    on_both_engines(async |world| {
        let report = world.report("jupyterlab", good_report()).await;
        let mails = emptied(&world).await;
        let text = json!({ "text": "Thank you." });
        world.does(Who::Coordinator, report.case, "take", json!({})).await;
        world.does(Who::Coordinator, report.case, "acknowledge", text).await;
        let admin = world.actor(Who::ProgrammeAdmin).await;
        let change = bastide_usecases::proposal::Proposed::ExportPerson { person: world.id(Who::Developer) };
        let id = world.desk.propose(&admin, change, "A request.", None, None).await.unwrap();
        let withdraw = bastide_usecases::proposal::Decision::Withdraw;
        world.desk.decide_proposal(&admin, id, withdraw, "", None).await.unwrap();
        let delivery = world.desk.deliver(&mails).await.unwrap();
        assert!(delivery.dropped >= 2 && delivery.given_up == 0 && delivery.failed == 0, "{delivery:?}");
        assert!(world.desk.operations(&admin).await.unwrap().dead_letters.is_empty());
        assert_eq!(world.desk.deliver(&mails).await.unwrap(), Delivery::default(), "it is over");
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn nobody_is_mailed_about_their_own_message() {
    on_both_engines(async |world| {
        let (case, link) = world.accepted().await;
        let mails = emptied(&world).await;
        let told = async |world: &World| {
            world.desk.deliver(&mails).await.unwrap();
            let mut told: Vec<String> = mails.take().into_iter().map(|mail| mail.to).collect();
            told.sort();
            told
        };
        let message = |tier: &str| json!({ "tier": tier, "text": "News." });
        world.does(Who::Coordinator, case, "message", message("participants")).await;
        let heard = told(&world).await;
        assert!(heard.contains(&Who::Developer.address()), "{heard:?}");
        assert!(!heard.contains(&Who::Coordinator.address()), "{heard:?}");
        world.does(Who::Developer, case, "message", message("participants")).await;
        let heard = told(&world).await;
        assert!(heard.contains(&Who::Coordinator.address()), "{heard:?}");
        assert!(!heard.contains(&Who::Developer.address()), "{heard:?}");
        let reporter = world.reporter(&link).await;
        let own =
            crate::world::step("message", json!({ "tier": "team-and-reporter", "text": "One more thing." }));
        world.desk.act(&reporter, case, &own, None).await.unwrap();
        assert!(told(&world).await.contains(&Who::Coordinator.address()), "the team hears of it");
        world.end().await;
    });
}
