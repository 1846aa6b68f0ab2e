//! Proofs about every page at once; the samples are told once and used by all.

mod hostile_text;
mod samples;
mod snapshots;
mod templates;
mod well_formed;
