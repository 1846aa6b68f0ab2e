//! PyPI's JSON: `https://pypi.org/pypi/NAME/json`, one document or many behind each other.

use serde::Deserialize;

use super::{Import, ImportError, MAX_RECORD_BYTES};

#[derive(Deserialize)]
struct Document {
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    name: String,
    #[serde(default)]
    requires_dist: Option<Vec<String>>,
}

/// Reads one document, or documents one after the other.
pub fn json(bytes: &[u8], source: &str, into: &mut Import) -> Result<(), ImportError> {
    let form = |reason: String| ImportError::Form { source_name: source.to_owned(), reason };
    let mut documents = serde_json::Deserializer::from_slice(bytes).into_iter::<Document>();
    let (mut start, mut number) = (0, 0);
    while let Some(document) = documents.next() {
        number += 1;
        let document = document.map_err(|error| {
            form(format!(
                "{error}; documents as of https://pypi.org/pypi/NAME/json are read, with `info.name`"
            ))
        })?;
        let end = documents.byte_offset();
        if (end - start) as u64 > MAX_RECORD_BYTES {
            return Err(form(format!("document {number} has more than {} MiB", MAX_RECORD_BYTES >> 20)));
        }
        start = end;
        let requirements = document.info.requires_dist.unwrap_or_default();
        into.project(source, &document.info.name, requirements.iter().map(String::as_str))?;
    }
    if number == 0 {
        return Err(form("it is empty; give it a document as of https://pypi.org/pypi/NAME/json".to_owned()));
    }
    Ok(())
}
