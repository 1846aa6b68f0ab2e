//! Lost passkeys: two administrators agree, the person hears of it everywhere and can stop it, and then a link goes out.

use bastide_authz::{Actor, Role, Scope};
use bastide_connect_mail::Mail;
use bastide_model::{
    id::{ChangeId, PersonId},
    party::Identity,
    time::Span,
};
use bastide_store::{Append, Change, Passkey, PasskeyEnd, ProposalState, SignInChange, Stream, StreamKind};
use bastide_usecases::{
    Browser, NewPerson, Secret, UseCaseError,
    proposal::{Decision, Proposed},
};

use crate::{
    mailbox::{Fetch as _, Mailbox},
    world::{Who, World, on_both_engines, on_sqlite, project, request_key},
};

async fn mails(world: &World) -> Vec<Mail> {
    Mailbox::default().fetch(&world.desk).await
}

fn to<'a>(mails: &'a [Mail], address: &str) -> Vec<&'a Mail> {
    mails.iter().filter(|mail| mail.to == address).collect()
}

/// A coordinator with two addresses, a session and a passkey that is lost.
struct Loser {
    id: PersonId,
    session: Secret,
}

const FIRST: &str = "first@people.example.org";
const SECOND: &str = "second@people.example.org";

async fn loser(world: &World) -> Loser {
    let address = |address: &str| Identity::Mail { address: address.to_owned() };
    let identities = vec![address(FIRST), address(SECOND)];
    let id = world.desk.add_person(NewPerson { name: "coordinator-c".to_owned(), identities }).await.unwrap();
    world.desk.grant(id, Role::Coordinator, Scope::Project(project("jupyterlab")), None).await.unwrap();
    let mut append = Append::at(world.now());
    append.changes.push(Change::SignIn(SignInChange::AddPasskey(Passkey {
        id: bastide_model::digest::Sha256Digest::of(b"a passkey"),
        person: id,
        name: "laptop".to_owned(),
        document: b"{}".to_vec(),
        counter: 0,
        created: world.now(),
        last_used: None,
        ended: None,
    })));
    world.desk.store().append(append).await.unwrap();
    let link = world.desk.issue_sign_in_link(id).await.unwrap();
    let session = world.desk.sign_in(&link, &Browser::default()).await.unwrap().secret;
    mails(world).await;
    Loser { id, session }
}

async fn proposed(world: &World, by: Who, person: PersonId) -> Result<ChangeId, UseCaseError> {
    let change = Proposed::RecoverPasskeys { person };
    world.desk.propose(&world.actor(by).await, change, "They called me.", None, Some(&request_key())).await
}

async fn approved(world: &World, by: Who, id: ChangeId) -> Result<ProposalState, UseCaseError> {
    world.desk.decide_proposal(&world.actor(by).await, id, Decision::Approve, "", None).await
}

async fn kinds(world: &World, person: PersonId) -> Vec<String> {
    let stream = Stream::new(StreamKind::Person, person.to_string());
    world.desk.store().stream(&stream).await.unwrap().into_iter().map(|event| event.kind).collect()
}

async fn passkeys(world: &World, person: PersonId) -> usize {
    world.desk.store().passkeys_of(person).await.unwrap().len()
}

async fn own(world: &World, loser: &Loser) -> Actor {
    world.desk.signed_in(&loser.session).await.unwrap().actor
}

#[test]
fn two_agree_the_person_is_told_everywhere_and_after_the_wait_a_link_goes_to_them() {
    on_both_engines(async |world| {
        let loser = loser(&world).await;
        let id = proposed(&world, Who::ProgrammeAdmin, loser.id).await.unwrap();
        let told = mails(&world).await;
        assert_eq!((to(&told, FIRST).len(), to(&told, SECOND).len()), (1, 1), "{told:?}");
        approved(&world, Who::SecondAdmin, id).await.unwrap();
        let told = mails(&world).await;
        for address in [FIRST, SECOND, &Who::ProgrammeAdmin.address(), &Who::SecondAdmin.address()] {
            assert!(!to(&told, address).is_empty(), "{address} is not told: {told:?}");
        }
        assert!(told.iter().all(|mail| !mail.text.contains("/sign-in/")), "no link before the wait is over");
        // Nothing happens before its time.
        world.clock.pass(Span::seconds(86_399));
        world.desk.tick().await.unwrap();
        assert_eq!(passkeys(&world, loser.id).await, 1);
        let link = world.desk.issue_sign_in_link(loser.id).await.unwrap();
        let session = world.desk.sign_in(&link, &Browser::default()).await.unwrap().secret;
        world.clock.pass(Span::seconds(1));
        assert!(world.desk.signed_in(&session).await.is_ok());
        world.desk.tick().await.unwrap();
        assert_eq!(passkeys(&world, loser.id).await, 0);
        let gone = world.desk.signed_in(&session).await;
        assert!(matches!(gone, Err(UseCaseError::NotSignedIn)), "{gone:?}");
        let passkey = bastide_model::digest::Sha256Digest::of(b"a passkey");
        let passkey = world.desk.store().passkey(&passkey).await.unwrap().unwrap();
        assert_eq!(passkey.ended, Some((world.now(), PasskeyEnd::Recovered)));
        let told = mails(&world).await;
        let link = to(&told, FIRST).into_iter().find(|mail| mail.text.contains("/sign-in/")).unwrap();
        assert!(to(&told, SECOND).iter().all(|mail| !mail.text.contains("/sign-in/")));
        let (_, secret) = link.text.split_once("/sign-in/").unwrap();
        let secret = Secret::given(secret.split_whitespace().next().unwrap());
        let session = world.desk.sign_in(&secret, &Browser::default()).await.unwrap().secret;
        assert_eq!(world.desk.signed_in(&session).await.unwrap().actor.person, Some(loser.id));
        let again = world.desk.sign_in(&secret, &Browser::default()).await;
        assert!(matches!(again, Err(UseCaseError::NotSignedIn)), "once");
        // It is over: the clock does nothing more, and nothing is left to stop.
        let events = kinds(&world, loser.id).await;
        world.days_pass(2);
        world.desk.tick().await.unwrap();
        assert_eq!(kinds(&world, loser.id).await, events);
        for kind in ["recovery-requested", "recovery-agreed", "passkeys-replaced"] {
            assert_eq!(events.iter().filter(|event| *event == kind).count(), 1, "{kind}: {events:?}");
        }
        let nothing = world.desk.stop_recovery(&world.actor(Who::SecondAdmin).await, loser.id).await;
        assert!(matches!(nothing, Err(UseCaseError::Invalid { .. })), "{nothing:?}");
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn its_person_or_any_administrator_stops_it_and_nobody_else_learns_of_it() {
    on_both_engines(async |world| {
        let loser = loser(&world).await;
        for by_the_person in [true, false] {
            let id = proposed(&world, Who::ProgrammeAdmin, loser.id).await.unwrap();
            approved(&world, Who::SecondAdmin, id).await.unwrap();
            for who in [Who::Coordinator, Who::ProjectAdmin, Who::Auditor, Who::Stranger] {
                let outcome = world.desk.stop_recovery(&world.actor(who).await, loser.id).await;
                assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{who:?}: {outcome:?}");
            }
            let twice = proposed(&world, Who::ProgrammeAdmin, loser.id).await;
            assert!(matches!(twice, Err(UseCaseError::Invalid { .. })), "{twice:?}");
            mails(&world).await;
            let actor = if by_the_person {
                own(&world, &loser).await
            } else {
                world.actor(Who::ProgrammeAdmin).await
            };
            world.desk.stop_recovery(&actor, loser.id).await.unwrap();
            let told = mails(&world).await;
            for address in [FIRST, SECOND, &Who::SecondAdmin.address()] {
                assert!(!to(&told, address).is_empty(), "{address}: {told:?}");
            }
            world.days_pass(2);
            world.desk.tick().await.unwrap();
            assert_eq!(passkeys(&world, loser.id).await, 1, "stopped is stopped");
            assert!(mails(&world).await.iter().all(|mail| !mail.text.contains("/sign-in/")));
        }
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn neither_of_the_two_is_the_person_and_both_are_administrators_to_the_end() {
    on_sqlite(async |world| {
        let admin = world.id(Who::ProgrammeAdmin);
        let own = proposed(&world, Who::ProgrammeAdmin, admin).await;
        assert!(matches!(own, Err(UseCaseError::Refused(_))), "{own:?}");
        let id = proposed(&world, Who::SecondAdmin, admin).await.unwrap();
        let view = world.desk.proposal(&world.actor(Who::ProgrammeAdmin).await, id).await.unwrap();
        assert!(!view.may_decide, "the page offers nothing that is refused");
        let own = approved(&world, Who::ProgrammeAdmin, id).await;
        assert!(matches!(own, Err(UseCaseError::Refused(_))), "{own:?}");
        let alone = approved(&world, Who::SecondAdmin, id).await;
        assert!(matches!(alone, Err(UseCaseError::Refused(_))), "{alone:?}");
        for who in [Who::Coordinator, Who::ProjectAdmin, Who::Stranger] {
            let outcome = proposed(&world, who, admin).await;
            assert!(matches!(outcome, Err(UseCaseError::NotFound)), "{who:?}: {outcome:?}");
        }

        // One of the two is removed in the wait.
        let loser = loser(&world).await;
        let id = proposed(&world, Who::ProgrammeAdmin, loser.id).await.unwrap();
        approved(&world, Who::SecondAdmin, id).await.unwrap();
        let second = world.id(Who::SecondAdmin);
        world.desk.end_grant(second, Role::ProgrammeAdmin, Scope::Programme).await.unwrap();
        world.days_pass(1);
        world.desk.tick().await.unwrap();
        assert_eq!(passkeys(&world, loser.id).await, 1);
        assert_eq!(kinds(&world, loser.id).await.last().map(String::as_str), Some("recovery-stopped"));
        world.end().await;
    });
}

#[test]
fn an_address_that_changed_in_the_wait_or_a_week_of_standing_still_stops_it() {
    on_sqlite(async |world| {
        let nobody = world
            .desk
            .add_person(NewPerson { name: "without-mail".to_owned(), identities: Vec::new() })
            .await
            .unwrap();
        let unreachable = proposed(&world, Who::ProgrammeAdmin, nobody).await;
        assert!(matches!(unreachable, Err(UseCaseError::Invalid { .. })), "{unreachable:?}");
        let loser = loser(&world).await;
        for late in [false, true] {
            let id = proposed(&world, Who::ProgrammeAdmin, loser.id).await.unwrap();
            approved(&world, Who::SecondAdmin, id).await.unwrap();
            if late {
                world.days_pass(9);
            } else {
                let identities = vec![Identity::Mail { address: SECOND.to_owned() }];
                let person = NewPerson { name: "coordinator-c".to_owned(), identities };
                let admin = world.actor(Who::ProgrammeAdmin).await;
                world.desk.edit_person_as(&admin, loser.id, person).await.unwrap();
                world.days_pass(1);
            }
            world.desk.tick().await.unwrap();
            assert_eq!(passkeys(&world, loser.id).await, 1, "{late}");
            assert_eq!(kinds(&world, loser.id).await.last().map(String::as_str), Some("recovery-stopped"));
        }
        // Erased in the wait: nothing is left that a link could open.
        let id = proposed(&world, Who::ProgrammeAdmin, loser.id).await.unwrap();
        approved(&world, Who::SecondAdmin, id).await.unwrap();
        let link = world.desk.issue_sign_in_link(loser.id).await.unwrap();
        let session = world.desk.sign_in(&link, &Browser::default()).await.unwrap().secret;
        let actor = world.desk.signed_in(&session).await.unwrap().actor;
        world.desk.erase_own_data(&actor).await.unwrap();
        world.days_pass(1);
        world.desk.tick().await.unwrap();
        assert_eq!(kinds(&world, loser.id).await.last().map(String::as_str), Some("person-erased"));
        world.sound().await;
        world.end().await;
    });
}
