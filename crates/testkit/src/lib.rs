//! What the tests of several crates need. Never a dependency of the product.
//!
//! A newcomer starts at [`data`]: real data that lie beside the repository, not in it, at [`judge`]:
//! schemas and validators that we did not write, at [`postgres`]: a server of our own in a temporary directory, at [`canary`]:
//! words that must not be found, and at [`fuzz`]: inputs that nobody thought of.
//! With the feature `browser` there is `chromium`, a real browser driven as a person drives it.

pub mod canary;
pub mod chance;
#[cfg(feature = "browser")]
pub mod chromium;
pub mod data;
pub mod fuzz;
pub mod judge;
pub mod postgres;
