//! The linter: a policy and what else is known, made ready to judge many reports.

use std::fmt;

use bastide_model::{
    digest::Sha256Digest,
    finding::{Evidence, Finding, Status},
    time::Instant,
};
use serde::{Deserialize, Serialize};

use super::{
    api_names::ApiNames,
    draft::{Posture, ReportDraft},
    rule::{ReportRule, Stage, Subject, is_given},
    rules::REPORT_RULES,
    text::TextIndex,
};
use crate::{
    policy::{self, Disposition, Policy},
    project::{self, Eligibility, PlatformVerdict, Product, Project},
    threat::{self, Answered, Question, Suggester, Suggestion, ThreatModel},
};

/// The most findings that one rule reports; a flood of the same finding helps nobody.
const MOST_OF_ONE_RULE: usize = 20;

/// A policy, and what else is known about a project, made ready to judge many reports.
#[derive(Debug, Clone)]
pub struct Linter {
    policy: Policy,
    suggester: Option<Suggester>,
    project: Option<Project>,
    api_names: Option<ApiNames>,
}

/// What lint says about a report. It quotes the report: keep it sealed with it. Its `Debug` form names rules only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LintReport {
    /// The digest of the policy that was applied.
    pub policy: Sha256Digest,
    /// The findings, strictest first.
    pub findings: Vec<Judged>,
    /// The strictest disposition of all failures; nothing for a report that keeps every rule.
    pub disposition: Option<Disposition>,
    /// Clauses of the threat model that suggest themselves, for people to decide.
    pub suggestions: Vec<Suggestion>,
    /// Whether a CVE number could be asked for, where the project's versions are known.
    pub eligibility: Option<Eligibility>,
    /// What was counted.
    pub counts: Counts,
}

/// A finding with what it leads to under the policy. Its `Debug` form names the rule only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Judged {
    /// What it leads to.
    pub disposition: Disposition,
    /// The finding.
    pub finding: Finding,
}

/// What was counted in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Words of prose.
    pub words: usize,
    /// Headings.
    pub headings: usize,
    /// Tables.
    pub tables: usize,
    /// Attachments.
    pub attachments: usize,
    /// Bytes of everything.
    pub bytes: usize,
}

impl fmt::Debug for LintReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "LintReport({:?}, {:?}, ***)", self.disposition, self.findings)
    }
}

impl fmt::Debug for Judged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {:?}", self.finding.rule, self.disposition)
    }
}

impl Linter {
    /// A linter that knows a policy only.
    pub fn new(policy: Policy) -> Self {
        Self { policy, suggester: None, project: None, api_names: None }
    }

    /// The linter of a built-in project, with its policy and threat model. Nothing for an unknown name.
    pub fn for_builtin(name: &str) -> Option<Self> {
        let policy = policy::builtin(name)?;
        let model = threat::builtin(policy.threat_model.as_str());
        let linter = Self::new(policy);
        let linter = model.into_iter().fold(linter, Self::with_model);
        Some(project::builtin(name).into_iter().fold(linter, Self::with_project))
    }

    /// The linter with a threat model, whose names are compiled here.
    #[must_use]
    pub fn with_model(mut self, model: ThreatModel) -> Self {
        self.suggester = Some(Suggester::new(model));
        self
    }

    /// The linter with a project's versions and platforms.
    #[must_use]
    pub fn with_project(mut self, project: Project) -> Self {
        self.project = Some(project);
        self
    }

    /// The linter with the names of a project's programming interface.
    #[must_use]
    pub fn with_api_names(mut self, names: ApiNames) -> Self {
        self.api_names = Some(names);
        self
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The threat model, where one is known.
    pub fn model(&self) -> Option<&ThreatModel> {
        self.suggester.as_ref().map(Suggester::model)
    }

    /// The project, where it is known.
    pub fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// The names of the programming interface, where a list was given.
    pub fn api_names(&self) -> Option<&ApiNames> {
        self.api_names.as_ref()
    }

    /// Judges a first report at an instant (the status of versions depends on it).
    pub fn lint(&self, draft: &ReportDraft, at: Instant) -> LintReport {
        self.judge(draft, at, |_| true)
    }

    /// Judges a later message: its body and attachments, by the rules that hold for every message (P17, P23 to P25).
    pub fn lint_message(&self, draft: &ReportDraft, at: Instant) -> LintReport {
        self.judge(draft, at, |rule| rule.stage == Stage::EveryMessage)
    }

    fn judge(&self, draft: &ReportDraft, at: Instant, applies: fn(&ReportRule) -> bool) -> LintReport {
        let text = TextIndex::new(&draft.body);
        let product = self.product_of(draft);
        let eligibility = product.map(|product| product.cve_eligibility(&draft.vulnerable_versions(), at));
        let answered = self.answered(draft, product, eligibility.as_ref());
        let suggestions = match &self.suggester {
            Some(suggester) => suggester.suggest(&answered, &draft.body),
            None => Vec::new(),
        };
        let subject = Subject {
            draft,
            text: &text,
            linter: self,
            product,
            eligibility: eligibility.as_ref(),
            suggestions: &suggestions,
            at,
        };
        let mut findings = Vec::new();
        for rule in REPORT_RULES.iter().filter(|rule| applies(rule)) {
            let noted = (rule.check)(&subject);
            findings.extend(noted.into_iter().take(MOST_OF_ONE_RULE).map(|noted| {
                let disposition = match noted.status {
                    Status::Fail => self.policy.disposition(rule.rule.id, rule.disposition),
                    // What could not be checked is never held against the reporter.
                    _ => Disposition::Record,
                };
                let finding = Finding {
                    rule: rule.rule.id.to_owned(),
                    subject: "report".to_owned(),
                    status: noted.status,
                    severity: rule.rule.severity,
                    confidence: noted.confidence,
                    message: noted.message,
                    evidence: vec![Evidence { place: noted.place, text: noted.excerpt }],
                    remedy: rule.rule.remedy.to_owned(),
                };
                Judged { disposition, finding }
            }));
        }
        findings.sort_by_key(|judged| std::cmp::Reverse(judged.disposition));
        let failures = findings.iter().filter(|judged| judged.finding.is_failure());
        LintReport {
            policy: self.policy.digest(),
            disposition: failures.map(|judged| judged.disposition).max(),
            counts: Counts {
                words: text.words,
                headings: text.headings.len(),
                tables: text.tables.len(),
                attachments: draft.attachments.len(),
                bytes: draft.bytes(),
            },
            findings,
            suggestions,
            eligibility,
        }
    }

    fn product_of(&self, draft: &ReportDraft) -> Option<&Product> {
        self.project.as_ref()?.product(draft.product.as_deref())
    }

    /// The answers of the report, and what the desk can answer from the project's file.
    fn answered(
        &self,
        draft: &ReportDraft,
        product: Option<&Product>,
        eligibility: Option<&Eligibility>,
    ) -> Answered {
        let answers = &draft.answers;
        let mut answered = Answered::new();
        let mut note = |question: Question, answer: Option<bool>| {
            if let Some(answer) = answer {
                answered.insert(question, answer);
            }
        };
        note(Question::RealWorld, answers.realistic);
        note(Question::LaunchConditions, answers.launch_conditions);
        note(Question::Availability, answers.availability);
        note(Question::ReasonableInput, answers.reasonable_input);
        note(Question::UpwardPosture, answers.posture.map(|posture| posture == Posture::Upward));
        note(Question::InDependency, is_given(answers.dependency.as_ref()).then_some(true));
        note(Question::FixedOnMain, answers.fixed_on_main);
        note(Question::FreelyExecutes, answers.freely_executes);
        note(Question::EscapesSandbox, answers.escapes_sandbox);
        let vulnerable = draft.vulnerable_versions();
        let experimental =
            product.is_some_and(|product| !product.experimental_in(&draft.body, &vulnerable).is_empty());
        note(Question::Experimental, answers.experimental.or(experimental.then_some(true)));
        let rule = match eligibility {
            Some(Eligibility::NotEligible { rule, .. }) => rule.as_str(),
            _ => "",
        };
        note(Question::SupportedVersion, (rule == "P10").then_some(false));
        note(Question::OnlyPrerelease, matches!(rule, "P11" | "P12").then_some(true));
        if answers.platform_dependent == Some(true)
            && let (Some(project), Some(platform)) = (&self.project, &draft.platform)
        {
            match project.platform(platform) {
                PlatformVerdict::Supported(_) => note(Question::SupportedPlatform, Some(true)),
                PlatformVerdict::Unsupported(_) => note(Question::SupportedPlatform, Some(false)),
                PlatformVerdict::Unknown => {}
            }
        }
        answered
    }
}
