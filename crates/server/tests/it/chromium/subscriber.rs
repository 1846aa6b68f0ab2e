//! Somebody downstream: gives a lockfile, gets one mail that says what to do, follows it, and ends it by one click.

use bastide_model::{party::Identity, time::Span};
use bastide_usecases::{NewPerson, NewSubscription, WatchedSource};

use super::Served;
use crate::mailbox::{Fetch as _, Mailbox};

/// A lockfile in which notebook brings in an affected jupyterlab.
pub(super) const LOCK: &str = r#"version = 1

[[package]]
name = "course"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "notebook" }]

[[package]]
name = "notebook"
version = "7.2.1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "jupyterlab" }]

[[package]]
name = "jupyterlab"
version = "4.2.4"
source = { registry = "https://pypi.org/simple" }
"#;

/// The lockfile as a subscription.
pub(super) fn watching() -> NewSubscription {
    let source = WatchedSource::Document { name: "uv.lock".to_owned(), bytes: LOCK.as_bytes().to_vec() };
    NewSubscription { title: "Our teaching server".to_owned(), source, webhook: None }
}

/// Proves: O04.
#[tokio::test]
async fn whoever_gave_a_lockfile_gets_one_mail_follows_it_to_the_path_and_unsubscribes_by_one_click() {
    let served = Served::open(None).await;
    let Some(browser) = served.browser(true).await else { return };
    let site = &served.site;
    let identities = vec![Identity::Mail { address: "teacher-a@example.org".to_owned() }];
    let teacher = NewPerson { name: "teacher-a".to_owned(), identities };
    let teacher = site.desk.add_person(teacher).await.unwrap();
    served.sign_in(&browser, teacher).await;

    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("uv.lock"), LOCK).unwrap();
    browser.go("/account").await;
    browser.follow("What you watch").await;
    browser.must_show("You watch nothing yet.").await;
    served.must_be_sound(&browser).await;
    browser.fill("do-watch", "title", "Our teaching server").await;
    browser.fill("do-watch", "document", &place.path().join("uv.lock").to_string_lossy()).await;
    browser.picture("reader-3-watch", "main").await;
    browser.send("do-watch").await;
    browser.must_show("Done: it is watched from now on.").await;
    browser.must_show("course \u{2192} notebook \u{2192} jupyterlab").await;
    served.must_be_sound(&browser).await;

    let mailbox = Mailbox::default();
    mailbox.fetch(&site.desk).await;
    let (case, _) = served.reported().await;
    served.accepted(&case).await;
    served.mended(&case, "CVE-2026-12345").await;
    served.drafted(&case, "CVE-2026-12345").await;
    served.approved(&site.developer, &case).await;
    site.desk.announce_due().await.unwrap();
    let to_teacher = |mails: Vec<bastide_connect_mail::Mail>| {
        mails.into_iter().filter(|mail| mail.to.starts_with("teacher-a")).collect::<Vec<_>>()
    };
    assert!(to_teacher(mailbox.fetch(&site.desk).await).is_empty(), "nothing before its day");
    served.closed(&case).await;
    site.desk.announce_due().await.unwrap();
    site.clock.pass(Span::minutes(5));
    let mails = to_teacher(mailbox.fetch(&site.desk).await);
    let [mail] = mails.as_slice() else { panic!("one mail: {mails:?}") };
    assert!(mail.text.contains("uv add 'jupyterlab>=4.2.5'"), "{}", mail.text);

    // Days have passed, and with them the session.
    served.sign_in(&browser, teacher).await;
    let link = mail.text.lines().find(|line| line.contains("/account/subscriptions/")).unwrap();
    browser.go(link.strip_prefix(&served.origin).unwrap()).await;
    browser.must_show("course \u{2192} notebook \u{2192} jupyterlab").await;
    browser.must_show("python -m pip install --upgrade 'jupyterlab>=4.2.5'").await;
    browser.must_show("to do").await;
    browser.picture("reader-4-concerned", "main").await;
    served.must_be_sound(&browser).await;

    // The link in a browser asks; the mail program's own click, which has no browser, ends it (RFC 8058).
    let address = &mail.unsubscribe.as_ref().unwrap().address;
    let path = address.strip_prefix(&served.origin).unwrap();
    browser.go(path).await;
    browser.must_show("Send me no more of these").await;
    served.must_be_sound(&browser).await;
    browser.go("/account/subscriptions").await;
    browser.must_show("Our teaching server").await;
    let clicked = one_click(&served.origin, path).await;
    assert!(clicked.starts_with("HTTP/1.1 200"), "{clicked}");
    browser.go("/account/subscriptions").await;
    browser.must_show("You watch nothing yet.").await;
    browser.go(path).await;
    browser.must_show("Nothing is watched under this link any more").await;
}

/// What a mail program sends.
async fn one_click(origin: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = origin.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let body = "List-Unsubscribe=One-Click";
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
