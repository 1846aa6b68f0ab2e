//! Which clauses suggest themselves for a report, for people to decide (O06).

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};

use super::{
    clause::{Ruling, ThreatModel},
    question::{Answered, Question},
};

/// A clause that may apply to a report, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Suggestion {
    /// The clause's id.
    pub clause: String,
    /// What the clause rules.
    pub ruling: Ruling,
    /// Why it suggests itself; answers before names.
    pub because: Vec<Because>,
}

/// Why a clause suggests itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// An answer of the report.
    Answer {
        /// The question.
        question: Question,
        /// Its answer.
        answer: bool,
    },
    /// A name in the report's text.
    Name {
        /// The name as the clause has it.
        name: String,
        /// The line where it stands first, from 1.
        line: u32,
    },
}

/// A threat model made ready to look at many reports: its names are compiled once.
#[derive(Debug, Clone)]
pub struct Suggester {
    model: ThreatModel,
    names: Option<AhoCorasick>,
    /// For each pattern: the index of its clause and the name.
    owners: Vec<(usize, String)>,
}

impl Suggester {
    /// Compiles the names of a model.
    pub fn new(model: ThreatModel) -> Self {
        let owners: Vec<(usize, String)> = model
            .clauses
            .iter()
            .enumerate()
            .flat_map(|(index, clause)| clause.names.iter().map(move |name| (index, name.clone())))
            .collect();
        let patterns: Vec<&str> = owners.iter().map(|(_, name)| name.trim_end_matches("()")).collect();
        // A file of a model is bounded in size, so an automaton that cannot be built does not occur; if it did,
        // answers would still suggest clauses and names would not.
        let names = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).ok();
        Self { model, names, owners }
    }

    /// The model.
    pub fn model(&self) -> &ThreatModel {
        &self.model
    }

    /// The clauses that suggest themselves for these answers and this text, in the order of the model.
    pub fn suggest(&self, answered: &Answered, text: &str) -> Vec<Suggestion> {
        let mut found: BTreeMap<usize, Vec<Because>> = BTreeMap::new();
        for (index, clause) in self.model.clauses.iter().enumerate() {
            for trigger in &clause.when {
                if answered.get(&trigger.question) == Some(&trigger.answer) {
                    let because = Because::Answer { question: trigger.question, answer: trigger.answer };
                    found.entry(index).or_default().push(because);
                }
            }
        }
        for (pattern, line) in self.first_lines(text) {
            let (index, name) = &self.owners[pattern];
            found.entry(*index).or_default().push(Because::Name { name: name.clone(), line });
        }
        found
            .into_iter()
            .map(|(index, because)| {
                let clause = &self.model.clauses[index];
                Suggestion { clause: clause.id.to_string(), ruling: clause.ruling, because }
            })
            .collect()
    }

    /// Each name that stands in the text as a word of its own, with the line of its first place.
    fn first_lines(&self, text: &str) -> BTreeMap<usize, u32> {
        let mut lines = BTreeMap::new();
        let (mut line, mut counted) = (1, 0);
        let hits = self.names.iter().flat_map(|names| names.find_overlapping_iter(text));
        for hit in hits {
            if lines.contains_key(&hit.pattern().as_usize()) || !is_word(text, hit.start(), hit.end()) {
                continue;
            }
            // Overlapping hits come ordered by their ends, so a start may lie before what was counted.
            if hit.start() >= counted {
                line += text[counted..hit.start()].matches('\n').count();
                counted = hit.start();
            }
            lines.insert(hit.pattern().as_usize(), u32::try_from(line).unwrap_or(u32::MAX));
        }
        lines
    }
}

/// Whether these bytes are a name of their own: `eval(` is, `literal_eval(` and `model.eval(` are not.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(|character| part(character) || character == '.') && !after.is_some_and(part)
}
