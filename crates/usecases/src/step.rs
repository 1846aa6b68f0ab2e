//! The steps of a case as the doors know them: one name, one action, one set of fields for page, API and command line.
//!
//! [`StepKind::ALL`] is the table; routes, forms, the OpenAPI document and the command line's verbs are made from it,
//! so a step cannot be offered at one door and forgotten at another. [`Step`] is the typed form; a use case turns it
//! into the desk's command.

use bastide_authz::{Action, Role, Tier};
use bastide_desk::{
    case::{Notice, PublicFact, Reproduction, Seat},
    threat::Outcome,
};
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, PersonId, VulnerabilityId},
    party::ProjectName,
    time::Instant,
};
use serde::{Deserialize, Serialize};

/// One step with its values. `step` in JSON is the step's name. Prints its name only: its texts are under embargo.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Step {
    /// Let a held report in.
    ReleaseHold,
    /// Take a held report back.
    TakeBack,
    /// Take the coordination.
    Take,
    /// Give a seat back, or take it from somebody.
    Leave {
        /// Whose; the acting person when absent.
        person: Option<PersonId>,
        /// Which.
        seat: Seat,
    },
    /// Answer the reporter for the first time.
    Acknowledge {
        /// The answer.
        text: String,
    },
    /// Write a message.
    Message {
        /// Whom it is for.
        tier: Tier,
        /// The text.
        text: String,
        /// Whether it asks the reporter for more.
        #[serde(default)]
        asks_reporter: bool,
    },
    /// Judge the report.
    Triage {
        /// The outcome.
        outcome: Outcome,
        /// The clause that it cites.
        clause: Option<String>,
        /// Why.
        reasoning: String,
        /// The other case, for a duplicate.
        duplicate_of: Option<CaseId>,
        /// The project of the programme that takes over, for another project's matter.
        destination: Option<ProjectName>,
        /// The text of the public issue, cleaned by a person, for a bug.
        cleaned_text: Option<String>,
    },
    /// Say whether the report may be passed on.
    ConsentUpstream {
        /// Yes or no.
        #[serde(default)]
        given: bool,
    },
    /// Accept a valid report.
    Accept,
    /// Bring in another affected project.
    AddProject {
        /// Which.
        project: ProjectName,
    },
    /// Invite somebody.
    Invite {
        /// Who.
        person: PersonId,
        /// To what.
        seat: Seat,
    },
    /// Answer one's invitation, or a changed embargo.
    AnswerInvitation {
        /// Yes or no.
        #[serde(default)]
        accept: bool,
    },
    /// Propose an embargo or a new end of it.
    ProposeEmbargo {
        /// The end, with its zone.
        end: Instant,
        /// Why so long.
        justification: Option<String>,
    },
    /// Decide about the open proposal.
    DecideEmbargo {
        /// Yes or no.
        #[serde(default)]
        accept: bool,
    },
    /// End the embargo early.
    EndEmbargo {
        /// Why.
        reason: String,
    },
    /// Record what happened outside.
    PublicFact {
        /// What.
        fact: PublicFact,
        /// Where it was seen.
        evidence: String,
    },
    /// Say whether it can be reproduced.
    Replicate {
        /// For which project; the only one when absent.
        project: Option<ProjectName>,
        /// The result.
        result: Reproduction,
        /// What was seen.
        note: String,
    },
    /// Add another vulnerability to the case.
    AddVulnerability,
    /// Ask for a CVE number.
    CveRequest {
        /// For which vulnerability; the only one when absent.
        vulnerability: Option<VulnerabilityId>,
    },
    /// Enter the number.
    CveReserve {
        /// For which vulnerability; the only one when absent.
        vulnerability: Option<VulnerabilityId>,
        /// The number.
        number: String,
    },
    /// Record that the answer was lost.
    CveUncertain {
        /// For which vulnerability; the only one when absent.
        vulnerability: Option<VulnerabilityId>,
    },
    /// Record what the CNA's list says.
    CveReconcile {
        /// For which vulnerability; the only one when absent.
        vulnerability: Option<VulnerabilityId>,
        /// The number that it holds, if any.
        number: Option<String>,
    },
    /// Record that the number is rejected.
    CveReject {
        /// For which vulnerability; the only one when absent.
        vulnerability: Option<VulnerabilityId>,
        /// Why.
        reason: String,
    },
    /// Record that no number will be asked for.
    CveExempt {
        /// For which vulnerability; the only one when absent.
        vulnerability: Option<VulnerabilityId>,
        /// Why.
        reason: String,
    },
    /// Confirm that the record stands at the CNA.
    CvePublished {
        /// For which vulnerability; the only one when absent.
        vulnerability: Option<VulnerabilityId>,
    },
    /// Start a fix in a private fork.
    FixStart {
        /// For which project; the only one when absent.
        project: Option<ProjectName>,
        /// The private fork or pull request.
        reference: String,
    },
    /// Agree on the fix.
    FixAgree {
        /// For which project; the only one when absent.
        project: Option<ProjectName>,
    },
    /// Record a manual test.
    FixTest {
        /// For which project; the only one when absent.
        project: Option<ProjectName>,
        /// What was tested and how it went.
        note: String,
    },
    /// Record the merge.
    FixMerge {
        /// For which project; the only one when absent.
        project: Option<ProjectName>,
        /// The merge commit or pull request.
        reference: String,
    },
    /// Record the release.
    FixRelease {
        /// For which project; the only one when absent.
        project: Option<ProjectName>,
        /// The released version.
        version: String,
        /// The release notes, looked through before they are seen by others (J27).
        notes: Option<String>,
    },
    /// Say that the fix is deployed.
    Deployed {
        /// Of which project; the only one when absent.
        project: Option<ProjectName>,
    },
    /// Propose release and announcement dates.
    ProposeDates {
        /// When the fix is released.
        release: Instant,
        /// When the advisory is announced.
        announcement: Instant,
        /// Why the notice is short.
        short_notice_reason: Option<String>,
    },
    /// Agree to the proposed dates.
    ConfirmDates,
    /// Record that the dates were posted to the list.
    PostNotice {
        /// The text as posted; looked through for what must not be said yet.
        text: String,
    },
    /// Write a version of the advisory.
    DraftAdvisory {
        /// The record as OSV JSON.
        record: serde_json::Value,
        /// Whether it withdraws the published advisory.
        #[serde(default)]
        withdraws: bool,
        /// What changed, or why it is withdrawn; needed once a version is published.
        change: Option<String>,
    },
    /// Submit the draft for review.
    SubmitForReview,
    /// Ask for changes of the draft.
    RequestChanges {
        /// Which.
        text: String,
    },
    /// Approve the draft.
    Approve {
        /// The digest of the version that was read.
        digest: Sha256Digest,
    },
    /// Publish the approved version.
    Publish,
    /// Tell the reporter.
    Notify {
        /// What.
        notice: Notice,
        /// The message.
        text: String,
    },
    /// Put off disclosure.
    PostponeDisclosure {
        /// Until when.
        until: Instant,
        /// Why.
        reason: String,
    },
    /// Close the case.
    Close,
}

/// How a field is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// One line.
    Line,
    /// Several lines.
    Text,
    /// A date and time with its zone.
    Instant,
    /// One of these words, each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
    /// Yes or no.
    YesNo,
    /// A person of the directory.
    Person,
    /// A project of the programme.
    Project,
    /// One of the case's projects; the only one when there is one.
    CaseProject,
    /// One of the case's vulnerabilities; the only one when there is one.
    Vulnerability,
    /// A clause of the project's threat model.
    Clause,
    /// The digest of the newest draft; filled in by the page.
    DraftDigest,
    /// A JSON document.
    Json,
}

/// A field of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpec {
    /// The name in JSON and forms.
    pub name: &'static str,
    /// The label that people read.
    pub label: &'static str,
    /// How it is entered.
    pub entry: Entry,
    /// Whether it must be there.
    pub required: bool,
}

/// A kind of step: what every door needs to know to offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepKind {
    /// The name in addresses, JSON and commands.
    pub name: &'static str,
    /// The action that `authorize` is asked about.
    pub action: Action,
    /// Whose step it is (J10); for grouping on the page.
    pub roles: &'static [Role],
    /// What it does, as the label of a button.
    pub title: &'static str,
    /// Why, for somebody who is no security expert.
    pub why: &'static str,
    /// The rule behind it.
    pub rule: &'static str,
    /// Its fields.
    pub fields: &'static [FieldSpec],
}

/// A step that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// No step has this name.
    #[error("there is no step `{name}`; `bastide case --help` lists them")]
    Unknown {
        /// The name as given.
        name: String,
    },
    /// A field is missing or does not read.
    #[error("step `{step}`: {reason}; it takes: {fields}")]
    Fields {
        /// The step.
        step: &'static str,
        /// What is wrong, as the reader says it.
        reason: String,
        /// The fields that it takes.
        fields: String,
    },
}

impl StepKind {
    /// The kind of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|kind| kind.name == name)
    }

    /// Reads a step of this kind from its fields, as JSON or as a form sends them: empty texts count as absent, and a
    /// checkbox's `on` as yes.
    pub fn read(
        &'static self,
        fields: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Step, StepError> {
        use serde_json::Value;
        let mut object = serde_json::Map::new();
        for spec in self.fields {
            let Some(value) = fields.get(spec.name) else { continue };
            let value = match (value, spec.entry) {
                (Value::String(text), _) if text.trim().is_empty() => continue,
                (Value::String(text), Entry::YesNo) => {
                    Value::Bool(matches!(text.as_str(), "on" | "yes" | "true"))
                }
                (Value::String(text), Entry::Json) => serde_json::from_str(text)
                    .map_err(|error| self.refuse(&format!("`{}` is not JSON: {error}", spec.name)))?,
                (Value::Null, _) => continue,
                (value, _) => value.clone(),
            };
            object.insert(spec.name.to_owned(), value);
        }
        object.insert("step".to_owned(), Value::String(self.name.to_owned()));
        serde_json::from_value(Value::Object(object)).map_err(|error| self.refuse(&error.to_string()))
    }

    fn refuse(&self, reason: &str) -> StepError {
        let names: Vec<String> = self
            .fields
            .iter()
            .map(|field| if field.required { field.name.to_owned() } else { format!("[{}]", field.name) })
            .collect();
        let fields = if names.is_empty() { "no fields".to_owned() } else { names.join(", ") };
        StepError::Fields { step: self.name, reason: reason.to_owned(), fields }
    }
}

impl std::fmt::Debug for Step {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Step({})", self.kind().name)
    }
}

impl Step {
    /// The kind that the step is of.
    ///
    /// # Panics
    ///
    /// Never: a test walks every variant.
    pub fn kind(&self) -> &'static StepKind {
        let value = serde_json::to_value(self).ok();
        let name = value.as_ref().and_then(|value| value.get("step")).and_then(|name| name.as_str());
        name.and_then(StepKind::find).expect("every step is in the table")
    }
}
