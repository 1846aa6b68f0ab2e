//! Alias groups: records that name each other, or a third id, as the same vulnerability.
//!
//! As osv.dev computes them: connected components over `aliases`, of records that are not withdrawn. A record with more than
//! five aliases joins nothing, and a group of more than 32 ids is none: one careless record would make all vulnerabilities of
//! a year the same.

use std::collections::{BTreeSet, HashMap};

/// A record with more aliases joins no group.
pub(crate) const MAX_ALIASES: usize = 5;
/// A larger group is none.
pub(crate) const MAX_GROUP: usize = 32;

/// Numbers for texts, and which of them belong together (union by size, path halving).
#[derive(Default)]
pub(crate) struct Groups {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
    parents: Vec<usize>,
    sizes: Vec<usize>,
}

impl Groups {
    /// A record and the aliases that it gives.
    pub(crate) fn join(&mut self, id: &str, aliases: &[String]) {
        if aliases.len() > MAX_ALIASES {
            return;
        }
        let own = self.number(id);
        for alias in aliases {
            let other = self.number(alias);
            self.unite(own, other);
        }
    }

    /// The ids of each group of two and more, by any of its ids; groups beyond the bound are left out.
    pub(crate) fn finish(mut self) -> HashMap<String, BTreeSet<String>> {
        let mut members: HashMap<usize, BTreeSet<String>> = HashMap::new();
        for number in 0..self.names.len() {
            let root = self.root(number);
            members.entry(root).or_default().insert(self.names[number].clone());
        }
        let mut groups = HashMap::new();
        for group in members.into_values().filter(|group| (2..=MAX_GROUP).contains(&group.len())) {
            for id in &group {
                groups.insert(id.clone(), group.clone());
            }
        }
        groups
    }

    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len();
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        self.parents.push(number);
        self.sizes.push(1);
        number
    }

    fn root(&mut self, mut number: usize) -> usize {
        while self.parents[number] != number {
            self.parents[number] = self.parents[self.parents[number]];
            number = self.parents[number];
        }
        number
    }

    fn unite(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return;
        }
        let (large, small) = if self.sizes[one] < self.sizes[other] { (other, one) } else { (one, other) };
        self.parents[small] = large;
        self.sizes[large] += self.sizes[small];
    }
}
