//! Messages: which event tells whom, and sending them.
//!
//! A message is written in the transaction of the event that it tells. Who receives it is decided when it is sent, by
//! the rights of that moment. Unencrypted mail about a case carries a link and nothing else: no title, no project, no
//! text of the case (VINCE's own test asserts the title in the subject; ours asserts that it is not there).

use std::path::PathBuf;

use bastide_authz::{Action, Actor, Object, Role, Scope};
use bastide_desk::case::{Case, Event, Notice};
use bastide_model::{
    id::{CaseId, PersonId},
    party::Identity,
    time::{Instant, Span},
};
use bastide_store::{Append, Change, NewOutbox, OutboxMessage, Stream, StreamKind};

use crate::{Desk, UseCaseError, desk::store, reporter_account, sign_in::RECOVERY_LINK};

/// How long a claimed message is nobody else's.
const LEASE: Span = Span::minutes(5);

/// After this many failures a message is given up and stays visible as such.
const ATTEMPTS: u32 = 8;

/// For whom a message is, as a rule that is applied when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// The reporter.
    Reporter,
    /// The case's coordinators; those of its projects while it has none.
    Coordinators,
    /// Everybody with a role in the case.
    Members,
    /// The programme's administrators.
    Administrators,
    /// One person.
    Person(PersonId),
}

impl Audience {
    fn name(self) -> String {
        match self {
            Self::Reporter => "reporter".to_owned(),
            Self::Coordinators => "coordinators".to_owned(),
            Self::Members => "members".to_owned(),
            Self::Administrators => "administrators".to_owned(),
            Self::Person(person) => person.to_string(),
        }
    }

    fn read(name: &str) -> Option<Self> {
        match name {
            "reporter" => Some(Self::Reporter),
            "coordinators" => Some(Self::Coordinators),
            "members" => Some(Self::Members),
            "administrators" => Some(Self::Administrators),
            person => person.parse().ok().map(Self::Person),
        }
    }
}

/// Whom an event of `acting` tells, and by which text.
fn audiences(case: &Case, acting: Option<PersonId>, event: &Event) -> Vec<(Audience, &'static str)> {
    match event {
        Event::ReportSubmitted { .. } => vec![(Audience::Coordinators, "new-report")],
        Event::Acknowledged { .. } => vec![(Audience::Reporter, "news")],
        Event::MessageSent { tier, .. } => match tier {
            bastide_authz::Tier::TeamOnly => vec![(Audience::Coordinators, "news")],
            bastide_authz::Tier::TeamAndReporter => {
                vec![(Audience::Coordinators, "news"), (Audience::Reporter, "news")]
            }
            bastide_authz::Tier::Participants | bastide_authz::Tier::Public => {
                vec![(Audience::Members, "news"), (Audience::Reporter, "news")]
            }
        },
        // Nothing follows from the claim until a coordinator has looked.
        Event::PublicFactAsserted { .. } => vec![(Audience::Coordinators, "news")],
        Event::ReporterNotified { notice: Notice::Receipt } => Vec::new(),
        Event::ReporterNotified { .. } | Event::UpstreamConsent { .. } => vec![(Audience::Reporter, "news")],
        Event::ParticipantInvited { person, .. } => vec![(Audience::Person(*person), "invitation")],
        Event::EmbargoProposed { by, .. } if by.is_some() => {
            vec![(Audience::Members, "embargo"), (Audience::Reporter, "embargo")]
        }
        Event::EmbargoTerminated => vec![(Audience::Members, "embargo"), (Audience::Reporter, "embargo")],
        Event::DatesProposed { .. } | Event::DatesConfirmed { .. } => vec![(Audience::Members, "dates")],
        Event::AdvisoryPublished { .. } => {
            vec![(Audience::Members, "published"), (Audience::Reporter, "published")]
        }
        Event::DeadlineBreached { .. } | Event::Reminded { .. } => vec![(Audience::Coordinators, "deadline")],
        Event::Escalated { .. } => {
            vec![(Audience::Administrators, "escalation"), (Audience::Coordinators, "deadline")]
        }
        // Whoever takes a case knows it; the clock gives it to somebody.
        Event::RoleTaken { person, role: Role::Coordinator } if acting.is_none() && case.closed.is_none() => {
            vec![(Audience::Person(*person), "assigned")]
        }
        _ => Vec::new(),
    }
}

/// Adds the messages that an event sends.
pub(crate) fn add_messages(
    append: &mut Append,
    case: &Case,
    acting: Option<PersonId>,
    sequence: u64,
    event: &Event,
) {
    for (audience, template) in audiences(case, acting, event) {
        let mail = NewOutbox::mail(&Stream::case(case.id), sequence, audience.name(), template, append.at);
        append.outbox.push(mail.about(case.id));
    }
}

/// Adds the calls to a case that the clock cannot look at.
pub(crate) fn add_calls(append: &mut Append, stream: &Stream, sequence: u64, case: CaseId) {
    for audience in [Audience::Administrators, Audience::Coordinators] {
        let mail = NewOutbox::mail(stream, sequence, audience.name(), "clock-failed", append.at);
        append.outbox.push(mail.about(case));
    }
}

/// A mail that is ready to go. It holds nothing of a case but a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Stable over retries; becomes the Message-ID.
    pub id: String,
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Where mail goes.
pub trait MailSink: Send + Sync {
    /// Hands a mail over. An error is a reason without content; the mail is tried again.
    fn send(&self, mail: &Mail) -> Result<(), String>;
}

/// Writes every mail into a directory as an `.eml` file, for a mail transfer agent to pick up or a person to read.
#[derive(Debug, Clone)]
pub struct SpoolDirectory {
    directory: PathBuf,
}

impl SpoolDirectory {
    /// A spool in this directory; made when missing.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }
}

impl MailSink for SpoolDirectory {
    fn send(&self, mail: &Mail) -> Result<(), String> {
        std::fs::create_dir_all(&self.directory).map_err(|error| error.to_string())?;
        let single_line = |text: &str| text.replace(['\r', '\n'], " ");
        let document = format!(
            "Message-ID: <{}@bastide>\r\nTo: {}\r\nSubject: {}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
            mail.id,
            single_line(&mail.to),
            single_line(&mail.subject),
            mail.text
        );
        // Written beside and renamed, so that nobody picks up half a mail; the same id is the same file.
        let path = self.directory.join(format!("{}.eml", mail.id));
        let partial = self.directory.join(format!(".{}.part", mail.id));
        std::fs::write(&partial, document).map_err(|error| error.to_string())?;
        std::fs::rename(&partial, &path).map_err(|error| error.to_string())
    }
}

/// What one round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Messages that were handed over.
    pub sent: usize,
    /// Messages that nobody may or can receive any more.
    pub dropped: usize,
    /// Messages that failed and are tried again.
    pub failed: usize,
}

impl Desk {
    /// Sends what is due, unless everything outgoing is held. At least once; receivers recognise a repetition by the
    /// Message-ID.
    pub async fn deliver(&self, sink: &dyn MailSink) -> Result<Delivery, UseCaseError> {
        let now = self.now();
        if self.outbound_hold().await?.is_some() {
            return Ok(Delivery::default());
        }
        let messages = self.store().claim_outbox(now, now + LEASE, 100).await.map_err(store)?;
        let mut delivery = Delivery::default();
        for message in messages {
            let mut append = Append::at(self.now());
            append.changes.push(self.send_one(&message, sink, &mut delivery).await);
            // One message that cannot be settled must not keep the others; it comes again when its lease ends.
            if let Err(error) = self.store().append(append).await {
                tracing::error!(message = %message.id, %error, "a message could not be settled");
            }
        }
        Ok(delivery)
    }

    async fn send_one(
        &self,
        message: &OutboxMessage,
        sink: &dyn MailSink,
        delivery: &mut Delivery,
    ) -> Change {
        let (id, now) = (message.id.clone(), self.now());
        let mut sent = 0;
        let mut failure = None;
        match self.mails(message).await {
            Ok(mails) => {
                for mail in mails {
                    match sink.send(&mail) {
                        Ok(()) => sent += 1,
                        Err(reason) => failure = Some(reason),
                    }
                }
            }
            Err(error) => {
                tracing::error!(message = %message.id, ?error, "nobody can say who receives a message");
                failure = Some("its recipients could not be read".to_owned());
            }
        }
        match failure {
            // The attempt was counted when the message was claimed.
            Some(note) if message.attempts >= ATTEMPTS => {
                delivery.dropped += 1;
                Change::OutboxGivenUp { id, at: now, note }
            }
            Some(note) => {
                delivery.failed += 1;
                let wait = Span::minutes(1 << message.attempts.saturating_sub(1).min(10));
                Change::OutboxRetry { id, not_before: now + wait, note }
            }
            None if sent == 0 => {
                delivery.dropped += 1;
                let note = "nobody may receive it, or nobody has an address".to_owned();
                Change::OutboxGivenUp { id, at: now, note }
            }
            None => {
                delivery.sent += 1;
                Change::OutboxSent { id, at: now }
            }
        }
    }

    /// The mails that a message becomes at this moment.
    async fn mails(&self, message: &OutboxMessage) -> Result<Vec<Mail>, UseCaseError> {
        if message.template == reporter_account::TEMPLATE {
            return Ok(self.account_mail(message).await?.into_iter().collect());
        }
        if message.template == RECOVERY_LINK {
            return Ok(self.recovery_mail(message).await?.into_iter().collect());
        }
        let link = self.link(message);
        let mut mails: Vec<Mail> = Vec::new();
        for (person, address) in self.recipients(message).await? {
            let id = format!("{}-{}", message.id, short(person));
            // Somebody's second address gets a mail of its own.
            let before = mails.iter().filter(|mail| mail.id.starts_with(&id)).count();
            mails.push(Mail {
                id: if before == 0 { id } else { format!("{id}-{}", before + 1) },
                to: address,
                subject: "There is news for you at the security desk".to_owned(),
                text: text(&message.template, &link),
            });
        }
        Ok(mails)
    }

    /// Where to read on. Whoever is asked for their consent cannot open the case yet, and gets the page that asks.
    fn link(&self, message: &OutboxMessage) -> String {
        let desk = &self.settings().public_url;
        match message.case {
            None if message.stream.kind == StreamKind::Proposal => {
                format!("{desk}/admin/proposals/{}", message.stream.id)
            }
            None if message.template == "role-offered" => format!("{desk}/roles"),
            None if message.stream.kind == StreamKind::Person
                && message.audience == Audience::Administrators.name() =>
            {
                format!("{desk}/admin/people/{}", message.stream.id)
            }
            Some(case) if message.template == "invitation" => format!("{desk}/cases/{case}/invitation"),
            Some(case) if message.audience == Audience::Reporter.name() => format!("{desk}/reports/{case}"),
            Some(case) => format!("{desk}/cases/{case}"),
            None => format!("{desk}/account"),
        }
    }

    /// Who receives a message now: the rule applied to the case as it is, each person asked of `authorize` again.
    async fn recipients(&self, message: &OutboxMessage) -> Result<Vec<(PersonId, String)>, UseCaseError> {
        let outside_of_cases = match message.stream.kind {
            StreamKind::Proposal => Some(self.proposal_recipients(message).await?),
            StreamKind::Person => Some(self.account_recipient(message).await?),
            // The case itself may be what cannot be read.
            StreamKind::Programme if message.audience == Audience::Administrators.name() => {
                Some(self.administrators(self.now()).await?)
            }
            _ => None,
        };
        if let Some(persons) = outside_of_cases {
            let mut recipients = Vec::new();
            for person in persons {
                let addresses = self.mail_addresses(person).await?.into_iter();
                let many = if is_told_everywhere(&message.template) { usize::MAX } else { 1 };
                recipients.extend(addresses.take(many).map(|address| (person, address)));
            }
            return Ok(recipients);
        }
        let (Some(case), Some(audience)) = (message.case, Audience::read(&message.audience)) else {
            return Ok(Vec::new());
        };
        let loaded = match self.load(case).await {
            Ok(loaded) => loaded,
            Err(UseCaseError::NotFound) => return Ok(Vec::new()),
            // Who coordinates a case that cannot be read is not known; the administrators are called to it.
            Err(_) if message.template == "clock-failed" => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let now = self.now();
        let mut persons: Vec<(PersonId, Action)> = match audience {
            Audience::Reporter => {
                loaded.case.reporter.person.map(|person| (person, Action::SeeOwnReport)).into_iter().collect()
            }
            Audience::Coordinators => {
                let own: Vec<PersonId> = loaded.case.holders(Role::Coordinator).collect();
                let all = if own.is_empty() { self.candidates(&loaded).await? } else { own };
                all.into_iter().map(|person| (person, Action::ReadCase)).collect()
            }
            Audience::Members => {
                // A proposed change takes everybody's consent away until they answer: they must learn of it.
                let action = match message.template.as_str() {
                    "embargo" => Action::AnswerInvitation,
                    _ => Action::ReadCase,
                };
                loaded.case.members.keys().map(|person| (*person, action)).collect()
            }
            Audience::Person(person) => vec![(person, Action::AnswerInvitation)],
            Audience::Administrators => {
                self.administrators(now).await?.into_iter().map(|person| (person, Action::Operate)).collect()
            }
        };
        persons.dedup();
        let mut recipients = Vec::new();
        for (person, action) in persons {
            let grants = self.store().grants_of(person).await.map_err(store)?;
            let actor = Actor { person: Some(person), grants, stepped_up: true, ..Actor::default() };
            let object = match action {
                Action::Operate => Object::Programme,
                _ => Object::Case(&loaded.object),
            };
            if self.permit(&actor, action, object).is_err() {
                continue;
            }
            if let Some(address) = self.mail_address(person).await? {
                recipients.push((person, address));
            }
        }
        Ok(recipients)
    }

    /// Whom a message about somebody's own account reaches: them, as long as they have one.
    async fn account_recipient(&self, message: &OutboxMessage) -> Result<Vec<PersonId>, UseCaseError> {
        if message.audience == Audience::Administrators.name() {
            return self.administrators(self.now()).await;
        }
        let Ok(person) = message.audience.parse::<PersonId>() else { return Ok(Vec::new()) };
        let grants = self.store().grants_of(person).await.map_err(store)?;
        let offered = |grant: &bastide_authz::Grant| !grant.confirmed;
        if message.template == "role-offered" && !grants.iter().any(offered) {
            return Ok(Vec::new());
        }
        let actor = Actor { person: Some(person), grants, stepped_up: true, ..Actor::default() };
        let still = self.permit(&actor, Action::OwnAccount, Object::Person(person)).is_ok();
        Ok(if still { vec![person] } else { Vec::new() })
    }

    pub(crate) async fn administrators(&self, now: Instant) -> Result<Vec<PersonId>, UseCaseError> {
        let grants = self.store().grants_in(&Scope::Programme).await.map_err(store)?;
        let holds = |grant: &bastide_authz::Grant| grant.role == Role::ProgrammeAdmin && grant.holds(now);
        Ok(grants.into_iter().filter(|(_, grant)| holds(grant)).map(|(person, _)| person).collect())
    }

    /// Where somebody's mail goes: the first of their addresses.
    pub(crate) async fn mail_address(&self, person: PersonId) -> Result<Option<String>, UseCaseError> {
        Ok(self.mail_addresses(person).await?.into_iter().next())
    }

    /// Only an enrolled identity receives mail, never a free address.
    async fn mail_addresses(&self, person: PersonId) -> Result<Vec<String>, UseCaseError> {
        let record = self.person(person).await?;
        let address = |identity| match identity {
            Identity::Mail { address } => Some(address),
            Identity::Forge { .. } | Identity::Outside { .. } => None,
        };
        Ok(record.into_iter().flat_map(|record| record.identities).filter_map(address).collect())
    }
}

/// Whether somebody is told of this on every address that is known: what another could have begun in their name.
fn is_told_everywhere(template: &str) -> bool {
    matches!(template, "recovery-requested" | "recovery-agreed" | "recovery-stopped" | "passkeys-replaced")
}

fn short(person: PersonId) -> String {
    person.to_string().trim_start_matches("person-").chars().take(8).collect()
}

/// The text of a message: what happened in general, and where to read on.
fn text(template: &str, link: &str) -> String {
    let what = match template {
        "new-report" => "A new report has come in. Somebody should answer its reporter.",
        "invitation" => {
            "You are invited to take part in a case. You will see its content after you agree to its embargo."
        }
        "embargo" => "The embargo of a case has changed or is about to. Please say whether you agree.",
        "dates" => "Release and announcement dates were proposed or set.",
        "published" => "An advisory of a case that you take part in is public.",
        "deadline" => "Something is due, or was not done in time.",
        "escalation" => {
            "A disclosure deadline has passed and nothing approved could be published. Somebody has to decide."
        }
        "clock-failed" => {
            "What is due in a case could not be done, for instance a publication at its date. The clock tries again every \
             hour. Somebody who works on the case should look at it, and whoever runs the desk at its log."
        }
        "conduct" => "Something about your conduct was decided. You can read why, and appeal.",
        "proposal" => {
            "Somebody proposed a change that needs a second person. Please look at it and approve or refuse it."
        }
        "role-offered" => "You were offered a role at the security desk. It begins when you take it on.",
        "proposal-decided" => "A change that you proposed was decided, or its time is over.",
        "assigned" => "A case was given to you, because nobody had taken it.",
        "passkey-enrolled" => {
            "A passkey was added to your account. If it was not you, end all sessions and tell an administrator."
        }
        "passkey-removed" => {
            "A passkey was removed from your account. If it was not you, end all sessions and tell an administrator."
        }
        "passkey-copied" => {
            "A passkey was shut: its counter went back, so there may be a copy of it. Its owner should look through their \
             sessions; an administrator should ask them."
        }
        "passkeys-replaced" => {
            "Somebody's passkeys were replaced, because they were said to be lost. If it is your account and you did not \
             ask for it, tell an administrator at once; administrators should ask whose account it is."
        }
        "recovery-requested" => {
            "An administrator asked that you begin with new passkeys, because you lost yours. A second one has to agree. If you \
             did not ask for it, tell another administrator now."
        }
        "recovery-agreed" => {
            "Two administrators agreed that somebody begins with new passkeys. It is done after a wait, which the account's page \
             names; until then its owner and every administrator can stop it there. If it is your account and you did not ask \
             for it, stop it now."
        }
        "recovery-stopped" => "A request for new passkeys was stopped. The old ones go on working.",
        "new-browser" => {
            "Somebody signed in to your account from a browser that was not known. If it was not you, end all other \
             sessions and tell an administrator."
        }
        "identity-linked" => {
            "An account elsewhere was linked to you and signs you in from now on. If it was not you, take it away on your \
             account page, end all other sessions and tell an administrator."
        }
        "identity-unlinked" => {
            "An account elsewhere no longer signs you in. If it was not you who took it away, tell an administrator."
        }
        "token-issued" => {
            "A token for programs was made in your name. If it was not you, revoke it and tell an administrator."
        }
        _ => "There is news in a case that you take part in.",
    };
    format!("{what}\n\nRead on here (you will be asked to sign in):\n{link}\n")
}
