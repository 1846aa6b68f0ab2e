//! Text from outside stays text, wherever it is shown.

use scraper::Html;

use crate::samples::{self, Ink, MARK};

/// Elements that our templates (and the sanitiser) may write; no other may come out.
const ELEMENTS: &[&str] = &[
    "html", "head", "meta", "title", "link", "body", "a", "header", "nav", "ul", "ol", "li", "main",
    "footer", "p", "div", "section", "aside", "search", "h1", "h2", "h3", "span", "strong", "em", "code",
    "pre", "br", "time", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "form",
    "fieldset", "legend", "label", "input", "select", "option", "textarea", "button", "details", "summary",
    "ins", "del", "dialog", "kbd", "svg", "line", "circle", "noscript", "datalist",
];

/// Attributes that our templates may write; no other may come out.
const ATTRIBUTES: &[&str] = &[
    "id",
    "class",
    "href",
    "rel",
    "type",
    "name",
    "content",
    "charset",
    "lang",
    "title",
    "for",
    "value",
    "action",
    "method",
    "formnovalidate",
    "required",
    "checked",
    "selected",
    "open",
    "rows",
    "autocomplete",
    "spellcheck",
    "scope",
    "role",
    "tabindex",
    "datetime",
    "data-label",
    "data-copy",
    "data-check",
    "data-thanks",
    "data-affected",
    "data-answer",
    "enctype",
    "multiple",
    "data-inbox",
    "data-inbox-filter",
    "data-inbox-key",
    "data-inbox-keys",
    "data-inbox-keys-close",
    "data-inbox-open",
    "data-passkey",
    "data-ask",
    "data-said",
    "list",
    "form",
    "target",
    "viewBox",
    "focusable",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "aria-label",
    "aria-labelledby",
    "aria-describedby",
    "aria-current",
    "aria-invalid",
    "aria-hidden",
];

fn shape(html: &str, name: &str) -> Vec<String> {
    // The layout's own script; any other one came out of a text.
    let ours = format!("<script src=\"{}\" defer></script>", bastide_pages::assets::script_path());
    let document = Html::parse_document(&html.replacen(&ours, "", 1));
    let mut shape = Vec::new();
    for node in document.tree.values() {
        let Some(element) = node.as_element() else { continue };
        assert!(ELEMENTS.contains(&element.name()), "{name}: <{}> came out", element.name());
        for (attribute, value) in element.attrs() {
            assert!(
                ATTRIBUTES.contains(&attribute),
                "{name}: <{} {attribute}=\"{value}\"> came out",
                element.name()
            );
            if ["href", "action", "data-check", "data-affected"].contains(&attribute) {
                let inner = value.split_whitespace().collect::<String>().to_lowercase();
                assert!(
                    ["/", "#", "?", "https://", "http://", "mailto:"]
                        .iter()
                        .any(|good| inner.starts_with(good))
                        && !inner.starts_with("//"),
                    "{name}: {attribute}=\"{value}\" came out"
                );
            }
        }
        shape.push(element.name().to_owned());
    }
    shape
}

/// The whole tree of elements is the same whatever the strings hold: nothing broke out of its place.
#[test]
fn hostile_strings_in_every_field_change_no_element_of_any_page() {
    let plain = samples::all(Ink::Plain);
    let mut strings = 0;
    for ink in Ink::HOSTILE {
        for (sample, plain) in samples::all(ink).iter().zip(&plain) {
            let name = format!("{} in {ink:?}", sample.name);
            strings += sample.html.matches(MARK).count();
            let (hostile, usual) = (shape(&sample.html, &name), shape(&plain.html, sample.name));
            // The sanitiser may leave other prose than before; everything else keeps its shape.
            if sample.name != "advisory-public" {
                assert_eq!(hostile, usual, "{name}");
            }
        }
    }
    println!("{strings} hostile strings in {} pages and {} inks", plain.len(), Ink::HOSTILE.len());
    assert!(strings > 5_000, "the samples lost their ink: {strings}");
}

/// Without this, a string that forgot the ink would never be tested.
#[test]
fn every_string_of_the_samples_goes_through_the_ink() {
    let sources = [
        include_str!("samples/public.rs"),
        include_str!("samples/reporting.rs"),
        include_str!("samples/cases.rs"),
        include_str!("samples/advisories.rs"),
        include_str!("samples/mod.rs"),
    ];
    for source in sources {
        for (number, line) in source.lines().enumerate() {
            let forgets = [".into()", "Text::from", "Href::new", "String::from", "to_string()"]
                .iter()
                .any(|way| line.contains(way));
            // The names of the form's fields are ours and compared, never shown.
            let excused = line.contains("field: Some(name.into())");
            assert!(!forgets || excused, "line {}: {line}", number + 1);
        }
    }
}

#[test]
fn a_blocked_address_leads_nowhere() {
    let running = samples::all(Ink::Running);
    assert!(running.iter().all(|sample| !sample.html.contains("=\"javascript:alert")
        || sample.html.matches("=\"javascript:alert").count() == values(&sample.html)));
}

/// Hostile text may stand in `value`, `content`, `name` and the like, where it is inert.
fn values(html: &str) -> usize {
    ["value", "name", "title", "aria-label", "data-label", "datetime"]
        .iter()
        .map(|attribute| html.matches(&format!("{attribute}=\"javascript:alert")).count())
        .sum()
}
