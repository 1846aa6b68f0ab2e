//! Files that a browser keeps and never shows: proofs, archives, and whatever somebody sent with a report.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The longest name that is offered, in bytes.
const LONGEST: usize = 100;

/// A file to keep under this name. Of the name only what every system takes is left: it may be a stranger's.
pub(crate) fn file(media_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static(media_type);
    let mut response = (StatusCode::OK, [(header::CONTENT_TYPE, kind)], bytes).into_response();
    let disposition = format!("attachment; filename=\"{}\"", plain(name));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Letters, digits, dots inside, dashes and underscores; `file` where nothing is left.
fn plain(name: &str) -> String {
    let kept = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let plain: String = name.chars().map(|each| if kept(each) { each } else { '-' }).take(LONGEST).collect();
    let plain = plain.trim_matches(['.', '-']);
    if plain.is_empty() { "file".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_strangers_name_is_a_name_and_nothing_else() {
        for (given, left) in [
            ("input.py", "input.py"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\"; filename=\"b.exe", "a---filename--b.exe"),
            ("x\r\nSet-Cookie: y", "x--Set-Cookie--y"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("...", "file"),
        ] {
            assert_eq!(plain(given), left);
        }
    }

    proptest! {
        #[test]
        fn every_name_can_stand_in_the_header(name in ".{0,200}") {
            let response = file("application/octet-stream", &name, Vec::new());
            let value = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
            let inner = value.strip_prefix("attachment; filename=\"").and_then(|rest| rest.strip_suffix('"')).unwrap();
            prop_assert!(!inner.is_empty() && inner.len() <= LONGEST);
            prop_assert!(inner.chars().all(|each| each.is_ascii_alphanumeric() || "._-".contains(each)));
            prop_assert!(!inner.starts_with('.'));
        }
    }
}
