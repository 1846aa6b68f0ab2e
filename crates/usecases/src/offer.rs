//! What somebody could do in a case now: the steps that `authorize` allows, each with why it is not possible yet.
//!
//! Whether a step is possible is asked of the desk itself, with values that would pass: what it refuses then is not
//! the values but the moment, the role or the person.

use bastide_authz::{Actor, Object, Tier, authorize};
use bastide_desk::{
    case::{Cited, Command, Notice, PublicFact, Refusal, RefusalKind, Reproduction, Seat, decide},
    project::Eligibility,
    threat::{Outcome, Ruling},
};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, Id, PersonId},
    time::Span,
};

use crate::{Desk, UseCaseError, desk::Loaded, step::StepKind};

/// A step that somebody could take, or could take later.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The step.
    pub kind: &'static StepKind,
    /// Why not now; nothing when it is possible.
    pub not_now: Option<Refusal>,
    /// Whether the person is asked to confirm afresh that it is they.
    pub needs_step_up: bool,
}

/// Every step that `actor` may take in this case by role, possible ones and others.
pub(crate) fn offers(desk: &Desk, actor: &Actor, loaded: &Loaded) -> Vec<Offer> {
    let confirmed = Actor { stepped_up: true, ..actor.clone() };
    StepKind::ALL.iter().filter_map(|kind| one(desk, actor, &confirmed, loaded, kind)).collect()
}

fn one(
    desk: &Desk,
    actor: &Actor,
    confirmed: &Actor,
    loaded: &Loaded,
    kind: &'static StepKind,
) -> Option<Offer> {
    let now = desk.now();
    let object = Object::Case(&loaded.object);
    authorize(confirmed, kind.action, object, now).permit()?;
    if kind.name == "leave" && !holds_a_seat(actor, loaded) {
        return None;
    }
    let needs_step_up = authorize(actor, kind.action, object, now).permit().is_none();
    let acting = desk.case_actor(actor, Some(&loaded.case));
    let refusal = probes(kind.name, loaded, desk)
        .iter()
        .map(|command| decide(Some(&loaded.case), loaded.case.id, command, acting, now).err())
        .reduce(|first, second| if first.is_none() { first } else { second })
        .flatten();
    match refusal {
        // Another role's step is not offered at all.
        Some(refusal) if refusal.kind == RefusalKind::NotYourRole => None,
        Some(refusal) if refusal.kind == RefusalKind::Invalid => {
            Some(Offer { kind, not_now: None, needs_step_up })
        }
        not_now => Some(Offer { kind, not_now, needs_step_up }),
    }
}

impl Desk {
    /// What the actor could do of one kind of step in a case: now, later and why, or not at all.
    pub async fn offer(
        &self,
        actor: &Actor,
        case: CaseId,
        kind: &'static StepKind,
    ) -> Result<Option<Offer>, UseCaseError> {
        let loaded = self.load(case).await?;
        let confirmed = Actor { stepped_up: true, ..actor.clone() };
        self.permit(&confirmed, kind.action, Object::Case(&loaded.object))?;
        Ok(one(self, actor, &confirmed, &loaded, kind))
    }
}

/// Whether there is a seat that the actor could give back; a reporter's place is none.
fn holds_a_seat(actor: &Actor, loaded: &Loaded) -> bool {
    let member = actor.person.and_then(|person| loaded.case.members.get(&person));
    member.is_some_and(|member| !member.roles.is_empty() || !member.invited.is_empty())
}

/// Commands of this kind with values that pass; several where one value decides (a project, a notice).
fn probes(name: &str, loaded: &Loaded, desk: &Desk) -> Vec<Command> {
    let case = &loaded.case;
    let words = || "x".to_owned();
    let now = desk.now();
    let vulnerabilities: Vec<_> = case.vulnerabilities.keys().copied().collect();
    let projects: Vec<_> = case.projects.keys().cloned().collect();
    let stranger: PersonId = Id::from_bytes([0xff; 16]);
    let per_project = |make: &dyn Fn(bastide_model::party::ProjectName) -> Command| {
        projects.iter().cloned().map(make).collect::<Vec<_>>()
    };
    let vulnerable = |make: &dyn Fn(bastide_model::id::VulnerabilityId) -> Command| {
        let mut ids = vulnerabilities.clone();
        if ids.is_empty() {
            ids.push(Id::from_bytes([0xfe; 16]));
        }
        ids.into_iter().map(make).collect::<Vec<_>>()
    };
    let message = Id::from_bytes([0xfd; 16]);
    match name {
        "take" => vec![Command::TakeCoordination],
        "release-hold" => vec![Command::ReleaseHold { proposal: Id::from_bytes([0xfc; 16]) }],
        "take-back" => vec![Command::TakeBack],
        "acknowledge" => vec![Command::Acknowledge { text: words(), message }],
        "message" => {
            vec![Command::Write { message, tier: Tier::TeamAndReporter, asks_reporter: false, text: words() }]
        }
        "triage" => vec![
            triage(Outcome::Declined, Some(Ruling::OutOfScope), message),
            triage(Outcome::Noise, None, message),
        ],
        "consent-upstream" => vec![Command::ConsentUpstream { given: true }],
        "accept" => vec![Command::Accept { vulnerability: Id::from_bytes([0xfb; 16]) }],
        "add-project" => {
            "another-project".parse().map(|project| Command::AddProject { project }).into_iter().collect()
        }
        "invite" => vec![Command::Invite { person: stranger, seat: Seat::Developer }],
        "answer-invitation" => vec![Command::AnswerInvitation { accept: true }],
        "propose-embargo" => vec![Command::ProposeEmbargo {
            proposal: Id::from_bytes([0xfa; 16]),
            end: now + Span::days(i64::from(case.terms.embargo.minimum_days.max(1)) + 1),
            justification: Some(words()),
        }],
        "decide-embargo" => vec![Command::DecideEmbargo { accept: true }],
        "end-embargo" => vec![Command::EndEmbargo { reason: words() }],
        "public-fact" => [PublicFact::Public, PublicFact::Exploit, PublicFact::Attacks]
            .map(|fact| Command::RecordPublicFact { fact, evidence: words() })
            .to_vec(),
        "replicate" => per_project(&|project| Command::Replicate {
            project,
            result: Reproduction::Confirmed,
            note: words(),
        }),
        "add-vulnerability" => vec![Command::AddVulnerability { vulnerability: Id::from_bytes([0xf9; 16]) }],
        "cve-request" => vulnerable(&|vulnerability| Command::RequestCve {
            vulnerability,
            eligibility: Eligibility::Eligible { versions: Vec::new() },
        }),
        "cve-reserve" => vulnerable(&|vulnerability| Command::ReserveCve {
            vulnerability,
            number: "CVE-2000-0000".to_owned(),
        }),
        "cve-uncertain" => vulnerable(&|vulnerability| Command::CveUncertain { vulnerability }),
        "cve-reconcile" => vulnerable(&|vulnerability| Command::ReconcileCve { vulnerability, number: None }),
        "cve-reject" => vulnerable(&|vulnerability| Command::RejectCve { vulnerability, reason: words() }),
        "cve-exempt" => vulnerable(&|vulnerability| Command::ExemptCve { vulnerability, reason: words() }),
        "cve-published" => vulnerable(&|vulnerability| Command::ConfirmCvePublished { vulnerability }),
        "fix-start" => per_project(&|project| Command::StartFix { project, reference: words() }),
        "fix-agree" => per_project(&|project| Command::AgreeFix { project }),
        "fix-test" => per_project(&|project| Command::RecordManualTest { project, note: words() }),
        "fix-merge" => per_project(&|project| Command::MergeFix { project, reference: words() }),
        "fix-release" => per_project(&|project| Command::ReleaseFix { project, version: words() }),
        "deployed" => per_project(&|project| Command::ReportDeployed { project }),
        "propose-dates" => vec![Command::ProposeDates {
            release: now,
            announcement: now,
            short_notice_reason: Some(words()),
        }],
        "confirm-dates" => vec![Command::ConfirmDates],
        "post-notice" => vec![Command::PostNotice { text: words() }],
        "notify" => [Notice::CveNumber, Notice::Dates, Notice::Releases]
            .map(|notice| Command::NotifyReporter { notice, text: words() })
            .to_vec(),
        "draft-advisory" => vec![Command::DraftAdvisory {
            record: serde_json::Value::Null,
            digest: Sha256Digest([0; 32]),
            withdraws: false,
            severity: None,
            change: Some(words()),
        }],
        "submit-for-review" => vec![Command::SubmitForReview],
        "request-changes" => vec![Command::RequestChanges { text: words() }],
        "approve" => {
            vec![Command::ApproveAdvisory { digest: case.advisory.digest.unwrap_or(Sha256Digest([0; 32])) }]
        }
        "publish" => vec![Command::PublishAdvisory { advisory: Id::from_bytes([0xf8; 16]) }],
        "postpone-disclosure" => {
            vec![Command::PostponeDisclosure { until: case.received + Span::days(365), reason: words() }]
        }
        "close" => vec![Command::Close],
        // `leave` is possible for whoever holds a seat.
        _ => Vec::new(),
    }
}

fn triage(outcome: Outcome, ruling: Option<Ruling>, message: bastide_model::id::MessageId) -> Command {
    Command::Triage {
        outcome,
        clause: ruling.map(|ruling| Cited { id: "x".to_owned(), ruling }),
        reasoning: "x".to_owned(),
        duplicate_of: None,
        destination: None,
        cleaned_text: None,
        message,
    }
}
