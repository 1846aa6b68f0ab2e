//! Advisories and dependency data from outside: files, archives, checkouts, addresses; and the snapshots made of them, on disk.
//!
//! Invariant: a snapshot of this name is whole: it is written beside, made durable, and renamed.
