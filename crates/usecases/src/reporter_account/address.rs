//! A mail address that a link may go to: one mailbox, in the plain form that every mail program reads the same way.

use std::fmt;

use crate::UseCaseError;

/// The longest address (RFC 5321).
const LONGEST: usize = 254;
/// The longest part before the `@`.
const LONGEST_LOCAL: usize = 64;

/// One mailbox. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct MailAddress(String);

impl MailAddress {
    /// Reads an address as people type it. Quoted names, comments, lists and lines that go on are refused: whoever could
    /// write a comma into the header of a mail would add recipients.
    pub(crate) fn read(text: &str) -> Result<Self, UseCaseError> {
        let text = text.trim();
        let good = text.len() <= LONGEST
            && text.rsplit_once('@').is_some_and(|(local, domain)| {
                local_part(local) && domain.contains('.') && domain.split('.').all(label)
            });
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err(UseCaseError::invalid(
            "address",
            "this is not a mail address that the desk can write to",
            "Give one address such as name@example.org, without a name around it.",
        ))
    }

    /// The address as it was typed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

fn local_part(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&byte);
    (1..=LONGEST_LOCAL).contains(&text.len())
        && text.bytes().all(allowed)
        && !text.starts_with(['.', '-'])
        && !text.ends_with('.')
        && !text.contains("..")
}

fn label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::MailAddress;

    #[test]
    fn one_mailbox_is_read_and_nothing_that_could_become_two() {
        for good in [
            "a@example.org",
            "first.last+desk@mail.example.org",
            " a@b.example ",
            "o'x@xn--bcher-kva.example",
        ] {
            assert!(MailAddress::read(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "@",
            "a@",
            "@b.example",
            "a@b",
            "a b@c.example",
            "a@b.example, c@d.example",
            "a@b.example;c@d.example",
            "<a@b.example>",
            "A <a@b.example>",
            "a@b.example\r\nBcc: c@d.example",
            "a@b.example\n",
            "\"a b\"@c.example",
            "a@[127.0.0.1]",
            "a@-b.example",
            "a@b-.example",
            "a@b..example",
            ".a@b.example",
            "a.@b.example",
            "a..b@c.example",
            "-oQ@b.example",
            "a@b@c.example,",
            "ä@b.example",
            "a@bücher.example",
            "a@b.example\0",
            &long,
        ] {
            // Space around an address is no part of it.
            assert!(
                MailAddress::read(bad).is_err() || bad.trim() != bad && bad.trim() == "a@b.example",
                "{bad:?}"
            );
        }
    }
}
