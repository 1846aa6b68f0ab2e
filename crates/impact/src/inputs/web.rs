//! Who needs whom within one document: from it follow the scope of each package and the shortest chain that brings it in.

use std::collections::{HashMap, VecDeque};

use super::draft::Draft;
use crate::inventory::{Component, Scope};

/// The most names in a chain; longer ones lose their middle.
const MAX_CHAIN: usize = 12;
/// The most edges that are followed in one document.
const MAX_EDGES: usize = 2_000_000;

/// How a package was first reached: for what, from which package, by which root's wish.
#[derive(Debug, Clone, Copy)]
struct Reached {
    scope: Scope,
    from: Option<usize>,
    seed: Option<usize>,
}

/// Packages of one document and their edges.
#[derive(Default)]
pub(crate) struct Web {
    nodes: Vec<Component>,
    by_name: HashMap<String, Vec<usize>>,
    edges: Vec<Vec<usize>>,
    count: usize,
    seeds: Vec<(Scope, String, usize)>,
}

impl Web {
    /// Adds a package; gives its number.
    pub(crate) fn add(&mut self, component: Component) -> usize {
        let number = self.nodes.len();
        self.by_name.entry(component.package.name().to_owned()).or_default().push(number);
        self.nodes.push(component);
        self.edges.push(Vec::new());
        number
    }

    /// The scope that the document itself gives a package.
    pub(crate) fn scope(&self, node: usize) -> Scope {
        self.nodes[node].scope
    }

    /// The packages of this name, of this version where one is named.
    pub(crate) fn find(&self, name: &str, version: Option<&str>) -> Vec<usize> {
        let all = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let fits = |number: &&usize| match (version, &self.nodes[**number].version) {
            (Some(wanted), Ok(version)) => version.as_str() == wanted,
            (Some(_), Err(_)) => false,
            (None, _) => true,
        };
        all.iter().filter(fits).copied().collect()
    }

    /// One package needs another.
    pub(crate) fn edge(&mut self, from: usize, to: usize) {
        if self.count < MAX_EDGES && from != to {
            self.edges[from].push(to);
            self.count += 1;
        }
    }

    /// A root needs a package for this.
    pub(crate) fn seed(&mut self, scope: Scope, root: &str, to: usize) {
        if self.seeds.len() < MAX_EDGES {
            self.seeds.push((scope, root.to_owned(), to));
        }
    }

    /// Follows the edges from the roots, runtime first; a package that nothing reaches keeps its scope and stands for itself,
    /// or begins a chain where nobody needs it.
    pub(crate) fn settle(mut self, draft: &mut Draft) {
        let mut reached: Vec<Option<Reached>> = vec![None; self.nodes.len()];
        let mut seeds = std::mem::take(&mut self.seeds);
        seeds.sort_by_key(|(scope, _, _)| *scope);
        for scope in [Scope::Runtime, Scope::Extra, Scope::Dev, Scope::Build] {
            let starts = seeds.iter().enumerate().filter(|(_, seed)| seed.0 == scope);
            let starts = starts.map(|(place, seed)| (seed.2, Some(place))).collect();
            self.follow(starts, scope, &mut reached);
        }
        let mut needed = vec![false; self.nodes.len()];
        for to in self.edges.iter().flatten() {
            needed[*to] = true;
        }
        // Without roots, those whom nobody needs begin the chains; their own scope is passed on.
        let mut free: Vec<usize> =
            (0..self.nodes.len()).filter(|node| !needed[*node] && reached[*node].is_none()).collect();
        free.sort_by_key(|node| self.nodes[*node].scope);
        for node in free {
            let scope = self.nodes[node].scope;
            self.follow(VecDeque::from([(node, None)]), scope, &mut reached);
        }
        let paths: Vec<Vec<String>> =
            (0..self.nodes.len()).map(|node| self.chain(node, &reached, &seeds)).collect();
        for ((mut component, found), path) in self.nodes.into_iter().zip(&reached).zip(paths) {
            if let Some(reached) = found {
                component.scope = reached.scope;
            }
            component.path = path;
            draft.push(component);
        }
    }

    fn follow(
        &self,
        starts: VecDeque<(usize, Option<usize>)>,
        scope: Scope,
        reached: &mut [Option<Reached>],
    ) {
        let mut queue = VecDeque::new();
        for (node, seed) in starts {
            if reached[node].is_none() {
                reached[node] = Some(Reached { scope, from: None, seed });
                queue.push_back(node);
            }
        }
        while let Some(node) = queue.pop_front() {
            for to in &self.edges[node] {
                if reached[*to].is_none() {
                    reached[*to] = Some(Reached { scope, from: Some(node), seed: None });
                    queue.push_back(*to);
                }
            }
        }
    }

    fn chain(
        &self,
        node: usize,
        reached: &[Option<Reached>],
        seeds: &[(Scope, String, usize)],
    ) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = Some(node);
        let mut cut = false;
        while let Some(here) = at {
            if names.len() == MAX_CHAIN - 1 {
                cut = true;
                break;
            }
            names.push(self.nodes[here].package.name().to_owned());
            let Some(Reached { from, seed, .. }) = reached[here] else { break };
            if let Some(seed) = seed
                && !seeds[seed].1.is_empty()
            {
                names.push(seeds[seed].1.clone());
            }
            at = from;
        }
        if cut {
            names.push("…".to_owned());
        }
        names.reverse();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::Kind;

    fn web(names: &[&str]) -> (Web, Draft) {
        let mut draft = Draft::new("x", Kind::UvLock);
        let mut web = Web::default();
        for name in names {
            let component = draft.pypi(1, name, Some("1.0")).unwrap();
            web.add(component);
        }
        (web, draft)
    }

    #[test]
    fn the_shortest_chain_is_told_and_runtime_outweighs_tests() {
        let (mut web, mut draft) = web(&["a", "b", "c", "d"]);
        web.seed(Scope::Dev, "app", 2);
        web.seed(Scope::Runtime, "app", 0);
        web.edge(0, 1);
        web.edge(1, 2);
        web.edge(2, 3);
        web.edge(3, 0);
        web.settle(&mut draft);
        let told: Vec<_> =
            draft.finish().components.iter().map(|one| (one.path.join(" > "), one.scope)).collect();
        assert_eq!(told[0], ("app > a".to_owned(), Scope::Runtime));
        assert_eq!(told[2], ("app > a > b > c".to_owned(), Scope::Runtime));
        assert_eq!(told[3], ("app > a > b > c > d".to_owned(), Scope::Runtime));
    }

    #[test]
    fn a_ring_without_roots_and_a_chain_of_thousands_end() {
        let (mut ring, mut draft) = web(&["a", "b"]);
        ring.edge(0, 1);
        ring.edge(1, 0);
        ring.settle(&mut draft);
        assert_eq!(draft.finish().components[1].path, ["b"]);
        let names: Vec<String> = (0..20_000).map(|number| format!("p{number}")).collect();
        let (mut long, mut draft) = web(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for number in 1..20_000 {
            long.edge(number - 1, number);
        }
        long.settle(&mut draft);
        let inventory = draft.finish();
        let last = &inventory.components[19_999];
        assert_eq!((last.path.len(), &*last.path[0], &*last.path[11]), (12, "…", "p19999"));
    }
}
