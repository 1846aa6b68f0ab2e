//! The one rule registry: every check has a stable id, a reason, a source and two examples.
//!
//! Each domain exports its `RULES`; the doors put the registries together. `bastide rules` lists them, `bastide
//! explain ID` shows one, and a test runs the failing and the passing example of each.

use crate::finding::{Finding, Level};

/// A check with everything that a person needs to understand its findings.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The stable id: letters of the domain, a dash, then what it checks (`REP-P22`).
    pub id: &'static str,
    /// The rule in one line.
    pub title: &'static str,
    /// Why it exists, in words for somebody who is no security expert.
    pub why: &'static str,
    /// Where it comes from: acceptance ids, a specification's section, an attack's name.
    pub sources: &'static [&'static str],
    /// How much a finding of it matters unless the check knows better.
    pub severity: Level,
    /// What to do about a finding, in one or two sentences.
    pub remedy: &'static str,
    /// A subject that breaks the rule, as text that `run` reads.
    pub failing: &'static str,
    /// A subject that keeps it.
    pub passing: &'static str,
    /// Runs the rule on an example, and only on examples: real subjects take the domain's own way in.
    pub run: fn(example: &str) -> Vec<Finding>,
}

/// What is wrong with a set of rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two rules share an id.
    #[error("two rules have the id {0}; ids are stable names and must differ")]
    Twice(&'static str),
}

/// All rules of the domains that a door knows, ordered by id.
#[derive(Debug, Clone)]
pub struct Registry {
    rules: Vec<Rule>,
}

impl Registry {
    /// The registry of these domains' rules.
    pub fn new(domains: &[&[Rule]]) -> Result<Self, RegistryError> {
        let mut rules: Vec<Rule> = domains.iter().flat_map(|domain| domain.iter().copied()).collect();
        rules.sort_by_key(|rule| rule.id);
        match rules.windows(2).find(|pair| pair[0].id == pair[1].id) {
            Some(pair) => Err(RegistryError::Twice(pair[0].id)),
            None => Ok(Self { rules }),
        }
    }

    /// Every rule, ordered by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with this id, in any case of letters.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id))
    }
}
