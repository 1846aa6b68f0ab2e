//! The desk's integration tests, in one binary.

mod fuzz;
mod lint;
mod machines;
mod model;
mod protocol;
