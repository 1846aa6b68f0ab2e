//! A report is sent, or a held one mended.

use bastide_authz::{Action, Actor, Embargoed, Object, Tier};
use bastide_desk::{
    case::{self, Channel, Command, Intake, Lifecycle, ReportContent, Terms, decide},
    lint::ReportDraft,
    policy::Disposition,
};
use bastide_model::{digest::Sha256Digest, finding::Finding, id::CaseId, party::ProjectName, time::Instant};
use bastide_store::{Append, Appended, Change, Credential, CredentialKind, Holder, Idempotency};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use crate::{
    Desk, Done, RequestKey, Secret, UseCaseError, act, desk::store, error::unreadable, lint, request, summary,
};

/// The shortest key of a stranger: 128 random bits in base64.
const STRANGERS_KEY: usize = 22;

/// Adds the attachments of version `version` of a report, each a sealed object `attachment-INDEX` of the case.
fn add_attachments(append: &mut Append, case: CaseId, version: usize, attachments: Vec<Vec<u8>>) {
    for (index, attachment) in attachments.into_iter().enumerate() {
        append.changes.push(Change::PutObject {
            object: format!("attachment-{index}"),
            version: u32::try_from(version).unwrap_or(u32::MAX),
            bytes: Embargoed::new(case, Tier::TeamAndReporter, attachment),
        });
    }
}

/// A report as it arrives. Prints none of it.
#[derive(Clone)]
pub struct ReportSubmission {
    /// The project that it is sent to.
    pub project: ProjectName,
    /// What could be read out of it.
    pub draft: ReportDraft,
    /// The bytes as they arrived; kept whatever the lint says.
    pub raw: Vec<u8>,
    /// How it came in.
    pub channel: Channel,
    /// The third-party channel that it came through, if one (S04).
    pub origin: Option<String>,
    /// The end of the embargo that the reporter asks for, if any.
    pub embargo_end: Option<Instant>,
}

impl std::fmt::Debug for ReportSubmission {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ReportSubmission").field("project", &self.project).finish_non_exhaustive()
    }
}

/// What the reporter is told at once. Kept sealed for a retry of the same request, because it holds the secret link.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Submitted {
    /// The case's id.
    pub case: CaseId,
    /// What people call it.
    pub reference: String,
    /// The secret of the status link; shown once.
    pub link: String,
    /// Where the report stands: received, or held until it is mended.
    pub lifecycle: Lifecycle,
    /// What the lint found.
    pub findings: Vec<Finding>,
    /// When it was received.
    pub received: Instant,
    /// When a person's answer is due, if one is.
    pub answer_due: Option<Instant>,
    /// When the vulnerability is disclosed by default, if it is.
    pub disclosure_due: Option<Instant>,
}

impl std::fmt::Debug for Submitted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Submitted").field("case", &self.case).finish_non_exhaustive()
    }
}

impl Desk {
    /// Takes a report in. The same request with the same key gives the same answer, link included, however often it
    /// is sent; nothing is stored twice.
    pub async fn submit_report(
        &self,
        actor: &Actor,
        submission: ReportSubmission,
        key: Option<&RequestKey>,
    ) -> Result<Submitted, UseCaseError> {
        let facts = self.project(&submission.project).await?;
        self.permit(actor, Action::SubmitReport, Object::Project(&submission.project))?;
        // Whoever guesses a stranger's key and report would be given their link.
        let guessable = key.is_some_and(|key| key.as_str().len() < STRANGERS_KEY);
        if actor.person.is_none() && guessable {
            return Err(UseCaseError::invalid(
                "Idempotency-Key",
                format!("without signing in it has at least {STRANGERS_KEY} characters"),
                "Send a fresh random key with each new report.",
            ));
        }
        if submission.draft.title.trim().is_empty() && submission.draft.body.trim().is_empty() {
            return Err(UseCaseError::invalid(
                "report",
                "it says nothing: it has neither a title nor a text",
                "Write in one line what is wrong, and in a few sentences what happens.",
            ));
        }
        let asked = (&submission.project, &submission.draft, submission.embargo_end);
        let digest = request::digest("submit-report", &asked);
        let scope = request::scope_of(actor, &digest);
        if let Some(key) = key
            && let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?
        {
            return replay(&answer);
        }
        let now = self.now();
        let report = self.judged(&facts, &submission.draft).await?;
        let (findings, disposition) = (lint::findings(&report), lint::disposition(&report));
        if disposition == Disposition::Block {
            return Err(UseCaseError::Blocked { findings });
        }
        let case: CaseId = self.fresh();
        let (draft, attachments) = without_attachments(submission.draft);
        let intake = Intake {
            report: self.fresh(),
            project: submission.project.clone(),
            terms: Terms::from(&facts.policy),
            policy: facts.record.policy,
            threat_model: facts.record.threat_model,
            channel: submission.channel,
            content: ReportContent { draft, raw: BASE64.encode(&submission.raw), origin: submission.origin },
            findings: findings.clone(),
            disposition,
            conduct: self.conduct_of(actor).await?,
            embargo_end: submission.embargo_end,
            proposal: self.fresh(),
        };
        let command = Command::Submit(Box::new(intake));
        let recorded = decide(None, case, &command, self.case_actor(actor, None), now)?;
        let mut append = Append::at(now);
        let folded = summary::add_case_events(self, &mut append, None, case, actor.person, recorded).await?;
        add_attachments(&mut append, case, 1, attachments);
        let link = Secret::fresh(self.entropy());
        append.changes.push(Change::AddCredential(Credential {
            digest: link.digest(),
            kind: CredentialKind::ReporterLink,
            holder: Holder::Case(case),
            scopes: String::new(),
            created: now,
            expires: None,
            revoked: None,
        }));
        let due = |kind| folded.deadlines.get(&kind).map(|deadline: &case::Deadline| deadline.due);
        let answer = Submitted {
            case,
            reference: summary::reference(&folded),
            link: link.reveal().to_owned(),
            lifecycle: folded.lifecycle(),
            findings,
            received: now,
            answer_due: due(case::DeadlineKind::Acknowledge),
            disclosure_due: due(case::DeadlineKind::Disclosure),
        };
        if let Some(key) = key {
            append.idempotency = Some(Idempotency {
                scope,
                key: key.as_str().to_owned(),
                request: digest,
                response: serde_json::to_vec(&answer).unwrap_or_default(),
            });
        }
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => Ok(answer),
            Appended::Replayed(answer) => replay(&answer),
        }
    }

    /// The reporter mends a held report; the lint judges the new version.
    pub async fn amend_report(
        &self,
        actor: &Actor,
        id: CaseId,
        draft: ReportDraft,
        raw: &[u8],
        key: Option<&RequestKey>,
    ) -> Result<Done, UseCaseError> {
        let (scope, digest) = (request::scope(actor), request::digest(&format!("amend {id}"), &draft));
        if let Some(key) = key
            && let Some(answer) = self.store().replayed(&scope, key.as_str(), &digest).await.map_err(store)?
        {
            return act::replay(&answer);
        }
        for _ in 0..act::TRIES {
            match self.amend_once(actor, id, &draft, raw, key, (&scope, digest)).await {
                Err(UseCaseError::Busy) => {}
                answer => return answer,
            }
        }
        Err(UseCaseError::Busy)
    }

    async fn amend_once(
        &self,
        actor: &Actor,
        id: CaseId,
        draft: &ReportDraft,
        raw: &[u8],
        key: Option<&RequestKey>,
        (scope, digest): (&str, Sha256Digest),
    ) -> Result<Done, UseCaseError> {
        let (loaded, _) = self.open_case(actor, id, Action::SeeOwnReport).await?;
        let facts = self.facts_of(&loaded.case).await?;
        let now = self.now();
        let report = self.judged(&facts, draft).await?;
        let version =
            loaded.events.iter().filter(|loaded| matches!(loaded.event, case::Event::ReportRevised)).count();
        let (draft, attachments) = without_attachments(draft.clone());
        let command = Command::Amend {
            content: Box::new(ReportContent { draft, raw: BASE64.encode(raw), origin: None }),
            findings: lint::findings(&report),
            disposition: lint::disposition(&report),
            proposal: self.fresh(),
        };
        let recorded =
            decide(Some(&loaded.case), id, &command, self.case_actor(actor, Some(&loaded.case)), now)?;
        let mut append = Append::at(now);
        let events = recorded.iter().map(|recorded| recorded.event.name()).collect();
        let folded =
            summary::add_case_events(self, &mut append, Some(&loaded), id, actor.person, recorded).await?;
        add_attachments(&mut append, id, version + 2, attachments);
        let done =
            Done { case: id, events, lifecycle: folded.lifecycle(), advisory: None, findings: Vec::new() };
        if let Some(key) = key {
            append.idempotency = Some(Idempotency {
                scope: scope.to_owned(),
                key: key.as_str().to_owned(),
                request: digest,
                response: serde_json::to_vec(&done).unwrap_or_default(),
            });
        }
        match self.store().append(append).await.map_err(store)? {
            Appended::Stored(_) => Ok(done),
            Appended::Replayed(answer) => act::replay(&answer),
        }
    }
}

fn replay(answer: &[u8]) -> Result<Submitted, UseCaseError> {
    serde_json::from_slice(answer).map_err(|error| {
        UseCaseError::Corrupt(format!("a stored answer cannot be read: {}", unreadable(&error)))
    })
}

/// Attachments are sealed objects of their own: a case page need not open them.
pub(crate) fn without_attachments(mut draft: ReportDraft) -> (ReportDraft, Vec<Vec<u8>>) {
    let mut bytes = Vec::new();
    for attachment in &mut draft.attachments {
        bytes.push(std::mem::take(&mut attachment.bytes));
    }
    (draft, bytes)
}
