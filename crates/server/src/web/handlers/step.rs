//! A step's form as it comes in, and the same form shown again when it was refused.

use std::collections::BTreeMap;

use bastide_model::time::Instant;
use bastide_usecases::{
    UseCaseError,
    step::{Entry, FieldSpec, Step, StepKind},
};
use serde_json::Value;

use crate::web::{finding, message, step_form::Refused};

/// Reads a step from a form; or the form to show again, with what is wrong at each field.
pub(super) fn read(kind: &'static StepKind, fields: &BTreeMap<String, String>) -> Result<Step, Refused> {
    let mut findings: Vec<_> = kind.fields.iter().filter_map(|spec| wrong(spec, fields)).collect();
    if findings.is_empty() {
        let values = fields
            .iter()
            .map(|(name, value)| (name.clone(), Value::String(value.replace("\r\n", "\n"))))
            .collect();
        match kind.read(&values) {
            Ok(step) => return Ok(step),
            // The reason may quote what was written; it goes back to whoever wrote it and nowhere else.
            Err(error) => {
                findings.push(finding::at_field("", "", &error.to_string(), "Mend it and send it again."));
            }
        }
    }
    Err(Refused { step: kind.name.to_owned(), values: fields.clone(), findings })
}

fn wrong(spec: &FieldSpec, fields: &BTreeMap<String, String>) -> Option<bastide_pages::part::FindingNote> {
    let value = fields.get(spec.name).map(|value| value.trim()).unwrap_or_default();
    if value.is_empty() {
        return (spec.required)
            .then(|| finding::at_field("", spec.name, "This is needed.", "Fill it in and send it again."));
    }
    let is_instant = spec.entry != Entry::Instant || value.parse::<Instant>().is_ok();
    (!is_instant).then(|| {
        finding::at_field(
            "",
            spec.name,
            "This is no date and time with its zone.",
            "Write it like 2026-03-31T15:00:00Z or 2026-03-31T17:00:00+02:00.",
        )
    })
}

/// The form to show again for a refusal that is about it.
pub(super) fn refused(
    kind: &'static StepKind,
    fields: &BTreeMap<String, String>,
    error: &UseCaseError,
) -> Option<Refused> {
    let findings = message::at_fields(error)?;
    Some(Refused { step: kind.name.to_owned(), values: fields.clone(), findings })
}
