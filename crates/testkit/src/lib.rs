//! What the tests of several crates need. Never a dependency of the product.
//!
//! A newcomer starts at [`data`]: real data that lie beside the repository, not in it.

pub mod data;
