//! What people want to hear of: packages, and the packages of an environment that they gave.
//!
//! Of a lockfile or SBOM only (ecosystem, name, version, scope, path) is kept, a row for each package, found by ecosystem and
//! name when an advisory comes. The title that a person gave, an address to call and every secret are sealed.

use bastide_model::{
    digest::Sha256Digest,
    id::{PersonId, SubscriptionId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    growth::stored_integer,
    keys::Keys,
    row::{Kind, Table},
    seal::Place,
    sql::{Connection, Row, Value, name_of},
};

/// How a subscriber hears of an advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionChannel {
    /// By mail, several advisories in one.
    Mail,
    /// By a call of an address, each at once.
    Webhook,
}

/// What somebody subscribed to, without its packages.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose.
    pub person: PersonId,
    /// What it is about: `packages`, or the kind of document that the packages came from.
    pub kind: String,
    /// How its owner calls it.
    pub title: String,
    /// How they hear.
    pub channel: SubscriptionChannel,
    /// The address that is called.
    pub address: Option<String>,
    /// What ends it without signing in, and what signs calls; its SHA-256 finds it.
    pub secret: String,
    /// When it was made.
    pub created: Instant,
    /// When its packages were last given.
    pub refreshed: Instant,
    /// When it ended.
    pub ended: Option<Instant>,
}

impl std::fmt::Debug for Subscription {
    /// Without what is sealed.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Subscription").field("id", &self.id).finish_non_exhaustive()
    }
}

/// One package of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionItem {
    /// The ecosystem by OSV's name: `PyPI`.
    pub ecosystem: String,
    /// The package's normalised name.
    pub name: String,
    /// Its version as written; nothing stands for every version.
    pub version: Option<String>,
    /// What it is needed for: `runtime`, `extra`, `dev`, `build`.
    pub scope: String,
    /// Who brings it in, from a root to itself, joined by ` > `.
    pub path: String,
}

/// A package of somebody's, found by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Whose.
    pub person: PersonId,
    /// How they hear.
    pub channel: SubscriptionChannel,
    /// The package.
    pub item: SubscriptionItem,
}

/// A change of a subscription.
#[derive(Debug, Clone)]
pub enum SubscriptionChange {
    /// A new one, with its packages.
    Add {
        /// Its row.
        subscription: Box<Subscription>,
        /// Its packages.
        items: Vec<SubscriptionItem>,
    },
    /// Its packages were given anew; those of before go.
    Refresh {
        /// Which.
        id: SubscriptionId,
        /// Its packages.
        items: Vec<SubscriptionItem>,
        /// When.
        at: Instant,
    },
    /// It ends, and its packages go; [`StoreError::Spent`] when it has ended.
    End {
        /// Which.
        id: SubscriptionId,
        /// When.
        at: Instant,
    },
}

pub(crate) const TABLE: Table = Table {
    name: "subscription",
    columns: &[
        ("id", Kind::Text),
        ("person", Kind::Text),
        ("kind", Kind::Text),
        ("channel", Kind::Text),
        ("digest", Kind::Text),
        ("sealed", Kind::Bytes),
        ("created", Kind::Int),
        ("refreshed", Kind::Int),
        ("ended", Kind::Int),
    ],
    key: 1,
};

pub(crate) const ITEMS: Table = Table {
    name: "subscription_item",
    columns: &[
        ("subscription", Kind::Text),
        ("position", Kind::Int),
        ("person", Kind::Text),
        ("channel", Kind::Text),
        ("ecosystem", Kind::Text),
        ("name", Kind::Text),
        ("version", Kind::Text),
        ("scope", Kind::Text),
        ("path", Kind::Text),
    ],
    key: 2,
};

/// What is sealed of a subscription.
#[derive(Serialize, Deserialize)]
struct Sealed {
    title: String,
    address: Option<String>,
    secret: String,
}

fn place(id: &str) -> Place<'_> {
    Place { case: "desk", object: id, version: 1, tier: "" }
}

/// Seals what is sealed of a row anew.
pub(crate) fn seal_anew(keys: &Keys, values: &mut [Value]) -> Result<(), StoreError> {
    if let (Value::Text(Some(id)), Value::Bytes(Some(sealed))) = (&values[0], &values[5])
        && let Some(anew) = keys.sealed_anew(&place(id), sealed)?
    {
        values[5] = anew.into();
    }
    Ok(())
}

pub(crate) async fn apply(
    connection: &mut Connection,
    keys: &Keys,
    change: SubscriptionChange,
) -> Result<(), StoreError> {
    match change {
        SubscriptionChange::Add { subscription, items } => {
            let id = subscription.id.to_string();
            let text = Sealed {
                title: subscription.title,
                address: subscription.address,
                secret: subscription.secret.clone(),
            };
            let text =
                serde_json::to_vec(&text).map_err(|_| StoreError::corrupt("a subscription", id.clone()))?;
            let values = vec![
                id.as_str().into(),
                subscription.person.to_string().into(),
                subscription.kind.into(),
                name_of(&subscription.channel).into(),
                Sha256Digest::of(subscription.secret.as_bytes()).to_string().into(),
                keys.seal(&place(&id), &text)?.into(),
                subscription.created.into(),
                subscription.refreshed.into(),
                subscription.ended.into(),
            ];
            TABLE.add(connection, keys, values).await?;
            add_items(connection, keys, &id, subscription.person, subscription.channel, items).await
        }
        SubscriptionChange::Refresh { id, items, at } => {
            let row = living(connection, keys, id).await?;
            let (person, channel) = (row.parsed(1)?, row.named(3)?);
            remove_items(connection, id).await?;
            add_items(connection, keys, &id.to_string(), person, channel, items).await?;
            TABLE.change(connection, keys, &row, vec![("refreshed", at.into())]).await
        }
        SubscriptionChange::End { id, at } => {
            let row = living(connection, keys, id).await?;
            remove_items(connection, id).await?;
            TABLE.change(connection, keys, &row, vec![("ended", at.into())]).await
        }
    }
}

async fn living(connection: &mut Connection, keys: &Keys, id: SubscriptionId) -> Result<Row, StoreError> {
    let rest = "WHERE id = $1 AND ended IS NULL";
    let rows = TABLE.rows_in(connection, keys, rest, vec![id.to_string().into()]).await?;
    rows.into_iter().next().ok_or(StoreError::Spent)
}

async fn remove_items(connection: &mut Connection, id: SubscriptionId) -> Result<(), StoreError> {
    let sql = "DELETE FROM subscription_item WHERE subscription = $1";
    connection.execute(sql, vec![id.to_string().into()]).await?;
    Ok(())
}

async fn add_items(
    connection: &mut Connection,
    keys: &Keys,
    id: &str,
    person: PersonId,
    channel: SubscriptionChannel,
    items: Vec<SubscriptionItem>,
) -> Result<(), StoreError> {
    for (position, item) in (0_u64..).zip(items) {
        let values = vec![
            id.into(),
            stored_integer(position),
            person.to_string().into(),
            name_of(&channel).into(),
            item.ecosystem.into(),
            item.name.into(),
            item.version.into(),
            item.scope.into(),
            item.path.into(),
        ];
        ITEMS.add(connection, keys, values).await?;
    }
    Ok(())
}

fn read(row: &Row, keys: &Keys) -> Result<Subscription, StoreError> {
    let id = row.text(0)?;
    let opened = keys.open(&place(&id), &row.bytes(5)?);
    let sealed: Option<Sealed> = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let sealed = sealed.ok_or_else(|| StoreError::corrupt("a subscription's sealed part", id.clone()))?;
    Ok(Subscription {
        id: row.parsed(0)?,
        person: row.parsed(1)?,
        kind: row.text(2)?,
        title: sealed.title,
        channel: row.named(3)?,
        address: sealed.address,
        secret: sealed.secret,
        created: row.instant(6)?,
        refreshed: row.instant(7)?,
        ended: row.optional_instant(8)?,
    })
}

fn read_item(row: &Row) -> Result<SubscriptionItem, StoreError> {
    Ok(SubscriptionItem {
        ecosystem: row.text(4)?,
        name: row.text(5)?,
        version: row.optional_text(6)?,
        scope: row.text(7)?,
        path: row.text(8)?,
    })
}

impl Store {
    /// A subscription, also one that has ended.
    pub async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        let rows =
            TABLE.rows(self.readers(), self.keys(), "WHERE id = $1", vec![id.to_string().into()]).await?;
        rows.first().map(|row| read(row, self.keys())).transpose()
    }

    /// The subscription whose secret has this digest.
    pub async fn subscription_by_digest(
        &self,
        digest: &Sha256Digest,
    ) -> Result<Option<Subscription>, StoreError> {
        let values = vec![digest.to_string().into()];
        let rows = TABLE.rows(self.readers(), self.keys(), "WHERE digest = $1", values).await?;
        rows.first().map(|row| read(row, self.keys())).transpose()
    }

    /// A person's subscriptions that have not ended, the oldest first.
    pub async fn subscriptions_of(&self, person: PersonId) -> Result<Vec<Subscription>, StoreError> {
        let rest = "WHERE person = $1 AND ended IS NULL ORDER BY created, id";
        let rows = TABLE.rows(self.readers(), self.keys(), rest, vec![person.to_string().into()]).await?;
        rows.iter().map(|row| read(row, self.keys())).collect()
    }

    /// The packages of a subscription, as they were given.
    pub async fn subscription_items(&self, id: SubscriptionId) -> Result<Vec<SubscriptionItem>, StoreError> {
        let rest = "WHERE subscription = $1 ORDER BY position";
        let rows = ITEMS.rows(self.readers(), self.keys(), rest, vec![id.to_string().into()]).await?;
        rows.iter().map(read_item).collect()
    }

    /// Everybody's subscribed packages of this name, by subscription.
    pub async fn subscribed_to(&self, ecosystem: &str, name: &str) -> Result<Vec<Subscribed>, StoreError> {
        let rest = "WHERE ecosystem = $1 AND name = $2 ORDER BY subscription, position";
        let values = vec![ecosystem.into(), name.into()];
        let rows = ITEMS.rows(self.readers(), self.keys(), rest, values).await?;
        let subscribed = |row: &Row| {
            Ok(Subscribed {
                subscription: row.parsed(0)?,
                person: row.parsed(2)?,
                channel: row.named(3)?,
                item: read_item(row)?,
            })
        };
        rows.iter().map(subscribed).collect()
    }
}
