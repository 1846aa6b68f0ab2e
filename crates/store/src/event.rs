//! Events in and out. Reading an event always recomputes its commitment, compares it with its ledger leaf, opens
//! its seal and checks the body against its own commitment: what pages show is what the ledger vouches for.

use std::{collections::BTreeMap, sync::Arc};

use bastide_authz::{Embargoed, Tier};
use bastide_ledger::{BodyCommitment, CanonicalJson, CaseLeaf, Entry, Log, Salt};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};

use crate::{
    StoreError,
    append::{MAX_HEADER_BYTES, NewEvent, Stream, StreamKind},
    growth::{Growth, stored_integer},
    keys::{Keys, fill_random},
    seal::{Place, SealingKey},
    sql::{Connection, Pool, Row, assembled, name_of},
    table::case_key::CaseKeys,
};

/// An event as it was stored.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its number in its stream, from 1.
    pub sequence: u64,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Option<PersonId>,
    /// The plain part.
    pub header: serde_json::Value,
    /// The sealed part.
    pub body: Body,
    /// Its leaf in the case log.
    pub log_index: u64,
}

/// An event's sealed part.
#[derive(Debug, Clone)]
pub enum Body {
    /// The event never had one.
    None,
    /// Still there; opens with a permit for its case and tier.
    Sealed(Embargoed<Vec<u8>>),
    /// Erased together with the case's key; its commitment stays in the ledger.
    Erased,
}

/// An event with what proofs need of it.
pub(crate) struct EventRecord {
    pub(crate) stream: Stream,
    pub(crate) entry: Entry,
    pub(crate) salt: Salt,
    pub(crate) log_index: u64,
    pub(crate) body: RecordBody,
}

pub(crate) enum RecordBody {
    None,
    Sealed { salt: Salt, plaintext: Embargoed<Vec<u8>> },
    Erased,
}

impl EventRecord {
    pub(crate) fn into_stored(self) -> StoredEvent {
        StoredEvent {
            sequence: self.entry.sequence,
            kind: self.entry.kind,
            at: self.entry.at,
            actor: self.entry.actor,
            header: self.entry.header.value(),
            body: match self.body {
                RecordBody::None => Body::None,
                RecordBody::Sealed { plaintext, .. } => Body::Sealed(plaintext),
                RecordBody::Erased => Body::Erased,
            },
            log_index: self.log_index,
        }
    }
}

/// How many events a stream holds.
pub(crate) async fn length(connection: &mut Connection, stream: &Stream) -> Result<u64, StoreError> {
    let sql = "SELECT COALESCE(MAX(sequence), 0) FROM event WHERE stream_kind = $1 AND stream_id = $2";
    let values = vec![name_of(&stream.kind).into(), stream.id.as_str().into()];
    connection.row("event", sql, values).await?.map_or(Ok(0), |row| row.count(0))
}

/// Stores one event, its sealed body and its leaf; returns the leaf's index.
pub(crate) async fn insert(
    connection: &mut Connection,
    growth: &mut Growth,
    case_keys: &mut CaseKeys,
    stream: &Stream,
    sequence: u64,
    event: NewEvent,
) -> Result<u64, StoreError> {
    let log_index = growth.next_index(Log::Case);
    let header = CanonicalJson::of(&event.header)
        .map_err(|error| StoreError::refused("an event's header", error.to_string()))?;
    if header.as_str().len() > MAX_HEADER_BYTES {
        return Err(StoreError::refused(
            "an event's header",
            format!("longer than {MAX_HEADER_BYTES} bytes"),
        ));
    }
    let mut sealed = None;
    let mut commitment = None;
    if let Some(body) = &event.body {
        let (case, tier) = (body.case().to_string(), name_of(&body.tier()));
        let body_salt = random_salt()?;
        #[allow(clippy::disallowed_methods, reason = "it is sealed below")]
        let plaintext = body.expose_for_sealing();
        let key = case_keys.get_or_make(connection, body.case()).await?;
        let object = object_name(stream);
        let place = Place { case: &case, object: &object, version: signed(sequence), tier: &tier };
        let salted = zeroize::Zeroizing::new([&body_salt.0[..], plaintext].concat());
        let bytes = key.seal(&place, &salted)?;
        sealed = Some((case.clone(), bytes));
        commitment =
            Some(BodyCommitment { case: body.case(), tier, commitment: body_salt.commit(plaintext) });
    }
    let entry = Entry {
        stream_kind: name_of(&stream.kind),
        stream_id: stream.id.clone(),
        sequence,
        kind: event.kind,
        at: event.at,
        actor: event.actor,
        header,
        body: commitment,
    };
    let salt = random_salt()?;
    growth.push(Log::Case, CaseLeaf::of(&salt, &entry.canonical_bytes()).0.to_vec());
    let (body_case, body_tier, body_commitment) = match entry.body {
        Some(body) => (Some(body.case.to_string()), Some(body.tier), Some(body.commitment.to_vec())),
        None => (None, None, None),
    };
    connection
        .execute(
            "INSERT INTO event (log_index, stream_kind, stream_id, sequence, kind, at, actor, header, body_case,
             body_tier, body_commitment, salt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            vec![
                stored_integer(log_index),
                entry.stream_kind.into(),
                entry.stream_id.into(),
                stored_integer(sequence),
                entry.kind.into(),
                entry.at.into(),
                entry.actor.map(|person| person.to_string()).into(),
                entry.header.as_str().into(),
                body_case.into(),
                body_tier.into(),
                body_commitment.into(),
                salt.0.to_vec().into(),
            ],
        )
        .await?;
    if let Some((case, sealed)) = sealed {
        connection
            .execute(
                "INSERT INTO event_body (log_index, case_id, sealed) VALUES ($1, $2, $3)",
                vec![stored_integer(log_index), case.into(), sealed.into()],
            )
            .await?;
    }
    Ok(log_index)
}

/// Chooses the columns that [`read`] needs, in its order.
const SELECT: &str =
    "SELECT e.log_index, e.stream_kind, e.stream_id, e.sequence, e.kind, e.at, e.actor, e.header,
    e.body_case, e.body_tier, e.body_commitment, e.salt, l.leaf, b.sealed, b.case_id, k.wrapped, x.log_index
    FROM event e
    LEFT JOIN log_leaf l ON l.log = 'case-log' AND l.position = e.log_index
    LEFT JOIN event_body b ON b.log_index = e.log_index
    LEFT JOIN case_key k ON k.case_id = e.body_case
    LEFT JOIN erasure x ON x.case_id = e.body_case";

/// All events of a stream, in order, each checked.
pub(crate) async fn stream(
    pool: &Pool,
    keys: &Keys,
    stream: &Stream,
) -> Result<Vec<EventRecord>, StoreError> {
    let sql = format!("{SELECT} WHERE e.stream_kind = $1 AND e.stream_id = $2 ORDER BY e.sequence");
    let values = vec![name_of(&stream.kind).into(), stream.id.as_str().into()];
    let mut opened = BTreeMap::new();
    let mut records = Vec::new();
    for (sequence, row) in (1_u64..).zip(pool.rows("event", assembled(sql), values).await?) {
        let record = read(&row, keys, &mut opened)?;
        if record.entry.sequence != sequence {
            return Err(StoreError::corrupt(
                "an event",
                format!("{stream}, number {sequence}, which is missing"),
            ));
        }
        records.push(record);
    }
    Ok(records)
}

/// The events of a stream from one number to another, both included, in order, each checked.
pub(crate) async fn range(
    pool: &Pool,
    keys: &Keys,
    stream: &Stream,
    first: u64,
    last: u64,
) -> Result<Vec<EventRecord>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE e.stream_kind = $1 AND e.stream_id = $2 AND e.sequence BETWEEN $3 AND $4 ORDER BY e.sequence"
    );
    let values = vec![
        name_of(&stream.kind).into(),
        stream.id.as_str().into(),
        stored_integer(first),
        stored_integer(last),
    ];
    let mut opened = BTreeMap::new();
    let rows = pool.rows("event", assembled(sql), values).await?;
    rows.iter().map(|row| read(row, keys, &mut opened)).collect()
}

/// The rows of up to `limit` events from one leaf to before another, for the check of everything.
pub(crate) async fn rows_between(
    pool: &Pool,
    first: u64,
    end: u64,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let sql = format!("{SELECT} WHERE e.log_index >= $1 AND e.log_index < $2 ORDER BY e.log_index LIMIT $3");
    pool.rows("event", assembled(sql), vec![stored_integer(first), stored_integer(end), limit.into()]).await
}

/// Unwrapped case keys while reading many events.
pub(crate) type OpenedKeys = BTreeMap<String, SealingKey>;

/// An event that met its leaf, with its body still under seal.
struct Checked {
    stream: Stream,
    entry: Entry,
    salt: Salt,
    log_index: u64,
    body: CheckedBody,
}

enum CheckedBody {
    None,
    Sealed { committed: BodyCommitment, sealed: Vec<u8>, wrapped: Vec<u8> },
    Erased,
}

fn damaged(what: &str, stream: &Stream, sequence: u64, log_index: u64) -> StoreError {
    StoreError::corrupt(what, format!("{stream}, number {sequence} (leaf {log_index} of the case log)"))
}

/// Reads one event and checks it against its leaf; its body stays under seal.
fn checked(row: &Row) -> Result<Checked, StoreError> {
    let log_index = row.count(0)?;
    let stream_kind: StreamKind = row.named(1)?;
    let stream = Stream { kind: stream_kind, id: row.text(2)? };
    let sequence = row.count(3)?;
    let damaged = |what: &str| damaged(what, &stream, sequence, log_index);
    let header = CanonicalJson::parse(&row.text(7)?).map_err(|_| damaged("an event's header"))?;
    let body = match (row.optional_parsed::<CaseId>(8)?, row.optional_text(9)?, row.optional_bytes(10)?) {
        (None, None, None) => None,
        (Some(case), Some(tier), Some(commitment)) => {
            let commitment = commitment.try_into().map_err(|_| damaged("an event's body commitment"))?;
            Some(BodyCommitment { case, tier, commitment })
        }
        _ => return Err(damaged("an event's body commitment")),
    };
    let entry = Entry {
        stream_kind: name_of(&stream_kind),
        stream_id: stream.id.clone(),
        sequence,
        kind: row.text(4)?,
        at: row.instant(5)?,
        actor: row.optional_parsed(6)?,
        header,
        body,
    };
    let salt = Salt(row.bytes(11)?.try_into().map_err(|_| damaged("an event's salt"))?);
    let leaf = row.optional_bytes(12)?.ok_or_else(|| damaged("the ledger leaf of an event"))?;
    if CaseLeaf::of(&salt, &entry.canonical_bytes()).0.as_slice() != leaf {
        return Err(damaged("an event or its ledger leaf"));
    }
    let body = match &entry.body {
        None if row.optional_bytes(13)?.is_some() => return Err(damaged("an event's sealed body")),
        None => CheckedBody::None,
        Some(committed) => match row.optional_bytes(13)? {
            Some(sealed) => {
                if row.optional_text(14)?.as_ref() != Some(&committed.case.to_string()) {
                    return Err(damaged("an event's sealed body"));
                }
                let wrapped =
                    row.optional_bytes(15)?.ok_or_else(|| damaged("the case's key for an event"))?;
                CheckedBody::Sealed { committed: committed.clone(), sealed, wrapped }
            }
            None if row.optional_int(16)?.is_some() => CheckedBody::Erased,
            None => return Err(damaged("an event's sealed body, which is missing")),
        },
    };
    Ok(Checked { stream, entry, salt, log_index, body })
}

/// Reads and checks one event, its body with it.
pub(crate) fn read(row: &Row, keys: &Keys, opened: &mut OpenedKeys) -> Result<EventRecord, StoreError> {
    let Checked { stream, entry, salt, log_index, body } = checked(row)?;
    let damaged = |what: &str| damaged(what, &stream, entry.sequence, log_index);
    let body = match body {
        CheckedBody::None => RecordBody::None,
        CheckedBody::Erased => RecordBody::Erased,
        CheckedBody::Sealed { committed, sealed, wrapped } => {
            let case = committed.case.to_string();
            let key = unwrapped(keys, opened, &case, &wrapped)
                .ok_or_else(|| damaged("the case's key for an event"))?;
            let object = object_name(&stream);
            let version = signed(entry.sequence);
            let place = Place { case: &case, object: &object, version, tier: &committed.tier };
            open_body(&committed, key, &place, &sealed).ok_or_else(|| damaged("an event's sealed body"))?
        }
    };
    Ok(EventRecord { stream, entry, salt, log_index, body })
}

/// An event whose body lies in memory as it lies in the database: under seal, beside the wrapped key of its case. Each
/// look at the body unwraps, opens and checks it anew, and nothing of it stays.
pub struct SealedEvent {
    /// Its number in its stream, from 1.
    pub sequence: u64,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Option<PersonId>,
    /// The plain part.
    pub header: serde_json::Value,
    stream: Stream,
    log_index: u64,
    body: CheckedBody,
    tier: Option<Tier>,
    keys: Arc<Keys>,
}

impl std::fmt::Debug for SealedEvent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SealedEvent").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

impl SealedEvent {
    fn new(checked: Checked, keys: Arc<Keys>) -> Result<Self, StoreError> {
        let Checked { stream, entry, log_index, body, .. } = checked;
        let tier = match &body {
            CheckedBody::Sealed { committed, .. } => {
                let name = serde_json::Value::String(committed.tier.clone());
                let tier = serde_json::from_value(name)
                    .map_err(|_| damaged("an event's tier", &stream, entry.sequence, log_index))?;
                Some(tier)
            }
            CheckedBody::None | CheckedBody::Erased => None,
        };
        Ok(Self {
            sequence: entry.sequence,
            kind: entry.kind,
            at: entry.at,
            actor: entry.actor,
            header: entry.header.value(),
            stream,
            log_index,
            body,
            tier,
            keys,
        })
    }

    /// Whom the body is for; none when there is none (any more).
    pub fn tier(&self) -> Option<Tier> {
        self.tier
    }

    /// Whether it had a body that was erased.
    pub fn is_erased(&self) -> bool {
        matches!(self.body, CheckedBody::Erased)
    }

    /// About how many bytes of memory it takes, without its header.
    pub fn weight(&self) -> usize {
        let body = match &self.body {
            CheckedBody::Sealed { sealed, wrapped, .. } => sealed.len() + wrapped.len(),
            CheckedBody::None | CheckedBody::Erased => 0,
        };
        body + 256
    }

    /// The body, opened for this call: checked against its commitment, still under embargo.
    pub fn body(&self) -> Result<Body, StoreError> {
        let (committed, sealed, wrapped) = match &self.body {
            CheckedBody::None => return Ok(Body::None),
            CheckedBody::Erased => return Ok(Body::Erased),
            CheckedBody::Sealed { committed, sealed, wrapped } => (committed, sealed, wrapped),
        };
        let damaged = |what: &str| damaged(what, &self.stream, self.sequence, self.log_index);
        let case = committed.case.to_string();
        let key = self.keys.unwrap(&case, wrapped).ok_or_else(|| damaged("the case's key for an event"))?;
        let object = object_name(&self.stream);
        let place =
            Place { case: &case, object: &object, version: signed(self.sequence), tier: &committed.tier };
        match open_body(committed, &key, &place, sealed) {
            Some(RecordBody::Sealed { plaintext, .. }) => Ok(Body::Sealed(plaintext)),
            _ => Err(damaged("an event's sealed body")),
        }
    }
}

/// The events of a stream after a number, in order, each checked against its leaf.
pub(crate) async fn sealed(
    pool: &Pool,
    keys: &Arc<Keys>,
    stream: &Stream,
    after: u64,
) -> Result<Vec<SealedEvent>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE e.stream_kind = $1 AND e.stream_id = $2 AND e.sequence > $3 ORDER BY e.sequence"
    );
    let values = vec![name_of(&stream.kind).into(), stream.id.as_str().into(), stored_integer(after)];
    let mut events = Vec::new();
    for (sequence, row) in (after + 1..).zip(pool.rows("event", assembled(sql), values).await?) {
        let event = SealedEvent::new(checked(&row)?, Arc::clone(keys))?;
        if event.sequence != sequence {
            return Err(StoreError::corrupt(
                "an event",
                format!("{stream}, number {sequence}, which is missing"),
            ));
        }
        events.push(event);
    }
    Ok(events)
}

fn unwrapped<'a>(
    keys: &Keys,
    opened: &'a mut OpenedKeys,
    case: &str,
    wrapped: &[u8],
) -> Option<&'a SealingKey> {
    if !opened.contains_key(case) {
        opened.insert(case.to_owned(), keys.unwrap(case, wrapped)?);
    }
    opened.get(case)
}

fn open_body(
    committed: &BodyCommitment,
    key: &SealingKey,
    place: &Place<'_>,
    sealed: &[u8],
) -> Option<RecordBody> {
    let opened = key.open(place, sealed)?;
    let (salt, plaintext) = opened.split_first_chunk::<32>()?;
    let salt = Salt(*salt);
    let tier: Tier = serde_json::from_value(serde_json::Value::String(committed.tier.clone())).ok()?;
    (salt.commit(plaintext) == committed.commitment).then(|| RecordBody::Sealed {
        salt,
        plaintext: Embargoed::new(committed.case, tier, plaintext.to_vec()),
    })
}

/// The name of an event's body within its case: the stream, because a case's body may stand in another stream.
fn object_name(stream: &Stream) -> String {
    format!("event:{}/{}", name_of(&stream.kind), stream.id)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn random_salt() -> Result<Salt, StoreError> {
    let mut salt = Salt([0; 32]);
    fill_random(&mut salt.0)?;
    Ok(salt)
}
