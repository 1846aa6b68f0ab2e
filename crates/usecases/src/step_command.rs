//! A step as a door sends it, made into the desk's command: fresh ids, the clause's ruling, what the versions allow.

use bastide_authz::{Action, Actor, Permit};
use bastide_desk::{
    case::{Case, Cited, ClosingReason, Command, Content, Event},
    project::Eligibility,
    threat::ThreatModel,
};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, VulnerabilityId},
    party::ProjectName,
};

use crate::{Desk, UseCaseError, desk::Loaded, draft::check_numbers, publication, step::Step};

impl Desk {
    /// The command that a step means in this case.
    pub(crate) async fn command(
        &self,
        step: &Step,
        loaded: &Loaded,
        actor: &Actor,
        permit: &Permit,
    ) -> Result<Command, UseCaseError> {
        let project = |given: &Option<ProjectName>| only_project(loaded, given.as_ref());
        let vulnerability = |given: &Option<VulnerabilityId>| only_vulnerability(loaded, *given);
        Ok(match step {
            Step::ReleaseHold => Command::ReleaseHold { proposal: self.fresh() },
            Step::TakeBack => Command::TakeBack,
            Step::Take => Command::TakeCoordination,
            Step::Leave { person, seat } => {
                let person = person.or(actor.person).ok_or(UseCaseError::NotSignedIn)?;
                Command::Leave { person, seat: *seat }
            }
            Step::Acknowledge { text } => Command::Acknowledge { text: text.clone(), message: self.fresh() },
            Step::Message { tier, text, asks_reporter } => Command::Write {
                message: self.fresh(),
                tier: *tier,
                asks_reporter: *asks_reporter,
                text: text.clone(),
            },
            Step::Triage { outcome, clause, reasoning, duplicate_of, destination, cleaned_text } => {
                let clause = match clause {
                    Some(clause) => Some(self.cited(loaded, clause).await?),
                    None => None,
                };
                if let Some(of) = duplicate_of {
                    let (original, _) =
                        self.open_case(actor, *of, Action::ReadCase).await.map_err(|_| unknown_case(*of))?;
                    handled(&original.case)?;
                }
                if let Some(destination) = destination {
                    self.project(destination).await.map_err(|_| unknown_project(destination))?;
                }
                Command::Triage {
                    outcome: *outcome,
                    clause,
                    reasoning: reasoning.clone(),
                    duplicate_of: *duplicate_of,
                    destination: destination.clone(),
                    cleaned_text: cleaned_text.clone(),
                    message: self.fresh(),
                }
            }
            Step::ConsentUpstream { given } => Command::ConsentUpstream { given: *given },
            Step::Accept => Command::Accept { vulnerability: self.fresh() },
            Step::AddProject { project } => {
                self.project(project).await.map_err(|_| unknown_project(project))?;
                Command::AddProject { project: project.clone() }
            }
            Step::Invite { person, seat } => {
                if self.person(*person).await?.is_none() {
                    return Err(UseCaseError::invalid(
                        "person",
                        "this person is not in the directory",
                        "Ask the programme's administrator to add them.",
                    ));
                }
                Command::Invite { person: *person, seat: *seat }
            }
            Step::AnswerInvitation { accept } => Command::AnswerInvitation { accept: *accept },
            Step::ProposeEmbargo { end, justification } => Command::ProposeEmbargo {
                proposal: self.fresh(),
                end: *end,
                justification: justification.clone(),
            },
            Step::DecideEmbargo { accept } => Command::DecideEmbargo { accept: *accept },
            Step::EndEmbargo { reason } => Command::EndEmbargo { reason: reason.clone() },
            Step::PublicFact { fact, evidence } => {
                Command::RecordPublicFact { fact: *fact, evidence: evidence.clone() }
            }
            Step::Replicate { project: given, result, note } => {
                Command::Replicate { project: project(given)?, result: *result, note: note.clone() }
            }
            Step::AddVulnerability => Command::AddVulnerability { vulnerability: self.fresh() },
            Step::CveRequest { vulnerability: given } => Command::RequestCve {
                vulnerability: vulnerability(given)?,
                eligibility: self.eligibility(loaded, permit).await?,
            },
            Step::CveReserve { vulnerability: given, number } => {
                Command::ReserveCve { vulnerability: vulnerability(given)?, number: number.trim().to_owned() }
            }
            Step::CveUncertain { vulnerability: given } => {
                Command::CveUncertain { vulnerability: vulnerability(given)? }
            }
            Step::CveReconcile { vulnerability: given, number } => Command::ReconcileCve {
                vulnerability: vulnerability(given)?,
                number: number.as_ref().map(|number| number.trim().to_owned()),
            },
            Step::CveReject { vulnerability: given, reason } => {
                Command::RejectCve { vulnerability: vulnerability(given)?, reason: reason.clone() }
            }
            Step::CveExempt { vulnerability: given, reason } => {
                Command::ExemptCve { vulnerability: vulnerability(given)?, reason: reason.clone() }
            }
            Step::CvePublished { vulnerability: given } => {
                Command::ConfirmCvePublished { vulnerability: vulnerability(given)? }
            }
            Step::FixStart { project: given, reference } => {
                Command::StartFix { project: project(given)?, reference: reference.clone() }
            }
            Step::FixAgree { project: given } => Command::AgreeFix { project: project(given)? },
            Step::FixTest { project: given, note } => {
                Command::RecordManualTest { project: project(given)?, note: note.clone() }
            }
            Step::FixMerge { project: given, reference } => {
                Command::MergeFix { project: project(given)?, reference: reference.clone() }
            }
            Step::FixRelease { project: given, version, .. } => {
                Command::ReleaseFix { project: project(given)?, version: version.clone() }
            }
            Step::Deployed { project: given } => Command::ReportDeployed { project: project(given)? },
            Step::ProposeDates { release, announcement, short_notice_reason } => Command::ProposeDates {
                release: *release,
                announcement: *announcement,
                short_notice_reason: short_notice_reason.clone(),
            },
            Step::ConfirmDates => Command::ConfirmDates,
            Step::PostNotice { text } => Command::PostNotice { text: text.clone() },
            Step::DraftAdvisory { record, withdraws, change } => {
                let draft = self.read_draft(record, loaded).await?;
                check_numbers(loaded, &draft)?;
                publication::check_draft(self, loaded, &draft, *withdraws).await?;
                let severity = draft.severity().map(bastide_model::severity::Severity::rating);
                let record = serde_json::to_value(&draft).unwrap_or_default();
                let bytes = serde_json::to_vec(&record).unwrap_or_default();
                Command::DraftAdvisory {
                    digest: Sha256Digest::of(&bytes),
                    record,
                    severity,
                    withdraws: *withdraws,
                    change: change.clone(),
                }
            }
            Step::SubmitForReview => Command::SubmitForReview,
            Step::RequestChanges { text } => Command::RequestChanges { text: text.clone() },
            Step::Approve { digest } => Command::ApproveAdvisory { digest: *digest },
            Step::Publish => Command::PublishAdvisory { advisory: self.fresh() },
            Step::Notify { notice, text } => Command::NotifyReporter { notice: *notice, text: text.clone() },
            Step::PostponeDisclosure { until, reason } => {
                Command::PostponeDisclosure { until: *until, reason: reason.clone() }
            }
            Step::Close => Command::Close,
        })
    }

    /// A clause of the threat model that the case froze at intake.
    async fn cited(&self, loaded: &Loaded, id: &str) -> Result<Cited, UseCaseError> {
        let model: ThreatModel = self.snapshot(&loaded.case.threat_model).await?;
        if let Some(clause) = model.clause(id) {
            return Ok(Cited { id: clause.id.to_string(), ruling: clause.ruling });
        }
        let ids: Vec<&str> = model.clauses.iter().map(|clause| clause.id.as_str()).collect();
        Err(UseCaseError::invalid(
            "clause",
            format!("the threat model `{}` has no clause `{id}`", model.name),
            format!("Name one of: {}.", ids.join(", ")),
        ))
    }

    /// Whether the versions that the report calls vulnerable can have a CVE number today (P10, P11).
    async fn eligibility(&self, loaded: &Loaded, permit: &Permit) -> Result<Eligibility, UseCaseError> {
        let facts = self.project(&loaded.case.project).await?;
        let Some(product) = facts.product() else {
            return Ok(Eligibility::Unknown {
                reason: "the project's version lines are not known".to_owned(),
            });
        };
        let report = loaded
            .events
            .iter()
            .rev()
            .find(|loaded| matches!(loaded.event, Event::ReportSubmitted { .. } | Event::ReportRevised));
        let content = report.and_then(|loaded| loaded.content());
        match content.as_ref().and_then(|content| content.open(permit).ok()) {
            Some(Content::Report(report)) => {
                Ok(product.cve_eligibility(&report.draft.vulnerable_versions(), self.now()))
            }
            _ => Ok(Eligibility::Unknown { reason: "the report's contents were erased".to_owned() }),
        }
    }
}

fn unknown_case(case: CaseId) -> UseCaseError {
    UseCaseError::invalid(
        "duplicate-of",
        format!("there is no case {case} that you may read"),
        "Look at the inbox for the case that handles it.",
    )
}

/// Refuses to call something a duplicate of a case that nobody handles: it is closed and nothing of it was published.
/// So no circle comes about: a case that was closed as a duplicate is named by no other.
fn handled(original: &Case) -> Result<(), UseCaseError> {
    let Some((_, reason)) = &original.closed else { return Ok(()) };
    if original.advisory.published.is_some() {
        return Ok(());
    }
    let remedy = match reason {
        ClosingReason::Duplicate { of } => format!("It is itself a duplicate of {of}: name that case."),
        _ => "Name a case that is open or whose advisory is out, or judge this report on its own.".to_owned(),
    };
    Err(UseCaseError::invalid("duplicate-of", "this case is closed, and nothing of it was published", remedy))
}

fn unknown_project(project: &ProjectName) -> UseCaseError {
    UseCaseError::invalid(
        "project",
        format!("`{project}` is no project of this programme"),
        "Look at the programme's page for its projects.",
    )
}

fn only_project(loaded: &Loaded, given: Option<&ProjectName>) -> Result<ProjectName, UseCaseError> {
    let mut names = loaded.case.projects.keys();
    match (given, names.next(), names.next()) {
        (Some(given), ..) => Ok(given.clone()),
        (None, Some(only), None) => Ok(only.clone()),
        _ => Err(UseCaseError::invalid("project", "the case concerns several projects", "Name one of them.")),
    }
}

fn only_vulnerability(
    loaded: &Loaded,
    given: Option<VulnerabilityId>,
) -> Result<VulnerabilityId, UseCaseError> {
    let mut ids = loaded.case.vulnerabilities.keys();
    match (given, ids.next(), ids.next()) {
        (Some(given), ..) => Ok(given),
        (None, Some(only), None) => Ok(*only),
        (None, None, _) => Err(UseCaseError::invalid(
            "vulnerability",
            "the case holds no vulnerability yet",
            "Accept the report first.",
        )),
        _ => Err(UseCaseError::invalid("vulnerability", "the case holds several", "Name one of them.")),
    }
}
