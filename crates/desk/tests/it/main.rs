//! The desk's integration tests, in one binary.

mod machines;
mod model;
mod protocol;
