//! Who has read a case: one row for each person and case, beside the ledger's event for each hour of reading.
//!
//! The row says how far somebody has read, so that an inbox can tell what is new to them; the event says that they
//! read, and for an auditor why, under the case's seal. Events of reading are a stream of their own: they change
//! nothing in the case, and a case's history would otherwise grow by being looked at.

use bastide_authz::Embargoed;
use bastide_model::{
    id::{CaseId, PersonId},
    time::{Instant, Span},
};
use serde_json::json;

use crate::{
    Store, StoreError,
    append::{NewEvent, Stream, StreamKind},
    event::{self, Body},
    growth::{Growth, stored_integer},
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row, Value, assembled, placeholders},
    table::case_key::CaseKeys,
};

/// Somebody reads a case now.
#[derive(Debug, Clone)]
pub struct NewReading {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub person: PersonId,
    /// As what, in a word: `team`, `observer`, `auditor`.
    pub viewer: String,
    /// When.
    pub at: Instant,
    /// How many of the case's events there were to read.
    pub seen: u64,
    /// Whether a purpose is stated with it; such a reading is always an event of its own.
    pub stated: bool,
    /// The purpose; none when there is no key to seal it with any more.
    pub purpose: Option<Embargoed<Vec<u8>>>,
}

/// What is known of somebody's readings of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReading {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub person: PersonId,
    /// As what they read when it was last logged.
    pub viewer: String,
    /// When the ledger's last event of it was written.
    pub logged_at: Instant,
    /// When something new was last read.
    pub read_at: Instant,
    /// How many of the case's events they have seen.
    pub seen: u64,
    /// The number of that event in the stream of readings.
    pub event: u64,
    /// Whether it states a purpose.
    pub with_purpose: bool,
}

pub(crate) const TABLE: Table = Table {
    name: "case_reading",
    columns: &[
        ("case_id", Kind::Text),
        ("person", Kind::Text),
        ("viewer", Kind::Text),
        ("logged_at", Kind::Int),
        ("read_at", Kind::Int),
        ("seen", Kind::Int),
        ("event", Kind::Int),
        ("with_purpose", Kind::Int),
    ],
    key: 2,
};

/// No list of readers is longer.
const MOST_READERS: i64 = 500;

fn stream(case: CaseId) -> Stream {
    Stream::new(StreamKind::Reading, case.to_string())
}

/// The hour of an instant, counted from the epoch.
fn hour(at: Instant) -> i64 {
    at.as_micros().div_euclid(Span::hours(1).as_micros())
}

/// Notes a reading: an event when it is the first of its hour or states a purpose, and how far it went.
pub(crate) async fn note(
    connection: &mut Connection,
    keys: &Keys,
    growth: &mut Growth,
    case_keys: &mut CaseKeys,
    new: NewReading,
) -> Result<(), StoreError> {
    let (case, person) = (new.case.to_string(), new.person.to_string());
    let rest = "WHERE case_id = $1 AND person = $2";
    let rows = TABLE.rows_in(connection, keys, rest, vec![case.as_str().into(), person.as_str().into()]);
    let known = rows.await?.first().map(read).transpose()?;
    let fresh = known.as_ref().is_none_or(|known| hour(known.logged_at) < hour(new.at));
    if let Some(known) = &known
        && !fresh
        && !new.stated
        && new.seen <= known.seen
    {
        return Ok(());
    }
    let mut reading = known.unwrap_or(CaseReading {
        case: new.case,
        person: new.person,
        viewer: new.viewer.clone(),
        logged_at: new.at,
        read_at: new.at,
        seen: 0,
        event: 0,
        with_purpose: false,
    });
    if fresh || new.stated {
        let stream = stream(new.case);
        let sequence = event::length(connection, &stream).await? + 1;
        let event = NewEvent {
            kind: "case-read".to_owned(),
            at: new.at,
            actor: Some(new.person),
            header: json!({ "as": new.viewer, "purpose": new.stated }),
            body: new.purpose,
        };
        event::insert(connection, growth, case_keys, &stream, sequence, event).await?;
        reading.viewer = new.viewer;
        reading.logged_at = new.at;
        reading.event = sequence;
        // A later hour is read for the purpose of its own statement or, for who needs none, for none.
        reading.with_purpose = new.stated;
    }
    reading.read_at = new.at;
    reading.seen = reading.seen.max(new.seen);
    let values = vec![
        case.into(),
        person.into(),
        reading.viewer.into(),
        reading.logged_at.into(),
        reading.read_at.into(),
        stored_integer(reading.seen),
        stored_integer(reading.event),
        reading.with_purpose.into(),
    ];
    TABLE.put(connection, keys, values).await
}

fn read(row: &Row) -> Result<CaseReading, StoreError> {
    Ok(CaseReading {
        case: row.parsed(0)?,
        person: row.parsed(1)?,
        viewer: row.text(2)?,
        logged_at: row.instant(3)?,
        read_at: row.instant(4)?,
        seen: row.count(5)?,
        event: row.count(6)?,
        with_purpose: row.int(7)? == 1,
    })
}

impl Store {
    /// What is known of one person's readings of a case.
    pub async fn reading(&self, case: CaseId, person: PersonId) -> Result<Option<CaseReading>, StoreError> {
        let values = vec![case.to_string().into(), person.to_string().into()];
        let rest = "WHERE case_id = $1 AND person = $2";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, values).await?;
        rows.first().map(read).transpose()
    }

    /// Who has read a case, the latest first; at most 500.
    pub async fn readings(&self, case: CaseId) -> Result<Vec<CaseReading>, StoreError> {
        let values = vec![case.to_string().into(), MOST_READERS.into()];
        let rest = "WHERE case_id = $1 ORDER BY read_at DESC, person LIMIT $2";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, values).await?;
        rows.iter().map(read).collect()
    }

    /// The purpose that a reading was stated with; nothing where there is none or it was erased.
    pub async fn reading_purpose(
        &self,
        case: CaseId,
        event: u64,
    ) -> Result<Option<Embargoed<Vec<u8>>>, StoreError> {
        let found = event::range(self.readers(), self.keys(), &stream(case), event, event).await?;
        Ok(found.into_iter().next().and_then(|record| match record.into_stored().body {
            Body::Sealed(purpose) => Some(purpose),
            Body::None | Body::Erased => None,
        }))
    }

    /// How far a person has read these cases, at most 1,000 of them. Who never read one is not in the answer.
    pub async fn readings_of(
        &self,
        person: PersonId,
        cases: &[CaseId],
    ) -> Result<Vec<CaseReading>, StoreError> {
        let mut found = Vec::new();
        for chunk in cases.chunks(500) {
            let marks = placeholders(2, chunk.len());
            let mut values: Vec<Value> = vec![person.to_string().into()];
            values.extend(chunk.iter().map(|case| Value::from(case.to_string())));
            let rest = format!("WHERE person = $1 AND case_id IN ({marks})");
            let rows = TABLE.rows(self.readers(), self.keys(), &rest, values).await?;
            for row in &rows {
                found.push(read(row)?);
            }
        }
        Ok(found)
    }

    /// How many events each of these cases has.
    pub async fn lengths_of(&self, cases: &[CaseId]) -> Result<Vec<(CaseId, u64)>, StoreError> {
        let mut found = Vec::with_capacity(cases.len());
        for chunk in cases.chunks(500) {
            let marks = placeholders(1, chunk.len());
            let sql = format!(
                "SELECT c.case_id, (SELECT COALESCE(MAX(e.sequence), 0) FROM event e
                 WHERE e.stream_kind = 'case' AND e.stream_id = c.case_id)
                 FROM case_summary c WHERE c.case_id IN ({marks})"
            );
            let values = chunk.iter().map(|case| Value::from(case.to_string())).collect();
            for row in self.readers().rows("event", assembled(sql), values).await? {
                found.push((row.parsed(0)?, row.count(1)?));
            }
        }
        Ok(found)
    }
}
