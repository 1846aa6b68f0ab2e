//! From direct dependents to everybody: whom an exposure reaches, and in which state.

use std::{cell::OnceCell, collections::VecDeque};

use bastide_model::version::Version;

use super::{Change, CountsByPart, Exposure, State, Triage};
use crate::graph::{
    Graph, Node, Part, Terms, Wanted,
    closure::{Closure, Marks, Ways},
};

/// Whom an answer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope {
    /// At most so many steps away; 1 names direct dependents only.
    pub most_depth: Option<usize>,
}

/// In place of a node: there is none.
const NONE: u32 = u32::MAX;

/// Whom an exposure reaches.
#[derive(Debug)]
pub struct Impact<'graph> {
    graph: &'graph Graph,
    exposure: Exposure,
    closure: Closure,
    /// Of each node its state.
    states: Vec<State>,
    /// Of each node that is not safe the node through which it got its state.
    through: Vec<u32>,
    /// Of each node that is not safe the terms by which it requires that node.
    terms: Vec<u32>,
    direct: Vec<(Node, State, u32)>,
    /// The ways of those who are safe, when they were first asked.
    ways: OnceCell<Ways>,
}

/// A dependent and what it has to do.
#[derive(Debug, Clone)]
pub struct Dependent<'graph> {
    /// The node.
    pub node: Node,
    /// Its name: `dask`, `dask[array]`, `dask{build}`.
    pub name: &'graph str,
    /// What of its package depends.
    pub part: Part<'graph>,
    /// How many steps lie between it and the package; 1 is a direct dependent.
    pub depth: usize,
    /// Its state.
    pub state: State,
    /// From it to the package: for who is not safe the way by which its state came, else a shortest way.
    pub path: Vec<&'graph str>,
    /// What it asks of the next on that way.
    pub terms: Option<&'graph Terms>,
    /// The clauses that keep every fix out; of who is blocked by what it requires, those that keep its next release out.
    pub blocking: Vec<String>,
    /// What it has to write instead, where that is known.
    pub change: Option<Change>,
}

impl<'graph> Triage<'graph> {
    /// Whom an exposure reaches; nothing where the graph does not know the package.
    pub fn impact(&self, exposure: &Exposure, scope: Scope) -> Option<Impact<'graph>> {
        let node = self.graph.find(&exposure.package)?;
        let closure = self.graph.closure(node, scope.most_depth);
        let mut impact = Impact {
            graph: self.graph,
            exposure: exposure.clone(),
            closure,
            states: vec![State::Safe; self.graph.nodes()],
            through: vec![NONE; self.graph.nodes()],
            terms: vec![NONE; self.graph.nodes()],
            direct: self.direct(exposure),
            ways: OnceCell::new(),
        };
        impact.spread(node);
        Some(impact)
    }
}

impl<'graph> Impact<'graph> {
    /// Hands states on until nothing changes. A state only ever gets worse and nobody gets a worse one than who hands it on,
    /// so this ends, and the way by which a state came never leads in a circle.
    fn spread(&mut self, package: Node) {
        let mut own_is_safe = Marks::of(self.graph.nodes());
        let mut waiting = VecDeque::new();
        own_is_safe.set(package.0);
        for (node, state, terms) in &self.direct {
            if *state == State::Safe {
                own_is_safe.set(node.0);
            } else {
                self.states[node.index()] = *state;
                self.through[node.index()] = package.0;
                self.terms[node.index()] = *terms;
                waiting.push_back(node.0);
            }
        }
        let holding: Vec<(bool, bool)> = self
            .graph
            .terms
            .iter()
            .map(|terms| (terms.holds_back(), terms.wanted == Wanted::Unreadable))
            .collect();
        while let Some(node) = waiting.pop_front() {
            let state = self.states[node as usize];
            for edge in self.graph.reverse.range(node) {
                let dependent = self.graph.reverse.nodes[edge];
                let terms = self.graph.reverse.terms.get(edge).copied().unwrap_or(NONE);
                let (holds_back, unreadable) = holding.get(terms as usize).copied().unwrap_or((false, true));
                let handed = match state {
                    State::Blocked if holds_back => State::Blocked,
                    State::Blocked if unreadable => State::Unknown,
                    State::Blocked => State::ReLock,
                    other => other,
                };
                if handed > self.states[dependent as usize] && !own_is_safe.is_set(dependent) {
                    self.states[dependent as usize] = handed;
                    self.through[dependent as usize] = node;
                    self.terms[dependent as usize] = terms;
                    waiting.push_back(dependent);
                }
            }
        }
    }

    /// What was asked.
    pub fn exposure(&self) -> &Exposure {
        &self.exposure
    }

    /// Who is reached, with depths.
    pub fn closure(&self) -> &Closure {
        &self.closure
    }

    /// How many direct dependents are in each state, by their own requirements alone.
    pub fn direct(&self) -> CountsByPart {
        let mut counts = CountsByPart::default();
        for (node, state, _) in &self.direct {
            counts.of_mut(self.graph.part(*node)).add(*state);
        }
        counts
    }

    /// How many of all who are reached are in each state.
    pub fn all(&self) -> CountsByPart {
        let mut counts = CountsByPart::default();
        for reached in self.closure.reached() {
            counts.of_mut(self.graph.part(reached.node)).add(self.states[reached.node.index()]);
        }
        counts
    }

    /// The dependents that `wanted` lets through, the most pressing first, then the nearest, then by name; at most `most`.
    /// The second value says how many there are.
    pub fn dependents(
        &self,
        most: usize,
        wanted: impl Fn(State, Part<'_>) -> bool,
    ) -> (Vec<Dependent<'graph>>, usize) {
        let mut places: Vec<(State, usize, Node)> = self
            .closure
            .reached()
            .map(|reached| (self.states[reached.node.index()], reached.depth, reached.node))
            .filter(|(state, _, node)| wanted(*state, self.graph.part(*node)))
            .collect();
        let count = places.len();
        places.sort_unstable_by_key(|(state, depth, node)| (std::cmp::Reverse(*state), *depth, *node));
        places.truncate(most);
        let shown = places.into_iter().map(|(state, depth, node)| self.dependent(node, state, depth));
        (shown.collect(), count)
    }

    /// The state of the node of this name, and what it asks of the node of the other.
    pub(crate) fn of_name(&self, name: &str, next: &str) -> (State, String) {
        let Some(node) = self.graph.find_node(name) else { return (State::Unknown, String::new()) };
        let terms = self.terms_between(node, self.graph.find_node(next));
        let asks = terms.map_or_else(String::new, |terms| format!("{next}{terms}"));
        (self.states[node.index()], asks)
    }

    fn dependent(&self, node: Node, state: State, depth: usize) -> Dependent<'graph> {
        let (nodes, terms) = if state == State::Safe {
            let nodes = self.ways.get_or_init(|| self.closure.ways(self.graph)).path(node);
            let terms = self.terms_between(node, nodes.get(1).copied());
            (nodes, terms)
        } else {
            (self.way(node), self.graph.terms.get(self.terms[node.index()] as usize))
        };
        let is_direct = nodes.len() == 2;
        let mut dependent = Dependent {
            node,
            name: self.graph.name(node),
            part: self.graph.part(node),
            depth,
            state,
            path: nodes.into_iter().map(|node| self.graph.name(node)).collect(),
            terms,
            blocking: Vec::new(),
            change: None,
        };
        let wanted = terms.map(|terms| &terms.wanted);
        if let (State::Blocked, Some(Wanted::Versions(specifiers))) = (state, wanted) {
            let fix = self.exposure.change(specifiers);
            let blocks = |clause: &&bastide_model::specifier::Clause| {
                if is_direct {
                    fix.as_ref().map_or(clause.is_cap(), |change: &Change| !clause.contains(&change.fix))
                } else {
                    clause.is_cap()
                }
            };
            dependent.blocking =
                specifiers.clauses().iter().filter(blocks).map(ToString::to_string).collect();
            dependent.change = fix.filter(|_| is_direct);
        }
        dependent
    }

    /// The way by which a state came.
    fn way(&self, node: Node) -> Vec<Node> {
        let mut way = vec![node];
        let mut at = node;
        // Never a circle (see `spread`), and never longer than there are nodes.
        while self.through[at.index()] != NONE && way.len() <= self.graph.nodes() {
            at = Node(self.through[at.index()]);
            way.push(at);
        }
        way
    }

    fn terms_between(&self, from: Node, to: Option<Node>) -> Option<&'graph Terms> {
        self.graph.dependents(to?).find(|(dependent, _)| *dependent == from)?.1
    }

    /// The version to take: the lowest that the advisory names as fixed and that these terms let in.
    pub fn fix_for(&self, terms: &Terms) -> Option<&Version> {
        let Wanted::Versions(specifiers) = &terms.wanted else { return None };
        self.exposure.fixed.iter().find(|fix| specifiers.contains(fix))
    }
}
