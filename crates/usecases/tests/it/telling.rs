//! Subscribers are told what concerns them, once, with what to do; nobody else hears anything.

use std::sync::Mutex;

use bastide_advisory::{Format, read_osv};
use bastide_authz::Actor;
use bastide_connect_mail::{MailError, fake::Mailbox};
use bastide_connect_web::{Answering, Web, WebError};
use bastide_model::{id::SubscriptionId, time::Span};
use bastide_store::NoticeState;
use bastide_usecases::{NewSubscription, RequestKey, Secret, UseCaseError, WatchedSource};

use crate::{
    mailbox::Fetch as _,
    world::{Who, World, on_both_engines, on_sqlite},
};

/// A lockfile in which notebook brings in an affected jupyterlab.
const LOCK: &str = r#"
version = 1
requires-python = ">=3.10"

[[package]]
name = "lab"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "notebook" }, { name = "numpy" }]

[[package]]
name = "notebook"
version = "7.2.1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "jupyterlab" }]

[[package]]
name = "jupyterlab"
version = "4.2.4"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "numpy"
version = "2.0.0"
source = { registry = "https://pypi.org/simple" }
"#;

fn key(text: &str) -> RequestKey {
    format!("key-of-a-test-{text}").parse().unwrap()
}

fn lock(text: &str) -> WatchedSource {
    WatchedSource::Document { name: "uv.lock".to_owned(), bytes: text.as_bytes().to_vec() }
}

async fn watches(world: &World, actor: &Actor, title: &str, source: WatchedSource) -> SubscriptionId {
    let new = NewSubscription { title: title.to_owned(), source, webhook: None };
    world.desk.subscribe(actor, &key(&title.replace(' ', "-")), &new).await.unwrap().id
}

async fn gathered(world: &World) {
    world.desk.announce_due().await.unwrap();
    world.clock.pass(Span::minutes(5));
}

/// Proves: O04.
#[test]
fn a_published_advisory_reaches_whoever_watches_an_affected_version_and_nobody_else() {
    on_both_engines(async |world| {
        let stranger = world.actor(Who::Stranger).await;
        let developer = world.actor(Who::Operator).await;
        let own = watches(&world, &stranger, "our teaching server", lock(LOCK)).await;
        watches(&world, &stranger, "all of jupyterlab", WatchedSource::Packages(vec!["JupyterLab".into()]))
            .await;
        let safe = LOCK.replace("4.2.4", "4.2.5");
        watches(&world, &developer, "what is mended", lock(&safe)).await;
        let mailbox = Mailbox::default();
        mailbox.fetch(&world.desk).await;
        let (_, _, advisory) = world.published().await;
        mailbox.fetch(&world.desk).await;
        gathered(&world).await;
        let mails = mailbox.fetch(&world.desk).await;
        let [mail] = mails.as_slice() else { panic!("one person, one mail: {mails:?}") };
        assert_eq!(mail.to, Who::Stranger.address());
        assert_eq!(mail.subject, "Security: 2 advisories concern your jupyterlab");
        assert!(mail.text.contains("\u{201c}our teaching server\u{201d}"), "{}", mail.text);
        assert!(mail.text.contains("lab \u{2192} notebook \u{2192} jupyterlab"), "{}", mail.text);
        assert!(mail.text.contains("uv add 'jupyterlab>=4.2.5'"), "{}", mail.text);
        assert!(
            mail.text.contains(&format!("https://desk.example.org/account/subscriptions/{own}")),
            "{}",
            mail.text
        );
        assert!(mail.text.contains(&advisory) && !mail.text.contains("case-"), "{}", mail.text);
        assert!(mail.html.as_ref().unwrap().contains("uv add"), "the same as HTML");
        assert!(!mail.text.contains("what is mended"));
        // Found again, by hand or after a crash, nothing is told twice.
        let record = world.desk.public_advisories(None, 1).await.unwrap()[0].record.clone();
        assert_eq!(world.desk.announce(&record).await.unwrap().notices, 2);
        gathered(&world).await;
        assert!(mailbox.fetch(&world.desk).await.is_empty());
        let view = world.desk.subscription_view(&stranger, own).await.unwrap();
        assert_eq!(view.notices[0].notice.state, NoticeState::Told);
        assert_eq!(view.notices[0].concerns[0].watched.path, ["lab", "notebook", "jupyterlab"]);
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn what_a_mail_says_ends_what_it_came_from_by_one_click_and_without_signing_in() {
    on_both_engines(async |world| {
        let stranger = world.actor(Who::Stranger).await;
        let own = watches(&world, &stranger, "our teaching server", lock(LOCK)).await;
        let (_, _, _) = world.published().await;
        let mailbox = Mailbox::default();
        mailbox.fetch(&world.desk).await;
        gathered(&world).await;
        let mails = mailbox.fetch(&world.desk).await;
        let address = &mails[0].unsubscribe.as_ref().unwrap().address;
        let secret = Secret::given(address.rsplit('/').next().unwrap());
        assert_eq!(world.desk.unsubscribe(&Secret::given("nothing.of-ours")).await.unwrap().len(), 0);
        assert_eq!(world.desk.unsubscribe(&secret).await.unwrap().len(), 1);
        assert_eq!(world.desk.unsubscribe(&secret).await.unwrap().len(), 1, "again is no error");
        let gone = world.desk.subscription_view(&stranger, own).await;
        assert!(matches!(gone, Err(UseCaseError::NotFound)));
        assert!(
            world.desk.store().subscription_items(own).await.unwrap().is_empty(),
            "its packages are forgotten"
        );
        let record = world.desk.public_advisories(None, 1).await.unwrap()[0].record.clone();
        assert_eq!(world.desk.announce(&record).await.unwrap().notices, 0);
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn packages_given_again_say_what_became_of_it_and_a_later_fix_is_told_anew() {
    on_sqlite(async |world| {
        let stranger = world.actor(Who::Stranger).await;
        let own = watches(&world, &stranger, "server", lock(LOCK)).await;
        let record = |fixed: &str| {
            let events =
                if fixed.is_empty() { String::new() } else { format!(r#", {{"fixed": "{fixed}"}}"#) };
            let text = format!(
                r#"{{"id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z", "affected": [{{
                    "package": {{"ecosystem": "PyPI", "name": "numpy"}},
                    "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}{events}]}}]}}]}}"#
            );
            read_osv(text.as_bytes(), Format::Json, "example").unwrap()
        };
        assert_eq!(world.desk.announce(&record("")).await.unwrap().notices, 1);
        assert_eq!(world.desk.announce(&record("2.1.0")).await.unwrap().notices, 1, "a fix came");
        let states = async || {
            let view = world.desk.subscription_view(&stranger, own).await.unwrap();
            view.notices.iter().map(|notice| notice.notice.state).collect::<Vec<_>>()
        };
        assert_eq!(states().await, [NoticeState::Waiting, NoticeState::Waiting]);
        world.desk.refresh_subscription(&stranger, own, &lock(LOCK)).await.unwrap();
        assert_eq!(states().await, [NoticeState::Waiting, NoticeState::Waiting], "still there");
        let newer = LOCK.replace("2.0.0", "2.1.0");
        world.desk.refresh_subscription(&stranger, own, &lock(&newer)).await.unwrap();
        let after = states().await;
        assert!(after.contains(&NoticeState::Acted), "{after:?}");
        world.end().await;
    });
}

#[test]
fn what_cannot_be_watched_is_refused_with_what_to_do() {
    on_sqlite(async |world| {
        let stranger = world.actor(Who::Stranger).await;
        let refused = async |source: WatchedSource, webhook: Option<&str>| {
            let new = NewSubscription { title: String::new(), source, webhook: webhook.map(str::to_owned) };
            match world.desk.subscribe(&stranger, &key("x"), &new).await {
                Err(UseCaseError::Invalid { field, reason, remedy }) => {
                    assert!(!reason.is_empty() && !remedy.is_empty());
                    field
                }
                other => panic!("{other:?}"),
            }
        };
        let named =
            |names: &[&str]| WatchedSource::Packages(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(refused(named(&["", " "]), None).await, "packages");
        assert_eq!(refused(named(&["pkg:pypi/a@1.0"]), None).await, "packages");
        assert_eq!(refused(lock("not a lockfile ["), None).await, "document");
        let odd = WatchedSource::Document { name: "notes.txt".to_owned(), bytes: b"hello".to_vec() };
        assert_eq!(refused(odd, None).await, "document");
        for address in ["http://hooks.example.org", "https://u:p@hooks.example.org", "nowhere"] {
            assert_eq!(refused(named(&["numpy"]), Some(address)).await, "webhook");
        }
        let nobody = Actor::anonymous();
        let new = NewSubscription { title: String::new(), source: named(&["numpy"]), webhook: None };
        assert!(matches!(
            world.desk.subscribe(&nobody, &key("y"), &new).await,
            Err(UseCaseError::NotSignedIn)
        ));
        let own = watches(&world, &stranger, "mine", named(&["numpy"])).await;
        let other = world.actor(Who::Developer).await;
        assert!(matches!(world.desk.subscription_view(&other, own).await, Err(UseCaseError::NotFound)));
        assert!(matches!(world.desk.end_subscription(&other, own).await, Err(UseCaseError::NotFound)));
        world.end().await;
    });
}

/// A receiver that fails, is away, and then answers; it keeps what it was sent.
#[derive(Debug, Default)]
struct Receiver {
    calls: Mutex<Vec<http::Request<Vec<u8>>>>,
}

impl Web for Receiver {
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Answering<'_, Result<http::Response<Vec<u8>>, WebError>> {
        let mut calls = self.calls.lock().unwrap();
        calls.push(request);
        let number = calls.len();
        Box::pin(async move {
            match number {
                1 => Err(WebError::Unreachable { origin: "https://hooks.example.org".to_owned() }),
                2 => Ok(http::Response::builder().status(500).body(Vec::new()).unwrap()),
                _ => Ok(http::Response::builder().status(204).body(Vec::new()).unwrap()),
            }
        })
    }
}

#[test]
fn a_call_that_fails_is_made_again_under_the_same_id_until_it_is_answered() {
    on_both_engines(async |world| {
        let stranger = world.actor(Who::Stranger).await;
        let new = NewSubscription {
            title: "bot".to_owned(),
            source: lock(LOCK),
            webhook: Some("https://hooks.example.org/security".to_owned()),
        };
        let own = world.desk.subscribe(&stranger, &key("bot"), &new).await.unwrap().id;
        world.published().await;
        world.desk.announce_due().await.unwrap();
        let receiver = Receiver::default();
        for _ in 0..5 {
            world.desk.call_webhooks(&receiver).await.unwrap();
            world.clock.pass(Span::minutes(3));
        }
        let calls = std::mem::take(&mut *receiver.calls.lock().unwrap());
        assert_eq!(calls.len(), 3, "one lost, one refused, one answered");
        let id = |call: &http::Request<Vec<u8>>| call.headers()["webhook-id"].clone();
        assert!(calls.iter().all(|call| id(call) == id(&calls[0])), "the same id each time");
        let body: serde_json::Value = serde_json::from_slice(calls[2].body()).unwrap();
        assert_eq!(body["type"], "advisory.concerns");
        assert_eq!(body["data"]["concerns"][0]["name"], "jupyterlab");
        assert_eq!(body["data"]["concerns"][0]["fixed"][0], "4.2.5");
        let view = world.desk.subscription_view(&stranger, own).await.unwrap();
        assert_eq!(view.notices[0].notice.state, NoticeState::Told);
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn a_mail_that_fails_is_sent_again_and_what_came_meanwhile_goes_with_it() {
    on_sqlite(async |world| {
        let stranger = world.actor(Who::Stranger).await;
        watches(&world, &stranger, "server", lock(LOCK)).await;
        let mailbox = Mailbox::default();
        world.published().await;
        mailbox.fetch(&world.desk).await;
        gathered(&world).await;
        mailbox.fail_with([MailError::Unreachable]);
        assert!(mailbox.fetch(&world.desk).await.is_empty());
        world.clock.pass(Span::minutes(2));
        let mails = mailbox.fetch(&world.desk).await;
        assert_eq!(mails.len(), 1);
        let tried = mailbox.tried();
        let own: Vec<&String> = tried.iter().filter(|id| **id == mails[0].id).collect();
        assert_eq!(own.len(), 2, "the same id: {tried:?}");
        world.clock.pass(Span::hours(1));
        assert!(mailbox.fetch(&world.desk).await.is_empty(), "told once");
        assert_eq!(world.desk.note_silence().await.unwrap(), 0);
        world.clock.pass(Span::days(91));
        assert_eq!(world.desk.note_silence().await.unwrap(), 1);
        assert_eq!(world.desk.note_silence().await.unwrap(), 0, "once");
        let own = world.desk.subscriptions(&stranger).await.unwrap()[0].id;
        let view = world.desk.subscription_view(&stranger, own).await.unwrap();
        assert_eq!(view.notices[0].notice.state, NoticeState::Silent);
        world.end().await;
    });
}

#[test]
fn an_erased_person_is_forgotten_with_what_they_watched() {
    on_sqlite(async |world| {
        let stranger = world.actor(Who::Stranger).await;
        let own = watches(&world, &stranger, "server", lock(LOCK)).await;
        let data = world.desk.export_own_data(&stranger).await.unwrap();
        assert_eq!(data["subscriptions"][0]["title"], "server");
        assert_eq!(data["subscriptions"][0]["packages"].as_array().unwrap().len(), 3);
        world.desk.erase_own_data(&stranger).await.unwrap();
        assert!(world.desk.store().subscription(own).await.unwrap().is_none());
        assert!(world.desk.store().subscribed_to("PyPI", "jupyterlab").await.unwrap().is_empty());
        world.sound().await;
        world.end().await;
    });
}
