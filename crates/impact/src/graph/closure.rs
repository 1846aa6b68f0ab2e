//! Everybody who is reached backward from a package: its dependents, their dependents, and so on.
//!
//! Breadth first, so each is reached on a shortest path. The nodes of a level are visited in the order of their numbers, so
//! that the arrays of edges are read from front to back and not at random, which is most of what a search costs. Memory: four
//! bytes for each node that is reached and two bits for each node of the graph; the ways ([`Ways`]) are found when asked.

use super::{Graph, Node};

/// Who is reached from a node, nearest first.
#[derive(Debug, Clone)]
pub struct Closure {
    /// The nodes by depth, then by name; the first is where it began.
    order: Vec<u32>,
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

    /// Sorts numbers, which are none twice: few by comparing, many by marking each and reading the marks in order. No mark is
    /// set before or after.
    fn sort(&mut self, numbers: &mut Vec<u32>) {
        if numbers.len() < self.0.len() / 4 {
            numbers.sort_unstable();
            return;
        }
        for number in numbers.drain(..) {
            self.0[(number / 64) as usize] |= 1u64 << (number % 64);
        }
        for (first, word) in (0u32..).step_by(64).zip(&mut self.0) {
            let mut left = std::mem::take(word);
            while left != 0 {
                numbers.push(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
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
        let mut new = Marks::of(self.nodes());
        seen.set(node.0);
        let mut closure = Closure { order: vec![node.0], levels: vec![0], cut: false };
        let mut level = 0..1;
        let mut found: Vec<u32> = Vec::new();
        while !level.is_empty() {
            if most_depth.is_some_and(|most| closure.levels.len() > most) {
                closure.cut = closure.order[level].iter().any(|node| !self.reverse.range(*node).is_empty());
                break;
            }
            for node in &closure.order[level.clone()] {
                for dependent in &self.reverse.nodes[self.reverse.range(*node)] {
                    if seen.set(*dependent) {
                        found.push(*dependent);
                    }
                }
            }
            new.sort(&mut found);
            level = level.end..level.end + found.len();
            if !level.is_empty() {
                // There are fewer than `u32::MAX` nodes, so a place in their order is one too.
                closure.levels.push(u32::try_from(level.start).unwrap_or(u32::MAX));
            }
            closure.order.append(&mut found);
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

    /// Everybody, nearest first, and by name where the distance is equal.
    pub fn reached(&self) -> impl Iterator<Item = Reached> {
        (1..self.levels.len()).flat_map(move |depth| {
            self.level(depth).map(move |place| Reached { node: Node(self.order[place]), depth })
        })
    }

    /// A shortest way to the first for everybody who was reached.
    pub fn ways(&self, graph: &Graph) -> Ways {
        let mut seen = Marks::of(graph.nodes());
        let mut through = vec![u32::MAX; graph.nodes()];
        seen.set(self.order[0]);
        for node in &self.order {
            for dependent in &graph.reverse.nodes[graph.reverse.range(*node)] {
                // The first who leads there in this order is the nearest, and of the nearest the first by name.
                if seen.set(*dependent) {
                    through[*dependent as usize] = *node;
                }
            }
        }
        Ways { through, steps: self.levels.len() }
    }
}

/// Shortest ways to where a search began.
#[derive(Debug, Clone)]
pub struct Ways {
    /// Of each node the one that it requires on a shortest way; `u32::MAX` where there is none.
    through: Vec<u32>,
    /// The most steps of a way, and one.
    steps: usize,
}

impl Ways {
    /// The way from this node: the node itself, what it requires on the way, and so on up to where the search began. The node
    /// alone where it was not reached.
    pub fn path(&self, node: Node) -> Vec<Node> {
        let mut path = vec![node];
        let mut at = node;
        while let Some(next) = self.through.get(at.index()).filter(|next| **next != u32::MAX)
            && path.len() <= self.steps
        {
            at = Node(*next);
            path.push(at);
        }
        path
    }
}
