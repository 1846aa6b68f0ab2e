//! From requirements to a snapshot.

use std::{borrow::Cow, collections::HashMap};

use bastide_model::package::{Ecosystem, Package};

use super::{
    ADDRESS, Part, UNREADABLE, node_name,
    snapshot::{self, Arrays},
};
use crate::requirement::{Requirement, Source, is_name};

/// The longest name of a package or extra, in bytes. PyPI's longest has 80.
pub const MAX_NAME_BYTES: usize = 200;

/// The most nodes of a graph.
pub const MAX_NODES: usize = 1 << 26;

/// The most edges of a graph.
pub const MAX_EDGES: usize = 1 << 28;

/// The most bytes of all names together.
const MAX_NAMES_BYTES: usize = 2 << 30;

/// What cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A name that no package has.
    #[error(
        "`{name}` is not the name of a package or extra: write 1 to {MAX_NAME_BYTES} letters, digits, `.`, `-` or `_`"
    )]
    Name {
        /// The name, cut to 64 characters.
        name: String,
    },
    /// The graph is full.
    #[error("the graph has more than {most} {what}; import less of it")]
    Full {
        /// What there is too much of.
        what: &'static str,
        /// The most of it.
        most: usize,
    },
}

/// An edge before it has its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: u32,
    to: u32,
    marker: u32,
    wanted: u32,
}

/// Texts that are kept once each.
#[derive(Debug, Default)]
struct Texts {
    numbers: HashMap<String, u32>,
    list: Vec<String>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        // There are never more texts than edges, of which there are fewer than `u32::MAX`.
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        self.list.push(text.to_owned());
        number
    }
}

/// Takes requirements and writes a snapshot.
#[derive(Debug, Default)]
pub struct Builder {
    nodes: HashMap<String, u32>,
    /// Which nodes are projects that told what they require.
    told: Vec<bool>,
    wanted: Texts,
    markers: Texts,
    edges: Vec<Edge>,
    name_bytes: usize,
    loops: usize,
}

impl Builder {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requirements were of a package on itself; they are no edges.
    pub fn loops(&self) -> usize {
        self.loops
    }

    /// Says that this project told what it requires, even if that is nothing.
    pub fn project(&mut self, name: &str) -> Result<(), BuildError> {
        let node = self.node(checked(name)?.name(), Part::Runtime)?;
        self.told[node as usize] = true;
        Ok(())
    }

    /// Adds a requirement of a project; one that counts only with extras leaves from the nodes of these extras.
    pub fn require(&mut self, project: &str, requirement: &Requirement) -> Result<(), BuildError> {
        let (without, extras) = requirement.brought_in_by();
        if without {
            // Whoever takes an extra takes the package too, which requires it already.
            return self.require_by(project, Part::Runtime, requirement);
        }
        extras.iter().try_for_each(|extra| self.require_by(project, Part::Extra(extra), requirement))
    }

    /// Adds a requirement for building a project.
    pub fn require_for_build(&mut self, project: &str, requirement: &Requirement) -> Result<(), BuildError> {
        self.require_by(project, Part::Build, requirement)
    }

    fn require_by(
        &mut self,
        project: &str,
        part: Part<'_>,
        requirement: &Requirement,
    ) -> Result<(), BuildError> {
        let wanted = match &requirement.source {
            Source::Versions(specifiers) => specifiers.to_string(),
            Source::Url(_) => ADDRESS.to_owned(),
        };
        let marker = requirement.marker.as_ref().map(ToString::to_string).unwrap_or_default();
        self.edge(project, part, &requirement.package, Part::Runtime, &wanted, &marker)?;
        for extra in &requirement.extras {
            self.edge(project, part, &requirement.package, Part::Extra(extra), &wanted, &marker)?;
        }
        Ok(())
    }

    /// Adds that a project requires a package in versions that could not be read.
    pub fn require_unreadable(&mut self, project: &str, package: &str) -> Result<(), BuildError> {
        self.edge(project, Part::Runtime, &checked(package)?, Part::Runtime, UNREADABLE, "")
    }

    fn edge(
        &mut self,
        project: &str,
        part: Part<'_>,
        package: &Package,
        wanted_part: Part<'_>,
        wanted: &str,
        marker: &str,
    ) -> Result<(), BuildError> {
        let project = checked(project)?;
        if let Part::Extra(extra) = part {
            checked(extra)?;
        }
        let package = checked(package.name())?;
        if project == package && wanted_part == Part::Runtime {
            self.loops += 1;
            return Ok(());
        }
        if self.edges.len() >= MAX_EDGES {
            return Err(BuildError::Full { what: "edges", most: MAX_EDGES });
        }
        let from = self.node(project.name(), part)?;
        let to = self.node(package.name(), wanted_part)?;
        if from == to {
            self.loops += 1;
            return Ok(());
        }
        let (wanted, marker) = (self.wanted.number(wanted), self.markers.number(marker));
        self.edges.push(Edge { from, to, marker, wanted });
        Ok(())
    }

    fn node(&mut self, package: &str, part: Part<'_>) -> Result<u32, BuildError> {
        let name = node_name(package, part);
        if let Some(node) = self.nodes.get(&name) {
            return Ok(*node);
        }
        let full = BuildError::Full { what: "nodes", most: MAX_NODES };
        if self.nodes.len() >= MAX_NODES || self.name_bytes > MAX_NAMES_BYTES {
            return Err(full);
        }
        self.name_bytes += name.len();
        let node = u32::try_from(self.nodes.len()).map_err(|_| full)?;
        self.nodes.insert(name, node);
        self.told.push(false);
        Ok(node)
    }

    /// The snapshot: nodes by name, edges by both ends, terms once each. The same requirements make the same bytes, in
    /// whatever order they came.
    pub fn finish(mut self) -> Vec<u8> {
        let mut names: Vec<(String, u32)> = std::mem::take(&mut self.nodes).into_iter().collect();
        names.sort_unstable();
        let mut place = vec![0u32; names.len()];
        for (new, (_, old)) in (0u32..).zip(&names) {
            place[*old as usize] = new;
        }
        let projects = self.told.iter().filter(|told| **told).count();
        let mut arrays =
            Arrays { projects: u32::try_from(projects).unwrap_or(u32::MAX), ..Arrays::default() };
        arrays.name_starts.push(0);
        for (name, _) in names {
            arrays.names.push_str(&name);
            arrays.name_starts.push(u32::try_from(arrays.names.len()).unwrap_or(u32::MAX));
        }
        // Texts by their order, so that nothing depends on who came first.
        let wanted = ranks(&self.wanted.list);
        let markers = ranks(&self.markers.list);
        for edge in &mut self.edges {
            edge.from = place[edge.from as usize];
            edge.to = place[edge.to as usize];
            edge.wanted = wanted[edge.wanted as usize];
            edge.marker = markers[edge.marker as usize];
        }
        self.edges.sort_unstable();
        self.edges.dedup();
        let wanted = sorted(self.wanted.list);
        let markers = sorted(self.markers.list);
        let joined = join(&self.edges, &wanted);
        self.edges.clear();
        self.edges.shrink_to_fit();
        lay_out(&mut arrays, place.len(), &joined, &markers);
        snapshot::write(&arrays)
    }
}

/// The normalised package of a name, if it is one.
fn checked(name: &str) -> Result<Package, BuildError> {
    if name.len() <= MAX_NAME_BYTES && is_name(name) {
        return Ok(Package::new(Ecosystem::PyPi, name));
    }
    Err(BuildError::Name { name: name.chars().take(64).collect() })
}

/// Of each text its place in the order of texts.
fn ranks(list: &[String]) -> Vec<u32> {
    let mut order: Vec<u32> = (0u32..).take(list.len()).collect();
    order.sort_unstable_by_key(|number| &list[*number as usize]);
    let mut ranks = vec![0; list.len()];
    for (rank, number) in (0u32..).zip(order) {
        ranks[number as usize] = rank;
    }
    ranks
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort_unstable();
    list
}

/// What a node asks of another under one condition.
struct Joined<'text> {
    from: u32,
    to: u32,
    marker: u32,
    wanted: Cow<'text, str>,
}

/// Several requirements of one node on another under one condition must all hold: they become one. What cannot be read or is
/// an address stays so whatever stands beside it.
fn join<'text>(edges: &[Edge], wanted: &'text [String]) -> Vec<Joined<'text>> {
    edges
        .chunk_by(|one, other| (one.from, one.to, one.marker) == (other.from, other.to, other.marker))
        .map(|group| {
            let texts = || group.iter().map(|edge| wanted[edge.wanted as usize].as_str());
            let special =
                [UNREADABLE, ADDRESS].into_iter().find(|special| texts().any(|text| text == *special));
            let wanted = match (special, group) {
                (Some(special), _) => Cow::Borrowed(special),
                (None, [one]) => Cow::Borrowed(wanted[one.wanted as usize].as_str()),
                (None, _) => {
                    Cow::Owned(texts().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(","))
                }
            };
            Joined { from: group[0].from, to: group[0].to, marker: group[0].marker, wanted }
        })
        .collect()
}

/// Lays edges, which come sorted by `from` and `to`, out in both directions.
fn lay_out(arrays: &mut Arrays, nodes: usize, edges: &[Joined<'_>], markers: &[String]) {
    let mut terms: Vec<(&str, u32)> = edges.iter().map(|edge| (&*edge.wanted, edge.marker)).collect();
    terms.sort_unstable();
    terms.dedup();
    let term = |edge: &Joined<'_>| {
        let at = terms.binary_search(&(&*edge.wanted, edge.marker)).unwrap_or_default();
        u32::try_from(at).unwrap_or(u32::MAX)
    };
    arrays.terms = terms
        .iter()
        .map(|(wanted, marker)| ((*wanted).to_owned(), markers[*marker as usize].clone()))
        .collect();
    let mut forward = vec![0u32; nodes + 1];
    let mut reverse = vec![0u32; nodes + 1];
    for edge in edges {
        forward[edge.from as usize + 1] += 1;
        reverse[edge.to as usize + 1] += 1;
    }
    for node in 0..nodes {
        forward[node + 1] += forward[node];
        reverse[node + 1] += reverse[node];
    }
    let mut next = reverse.clone();
    arrays.reverse.nodes = vec![0; edges.len()];
    arrays.reverse.terms = vec![0; edges.len()];
    for edge in edges {
        let number = term(edge);
        arrays.forward.nodes.push(edge.to);
        arrays.forward.terms.push(number);
        let at = next[edge.to as usize] as usize;
        next[edge.to as usize] += 1;
        arrays.reverse.nodes[at] = edge.from;
        arrays.reverse.terms[at] = number;
    }
    arrays.forward.starts = forward;
    arrays.reverse.starts = reverse;
}
