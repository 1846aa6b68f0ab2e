//! The bodies of answers, and where they stop.

use std::collections::HashMap;

use super::{
    Layers, MAX_BATCH_RESULTS, MAX_TEXT_COMPARISONS, SOFT_RESPONSE_BYTES, ServiceError, matching,
    request::{Asked, page_token},
};
use crate::database::Snapshot;

/// What a request may still cost.
pub(super) struct Budget {
    results: usize,
    bytes: usize,
    comparisons: usize,
}

impl Budget {
    /// The budget of a request whose queries may have this many results each.
    pub(super) fn new(results: usize) -> Self {
        Self { results, bytes: SOFT_RESPONSE_BYTES, comparisons: MAX_TEXT_COMPARISONS }
    }

    /// Takes comparisons of texts.
    pub(super) fn compare(&mut self, count: usize) {
        self.comparisons = self.comparisons.saturating_sub(count.max(1));
    }

    /// Whether the next query of a batch is put off to another request. A query that was begun is ended.
    fn is_spent(&self) -> bool {
        self.comparisons == 0 || self.bytes == 0
    }

    /// Takes bytes of the answer; false where none are left, though these may still be written.
    fn write(&mut self, count: usize) -> bool {
        self.bytes = self.bytes.saturating_sub(count);
        self.bytes > 0
    }
}

/// The answer to one query, with whole records.
pub(super) fn documents(
    layers: Layers<'_>,
    asked: &Asked,
    budget: &mut Budget,
) -> Result<String, ServiceError> {
    list(layers, asked, budget, |snapshot, number| Ok(snapshot.document(number)?))
}

/// The answer to a batch, with ids and instants only.
pub(super) fn batch(layers: Layers<'_>, queries: &[Option<Asked>]) -> Result<String, ServiceError> {
    if queries.is_empty() {
        return Ok("{}".to_owned());
    }
    let mut budget = Budget::new(MAX_BATCH_RESULTS);
    // Lockfiles of several platforms name a package more than once; comparing texts twice would be paid twice.
    let mut known: HashMap<&Asked, String> = HashMap::new();
    let mut out = String::with_capacity(queries.len() * 64);
    out.push_str("{\"results\":[");
    for (index, asked) in queries.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let Some(asked) = asked else {
            out.push_str("{}");
            continue;
        };
        if let Some(answer) = known.get(asked) {
            budget.write(answer.len());
            out.push_str(answer);
        } else {
            let answer =
                list(layers, asked, &mut budget, |snapshot, number| Ok(snapshot.batch_line(number)?));
            let answer = answer.map_err(|error| error.in_batch(index))?;
            out.push_str(&answer);
            known.insert(asked, answer);
        }
    }
    out.push_str("]}");
    Ok(out)
}

/// The matching records of all layers by id, each written by `write`, until the budget is spent.
fn list<'snapshot>(
    layers: Layers<'snapshot>,
    asked: &Asked,
    budget: &mut Budget,
    write: impl Fn(&'snapshot Snapshot, u32) -> Result<String, ServiceError>,
) -> Result<String, ServiceError> {
    if budget.is_spent() {
        return Ok(body(&[], Some(page_token(asked.after.as_deref()))));
    }
    let found = candidates(layers, asked, budget)?;
    let mut vulns = Vec::new();
    let mut next = None;
    let mut full = false;
    let mut last = None;
    for (snapshot, number) in found {
        if full || vulns.len() >= budget.results {
            let behind = last.map(|(snapshot, number): (&Snapshot, u32)| snapshot.id(number)).transpose()?;
            next = Some(page_token(behind.as_deref()));
            break;
        }
        let written = write(snapshot, number)?;
        full = !budget.write(written.len());
        vulns.push(written);
        last = Some((snapshot, number));
    }
    Ok(body(&vulns, next))
}

/// The records that match behind the page's beginning, by id; a record of a feed that is published here stands back.
fn candidates<'snapshot>(
    layers: Layers<'snapshot>,
    asked: &Asked,
    budget: &mut Budget,
) -> Result<Vec<(&'snapshot Snapshot, u32)>, ServiceError> {
    let mut found: Vec<(&Snapshot, u32)> = Vec::new();
    let mut own: Vec<(String, (&Snapshot, u32))> = Vec::new();
    for snapshot in layers.each() {
        let numbers = matching::records(snapshot, asked, budget)?;
        let is_own = layers.own.is_some_and(|own| std::ptr::eq(own, snapshot));
        for number in numbers {
            if is_own {
                own.push((snapshot.id(number)?, (snapshot, number)));
            } else {
                found.push((snapshot, number));
            }
        }
    }
    if !own.is_empty() || layers.own.is_some_and(|own| own.counts().records > 0) {
        let mut named = own;
        for (snapshot, number) in found {
            let id = snapshot.id(number)?;
            let published_here = layers.own.map(|own| own.record(&id)).transpose()?.flatten();
            if published_here.is_none() {
                named.push((id, (snapshot, number)));
            }
        }
        named.sort_by(|one, other| one.0.cmp(&other.0));
        found = named.into_iter().map(|(_, place)| place).collect();
    }
    if let Some(after) = &asked.after {
        let mut behind = Vec::new();
        for (snapshot, number) in found {
            if snapshot.id(number)?.as_str() > after.as_str() {
                behind.push((snapshot, number));
            }
        }
        found = behind;
    }
    Ok(found)
}

/// `{}` for nothing, as protocol buffers write an empty message.
fn body(vulns: &[String], next_page_token: Option<String>) -> String {
    let mut parts = Vec::new();
    if !vulns.is_empty() {
        parts.push(format!("\"vulns\":[{}]", vulns.join(",")));
    }
    if let Some(token) = next_page_token {
        parts.push(format!("\"next_page_token\":{}", serde_json::Value::from(token)));
    }
    format!("{{{}}}", parts.join(","))
}
