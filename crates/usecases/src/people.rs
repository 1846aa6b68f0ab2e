//! Administration of people over the desk: who is there, what they hold, how a role is given, taken on and ended.
//!
//! A role is offered and counts from the moment the person takes it on. Its end ends sessions, tokens, links and mail
//! that waits for the person in the same transaction. Roles that reach far take two persons ([`crate::proposal`]); a
//! coordinator is assigned by an administrator of the programme alone.

use bastide_authz::{Action, Actor, Grant, Object, Role, Scope};
use bastide_model::{
    id::{ChangeId, PersonId},
    party::Identity,
    time::Instant,
};
use bastide_store::{
    Append, Appended, Change, Credential, CredentialKind, Holder, NewOutbox, Stream, StreamKind,
};
use serde_json::json;

use crate::{
    Desk, NewPerson, PersonRecord, RequestKey, Secret, UseCaseError,
    admin::document,
    desk::store,
    outside,
    proposal::{Proposed, kind::RoleChange},
    request,
};

/// No person has more identities.
pub(crate) const MOST_IDENTITIES: usize = 10;

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    /// Who.
    pub id: PersonId,
    /// Name and identities.
    pub record: PersonRecord,
    /// Every role, also those that are offered, have not begun or have ended.
    pub grants: Vec<Grant>,
}

/// A person as the programme's administrators see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// The line of the list.
    pub line: PersonLine,
    /// What they sign in with, the newest first; no secret and no digest.
    pub credentials: Vec<CredentialLine>,
    /// When their passkeys are replaced, because two administrators agreed that they lost them.
    pub recovery: Option<Instant>,
    /// How many passkeys they have.
    pub passkeys: usize,
    /// Whether one administrator alone may make them a sign-in link.
    pub linkable: bool,
}

/// A session, token or link in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialLine {
    /// What it is.
    pub kind: CredentialKind,
    /// When it was made.
    pub created: Instant,
    /// Until when it works.
    pub expires: Option<Instant>,
    /// Whether it works now.
    pub works: bool,
}

/// What became of a wish to change a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleOutcome {
    /// It was done.
    Done,
    /// It waits for a second person.
    Proposed(ChangeId),
}

impl Desk {
    /// Everybody whose name or identities hold these words, by name; everybody for no words.
    pub async fn people(&self, actor: &Actor, search: &str) -> Result<Vec<PersonLine>, UseCaseError> {
        self.permit(actor, Action::ReadAdministration, Object::Programme)?;
        let wanted: Vec<String> = search.split_whitespace().take(8).map(str::to_lowercase).collect();
        let mut lines = Vec::new();
        for (id, record) in self.persons().await? {
            let text =
                format!("{} {id} {}", record.name, record.identities.iter().map(shown).collect::<String>())
                    .to_lowercase();
            if wanted.iter().all(|word| text.contains(word)) {
                let grants = self.store().grants_of(id).await.map_err(store)?;
                lines.push(PersonLine { id, record, grants });
            }
        }
        Ok(lines)
    }

    /// One person with everything that they hold.
    pub async fn person_view(&self, actor: &Actor, id: PersonId) -> Result<PersonView, UseCaseError> {
        self.permit(actor, Action::ReadAdministration, Object::Programme)?;
        let record = self.person(id).await?.ok_or(UseCaseError::NotFound)?;
        let grants = self.store().grants_of(id).await.map_err(store)?;
        let now = self.now();
        let mut credentials: Vec<CredentialLine> = self
            .store()
            .credentials_of(Holder::Person(id))
            .await
            .map_err(store)?
            .iter()
            .map(|credential| line_of(credential, now))
            .collect();
        credentials.reverse();
        let recovery = self.recovery_of(id).await?.map(|recovery| recovery.due);
        let passkeys = self.passkeys(id).await?.len();
        let linkable = actor.person == Some(id) || !self.established(id).await?;
        Ok(PersonView { line: PersonLine { id, record, grants }, credentials, recovery, passkeys, linkable })
    }

    /// Adds somebody to the directory.
    pub async fn add_person_as(
        &self,
        actor: &Actor,
        person: NewPerson,
        key: &RequestKey,
    ) -> Result<PersonId, UseCaseError> {
        self.permit(actor, Action::Administer, Object::Programme)?;
        let record = checked(person)?;
        self.unused(&record.identities, None).await?;
        let (scope, digest) = (request::scope(actor), request::digest("add person", &record));
        let id: PersonId = self.fresh();
        let mut append = Append::at(self.now());
        let batch = self.note(StreamKind::Person, id.to_string(), "person-added", json!({})).await?;
        append.batches.push(by(batch, actor));
        append.changes.push(Change::PutPerson { id, document: document(&record)? });
        append.changes.extend(outside::name_changes(&[], &record.identities, id));
        append.idempotency = Some(request::kept(&scope, key, digest, &id));
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => Ok(id),
            Appended::Replayed(answer) => request::answered(&answer),
        }
    }

    /// Changes somebody's name and identities. The ledger says that, and neither name nor address.
    pub async fn edit_person_as(
        &self,
        actor: &Actor,
        id: PersonId,
        person: NewPerson,
    ) -> Result<(), UseCaseError> {
        self.permit(actor, Action::Administer, Object::Programme)?;
        let old = self.person(id).await?.ok_or(UseCaseError::NotFound)?;
        // Whoever made their account themselves stays out of the directory.
        let record = PersonRecord { reporter_account: old.reporter_account, ..checked(person)? };
        // By an address or a handle of their own somebody else could sign in as this person.
        let adds = record.identities.iter().any(|new| !old.identities.iter().any(|known| same(known, new)));
        if adds && actor.person != Some(id) && self.established(id).await? {
            return Err(UseCaseError::invalid(
                "identities",
                "this person has signed in before and holds something, so they alone add addresses and accounts",
                "Ask them to do it on their account page; you can take identities away.",
            ));
        }
        self.unused(&record.identities, Some(id)).await?;
        let mut append = Append::at(self.now());
        let batch = self.note(StreamKind::Person, id.to_string(), "person-edited", json!({})).await?;
        append.batches.push(by(batch, actor));
        append.changes.push(Change::PutPerson { id, document: document(&record)? });
        append.changes.extend(outside::name_changes(&old.identities, &record.identities, id));
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Whether somebody has ever signed in here: they have a passkey or an account elsewhere, or a session was begun.
    pub(crate) async fn has_signed_in(&self, person: PersonId) -> Result<bool, UseCaseError> {
        let outside = self.person(person).await?.is_some_and(|record| {
            record.identities.iter().any(|identity| matches!(identity, Identity::Outside { .. }))
        });
        Ok(outside
            || !self.store().passkeys_of(person).await.map_err(store)?.is_empty()
            || !self.store().sessions_of(person).await.map_err(store)?.is_empty())
    }

    /// Makes a link that signs somebody in once, within a day; it is shown once to whoever made it.
    pub async fn invite_person_as(&self, actor: &Actor, id: PersonId) -> Result<Secret, UseCaseError> {
        self.permit(actor, Action::Administer, Object::Programme)?;
        self.person(id).await?.ok_or(UseCaseError::NotFound)?;
        // Whoever could make links for others could become each of them: read their cases, approve their own proposals.
        if actor.person != Some(id) && self.established(id).await? {
            return Err(UseCaseError::invalid(
                "person",
                "this person has signed in before and holds something, so nobody alone makes them a link",
                "Two administrators recover a lost sign-in together.",
            ));
        }
        self.issue_sign_in_link(id).await
    }

    /// Gives or ends a role: at once where one administrator of the programme may do that alone, as a proposal
    /// otherwise. A role that is given is an offer until the person takes it on.
    pub async fn change_role_as(
        &self,
        actor: &Actor,
        scope: &Scope,
        change: RoleChange,
        reason: &str,
        key: &RequestKey,
    ) -> Result<RoleOutcome, UseCaseError> {
        if !self.alone(actor, scope, &change).await? {
            let proposed = match scope {
                Scope::Programme => Proposed::ProgrammeRole { change },
                Scope::Project(project) => Proposed::ProjectRole { project: project.clone(), change },
                Scope::Case(_) => return Err(UseCaseError::NotFound),
            };
            let id = self.propose(actor, proposed, reason, None, Some(key)).await?;
            return Ok(RoleOutcome::Proposed(id));
        }
        self.check_role(change.person, change.role, scope).await?;
        let digest = request::digest("change role", &(scope, &change));
        let mut append = Append::at(self.now());
        let header =
            json!({ "role": change.role, "scope": scope, "from": change.from, "until": change.until });
        if change.gives {
            if change.until.is_some_and(|until| until <= change.from.unwrap_or(append.at)) {
                return Err(UseCaseError::invalid(
                    "until",
                    "the role would end before it begins",
                    "Choose a later end, or none.",
                ));
            }
            self.add_grant(change.person, change.grant(scope.clone(), append.at), header, &mut append)
                .await?;
        } else {
            self.add_end_of_grant(change.person, change.role, scope, header, &mut append).await?;
        }
        for event in append.batches.iter_mut().flat_map(|batch| &mut batch.events) {
            event.actor = event.actor.or(actor.person);
        }
        append.idempotency = Some(request::kept(&request::scope(actor), key, digest, &()));
        self.store().append(append).await.map_err(store)?;
        Ok(RoleOutcome::Done)
    }

    /// Whether an administrator of the programme changes this role alone. They assign coordinators; they end roles, so
    /// that a lost account can be stopped at once, but not those of other administrators of the programme; and while
    /// they are the only one, they may call a second one, without whom nothing that takes two could ever be done.
    async fn alone(&self, actor: &Actor, scope: &Scope, change: &RoleChange) -> Result<bool, UseCaseError> {
        match self.permit(actor, Action::Administer, Object::Programme) {
            Ok(_) => {}
            Err(UseCaseError::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        }
        let admins = self.administrators(self.now()).await?;
        Ok(match (change.role, change.gives) {
            (Role::Coordinator, _) => true,
            (Role::ProgrammeAdmin, true) => *scope == Scope::Programme && admins.len() < 2,
            (Role::ProgrammeAdmin, false) => {
                let offered = self.held(change.person, change.role, scope).await?;
                offered.is_some_and(|grant| !grant.holds(self.now()))
            }
            (_, gives) => !gives,
        })
    }

    /// The roles that somebody holds or was offered.
    pub async fn own_roles(&self, actor: &Actor) -> Result<Vec<Grant>, UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        self.permit(actor, Action::OwnAccount, Object::Person(person))?;
        self.store().grants_of(person).await.map_err(store)
    }

    /// Takes on a role that was offered, declines it, or gives back one that one holds. The last administrator of the
    /// programme cannot leave.
    pub async fn answer_role(
        &self,
        actor: &Actor,
        role: Role,
        scope: &Scope,
        accept: bool,
    ) -> Result<(), UseCaseError> {
        let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
        self.permit(actor, Action::OwnAccount, Object::Person(person))?;
        let held = self.held(person, role, scope).await?.ok_or(UseCaseError::NotFound)?;
        let header = json!({ "role": role, "scope": scope });
        let mut append = Append::at(self.now());
        match (accept, held.confirmed) {
            (true, true) => return Ok(()),
            (true, false) => {
                let name = person.to_string();
                let batch = self.note(StreamKind::Person, name, "grant-taken-on", header).await?;
                append.batches.push(by(batch, actor));
                let grant = Grant { confirmed: true, ..held };
                append.changes.push(Change::PutGrant { person, grant });
            }
            (false, false) => {
                let name = person.to_string();
                let batch = self.note(StreamKind::Person, name, "grant-declined", header).await?;
                append.batches.push(by(batch, actor));
                append.changes.push(Change::RemoveGrant { person, role, scope: scope.clone() });
            }
            (false, true) => {
                let last = role == Role::ProgrammeAdmin && self.administrators(append.at).await? == [person];
                if last {
                    return Err(UseCaseError::invalid(
                        "role",
                        "you are the only administrator of the programme",
                        "Give the role to somebody else first.",
                    ));
                }
                self.add_end_of_grant(person, role, scope, header, &mut append).await?;
                for event in append.batches.iter_mut().flat_map(|batch| &mut batch.events) {
                    event.actor = event.actor.or(actor.person);
                }
            }
        }
        self.store().append(append).await.map_err(store)?;
        Ok(())
    }

    /// Whether somebody has signed in before and holds a role or takes part in a case: becoming them would be worth
    /// something.
    async fn established(&self, id: PersonId) -> Result<bool, UseCaseError> {
        let used = self.store().credentials_of(Holder::Person(id)).await.map_err(store)?;
        let signed_in = |credential: &Credential| credential.kind != CredentialKind::SignInLink;
        if !used.iter().any(signed_in) {
            return Ok(false);
        }
        let now = self.now();
        let grants = self.store().grants_of(id).await.map_err(store)?;
        let holds = grants.iter().any(|grant| grant.holds(now));
        Ok(holds || !self.store().cases_of(id).await.map_err(store)?.is_empty())
    }

    /// That nobody else has one of these identities: mail goes to the right person, and signing in is unambiguous.
    pub(crate) async fn unused(
        &self,
        identities: &[Identity],
        but: Option<PersonId>,
    ) -> Result<(), UseCaseError> {
        for (id, record) in self.persons().await? {
            let taken =
                identities.iter().any(|mine| record.identities.iter().any(|theirs| same(mine, theirs)));
            if but != Some(id) && taken {
                return Err(UseCaseError::invalid(
                    "identities",
                    "somebody in the directory has one of these addresses or handles already",
                    "Look for them in the list of people first.",
                ));
            }
        }
        Ok(())
    }
}

/// The message that offers a role to somebody.
pub(crate) fn offer_message(person: PersonId, sequence: u64, now: Instant) -> NewOutbox {
    let stream = Stream::new(StreamKind::Person, person.to_string());
    NewOutbox::mail(&stream, sequence, person.to_string(), "role-offered", now)
}

fn line_of(credential: &Credential, now: Instant) -> CredentialLine {
    CredentialLine {
        kind: credential.kind,
        created: credential.created,
        expires: credential.expires,
        works: credential.works(now),
    }
}

/// An identity as people write it.
pub fn shown(identity: &Identity) -> String {
    match identity {
        Identity::Mail { address } => address.clone(),
        Identity::Forge { host, handle } => format!("{host}/{handle}"),
        Identity::Outside { issuer, subject, .. } => format!("{issuer}#{subject}"),
    }
}

/// Reads an identity as people write it: a mail address, or `host/handle` of a forge.
pub fn read_identity(text: &str) -> Result<Identity, UseCaseError> {
    let text = text.trim();
    let plain = |part: &str| {
        !part.is_empty()
            && part.chars().all(|symbol| symbol.is_ascii_graphic() && !"<>()[],;:\\\"/@".contains(symbol))
    };
    let domain =
        |part: &str| plain(part) && part.contains('.') && part.split('.').all(|label| !label.is_empty());
    if text.len() <= 512
        && let Some((issuer, subject)) = text.split_once('#')
        && (issuer.starts_with("https://") || issuer.starts_with("http://"))
        && subject.chars().all(|symbol| symbol.is_ascii_graphic())
        && !subject.is_empty()
    {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        return Ok(Identity::Outside { issuer, shown: subject.clone(), subject });
    }
    if text.len() <= 254 {
        if let Some((local, host)) = text.split_once('@')
            && plain(local)
            && domain(host)
        {
            return Ok(Identity::Mail { address: text.to_owned() });
        }
        if let Some((host, handle)) = text.split_once('/') {
            let handle = handle.strip_prefix('@').unwrap_or(handle);
            if domain(host) && plain(handle) {
                return Ok(Identity::Forge { host: host.to_lowercase(), handle: handle.to_owned() });
            }
        }
    }
    let short: String = text.chars().take(60).collect();
    Err(UseCaseError::invalid(
        "identities",
        format!("`{short}` is neither a mail address nor an account on a forge or at a provider"),
        "Write one a line, such as maintainer-a@example.org, github.com/maintainer-a or https://github.com#583231.",
    ))
}

fn same(left: &Identity, right: &Identity) -> bool {
    shown(left).eq_ignore_ascii_case(&shown(right))
}

/// The record of a person, when name and identities are within bounds.
pub(crate) fn checked(person: NewPerson) -> Result<PersonRecord, UseCaseError> {
    let name = person.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(UseCaseError::invalid(
            "name",
            "a name is one line of 1 to 100 characters",
            "Give a name.",
        ));
    }
    let mut identities: Vec<Identity> = Vec::new();
    for identity in person.identities {
        let identity = read_identity(&shown(&identity))?;
        if !identities.iter().any(|known| same(known, &identity)) {
            identities.push(identity);
        }
    }
    if identities.len() > MOST_IDENTITIES {
        return Err(UseCaseError::invalid("identities", "there are more than 10", "Leave some out."));
    }
    Ok(PersonRecord { name: name.to_owned(), identities, reporter_account: false })
}

/// A note by whoever acts.
pub(crate) fn by(mut batch: bastide_store::StreamBatch, actor: &Actor) -> bastide_store::StreamBatch {
    for event in &mut batch.events {
        event.actor = actor.person;
    }
    batch
}
