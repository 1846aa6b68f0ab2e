//! `CommonMark` as safe HTML, and as safe plain text.
//!
//! comrak turns Markdown into HTML without raw HTML; ammonia then keeps a short list of elements, because a renderer's
//! promise is not a sanitiser's. No pictures (they would tell a stranger who reads), no style, no SVG, no formulas.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use comrak::nodes::NodeValue;

const ELEMENTS: [&str; 23] = [
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
];

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let attributes: HashMap<&str, HashSet<&str>> = [("a", ["href"].into()), ("ol", ["start"].into())].into();
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(ELEMENTS.into())
        .tag_attributes(attributes)
        .url_schemes(["https", "http", "mailto"].into())
        .url_relative(ammonia::UrlRelative::Deny)
        .clean_content_tags(
            ["script", "style", "svg", "math", "template", "title", "iframe", "noscript"].into(),
        )
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// Markdown as HTML that may stand in a page. The highest heading is of the third level, below a page's own.
pub fn to_html(markdown: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.render.escape = true;
    let arena = comrak::Arena::new();
    let markdown = &to_plain(markdown);
    let document = comrak::parse_document(&arena, markdown, &options);
    let level = |value: &NodeValue| match value {
        NodeValue::Heading(heading) => Some(heading.level),
        _ => None,
    };
    let highest = document.descendants().filter_map(|node| level(&node.data().value)).min().unwrap_or(3);
    for node in document.descendants() {
        if let NodeValue::Heading(heading) = &mut node.data_mut().value {
            heading.level = heading.level.saturating_sub(highest).saturating_add(3).min(6);
        }
    }
    let mut html = String::new();
    match comrak::format_html(document, &options, &mut html) {
        Ok(()) => SANITISER.clean(&html).to_string(),
        // Writing to a text does not fail; if it did, the reader still gets the words.
        Err(_) => ammonia::clean_text(markdown),
    }
}

/// Whether a Markdown text holds raw HTML, which is shown as text and not as markup.
pub fn has_raw_html(markdown: &str) -> bool {
    let arena = comrak::Arena::new();
    let document = comrak::parse_document(&arena, markdown, &comrak::Options::default());
    let raw = |value: &NodeValue| matches!(value, NodeValue::HtmlBlock(_) | NodeValue::HtmlInline(_));
    document.descendants().any(|node| raw(&node.data().value))
}

/// A text without the characters that act on a terminal or reorder what is read: controls but tab and line feed, and the
/// bidirectional overrides of "Trojan Source" (CVE-2021-42574).
pub fn to_plain(text: &str) -> String {
    let acts = |character: &char| {
        (character.is_control() && !matches!(character, '\n' | '\t'))
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
    };
    text.replace("\r\n", "\n").chars().filter(|character| !acts(character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_the_markup_that_it_means() {
        let html = to_html(
            "# Impact\n\nA *bad* [page](https://example.org/?a=1&b=2).\n\n| a | b |\n|---|---|\n| 1 | `2` |\n",
        );
        assert!(html.contains("<h3>Impact</h3>"), "{html}");
        assert_eq!(to_html("### A\n\n#### B"), "<h3>A</h3>\n<h4>B</h4>\n");
        assert!(html.contains(
            r#"<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow">page</a>"#
        ));
        assert!(html.contains("<td><code>2</code></td>"), "{html}");
    }

    #[test]
    fn nothing_that_runs_or_calls_home_is_left() {
        for hostile in [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt&#58;alert(1))",
            "![x](https://example.org/pixel.png)",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
            "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
            "[x]: javascript:alert(1)\n\n[x]",
            "<https://a.example/\"onmouseover=\"alert(1)>",
        ] {
            let html = to_html(hostile);
            let tree = scraper::Html::parse_fragment(&html);
            for node in tree.root_element().descendent_elements() {
                let name = node.value().name();
                assert!(name == "html" || ELEMENTS.contains(&name), "{hostile} left <{name}>: {html}");
                for (attribute, value) in node.value().attrs() {
                    assert!(
                        matches!(attribute, "href" | "rel" | "start"),
                        "{hostile} left {attribute}: {html}"
                    );
                    assert!(attribute != "href" || !value.to_lowercase().contains("script:"), "{html}");
                }
            }
        }
    }

    #[test]
    fn a_plain_text_cannot_act_on_a_terminal() {
        assert_eq!(to_html("a\u{202e}b\u{0}"), "<p>ab</p>\n");
        assert_eq!(to_plain("a\u{1b}[31mb\u{202e}c\r\nd\te\u{7}"), "a[31mbc\nd\te");
    }
}
