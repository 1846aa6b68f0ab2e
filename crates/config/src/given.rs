//! What was given for each key, and by whom; reading it into a section's struct.

use std::{collections::BTreeMap, fmt};

use crate::{Problem, Value, declaration::key};

/// Whence a value came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave one; this one is built in.
    Default,
    /// A line of the file.
    File {
        /// The file as it was named.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("built in"),
            Self::File { name, line } => write!(out, "{name}:{line}"),
            Self::Variable(name) => out.write_str(name),
            Self::Flag(name) => write!(out, "--{name}"),
        }
    }
}

/// What was given for one key.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) texts: Vec<String>,
    pub(crate) origin: Origin,
}

/// Hands out what was given, and writes down what is wrong with it.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(crate) given: &'a BTreeMap<String, Given>,
    pub(crate) problems: Vec<Problem>,
}

impl Reader<'_> {
    /// The value of a field: what was given, or what is built in. None when it is wrong, which is written down.
    pub fn take<T: Value>(&mut self, section: &str, field: &str, default: Option<&str>) -> Option<T> {
        let key = key(section, field);
        let built_in = default.map(|text| Given { texts: vec![text.to_owned()], origin: Origin::Default });
        let Some(given) = self.given.get(&key).cloned().or(built_in) else {
            let absent = T::absent();
            if absent.is_none() {
                self.problems.push(Problem {
                    place: format!("`{key}`"),
                    what: "it has to be given".to_owned(),
                    remedy: format!("write `{key} = …` into the configuration file"),
                });
            }
            return absent;
        };
        if !T::MANY && given.texts.len() != 1 {
            let what = format!("`{key}` takes one value, not a list of {}", given.texts.len());
            self.problem(&given, what, "write one value".to_owned());
            return None;
        }
        match T::parse(&given.texts) {
            Ok(value) => Some(value),
            Err(remedy) => {
                // The value itself is not repeated: it may be a secret that came to stand in the wrong place.
                self.problem(&given, format!("`{key}` cannot be this"), remedy);
                None
            }
        }
    }

    fn problem(&mut self, given: &Given, what: String, remedy: String) {
        self.problems.push(Problem { place: given.origin.to_string(), what, remedy });
    }

    /// The names that stand in the place of the `*` in sections such as `provider.*`.
    pub fn names(&self, section: &str) -> Vec<String> {
        let prefix = section.trim_end_matches('*');
        let mut names: Vec<String> = self
            .given
            .keys()
            .filter_map(|key| key.strip_prefix(prefix)?.split_once('.'))
            .map(|(name, _)| name.to_owned())
            .collect();
        names.dedup();
        names
    }
}
