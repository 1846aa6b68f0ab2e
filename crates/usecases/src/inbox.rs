//! The inbox: every case that somebody may see a line of, ordered by what is due next.
//!
//! What a line does not show to somebody, no filter tells them either: filters by owner, severity or news choose among
//! the cases only whose inner work is open to the person.

use std::collections::BTreeMap;

use bastide_authz::{Action, Actor, CaseObject, Member, Object, Viewer};
use bastide_model::{
    id::{CaseId, PersonId},
    party::ProjectName,
    time::{Instant, Span},
};
use bastide_store::{Append, CaseParty, CaseSummary, Change, InboxQuery, OwnedBy};

use crate::{Desk, UseCaseError, desk::store};

/// How many cases a page holds when nobody says.
const PAGE: u32 = 200;

/// No page holds more.
const LARGEST_PAGE: u32 = 1000;

/// In how many cases, the most urgent first, words are looked for: their titles lie under seal and are opened one by
/// one, for this person.
pub const SEARCHED: u32 = 2000;

/// How long somebody can put a case aside at most.
const LONGEST_SNOOZE: Span = Span::days(366);

/// Whose cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OwnerFilter {
    /// Everybody's.
    #[default]
    Any,
    /// The viewer's own.
    Mine,
    /// Nobody's yet.
    Nobody,
    /// This person's.
    Person(PersonId),
}

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Of these cases only, at most 200, open and closed, put aside or not; all when empty.
    pub cases: Vec<CaseId>,
    /// Of this project only.
    pub project: Option<ProjectName>,
    /// Closed ones instead of open ones.
    pub closed: bool,
    /// Only at these stages; all when empty.
    pub stages: Vec<String>,
    /// Whose.
    pub owner: OwnerFilter,
    /// Only of this severity; the inner nothing means that none was assessed.
    pub severity: Option<Option<String>>,
    /// Only what is late.
    pub overdue: bool,
    /// Only where something is new to the viewer.
    pub unread: bool,
    /// What the viewer put aside instead of what they did not.
    pub snoozed: bool,
    /// Only with all of these words in title, reference or project.
    pub words: String,
    /// At most this many; 200 when zero.
    pub limit: u32,
    /// After this many.
    pub offset: u32,
}

/// A page of the inbox.
#[derive(Debug, Clone)]
pub struct InboxPage {
    /// The lines, next deadline first.
    pub rows: Vec<InboxRow>,
    /// Whether there are more after them.
    pub more: bool,
    /// Whether words were looked for in the first [`SEARCHED`] cases only, because there are more.
    pub cut_short: bool,
}

/// A line of the inbox. Prints no title: it is under embargo.
#[derive(Clone)]
pub struct InboxRow {
    /// The case.
    pub case: CaseId,
    /// What people call it.
    pub reference: String,
    /// The title, if the viewer may read the case.
    pub title: Option<String>,
    /// Whether something in it is new to the viewer, who works on it.
    pub unread: bool,
    /// Until when the viewer put it aside.
    pub snoozed: Option<Instant>,
    /// The project that the report was sent to.
    pub project: ProjectName,
    /// Where it stands.
    pub lifecycle: String,
    /// How severe, once the team has said so.
    pub severity: Option<String>,
    /// Who coordinates.
    pub owner: Option<PersonId>,
    /// When it came in.
    pub received_at: Instant,
    /// What is due next, and when.
    pub next_due: Option<Instant>,
    /// The next step, in a sentence.
    pub next_task: Option<String>,
}

impl std::fmt::Debug for InboxRow {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("InboxRow").field("case", &self.case).finish_non_exhaustive()
    }
}

impl Desk {
    /// The inbox of every project that the actor coordinates or administers, and the cases that they take part in.
    pub async fn inbox(&self, actor: &Actor, filter: &InboxFilter) -> Result<InboxPage, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let mut projects = Vec::new();
        for record in self.project_list().await?.iter() {
            if self.permit(actor, Action::SeeInbox, Object::Project(&record.name)).is_ok() {
                projects.push(record.name.clone());
            }
        }
        let now = self.now();
        let limit = if filter.limit == 0 { PAGE } else { filter.limit.min(LARGEST_PAGE) };
        let hides = filter.owner != OwnerFilter::Any || filter.severity.is_some() || filter.unread;
        let mut query = InboxQuery {
            projects,
            person: Some(person),
            inside: hides,
            cases: filter.cases.clone(),
            of: filter.project.clone(),
            closed: filter.cases.is_empty().then_some(filter.closed),
            stages: filter.stages.clone(),
            owner: match filter.owner {
                OwnerFilter::Any => None,
                OwnerFilter::Mine => Some(OwnedBy::Person(person)),
                OwnerFilter::Nobody => Some(OwnedBy::Nobody),
                OwnerFilter::Person(owner) => Some(OwnedBy::Person(owner)),
            },
            severity: filter.severity.clone(),
            due_before: filter.overdue.then_some(now),
            unread: filter.unread,
            not_snoozed: (!filter.snoozed && filter.cases.is_empty()).then_some(now),
            snoozed: filter.snoozed.then_some(now),
            limit: limit + 1,
            offset: filter.offset,
        };
        let words = words_of(&filter.words);
        // What is new is said to those who work on a case, which the database does not know of everybody: they are
        // chosen among the rows as words are.
        if words.is_empty() && !filter.unread {
            let mut rows = self.rows(actor, person, &query).await?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            return Ok(InboxPage { rows, more, cut_short: false });
        }
        let wanted = filter.offset as usize + limit as usize;
        let mut found = Vec::new();
        let mut looked = 0;
        query.limit = LARGEST_PAGE;
        let all = loop {
            query.offset = looked;
            let rows = self.rows(actor, person, &query).await?;
            let last = rows.len() < query.limit as usize;
            looked += query.limit;
            found.extend(
                rows.into_iter().filter(|row| (!filter.unread || row.unread) && holds_all(row, &words)),
            );
            if last || found.len() > wanted || looked >= SEARCHED {
                break last;
            }
        };
        let more = found.len() > wanted;
        let rows = found.into_iter().skip(filter.offset as usize).take(limit as usize).collect();
        Ok(InboxPage { rows, more, cut_short: !all && !more })
    }

    /// Puts a case aside for the actor until an instant: their own inbox leaves it out, nothing else changes. An
    /// instant that is past takes it back.
    pub async fn snooze(&self, actor: &Actor, case: CaseId, until: Instant) -> Result<(), UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let loaded = self.load(case).await?;
        self.permit(actor, Action::ReadCase, Object::Case(&loaded.object))?;
        if until.since(self.now()) > LONGEST_SNOOZE {
            return Err(UseCaseError::invalid(
                "until",
                "a case is put aside for a year at most",
                "Choose an earlier day.",
            ));
        }
        let mut append = Append::at(self.now());
        append.changes.push(Change::Snooze { case, person, until });
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// The filters that somebody saved for their inbox: name and query, by name.
    pub async fn saved_filters(&self, actor: &Actor) -> Result<Vec<(String, String)>, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        self.store().saved_filters(person).await.map_err(store)
    }

    /// Saves a filter under a name, in place of the one that has it. The door leaves out words that were searched for:
    /// they may say what a case is about, and what is saved is not under seal.
    pub async fn save_filter(&self, actor: &Actor, name: &str, query: &str) -> Result<(), UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let name = name.trim();
        if !(1..=40).contains(&name.chars().count()) || query.len() > 2000 {
            return Err(UseCaseError::invalid(
                "name",
                "a filter's name has 1 to 40 characters",
                "Choose a short name, for example: mine, overdue.",
            ));
        }
        let mut append = Append::at(self.now());
        append.changes.push(Change::SaveFilter { person, name: name.to_owned(), query: query.to_owned() });
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Removes a saved filter; no error when there is none.
    pub async fn remove_filter(&self, actor: &Actor, name: &str) -> Result<(), UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let mut append = Append::at(self.now());
        append.changes.push(Change::RemoveFilter { person, name: name.to_owned() });
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    async fn rows(
        &self,
        actor: &Actor,
        person: PersonId,
        query: &InboxQuery,
    ) -> Result<Vec<InboxRow>, UseCaseError> {
        let lines = self.store().inbox(query).await.map_err(store)?;
        let cases: Vec<CaseId> = lines.iter().map(|line| line.case).collect();
        let mut beside = Beside {
            parties: self.store().parties_of(&cases).await.map_err(store)?,
            projects: self.store().projects_of(&cases).await.map_err(store)?,
            lengths: self.store().lengths_of(&cases).await.map_err(store)?.into_iter().collect(),
            seen: BTreeMap::new(),
            snoozed: BTreeMap::new(),
        };
        for reading in self.store().readings_of(person, &cases).await.map_err(store)? {
            beside.seen.insert(reading.case, reading.seen);
        }
        if query.snoozed.is_some() {
            beside.snoozed =
                self.store().snoozes_of(person, &cases).await.map_err(store)?.into_iter().collect();
        }
        Ok(lines.into_iter().map(|line| self.row(actor, line, &mut beside)).collect())
    }

    fn row(&self, actor: &Actor, line: CaseSummary, beside: &mut Beside) -> InboxRow {
        let members = beside.parties.remove(&line.case).unwrap_or_default();
        // The projects that a case concerns: the one that it was reported to, and those that it was passed on to or
        // that are affected, too.
        let mut projects = beside.projects.remove(&line.case).unwrap_or_default();
        if !projects.contains(&line.project) {
            projects.push(line.project.clone());
        }
        let sees_inbox = projects
            .iter()
            .any(|project| self.permit(actor, Action::SeeInbox, Object::Project(project)).is_ok());
        let object = CaseObject {
            case: line.case,
            projects,
            members: one_of_each(members),
            disclosure_overdue: false,
        };
        let permit = self.permit(actor, Action::ReadCase, Object::Case(&object)).ok();
        let title = match (&line.title, &permit) {
            (Some(title), Some(permit)) => title.open(permit).ok().cloned(),
            _ => None,
        };
        // Somebody who was only invited, or who reported, learns where the case stands and no more of the team's work.
        let inside = permit.is_some() || sees_inbox;
        // How often something happens is the team's business, too.
        let works = permit.as_ref().is_some_and(|permit| permit.viewer() == Viewer::Team);
        let length = beside.lengths.get(&line.case).copied().unwrap_or(0);
        let seen = beside.seen.get(&line.case).copied().unwrap_or(0);
        InboxRow {
            case: line.case,
            reference: line.reference,
            title,
            unread: works && seen < length,
            snoozed: beside.snoozed.get(&line.case).copied(),
            project: line.project,
            lifecycle: line.lifecycle,
            severity: line.severity.filter(|_| inside),
            owner: line.owner.filter(|_| inside),
            received_at: line.received_at,
            next_due: line.next_due,
            next_task: line.next_task.filter(|_| inside),
        }
    }
}

/// What stands beside the lines of a page, by case.
struct Beside {
    parties: BTreeMap<CaseId, Vec<CaseParty>>,
    projects: BTreeMap<CaseId, Vec<ProjectName>>,
    lengths: BTreeMap<CaseId, u64>,
    seen: BTreeMap<CaseId, u64>,
    snoozed: BTreeMap<CaseId, Instant>,
}

/// The words to look for, in small letters; at most eight.
fn words_of(text: &str) -> Vec<String> {
    text.split_whitespace().take(8).map(str::to_lowercase).collect()
}

fn holds_all(row: &InboxRow, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let title = row.title.as_deref().unwrap_or_default();
    let text = format!("{title} {} {}", row.reference, row.project).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// The parties of a case, each person once with the roles that they may act in. A role that waits for consent gives
/// nothing, and must not borrow the consent of another.
fn one_of_each(parties: Vec<CaseParty>) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for party in parties.into_iter().filter(|party| party.consented) {
        match members.iter_mut().find(|member| member.person == party.person) {
            Some(member) => {
                member.roles.insert(party.role);
            }
            None => {
                members.push(Member { person: party.person, roles: [party.role].into(), consented: true });
            }
        }
    }
    members
}
