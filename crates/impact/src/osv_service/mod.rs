//! The OSV service: what osv.dev's API answers, out of snapshots, as pure functions from body to body.
//!
//! Held to osv.dev's behaviour of August 2026 (`go/internal/api`, `go/internal/database/datastore` of its repository): limits,
//! order, paging, errors, what is an empty answer. Clients count on it: pip-audit wants `{}` for nothing found, uv and
//! osv-scanner page by `next_page_token`, osv-scanner refuses fields that it does not know.
//!
//! Besides a snapshot of feeds there may be one of advisories that were published here: they answer at once, before any feed
//! carries them, and stand in place of what a feed says under the same id.

mod answer;
mod archive;
mod matching;
mod request;
#[cfg(test)]
mod tests;

pub use archive::{dump, modified_ids};

use crate::database::{DatabaseError, Snapshot};

/// The most queries of a batch.
pub const MAX_BATCH_QUERIES: usize = 1000;
/// The most results of one query.
pub const MAX_QUERY_RESULTS: usize = 3000;
/// The most results of one query of a batch.
pub const MAX_BATCH_RESULTS: usize = 1000;
/// Where an answer stops and goes on with a page token, in bytes; it may be exceeded by one record.
pub const SOFT_RESPONSE_BYTES: usize = 10_000_000;
/// The page token that begins from the start: an answer that ended before it began.
pub const FIRST_PAGE_TOKEN: &str = "RklSU1RfUEFHRV9UT0tFTg==";
/// The longest id that is looked for, in bytes.
pub const MAX_ID_BYTES: usize = 100;
/// The most listed versions that one request compares as texts; osv.dev has a limit of time instead.
const MAX_TEXT_COMPARISONS: usize = 500_000;

/// The snapshots that answer.
#[derive(Debug, Clone, Copy)]
pub struct Layers<'snapshot> {
    /// What was published here.
    pub own: Option<&'snapshot Snapshot>,
    /// What the feeds say.
    pub feeds: Option<&'snapshot Snapshot>,
}

impl<'snapshot> Layers<'snapshot> {
    /// Each snapshot, those that stand in place of the later ones first.
    fn each(self) -> impl Iterator<Item = &'snapshot Snapshot> {
        self.own.into_iter().chain(self.feeds)
    }
}

/// An answer that is an error, as gRPC's gateway writes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// The code of gRPC.
    pub code: Code,
    /// What is wrong.
    pub message: String,
}

/// The codes of gRPC that the service uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The request is wrong.
    InvalidArgument,
    /// There is no such record.
    NotFound,
    /// The service is at fault.
    Internal,
}

impl Code {
    /// gRPC's number.
    pub const fn number(self) -> u8 {
        match self {
            Self::InvalidArgument => 3,
            Self::NotFound => 5,
            Self::Internal => 13,
        }
    }

    /// The status of HTTP that the gateway makes of it.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidArgument => 400,
            Self::NotFound => 404,
            Self::Internal => 500,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "InvalidArgument",
            Self::NotFound => "NotFound",
            Self::Internal => "Internal",
        }
    }
}

impl ServiceError {
    fn invalid(message: impl Into<String>) -> Self {
        Self { code: Code::InvalidArgument, message: message.into() }
    }

    /// The body of the answer.
    pub fn body(&self) -> String {
        let message = serde_json::Value::from(self.message.as_str());
        format!("{{\"code\":{},\"message\":{message}}}", self.code.number())
    }

    /// The error of one query of a batch, as gRPC writes an error around an error.
    fn in_batch(self, index: usize) -> Self {
        let inner = format!("rpc error: code = {} desc = {}", self.code.name(), self.message);
        Self { code: self.code, message: format!("error in query at index {index}: {inner}") }
    }
}

impl From<DatabaseError> for ServiceError {
    fn from(error: DatabaseError) -> Self {
        Self { code: Code::Internal, message: error.to_string() }
    }
}

/// `POST /v1/query`: the body of the answer to a body.
pub fn query(layers: Layers<'_>, body: &[u8]) -> Result<String, ServiceError> {
    let query = request::single(body)?;
    let Some(asked) = query.asked()? else { return Ok("{}".to_owned()) };
    let mut budget = answer::Budget::new(MAX_QUERY_RESULTS);
    answer::documents(layers, &asked, &mut budget)
}

/// `POST /v1/querybatch`: the body of the answer to a body. The order of results is that of queries.
pub fn query_batch(layers: Layers<'_>, body: &[u8]) -> Result<String, ServiceError> {
    let queries = request::batch(body)?;
    let asked: Vec<_> = queries.iter().map(request::Query::asked).collect();
    if queries.len() > MAX_BATCH_QUERIES {
        return Err(ServiceError::invalid("too many queries"));
    }
    let mut read = Vec::with_capacity(asked.len());
    for (index, one) in asked.into_iter().enumerate() {
        read.push(one.map_err(|error| error.in_batch(index))?);
    }
    answer::batch(layers, &read)
}

/// `GET /v1/vulns/ID`: the record, withdrawn or not.
pub fn vulnerability(layers: Layers<'_>, id: &str) -> Result<String, ServiceError> {
    if id.is_empty() {
        return Err(ServiceError::invalid("ID is required"));
    }
    if id.len() > MAX_ID_BYTES {
        return Err(ServiceError::invalid("ID is too long"));
    }
    for snapshot in layers.each() {
        if let Some(record) = snapshot.record(id)? {
            return Ok(snapshot.document(record.number)?);
        }
    }
    let mut names: Vec<String> = Vec::new();
    for snapshot in layers.each() {
        for record in snapshot.by_alias(id)? {
            names.extend(std::iter::once(record.id).chain(record.aliases));
        }
    }
    names.sort_unstable();
    names.dedup();
    let message = if names.is_empty() {
        "Vulnerability not found".to_owned()
    } else {
        format!("Vulnerability not found, but the following aliases were: {}", names.join(" "))
    };
    Err(ServiceError { code: Code::NotFound, message })
}
