//! A mail as a document: headers and MIME parts, made by lettre.

use std::{
    str::FromStr,
    time::{Duration, UNIX_EPOCH},
};

use lettre::{
    Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
};

use crate::{Mail, MailError};

/// Whose name stands in `From`: `Security desk <desk@example.org>`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sender(Mailbox);

/// A text that is no sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is no mail address; write it as `desk@example.org` or `Security desk <desk@example.org>`")]
pub struct SenderError {
    /// The text as given, cut to 200 characters.
    pub input: String,
}

impl FromStr for Sender {
    type Err = SenderError;

    fn from_str(text: &str) -> Result<Self, SenderError> {
        text.parse().map(Self).map_err(|_| SenderError { input: text.chars().take(200).collect() })
    }
}

impl Sender {
    /// The host of its address, on which its Message-IDs stand.
    fn host(&self) -> &str {
        self.0.email.domain()
    }
}

/// A header by its name and text, for those that lettre has no type for.
macro_rules! text_header {
    ($type:ident, $name:literal) => {
        #[derive(Clone)]
        struct $type(String);

        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }
            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }
            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

text_header!(AutoSubmitted, "Auto-Submitted");
text_header!(ListUnsubscribe, "List-Unsubscribe");
text_header!(ListUnsubscribePost, "List-Unsubscribe-Post");

/// Writes a mail. Its address is looked at here, so that no transport is asked in vain.
pub(crate) fn document(mail: &Mail, sender: &Sender) -> Result<Message, MailError> {
    let to: Mailbox = mail.to.parse().map_err(|_| MailError::Address)?;
    // Mail programs show a subject on one line; a break in it would be a header of its own.
    let subject: String =
        mail.subject.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    let micros = u64::try_from(mail.at.as_micros()).map_err(|_| MailError::Document)?;
    let mut message = Message::builder()
        .message_id(Some(format!("<{}@{}>", mail.id, sender.host())))
        .date(UNIX_EPOCH + Duration::from_micros(micros))
        .from(sender.0.clone())
        .to(to)
        .subject(subject)
        // RFC 3834: no robot answers a robot.
        .header(AutoSubmitted("auto-generated".to_owned()));
    if let Some(unsubscribe) = &mail.unsubscribe {
        // RFC 2369 and RFC 8058: a button in the mail program, which posts without opening a page.
        message = message
            .header(ListUnsubscribe(format!("<{}>", unsubscribe.address)))
            .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    let written = match &mail.html {
        Some(html) => message.multipart(MultiPart::alternative_plain_html(mail.text.clone(), html.clone())),
        None => message.singlepart(SinglePart::plain(mail.text.clone())),
    };
    written.map_err(|_| MailError::Document)
}
