//! Everybody who is reached backward from a package: its dependents, their dependents, and so on.
//!
//! Breadth first, so each is reached on a shortest path. Memory: eight bytes for each node that is reached and one bit for
//! each node of the graph.

use super::{Graph, Node};

/// Who is reached from a node, nearest first.
#[derive(Debug, Clone)]
pub struct Closure {
    /// The nodes in the order in which they were reached; the first is where it began.
    order: Vec<u32>,
    /// Of each of them the place in `order` of the one that it requires on a shortest path; of the first its own.
    through: Vec<u32>,
    /// Where in `order` each depth begins; depth 0 is where it began.
    levels: Vec<u32>,
    cut: bool,
}

/// A node that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The node.
    pub node: Node,
    /// How many edges lie between it and the beginning, on a shortest path.
    pub depth: usize,
}

/// One bit for each node.
#[derive(Debug, Clone)]
pub(crate) struct Marks(Vec<u64>);

impl Marks {
    pub(crate) fn of(nodes: usize) -> Self {
        Self(vec![0; nodes.div_ceil(64)])
    }

    pub(crate) fn is_set(&self, node: u32) -> bool {
        self.0[(node / 64) as usize] & (1u64 << (node % 64)) != 0
    }

    /// Marks a node; whether it was not marked before.
    pub(crate) fn set(&mut self, node: u32) -> bool {
        let (word, bit) = ((node / 64) as usize, 1u64 << (node % 64));
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }
}

impl Graph {
    /// Everybody who is reached backward from `node` in at most `most_depth` steps.
    pub fn closure(&self, node: Node, most_depth: Option<usize>) -> Closure {
        let mut seen = Marks::of(self.nodes());
        seen.set(node.0);
        let mut closure = Closure { order: vec![node.0], through: vec![0], levels: vec![0], cut: false };
        let mut level = 0..1;
        while !level.is_empty() {
            if most_depth.is_some_and(|most| closure.levels.len() > most) {
                closure.cut = level.clone().any(|place| !self.reverse.range(closure.order[place]).is_empty());
                break;
            }
            for place in level.clone() {
                // There are fewer than `u32::MAX` nodes, so a place in their order is one too.
                let through = u32::try_from(place).unwrap_or(u32::MAX);
                for edge in self.reverse.range(closure.order[place]) {
                    let dependent = self.reverse.nodes[edge];
                    if seen.set(dependent) {
                        closure.order.push(dependent);
                        closure.through.push(through);
                    }
                }
            }
            level = level.end..closure.order.len();
            if !level.is_empty() {
                closure.levels.push(u32::try_from(level.start).unwrap_or(u32::MAX));
            }
        }
        closure
    }
}

impl Closure {
    /// How many nodes were reached, without the first.
    pub fn len(&self) -> usize {
        self.order.len() - 1
    }

    /// Whether nobody depends on the first.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether more would be reached with more depth, perhaps.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// How many are reached at each depth, from 1.
    pub fn by_depth(&self) -> Vec<usize> {
        (1..self.levels.len()).map(|depth| self.level(depth).len()).collect()
    }

    fn level(&self, depth: usize) -> std::ops::Range<usize> {
        let end = self.levels.get(depth + 1).map_or(self.order.len(), |end| *end as usize);
        self.levels[depth] as usize..end
    }

    /// Everybody, nearest first, and by name where the distance is equal and the same node leads there.
    pub fn reached(&self) -> impl Iterator<Item = Reached> {
        (1..self.levels.len()).flat_map(move |depth| {
            self.level(depth).map(move |place| Reached { node: Node(self.order[place]), depth })
        })
    }

    /// A shortest path from the node at this place of [`Self::reached`] to the first: the node itself, what it requires on
    /// the way, and so on.
    pub fn path(&self, place: usize) -> Vec<Node> {
        let mut path = Vec::new();
        let Some(mut at) = Some(place + 1).filter(|at| *at < self.order.len()) else { return path };
        loop {
            path.push(Node(self.order[at]));
            if at == 0 {
                return path;
            }
            at = self.through[at] as usize;
        }
    }
}
