//! Changes that need two persons: what is proposed, by whom, and what became of it. The content is sealed.

use bastide_model::{
    id::{ChangeId, PersonId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    seal::Place,
    sql::{Connection, Row, Value, name_of},
};

/// What has become of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalState {
    /// Nobody has decided yet.
    Waiting,
    /// A second person approved it, and it was carried out.
    Approved,
    /// A second person refused it.
    Refused,
    /// Its proposer took it back.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

/// A change that needs two persons.
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: ChangeId,
    /// What kind of change, in the words of the use cases.
    pub kind: String,
    /// What it is about: a project's name, a person, a case, or the programme.
    pub object: String,
    /// Who proposed it.
    pub proposer: PersonId,
    /// When.
    pub created: Instant,
    /// From when on nobody can approve it any more.
    pub expires: Instant,
    /// What has become of it.
    pub state: ProposalState,
    /// Who approved or refused it.
    pub decided_by: Option<PersonId>,
    /// When it was decided, withdrawn or expired.
    pub decided_at: Option<Instant>,
    /// What is proposed and why, in the form of the use cases; sealed in the database.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Proposal {
    /// Without the content.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Proposal")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

pub(crate) const TABLE: Table = Table {
    name: "proposal",
    columns: &[
        ("id", Kind::Text),
        ("kind", Kind::Text),
        ("object", Kind::Text),
        ("proposer", Kind::Text),
        ("created", Kind::Int),
        ("expires", Kind::Int),
        ("state", Kind::Text),
        ("decided_by", Kind::Text),
        ("decided_at", Kind::Int),
        ("content", Kind::Bytes),
    ],
    key: 1,
};

fn object_name(id: &str) -> String {
    format!("proposal:{id}")
}

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    proposal: &Proposal,
) -> Result<(), StoreError> {
    let id = proposal.id.to_string();
    let object = object_name(&id);
    let place = Place { case: "desk", object: &object, version: 1, tier: "" };
    let content = keys.seal(&place, &proposal.content)?;
    let values = vec![
        id.into(),
        proposal.kind.as_str().into(),
        proposal.object.as_str().into(),
        proposal.proposer.to_string().into(),
        proposal.created.into(),
        proposal.expires.into(),
        name_of(&proposal.state).into(),
        proposal.decided_by.map(|person| person.to_string()).into(),
        proposal.decided_at.into(),
        content.into(),
    ];
    TABLE.put(connection, keys, values).await
}

/// Seals the content of a row anew.
pub(crate) fn seal_anew(keys: &Keys, values: &mut [Value]) -> Result<(), StoreError> {
    let (Value::Text(Some(id)), Value::Bytes(Some(sealed))) = (&values[0], &values[9]) else {
        return Err(StoreError::corrupt("a proposal", "its row"));
    };
    let object = object_name(id);
    let place = Place { case: "desk", object: &object, version: 1, tier: "" };
    if let Some(anew) = keys.sealed_anew(&place, sealed)? {
        values[9] = anew.into();
    }
    Ok(())
}

fn read(row: &Row, keys: &Keys) -> Result<Proposal, StoreError> {
    let id = row.text(0)?;
    let object = object_name(&id);
    let place = Place { case: "desk", object: &object, version: 1, tier: "" };
    let content = keys.open(&place, &row.bytes(9)?);
    let content = content.ok_or_else(|| StoreError::corrupt("a proposal's content", id))?.to_vec();
    Ok(Proposal {
        id: row.parsed(0)?,
        kind: row.text(1)?,
        object: row.text(2)?,
        proposer: row.parsed(3)?,
        created: row.instant(4)?,
        expires: row.instant(5)?,
        state: row.named(6)?,
        decided_by: row.optional_parsed(7)?,
        decided_at: row.optional_instant(8)?,
        content,
    })
}

impl Store {
    /// One proposal.
    pub async fn proposal(&self, id: ChangeId) -> Result<Option<Proposal>, StoreError> {
        let found = self.proposals_where("WHERE id = $1", vec![id.to_string().into()]).await?;
        Ok(found.into_iter().next())
    }

    /// Proposals that wait for somebody, those that end first first.
    pub async fn waiting_proposals(&self) -> Result<Vec<Proposal>, StoreError> {
        self.proposals_where("WHERE state = 'waiting' ORDER BY expires, id", vec![]).await
    }

    /// Proposals that were decided, withdrawn or expired, the newest first; at most `limit`, at most 1,000.
    pub async fn decided_proposals(&self, limit: u32) -> Result<Vec<Proposal>, StoreError> {
        let rest = "WHERE state <> 'waiting' ORDER BY decided_at DESC, id LIMIT $1";
        self.proposals_where(rest, vec![i64::from(limit.min(1000)).into()]).await
    }

    /// Proposals that wait although their time is over.
    pub async fn overdue_proposals(&self, now: Instant) -> Result<Vec<Proposal>, StoreError> {
        let rest = "WHERE state = 'waiting' AND expires <= $1 ORDER BY expires, id LIMIT 500";
        self.proposals_where(rest, vec![now.into()]).await
    }

    /// Proposals of a kind that were approved after an instant, the oldest first, at most 500.
    pub async fn approved_proposals(&self, kind: &str, since: Instant) -> Result<Vec<Proposal>, StoreError> {
        let rest =
            "WHERE state = 'approved' AND kind = $1 AND decided_at > $2 ORDER BY decided_at, id LIMIT 500";
        self.proposals_where(rest, vec![kind.into(), since.into()]).await
    }

    async fn proposals_where(&self, rest: &str, values: Vec<Value>) -> Result<Vec<Proposal>, StoreError> {
        let rows = TABLE.rows(self.readers(), self.keys(), rest, values).await?;
        rows.iter().map(|row| read(row, self.keys())).collect()
    }
}
