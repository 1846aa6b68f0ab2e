//! What the lint says about a report before and when it is sent.

use std::sync::Arc;

use bastide_authz::{Action, Actor, Object};
use bastide_desk::{
    lint::{LintReport, ReportDraft},
    policy::Disposition,
};
use bastide_model::{finding::Finding, party::ProjectName};

use crate::{Desk, ProjectFacts, UseCaseError, limit};

/// The lint's answer in the desk's words.
pub(crate) fn disposition(report: &LintReport) -> Disposition {
    report.disposition.unwrap_or(Disposition::Record)
}

/// The bare findings, as an event's content keeps them.
pub(crate) fn findings(report: &LintReport) -> Vec<Finding> {
    report.findings.iter().map(|judged| judged.finding.clone()).collect()
}

impl Desk {
    /// Lints a draft without storing anything: for the form, while typing and before sending.
    pub async fn lint_report(
        &self,
        actor: &Actor,
        project: &ProjectName,
        draft: &ReportDraft,
    ) -> Result<LintReport, UseCaseError> {
        let facts = self.project(project).await?;
        self.permit(actor, Action::SubmitReport, Object::Project(project))?;
        self.judged(&facts, draft).await
    }

    /// The lint's judgement of a report of bearable size; a large one is judged off the threads that serve requests.
    pub(crate) async fn judged(
        &self,
        facts: &ProjectFacts,
        draft: &ReportDraft,
    ) -> Result<LintReport, UseCaseError> {
        limit::check(draft)?;
        let now = self.now();
        if limit::written(draft) <= limit::LARGE {
            return Ok(facts.linter().lint(draft, now));
        }
        let (linter, draft) = (Arc::clone(facts.linter()), draft.clone());
        let judged = tokio::task::spawn_blocking(move || linter.lint(&draft, now)).await;
        judged.map_err(|_| UseCaseError::Busy)
    }

    /// What the rules for later messages say of the reporter's words (P17, P23 to P25). The policy that blocks them
    /// refuses; anything else is told to the sender and stops nothing.
    pub(crate) async fn judged_message(
        &self,
        facts: &ProjectFacts,
        text: &str,
    ) -> Result<Vec<Finding>, UseCaseError> {
        let draft = ReportDraft { body: text.to_owned(), ..ReportDraft::default() };
        limit::check(&draft)?;
        let (linter, now) = (Arc::clone(facts.linter()), self.now());
        let judged = if text.len() <= limit::LARGE {
            linter.lint_message(&draft, now)
        } else {
            let judged = tokio::task::spawn_blocking(move || linter.lint_message(&draft, now)).await;
            judged.map_err(|_| UseCaseError::Busy)?
        };
        let (blocked, mut found) = (disposition(&judged) == Disposition::Block, findings(&judged));
        found.retain(Finding::is_failure);
        if blocked { Err(UseCaseError::Blocked { findings: found }) } else { Ok(found) }
    }
}
