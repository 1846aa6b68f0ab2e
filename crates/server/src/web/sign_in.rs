//! Signing in.

use bastide_pages::{Shell, desk::SignIn};

use super::forms::Forms;

/// The sign-in page; `next` is a path of this desk.
pub(super) fn page(shell: Shell, next: &str, error: Option<&str>, forms: &Forms) -> SignIn {
    SignIn {
        shell,
        action: "/sign-in".into(),
        tokens: forms.tokens(),
        next: local_path(next).into(),
        error: error.map(Into::into),
    }
}

/// A path of this desk, or its inbox: a sign-in never leads to another site.
pub(super) fn local_path(path: &str) -> &str {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if path.starts_with('/') && !path.starts_with("//") && plain { path } else { "/inbox" }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn a_sign_in_never_leads_to_another_site() {
        for hostile in
            ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "", "/a\r\nb", "inbox"]
        {
            assert_eq!(local_path(hostile), "/inbox", "{hostile:?}");
        }
        assert_eq!(local_path("/cases/case-1?x=y#z"), "/cases/case-1?x=y#z");
    }
}
