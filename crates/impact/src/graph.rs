//! Who depends on whom: a graph of packages, its edges requirements, held in flat arrays.
//!
//! A node is a package, a package with one of its extras (`dask[array]`), or the building of a package. A requirement that
//! counts only with an extra leaves from the extra's node; whoever asks for `dask[array]` depends on `dask` and on
//! `dask[array]`. So whoever is reached backward from a package really gets it installed, and an extra that nobody asks for
//! reaches nobody: runtime, extras and build keep apart by themselves.
//!
//! [`build::Builder`] takes requirements ([`import`] reads them from what people have) and writes a snapshot, [`Graph::read`]
//! reads one, [`closure`] answers who is reached, [`generate`] makes graphs to measure with.

pub mod build;
pub mod closure;
pub mod generate;
pub mod import;
pub mod snapshot;

use std::{fmt, ops::Range};

use bastide_model::{
    package::{Ecosystem, Package},
    specifier::Specifiers,
};
pub use snapshot::{Parts, SnapshotError};

use crate::marker::Marker;

/// A node of one graph, by its place in the order of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub(crate) u32);

impl Node {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What of a package a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part<'name> {
    /// The package as it is installed.
    Runtime,
    /// What comes in with this extra besides.
    Extra(&'name str),
    /// What is needed to build it.
    Build,
}

/// The name of the node of a package's part: `dask`, `dask[array]`, `dask{build}`. No name of a package holds a bracket.
pub(crate) fn node_name(package: &str, part: Part<'_>) -> String {
    match part {
        Part::Runtime => package.to_owned(),
        Part::Extra(extra) => format!("{package}[{extra}]"),
        Part::Build => format!("{package}{{build}}"),
    }
}

/// The package and the part that a node's name names.
pub(crate) fn split_node_name(name: &str) -> (&str, Part<'_>) {
    if let Some((package, extra)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        (package, Part::Extra(extra))
    } else if let Some(package) = name.strip_suffix("{build}") {
        (package, Part::Build)
    } else {
        (name, Part::Runtime)
    }
}

/// What an edge asks for: which versions, and under which condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Which versions.
    pub wanted: Wanted,
    /// Under which condition, as written; empty where there is none.
    pub marker: String,
}

/// Which versions an edge asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// These.
    Versions(Specifiers),
    /// The file at an address, which is not kept: it may hold a password.
    Address,
    /// What is written could not be read.
    Unreadable,
}

/// How [`Wanted`] stands in a snapshot where it is no specifier.
pub(crate) const ADDRESS: &str = "@";
pub(crate) const UNREADABLE: &str = "?";

impl Terms {
    /// The terms that a snapshot holds as two texts.
    pub(crate) fn read(wanted: &str, marker: &str) -> Self {
        let wanted = match wanted {
            ADDRESS => Wanted::Address,
            UNREADABLE => Wanted::Unreadable,
            text => Specifiers::parse(text).map_or(Wanted::Unreadable, Wanted::Versions),
        };
        Self { wanted, marker: marker.to_owned() }
    }

    /// The condition; nothing where there is none or it cannot be read.
    pub fn marker(&self) -> Option<Marker> {
        Marker::parse(&self.marker).ok()
    }

    /// Whether it keeps a later version out: by a pin, a cap or an address.
    pub fn holds_back(&self) -> bool {
        match &self.wanted {
            Wanted::Versions(specifiers) => specifiers.is_capped(),
            Wanted::Address => true,
            Wanted::Unreadable => false,
        }
    }
}

impl fmt::Display for Terms {
    /// As it follows a name: `>=1.4,<2; python_version < "3.9"`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wanted {
            Wanted::Versions(specifiers) if specifiers.is_any() => out.write_str(" (any version)")?,
            Wanted::Versions(specifiers) => write!(out, "{specifiers}")?,
            Wanted::Address => out.write_str(" from an address")?,
            Wanted::Unreadable => out.write_str(" (versions that cannot be read)")?,
        }
        if self.marker.is_empty() { Ok(()) } else { write!(out, "; {}", self.marker) }
    }
}

/// Edges in one direction: of each node, the nodes at the other end, ascending, and the terms of each edge.
#[derive(Debug, Clone, Default)]
pub(crate) struct Adjacency {
    /// Where the edges of a node begin; one more than there are nodes.
    pub(crate) starts: Vec<u32>,
    pub(crate) nodes: Vec<u32>,
    /// Of each edge the number of its terms; empty where they were not read.
    pub(crate) terms: Vec<u32>,
}

impl Adjacency {
    pub(crate) fn range(&self, node: u32) -> Range<usize> {
        self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize
    }
}

/// A graph in memory.
#[derive(Clone)]
pub struct Graph {
    /// Where each name begins in `names`; one more than there are nodes.
    pub(crate) name_starts: Vec<u32>,
    pub(crate) names: String,
    pub(crate) reverse: Adjacency,
    pub(crate) forward: Option<Adjacency>,
    pub(crate) terms: Vec<Terms>,
    pub(crate) header: snapshot::Header,
}

impl fmt::Debug for Graph {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Graph({} nodes, {} edges)", self.nodes(), self.edges())
    }
}

impl Graph {
    /// How many nodes it has.
    pub fn nodes(&self) -> usize {
        self.header.nodes as usize
    }

    /// How many edges it has; several requirements of one node on another under one condition are one edge.
    pub fn edges(&self) -> usize {
        self.header.edges as usize
    }

    /// How many projects told what they require; the others are only named by them.
    pub fn projects(&self) -> usize {
        self.header.projects as usize
    }

    /// SHA-256 of what it holds, in hexadecimal: the name of this very graph.
    pub fn content_hash(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.header.content_hash())
    }

    /// Every node.
    pub fn all(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.header.nodes).map(Node)
    }

    /// The node's name: `dask`, `dask[array]`, `dask{build}`.
    pub fn name(&self, node: Node) -> &str {
        let (start, end) = (self.name_starts[node.index()], self.name_starts[node.index() + 1]);
        &self.names[start as usize..end as usize]
    }

    /// The name of the node's package, normalised.
    pub fn package_name(&self, node: Node) -> &str {
        split_node_name(self.name(node)).0
    }

    /// The node's package.
    pub fn package(&self, node: Node) -> Package {
        Package::new(Ecosystem::PyPi, self.package_name(node))
    }

    /// What of its package it is.
    pub fn part(&self, node: Node) -> Part<'_> {
        split_node_name(self.name(node)).1
    }

    /// The node of a package as it is installed; nothing where the graph does not know the package.
    pub fn find(&self, package: &Package) -> Option<Node> {
        if *package.ecosystem() == Ecosystem::PyPi { self.find_node(package.name()) } else { None }
    }

    /// The node of this name, as [`Self::name`] gives it.
    pub(crate) fn find_node(&self, name: &str) -> Option<Node> {
        let (mut low, mut high) = (0, self.header.nodes);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.name(Node(middle)).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(Node(middle)),
            }
        }
        None
    }

    /// The nodes that require this one, each with the terms of its edge; a node that requires it under several conditions
    /// comes once for each. The terms are missing where [`Parts`] left them out.
    pub fn dependents(&self, node: Node) -> impl Iterator<Item = (Node, Option<&Terms>)> {
        self.neighbours(&self.reverse, node)
    }

    /// The nodes that this one requires; none where [`Parts`] left them out.
    pub fn requirements(&self, node: Node) -> impl Iterator<Item = (Node, Option<&Terms>)> {
        self.forward.iter().flat_map(move |forward| self.neighbours(forward, node))
    }

    fn neighbours<'graph>(
        &'graph self,
        edges: &'graph Adjacency,
        node: Node,
    ) -> impl Iterator<Item = (Node, Option<&'graph Terms>)> {
        edges.range(node.0).map(|edge| {
            let terms = edges.terms.get(edge).and_then(|terms| self.terms.get(*terms as usize));
            (Node(edges.nodes[edge]), terms)
        })
    }
}

#[cfg(test)]
mod tests;
