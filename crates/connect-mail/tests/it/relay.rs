//! Mails to a mail server that we did not write, which refuses, fails and lies.

use std::path::Path;

use bastide_connect_mail::{Mail, MailError, MailSink as _, Sender, Smtp, SmtpServer};
use bastide_model::time::Instant;
use bastide_testkit::judge::smtp::MailServer;
use mail_parser::MessageParser;

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn mail(id: &str) -> Mail {
    let at: Instant = "2026-11-20T12:00:00Z".parse().unwrap();
    Mail::plain(id, at, "reader@example.net", "There is news for you", "Read on here.\n.\n..\nThe end.\n")
}

fn relay(server: &str, user: Option<(&str, &str)>) -> Smtp {
    let sender: Sender = "Security desk <desk@example.org>".parse().unwrap();
    let user = user.map(|(name, password)| (name.to_owned(), password.to_owned()));
    Smtp::new(&server.parse::<SmtpServer>().unwrap(), sender, user).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_whole_under_its_id() {
    let Some(mut server) = MailServer::start(target(), false) else { return };
    let relay = relay(&format!("smtp://localhost:{}", server.port), Some(("desk", "correct horse")));
    relay.send(&mail("msg-1")).await.unwrap();
    relay.send(&mail("msg-2")).await.unwrap();
    let taken = server.fetch();
    assert_eq!(taken.len(), 2);
    assert_eq!((taken[0].from.as_str(), taken[0].user.as_deref()), ("desk@example.org", Some("desk")));
    assert_eq!(taken[0].to, ["reader@example.net"]);
    let read = MessageParser::default().parse(&taken[0].content).unwrap();
    assert_eq!(read.message_id(), Some("msg-1@example.org"));
    // Lines of single dots end a mail in SMTP; they have to be doubled on the way and are whole again at its end.
    let text = read.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), "Read on here.\n.\n..\nThe end.");
}

#[tokio::test]
async fn what_the_server_says_decides_whether_to_try_again() {
    let Some(mut server) = MailServer::start(target(), false) else { return };
    let relay = relay(&format!("smtp://127.0.0.1:{}", server.port), None);
    server.plan(&[
        "451 4.3.0 <reader@example.net> busy",
        "554 5.7.1 no",
        "rcpt 550 5.1.1 <reader@example.net> nobody",
        "drop",
    ]);
    let mut said = Vec::new();
    for _ in 0..5 {
        said.push(relay.send(&mail("msg-1")).await);
    }
    assert_eq!(
        said,
        [
            Err(MailError::NotNow { code: 451 }),
            Err(MailError::Refused { code: 554 }),
            Err(MailError::Refused { code: 550 }),
            Err(MailError::Unreachable),
            Ok(()),
        ]
    );
    assert!(said.iter().filter_map(|said| said.as_ref().err()).all(|error| !error.to_string().contains('@')));
    // Taken and not answered: it comes again, under the same id.
    let ids: Vec<_> = server
        .fetch()
        .iter()
        .map(|mail| MessageParser::default().parse(&mail.content).unwrap().message_id().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["msg-1@example.org", "msg-1@example.org"]);
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_gets_nothing() {
    let Some(mut server) = MailServer::start(target(), true) else { return };
    let relay = relay(&format!("smtps://localhost:{}", server.port), Some(("desk", "correct horse")));
    let error = relay.send(&mail("msg-1")).await.unwrap_err();
    assert_eq!(error, MailError::Unsafe);
    assert!(server.fetch().is_empty());
}

#[tokio::test]
async fn where_nobody_listens_it_is_tried_again() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = relay(&format!("smtp://127.0.0.1:{port}"), None).send(&mail("msg-1")).await.unwrap_err();
    assert_eq!(error, MailError::Unreachable);
    assert!(!error.is_final());
}

#[test]
fn an_address_of_a_server_says_how_it_is_spoken_to() {
    for (text, shown) in [
        ("smtps://mail.example.org", "smtps://mail.example.org:465"),
        ("smtp://Mail.Example.org", "smtp://mail.example.org:587"),
        ("smtp://mail.example.org:2525/", "smtp://mail.example.org:2525"),
        ("smtp://localhost", "smtp://localhost:25"),
        ("smtp://[::1]:2525", "smtp://[::1]:2525"),
    ] {
        assert_eq!(text.parse::<SmtpServer>().unwrap().to_string(), shown);
    }
    for text in [
        "",
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://user:secret@mail.example.org",
        "smtp://mail.example.org/x",
        "smtps://mail.example.org?tls=none",
    ] {
        let error = text.parse::<SmtpServer>().unwrap_err().to_string();
        assert!(error.contains("write it as") && !error.contains("secret"), "{text}: {error}");
    }
}
