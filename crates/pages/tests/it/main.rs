//! Proofs about every page at once; the samples are told once and used by all.
