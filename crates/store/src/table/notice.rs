//! What subscribers were told, or are to be told, and what became of it.
//!
//! A notice is one advisory for one subscription, under an id made of both and of what the advisory says must be done: the same
//! advisory found twice is one notice, one whose fix came later is another.

use bastide_model::{
    id::{PersonId, SubscriptionId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    sql::{Connection, Row, name_of},
};

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    /// To be told.
    Waiting,
    /// Told; nothing is known yet of what they did.
    Told,
    /// The packages that were given later are not affected any more, in a version that is fixed.
    Acted,
    /// The packages that were given later do not hold it any more.
    NotAffected,
    /// Nothing was heard for a long time.
    Silent,
}

/// One advisory for one subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Made of the subscription, the advisory and what must be done.
    pub id: String,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Whose.
    pub person: PersonId,
    /// The advisory's id.
    pub advisory: String,
    /// What is affected and what mends it, as JSON; public matter and the subscriber's own.
    pub content: String,
    /// What became of it.
    pub state: NoticeState,
    /// When it was found.
    pub found: Instant,
    /// When its state last changed.
    pub since: Instant,
}

/// A change of a notice.
#[derive(Debug, Clone)]
pub enum NoticeChange {
    /// A new one; no error when there is one of this id.
    Add(Box<Notice>),
    /// Its state changed; no error when there is none.
    Now {
        /// Which.
        id: String,
        /// The state.
        state: NoticeState,
        /// When.
        at: Instant,
    },
}

pub(crate) const TABLE: Table = Table {
    name: "notice",
    columns: &[
        ("id", Kind::Text),
        ("subscription", Kind::Text),
        ("person", Kind::Text),
        ("advisory", Kind::Text),
        ("content", Kind::Text),
        ("state", Kind::Text),
        ("found", Kind::Int),
        ("since", Kind::Int),
    ],
    key: 1,
};

pub(crate) async fn apply(
    connection: &mut Connection,
    keys: &Keys,
    change: NoticeChange,
) -> Result<(), StoreError> {
    match change {
        NoticeChange::Add(notice) => {
            let values = vec![
                notice.id.into(),
                notice.subscription.to_string().into(),
                notice.person.to_string().into(),
                notice.advisory.into(),
                notice.content.into(),
                name_of(&notice.state).into(),
                notice.found.into(),
                notice.since.into(),
            ];
            TABLE.add_once(connection, keys, values).await
        }
        NoticeChange::Now { id, state, at } => {
            let rows = TABLE.rows_in(connection, keys, "WHERE id = $1", vec![id.into()]).await?;
            let Some(row) = rows.first() else { return Ok(()) };
            TABLE
                .change(connection, keys, row, vec![("state", name_of(&state).into()), ("since", at.into())])
                .await
        }
    }
}

fn read(row: &Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: row.text(0)?,
        subscription: row.parsed(1)?,
        person: row.parsed(2)?,
        advisory: row.text(3)?,
        content: row.text(4)?,
        state: row.named(5)?,
        found: row.instant(6)?,
        since: row.instant(7)?,
    })
}

impl Store {
    /// The notices of a subscription, the newest first, at most 1,000.
    pub async fn notices_of(&self, subscription: SubscriptionId) -> Result<Vec<Notice>, StoreError> {
        let rest = "WHERE subscription = $1 ORDER BY found DESC, id LIMIT 1000";
        let rows =
            TABLE.rows(self.readers(), self.keys(), rest, vec![subscription.to_string().into()]).await?;
        rows.iter().map(read).collect()
    }

    /// The notices that a person is to be told, the oldest first, at most 1,000.
    pub async fn notices_waiting_for(&self, person: PersonId) -> Result<Vec<Notice>, StoreError> {
        let rest = "WHERE person = $1 AND state = 'waiting' ORDER BY found, id LIMIT 1000";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![person.to_string().into()]).await?;
        rows.iter().map(read).collect()
    }

    /// Notices that were told before an instant and not heard of since, at most 1,000.
    pub async fn notices_told_before(&self, before: Instant) -> Result<Vec<Notice>, StoreError> {
        let rest = "WHERE state = 'told' AND since < $1 ORDER BY since, id LIMIT 1000";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![before.into()]).await?;
        rows.iter().map(read).collect()
    }

    /// One notice.
    pub async fn notice(&self, id: &str) -> Result<Option<Notice>, StoreError> {
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE id = $1", vec![id.into()]).await?;
        rows.first().map(read).transpose()
    }

    /// The notices about an advisory, for the figures of who acted, at most 10,000.
    pub async fn notices_about(&self, advisory: &str) -> Result<Vec<Notice>, StoreError> {
        let rest = "WHERE advisory = $1 ORDER BY found, id LIMIT 10000";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![advisory.into()]).await?;
        rows.iter().map(read).collect()
    }
}
