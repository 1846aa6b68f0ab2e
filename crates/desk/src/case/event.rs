//! What happened in a case: the plain headers that fold.

use bastide_authz::{Role, Tier};
use bastide_model::{
    digest::Sha256Digest,
    id::{AdvisoryId, CaseId, MessageId, PersonId, ProposalId, ReportId, VulnerabilityId},
    party::ProjectName,
    severity::Rating,
    time::Instant,
};
use serde::{Deserialize, Serialize};

use super::{DeadlineKind, Party, Terms};
use crate::{
    machine::{advisory, cve, fix, intake, pec, pxa, rm, vfd},
    policy::Disposition,
    threat::Outcome,
};

/// How a report came in (S04: the origin of a third-party channel is kept with the content).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The form on the project's page.
    Form,
    /// The JSON API or the command line.
    Api,
    /// A mail (J01).
    Mail,
    /// Another coordination service, such as Tidelift (S04).
    Bridge,
}

/// What the reporter was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// The automatic receipt; it does not stop the three-day clock.
    Receipt,
    /// That the report was not accepted, and why (J14).
    NotAccepted,
    /// The CVE number (J22).
    CveNumber,
    /// The release and announcement dates.
    Dates,
    /// The releases and the advisory (J29).
    Releases,
}

/// Why a case was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum ClosingReason {
    /// The advisory is out and the reporter was told (J30).
    Published,
    /// The advisory was withdrawn.
    Withdrawn,
    /// Not a vulnerability of this project (J14).
    NotAccepted,
    /// No potential vulnerability (P26).
    Noise,
    /// The reporter is rejected on arrival (P01).
    RejectedOnArrival,
    /// Another case handles it.
    Duplicate {
        /// Which one.
        of: CaseId,
    },
    /// The reporter took it back or stopped answering.
    Abandoned,
}

/// One thing that happened. Everything that could identify the vulnerability stands in the content beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "the one large event begins a case and is there once")]
pub enum Event {
    /// A report was sent; the case begins. Content: the report.
    ReportSubmitted {
        /// The report's id.
        report: ReportId,
        /// The project that it was sent to.
        project: ProjectName,
        /// The process parameters, frozen.
        terms: Box<Terms>,
        /// The policy that they come from.
        policy: Sha256Digest,
        /// The threat model that it is judged by.
        threat_model: Sha256Digest,
        /// How it came in.
        channel: Channel,
        /// Who sent it, when signed in.
        reporter: Option<PersonId>,
        /// The end of the embargo that the reporter asks for; it counts once the report is let in.
        #[serde(default)]
        embargo_wish: Option<Instant>,
    },
    /// The reporter sent a better version. Content: the report.
    ReportRevised,
    /// The lint judged the report. Content: the findings.
    LintFound {
        /// What the policy says to do about them.
        disposition: Disposition,
        /// The rules that failed.
        rules: Vec<String>,
    },
    /// The report moved through intake.
    IntakeChanged {
        /// How.
        trigger: intake::Trigger,
    },
    /// A person answered the reporter (J04, J11).
    Acknowledged {
        /// Who.
        by: PersonId,
    },
    /// Somebody wrote. Content: the text.
    MessageSent {
        /// The message's id.
        message: MessageId,
        /// Whom it is for; fixed.
        tier: Tier,
        /// Whether it asks the reporter for more (J13, J18).
        asks_reporter: bool,
    },
    /// Somebody took a role, or was given one by the policy's timer.
    RoleTaken {
        /// Who.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// Somebody gave a role back or lost it.
    RoleLeft {
        /// Who.
        person: PersonId,
        /// Which.
        role: Role,
    },
    /// Somebody was invited; they see no content before they consent (VP-08-006).
    ParticipantInvited {
        /// Who.
        person: PersonId,
        /// For which role.
        role: Role,
    },
    /// A participant's consent to the embargo changed; no person means the reporter by link.
    ConsentChanged {
        /// Whose.
        person: Option<PersonId>,
        /// How.
        trigger: pec::Trigger,
    },
    /// A person judged the report. Content: the reasoning.
    Triaged {
        /// The outcome.
        outcome: Outcome,
        /// The clause of the threat model that it cites.
        clause: Option<String>,
        /// Who.
        by: PersonId,
        /// The case that it duplicates, when it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duplicate_of: Option<CaseId>,
    },
    /// A person cleaned the report into the text of a public issue (P12, P29). Content: the text.
    IssueTextWritten,
    /// The reporter agreed, or not, that the report goes to the dependency's maintainers (P09).
    UpstreamConsent {
        /// Whether they agreed.
        given: bool,
    },
    /// A party's report management moved.
    RmChanged {
        /// Whose.
        party: Party,
        /// How.
        trigger: rm::Trigger,
    },
    /// Another project is affected and takes part (O03, J15).
    ProjectAdded {
        /// Which.
        project: ProjectName,
    },
    /// A project's developer tried to reproduce it (J18). Content: what they saw.
    Replicated {
        /// For which project.
        project: ProjectName,
        /// Whether it could be reproduced.
        reproduced: bool,
        /// Who.
        by: PersonId,
    },
    /// A project's fix path moved.
    VfdChanged {
        /// Whose.
        project: ProjectName,
        /// How.
        trigger: vfd::Trigger,
    },
    /// An embargo was proposed, or a change of it. Content: the justification, if one was needed.
    EmbargoProposed {
        /// The proposal's id.
        proposal: ProposalId,
        /// When it would end.
        end: Instant,
        /// Who proposed it; nobody means the reporter by link or the policy's default.
        by: Option<PersonId>,
    },
    /// A proposal was accepted: the embargo is active until its end.
    EmbargoAccepted {
        /// Which.
        proposal: ProposalId,
    },
    /// A proposal was rejected; an earlier embargo stays.
    EmbargoRejected {
        /// Which.
        proposal: ProposalId,
    },
    /// The embargo is over.
    EmbargoTerminated,
    /// A participant says that something became public, or that an attack was seen; nothing follows from it until a
    /// coordinator has looked and records it. Content: what and where.
    PublicFactAsserted {
        /// What.
        trigger: pxa::Trigger,
        /// Who; nobody means the reporter by link.
        by: Option<PersonId>,
    },
    /// A coordinator found that something became public, or that an attack was seen. Content: what and where.
    PublicFactRecorded {
        /// What.
        trigger: pxa::Trigger,
    },
    /// The case holds one more vulnerability.
    VulnerabilityAdded {
        /// Its id.
        vulnerability: VulnerabilityId,
    },
    /// A CVE number's state moved. Content: the number, when it became known.
    CveChanged {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
        /// How.
        trigger: cve::Trigger,
    },
    /// No CVE number will be asked for. Content: why (P11, P12, P14).
    CveExempted {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
    },
    /// A project's fix moved. Content: where it is, or what was tested.
    FixChanged {
        /// Whose.
        project: ProjectName,
        /// How.
        trigger: fix::Trigger,
        /// Who.
        by: PersonId,
    },
    /// Dates were proposed by one of the two roles (J24). Content: the reason for a short notice.
    DatesProposed {
        /// When the fix is released.
        release: Instant,
        /// When the advisory is announced.
        announcement: Instant,
        /// Who.
        by: PersonId,
        /// As what: coordinator or developer.
        role: Role,
    },
    /// The other role agreed to the dates (J24).
    DatesConfirmed {
        /// Who.
        by: PersonId,
    },
    /// Both dates were posted to the security mailing list (J25). Content: the text as posted.
    NoticePosted {
        /// Who.
        by: PersonId,
    },
    /// A version of the draft advisory was written. Content: the record.
    AdvisoryDrafted {
        /// Its number, from 1.
        version: u32,
        /// The digest of its canonical bytes.
        digest: Sha256Digest,
        /// Whether this version withdraws the published advisory.
        withdraws: bool,
        /// How severe the team finds it (P20: only the desk says so).
        severity: Option<Rating>,
        /// Who.
        by: PersonId,
    },
    /// The advisory's state moved without a new version.
    AdvisoryChanged {
        /// How.
        trigger: advisory::Trigger,
        /// Who; nobody means the clock.
        by: Option<PersonId>,
    },
    /// A second person approved this version.
    AdvisoryApproved {
        /// Which version.
        version: u32,
        /// Its digest, so that what is published is what was approved.
        digest: Sha256Digest,
        /// Who.
        by: PersonId,
    },
    /// The advisory went out.
    AdvisoryPublished {
        /// Its public id.
        advisory: AdvisoryId,
        /// Which version.
        version: u32,
        /// Its digest.
        digest: Sha256Digest,
        /// Whether it is withdrawn with this version.
        withdrawn: bool,
    },
    /// The reporter answered what the team had asked.
    ReporterAnswered,
    /// The reporter keeps the report under an account.
    ReporterAccountKept {
        /// The account.
        person: PersonId,
    },
    /// The reporter ended the secret link; their account opens the report.
    ReporterLinkEnded,
    /// The reporter has a new secret link, and the old one ended.
    ReporterLinkReplaced,
    /// The reporter was told something. Content: the text.
    ReporterNotified {
        /// What.
        notice: Notice,
    },
    /// Disclosure was put off by a recorded decision (J06). Content: the reason.
    DisclosurePostponed {
        /// The new deadline.
        until: Instant,
        /// Who.
        by: PersonId,
    },
    /// Something is due from now on, or its date moved.
    DeadlineSet {
        /// What.
        kind: DeadlineKind,
        /// When.
        due: Instant,
    },
    /// Something is no longer due.
    DeadlineMet {
        /// What.
        kind: DeadlineKind,
    },
    /// Something was not done in time.
    DeadlineBreached {
        /// What.
        kind: DeadlineKind,
    },
    /// The owner was reminded before a deadline.
    Reminded {
        /// Of what.
        kind: DeadlineKind,
        /// How many days before.
        days: u32,
    },
    /// Nothing approved could be published at the deadline: the programme's administrators are called, every day.
    Escalated {
        /// Which deadline.
        kind: DeadlineKind,
    },
    /// The case is over (J30).
    CaseClosed {
        /// Why.
        reason: ClosingReason,
    },
}

impl Event {
    /// The event's name in the ledger and in JSON.
    pub fn name(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(fields)) => {
                fields.get("event").and_then(|name| name.as_str()).unwrap_or("unnamed").to_owned()
            }
            _ => "unnamed".to_owned(),
        }
    }
}
