//! Archives of strangers, read as bounded streams and never unpacked to disk.
//!
//! Invariant: what is ambiguous is refused: a name that stands twice, a header that contradicts the directory, a path that
//! leaves the archive. Invariant: every read has a budget in bytes, members and ratio.
