//! Text that people read.

use std::fmt;

/// Display-ready text: escaped wherever a template shows it, and hidden in `Debug`, because it may be embargoed.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(String);

impl Text {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text as part of an HTML id: everything but letters and digits of ASCII becomes a dash.
    pub(crate) fn for_id(&self) -> String {
        self.0.chars().map(|symbol| if symbol.is_ascii_alphanumeric() { symbol } else { '-' }).collect()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_does_not_print_itself_in_debug() {
        assert_eq!(format!("{:?}", Text::from("embargoed")), "***");
    }
}
