//! Signing in.

use bastide_pages::{
    desk::SignIn,
    part::{ActionForm, Control, Field},
};

use bastide_model::time::Span;

use super::{account, forms::Forms, request::Visit, words::counted};

/// The sign-in page; `next` is a path of this desk.
pub(super) fn page(visit: &Visit, next: &str, error: Option<&str>, forms: &Forms) -> SignIn {
    let next = local_path(next);
    let possible = visit.desk().no_passkeys().is_none();
    let outside = &visit.app.options().outside;
    let other = |(name, title): (&str, &str)| {
        let kept = Field::new("next", "", Control::Hidden(next.into()));
        let (id, action) = (format!("with-{name}"), format!("/sign-in/with/{name}"));
        let tokens = Forms::fresh().tokens();
        ActionForm::new(id, format!("Sign in with {title}"), action, tokens).asking(vec![kept]).unfolded()
    };
    SignIn {
        shell: visit.shell(),
        action: "/sign-in".into(),
        tokens: forms.tokens(),
        next: next.into(),
        passkey: possible.then(|| account::sign_in_form(next, forms)),
        error: error.map(Into::into),
        wait: if possible { wait(visit) } else { String::new() }.into(),
        others: outside.offered().map(other).collect(),
    }
}

fn wait(visit: &Visit) -> String {
    let hours = visit.desk().settings().sign_in.recovery_wait.as_micros() / Span::hours(1).as_micros();
    counted(u32::try_from(hours).unwrap_or(u32::MAX), "hour")
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
