//! What the tests of several crates need. Never a dependency of the product.
//!
//! A newcomer starts at [`data`]: real data that lie beside the repository, not in it, at [`judge`]:
//! schemas and validators that we did not write, and at [`postgres`]: a server of our own in a temporary directory.
//! With the feature `browser` there is `chromium`, a real browser driven as a person drives it.

#[cfg(feature = "browser")]
pub mod chromium;
pub mod data;
pub mod judge;
pub mod postgres;
