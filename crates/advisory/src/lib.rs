//! One advisory record, every format.
//!
//! [`Advisory`] is the one record of a published vulnerability. Every format is rendered from it and from nothing else:
//! [`osv`], [`cve`], [`csaf`], [`text`], [`html`], [`atom`]. A newcomer starts at [`record`] (what an advisory holds), then at one format. Each format module has a table, `FIELDS`, that says which fields of
//! the record the format carries, and a function `carried` that reduces a record to them; the law, tested over random and
//! real records, is `read(render(record)) == carried(record)`.
//!
//! Invariant: this crate reads no clock and does no I/O. Readers are bounded in size, depth and count, refuse what breaks
//! the format's published schema with the file, the field and the reason, and keep what they do not know.

pub mod atom;
pub mod csaf;
pub mod cve;
pub mod cwe;
mod error;
mod fields;
pub mod html;
pub mod markdown;
pub mod mend;
pub mod osv;
mod reading;
pub mod record;
mod revision;
#[cfg(test)]
mod sample;
pub mod text;
mod title;

pub use error::{AdvisoryError, ErrorKind};
pub use fields::{Carried, FIELD_NAMES, Field};
pub use reading::{Format, MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_ITEMS};
pub use record::Advisory;
pub use revision::{Changes, RevisionError, publish, revise, withdraw};
pub use title::{MAX_TITLE_CHARS, derived_title};

/// Reads an OSV record, JSON or YAML, as PSF and `PyPA` publish them. `source_name` names the file in errors.
pub fn read_osv(bytes: &[u8], format: Format, source_name: &str) -> Result<Advisory, AdvisoryError> {
    osv::read(bytes, format, source_name)
}

/// A rendered JSON document as text: two spaces, a newline at the end.
pub fn json_text(document: &serde_json::Value) -> String {
    format!("{document:#}\n")
}
