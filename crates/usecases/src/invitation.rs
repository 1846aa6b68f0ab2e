//! What somebody learns of a case before they answer an invitation to it: what they would agree to, and nothing else.

use bastide_authz::{Action, Actor, Object, Role};
use bastide_desk::case::DeadlineKind;
use bastide_model::{id::CaseId, party::ProjectName, time::Instant};

use crate::{Desk, UseCaseError};

/// The terms of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationTerms {
    /// The project that the report was sent to, as the inbox of whoever is invited says it.
    pub project: ProjectName,
    /// The roles that wait for an answer.
    pub seats: Vec<Role>,
    /// Until when the embargo lasts that they would agree to; nothing where there is none.
    pub embargo_end: Option<Instant>,
    /// Until when an end is proposed that is not agreed yet.
    pub proposed_end: Option<Instant>,
    /// The agreed dates of release and announcement.
    pub dates: Option<(Instant, Instant)>,
    /// Until when an answer is expected.
    pub answer_by: Option<Instant>,
}

impl Desk {
    /// The terms of an invitation, for whoever may answer one in this case.
    pub async fn invitation(&self, actor: &Actor, id: CaseId) -> Result<InvitationTerms, UseCaseError> {
        let loaded = self.load(id).await?;
        self.permit(actor, Action::AnswerInvitation, Object::Case(&loaded.object))?;
        let case = &loaded.case;
        let member = actor.person.and_then(|person| case.members.get(&person));
        let seats = member
            .map_or_else(Vec::new, |member| member.invited.difference(&member.roles).copied().collect());
        let rsvp = actor.person.and_then(|person| case.deadlines.get(&DeadlineKind::Rsvp { person }));
        Ok(InvitationTerms {
            project: case.project.clone(),
            seats,
            embargo_end: case.embargo.map(|embargo| embargo.end),
            proposed_end: case.proposal.as_ref().map(|proposal| proposal.end),
            dates: case.dates_agreed().map(|dates| (dates.release, dates.announcement)),
            answer_by: rsvp.map(|deadline| deadline.due),
        })
    }
}
