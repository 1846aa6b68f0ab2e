//! The published JSON schemas, compiled without a network.

use std::collections::HashMap;

use crate::data;
use jsonschema::{Retrieve, Uri, Validator};
use serde_json::{Value, json};

/// The archive with the published schemas.
const ARCHIVE: &str = "schemas.tar.xz";

/// The validators of the three formats.
#[derive(Debug)]
pub struct Schemas {
    /// OSV 1.7.5.
    pub osv: Validator,
    /// CVE Record 5.2.0.
    pub cve: Validator,
    /// CSAF 2.0.
    pub csaf: Validator,
}

impl Schemas {
    /// The schemas of the test data; nothing where there are none.
    ///
    /// # Panics
    ///
    /// When a schema of the archive does not compile.
    pub fn load() -> Option<Self> {
        let files = data::archive(ARCHIVE)?;
        let by_name: HashMap<String, Value> = files
            .iter()
            .filter_map(|file| {
                let name = file.path.rsplit('/').next()?.to_owned();
                Some((name, serde_json::from_slice(&file.bytes).ok()?))
            })
            .collect();
        let compile = |name: &str| {
            jsonschema::options()
                .should_validate_formats(true)
                .with_retriever(Offline(by_name.clone()))
                .build(&by_name[name])
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        Some(Self {
            osv: compile("osv-1.7.5.json"),
            cve: compile("cve-record-5.2.0.json"),
            csaf: compile("csaf-2.0.json"),
        })
    }
}

/// What a schema says against a document: place and reason of each error.
pub fn complaints(schema: &Validator, document: &Value) -> Vec<String> {
    schema
        .iter_errors(document)
        .map(|error| {
            format!("{}: {}", error.instance_path(), error.to_string().chars().take(200).collect::<String>())
        })
        .collect()
}

/// Answers references by the file's name. The lists of tags that the CVE schema refers to are no part of the archive: the
/// tags for references are given as their documentation prints them, the others allow nothing.
struct Offline(HashMap<String, Value>);

impl Retrieve for Offline {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let text = uri.as_str();
        let name = text.rsplit('/').next().unwrap_or_default();
        match name {
            "reference-tags.json" => Ok(json!({"type": "string", "enum": [
                "broken-link", "customer-entitlement", "exploit", "government-resource", "issue-tracking", "mailing-list",
                "mitigation", "not-applicable", "patch", "permissions-required", "media-coverage", "product", "related",
                "release-notes", "signature", "technical-description", "third-party-advisory", "vendor-advisory", "vdb-entry",
            ]})),
            "cna-tags.json" | "adp-tags.json" => Ok(json!(false)),
            _ => self.0.get(name).cloned().ok_or_else(|| format!("no schema for {text}").into()),
        }
    }
}
