//! The one kind of markup that a page takes as markup.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::LazyLock,
};

/// Markup that passed the sanitiser. There is no other way to make one.
///
/// Allowed are paragraphs, lists, code, quotations, tables, third-level headings and links to `https`, `http` and
/// `mailto`; never attributes that style or run, never SVG or formulas (hardening, threat 12).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags: HashSet<&str> = [
        "p",
        "ul",
        "ol",
        "li",
        "code",
        "pre",
        "em",
        "strong",
        "a",
        "blockquote",
        "h3",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "hr",
        "dl",
        "dt",
        "dd",
    ]
    .into();
    let attributes: HashMap<&str, HashSet<&str>> = [("a", ["href"].into())].into();
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(tags)
        .tag_attributes(attributes)
        .url_schemes(["https", "http", "mailto"].into())
        .url_relative(ammonia::UrlRelative::Deny)
        .clean_content_tags(
            ["script", "style", "svg", "math", "template", "title", "iframe", "noscript"].into(),
        )
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

impl SafeHtml {
    /// What the sanitiser leaves of `html`.
    pub fn sanitise(html: &str) -> Self {
        Self(SANITISER.clean(html).to_string())
    }

    /// Whether nothing is left to show.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for SafeHtml {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl askama::filters::HtmlSafe for SafeHtml {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sanitiser_keeps_prose_and_drops_what_runs() {
        let clean = |html| SafeHtml::sanitise(html).to_string();
        assert_eq!(clean("<p>a <code>b</code></p>"), "<p>a <code>b</code></p>");
        assert_eq!(clean("<script>x</script><svg><a href=x>y</a></svg>z"), "z");
        assert_eq!(clean("<p onclick=x style=y id=z class=w>a</p>"), "<p>a</p>");
        assert_eq!(clean("<h1>a</h1><img src=x onerror=y>"), "a");
        assert!(!clean("<a href='javascript:x'>a</a><a href='//e.example'>b</a>").contains("href"));
    }
}
