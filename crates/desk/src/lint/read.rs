//! Reading a report from a text file or a mail.
//!
//! **Text.** Header lines at the top, `Key: value`, as many as there are; then the description. A key may also be a
//! heading (`## Tested versions`), whose answer is what follows up to the next heading. Keys, in any case, with
//! spaces or dashes: `Title`, `Product`, `Tested versions`, `Platform`, `Threat model`, `Cites`, `Real world`,
//! `Realistic`, `Launch conditions`, `Availability`, `Input size`, `Use case`, `Reasonable input`, `Posture`
//! (upward or lateral), `Dependency`, `Fixed on main`, `Experimental`, `Platform dependent`, `Verified`, `Attack
//! vector`, `Freely executes`, `Escapes sandbox`, `Batch`, `Found with LLM`, `Proof of concept`, `Patch`, `Credit`,
//! `Credit consent`, `Contact`. Yes-or-no keys take `yes` or `no`. Versions are written `3.12.4 vulnerable, 3.13.0 not
//! vulnerable`, separated by commas or lines. Anything else is the description.
//!
//! What was read as an answer leaves empty lines behind, so that line numbers are those of the file.
//!
//! **Mail.** Subject, text body (read as above) and attachments; the sender is the contact. An HTML-only mail is read
//! as the text of its HTML.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use super::draft::{Attachment, Credit, Posture, ReportDraft, TestedVersion};

/// The largest report that is read, in bytes. A policy may ask for less (`lint.report-bytes`).
pub const MAXIMUM_BYTES: usize = 10 * 1024 * 1024;
/// The most parts of a mail that are read.
const MOST_PARTS: usize = 200;
/// The deepest nesting of a mail's parts that is read.
const DEEPEST_NESTING: usize = 8;
/// The most tested versions that are read.
const MOST_VERSIONS: usize = 200;

/// In which form a report comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text file or standard input.
    Text,
    /// A mail as it came over the wire.
    Mail,
}

/// Why a report could not be read. The text of the report is never part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More bytes than are read.
    #[error("the report has {bytes} bytes; at most {most} are read: send a link or a smaller example")]
    TooLarge {
        /// The report's bytes.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// Bytes that are no UTF-8.
    #[error("the report is not UTF-8 text: byte {offset} on line {line} cannot be read; save it as UTF-8")]
    NotUtf8 {
        /// The first bad byte, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// A mail without a header that a mail has.
    #[error(
        "this is not a mail: it has no header; give it as text, or save the whole message with its headers"
    )]
    NoMail,
    /// A mail whose structure contradicts itself.
    #[error("the mail's structure cannot be read; send the text by itself")]
    Broken,
    /// More parts than are read.
    #[error("the mail has more than {most} parts; send fewer attachments")]
    TooManyParts {
        /// The limit.
        most: usize,
    },
    /// Parts in parts in parts.
    #[error(
        "the mail's parts are nested more than {most} deep; send the message itself, not forwards of forwards"
    )]
    TooDeep {
        /// The limit.
        most: usize,
    },
}

impl ReportDraft {
    /// Reads a report from bytes. Never panics; what is read is bounded in size, parts and depth.
    pub fn from_text(bytes: &[u8], kind: Kind) -> Result<Self, ReadError> {
        read(bytes, kind)
    }
}

pub(super) fn read(bytes: &[u8], kind: Kind) -> Result<ReportDraft, ReadError> {
    if bytes.len() > MAXIMUM_BYTES {
        return Err(ReadError::TooLarge { bytes: bytes.len(), most: MAXIMUM_BYTES });
    }
    match kind {
        Kind::Text => {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let offset = error.valid_up_to();
                let line = bytes[..offset].split(|byte| *byte == b'\n').count();
                ReadError::NotUtf8 { offset, line }
            })?;
            Ok(read_text(text.strip_prefix('\u{feff}').unwrap_or(text)))
        }
        Kind::Mail => read_mail(bytes),
    }
}

/// Which answer a key names.
fn set(draft: &mut ReportDraft, key: &str, value: &str) -> bool {
    let key: String = key.trim().to_ascii_lowercase().replace(['-', '_'], " ");
    let value = value.trim();
    let text = || (!value.is_empty()).then(|| value.to_owned());
    let answers = &mut draft.answers;
    match key.as_str() {
        "title" => value.clone_into(&mut draft.title),
        "product" | "package" => draft.product = text(),
        "tested versions" | "versions tested" | "versions" => draft.tested_versions = versions(value),
        "platform" => draft.platform = text(),
        "threat model" => answers.threat_model = text(),
        "cites" => answers.cites = text(),
        "real world" => answers.real_world = text(),
        "realistic" => answers.realistic = flag(value),
        "launch conditions" => answers.launch_conditions = flag(value),
        "availability" => answers.availability = flag(value),
        "input size" => answers.input_size = text(),
        "use case" => answers.use_case = text(),
        "reasonable input" => answers.reasonable_input = flag(value),
        "posture" => {
            answers.posture = match value.to_ascii_lowercase().as_str() {
                "upward" => Some(Posture::Upward),
                "lateral" => Some(Posture::Lateral),
                _ => None,
            };
        }
        "dependency" => answers.dependency = text().filter(|name| flag(name) != Some(false)),
        "fixed on main" => answers.fixed_on_main = flag(value),
        "experimental" => answers.experimental = flag(value),
        "platform dependent" => answers.platform_dependent = flag(value),
        "verified" => answers.verified = flag(value) == Some(true),
        "attack vector" => answers.attack_vector = text(),
        "freely executes" => answers.freely_executes = flag(value),
        "escapes sandbox" => answers.escapes_sandbox = flag(value),
        "batch" => draft.batch = flag(value) == Some(true),
        "found with llm" | "llm" => draft.found_with_llm = flag(value) == Some(true),
        "proof of concept" | "poc" => draft.proof_of_concept = text(),
        "patch" => draft.patch = text(),
        "contact" => draft.contact = text(),
        "credit" => {
            let known = draft.credit.take();
            let consent = known.as_ref().is_some_and(|credit| credit.consent);
            let link = known.and_then(|credit| credit.link);
            draft.credit = text().map(|name| Credit { name, consent, link });
        }
        "credit consent" => {
            let (name, link) = named(draft.credit.take());
            draft.credit = Some(Credit { name, consent: flag(value) == Some(true), link });
        }
        "credit link" => {
            let consent = draft.credit.as_ref().is_some_and(|credit| credit.consent);
            let (name, _) = named(draft.credit.take());
            draft.credit = Some(Credit { name, consent, link: text() });
        }
        _ => return false,
    }
    true
}

/// The name and link of a credit of which a part was read already.
fn named(known: Option<Credit>) -> (String, Option<String>) {
    known.map(|credit| (credit.name, credit.link)).unwrap_or_default()
}

fn flag(value: &str) -> Option<bool> {
    let word = value.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" | "y" => Some(true),
        "no" | "false" | "n" | "none" => Some(false),
        _ => None,
    }
}

/// `3.12.4 vulnerable, 3.13.0 not vulnerable`; a version without a word counts as vulnerable: it is in a report.
fn versions(value: &str) -> Vec<TestedVersion> {
    let entry = |part: &str| {
        let part = part.trim().trim_start_matches(['-', '*']).trim();
        let (version, rest) = part.split_once([' ', ':', '\t']).unwrap_or((part, ""));
        let rest = rest.to_ascii_lowercase();
        let safe = ["not", "no", "fixed", "unaffected", "safe", "patched"];
        let vulnerable =
            !rest.split(|character: char| !character.is_alphanumeric()).any(|word| safe.contains(&word));
        (!version.is_empty()).then(|| TestedVersion { version: version.to_owned(), vulnerable })
    };
    value.split([',', ';', '\n']).filter_map(entry).take(MOST_VERSIONS).collect()
}

/// Reads the text form. Every text is a report; the worst that can be missing is answers.
fn read_text(text: &str) -> ReportDraft {
    let mut draft = ReportDraft::default();
    let mut lines: Vec<&str> = text.lines().collect();
    let headed = read_headers(&mut draft, &mut lines);
    read_sections(&mut draft, &mut lines[headed..]);
    lines.join("\n").trim_end().clone_into(&mut draft.body);
    if draft.title.is_empty() {
        let first = draft.body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        draft.title = first.trim_start_matches('#').trim().chars().take(200).collect();
    }
    draft
}

/// Reads header lines at the top and empties them; returns how many lines they took.
fn read_headers(draft: &mut ReportDraft, lines: &mut [&str]) -> usize {
    let mut at = 0;
    while let Some((key, value)) = lines.get(at).and_then(|line| line.split_once(':')) {
        let mut folded = value.to_owned();
        let mut next = at + 1;
        while let Some(line) =
            lines.get(next).filter(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty())
        {
            folded.push('\n');
            folded.push_str(line.trim());
            next += 1;
        }
        if !set(draft, key, &folded) {
            break;
        }
        lines[at..next].fill("");
        at = next;
    }
    at
}

/// Reads sections whose heading is a key and empties them. Headings in code are left alone.
fn read_sections(draft: &mut ReportDraft, lines: &mut [&str]) {
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut fenced = false;
    for (index, line) in lines.iter().enumerate() {
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
        } else if !fenced && bare.starts_with('#') {
            let heading = bare.trim_start_matches('#').trim().trim_end_matches(':').to_owned();
            headings.push((index, heading));
        }
    }
    for (position, (start, heading)) in headings.iter().enumerate() {
        let end = headings.get(position + 1).map_or(lines.len(), |(next, _)| *next);
        let answer = lines[start + 1..end].join("\n");
        if set(draft, heading, &answer) {
            lines[*start..end].fill("");
        }
    }
}

fn read_mail(bytes: &[u8]) -> Result<ReportDraft, ReadError> {
    // The parser nests a message for each part that is one, and takes such a tree apart by recursion. Every part that
    // is more than plain text needs this header, so counting it first bounds breadth and depth before any is built.
    if count_ignoring_case(bytes, b"content-type") > MOST_PARTS {
        return Err(ReadError::TooManyParts { most: MOST_PARTS });
    }
    // The parser promises not to panic, and a property test found it breaking that promise once. A hostile mail must
    // not take the caller down, so the promise is held for it.
    let parsed = std::panic::catch_unwind(|| MessageParser::default().parse(bytes));
    let message = parsed.map_err(|_| ReadError::Broken)?.ok_or(ReadError::NoMail)?;
    if message.subject().is_none() && message.from().is_none() {
        return Err(ReadError::NoMail);
    }
    if message.parts.len() > MOST_PARTS {
        return Err(ReadError::TooManyParts { most: MOST_PARTS });
    }
    if depth(&message, 0, DEEPEST_NESTING) > DEEPEST_NESTING {
        return Err(ReadError::TooDeep { most: DEEPEST_NESTING });
    }
    let bodies: Vec<_> =
        (0..message.text_body_count()).filter_map(|index| message.body_text(index)).collect();
    let mut draft = read_text(&bodies.join("\n"));
    if let Some(subject) = message.subject() {
        draft.title = subject.chars().take(500).collect();
    }
    let sender = message.from().and_then(|from| from.first()).and_then(|from| from.address());
    draft.contact = draft.contact.or_else(|| sender.map(|address| address.chars().take(254).collect()));
    draft.attachments = message
        .attachments()
        .map(|part| Attachment {
            name: part.attachment_name().unwrap_or("unnamed").chars().take(200).collect(),
            bytes: raw(&message, part),
        })
        .collect();
    Ok(draft)
}

/// The bytes of an attachment. A text part is given as it was sent, because its decoded form hides bad bytes.
fn raw(message: &Message<'_>, part: &mail_parser::MessagePart<'_>) -> Vec<u8> {
    match &part.body {
        PartType::Text(_) | PartType::Html(_) if part.encoding == mail_parser::Encoding::None => {
            let range = part.offset_body as usize..part.offset_end as usize;
            message.raw_message.get(range).unwrap_or_default().to_vec()
        }
        _ => part.contents().to_vec(),
    }
}

/// How deep parts are nested; stops looking below `most`.
fn depth(message: &Message<'_>, above: usize, most: usize) -> usize {
    if above > most {
        return above;
    }
    let multiparts = message.parts.iter().map(|part| match &part.body {
        PartType::Message(inner) => depth(inner, above + 1, most),
        PartType::Multipart(_) => above + 1,
        _ => above,
    });
    let nested = message.parts.iter().filter(|part| matches!(part.body, PartType::Multipart(_))).count();
    // Multiparts lie in each other or beside each other; both are bounded alike.
    multiparts.max().unwrap_or(above).max(above + nested)
}

fn count_ignoring_case(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).filter(|window| window.eq_ignore_ascii_case(needle)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_gives_its_answers_and_keeps_its_line_numbers() {
        let text = "Title: A crash\nTested versions: 3.12.4 vulnerable,\n  3.13.0 not vulnerable\nLaunch conditions: no\n\n\
                    It crashes.\n\n## Use case\nSmall files\nfrom users\n\n## Notes\nMore.\n";
        let draft = ReportDraft::from_text(text.as_bytes(), Kind::Text).unwrap();
        assert_eq!(draft.title, "A crash");
        assert_eq!(draft.vulnerable_versions(), ["3.12.4"]);
        assert_eq!(draft.tested_versions.len(), 2);
        assert_eq!(draft.answers.launch_conditions, Some(false));
        assert_eq!(draft.answers.use_case.as_deref(), Some("Small files\nfrom users"));
        assert_eq!(draft.body.lines().nth(5), Some("It crashes."));
        assert_eq!(draft.body.lines().nth(11), Some("## Notes"));
    }

    /// Proves: J01.
    #[test]
    fn a_mail_gives_subject_body_sender_and_attachments() {
        let mail = concat!(
            "From: Reporter <reporter-a@example.org>\r\nSubject: A =?utf-8?q?cr=C3=A4sh?=\r\nMIME-Version: 1.0\r\n",
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n",
            "Tested versions: 4.2.5\r\n\r\nIt crashes.\r\n--x\r\nContent-Type: text/plain; name=poc.py\r\n",
            "Content-Disposition: attachment; filename=poc.py\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjc=\r\n--x--\r\n"
        );
        let draft = ReportDraft::from_text(mail.as_bytes(), Kind::Mail).unwrap();
        assert_eq!(draft.title, "A cräsh");
        assert_eq!(draft.contact.as_deref(), Some("reporter-a@example.org"));
        assert_eq!(draft.vulnerable_versions(), ["4.2.5"]);
        assert_eq!(draft.attachments.len(), 1);
        assert_eq!(draft.attachments[0].name, "poc.py");
        assert_eq!(draft.attachments[0].bytes, b"%PDF-1.7");
    }

    #[test]
    fn bad_input_gets_a_clear_error() {
        let read = ReportDraft::from_text;
        let large = vec![b'a'; MAXIMUM_BYTES + 1];
        assert!(matches!(read(&large, Kind::Text), Err(ReadError::TooLarge { .. })));
        assert_eq!(read(b"good\nbad \xff", Kind::Text), Err(ReadError::NotUtf8 { offset: 9, line: 2 }));
        assert_eq!(read(b"", Kind::Mail), Err(ReadError::NoMail));
        let nested = "Content-Type: message/rfc822\n\n".repeat(100) + "Subject: x\n\nx";
        let nested = format!("From: a@example.org\nSubject: deep\n{nested}");
        assert_eq!(read(nested.as_bytes(), Kind::Mail), Err(ReadError::TooDeep { most: DEEPEST_NESTING }));
        let many = "Content-Type: message/rfc822\n\n".repeat(100_000);
        assert!(matches!(read(many.as_bytes(), Kind::Mail), Err(ReadError::TooManyParts { .. })));
        let parts = "--x\n\nhello\n".repeat(1000);
        let parts = format!("Subject: x\nContent-Type: multipart/mixed; boundary=x\n\n{parts}--x--\n");
        assert!(matches!(read(parts.as_bytes(), Kind::Mail), Err(ReadError::TooManyParts { .. })));
    }

    #[test]
    fn an_error_and_a_debug_form_never_show_the_report() {
        let error = read(b"the secret \xff", Kind::Text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
        let draft = read(b"Title: the secret\nAttack vector: secret\n\nsecret", Kind::Text).unwrap();
        assert!(!format!("{draft:?} {:?}", draft.answers).contains("secret"));
        let severe = read(b"Severity: critical\n\nThe secret: severity is critical.", Kind::Text).unwrap();
        let report = super::super::Linter::for_builtin("cpython")
            .unwrap()
            .lint(&severe, bastide_model::time::Instant::EPOCH);
        let shown = format!("{report:?}");
        assert!(
            shown.contains("REP-P20") && !shown.contains("critical") && !shown.contains("secret"),
            "{shown}"
        );
    }

    proptest! {
        #[test]
        fn random_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read(&bytes, Kind::Text);
            let _ = read(&bytes, Kind::Mail);
        }

        #[test]
        fn mail_like_bytes_are_read_or_refused_without_a_panic(
            pieces in proptest::collection::vec(prop_oneof![
                Just("From: a@example.org\r\n".to_owned()),
                Just("Subject: x\r\n".to_owned()),
                Just("Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_owned()),
                Just("Content-Type: message/rfc822\r\n\r\n".to_owned()),
                Just("Content-Transfer-Encoding: base64\r\n".to_owned()),
                Just("--b\r\n".to_owned()),
                Just("--b--\r\n".to_owned()),
                Just("\r\n".to_owned()),
                "\\PC{0,40}\r\n",
            ], 0..40)
        ) {
            let mail = pieces.concat();
            if let Ok(draft) = read(mail.as_bytes(), Kind::Mail) {
                prop_assert!(draft.attachments.len() <= MOST_PARTS);
            }
        }
    }
}
