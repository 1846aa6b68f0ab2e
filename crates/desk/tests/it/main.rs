//! The desk's integration tests, in one binary.

mod lint;
mod machines;
mod model;
mod protocol;
