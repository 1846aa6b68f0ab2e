//! A form as browsers send it, with files or without.

use axum::http::{HeaderMap, header};
use bastide_desk::lint::Attachment;
use bastide_pages::{
    desk::{ReportValues, report_form::field},
    part::{self, FindingNote},
};
use bastide_usecases::UseCaseError;

use super::finding;

/// The most parts of a form.
const PARTS: usize = 1000;

/// The longest name of a file that is kept, in characters.
const NAME: usize = 200;

/// What a form sent.
#[derive(Default)]
pub(super) struct Sent {
    /// Its fields, in order.
    pub(super) pairs: Vec<(String, String)>,
    /// Its files, byte for byte.
    pub(super) files: Vec<Attachment>,
}

impl Sent {
    /// The value of a field; of several with one name the last, empty where there is none.
    pub(super) fn value(&self, name: &str) -> String {
        let named = self.pairs.iter().rev().find(|(key, _)| key == name);
        named.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// Reads the body of a form, whichever of the two ways it was sent in. The request's own limit bounds its bytes.
pub(super) async fn read(headers: &HeaderMap, body: &[u8]) -> Result<Sent, UseCaseError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(boundary) = multer::parse_boundary(kind) else {
        let pairs = serde_urlencoded::from_bytes(body).map_err(|_| unreadable())?;
        return Ok(Sent { pairs, files: Vec::new() });
    };
    let mut form = multer::Multipart::with_reader(body, boundary);
    let mut sent = Sent::default();
    for _ in 0..PARTS {
        let Some(part) = form.next_field().await.map_err(|_| unreadable())? else { return Ok(sent) };
        let Some(name) = part.name().map(str::to_owned) else { continue };
        if let Some(file) = part.file_name().map(plain_name) {
            let bytes = part.bytes().await.map_err(|_| unreadable())?.to_vec();
            // A control without a chosen file sends a part without name and bytes.
            if !(file.is_empty() && bytes.is_empty()) {
                sent.files.push(Attachment { name: file, bytes });
            }
            continue;
        }
        let bytes = part.bytes().await.map_err(|_| unreadable())?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| unreadable())?;
        sent.pairs.push((name, text));
    }
    Err(unreadable())
}

fn unreadable() -> UseCaseError {
    UseCaseError::Invalid {
        field: "form".to_owned(),
        reason: "it is not a form as browsers send it, in UTF-8".to_owned(),
        remedy: "Fill in the page's form and send that.".to_owned(),
    }
}

/// A file's name without directories and control characters: it is shown and never used as a path.
fn plain_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|symbol| !symbol.is_control()).take(NAME).collect()
}

/// A form is shown again: what came as a file stands in it as pasted text, because a browser does not choose files by
/// itself; what is no text cannot, and its sender is told.
pub(super) fn pasted(mut values: ReportValues, files: Vec<Attachment>) -> (ReportValues, Vec<FindingNote>) {
    let mut lost = Vec::new();
    for file in files {
        match String::from_utf8(file.bytes) {
            Ok(text) if !text.contains('\0') => {
                let row = part::Attachment { name: file.name.into(), text: text.into() };
                match values.attachments.iter_mut().find(|known| known.text.is_empty()) {
                    Some(empty) => *empty = row,
                    None => values.attachments.push(row),
                }
            }
            _ => lost.push(finding::at_field(
                "P23",
                field::ATTACHMENTS,
                &format!("The file {} is no plain text.", file.name),
                "Only text can be looked at safely. Paste the script that makes the file, or describe it.",
            )),
        }
    }
    (values, lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(kind: &'static str, body: &[u8]) -> Result<Sent, UseCaseError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        read(&headers, body).await
    }

    #[tokio::test]
    async fn fields_and_files_are_read_whichever_way_a_form_was_sent() {
        let plain = sent("application/x-www-form-urlencoded", b"title=A+%26+B&title=C").await.unwrap();
        assert_eq!(plain.pairs, [("title".into(), "A & B".into()), ("title".into(), "C".to_owned())]);
        let body = b"--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA\r\nB\r\n\
            --x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"C:\\dir/poc.py\"\r\n\
            Content-Type: text/plain\r\n\r\nprint(1)\r\n\r\n\
            --x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";
        let whole = sent("multipart/form-data; boundary=x", body).await.unwrap();
        assert_eq!(whole.pairs, [("title".to_owned(), "A\r\nB".to_owned())]);
        let [file] = whole.files.as_slice() else { panic!("one file") };
        assert_eq!((file.name.as_str(), file.bytes.as_slice()), ("poc.py", &b"print(1)\r\n"[..]));
    }

    #[tokio::test]
    async fn a_form_that_is_broken_or_endless_is_refused() {
        let kind = "multipart/form-data; boundary=x";
        assert!(sent(kind, b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut").await.is_err());
        let part = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n".repeat(PARTS + 1);
        assert!(sent(kind, &[&part[..], b"--x--\r\n"].concat()).await.is_err());
        assert!(
            sent("application/x-www-form-urlencoded", b"\xff=\xfe").await.is_ok(),
            "replaced, as browsers do"
        );
    }

    #[test]
    fn a_text_file_stands_in_the_form_and_another_is_named() {
        let files = vec![
            Attachment { name: "a.txt".to_owned(), bytes: b"text".to_vec() },
            Attachment { name: "b.bin".to_owned(), bytes: vec![0xff, 0xfe] },
        ];
        let (values, lost) = pasted(ReportValues::default(), files);
        assert_eq!(values.attachments[0].text.as_str(), "text");
        assert!(lost[0].message.as_str().contains("b.bin"), "{}", lost[0].message);
    }
}
