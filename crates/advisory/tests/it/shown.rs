//! What people see: the text, the page and the feed.

use std::collections::BTreeSet;

use bastide_advisory::{Advisory, Format, atom, html, read_osv, text};
use bastide_model::time::{Instant, Span};
use proptest::prelude::*;

fn jupyterlab() -> Advisory {
    read_osv(include_bytes!("../data/GHSA-rch3-82jr-f9w9.json"), Format::Json, "GHSA").unwrap()
}

fn links() -> html::Links {
    let link = |name: &str, media_type: &str, address: &str| html::FormatLink {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        address: address.to_owned(),
    };
    html::Links {
        formats: vec![
            link("OSV", "application/json", "GHSA-rch3-82jr-f9w9.json"),
            link("Text", "text/plain", "a.txt"),
        ],
        feed: Some("https://security.example.org/feed.xml".to_owned()),
        home: Some(("All advisories".to_owned(), "https://security.example.org/".to_owned())),
    }
}

fn feed_of(advisories: &[(&Advisory, String)]) -> String {
    let feed = atom::Feed {
        title: "Advisories <of> a & b".to_owned(),
        address: "https://security.example.org/feed.xml".to_owned(),
        home: "https://security.example.org/".to_owned(),
        author: "Example programme".to_owned(),
        started: Instant::EPOCH,
    };
    atom::feed(&feed, advisories).unwrap()
}

/// A record with this text in every field that holds text.
fn hostile(text: &str) -> Advisory {
    let mut record = jupyterlab();
    let all = || text.to_owned();
    (record.title, record.summary, record.details, record.workaround) =
        (Some(all()), Some(all()), Some(all()), Some(all()));
    record.aliases = vec![all()];
    record.cwe_ids = vec![all()];
    for affected in &mut record.affected {
        affected.versions.push(all());
        affected.package.as_mut().unwrap().name = all();
        for event in &mut affected.ranges[0].events {
            event.version = all();
        }
    }
    record.references[0].url = all();
    record.references[1].url = format!("javascript:{text}");
    record.withdrawn = Some(record.modified);
    record.withdrawal_reason = Some(all());
    let credit = serde_json::json!({"name": text, "consent": "given", "kind": "FINDER"});
    record.credits = vec![serde_json::from_value(credit).unwrap()];
    record.timeline =
        vec![serde_json::from_value(serde_json::json!({"at": record.modified, "text": text})).unwrap()];
    record
}

/// The page holds only elements and attributes of its template and of safe Markdown, and no address that runs.
fn assert_page_is_inert(page: &str) {
    let allowed: BTreeSet<&str> =
        "html head meta title link style body main p a header h1 dl dt dd strong time section h2 \
        h3 h4 h5 h6 div table thead tbody tr th td br code pre ul ol li blockquote em del hr"
            .split_whitespace()
            .collect();
    let attributes: BTreeSet<&str> =
        "lang charset name content rel type title href class datetime id aria-labelledby role \
        tabindex scope value start"
            .split_whitespace()
            .collect();
    for element in scraper::Html::parse_document(page).root_element().descendent_elements() {
        let name = element.value().name();
        assert!(allowed.contains(name), "<{name}> in {page}");
        for (attribute, value) in element.value().attrs() {
            assert!(attributes.contains(attribute), "{attribute} of <{name}> in {page}");
            let runs = ["javascript:", "data:", "vbscript:"]
                .iter()
                .any(|scheme| value.trim().to_lowercase().starts_with(scheme));
            assert!(attribute != "href" || !runs, "{value} in {page}");
        }
    }
}

/// What RFC 4287 asks of a feed and its entries.
fn assert_atom_is_valid(xml: &str) {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let root = document.root_element();
    let has = |node: &roxmltree::Node<'_, '_>, name: &str| {
        node.children().filter(|child| child.has_tag_name(("http://www.w3.org/2005/Atom", name))).count()
    };
    let entries =
        root.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2005/Atom", "entry")));
    for node in std::iter::once(root).chain(entries) {
        for name in ["id", "title", "updated"] {
            assert_eq!(has(&node, name), 1, "{name}: {xml}");
        }
        let updated =
            node.children().find(|child| child.has_tag_name(("http://www.w3.org/2005/Atom", "updated")));
        updated.and_then(|node| node.text()).unwrap().parse::<Instant>().unwrap();
    }
    assert_eq!(has(&root, "author"), 1, "{xml}");
}

#[test]
fn the_jupyterlab_advisory_as_text() {
    insta::assert_snapshot!(text::render(&jupyterlab()));
}

#[test]
fn the_jupyterlab_advisory_as_a_page() {
    let page = html::render(&jupyterlab(), &links()).unwrap();
    assert_page_is_inert(&page);
    insta::assert_snapshot!(page.replace(html::STYLE, "(style)"));
}

#[test]
fn the_feed_is_valid_and_newest_first_without_drafts() {
    let old = jupyterlab();
    let mut new = jupyterlab();
    new.id = "GHSA-2".to_owned();
    new.modified = old.modified + Span::days(1);
    let draft = Advisory::draft("x_secret-1", new.modified);
    let address = |id: &str| format!("https://security.example.org/{id}?a=1&b=2");
    let xml = feed_of(&[(&old, address("1")), (&new, address("2")), (&draft, address("3"))]);
    assert_atom_is_valid(&xml);
    assert!(xml.find("GHSA-2:").unwrap() < xml.find("GHSA-rch3-82jr-f9w9:").unwrap(), "{xml}");
    assert!(!xml.contains("x_secret"), "{xml}");
    assert_atom_is_valid(&feed_of(&[]));
    assert_atom_is_valid(&atom::entry(&old, &address("1"), "a & b").unwrap());
}

/// Hardening, threat 12.
#[test]
fn hostile_texts_stay_texts_on_the_page_and_in_the_feed() {
    for payload in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg/onload=alert(1)>",
        "</title></style></textarea><script>alert(1)</script>",
        "]]><x/>&bogus; \u{0}\u{b}\u{1b}[2J\u{202e}",
        "javascript:alert(1)",
        "[x](javascript:alert(1)) <a href=\"javascript:alert(1)\">y</a>",
        "{{ 7*7 }} {% raw %} ${7*7}",
    ] {
        let record = hostile(payload);
        assert_page_is_inert(&html::render(&record, &links()).unwrap());
        assert_atom_is_valid(&feed_of(&[(&record, "https://security.example.org/1".to_owned())]));
        let mail = text::render(&record);
        assert!(
            !mail.chars().any(|character| character.is_control() && !"\n\t".contains(character)),
            "{mail:?}"
        );
        assert!(!text::subject(&record).contains('\n'));
    }
}

/// Proves: J07.
#[test]
fn nobody_is_named_without_consent() {
    let mut record = jupyterlab();
    let credit = |name: &str, consent: &str| {
        serde_json::from_value(serde_json::json!({"name": name, "consent": consent})).unwrap()
    };
    record.credits =
        vec![credit("reporter-a", "given"), credit("reporter-b", "pending"), credit("reporter-c", "refused")];
    let shown = [
        text::render(&record),
        html::render(&record, &links()).unwrap(),
        feed_of(&[(&record, "https://example.org/".to_owned())]),
        bastide_advisory::osv::render(&record).to_string(),
    ];
    for (place, document) in shown.iter().enumerate() {
        assert!(!document.contains("reporter-b") && !document.contains("reporter-c"), "{document}");
        assert!(place == 2 || document.contains("reporter-a"), "{document}");
    }
}

proptest! {
    #[test]
    fn any_text_stays_a_text(payload in "\\PC{0,40}|[<>\"'&/a-z=: ()\\[\\]!`{}%-]{0,60}") {
        let record = hostile(&payload);
        assert_page_is_inert(&html::render(&record, &links()).unwrap());
        assert_atom_is_valid(&feed_of(&[(&record, "https://security.example.org/1".to_owned())]));
    }
}
