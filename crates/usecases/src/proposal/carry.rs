//! What an approved proposal does, written in the transaction of its approval.

use bastide_model::id::{ChangeId, PersonId};
use bastide_store::{Append, Change};
use serde_json::json;

use super::{Proposed, object::ObjectNow};
use crate::{Desk, ProjectSetup, UseCaseError};

impl Desk {
    /// Adds what the proposal writes. The object's stream stands in it with the length that was read before the object
    /// was, so that a change meanwhile makes it a conflict and nothing happens.
    pub(super) async fn carry_out(
        &self,
        proposed: &Proposed,
        id: ChangeId,
        object: &ObjectNow,
        approver: PersonId,
        append: &mut Append,
    ) -> Result<(), UseCaseError> {
        match proposed {
            Proposed::EditProject { project, title, conduct_contact, rules } => {
                let mut setup = ProjectSetup::written(project.clone(), title, (**rules).clone())?;
                setup.conduct_contact.clone_from(conduct_contact);
                self.add_project(append, &setup, "project-edited", json!({ "proposal": id })).await?;
            }
            Proposed::ProjectRole { .. } | Proposed::ProgrammeRole { .. } => {
                let (change, scope) = proposed.role_change().ok_or(UseCaseError::NotFound)?;
                let header = json!({
                    "role": change.role, "scope": scope, "from": change.from, "until": change.until, "proposal": id,
                });
                if change.gives {
                    self.add_grant(change.person, change.grant(scope, append.at), header, append).await?;
                } else {
                    self.add_end_of_grant(change.person, change.role, &scope, header, append).await?;
                }
            }
            Proposed::RecoverPasskeys { person } => {
                self.add_recovery_agreed(*person, approver, id, append).await?;
            }
            // What is given out is what holds when it is fetched.
            Proposed::ExportPerson { .. } | Proposed::ExportCase { .. } => {}
            Proposed::ErasePerson { person } => {
                if self.administrators(append.at).await? == [*person] {
                    return Err(UseCaseError::invalid(
                        "person",
                        "they are the only administrator of the programme",
                        "Give the role to somebody else first.",
                    ));
                }
                self.add_erasure_of_person(*person, json!({ "proposal": id }), append).await?;
            }
            Proposed::EraseCase { case } => {
                append.changes.push(Change::EraseCase { case: *case, at: append.at, actor: Some(approver) });
            }
        }
        // What is given out is what holds when it is fetched, and a case that was closed and erased takes no event: of these
        // two nothing is written in the object's own stream.
        for batch in &mut append.batches {
            if batch.stream == object.stream {
                batch.expected = object.length;
            }
            for event in &mut batch.events {
                event.actor.get_or_insert(approver);
            }
        }
        Ok(())
    }
}
