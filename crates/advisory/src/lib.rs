//! One advisory record, every format.
//!
//! [`Advisory`] is the one record of a published vulnerability. Every format is rendered from it and from nothing else:
//! [`osv`], [`cve`], [`csaf`], [`text`], [`html`], [`atom`]. A newcomer starts at [`record`] (what an advisory holds), then at one format. Each format module has a table, `FIELDS`, that says which fields of
//! the record the format carries, and a function `carried` that reduces a record to them; the law, tested over random and
//! real records, is `read(render(record)) == carried(record)`.
//!
//! [`lint`] says before publication what is wrong with a record; [`publish`], [`revise`] and [`withdraw`] make its versions.
//!
//! Invariant: this crate reads no clock and does no I/O. Readers are bounded in size, depth and count, refuse what breaks
//! the format's published schema with the file, the field and the reason, and keep what they do not know.

pub mod answer;
pub mod atom;
pub mod csaf;
pub mod cve;
pub mod cwe;
mod error;
mod fields;
pub mod html;
pub mod lint;
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

/// Every format with the table of what it carries, for docs and pages.
pub const FORMATS: &[(&str, &[Field])] = &[
    ("OSV 1.7.5", osv::FIELDS),
    ("CVE Record 5.2", cve::FIELDS),
    ("CSAF 2.0", csaf::FIELDS),
    ("Plain text", text::FIELDS),
    ("HTML page", html::FIELDS),
    ("Atom", atom::FIELDS),
];

/// A rendered JSON document as text: two spaces, a newline at the end.
pub fn json_text(document: &serde_json::Value) -> String {
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn each_table_names_every_field_of_the_record_once() {
        let record = serde_json::to_value(sample::full()).unwrap();
        let mut expected = FIELD_NAMES.to_vec();
        expected.sort_unstable();
        for (format, fields) in FORMATS {
            let mut names: Vec<_> = fields.iter().map(|field| field.name).collect();
            names.sort_unstable();
            assert_eq!(names, expected, "{format}");
        }
        let known = |key: &&String| !FIELD_NAMES.contains(&key.as_str());
        assert_eq!(record.as_object().unwrap().keys().find(known), None);
    }

    /// A format with its table and its function.
    type Carriage = (&'static [Field], fn(&Advisory) -> Advisory);

    proptest! {
        #[test]
        fn each_table_says_what_its_format_does(record in sample::any_record()) {
            let carriages: [Carriage; 3] =
                [(osv::FIELDS, osv::carried), (cve::FIELDS, cve::carried), (csaf::FIELDS, csaf::carried)];
            let before = serde_json::to_value(&record).unwrap();
            for (fields, carried) in carriages {
                let after = serde_json::to_value(carried(&record)).unwrap();
                for field in fields {
                    match field.carried {
                        Carried::Yes => prop_assert_eq!(&after[field.name], &before[field.name], "{}", field.name),
                        Carried::No(_) => prop_assert_eq!(&after[field.name], &Value::Null, "{}", field.name),
                        Carried::Partly(_) => {}
                    }
                }
            }
        }
    }
}
