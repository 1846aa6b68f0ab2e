//! Messages to send, written in the transaction of what they tell. Delivery is at least once, with a stable id.

use bastide_model::{digest::Sha256Digest, id::CaseId, time::Instant};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    append::{Stream, StreamKind},
    growth::stored_integer,
    keys::Keys,
    row::{Kind, Table},
    seal::Place,
    sql::{Connection, Row, Value, name_of},
};

/// How a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutboxChannel {
    /// By mail.
    Mail,
    /// By a call of an address that a subscriber named.
    Webhook,
    /// To the desk itself, which finds out whom a published advisory concerns.
    Announcement,
}

impl OutboxChannel {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
            Self::Announcement => "announcement",
        }
    }
}

/// A message to send. One event tells one audience once per channel.
#[derive(Debug, Clone)]
pub struct NewOutbox {
    /// The stream of the event that the message is about.
    pub stream: Stream,
    /// The event's number in it.
    pub sequence: u64,
    /// The case, if it is about one.
    pub case: Option<CaseId>,
    /// How it is sent.
    pub channel: OutboxChannel,
    /// For whom: a person's id or a rule; who receives it is decided when it is sent.
    pub audience: String,
    /// Which text.
    pub template: String,
    /// What the text needs, such as a secret link; stored sealed. No content of a case.
    pub parameters: Option<Vec<u8>>,
    /// Not sent before this.
    pub not_before: Instant,
    /// Whether one with the same id that is there already says all that this one would.
    pub once: bool,
}

impl NewOutbox {
    /// A mail about an event, as soon as it can go, with nothing of its own; what differs is set after.
    pub fn mail(
        stream: &Stream,
        sequence: u64,
        audience: impl Into<String>,
        template: impl Into<String>,
        now: Instant,
    ) -> Self {
        Self {
            stream: stream.clone(),
            sequence,
            case: None,
            channel: OutboxChannel::Mail,
            audience: audience.into(),
            template: template.into(),
            parameters: None,
            not_before: now,
            once: false,
        }
    }

    /// The same about a case: only who may hear of it then is told.
    #[must_use]
    pub fn about(self, case: CaseId) -> Self {
        Self { case: Some(case), ..self }
    }
}

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutboxState {
    /// To be sent.
    Waiting,
    /// Sent.
    Sent,
    /// Could not be sent and is not tried again by itself.
    GivenUp,
    /// Is never sent: somebody looked at it and said so.
    Dropped,
}

/// A message as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Stable: the same for every attempt. Receivers recognise a repetition by it.
    pub id: String,
    /// The case, if it is about one.
    pub case: Option<CaseId>,
    /// The stream of the event that the message is about.
    pub stream: Stream,
    /// The event's number in it.
    pub sequence: u64,
    /// How it is sent.
    pub channel: OutboxChannel,
    /// For whom.
    pub audience: String,
    /// Which text.
    pub template: String,
    /// What the text needs.
    pub parameters: Option<Vec<u8>>,
    /// Not sent before this; while somebody is sending it, the end of their lease; afterwards, when it was settled.
    pub not_before: Instant,
    /// How often sending was begun.
    pub attempts: u32,
    /// What has become of it.
    pub state: OutboxState,
    /// Why it failed last, without content.
    pub note: Option<String>,
}

impl std::fmt::Debug for OutboxMessage {
    /// Without the parameters, which may hold a secret link.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("OutboxMessage")
            .field("id", &self.id)
            .field("template", &self.template)
            .field("attempts", &self.attempts)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

pub(crate) const TABLE: Table = Table {
    name: "outbox",
    columns: &[
        ("id", Kind::Text),
        ("case_id", Kind::Text),
        ("stream_kind", Kind::Text),
        ("stream_id", Kind::Text),
        ("sequence", Kind::Int),
        ("channel", Kind::Text),
        ("audience", Kind::Text),
        ("template", Kind::Text),
        ("parameters", Kind::Bytes),
        ("not_before", Kind::Int),
        ("attempts", Kind::Int),
        ("state", Kind::Text),
        ("note", Kind::Text),
    ],
    key: 1,
};

fn id_of(message: &NewOutbox) -> String {
    let fields = [
        &name_of(&message.stream.kind),
        &message.stream.id,
        &message.sequence.to_string(),
        &message.audience,
        &message.channel.as_str().to_owned(),
    ];
    let text = fields.map(|field| format!("{}:{field}", field.len())).concat();
    format!("msg-{}", &Sha256Digest::of(text.as_bytes()).to_string()[..32])
}

pub(crate) async fn add(
    connection: &mut Connection,
    keys: &Keys,
    message: &NewOutbox,
) -> Result<(), StoreError> {
    let id = id_of(message);
    let place = Place { case: "desk", object: &id, version: 1, tier: "" };
    let parameters = message.parameters.as_ref().map(|bytes| keys.seal(&place, bytes)).transpose()?;
    let values = vec![
        id.as_str().into(),
        message.case.map(|case| case.to_string()).into(),
        name_of(&message.stream.kind).into(),
        message.stream.id.as_str().into(),
        stored_integer(message.sequence),
        message.channel.as_str().into(),
        message.audience.as_str().into(),
        message.template.as_str().into(),
        parameters.into(),
        message.not_before.into(),
        0_i64.into(),
        name_of(&OutboxState::Waiting).into(),
        Value::Text(None),
    ];
    if message.once {
        TABLE.add_once(connection, keys, values).await
    } else {
        TABLE.add(connection, keys, values).await
    }
}

/// Leases messages that are due until `lease_until`: nobody else gets them before.
pub(crate) async fn claim(
    connection: &mut Connection,
    keys: &Keys,
    channel: OutboxChannel,
    now: Instant,
    lease_until: Instant,
    limit: u32,
) -> Result<Vec<OutboxMessage>, StoreError> {
    let rest =
        "WHERE state = 'waiting' AND channel = $1 AND not_before <= $2 ORDER BY not_before, id LIMIT $3";
    let values = vec![channel.as_str().into(), now.into(), i64::from(limit.min(1000)).into()];
    let mut claimed = Vec::new();
    for row in TABLE.rows_in(connection, keys, rest, values).await? {
        let mut message = read(&row, keys)?;
        message.not_before = lease_until;
        message.attempts = message.attempts.saturating_add(1);
        let attempts = i64::from(message.attempts);
        let changes = vec![("not_before", lease_until.into()), ("attempts", attempts.into())];
        TABLE.change(connection, keys, &row, changes).await?;
        claimed.push(message);
    }
    Ok(claimed)
}

/// Writes down what became of an attempt to send a message that is still waiting.
pub(crate) async fn settle(
    connection: &mut Connection,
    keys: &Keys,
    id: &str,
    state: OutboxState,
    not_before: Instant,
    note: Option<String>,
) -> Result<(), StoreError> {
    let rows =
        TABLE.rows_in(connection, keys, "WHERE id = $1 AND state = 'waiting'", vec![id.into()]).await?;
    let row = rows.first().ok_or_else(|| StoreError::Absent { what: format!("waiting message {id}") })?;
    let mut changes =
        vec![("state", name_of(&state).into()), ("not_before", not_before.into()), ("note", note.into())];
    if matches!(state, OutboxState::Sent | OutboxState::Dropped) {
        // Once settled, the parameters (a secret link, perhaps) have no further use. A dead letter may be tried again.
        changes.push(("parameters", Value::Bytes(None)));
    }
    TABLE.change(connection, keys, row, changes).await
}

/// Writes down what somebody decided about a dead letter: to try it again, or never to send it.
pub(crate) async fn decide(
    connection: &mut Connection,
    keys: &Keys,
    id: &str,
    state: OutboxState,
    at: Instant,
) -> Result<(), StoreError> {
    let rows =
        TABLE.rows_in(connection, keys, "WHERE id = $1 AND state = 'given-up'", vec![id.into()]).await?;
    let row = rows.first().ok_or_else(|| StoreError::Absent { what: format!("dead letter {id}") })?;
    let mut changes = vec![("state", name_of(&state).into()), ("not_before", at.into())];
    if state == OutboxState::Waiting {
        changes.push(("attempts", 0_i64.into()));
    } else {
        changes.push(("parameters", Value::Bytes(None)));
    }
    TABLE.change(connection, keys, row, changes).await
}

/// Gives up every message that waits for an audience.
pub(crate) async fn give_up_to(
    connection: &mut Connection,
    keys: &Keys,
    audience: &str,
    note: &str,
) -> Result<(), StoreError> {
    let rest = "WHERE audience = $1 AND state = 'waiting'";
    for row in TABLE.rows_in(connection, keys, rest, vec![audience.into()]).await? {
        let changes = vec![
            ("state", name_of(&OutboxState::Dropped).into()),
            ("note", note.into()),
            ("parameters", Value::Bytes(None)),
        ];
        TABLE.change(connection, keys, &row, changes).await?;
    }
    Ok(())
}

/// Seals the parameters of a row anew.
pub(crate) fn seal_anew(keys: &Keys, values: &mut [Value]) -> Result<(), StoreError> {
    if let (Value::Text(Some(id)), Value::Bytes(Some(sealed))) = (&values[0], &values[8]) {
        let place = Place { case: "desk", object: id, version: 1, tier: "" };
        if let Some(anew) = keys.sealed_anew(&place, sealed)? {
            values[8] = anew.into();
        }
    }
    Ok(())
}

fn read(row: &Row, keys: &Keys) -> Result<OutboxMessage, StoreError> {
    let id = row.text(0)?;
    let place = Place { case: "desk", object: &id, version: 1, tier: "" };
    let parameters = row.optional_bytes(8)?.map(|sealed| {
        let opened = keys.open(&place, &sealed).map(|bytes| bytes.to_vec());
        opened.ok_or_else(|| StoreError::corrupt("a message's parameters", id.clone()))
    });
    let parameters = parameters.transpose()?;
    let stream = Stream { kind: row.named::<StreamKind>(2)?, id: row.text(3)? };
    Ok(OutboxMessage {
        case: row.optional_parsed(1)?,
        stream,
        sequence: row.count(4)?,
        channel: row.named(5)?,
        audience: row.text(6)?,
        template: row.text(7)?,
        parameters,
        not_before: row.instant(9)?,
        attempts: u32::try_from(row.int(10)?).map_err(|_| row.damaged("the attempts"))?,
        state: row.named(11)?,
        note: row.optional_text(12)?,
        id,
    })
}

impl Store {
    /// The messages to one audience, a person by their id, the newest 1,000.
    pub async fn outbox_to(&self, audience: &str) -> Result<Vec<OutboxMessage>, StoreError> {
        let rest = "WHERE audience = $1 ORDER BY not_before DESC, id LIMIT 1000";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![audience.into()]).await?;
        rows.iter().map(|row| read(row, self.keys())).collect()
    }

    /// The messages about a case, oldest event first.
    pub async fn outbox_of(&self, case: CaseId) -> Result<Vec<OutboxMessage>, StoreError> {
        let rest = "WHERE case_id = $1 ORDER BY stream_kind, stream_id, sequence, audience, channel";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![case.to_string().into()]).await?;
        rows.iter().map(|row| read(row, self.keys())).collect()
    }

    /// The dead letters, newest first: what was given up and waits for somebody's decision.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<OutboxMessage>, StoreError> {
        let rest = "WHERE state = 'given-up' ORDER BY not_before DESC, id LIMIT $1";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![i64::from(limit).into()]).await?;
        rows.iter().map(|row| read(row, self.keys())).collect()
    }
}
