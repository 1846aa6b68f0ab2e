//! Every page is well-formed, labelled and in order.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html, Selector};

use crate::samples::{self, Ink};

pub(crate) fn all<'a>(document: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector of ours is written right");
    document.select(&selector).collect()
}

fn each_page(check: impl Fn(&str, &Html)) {
    let samples = samples::all(Ink::Plain);
    assert!(samples.len() >= 28, "samples were lost: {}", samples.len());
    for sample in samples {
        check(sample.name, &Html::parse_document(&sample.html));
    }
}

#[test]
fn the_parser_finds_nothing_to_repair() {
    each_page(|name, document| assert_eq!(document.errors, Vec::<String>::new(), "{name}"));
}

#[test]
fn every_element_that_is_opened_is_closed() {
    for sample in samples::all(Ink::Plain) {
        let open = unbalanced(&sample.html);
        assert_eq!(open, Vec::<String>::new(), "{}", sample.name);
    }
    assert_eq!(unbalanced("<p><b>x</p>"), ["b opened, p closed"]);
}

/// Walks the tags of markup that holds no raw text with `<` in it (the templates escape it).
fn unbalanced(html: &str) -> Vec<String> {
    const VOID: [&str; 6] = ["meta", "link", "input", "br", "hr", "!doctype"];
    let mut open: Vec<String> = Vec::new();
    let mut wrong = Vec::new();
    for piece in html.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap_or_default();
        let name: String = tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default().into();
        if VOID.contains(&name.as_str()) {
            continue;
        }
        if tag.starts_with('/') {
            match open.pop() {
                Some(last) if last == name => {}
                last => {
                    wrong.push(format!("{} opened, {name} closed", last.unwrap_or_default()));
                    return wrong;
                }
            }
        } else {
            open.push(name);
        }
    }
    wrong.extend(open);
    wrong
}

#[test]
fn ids_are_unique_and_every_reference_to_one_has_its_target() {
    each_page(|name, document| {
        let mut ids = BTreeMap::new();
        for element in all(document, "[id]") {
            *ids.entry(element.attr("id").unwrap_or_default()).or_insert(0) += 1;
        }
        let doubled: Vec<_> = ids.iter().filter(|(_, count)| **count > 1).collect();
        assert!(doubled.is_empty(), "{name}: {doubled:?}");
        for attribute in ["for", "aria-labelledby", "aria-describedby"] {
            for element in all(document, &format!("[{attribute}]")) {
                for id in element.attr(attribute).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains_key(id), "{name}: {attribute}=\"{id}\" has no target");
                }
            }
        }
        for element in all(document, "a[href^='#']") {
            let id = element.attr("href").unwrap_or_default().trim_start_matches('#');
            // A link of a sample may lead to a message of another page.
            if !id.is_empty() && id != "message-1" {
                assert!(ids.contains_key(id), "{name}: #{id} leads nowhere");
            }
        }
    });
}

#[test]
fn every_control_has_a_label() {
    each_page(|name, document| {
        let labelled: BTreeSet<_> =
            all(document, "label[for]").iter().filter_map(|label| label.attr("for")).collect();
        for control in all(document, "input:not([type=hidden]), select, textarea") {
            let id = control.attr("id").unwrap_or_default();
            assert!(labelled.contains(id), "{name}: {}", control.html());
        }
        for set in all(document, "fieldset") {
            let legends = set.child_elements().filter(|child| child.value().name() == "legend").count();
            assert_eq!(legends, 1, "{name}");
        }
    });
}

#[test]
fn there_is_one_first_heading_and_no_level_is_skipped() {
    each_page(|name, document| {
        let levels: Vec<u8> = all(document, "h1, h2, h3, h4, h5, h6")
            .iter()
            .map(|heading| heading.value().name().as_bytes()[1] - b'0')
            .collect();
        assert_eq!(levels.first(), Some(&1), "{name}");
        assert!(levels.iter().skip(1).all(|level| *level > 1), "{name}: {levels:?}");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{name}: level {} after {}", pair[1], pair[0]);
        }
    });
}

#[test]
fn every_page_has_landmarks_a_skip_link_a_title_and_a_language() {
    each_page(|name, document| {
        for (selector, count) in [
            ("html[lang=en]", 1),
            ("title", 1),
            ("body > header", 1),
            ("body > main#main", 1),
            ("body > footer", 1),
            ("body > a.skip[href='#main']:first-child", 1),
            ("meta[name=viewport]", 1),
        ] {
            assert_eq!(all(document, selector).len(), count, "{name}: {selector}");
        }
    });
}

#[test]
fn every_table_has_a_caption_and_headers_with_scope_and_every_time_its_datetime() {
    each_page(|name, document| {
        for table in all(document, "table") {
            let html = table.html();
            assert!(html.contains("<caption>"), "{name}");
            assert!(!html.contains("<th>"), "{name}: a header without scope");
        }
        for time in all(document, "time") {
            let datetime = time.attr("datetime").unwrap_or_default();
            let words: String = time.text().collect();
            assert!(datetime.len() >= 10, "{name}");
            assert!(datetime.len() == 10 || words.ends_with("UTC"), "{name}: {words} without zone");
        }
    });
}

#[test]
fn every_form_that_changes_something_carries_its_tokens() {
    each_page(|name, document| {
        for form in all(document, "form") {
            let html = form.html();
            if form.attr("method") == Some("get") {
                assert!(
                    !html.contains("name=\"idempotency-key\""),
                    "{name}: a key would stand in the address"
                );
            } else {
                assert_eq!(form.attr("method"), Some("post"), "{name}");
                assert_eq!(html.matches("name=\"idempotency-key\"").count(), 1, "{name}");
            }
            assert!(form.attr("action").is_some_and(|action| action.starts_with('/')), "{name}");
        }
    });
}

#[test]
fn a_form_shown_again_keeps_every_answer_and_links_each_finding_to_its_field() {
    let samples = samples::all(Ink::Plain);
    let again = samples.iter().find(|sample| sample.name == "report-form-again").unwrap();
    let document = Html::parse_document(&again.html);
    for (selector, value) in [
        ("#report-title", "A crafted notebook runs script in the file preview"),
        ("#report-tested-versions-0-first", "4.2.4"),
        ("#report-credit-name", "reporter-a"),
    ] {
        assert_eq!(all(&document, selector)[0].attr("value"), Some(value));
    }
    let area: String = all(&document, "#report-body")[0].text().collect();
    assert!(area.contains("Opening the preview"));
    assert_eq!(all(&document, "#report input[type=radio][checked]").len(), 11);
    assert_eq!(all(&document, "#report option[selected]").len(), 2);
    let links = all(&document, "#error-summary a[href^='#']");
    assert_eq!(links.len(), 4, "one link for each finding with a field");
    assert_eq!(links[0].attr("href"), Some("#report-tested-versions-0-first"), "the gravest first");
}

/// Proves: S02, S07.
#[test]
fn the_form_asks_what_the_policies_ask_and_says_why_each_time() {
    let samples = samples::all(Ink::Plain);
    let form = samples.iter().find(|sample| sample.name == "report-form").unwrap();
    let document = Html::parse_document(&form.html);
    for (name, rule) in [
        ("answers.threat-model", "P02"),
        ("answers.cites", "P03"),
        ("answers.real-world", "P04"),
        ("answers.realistic", "P04"),
        ("answers.dependency", "P09"),
        ("answers.experimental", "P14"),
        ("answers.launch-conditions", "P06"),
        ("answers.input-size", "P07"),
        ("answers.use-case", "P07"),
        ("answers.posture", "P08"),
        ("answers.fixed-on-main", "P13"),
        ("answers.platform-dependent", "P15"),
        ("proof-of-concept", "P18"),
        ("answers.verified", "P19"),
        ("patch", "P21"),
        ("tested-versions.0.version", "P22"),
        ("tested-versions.0.vulnerable", "P22"),
        ("attachments.0.text", "P23"),
        ("answers.attack-vector", "S07"),
        ("answers.freely-executes", "S07"),
        ("credit.consent", "J07"),
    ] {
        assert!(!all(&document, &format!("[name='{name}']")).is_empty(), "{rule} is not asked: {name}");
    }
    for required in ["answers.attack-vector", "answers.freely-executes"] {
        assert!(!all(&document, &format!("[name='{required}'][required]")).is_empty(), "{required}");
    }
    for asked in all(&document, ".report .field") {
        assert!(asked.html().contains("class=\"help\""), "without a reason: {}", asked.html());
    }
    assert!(!all(&document, "aside .policy dt").is_empty(), "the policy stands beside the form");
    assert!(!all(&document, "aside .clause-list dt").is_empty(), "the threat model stands beside the form");
}

/// Proves: J33.
#[test]
fn a_project_page_lists_known_vulnerabilities_and_links_documents_and_communities() {
    let samples = samples::all(Ink::Plain);
    let project = samples.iter().find(|sample| sample.name == "project").unwrap();
    let document = Html::parse_document(&project.html);
    assert_eq!(all(&document, "section[aria-labelledby=advisories] tbody a").len(), 3);
    assert!(!all(&document, "section[aria-labelledby=community] a").is_empty());
    assert!(!all(&document, "section[aria-labelledby=threat-model] tbody tr").is_empty());
}

#[test]
fn the_page_for_what_is_forbidden_is_the_page_for_what_is_absent() {
    use bastide_pages::{Page, Shell, desk::Message};
    let page = || Message::absent(Shell::new("Desk")).render().unwrap();
    assert_eq!(page(), page());
    assert!(!page().to_lowercase().contains("forbidden"));
}
