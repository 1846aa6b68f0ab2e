//! Text of strangers in every field, in every format.

use bastide_model::{
    finding::{Confidence, Evidence, Finding, Level, Place, Status},
    output::{Format, is_deceptive, one_line, render, render_brief},
    time::Instant,
};
use comrak::{
    Arena, Options,
    nodes::{AstNode, NodeValue},
};
use proptest::prelude::*;

use super::registry;

/// Text that has broken renderers: control sequences, direction marks, markup, workflow commands.
fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}]0;title\u{7}"),
        Just("\u{1b}[2J"),
        Just("\u{9b}31m"),
        Just("\u{202e}gpj."),
        Just("\u{2066}"),
        Just("\u{feff}"),
        Just("\u{e0041}"),
        Just("\r\n::set-output name=x::y\n"),
        Just("%0A::error::z"),
        Just("<script>alert(1)</script>"),
        Just("[a](javascript:b)"),
        Just("![x](http://y.example/z)"),
        Just("https://evil.example/ www.evil.example a@evil.example"),
        Just("@maintainer-a #12 GH-3"),
        Just("```\n# out\n"),
        Just("</details>"),
        Just("| a | b |\n|---|---|"),
        Just("*_~^=$&amp;\\"),
        Just("2. x\n- y\n> z\n---\n===\n"),
    ];
    prop::collection::vec(prop_oneof![piece.prop_map(str::to_owned), any::<String>()], 0..6)
        .prop_map(|pieces| pieces.concat())
}

fn finding(text: &str, status: Status) -> Finding {
    let place =
        Place { file: Some(text.to_owned()), line: Some(1), column: Some(0), field: Some(text.to_owned()) };
    Finding {
        rule: text.to_owned(),
        subject: text.to_owned(),
        status,
        severity: Level::High,
        confidence: Confidence::Low,
        message: text.to_owned(),
        evidence: vec![Evidence { place, text: text.to_owned() }],
        remedy: text.to_owned(),
    }
}

fn of_each_status(text: &str) -> Vec<Finding> {
    let waived = Status::Waived { reason: text.to_owned(), by: text.to_owned(), until: Instant::EPOCH };
    [Status::Fail, Status::Unknown, waived, Status::Pass]
        .into_iter()
        .map(|status| finding(text, status))
        .collect()
}

fn walk<'a>(node: &'a AstNode<'a>, visit: &mut impl FnMut(&NodeValue)) {
    visit(&node.data.borrow().value);
    for child in node.children() {
        walk(child, visit);
    }
}

/// Markdown as GitHub reads it, so that the judge knows every extension that could turn text into markup.
fn as_github_reads_it() -> Options<'static> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.superscript = true;
    options
}

proptest! {
    #[test]
    fn no_control_or_direction_character_reaches_a_terminal(text in hostile_text()) {
        for format in Format::ALL {
            let rendered = render(format, &of_each_status(&text), &registry());
            let odd = rendered.chars().find(|character| *character != '\n' && is_deceptive(*character));
            prop_assert_eq!(odd, None, "{}", format);
        }
        let rendered = render_brief(&of_each_status(&text));
        let odd = rendered.chars().find(|character| *character != '\n' && is_deceptive(*character));
        prop_assert_eq!(odd, None, "brief");
    }

    #[test]
    fn json_says_exactly_what_was_found(text in hostile_text()) {
        let findings = of_each_status(&text);
        let document: serde_json::Value =
            serde_json::from_str(&render(Format::Json, &findings, &registry())).unwrap();
        let read: Vec<Finding> = serde_json::from_value(document["findings"].clone()).unwrap();
        prop_assert_eq!(read, findings);
    }

    #[test]
    fn text_cannot_leave_its_annotation(text in hostile_text()) {
        let rendered = render(Format::Github, &of_each_status(&text), &registry());
        let lines: Vec<&str> = rendered.lines().collect();
        // One command for each status but pass, and the closing line.
        prop_assert_eq!(lines.len(), 4);
        let starts = ["::error file=", "::warning file=", "::notice file=", "bastide: "];
        for (line, start) in lines.iter().zip(starts) {
            prop_assert!(line.starts_with(start), "{}", line);
        }
        for line in &lines[..3] {
            // Up to the separator there are only our own properties.
            let properties = line[2..].split_once("::").unwrap().0.split_once(' ').unwrap().1;
            let names: Vec<&str> = properties.split(',').map(|pair| pair.split_once('=').unwrap().0).collect();
            prop_assert_eq!(names, ["file", "line", "col", "title"]);
        }
    }

    #[test]
    fn text_stays_text_in_markdown(text in hostile_text()) {
        let rendered = render(Format::Markdown, &of_each_status(&text), &registry());
        let arena = Arena::new();
        let root = comrak::parse_document(&arena, &rendered, &as_github_reads_it());
        let (mut shown, mut foreign, mut headings) = (String::new(), Vec::new(), 0);
        walk(root, &mut |value| match value {
            NodeValue::Text(text) => shown.push_str(text),
            NodeValue::Heading(_) => headings += 1,
            NodeValue::HtmlInline(html) if html == "<!-- -->" => {}
            NodeValue::HtmlBlock(block)
                if ["<details><summary>Passed</summary>", "</details>"].contains(&block.literal.trim()) => {}
            NodeValue::Paragraph => shown.push('\n'),
            NodeValue::Document | NodeValue::Strong | NodeValue::CodeBlock(_)
            | NodeValue::List(_) | NodeValue::Item(_) | NodeValue::Escaped => {}
            other => foreign.push(format!("{other:?}")),
        });
        prop_assert!(foreign.is_empty(), "{:?}\n{}", foreign, rendered);
        prop_assert_eq!(headings, 3);
        // Nothing is lost either: the text stands there as it was.
        prop_assert!(shown.contains(&one_line(&format!("Finding: {}", one_line(&text)))), "{}", rendered);
    }
}
