//! What somebody wants to do in a case.

use bastide_authz::{Role, Tier};
use bastide_model::{
    digest::Sha256Digest,
    finding::Finding,
    id::{AdvisoryId, CaseId, MessageId, PersonId, ProposalId, ReportId, VulnerabilityId},
    party::ProjectName,
    severity::Rating,
    time::Instant,
};
use serde::{Deserialize, Serialize};

use super::{Channel, Notice, ReportContent, Terms};
use crate::{
    machine::conduct,
    policy::Disposition,
    project::Eligibility,
    threat::{Outcome, Ruling},
};

/// Who acts, as the case needs to know it. Whether they may was asked of `authorize` before; the case asks again by
/// role, because each step belongs to one (J10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// Who.
        id: PersonId,
        /// Whether they coordinate for one of the case's projects or the programme, and so may take this case.
        may_coordinate: bool,
    },
    /// The holder of the reporter's secret link.
    ReporterLink,
    /// The clock: fires what is due.
    Clock,
}

impl Actor {
    /// The person, if one acts.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } => Some(id),
            Self::ReporterLink | Self::Clock => None,
        }
    }
}

/// Everything that a report's arrival brings along.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// The fresh id of the report.
    pub report: ReportId,
    /// The project that it was sent to.
    pub project: ProjectName,
    /// The project's process parameters, to be frozen.
    pub terms: Terms,
    /// The digest of the policy that they come from.
    pub policy: Sha256Digest,
    /// The digest of the threat model.
    pub threat_model: Sha256Digest,
    /// How it came in.
    pub channel: Channel,
    /// The report.
    pub content: ReportContent,
    /// What the lint found.
    pub findings: Vec<Finding>,
    /// What the policy says to do about that.
    pub disposition: Disposition,
    /// The reporter's standing (P01).
    pub conduct: conduct::State,
    /// The end of the embargo that the reporter asks for, if any.
    pub embargo_end: Option<Instant>,
    /// A fresh id for the embargo proposal.
    pub proposal: ProposalId,
}

/// A seat in a case that somebody can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seat {
    /// Works on the fix.
    Developer,
    /// Carries the case.
    Coordinator,
    /// Watches, deploys, distributes.
    Observer,
    /// Reserves CVE numbers.
    Cna,
}

impl Seat {
    /// The role that the seat gives.
    pub fn role(self) -> Role {
        match self {
            Self::Developer => Role::Developer,
            Self::Coordinator => Role::Coordinator,
            Self::Observer => Role::Observer,
            Self::Cna => Role::Cna,
        }
    }
}

/// The clause that a decision rests on, with its ruling: a decision against the clause it cites would be one without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// The clause's id.
    pub id: String,
    /// What it rules.
    pub ruling: Ruling,
}

/// What a developer found when trying to reproduce (J18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reproduction {
    /// It can be reproduced and will be worked on.
    Confirmed,
    /// It can be reproduced; work is put off.
    Deferred,
    /// It cannot be reproduced.
    NotReproduced,
}

/// Something that happened outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublicFact {
    /// The vulnerability is known in public.
    Public,
    /// An exploit is public.
    Exploit,
    /// Attacks were seen.
    Attacks,
}

/// A command: one step that one person (or the clock) takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A report arrives.
    Submit(Box<Intake>),
    /// The reporter mends a held report.
    Amend {
        /// The better report.
        content: Box<ReportContent>,
        /// What the lint says of it.
        findings: Vec<Finding>,
        /// What the policy says to do about that.
        disposition: Disposition,
        /// A fresh id for the embargo proposal, should the report now be let in.
        proposal: ProposalId,
    },
    /// A coordinator lets a held report in.
    ReleaseHold {
        /// A fresh id for the embargo proposal.
        proposal: ProposalId,
    },
    /// The reporter, by the secret link, keeps the report under an account of theirs.
    KeepUnderAccount {
        /// The account.
        person: PersonId,
    },
    /// The reporter, by their account, ends the secret link: from then on only the account opens the report.
    EndReporterLink,
    /// The reporter, by their account, gets a new secret link; the old one ends.
    ReplaceReporterLink,
    /// The reporter takes the report back.
    TakeBack,
    /// A coordinator takes the case.
    TakeCoordination,
    /// Somebody gives a seat back, or a coordinator takes it from them.
    Leave {
        /// Whose.
        person: PersonId,
        /// Which.
        seat: Seat,
    },
    /// A coordinator answers the reporter for the first time (J11).
    Acknowledge {
        /// The answer.
        text: String,
        /// A fresh id for it.
        message: MessageId,
    },
    /// Somebody writes.
    Write {
        /// A fresh id.
        message: MessageId,
        /// Whom it is for.
        tier: Tier,
        /// Whether it asks the reporter for more (J13, J18).
        asks_reporter: bool,
        /// The text.
        text: String,
    },
    /// A coordinator judges the report (J13, P29).
    Triage {
        /// The outcome; what it must bring along is `Outcome::needs`.
        outcome: Outcome,
        /// The clause that it cites.
        clause: Option<Cited>,
        /// The reasoning; goes to the reporter when the report is not accepted (J14).
        reasoning: String,
        /// The other case, for a duplicate.
        duplicate_of: Option<CaseId>,
        /// The project of the programme that takes over, for another project's matter.
        destination: Option<ProjectName>,
        /// The text of the public issue, cleaned by a person, for a bug.
        cleaned_text: Option<String>,
        /// A fresh id for the message that asks the reporter.
        message: MessageId,
    },
    /// The reporter answers whether the report may be passed on (P09).
    ConsentUpstream {
        /// Yes or no.
        given: bool,
    },
    /// A coordinator accepts a valid report: drafts begin (J15).
    Accept {
        /// A fresh id for the first vulnerability.
        vulnerability: VulnerabilityId,
    },
    /// A coordinator brings in another affected project (O03).
    AddProject {
        /// Which.
        project: ProjectName,
    },
    /// A coordinator invites somebody (J17).
    Invite {
        /// Who.
        person: PersonId,
        /// To what.
        seat: Seat,
    },
    /// Somebody answers their invitation: consents to the embargo, or declines.
    AnswerInvitation {
        /// Yes or no.
        accept: bool,
    },
    /// Somebody proposes an embargo, or to move its end.
    ProposeEmbargo {
        /// A fresh id.
        proposal: ProposalId,
        /// When it should end.
        end: Instant,
        /// Why so long, where the policy wants a reason.
        justification: Option<String>,
    },
    /// Somebody other than the proposer decides about the open proposal.
    DecideEmbargo {
        /// Yes or no.
        accept: bool,
    },
    /// A coordinator ends the embargo early.
    EndEmbargo {
        /// Why.
        reason: String,
    },
    /// A coordinator records what happened outside; anybody else of the case says so, and the coordinators look.
    RecordPublicFact {
        /// What.
        fact: PublicFact,
        /// Where it was seen.
        evidence: String,
    },
    /// A developer says whether it can be reproduced (J18).
    Replicate {
        /// For which project.
        project: ProjectName,
        /// The result.
        result: Reproduction,
        /// What they saw.
        note: String,
    },
    /// One more vulnerability turns up in the case.
    AddVulnerability {
        /// A fresh id.
        vulnerability: VulnerabilityId,
    },
    /// A developer or coordinator asks for a CVE number (J19).
    RequestCve {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
        /// Whether the affected versions can have one (P10, P11).
        eligibility: Eligibility,
    },
    /// The number has come (J19).
    ReserveCve {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
        /// The number.
        number: String,
    },
    /// It is unknown whether the number was reserved: the call's answer was lost.
    CveUncertain {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
    },
    /// The CNA's list was read: this is what it says.
    ReconcileCve {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
        /// The number that it holds, if any.
        number: Option<String>,
    },
    /// The CNA refused a number.
    RejectCve {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
        /// Why.
        reason: String,
    },
    /// No number will be asked for.
    ExemptCve {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
        /// Why.
        reason: String,
    },
    /// The published record stands at the CNA (J28).
    ConfirmCvePublished {
        /// For which vulnerability.
        vulnerability: VulnerabilityId,
    },
    /// A coordinator tells the reporter the CVE number (J22).
    TellReporterCve {
        /// The message with the number.
        text: String,
    },
    /// A developer starts a fix in a private fork (J20, J32).
    StartFix {
        /// For which project.
        project: ProjectName,
        /// The private fork or pull request.
        reference: String,
    },
    /// The fix is agreed in a project.
    AgreeFix {
        /// Which.
        project: ProjectName,
    },
    /// A reviewer tested the fix by hand, because CI does not run on private forks (J31).
    RecordManualTest {
        /// For which project.
        project: ProjectName,
        /// What was tested and how it went.
        note: String,
    },
    /// The fix was merged (J26).
    MergeFix {
        /// In which project.
        project: ProjectName,
        /// The merge commit or pull request.
        reference: String,
    },
    /// The fix was released (J27).
    ReleaseFix {
        /// In which project.
        project: ProjectName,
        /// The released version.
        version: String,
    },
    /// A deployer says that the fix is deployed.
    ReportDeployed {
        /// Of which project.
        project: ProjectName,
    },
    /// A developer or coordinator proposes the two dates (J24).
    ProposeDates {
        /// When the fix is released.
        release: Instant,
        /// When the advisory is announced.
        announcement: Instant,
        /// Why the time between is shorter than the policy wants.
        short_notice_reason: Option<String>,
    },
    /// Somebody of the other role agrees (J24).
    ConfirmDates,
    /// A coordinator posted both dates to the list (J25).
    PostNotice {
        /// The text as posted.
        text: String,
    },
    /// A coordinator or developer writes a version of the advisory.
    DraftAdvisory {
        /// The record.
        record: serde_json::Value,
        /// The digest of its canonical bytes.
        digest: Sha256Digest,
        /// Whether this version withdraws a published advisory.
        withdraws: bool,
        /// How severe it is, by the record's vectors (P20: only the desk says so).
        severity: Option<Rating>,
        /// What changed against the published version, once there is one.
        change: Option<String>,
    },
    /// The draft is ready for a second pair of eyes.
    SubmitForReview,
    /// The draft needs changes.
    RequestChanges {
        /// Which.
        text: String,
    },
    /// A second person approves the version with this digest.
    ApproveAdvisory {
        /// The digest of what they read.
        digest: Sha256Digest,
    },
    /// The approved version goes out (J28, P29, J06).
    PublishAdvisory {
        /// A fresh id, used when this is the first publication.
        advisory: AdvisoryId,
    },
    /// A coordinator tells the reporter of dates or releases (J29).
    NotifyReporter {
        /// What.
        notice: Notice,
        /// The message.
        text: String,
    },
    /// Disclosure is put off (J06).
    PostponeDisclosure {
        /// Until when.
        until: Instant,
        /// Why.
        reason: String,
    },
    /// A coordinator closes the case (J30).
    Close,
    /// Time passes: whatever is due fires.
    Tick {
        /// Who could coordinate, the one whose turn it is first; for auto-assignment.
        candidates: Vec<PersonId>,
        /// A fresh id, for an advisory that goes out at its date.
        advisory: AdvisoryId,
    },
}
