//! Inclusion and consistency at every size, against a second implementation (`ct-merkle`).

use bastide_ledger::tree::{self, Stored};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

const SIZES: u64 = 130;

fn leaf(number: u64) -> Vec<u8> {
    format!("leaf {number}").into_bytes()
}

fn log() -> Stored {
    let mut log = Stored::default();
    for number in 0..SIZES {
        let hashes = tree::append(number, &leaf(number), &log).unwrap();
        log.0.extend(hashes);
    }
    log
}

#[test]
fn every_leaf_is_included_in_every_tree_that_has_it_and_in_no_other_place() {
    let log = log();
    let mut proofs = 0;
    for size in 1..=SIZES {
        let root = tree::root(size, &log).unwrap();
        for index in 0..size {
            let proof = tree::prove_inclusion(size, index, &log).unwrap();
            tree::check_inclusion(&proof, size, root, index, &leaf(index)).unwrap();
            assert!(tree::check_inclusion(&proof, size, root, index, &leaf(index + 1)).is_err());
            if size > 1 {
                let elsewhere = (index + 1) % size;
                assert!(tree::check_inclusion(&proof, size, root, elsewhere, &leaf(index)).is_err());
            }
            proofs += 1;
        }
        assert!(tree::prove_inclusion(size, size, &log).is_err());
    }
    assert_eq!(proofs, SIZES * (SIZES + 1) / 2);
}

#[test]
fn every_tree_continues_every_smaller_one_and_no_rewritten_one() {
    let log = log();
    let mut rewritten = Stored::default();
    for number in 0..SIZES {
        let text = if number == 0 { b"another beginning".to_vec() } else { leaf(number) };
        let hashes = tree::append(number, &text, &rewritten).unwrap();
        rewritten.0.extend(hashes);
    }
    for new in 0..=SIZES {
        let new_root = tree::root(new, &log).unwrap();
        for old in 0..=new {
            let old_root = tree::root(old, &log).unwrap();
            let proof = tree::prove_consistency(new, old, &log).unwrap();
            tree::check_consistency(&proof, new, new_root, old, old_root).unwrap();
            if old > 0 {
                let other = tree::root(old, &rewritten).unwrap();
                assert!(tree::check_consistency(&proof, new, new_root, old, other).is_err());
            }
        }
        assert!(tree::check_consistency(&[], new, new_root, new + 1, new_root).is_err());
    }
}

#[test]
fn a_second_implementation_computes_the_same_roots() {
    let log = log();
    let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=SIZES {
        other.push(leaf(size - 1));
        assert_eq!(tree::root(size, &log).unwrap().0[..], other.root().as_bytes()[..], "size {size}");
    }
}

#[test]
fn an_asynchronous_store_learns_beforehand_what_will_be_read() {
    let log = log();
    for size in 1..=SIZES {
        let needed = tree::needed(|reader| tree::prove_inclusion(size, size / 2, reader)).unwrap();
        let known = tree::Known(
            needed.into_iter().map(|index| (index, log.0[usize::try_from(index).unwrap()])).collect(),
        );
        assert_eq!(
            tree::prove_inclusion(size, size / 2, &known).unwrap(),
            tree::prove_inclusion(size, size / 2, &log).unwrap()
        );
        let frontier: tree::Known = tree::Known(
            tree::frontier(size)
                .into_iter()
                .map(|index| (index, log.0[usize::try_from(index).unwrap()]))
                .collect(),
        );
        assert_eq!(tree::root(size, &frontier).unwrap(), tree::root(size, &log).unwrap());
        assert!(tree::append(size, b"next", &frontier).is_ok());
    }
}
