use std::{collections::BTreeMap, io::Cursor};

use bastide_testkit::chance::Chance;
use proptest::prelude::*;

use super::{
    build::Builder,
    generate::{Size, generate},
    *,
};
use crate::requirement::Requirement;

fn graph(lines: &[(&str, &str)]) -> Graph {
    let mut builder = Builder::new();
    for (project, requirement) in lines {
        builder.project(project).unwrap();
        builder.require(project, &Requirement::parse(requirement).unwrap()).unwrap();
    }
    read(&builder.finish())
}

fn read(bytes: &[u8]) -> Graph {
    Graph::read(&mut Cursor::new(bytes), Parts::ALL).unwrap()
}

fn pypi(name: &str) -> Package {
    Package::new(Ecosystem::PyPi, name)
}

fn reached(graph: &Graph, name: &str) -> Vec<(String, usize)> {
    let closure = graph.closure(graph.find(&pypi(name)).unwrap(), None);
    let mut reached: Vec<_> =
        closure.reached().map(|reached| (graph.name(reached.node).to_owned(), reached.depth)).collect();
    reached.sort();
    reached
}

#[test]
fn extras_and_building_keep_apart_from_runtime() {
    let mut builder = Builder::new();
    let mut require = |project: &str, text: &str| {
        builder.require(project, &Requirement::parse(text).unwrap()).unwrap();
    };
    require("dask", "numpy>=1; extra == 'array'");
    require("dask", "dask[array]; extra == 'complete'");
    require("plain", "dask");
    require("heavy", "Dask[Array]>=2");
    require("all", "dask[complete]");
    builder.require_for_build("scipy", &Requirement::parse("numpy").unwrap()).unwrap();
    let graph = read(&builder.finish());
    let at = |name: &str, depth: usize| (name.to_owned(), depth);
    assert_eq!(
        reached(&graph, "numpy"),
        [at("all", 3), at("dask[array]", 1), at("dask[complete]", 2), at("heavy", 2), at("scipy{build}", 1)]
    );
    let node = graph.find(&pypi("dask")).unwrap();
    assert_eq!(reached(&graph, "dask").len(), 3, "an extra of its own does not depend on it");
    assert_eq!((graph.package_name(node), graph.part(node)), ("dask", Part::Runtime));
    let scipy = graph.all().find(|node| graph.part(*node) == Part::Build).unwrap();
    assert_eq!(graph.package(scipy), pypi("scipy"));
    assert!(graph.find(&pypi("array")).is_none());
}

#[test]
fn requirements_under_one_condition_become_one_and_others_stay_apart() {
    let graph = graph(&[
        ("a", "b>=1"),
        ("a", "b<2"),
        ("a", "b>=1"),
        ("a", "b==1.5; os_name == 'nt'"),
        ("a", "a>=0"),
        ("c", "b @ https://user:secret@example.org/b.whl"),
        ("c", "b>=3"),
    ]);
    let node = graph.find(&pypi("b")).unwrap();
    let terms: Vec<String> = graph
        .dependents(node)
        .map(|(from, terms)| format!("{}: {}", graph.name(from), terms.unwrap()))
        .collect();
    assert_eq!(terms, ["a: <2,>=1", "a: ==1.5; os_name == \"nt\"", "c:  from an address"]);
    assert_eq!((graph.nodes(), graph.edges(), graph.projects()), (3, 3, 2));
    assert!(graph.requirements(graph.find(&pypi("a")).unwrap()).all(|(to, _)| to == node));
}

#[test]
fn the_shortest_path_goes_round_cycles() {
    let graph = graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("d", "c"), ("e", "d"), ("b", "a")]);
    let closure = graph.closure(graph.find(&pypi("a")).unwrap(), None);
    assert_eq!(closure.by_depth(), [3, 1]);
    let ways = closure.ways(&graph);
    let path = |name: &str| -> Vec<&str> {
        ways.path(graph.find(&pypi(name)).unwrap()).into_iter().map(|node| graph.name(node)).collect()
    };
    assert_eq!(path("e"), ["e", "d", "a"]);
    assert_eq!(path("a"), ["a"]);
    assert!(!closure.is_cut());
    let near = graph.closure(graph.find(&pypi("a")).unwrap(), Some(1));
    assert!(near.is_cut() && near.len() == 3);
    assert!(graph.closure(graph.find(&pypi("e")).unwrap(), None).is_empty());
}

#[test]
fn the_same_requirements_make_the_same_bytes_in_any_order() {
    let lines =
        [("b", "c>=2"), ("a", "b[x]<3; python_version < '3.9'"), ("b", "d; extra == 'x'"), ("a", "c")];
    let bytes = |order: &[usize]| {
        let mut builder = Builder::new();
        for (project, requirement) in order.iter().map(|index| lines[*index]) {
            builder.require(project, &Requirement::parse(requirement).unwrap()).unwrap();
        }
        builder.finish()
    };
    let first = bytes(&[0, 1, 2, 3]);
    assert_eq!(first, bytes(&[3, 2, 1, 0]));
    assert_eq!(first, bytes(&[1, 3, 0, 2]));
    let graph = read(&first);
    assert_ne!(graph.content_hash(), read(&bytes(&[0, 1])).content_hash());
    let part = Graph::read(&mut Cursor::new(&first), Parts::REACH).unwrap();
    assert_eq!(part.content_hash(), graph.content_hash());
    assert!(
        part.dependents(Node(1)).all(|(_, terms)| terms.is_none())
            && part.requirements(Node(0)).next().is_none()
    );
}

#[test]
fn a_name_that_no_package_has_is_refused() {
    let mut builder = Builder::new();
    for name in ["", "a b", "a[b]", "-a", "ä", "a\u{0}", &"a".repeat(build::MAX_NAME_BYTES + 1)] {
        let error = builder.project(name).unwrap_err().to_string();
        assert!(error.contains("letters, digits"), "{error}");
    }
    assert_eq!(read(&builder.finish()).nodes(), 0);
}

fn small_snapshot() -> Vec<u8> {
    let mut chance = Chance::of(7);
    let mut below = |bound: u32| u32::try_from(chance.below(bound as usize)).unwrap();
    generate(Size { projects: 60, requirements: 150 }, &mut below).unwrap().finish()
}

/// Every byte is covered by a hash, so a change of any is found, whichever part is read, and nothing panics.
#[test]
fn a_snapshot_with_a_flipped_bit_is_refused() {
    let whole = small_snapshot();
    read(&whole);
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 1 << (at % 8);
        let error = Graph::read(&mut Cursor::new(&broken), Parts::ALL).unwrap_err().to_string();
        assert!(error.contains("graph import"), "byte {at}: {error}");
    }
    for length in (0..whole.len()).step_by(7) {
        assert!(Graph::read(&mut Cursor::new(&whole[..length]), Parts::ALL).is_err(), "{length} bytes");
    }
    assert!(matches!(Graph::read(&mut Cursor::new(b"hello"), Parts::ALL), Err(SnapshotError::NotAGraph)));
}

/// Somebody who knows the format can make the hashes right: what is read is a graph all the same, or refused.
#[test]
fn a_forged_snapshot_never_panics() {
    use sha2::{Digest as _, Sha256};
    let whole = small_snapshot();
    let mut chance = Chance::of(11);
    let (mut read_all, mut refused) = (0, 0);
    for _ in 0..3000 {
        let mut forged = whole.clone();
        for _ in 0..=chance.below(3) {
            // Beside the places and hashes of the sections, which the next lines make right again.
            let at = if chance.below(4) == 0 {
                12 + chance.below(16)
            } else {
                496 + chance.below(forged.len() - 496)
            };
            forged[at] = u8::try_from(chance.below(256)).unwrap();
        }
        let number = |bytes: &[u8], at: usize| {
            usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
        };
        for section in 0..9 {
            let at = 32 + section * 48;
            let (offset, length) = (number(&forged, at), number(&forged, at + 8));
            let hash = Sha256::digest(&forged[offset..offset + length]);
            forged[at + 16..at + 48].copy_from_slice(&hash);
        }
        let hash = Sha256::digest(&forged[..464]);
        forged[464..496].copy_from_slice(&hash);
        match Graph::read(&mut Cursor::new(&forged), Parts::ALL) {
            Ok(graph) => {
                read_all += 1;
                for node in graph.all() {
                    let _ = (graph.package(node), graph.closure(node, None).by_depth());
                }
                let _ = graph.find(&pypi("project-0000003"));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read_all > 100 && refused > 100, "{read_all} read and {refused} refused");
}

#[test]
fn a_generated_graph_has_the_size_asked_for_and_few_packages_that_everybody_needs() {
    let mut chance = Chance::of(1);
    let mut below = |bound: u32| u32::try_from(chance.below(bound as usize)).unwrap();
    let size = Size { projects: 20_000, requirements: 75_000 };
    let graph = read(&generate(size, &mut below).unwrap().finish());
    assert_eq!((graph.nodes(), graph.projects()), (20_000, 20_000));
    assert!(graph.edges() > 70_000 && graph.edges() <= 75_000, "{}", graph.edges());
    let mut degrees: Vec<usize> = graph.all().map(|node| graph.dependents(node).count()).collect();
    degrees.sort_unstable_by(|one, other| other.cmp(one));
    let top: usize = degrees[..200].iter().sum();
    assert!(top * 3 > graph.edges(), "the first hundredth has {top} of {} edges", graph.edges());
    assert!(degrees[10_000] <= 1, "half of all are required by at most one");
    let hub = graph.all().max_by_key(|node| graph.dependents(*node).count()).unwrap();
    assert!(graph.closure(hub, None).len() > 4000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Depths and members against the plainest search there is.
    ///
    /// Proves: O23.
    #[test]
    fn a_closure_is_what_a_plain_search_finds(pairs in prop::collection::vec((0u8..12, 0u8..12), 0..40), first in 0u8..12) {
        let name = |number: u8| format!("p{number}");
        let mut builder = Builder::new();
        builder.project(&name(first)).unwrap();
        for (from, to) in &pairs {
            builder.require(&name(*from), &Requirement::parse(&name(*to)).unwrap()).unwrap();
        }
        let graph = read(&builder.finish());
        let mut depths = BTreeMap::from([(first, 0usize)]);
        loop {
            let mut next = depths.clone();
            for (from, to) in &pairs {
                if let Some(depth) = depths.get(to) {
                    let known = next.entry(*from).or_insert(depth + 1);
                    *known = (*known).min(depth + 1);
                }
            }
            if next == depths { break }
            depths = next;
        }
        depths.remove(&first);
        let closure = graph.closure(graph.find(&pypi(&name(first))).unwrap(), None);
        let found: BTreeMap<String, usize> =
            closure.reached().map(|reached| (graph.name(reached.node).to_owned(), reached.depth)).collect();
        prop_assert_eq!(found, depths.into_iter().map(|(number, depth)| (name(number), depth)).collect());
        let ways = closure.ways(&graph);
        for reached in closure.reached() {
            let path = ways.path(reached.node);
            prop_assert_eq!(path.len(), reached.depth + 1);
            for pair in path.windows(2) {
                prop_assert!(graph.dependents(pair[1]).any(|(from, _)| from == pair[0]));
            }
        }
    }

    #[test]
    fn both_directions_hold_the_same_edges(pairs in prop::collection::vec((0u8..9, 0u8..9), 0..30)) {
        let mut builder = Builder::new();
        for (from, to) in &pairs {
            builder.require(&format!("p{from}"), &Requirement::parse(&format!("p{to}<{from}")).unwrap()).unwrap();
        }
        let graph = read(&builder.finish());
        let mut forward: Vec<_> = graph.all().flat_map(|from| graph.requirements(from).map(move |(to, terms)| (from, to, terms.cloned()))).collect();
        let mut reverse: Vec<_> = graph.all().flat_map(|to| graph.dependents(to).map(move |(from, terms)| (from, to, terms.cloned()))).collect();
        forward.sort_by_key(|(from, to, _)| (*from, *to));
        reverse.sort_by_key(|(from, to, _)| (*from, *to));
        prop_assert_eq!(forward, reverse);
    }
}
