//! Addresses that a page may link to.

use std::fmt;

/// The target of a link or form: a path of this desk, a fragment, or an `https`, `http` or `mailto` address.
///
/// Anything else (`javascript:`, `data:`, a protocol-relative `//host`, control characters) becomes `#`, so that no
/// text from outside turns into something that runs or leaves the desk unseen (hardening, threat 12). Hidden in
/// `Debug`: a reporter's status link is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Href(String);

impl Href {
    /// The address, or `#` when it is none that a page may link to.
    pub fn new(address: impl Into<String>) -> Self {
        let address = address.into();
        if is_allowed(&address) { Self(address) } else { Self("#".to_owned()) }
    }

    /// The address as written into the page, before escaping.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_allowed(address: &str) -> bool {
    if address.chars().any(|symbol| symbol.is_control() || symbol == '\\') {
        return false;
    }
    let is_path = address.starts_with('/') && !address.starts_with("//");
    is_path || ["#", "?", "https://", "http://", "mailto:"].iter().any(|start| address.starts_with(start))
}

impl fmt::Display for Href {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Href {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl From<String> for Href {
    fn from(address: String) -> Self {
        Self::new(address)
    }
}

impl From<&str> for Href {
    fn from(address: &str) -> Self {
        Self::new(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_run_or_leave_unseen_become_a_bare_fragment() {
        for hostile in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//elsewhere.example",
            "/\\elsewhere.example",
            "\\\\elsewhere.example",
            "relative",
            "",
        ] {
            assert_eq!(Href::new(hostile).as_str(), "#", "{hostile:?}");
        }
    }

    #[test]
    fn paths_fragments_and_web_addresses_stay() {
        for good in ["/cases/case-1", "#main", "?page=2", "https://jupyter.org/", "mailto:desk@example.org"] {
            assert_eq!(Href::new(good).as_str(), good);
        }
    }
}
