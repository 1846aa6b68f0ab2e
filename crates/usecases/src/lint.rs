//! What the lint says about a report before and when it is sent.

use bastide_authz::{Action, Actor, Object};
use bastide_desk::{
    lint::{LintReport, ReportDraft},
    policy::Disposition,
};
use bastide_model::{finding::Finding, party::ProjectName};

use crate::{Desk, UseCaseError};

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
        Ok(facts.linter().lint(draft, self.now()))
    }
}
