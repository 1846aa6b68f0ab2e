//! Judges of documents that we did not write: published JSON schemas, and a validator of another project.

pub mod csaf;
pub mod schemas;
