//! What a proposal is about, as it is now: the digest by which a change of it shows, and the words that people compare.

use bastide_authz::{Action, Actor, Grant, Object, Role, Scope};
use bastide_desk::case::{Refusal, RefusalKind};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId},
    party::ProjectName,
    time::Span,
};
use bastide_store::{Stream, StreamKind};
use serde::{Deserialize, Serialize};

use super::{About, Proposed, kind::is_given};
use crate::{
    Desk, ProjectSetup, UseCaseError, WrittenRules, desk::store, directory::role_in_words, pseudonym, summary,
};

/// How long nothing has happened in a closed case before its contents may be erased: longer than answers are kept for
/// retries, so that none of those holds a link to it any more.
const ERASABLE_AFTER: Span = Span::days(32);

/// One part of what would change, as it is and as it would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// Which part: `Policy`, `Role`.
    pub part: String,
    /// As it is.
    pub old: String,
    /// As it would be.
    pub new: String,
}

impl Comparison {
    fn new(part: &str, old: impl Into<String>, new: impl Into<String>) -> Self {
        Self { part: part.to_owned(), old: old.into(), new: new.into() }
    }
}

/// The object as it is at this moment.
pub(super) struct ObjectNow {
    /// Equal digests mean that nothing of it has changed.
    pub(super) digest: Sha256Digest,
    /// Its stream, and how many events that had before the object was read: whoever changes it meanwhile makes an
    /// append on this a conflict.
    pub(super) stream: Stream,
    pub(super) length: u64,
}

impl Desk {
    /// Reads what a proposal is about. Refuses what could not be carried out at all.
    pub(super) async fn object_now(&self, proposed: &Proposed) -> Result<ObjectNow, UseCaseError> {
        let stream = match proposed {
            Proposed::EditProject { project, .. } => Stream::new(StreamKind::Project, project.to_string()),
            Proposed::ProjectRole { change, .. } | Proposed::ProgrammeRole { change } => {
                Stream::new(StreamKind::Person, change.person.to_string())
            }
            Proposed::RecoverPasskeys { person }
            | Proposed::ExportPerson { person }
            | Proposed::ErasePerson { person } => Stream::new(StreamKind::Person, person.to_string()),
            Proposed::ExportCase { case } | Proposed::EraseCase { case } => Stream::case(*case),
        };
        let length = self.store().stream(&stream).await.map_err(store)?.len() as u64;
        let state = match proposed {
            Proposed::EditProject { project, title, rules, .. } => {
                ProjectSetup::written(project.clone(), title, (**rules).clone())?;
                let found = self.store().project(project).await.map_err(store)?;
                found.ok_or(UseCaseError::NotFound)?.1.to_string()
            }
            Proposed::ProjectRole { .. } | Proposed::ProgrammeRole { .. } => {
                let (change, scope) = proposed.role_change().ok_or(UseCaseError::NotFound)?;
                self.check_role(change.person, change.role, &scope).await?;
                if change.until.is_some_and(|until| until <= change.from.unwrap_or_else(|| self.now())) {
                    return Err(UseCaseError::invalid(
                        "until",
                        "the role would end before it begins",
                        "Choose a later end, or none.",
                    ));
                }
                let held = self.held(change.person, change.role, &scope).await?;
                if !change.gives && held.is_none() {
                    return Err(UseCaseError::invalid(
                        "role",
                        "this person does not hold this role",
                        "Look at the person's page for what they hold.",
                    ));
                }
                format!("{held:?}")
            }
            Proposed::RecoverPasskeys { person } => {
                let record = self.person(*person).await?.ok_or(UseCaseError::NotFound)?;
                if self.mail_address(*person).await?.is_none() {
                    return Err(UseCaseError::invalid(
                        "person",
                        "no mail address is known of them to which a link could go",
                        "The desk's operator replaces their passkeys: `bastide admin lost-passkeys`.",
                    ));
                }
                if self.recovery_of(*person).await?.is_some() {
                    return Err(UseCaseError::invalid(
                        "person",
                        "two administrators agreed on it already, and it waits",
                        "Wait until its time has come; their page says when.",
                    ));
                }
                // The link goes to the address that both of the two saw.
                format!("{record:?}")
            }
            Proposed::ExportPerson { person } => {
                self.person(*person).await?.ok_or(UseCaseError::NotFound)?;
                String::new()
            }
            Proposed::ErasePerson { person } => {
                let record = self.person(*person).await?.ok_or(UseCaseError::NotFound)?;
                if record.name == pseudonym(*person) {
                    return Err(UseCaseError::invalid(
                        "person",
                        "their data were erased already",
                        "Nothing is left to do.",
                    ));
                }
                // Who holds what may change until then; that it is still the same person's record may not.
                format!("{record:?}")
            }
            // A case goes on while its export waits.
            Proposed::ExportCase { case } => case.to_string(),
            Proposed::EraseCase { case } => {
                self.may_erase(*case).await?;
                length.to_string()
            }
        };
        Ok(ObjectNow { digest: Sha256Digest::of(state.as_bytes()), stream, length })
    }

    /// That the person is there and that the role is given in this scope.
    pub(crate) async fn check_role(
        &self,
        person: PersonId,
        role: Role,
        scope: &Scope,
    ) -> Result<(), UseCaseError> {
        if self.person(person).await?.is_none() {
            return Err(UseCaseError::invalid(
                "person",
                "this person is not in the directory",
                "Add them first.",
            ));
        }
        if !is_given(role, scope) {
            return Err(UseCaseError::invalid(
                "role",
                "this role is not given there",
                "Some roles are the programme's, some are a project's; the form lists them.",
            ));
        }
        if let Scope::Project(project) = scope {
            self.project(project).await?;
        }
        Ok(())
    }

    /// The grant of this person, role and scope, if there is one, in force or not.
    pub(crate) async fn held(
        &self,
        person: PersonId,
        role: Role,
        scope: &Scope,
    ) -> Result<Option<Grant>, UseCaseError> {
        let grants = self.store().grants_of(person).await.map_err(store)?;
        Ok(grants.into_iter().find(|grant| grant.role == role && grant.scope == *scope))
    }

    /// Old and new in words.
    pub(super) async fn compared(&self, proposed: &Proposed) -> Result<Vec<Comparison>, UseCaseError> {
        let mut parts = match proposed {
            Proposed::EditProject { project, title, conduct_contact, rules } => {
                let facts = self.project(project).await?;
                let old = facts.written();
                let product = |rules: &WrittenRules| {
                    rules.product.as_ref().map(ToString::to_string).unwrap_or_default()
                };
                vec![
                    Comparison::new("Title", facts.record.title.as_str(), title.as_str()),
                    Comparison::new(
                        "Contact for conduct",
                        facts.record.conduct_contact.clone().unwrap_or_default(),
                        conduct_contact.clone().unwrap_or_default(),
                    ),
                    Comparison::new("Product", product(&old), product(rules)),
                    Comparison::new("Policy", old.policy, rules.policy.as_str()),
                    Comparison::new("Threat model", old.threat_model, rules.threat_model.as_str()),
                    Comparison::new("Supported versions", old.supports, rules.supports.as_str()),
                ]
            }
            Proposed::ProjectRole { .. } | Proposed::ProgrammeRole { .. } => {
                let (change, scope) = proposed.role_change().ok_or(UseCaseError::NotFound)?;
                let name = self.name_of(change.person).await?;
                let held = self.held(change.person, change.role, &scope).await?;
                let old =
                    held.map_or_else(String::new, |grant| in_words(&name, &grant, &grant.from.for_people()));
                let new = if change.gives {
                    let now = self.now();
                    let from = match change.from.filter(|from| *from > now) {
                        Some(from) => from.for_people(),
                        None => "the moment in which they take it on".to_owned(),
                    };
                    in_words(&name, &change.grant(scope, now), &from)
                } else {
                    String::new()
                };
                vec![Comparison::new("Role", old, new)]
            }
            Proposed::RecoverPasskeys { person } => {
                let name = self.name_of(*person).await?;
                let passkeys = self.store().passkeys_of(*person).await.map_err(store)?.len();
                let address = self.mail_address(*person).await?.unwrap_or_default();
                let wait = self.settings().sign_in.recovery_wait.as_micros() / Span::hours(1).as_micros();
                let keys = match passkeys {
                    0 => "no passkey".to_owned(),
                    1 => "1 passkey".to_owned(),
                    many => format!("{many} passkeys"),
                };
                let old = format!("{name} has {keys}, and is signed in where they are\n");
                let new = format!(
                    "After {wait} hours in which {name} or any administrator can stop it:\nthese passkeys and all sessions end\n\
                     a link that signs in once goes to {address}\n"
                );
                vec![Comparison::new("Signing in", old, new)]
            }
            Proposed::ExportPerson { person } => {
                let name = self.name_of(*person).await?;
                vec![Comparison::new(
                    "Document",
                    "",
                    format!("Everything stored about {name} but contents of cases\n"),
                )]
            }
            Proposed::ErasePerson { person } => {
                let record = self.person(*person).await?.ok_or(UseCaseError::NotFound)?;
                let identities: Vec<String> = record.identities.iter().map(crate::people::shown).collect();
                let grants = self.store().grants_of(*person).await.map_err(store)?;
                let roles: String = grants
                    .iter()
                    .map(|grant| in_words(&record.name, grant, &grant.from.for_people()))
                    .collect();
                let old = format!("{}\n{}\n{roles}", record.name, identities.join("\n"));
                vec![Comparison::new("Person", old, format!("{}\n", pseudonym(*person)))]
            }
            Proposed::ExportCase { .. } => {
                let text = "Every event of the case with its text, messages, drafts, attachments, readers, and the ledger's \
                            proof.\nIt is as the case is when the archive is fetched: once, within a day of the approval, by \
                            whoever proposed it.\n";
                vec![Comparison::new("Archive", "", text)]
            }
            Proposed::EraseCase { .. } => {
                vec![Comparison::new(
                    "Contents",
                    "Report, messages, findings, drafts, attachments\n",
                    "Erased. The case stays as a history of what happened when, without a word of what was written.\n",
                )]
            }
        };
        parts.retain(|part| part.old != part.new);
        if parts.is_empty() {
            return Err(UseCaseError::invalid("change", "nothing would change", "Change something first."));
        }
        Ok(parts)
    }

    /// That a case's contents may be erased: it is closed, for longer than answers are kept for retries, and not erased.
    pub(crate) async fn may_erase(&self, case: CaseId) -> Result<(), UseCaseError> {
        let loaded = self.load(case).await?;
        let refuse = |what: &str, remedy: &str| {
            Err(UseCaseError::Refused(Refusal {
                kind: RefusalKind::NotNow,
                rule: "J05".into(),
                what: what.to_owned(),
                remedy: remedy.to_owned(),
            }))
        };
        if loaded.case.erased {
            return refuse("the contents of this case were erased already", "Nothing is left to do.");
        }
        let last = loaded.events.last().map(|event| event.stored.at);
        let rests = last.is_some_and(|last| self.now().since(last) >= ERASABLE_AFTER);
        if loaded.case.closed.is_none() || !rests {
            return refuse(
                "a case is erased when it is closed and nothing has happened in it for 32 days",
                "Wait until then.",
            );
        }
        Ok(())
    }

    /// What people call the object of a proposal.
    pub(super) async fn called(&self, proposed: &Proposed, viewer: &Actor) -> Result<String, UseCaseError> {
        if let Some((change, scope)) = proposed.role_change() {
            let name = self.name_of(change.person).await?;
            let role = role_in_words(change.role);
            let place = match &scope {
                Scope::Project(project) => format!("in {}", self.title_of(project).await?),
                Scope::Programme | Scope::Case(_) => "in the whole programme".to_owned(),
            };
            return Ok(if change.gives {
                format!("{name} becomes {role} {place}")
            } else {
                format!("{name} is no longer {role} {place}")
            });
        }
        Ok(match proposed.about() {
            About::Programme => self.settings().programme.clone(),
            About::Project(project) => self.title_of(&project).await?,
            About::Person(person) | About::Account(person) => self.name_of(person).await?,
            About::Case(case) => self.case_called(case, viewer).await?,
        })
    }

    /// A case's reference and, to whoever may read it, its title.
    async fn case_called(&self, case: CaseId, viewer: &Actor) -> Result<String, UseCaseError> {
        let loaded = self.load(case).await?;
        let reference = summary::reference(&loaded.case);
        let Ok(permit) = self.permit(viewer, Action::ReadCase, Object::Case(&loaded.object)) else {
            return Ok(reference);
        };
        let title = summary::title(Some(&loaded), &[]);
        let title = title.as_ref().and_then(|title| title.open(&permit).ok());
        Ok(title.map_or_else(|| reference.clone(), |title| format!("{reference}, {title}")))
    }

    async fn title_of(&self, project: &ProjectName) -> Result<String, UseCaseError> {
        match self.project(project).await {
            Ok(facts) => Ok(facts.record.title.clone()),
            Err(UseCaseError::NotFound) => Ok(project.to_string()),
            Err(error) => Err(error),
        }
    }
}

fn in_words(name: &str, grant: &Grant, from: &str) -> String {
    let role = role_in_words(grant.role);
    let scope = match &grant.scope {
        Scope::Programme => "in the whole programme".to_owned(),
        Scope::Project(project) => format!("in {project}"),
        Scope::Case(_) => "in a case".to_owned(),
    };
    let until = match grant.until {
        Some(until) => format!("until {}", until.for_people()),
        None => "without an end".to_owned(),
    };
    format!("{name} is {role} {scope}\nfrom {from}\n{until}\n")
}
