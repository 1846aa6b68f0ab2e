//! Who must act when an advisory comes out.
//!
//! **A pair** is an advisory that is not withdrawn, with one package that it speaks of, and a node of the graph that requires
//! this package directly: a package at runtime, one of its extras, or its building, each a pair of its own. Markers other
//! than `extra` are not evaluated: a requirement that counts on one platform only is a requirement. Several requirements
//! under the same condition must all hold and are one; under different conditions the worst of them gives the pair its state.
//!
//! **The state** of a requirement is decided by sets of versions (PEP 440), released or not, because the graph holds no lists
//! of releases: *affected*, what the advisory's ranges and listed versions hold; *mended*, what comes at or after a version
//! that the advisory names as fixed, or after the last affected one, and is not affected; *wanted*, what the requirement lets
//! in, prereleases like any other.
//!
//! | state | when |
//! |---|---|
//! | safe | nothing wanted is affected |
//! | re-lock | something wanted is affected, something wanted is mended |
//! | blocked | something wanted is affected, nothing wanted is mended, something above is: the dependent must act |
//! | no fix | something wanted is affected, and above it nothing is mended |
//! | unknown | the requirement names an address, or its versions cannot be read |
//!
//! **Beyond direct dependents** exposure runs on backward through every requirement, but not through a dependent whose own
//! requirement of the package is safe. "Blocked" runs on only through requirements that keep later versions out (pins, caps,
//! addresses): whoever leaves the next release in has to re-lock once the blocked one has acted, and nothing else.

mod change;
mod exposure;
mod spread;

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
};

use bastide_model::specifier::VersionSet;
use serde::Serialize;

pub use self::{
    change::Change,
    exposure::{Exposure, ExposureError, packages},
    spread::{Dependent, Impact, Scope},
};
use crate::graph::{Graph, Node, Part, Wanted};

/// What a dependent has to do, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing: what it asks for is not affected.
    Safe,
    /// Take the version that is fixed, which it lets in already.
    ReLock,
    /// Nobody can tell.
    Unknown,
    /// It cannot do anything: there is no fix yet.
    NoFix,
    /// Change what it asks for: it keeps every fix out.
    Blocked,
}

impl State {
    /// Every state, the most pressing first.
    pub const ALL: [Self; 5] = [Self::Blocked, Self::NoFix, Self::Unknown, Self::ReLock, Self::Safe];

    /// Its name: `blocked`, `no-fix`, `unknown`, `re-lock`, `safe`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::ReLock => "re-lock",
            Self::Unknown => "unknown",
            Self::NoFix => "no-fix",
            Self::Blocked => "blocked",
        }
    }
}

/// How many are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// They keep every fix out and must act.
    pub blocked: u64,
    /// There is no fix for them.
    pub no_fix: u64,
    /// Nobody can tell.
    pub unknown: u64,
    /// They let the fix in already.
    pub re_lock: u64,
    /// They ask for nothing that is affected.
    pub safe: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, state: State) {
        *self.of_mut(state) += 1;
    }

    /// How many are in this state.
    pub const fn of(&self, state: State) -> u64 {
        match state {
            State::Safe => self.safe,
            State::ReLock => self.re_lock,
            State::Unknown => self.unknown,
            State::NoFix => self.no_fix,
            State::Blocked => self.blocked,
        }
    }

    const fn of_mut(&mut self, state: State) -> &mut u64 {
        match state {
            State::Safe => &mut self.safe,
            State::ReLock => &mut self.re_lock,
            State::Unknown => &mut self.unknown,
            State::NoFix => &mut self.no_fix,
            State::Blocked => &mut self.blocked,
        }
    }

    /// How many there are.
    pub const fn total(&self) -> u64 {
        self.blocked + self.no_fix + self.unknown + self.re_lock + self.safe
    }
}

/// Counts apart by what of a package depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CountsByPart {
    /// Packages as they are installed.
    pub runtime: Counts,
    /// Extras of packages.
    pub extras: Counts,
    /// The building of packages.
    pub build: Counts,
}

impl CountsByPart {
    fn of_mut(&mut self, part: Part<'_>) -> &mut Counts {
        match part {
            Part::Runtime => &mut self.runtime,
            Part::Extra(_) => &mut self.extras,
            Part::Build => &mut self.build,
        }
    }
}

/// Answers who must act, from one graph that was read with its terms.
#[derive(Debug)]
pub struct Triage<'graph> {
    graph: &'graph Graph,
    /// Of each terms of the graph which of `sets` they ask for.
    asked: Vec<u32>,
    /// What is asked for, each once, when it was first asked.
    sets: Vec<OnceCell<VersionSet>>,
    /// Of each of `sets` its state, and for the how-manieth exposure that was worked out: many dependents ask for the same.
    known: RefCell<(u32, Vec<(u32, State)>)>,
}

impl<'graph> Triage<'graph> {
    /// Over this graph.
    pub fn new(graph: &'graph Graph) -> Self {
        let mut numbers: HashMap<&Wanted, u32> = HashMap::new();
        let asked = graph
            .terms
            .iter()
            .map(|terms| {
                // There are fewer than `u32::MAX` edges, and no more terms.
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers.entry(&terms.wanted).or_insert(next)
            })
            .collect();
        let count = numbers.len();
        let known = RefCell::new((0, vec![(0, State::Unknown); count]));
        Self { graph, asked, sets: vec![OnceCell::new(); count], known }
    }

    /// The state of one requirement, for the exposure with this number.
    fn judge(&self, terms: u32, exposure: &Exposure, number: u32, known: &mut [(u32, State)]) -> State {
        let wanted = self.graph.terms.get(terms as usize).map(|terms| &terms.wanted);
        let Some(Wanted::Versions(specifiers)) = wanted else { return State::Unknown };
        let set = self.asked[terms as usize] as usize;
        if known[set].0 != number {
            known[set] = (number, exposure.judge(self.sets[set].get_or_init(|| specifiers.set())));
        }
        known[set].1
    }

    /// The direct dependents of the exposure's package, by name, each once with its worst state and the number of the terms
    /// that gave it; none where the graph does not know the package.
    pub(crate) fn direct(&self, exposure: &Exposure) -> Vec<(Node, State, u32)> {
        let Some(node) = self.graph.find(&exposure.package) else { return Vec::new() };
        let mut known = self.known.borrow_mut();
        let (number, known) = &mut *known;
        *number = number.wrapping_add(1);
        if *number == 0 {
            // Four thousand million exposures later no old answer may be taken for a new one.
            known.fill((0, State::Unknown));
            *number = 1;
        }
        let mut found: Vec<(Node, State, u32)> = Vec::new();
        for edge in self.graph.reverse.range(node.0) {
            let dependent = Node(self.graph.reverse.nodes[edge]);
            let Some(terms) = self.graph.reverse.terms.get(edge) else { continue };
            let state = self.judge(*terms, exposure, *number, known);
            match found.last_mut() {
                Some(last) if last.0 == dependent => {
                    if state > last.1 {
                        (last.1, last.2) = (state, *terms);
                    }
                }
                _ => found.push((dependent, state, *terms)),
            }
        }
        found
    }

    /// How many pairs of this exposure are in each state.
    pub fn count(&self, exposure: &Exposure) -> CountsByPart {
        let mut counts = CountsByPart::default();
        for (node, state, _) in self.direct(exposure) {
            counts.of_mut(self.graph.part(node)).add(state);
        }
        counts
    }
}

#[cfg(test)]
mod tests;
