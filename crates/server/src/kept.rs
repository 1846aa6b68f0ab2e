//! What somebody sent before they could: kept in the answer, so that they need not write it twice.

use axum::http::{HeaderMap, Method, header};

/// No longer form is kept in an answer, in bytes.
pub(crate) const MOST: usize = 2 * 1024 * 1024;

/// A request that came too early: a form, or a page that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Whether it was a form that changes something.
    pub(crate) post: bool,
    /// Where it went.
    pub(crate) action: String,
    /// Its fields.
    pub(crate) fields: Vec<(String, String)>,
}

impl Kept {
    /// What is kept of a request to a page; nothing of one that no form of ours sends.
    pub(crate) fn of(
        method: &Method,
        headers: &HeaderMap,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> Option<Self> {
        let post = *method == Method::POST;
        let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
        let a_form = !post || kind.starts_with(b"application/x-www-form-urlencoded");
        if !post && *method != Method::GET || !a_form || body.len() > MOST {
            return None;
        }
        let source = if post { body } else { query.as_bytes() };
        let fields = serde_urlencoded::from_bytes(source).ok()?;
        Some(Self { post, action: path.to_owned(), fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_kept_as_it_was_sent() {
        let body = b"reasoning=a+%26+b&idempotency-key=k";
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        let of = |method: Method, headers: &HeaderMap, query: &str, body: &[u8]| {
            Kept::of(&method, headers, "/cases/case-1/steps/approve", query, body)
        };
        let kept = of(Method::POST, &headers, "x=y", body).unwrap();
        let fields = [("reasoning", "a & b"), ("idempotency-key", "k")];
        assert_eq!(kept.fields, fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(kept.post);
        let opened = of(Method::GET, &HeaderMap::new(), "page=2", b"").unwrap();
        assert_eq!((opened.post, opened.fields.len()), (false, 1));
        assert_eq!(of(Method::DELETE, &headers, "", b""), None);
        assert_eq!(of(Method::POST, &HeaderMap::new(), "", body), None, "files are sent in another form");
        assert_eq!(of(Method::POST, &headers, "", &vec![b'a'; MOST + 1]), None);
    }
}
