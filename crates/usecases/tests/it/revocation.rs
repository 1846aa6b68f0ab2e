//! The end of a role ends everything that hangs on it, in the same transaction: random stories, no request let in and
//! no mail sent afterwards.

use bastide_authz::{Action, Object, Role, Scope};
use bastide_connect_mail::Mail;
use bastide_model::{party::Identity, time::Span};
use bastide_usecases::{
    Browser, NewPerson, RoleChange, RoleOutcome, Secret, UseCaseError,
    proposal::{Decision, Proposed},
    pseudonym,
};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::json;

use crate::{
    mailbox::{Fetch as _, Mailbox},
    world::{Who, World, good_report, on_both_engines, on_sqlite, project},
};

/// How many stories are told: 64, or as many more as the nightly run asks for.
fn stories() -> u32 {
    proptest::test_runner::Config::default().cases / 4
}

#[derive(Debug, Clone, Copy)]
enum Turn {
    /// The role of a coordinator is offered.
    Offer,
    /// … until a moment that comes.
    OfferForADay,
    /// It is taken on.
    TakeOn,
    /// They sign in.
    SignIn,
    /// They get a link to sign in by, and do not follow it yet.
    Link,
    /// They get a token.
    Token,
    /// A report comes in, of which coordinators hear.
    Report,
    /// Mail goes out.
    Deliver,
    /// Two days pass.
    Days,
    /// An administrator ends the role.
    End,
}

fn turn() -> impl Strategy<Value = Turn> {
    use Turn::{Days, Deliver, End, Link, Offer, OfferForADay, Report, SignIn, TakeOn, Token};
    prop_oneof![
        2 => Just(Offer), 1 => Just(OfferForADay), 3 => Just(TakeOn), 3 => Just(SignIn), 2 => Just(Token), 1 => Just(Link),
        2 => Just(Report), 2 => Just(Deliver), 1 => Just(Days), 3 => Just(End),
    ]
}

async fn change(world: &World, person: bastide_model::id::PersonId, gives: bool, days: Option<i64>) {
    let until = days.map(|days| world.now() + Span::days(days));
    let change = RoleChange { person, role: Role::Coordinator, gives, from: None, until };
    let scope = Scope::Project(project("jupyterlab"));
    let admin = world.actor(Who::ProgrammeAdmin).await;
    let key = format!(
        "key-{}",
        bastide_model::digest::Sha256Digest::of(format!("{change:?}{}", world.now()).as_bytes())
    );
    let key = key.chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>().parse().unwrap();
    let done = world.desk.change_role_as(&admin, &scope, change, "", &key).await;
    match done {
        Ok(outcome) => assert_eq!(outcome, RoleOutcome::Done),
        Err(UseCaseError::KeyReused) => {}
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn after_the_end_of_a_role_no_request_is_let_in_and_no_mail_goes_out() {
    on_sqlite(async |world| {
        let lab = project("jupyterlab");
        let mut runner = TestRunner::deterministic();
        let (mut asked, mut ends, mut let_in) = (0, 0, 0);
        for story in 0..stories() {
            let turns = prop::collection::vec(turn(), 4..16).new_tree(&mut runner).unwrap().current();
            let address = format!("person-{story}@people.example.org");
            let identities = vec![Identity::Mail { address: address.clone() }];
            let person = world
                .desk
                .add_person(NewPerson { name: format!("story {story}"), identities })
                .await
                .unwrap();
            let (mut secrets, mut links): (Vec<Secret>, Vec<Secret>) = (Vec::new(), Vec::new());
            // Whether they hold, or could still be told of, anything.
            let (mut offered, mut taken, mut until) = (false, false, None);
            for turn in &turns {
                // Turns of one moment do not happen; keys and instants differ.
                world.clock.pass(Span::seconds(1));
                match turn {
                    Turn::Offer | Turn::OfferForADay => {
                        let days = matches!(turn, Turn::OfferForADay).then_some(1);
                        change(&world, person, true, days).await;
                        (offered, taken) = (true, false);
                        until = days.map(|days| world.now() + Span::days(days));
                    }
                    Turn::TakeOn if offered => {
                        let grants = world.desk.store().grants_of(person).await.unwrap();
                        let actor =
                            bastide_authz::Actor { person: Some(person), grants, ..Default::default() };
                        let scope = Scope::Project(lab.clone());
                        world.desk.answer_role(&actor, Role::Coordinator, &scope, true).await.unwrap();
                        taken = true;
                    }
                    Turn::TakeOn => {}
                    Turn::SignIn => {
                        let link = world.desk.issue_sign_in_link(person).await.unwrap();
                        let session = world.desk.sign_in(&link, &Browser::default()).await.unwrap();
                        secrets.push(session.secret);
                    }
                    Turn::Link => links.push(world.desk.issue_sign_in_link(person).await.unwrap()),
                    Turn::Token => {
                        secrets.push(world.desk.issue_token(person, Span::days(30), true).await.unwrap());
                    }
                    Turn::Report => {
                        world.report("jupyterlab", good_report()).await;
                    }
                    Turn::Days => {
                        world.days_pass(2);
                        world.desk.tick().await.unwrap();
                        if until.is_some_and(|until| until <= world.now()) {
                            (offered, taken, until) = (false, false, None);
                            secrets.clear();
                            links.clear();
                        }
                    }
                    Turn::Deliver => {}
                    Turn::End => {
                        change(&world, person, false, None).await;
                        ends += 1;
                        for secret in secrets.drain(..) {
                            asked += 1;
                            let actor = world.desk.signed_in(&secret).await;
                            assert!(matches!(actor, Err(UseCaseError::NotSignedIn)), "{turns:?}");
                        }
                        for link in links.drain(..) {
                            asked += 1;
                            let session = world.desk.sign_in(&link, &Browser::default()).await;
                            assert!(matches!(session, Err(UseCaseError::NotSignedIn)), "{turns:?}");
                        }
                        (offered, taken, until) = (false, false, None);
                    }
                }
                let holds = taken && until.is_none_or(|until| world.now() < until);
                // Every secret of theirs that is left opens the inbox exactly while they hold the role.
                for secret in &secrets {
                    let Ok(signed_in) = world.desk.signed_in(secret).await else { continue };
                    asked += 1;
                    let allowed =
                        world.desk.permit(&signed_in.actor, Action::SeeInbox, Object::Project(&lab)).is_ok();
                    let_in += usize::from(allowed);
                    assert_eq!(allowed, holds, "{turns:?}");
                }
                let mails = Mailbox::default().fetch(&world.desk).await;
                let theirs = mails.iter().filter(|mail| mail.to == address && !is_about_their_account(mail));
                let theirs = theirs.count();
                assert!(theirs == 0 || offered || holds, "{turns:?}: {theirs} mails");
            }
            change_quietly(&world, person).await;
        }
        println!(
            "{} stories, {ends} ends of a role, {asked} requests, {let_in} let in, none after an end",
            stories()
        );
        assert!(ends > 50 && let_in > 20, "{ends} {let_in}");
        world.sound().await;
        world.end().await;
    });
}

/// Of sign-ins and tokens everybody hears, with or without a role.
fn is_about_their_account(mail: &Mail) -> bool {
    mail.text.trim_end().ends_with("https://desk.example.org/account")
}

async fn change_quietly(world: &World, person: bastide_model::id::PersonId) {
    let scope = Scope::Project(project("jupyterlab"));
    world.desk.end_grant(person, Role::Coordinator, scope).await.unwrap();
}

/// At its instant, before the clock comes round, also for a seat that was taken by it.
#[test]
fn a_role_that_has_ended_opens_nothing_even_before_the_clock_comes_round() {
    on_sqlite(async |world| {
        let (case, _) = world.accepted().await;
        let scope = Scope::Project(project("jupyterlab"));
        let person = world.id(Who::Coordinator);
        assert!(world.desk.case_view(&world.actor(Who::Coordinator).await, case).await.is_ok());
        let end = world.now() + Span::days(1);
        world.desk.grant(person, Role::Coordinator, scope, Some(end)).await.unwrap();
        world.clock.pass(Span::seconds(86_399));
        assert!(world.desk.case_view(&world.actor(Who::Coordinator).await, case).await.is_ok());
        world.clock.pass(Span::seconds(1));
        let seen = world.desk.case_view(&world.actor(Who::Coordinator).await, case).await;
        assert!(matches!(seen, Err(UseCaseError::NotFound)), "the seat outlives the role");
        let done = world
            .try_step(
                Who::Coordinator,
                case,
                "message",
                json!({ "tier": "team-only", "text": "Still here." }),
            )
            .await;
        assert!(matches!(done, Err(UseCaseError::NotFound)), "{done:?}");
        world.end().await;
    });
}

#[test]
fn an_erased_person_leaves_a_pseudonym_no_right_and_a_ledger_that_verifies() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let person = world.id(Who::Developer);
        let own = world.desk.export_own_data(&world.actor(Who::Developer).await).await.unwrap();
        assert_eq!(own["name"], "developer");
        assert_eq!(own["cases"][0]["case"], case.to_string());
        let change = Proposed::ErasePerson { person };
        let first = world.actor(Who::ProgrammeAdmin).await;
        let id = world
            .desk
            .propose(&first, change, "They asked: developer@people.example.org.", None, None)
            .await
            .unwrap();
        let second = world.actor(Who::SecondAdmin).await;
        let shown = world.desk.proposal(&second, id).await.unwrap();
        assert!(shown.stays.iter().any(|text| text.contains("The ledger keeps")), "what stays is said");
        // Their own right is to act alone; it makes them neither of the two.
        let own = world.actor(Who::Developer).await;
        assert!(matches!(world.desk.proposal(&own, id).await, Err(UseCaseError::NotFound)));
        for change in [Proposed::ErasePerson { person }, Proposed::ExportPerson { person }] {
            let alone = world.desk.propose(&own, change, "Mine.", None, None).await;
            assert!(matches!(alone, Err(UseCaseError::NotFound)), "{alone:?}");
        }
        let approved = world.desk.decide_proposal(&own, id, Decision::Approve, "", None).await;
        assert!(matches!(approved, Err(UseCaseError::NotFound)), "{approved:?}");
        let of_an_administrator = Proposed::ErasePerson { person: world.id(Who::SecondAdmin) };
        let id_of_other =
            world.desk.propose(&first, of_an_administrator, "They leave.", None, None).await.unwrap();
        let themselves = world.actor(Who::SecondAdmin).await;
        let approved =
            world.desk.decide_proposal(&themselves, id_of_other, Decision::Approve, "", None).await;
        assert!(matches!(approved, Err(UseCaseError::Refused(_))), "{approved:?}");
        world.desk.decide_proposal(&first, id_of_other, Decision::Withdraw, "", None).await.unwrap();
        world.desk.decide_proposal(&second, id, Decision::Approve, "", None).await.unwrap();
        let gone = world.desk.signed_in(world.token(Who::Developer)).await;
        assert!(matches!(gone, Err(UseCaseError::NotSignedIn)));
        let record = world.desk.person(person).await.unwrap().unwrap();
        assert_eq!((record.name.as_str(), record.identities.len()), (pseudonym(person).as_str(), 0));
        let view = world.view(Who::Coordinator, case).await;
        assert_eq!(view.name(person), pseudonym(person));
        assert!(!view.case.holds(person, Role::Developer), "their seat is free");
        let shown = world.desk.proposal(&second, id).await.unwrap();
        let words = format!("{:?} {}", shown.comparison, shown.reason);
        assert!(!words.contains("developer@people") && !words.contains("\"developer\\n"), "{words}");
        assert_eq!(shown.reason, "Erased with the person whom it was about.");
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn the_document_about_a_person_goes_to_whoever_proposed_it_and_holds_nothing_of_cases() {
    on_sqlite(async |world| {
        let (case, _) = world.accepted().await;
        let person = world.id(Who::Developer);
        let first = world.actor(Who::ProgrammeAdmin).await;
        let id = world
            .desk
            .propose(&first, Proposed::ExportPerson { person }, "A request.", None, None)
            .await
            .unwrap();
        let early = world.desk.proposal_outcome(&first, id).await;
        assert!(matches!(early, Err(UseCaseError::NotFound)), "{early:?}");
        let second = world.actor(Who::SecondAdmin).await;
        world.desk.decide_proposal(&second, id, Decision::Approve, "", None).await.unwrap();
        let data = world.desk.proposal_outcome(&first, id).await.unwrap().to_string();
        assert!(data.contains("developer@people.example.org") && !data.contains(&case.to_string()), "{data}");
        for other in [second, world.actor(Who::Coordinator).await] {
            let outcome = world.desk.proposal_outcome(&other, id).await;
            assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{outcome:?}");
        }
        world.days_pass(7);
        let late = world.desk.proposal_outcome(&world.actor(Who::ProgrammeAdmin).await, id).await;
        assert!(matches!(late, Err(UseCaseError::NotFound)), "{late:?}");
        world.end().await;
    });
}

#[test]
fn a_closed_cases_contents_are_erased_by_two_after_a_month() {
    on_both_engines(async |world| {
        let report = world.report("jupyterlab", good_report()).await;
        let case = report.case;
        let erase = || Proposed::EraseCase { case };
        let first = world.actor(Who::Coordinator).await;
        let open = world.desk.propose(&first, erase(), "Too early.", None, None).await;
        assert!(matches!(open, Err(UseCaseError::Refused(_))), "{open:?}");
        let verdict = json!({ "outcome": "noise", "reasoning": "A questionnaire." });
        world.does(Who::Coordinator, case, "triage", verdict).await;
        if world.view(Who::Coordinator, case).await.case.closed.is_none() {
            world.does(Who::Coordinator, case, "close", json!({})).await;
        }
        world.days_pass(33);
        world.desk.tick().await.unwrap();
        let admin = world.actor(Who::ProgrammeAdmin).await;
        let refused = world.desk.propose(&admin, erase(), "Not mine.", None, None).await;
        assert!(matches!(refused, Err(UseCaseError::NotFound)), "{refused:?}");
        let first = world.actor(Who::Coordinator).await;
        let id = world.desk.propose(&first, erase(), "Our retention.", None, None).await.unwrap();
        let second = world.actor(Who::SecondCoordinator).await;
        world.desk.decide_proposal(&second, id, Decision::Approve, "", None).await.unwrap();
        let view = world.view(Who::Coordinator, case).await;
        assert!(view.case.erased && view.report.is_none());
        world.sound().await;
        world.end().await;
    });
}
