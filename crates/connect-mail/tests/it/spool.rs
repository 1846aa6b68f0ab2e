//! Mails as files, read back by a reader that we did not write.

use bastide_connect_mail::{Mail, MailError, MailSink as _, Sender, Spool, Unsubscribe};
use bastide_model::time::Instant;
use mail_parser::{HeaderValue, MessageParser};
use proptest::prelude::*;

fn sender() -> Sender {
    "Security desk <desk@example.org>".parse().unwrap()
}

fn at() -> Instant {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

async fn written(mail: &Mail) -> Result<Vec<u8>, MailError> {
    let directory = tempfile::tempdir().unwrap();
    Spool::new(directory.path().join("spool"), sender()).send(mail).await?;
    Ok(std::fs::read(directory.path().join("spool").join(format!("{}.eml", mail.id))).unwrap())
}

#[tokio::test]
async fn a_mail_reads_back_with_both_parts_and_a_button_to_unsubscribe() {
    let mut mail = Mail::plain("msg-1", at(), "reader@example.net", "numpy: müssen Sie etwas tun?", "Ja.\n");
    mail.html = Some("<p>Ja.</p>".to_owned());
    mail.unsubscribe =
        Some(Unsubscribe { address: format!("https://desk.example.org/unsubscribe/{}", "s".repeat(90)) });
    let bytes = written(&mail).await.unwrap();
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.message_id(), Some("msg-1@example.org"));
    assert_eq!(read.subject(), Some("numpy: müssen Sie etwas tun?"));
    assert_eq!(read.date().unwrap().to_rfc3339(), "2026-11-20T12:00:00Z");
    assert_eq!(read.from().unwrap().first().unwrap().address(), Some("desk@example.org"));
    assert_eq!(read.to().unwrap().first().unwrap().address(), Some("reader@example.net"));
    assert_eq!(read.body_text(0).unwrap().trim(), "Ja.");
    assert_eq!(read.body_html(0).unwrap().trim(), "<p>Ja.</p>");
    assert_eq!(read.header("Auto-Submitted").and_then(HeaderValue::as_text), Some("auto-generated"));
    let text = String::from_utf8(bytes).unwrap();
    let unfolded = text.replace("\r\n ", " ").replace("\r\n\t", " ");
    let address = format!("List-Unsubscribe: <https://desk.example.org/unsubscribe/{}>", "s".repeat(90));
    assert!(unfolded.replace(":  <", ": <").contains(&address), "{unfolded}");
    assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
}

#[tokio::test]
async fn an_address_that_is_none_is_a_final_refusal_without_the_address() {
    for address in ["", "nobody", "a@b@c", "a\r\nBcc: all@example.org", "a b@example.org"] {
        let error = written(&Mail::plain("msg-1", at(), address, "s", "t")).await.unwrap_err();
        assert!(error.is_final(), "{address:?}");
        assert_eq!(error.to_string(), "the recipient's address cannot receive mail");
    }
}

#[tokio::test]
async fn a_spool_that_cannot_be_written_is_tried_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let spool = Spool::new(file.path().join("spool"), sender());
    let error = spool.send(&Mail::plain("msg-1", at(), "a@example.org", "s", "t")).await.unwrap_err();
    assert!(matches!(error, MailError::Spool { .. }) && !error.is_final(), "{error}");
}

proptest! {
    /// Whatever stands in subject and text, no header comes of it and nothing of it is lost.
    #[test]
    fn no_text_becomes_a_header(subject in "\\PC{0,120}", text in "[\\PC\r\n]{0,300}") {
        let subject = format!("x{subject}\r\nBcc: all@example.org\r\n\r\nx");
        let mail = Mail::plain("msg-1", at(), "reader@example.net", subject, text.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let bytes = runtime.block_on(written(&mail)).unwrap();
        let read = MessageParser::default().parse(&bytes).unwrap();
        prop_assert!(read.bcc().is_none());
        let names: Vec<_> = read.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect();
        for name in &names {
            let known = ["message-id", "date", "from", "to", "subject", "auto-submitted", "mime-version", "content-type",
                "content-transfer-encoding"];
            prop_assert!(known.contains(&name.as_str()), "{name}");
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&read.body_text(0).unwrap_or_default()), words(&text));
    }
}
