//! Finds the tests that say what they prove.

use std::collections::BTreeMap;

use crate::workspace::{files, has_extension, text};

/// A test and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Test {
    pub(super) path: String,
    pub(super) name: String,
}

/// What the sources say.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The tests that prove each rule.
    pub(super) proofs: BTreeMap<String, Vec<Test>>,
    /// Comments that claim a proof and cannot be understood, or that stand above no test.
    pub(super) complaints: Vec<String>,
}

/// Requirements of the Vultron protocol, which a test may name beside the rules of the acceptance list.
const OTHER_LISTS: [&str; 2] = ["VP-", "EP-"];

/// Every claim in the workspace's sources.
pub(super) fn workspace() -> Scanned {
    let mut scanned = Scanned::default();
    let rust = |path: &String| {
        path.starts_with("crates/") && has_extension(path, &["rs"]) && !path.starts_with("crates/tidy/")
    };
    for path in files().into_iter().filter(rust) {
        source(&path, &text(&path).unwrap_or_default(), &mut scanned);
    }
    for tests in scanned.proofs.values_mut() {
        tests.sort();
        tests.dedup();
    }
    scanned
}

/// The claims of one source. A claim is a doc comment with `Proves:`; it belongs to the function below it.
fn source(path: &str, source: &str, scanned: &mut Scanned) {
    let (mut comment, mut is_test) = (Vec::new(), false);
    for (number, line) in source.lines().enumerate() {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("///") {
            comment.push(text.trim().to_owned());
        } else if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else if !comment.is_empty() && !continues_attribute(line) {
            let place = format!("{path}:{}", number + 1);
            claim(&comment, is_test.then(|| function(line)).flatten(), path, &place, scanned);
            (comment, is_test) = (Vec::new(), false);
        } else if comment.is_empty() {
            is_test = false;
        }
    }
}

/// Whether a line is the middle or end of an attribute that rustfmt broke into several lines.
fn continues_attribute(line: &str) -> bool {
    line == ")]" || line == "]" || line.ends_with(',') || line.starts_with("//")
}

/// The name in `fn name(` or `async fn name(`.
fn function(line: &str) -> Option<String> {
    let after = line.split_once("fn ")?.1;
    let name: String =
        after.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn claim(comment: &[String], test: Option<String>, path: &str, place: &str, scanned: &mut Scanned) {
    let Some(first) = comment.iter().position(|line| line.starts_with("Proves:")) else { return };
    let mut words = String::new();
    for line in &comment[first..] {
        words.push_str(line.trim_start_matches("Proves:"));
        words.push(' ');
        if line.is_empty() || line.ends_with('.') {
            break;
        }
    }
    let Some(name) = test else {
        scanned.complaints.push(format!("{place}: `Proves:{words}` stands above no test"));
        return;
    };
    let mut found = 0;
    for word in words.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-')) {
        if is_rule_id(word) {
            found += 1;
            let test = Test { path: path.to_owned(), name: name.clone() };
            scanned.proofs.entry(word.to_owned()).or_default().push(test);
        } else if word.chars().any(|character| character.is_ascii_digit())
            && !OTHER_LISTS.iter().any(|list| word.starts_with(list))
        {
            scanned
                .complaints
                .push(format!("{place}: `{word}` is no rule's id; ids are written J04, P17, S01, O05"));
        }
    }
    if found == 0 {
        scanned.complaints.push(format!("{place}: `Proves:` names no rule"));
    }
}

fn is_rule_id(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 3 && b"JPSO".contains(&bytes[0]) && bytes[1..].iter().all(u8::is_ascii_digit)
}

/// Every rule id that stands as a word of its own in `text`, once.
pub(super) fn rule_ids(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-'));
    let mut ids: Vec<String> = words.filter(|word| is_rule_id(word)).map(str::to_owned).collect();
    ids.sort();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(text: &str) -> Scanned {
        let mut scanned = Scanned::default();
        source("crates/x/src/y.rs", text, &mut scanned);
        scanned
    }

    #[test]
    fn a_claim_belongs_to_the_test_below_it() {
        let found = scanned(
            "/// The clock.\n///\n/// Proves: J04, J11,\n/// P01 and VP-02-004.\n/// More P02.\n#[tokio::test(\n    \
             flavor = \"x\",\n)]\n#[should_panic]\nasync fn it_ticks() {\n}\n/// Proves: O05.\n#[test]\nfn other() {}",
        );
        assert_eq!(found.complaints, [""; 0]);
        let ids: Vec<(&str, &str)> =
            found.proofs.iter().map(|(id, tests)| (id.as_str(), tests[0].name.as_str())).collect();
        assert_eq!(ids, [("J04", "it_ticks"), ("J11", "it_ticks"), ("O05", "other"), ("P01", "it_ticks")]);
    }

    #[test]
    fn a_claim_above_no_test_with_no_id_or_with_a_wrong_one_is_refused() {
        assert_eq!(scanned("/// Proves: J04.\nfn not_a_test() {}").complaints.len(), 1);
        assert_eq!(scanned("/// Proves: J04.\n#[cfg(x)]\nstruct X;").complaints.len(), 1);
        assert_eq!(scanned("/// Proves: much.\n#[test]\nfn t() {}").complaints.len(), 1);
        assert_eq!(scanned("/// Proves: J4, J05.\n#[test]\nfn t() {}").complaints.len(), 1);
        assert_eq!(scanned("/// Proves nothing.\n#[test]\nfn t() {}").complaints.len(), 0);
        let unmarked = scanned("#[test]\nfn a() {}\n/// Proves: J01.\nfn b() {}");
        assert_eq!((unmarked.complaints.len(), unmarked.proofs.len()), (1, 0));
    }
}
