//! The names that a project's programming interface really has (P19).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// Dotted names that exist in the stated versions, such as `json.loads`. Where no list is given, nothing is known and
/// the lint says so.
#[derive(Debug, Clone, Default)]
pub struct ApiNames {
    names: BTreeSet<String>,
    roots: BTreeSet<String>,
}

/// The most missing names that are looked for in one text.
const MOST: usize = 20;

static DOTTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+")
        .expect("a constant pattern, compiled by the tests")
});

impl ApiNames {
    /// The list of these names. A name's parents count as known.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut list = Self::default();
        for name in names {
            let name: String = name.into();
            for (dot, _) in name.match_indices('.') {
                list.names.insert(name[..dot].to_owned());
            }
            list.roots.extend(name.split('.').next().map(str::to_owned));
            list.names.insert(name);
        }
        list
    }

    /// The dotted names in a text that begin with a known module and do not exist, with their lines: the first 20,
    /// so that a text full of them costs no more than any other.
    pub(super) fn missing_in(&self, text: &str) -> Vec<(String, u32)> {
        let mut missing: Vec<(String, u32)> = Vec::new();
        for (line, number) in text.lines().zip(1_u32..) {
            for found in DOTTED.find_iter(line) {
                if missing.len() == MOST {
                    return missing;
                }
                let name = found.as_str();
                let root = name.split('.').next().unwrap_or(name);
                if self.roots.contains(root)
                    && !self.knows(name)
                    && missing.iter().all(|(known, _)| known != name)
                {
                    missing.push((name.to_owned(), number));
                }
            }
        }
        missing
    }

    /// Known itself, or an attribute of a known function or class (which a list of names does not go into).
    fn knows(&self, name: &str) -> bool {
        let parent_is_leaf = |(dot, _): (usize, &str)| {
            let parent = &name[..dot];
            let below = format!("{parent}.");
            self.names.contains(parent)
                && self.names.range(below.clone()..).next().is_none_or(|next| !next.starts_with(&below))
        };
        self.names.contains(name) || name.match_indices('.').any(parent_is_leaf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_do_not_exist_are_found_and_foreign_ones_left_alone() {
        let names = ApiNames::new(["json.loads", "json.JSONDecoder", "urllib.parse.urlsplit"]);
        let text = "json.loads(x)\nurllib.parse.urlsplit and json.parse_safe\njson.JSONDecoder.raw_decode, script.py";
        assert_eq!(names.missing_in(text), [("json.parse_safe".to_owned(), 2)]);
    }
}
