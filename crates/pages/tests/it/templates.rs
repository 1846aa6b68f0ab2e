//! What the templates may say.

use std::{fs, path::Path};

/// Places that may write markup unescaped; each is a type that escapes what it holds, or the sanitiser's.
const HTML_SAFE: &[&str] = &[
    "ActionForm",
    "Badge",
    "BareAction<'_>",
    "Countdown",
    "EmptyState",
    "FieldInForm<'_>",
    "FindingNote",
    "FormTokens",
    "Link",
    "MailRoute",
    "Moment",
    "PasskeyForm",
    "PolicySummary",
    "RuleReference",
    "SafeHtml",
    "Stages",
    "Tier",
];

fn files(directory: &str, extension: &str) -> Vec<(String, String)> {
    fn walk(directory: &Path, extension: &str, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).expect("the directory is part of this crate") {
            let path = entry.expect("a listed entry").path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|own| own == extension) {
                let text = fs::read_to_string(&path).expect("our files are UTF-8");
                found.push((path.display().to_string(), text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), extension, &mut found);
    assert!(!found.is_empty(), "{directory} holds no .{extension} files");
    found
}

#[test]
fn no_template_switches_escaping_off() {
    let templates = [files("templates", "html"), files("src", "rs")].concat();
    for (path, text) in templates {
        for forbidden in ["|safe", "| safe", "|escape(", "autoescape", "escape = \"none\"", "|json"] {
            assert!(!text.contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[test]
fn only_the_listed_types_are_written_as_markup() {
    let mut safe: Vec<String> = files("src", "rs")
        .iter()
        .flat_map(|(_, text)| {
            text.lines()
                .filter_map(|line| line.split_once("HtmlSafe for "))
                .map(|(_, name)| name.trim_end_matches(" {}").to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    safe.sort();
    assert_eq!(safe, HTML_SAFE);
}

#[test]
fn no_template_holds_script_or_style_of_its_own() {
    for (path, text) in files("templates", "html") {
        // The layout fetches the one script of our own.
        let lower =
            text.to_lowercase().replace("<script src=\"{{ shell.script_path() }}\" defer></script>", "");
        for forbidden in
            ["<script", "<style", " style=", " onclick", " onload", "javascript:", "<iframe", "<object"]
        {
            assert!(!lower.contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[test]
fn every_attribute_with_a_value_is_quoted() {
    for (path, text) in files("templates", "html") {
        assert!(!text.contains("={{") && !text.contains("= {{ "), "{path}: an unquoted attribute");
    }
}

/// The policy of the pages forbids it too; this says so before a browser does.
#[test]
fn the_script_makes_no_markup_of_text() {
    for (path, text) in files("assets", "js") {
        for forbidden in [
            "innerhtml",
            "outerhtml",
            "insertadjacenthtml",
            "document.write",
            "eval(",
            "new function",
            "http:",
            "https:",
        ] {
            assert!(!text.to_lowercase().contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[test]
fn the_stylesheet_fetches_nothing() {
    for (path, text) in files("assets", "css") {
        for forbidden in ["url(", "@import", "@font-face", "expression("] {
            assert!(!text.contains(forbidden), "{path}: {forbidden}");
        }
    }
}
