//! The Merkle tree of RFC 6962, as `tlog_tiles` computes it, over hashes that somebody else stores.
//!
//! Hashes are stored in one flat sequence: after each leaf's hash follow the hashes of the subtrees that it
//! completes, so storing is appending. Every function here asks its [`HashReader`] for all that it needs in one
//! call; [`needed`] tells an asynchronous store which hashes that will be, [`Known`] hands them over.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

pub use tlog_tiles::{Hash, HashReader, stored_hash_count, stored_hash_index};

use crate::LedgerError;

/// The largest tree that is read or proved: far above what a desk reaches, far below where arithmetic overflows.
pub const MAX_SIZE: u64 = 1 << 40;

/// The hashes that the caller has read from storage, by their index in storage order.
#[derive(Debug, Clone, Default)]
pub struct Known(pub BTreeMap<u64, Hash>);

impl HashReader for Known {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        indexes
            .iter()
            .map(|index| self.0.get(index).copied().ok_or(tlog_tiles::Error::IndexesNotInTree))
            .collect()
    }
}

/// A whole log in memory: hashes in storage order.
#[derive(Debug, Clone, Default)]
pub struct Stored(pub Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let read = |index: &u64| usize::try_from(*index).ok().and_then(|index| self.0.get(index)).copied();
        indexes.iter().map(|index| read(index).ok_or(tlog_tiles::Error::IndexesNotInTree)).collect()
    }
}

/// Answers with zeros and writes down what was asked for.
#[derive(Debug, Default)]
pub struct Asked(RefCell<BTreeSet<u64>>);

impl HashReader for Asked {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        self.0.borrow_mut().extend(indexes);
        Ok(vec![Hash::default(); indexes.len()])
    }
}

/// The indexes of the hashes that `question` will read.
pub fn needed<T>(question: impl FnOnce(&Asked) -> Result<T, LedgerError>) -> Result<Vec<u64>, LedgerError> {
    let asked = Asked::default();
    question(&asked)?;
    Ok(asked.0.into_inner().into_iter().collect())
}

/// The indexes of the hashes of the complete subtrees at the right edge of a tree: all that appending after
/// `size` leaves and computing the root ever reads.
pub fn frontier(size: u64) -> Vec<u64> {
    if size == 0 { Vec::new() } else { tlog_tiles::sub_tree_index(0, size, Vec::new()) }
}

/// The hash of one leaf.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    tlog_tiles::record_hash(leaf)
}

/// The hashes to append to storage for `leaf` as number `size` (counted from 0).
pub fn append<R: HashReader>(size: u64, leaf: &[u8], reader: &R) -> Result<Vec<Hash>, LedgerError> {
    bounded(size)?;
    tlog_tiles::stored_hashes(size, leaf, reader).map_err(|error| storage(&error))
}

/// The root of the tree of the first `size` leaves.
pub fn root<R: HashReader>(size: u64, reader: &R) -> Result<Hash, LedgerError> {
    bounded(size)?;
    tlog_tiles::tree_hash(size, reader).map_err(|error| storage(&error))
}

/// Proves that leaf `index` is in the tree of the first `size` leaves.
pub fn prove_inclusion<R: HashReader>(size: u64, index: u64, reader: &R) -> Result<Vec<Hash>, LedgerError> {
    bounded(size)?;
    if index >= size {
        return Err(LedgerError::MissingHash { index });
    }
    tlog_tiles::prove_record(size, index, reader).map_err(|error| storage(&error))
}

/// Checks that `leaf` is number `index` in the tree of `size` leaves with this root.
pub fn check_inclusion(
    proof: &[Hash],
    size: u64,
    root: Hash,
    index: u64,
    leaf: &[u8],
) -> Result<(), LedgerError> {
    let unproven = |reason| LedgerError::Unproven { record: format!("leaf {index}"), reason };
    bounded(size)?;
    if index >= size {
        return Err(unproven("its index lies beyond the signed tree"));
    }
    tlog_tiles::check_record(&proof.to_vec(), size, root, index, leaf_hash(leaf))
        .map_err(|_| unproven("it is not in the signed tree, or its proof was altered"))
}

/// Proves that the tree of the first `old` leaves is a beginning of the tree of the first `new`.
pub fn prove_consistency<R: HashReader>(new: u64, old: u64, reader: &R) -> Result<Vec<Hash>, LedgerError> {
    bounded(new)?;
    if old > new {
        return Err(LedgerError::MissingHash { index: old });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    tlog_tiles::prove_tree(new, old, reader).map_err(|error| storage(&error))
}

/// Checks that the tree of `old` leaves with root `old_root` is a beginning of that of `new` leaves.
pub fn check_consistency(
    proof: &[Hash],
    new: u64,
    new_root: Hash,
    old: u64,
    old_root: Hash,
) -> Result<(), LedgerError> {
    let unproven =
        |reason| LedgerError::Unproven { record: format!("tree of {new} leaves after {old}"), reason };
    bounded(new)?;
    if old > new {
        return Err(unproven("the log has become shorter"));
    }
    if old == 0 {
        let empty = proof.is_empty() && old_root == tlog_tiles::EMPTY_HASH;
        return if empty { Ok(()) } else { Err(unproven("an empty tree has one root and needs no proof")) };
    }
    tlog_tiles::check_tree(&proof.to_vec(), new, new_root, old, old_root)
        .map_err(|_| unproven("history before the older checkpoint was rewritten"))
}

pub(crate) fn bounded(size: u64) -> Result<(), LedgerError> {
    if size <= MAX_SIZE {
        Ok(())
    } else {
        Err(LedgerError::malformed(
            "log",
            "its size",
            format!("{size} is above the bound of {MAX_SIZE} leaves"),
        ))
    }
}

pub(crate) fn storage(error: &tlog_tiles::Error) -> LedgerError {
    LedgerError::malformed("log storage", "its hashes", error.to_string())
}
