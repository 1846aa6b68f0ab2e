//! The inbox: every case that somebody may see a line of, ordered by what is due next.

use bastide_authz::{Action, Actor, CaseObject, Member, Object};
use bastide_model::{
    id::{CaseId, PersonId},
    party::ProjectName,
    time::Instant,
};
use bastide_store::{CaseParty, CaseSummary, InboxQuery};

use crate::{Desk, UseCaseError, desk::store};

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Of this project only.
    pub project: Option<ProjectName>,
    /// Closed ones instead of open ones.
    pub closed: bool,
    /// At most this many; 200 when zero.
    pub limit: u32,
    /// After this many.
    pub offset: u32,
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
    pub async fn inbox(&self, actor: &Actor, filter: &InboxFilter) -> Result<Vec<InboxRow>, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        let mut projects = Vec::new();
        for record in self.projects().await? {
            let wanted = filter.project.as_ref().is_none_or(|wanted| *wanted == record.name);
            if wanted && self.permit(actor, Action::SeeInbox, Object::Project(&record.name)).is_ok() {
                projects.push(record.name);
            }
        }
        let limit = if filter.limit == 0 { 200 } else { filter.limit };
        let query = InboxQuery { projects, closed: Some(filter.closed), limit, offset: filter.offset };
        let mut lines = self.store().inbox(&query).await.map_err(store)?;
        for line in self.store().cases_of(person).await.map_err(store)? {
            let mut wanted = line.closed == filter.closed;
            if let Some(project) = &filter.project {
                wanted &= self.concerned(&line).await?.contains(project);
            }
            if wanted && lines.iter().all(|known| known.case != line.case) {
                lines.push(line);
            }
        }
        lines.sort_by_key(|line| (line.next_due.is_none(), line.next_due, line.received_at));
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            rows.push(self.row(actor, line).await?);
        }
        Ok(rows)
    }

    /// The projects that a case concerns: the one that it was reported to, and those that it was passed on to or that
    /// are affected, too.
    async fn concerned(&self, line: &CaseSummary) -> Result<Vec<ProjectName>, UseCaseError> {
        let mut projects = self.store().case_projects(line.case).await.map_err(store)?;
        if !projects.contains(&line.project) {
            projects.push(line.project.clone());
        }
        Ok(projects)
    }

    async fn row(&self, actor: &Actor, line: CaseSummary) -> Result<InboxRow, UseCaseError> {
        let members = self.store().case_parties(line.case).await.map_err(store)?;
        let projects = self.concerned(&line).await?;
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
        Ok(InboxRow {
            case: line.case,
            reference: line.reference,
            title,
            project: line.project,
            lifecycle: line.lifecycle,
            severity: line.severity.filter(|_| inside),
            owner: line.owner.filter(|_| inside),
            received_at: line.received_at,
            next_due: line.next_due,
            next_task: line.next_task.filter(|_| inside),
        })
    }
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
