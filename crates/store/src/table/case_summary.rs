//! A case's line in the inbox: what lists and deadlines need without folding its events. The title is sealed.

use bastide_authz::{Embargoed, Tier};
use bastide_model::{
    id::{CaseId, PersonId},
    party::ProjectName,
    time::Instant,
};

use crate::{
    Store, StoreError,
    keys::Keys,
    row::{Kind, Table},
    seal::{Place, SealingKey},
    sql::{Connection, Row, Value, name_of},
    table::case_key::{self, CaseKeys},
};

/// A case's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseSummary {
    /// The case.
    pub case: CaseId,
    /// The project that it was reported to.
    pub project: ProjectName,
    /// The stage of its life, in the desk's words.
    pub lifecycle: String,
    /// Its severity, once assessed.
    pub severity: Option<String>,
    /// Who carries it.
    pub owner: Option<PersonId>,
    /// The text by which people refer to it; one per desk.
    pub reference: String,
    /// When the report came.
    pub received_at: Instant,
    /// The next deadline.
    pub next_due: Option<Instant>,
    /// What is due then.
    pub next_task: Option<String>,
    /// When the case last changed.
    pub updated_at: Instant,
    /// Whether it has reached its end.
    pub closed: bool,
    /// Its title; none after its contents were erased.
    pub title: Option<Embargoed<String>>,
    /// When the clock should look at the case next: a deadline, a reminder, a publication that is open.
    pub wake_at: Option<Instant>,
}

/// Whose cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnedBy {
    /// Nobody's.
    Nobody,
    /// This person's.
    Person(PersonId),
}

/// Which lines of the inbox.
#[derive(Debug, Clone, Default)]
pub struct InboxQuery {
    /// The cases of these projects, at most 1,000.
    pub projects: Vec<ProjectName>,
    /// And those in which this person takes part, whatever the project.
    pub person: Option<PersonId>,
    /// Of the person's own cases only those whose inner work is open to them: they agreed to the embargo.
    pub inside: bool,
    /// Only these cases, at most 200; all when empty.
    pub cases: Vec<CaseId>,
    /// Only cases that concern this project.
    pub of: Option<ProjectName>,
    /// Closed ones, open ones, or both.
    pub closed: Option<bool>,
    /// Only at one of these stages; all when empty.
    pub stages: Vec<String>,
    /// Only of this owner.
    pub owner: Option<OwnedBy>,
    /// Only of this severity; the inner nothing means that none was assessed.
    pub severity: Option<Option<String>>,
    /// Only what was due before this.
    pub due_before: Option<Instant>,
    /// Only where something is new to the person.
    pub unread: bool,
    /// Without what the person put aside beyond this.
    pub not_snoozed: Option<Instant>,
    /// Only what the person put aside beyond this.
    pub snoozed: Option<Instant>,
    /// At most this many, at most 1,001.
    pub limit: u32,
    /// After this many.
    pub offset: u32,
}

pub(crate) const TABLE: Table = Table {
    name: "case_summary",
    columns: &[
        ("case_id", Kind::Text),
        ("project", Kind::Text),
        ("lifecycle", Kind::Text),
        ("severity", Kind::Text),
        ("owner", Kind::Text),
        ("reference", Kind::Text),
        ("received_at", Kind::Int),
        ("next_due", Kind::Int),
        ("next_task", Kind::Text),
        ("updated_at", Kind::Int),
        ("closed", Kind::Int),
        ("title_tier", Kind::Text),
        ("title", Kind::Bytes),
        ("wake_at", Kind::Int),
    ],
    key: 1,
};

/// Open deadlines first, then none; ties by age.
const ORDER: &str = "ORDER BY next_due ASC NULLS LAST, received_at, case_id";

fn title_place(case: &str, updated_at: Instant, tier: &str) -> (String, i64, String) {
    (case.to_owned(), updated_at.as_micros(), tier.to_owned())
}

pub(crate) async fn put(
    connection: &mut Connection,
    keys: &Keys,
    case_keys: &mut CaseKeys,
    summary: &CaseSummary,
) -> Result<(), StoreError> {
    let case = summary.case.to_string();
    let mut title = None;
    let mut tier = name_of(&Tier::TeamOnly);
    if let Some(embargoed) = &summary.title {
        if embargoed.case() != summary.case {
            return Err(StoreError::refused("a case's title", "it is under another case's embargo"));
        }
        tier = name_of(&embargoed.tier());
        let key = case_keys.get_or_make(connection, summary.case).await?;
        let (case, version, tier) = title_place(&case, summary.updated_at, &tier);
        let place = Place { case: &case, object: "title", version, tier: &tier };
        #[allow(clippy::disallowed_methods, reason = "it is sealed here")]
        let plaintext = embargoed.expose_for_sealing();
        title = Some(key.seal(&place, plaintext.as_bytes())?);
    }
    let values = vec![
        case.into(),
        summary.project.as_str().into(),
        summary.lifecycle.as_str().into(),
        summary.severity.clone().into(),
        summary.owner.map(|owner| owner.to_string()).into(),
        summary.reference.as_str().into(),
        summary.received_at.into(),
        summary.next_due.into(),
        summary.next_task.clone().into(),
        summary.updated_at.into(),
        summary.closed.into(),
        tier.into(),
        title.into(),
        summary.wake_at.into(),
    ];
    TABLE.put(connection, keys, values).await
}

/// Takes the sealed title out of a case's line.
pub(crate) async fn erase_title(
    connection: &mut Connection,
    keys: &Keys,
    case: &str,
) -> Result<(), StoreError> {
    for row in TABLE.rows_in(connection, keys, "WHERE case_id = $1", vec![case.into()]).await? {
        TABLE.change(connection, keys, &row, vec![("title", Value::Bytes(None))]).await?;
    }
    Ok(())
}

/// Lets the clock look at a case not before an instant, and says nothing of when it would otherwise.
pub(crate) async fn postpone(
    connection: &mut Connection,
    keys: &Keys,
    case: CaseId,
    until: Instant,
) -> Result<(), StoreError> {
    let rest = "WHERE case_id = $1 AND wake_at < $2";
    for row in TABLE.rows_in(connection, keys, rest, vec![case.to_string().into(), until.into()]).await? {
        TABLE.change(connection, keys, &row, vec![("wake_at", until.into())]).await?;
    }
    Ok(())
}

/// Reads a line; `key` is the case's, if it still has one.
fn read(row: &Row, key: Option<&SealingKey>) -> Result<CaseSummary, StoreError> {
    let case: CaseId = row.parsed(0)?;
    let updated_at = row.instant(9)?;
    let tier: Tier = row.named(11)?;
    let title = match (row.optional_bytes(12)?, key) {
        (Some(sealed), Some(key)) => {
            let (id, version, tier_name) = title_place(&case.to_string(), updated_at, &name_of(&tier));
            let place = Place { case: &id, object: "title", version, tier: &tier_name };
            let opened = key.open(&place, &sealed).and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
            Some(opened.ok_or_else(|| StoreError::corrupt("the sealed title", id.clone()))?)
        }
        (Some(_), None) | (None, _) => None,
    };
    Ok(CaseSummary {
        case,
        project: row.parsed(1)?,
        lifecycle: row.text(2)?,
        severity: row.optional_text(3)?,
        owner: row.optional_parsed(4)?,
        reference: row.text(5)?,
        received_at: row.instant(6)?,
        next_due: row.optional_instant(7)?,
        next_task: row.optional_text(8)?,
        updated_at,
        closed: row.int(10)? == 1,
        title: title.map(|title| Embargoed::new(case, tier, title)),
        wake_at: row.optional_instant(13)?,
    })
}

/// A statement's end as it is put together, with the values for its marks.
#[derive(Default)]
struct Conditions {
    all: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// The mark of one more value.
    fn mark(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn marks<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> String {
        values.into_iter().map(|value| self.mark(value)).collect::<Vec<_>>().join(", ")
    }
}

fn chosen(query: &InboxQuery) -> (String, Vec<Value>) {
    let mut with = Conditions::default();
    let person = query.person.map(|person| with.mark(person.to_string()));
    let mut seen = Vec::new();
    if !query.projects.is_empty() {
        let projects = with.marks(query.projects.iter().map(ProjectName::as_str));
        seen.push(format!(
            "project IN ({projects}) OR case_id IN (SELECT case_id FROM case_project WHERE project IN ({projects}))"
        ));
    }
    if let Some(person) = &person {
        let inside = if query.inside { "AND consented = 1 AND role <> 'reporter'" } else { "" };
        seen.push(format!("case_id IN (SELECT case_id FROM case_party WHERE person = {person} {inside})"));
    }
    with.all.push(format!("({})", seen.join(" OR ")));
    if !query.cases.is_empty() {
        let cases = with.marks(query.cases.iter().take(200).map(ToString::to_string));
        with.all.push(format!("case_id IN ({cases})"));
    }
    if let Some(of) = &query.of {
        let of = with.mark(of.as_str());
        with.all.push(format!(
            "(project = {of} OR case_id IN (SELECT case_id FROM case_project WHERE project = {of}))"
        ));
    }
    if let Some(closed) = query.closed {
        let closed = with.mark(closed);
        with.all.push(format!("closed = {closed}"));
    }
    if !query.stages.is_empty() {
        let stages = with.marks(query.stages.iter().map(String::as_str));
        with.all.push(format!("lifecycle IN ({stages})"));
    }
    match query.owner {
        None => {}
        Some(OwnedBy::Nobody) => with.all.push("owner IS NULL".to_owned()),
        Some(OwnedBy::Person(owner)) => {
            let owner = with.mark(owner.to_string());
            with.all.push(format!("owner = {owner}"));
        }
    }
    match &query.severity {
        None => {}
        Some(None) => with.all.push("severity IS NULL".to_owned()),
        Some(Some(severity)) => {
            let severity = with.mark(severity.as_str());
            with.all.push(format!("severity = {severity}"));
        }
    }
    if let Some(before) = query.due_before {
        let before = with.mark(before);
        with.all.push(format!("next_due < {before}"));
    }
    if let Some(person) = &person {
        if query.unread {
            with.all.push(format!(
                "COALESCE((SELECT r.seen FROM case_reading r
                           WHERE r.case_id = case_summary.case_id AND r.person = {person}), 0)
                 < (SELECT COALESCE(MAX(e.sequence), 0) FROM event e
                    WHERE e.stream_kind = 'case' AND e.stream_id = case_summary.case_id)"
            ));
        }
        for (until, not) in [(query.not_snoozed, "NOT"), (query.snoozed, "")] {
            let Some(until) = until else { continue };
            let until = with.mark(until);
            with.all.push(format!(
                "case_id {not} IN (SELECT case_id FROM case_snooze WHERE person = {person} AND until > {until})"
            ));
        }
    }
    let limit = with.mark(i64::from(query.limit.min(1001)));
    let offset = with.mark(i64::from(query.offset));
    (format!("WHERE {} {ORDER} LIMIT {limit} OFFSET {offset}", with.all.join(" AND ")), with.values)
}

impl Store {
    async fn summaries(&self, rest: String, values: Vec<Value>) -> Result<Vec<CaseSummary>, StoreError> {
        let rows = TABLE.rows(self.readers(), self.keys(), &rest, values).await?;
        let cases = rows.iter().map(|row| row.parsed(0)).collect::<Result<Vec<CaseId>, _>>()?;
        let case_keys = case_key::read_many(self.readers(), self.keys(), &cases).await?;
        let mut summaries = Vec::with_capacity(rows.len());
        for (row, case) in rows.iter().zip(cases) {
            let key = case_keys.get(&case);
            // Between the two statements the case may have been erased.
            if key.is_none()
                && row.optional_bytes(12)?.is_some()
                && !case_key::erased(self.readers(), case).await?
            {
                return Err(StoreError::corrupt("the key of a sealed title", case.to_string()));
            }
            summaries.push(read(row, key)?);
        }
        Ok(summaries)
    }

    /// A case's line.
    pub async fn case_summary(&self, case: CaseId) -> Result<Option<CaseSummary>, StoreError> {
        let found = self.summaries("WHERE case_id = $1".to_owned(), vec![case.to_string().into()]).await?;
        Ok(found.into_iter().next())
    }

    /// The case that people refer to by this text.
    pub async fn case_by_reference(&self, reference: &str) -> Result<Option<CaseSummary>, StoreError> {
        let found = self.summaries("WHERE reference = $1".to_owned(), vec![reference.into()]).await?;
        Ok(found.into_iter().next())
    }

    /// The inbox of some projects and of one person, next deadline first.
    pub async fn inbox(&self, query: &InboxQuery) -> Result<Vec<CaseSummary>, StoreError> {
        if query.projects.is_empty() && query.person.is_none() {
            return Ok(Vec::new());
        }
        if query.projects.len() > 1000 {
            return Err(StoreError::refused("an inbox query", "it names more than 1,000 projects"));
        }
        let (rest, values) = chosen(query);
        self.summaries(rest, values).await
    }

    /// The open cases that the clock should look at now, the longest waiting first.
    pub async fn due_cases(&self, now: Instant, limit: u32) -> Result<Vec<CaseSummary>, StoreError> {
        let rest = "WHERE closed = 0 AND wake_at <= $1 ORDER BY wake_at, case_id LIMIT $2".to_owned();
        self.summaries(rest, vec![now.into(), i64::from(limit.min(1000)).into()]).await
    }

    /// The cases in which a person takes part, next deadline first.
    pub async fn cases_of(&self, person: PersonId) -> Result<Vec<CaseSummary>, StoreError> {
        let rest =
            format!("WHERE case_id IN (SELECT case_id FROM case_party WHERE person = $1) {ORDER} LIMIT 1000");
        self.summaries(rest, vec![person.to_string().into()]).await
    }
}
