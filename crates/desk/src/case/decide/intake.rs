//! A report arrives: kept, held, rejected or let in (J01, J04, J06, P01, P02, P17-P26).

use bastide_authz::Tier;
use bastide_model::{
    finding::Finding,
    id::{PersonId, ProposalId},
};

use super::Step;
use crate::{
    case::{
        Actor, ClosingReason, Content, DeadlineKind, Event, Intake, Notice, Party, Refusal, ReportContent,
    },
    machine::{intake, rm},
    policy::Disposition,
};

impl Step {
    /// A report arrives.
    ///
    /// A report of disposition *block* is refused and not stored: the sender is told what to mend and keeps the text.
    /// Everything else is stored. The clocks start at submission, also for a held report: the reporter waits either way.
    pub(super) fn submit(&mut self, intake: &Intake) -> Result<(), Refusal> {
        refuse_blocked(intake.disposition, &intake.findings)?;
        let reporter: Option<PersonId> = self.actor.person();
        self.emit_with(
            Event::ReportSubmitted {
                report: intake.report,
                project: intake.project.clone(),
                terms: Box::new(intake.terms.clone()),
                policy: intake.policy,
                threat_model: intake.threat_model,
                channel: intake.channel,
                reporter,
                embargo_wish: intake.embargo_end,
            },
            Tier::TeamAndReporter,
            Content::Report(Box::new(intake.content.clone())),
        )?;
        self.record_lint(&intake.findings, intake.disposition)?;
        if intake.conduct.rejects_reports() {
            self.emit(Event::IntakeChanged { trigger: intake::Trigger::RejectOnArrival })?;
            return self.emit(Event::CaseClosed { reason: ClosingReason::RejectedOnArrival });
        }
        let terms = intake.terms.clone();
        self.emit(Event::DeadlineSet {
            kind: DeadlineKind::Acknowledge,
            due: terms.acknowledge_due(self.now),
        })?;
        self.emit(Event::DeadlineSet {
            kind: DeadlineKind::Disclosure,
            due: terms.disclosure_due(self.now),
        })?;
        self.emit(Event::DeadlineSet {
            kind: DeadlineKind::AssignCoordinator,
            due: terms.auto_assign_due(self.now),
        })?;
        self.emit(Event::ReporterNotified { notice: Notice::Receipt })?;
        if intake.disposition == Disposition::Hold {
            return self.emit(Event::IntakeChanged { trigger: intake::Trigger::Hold });
        }
        self.let_in(intake.proposal)
    }

    /// The reporter mends a held report; the raw bytes of every version are kept.
    pub(super) fn amend(
        &mut self,
        content: &ReportContent,
        findings: &[Finding],
        disposition: Disposition,
        proposal: ProposalId,
    ) -> Result<(), Refusal> {
        self.reporter("P02")?;
        refuse_blocked(disposition, findings)?;
        self.emit(Event::IntakeChanged { trigger: intake::Trigger::Amend })?;
        self.emit_with(
            Event::ReportRevised,
            Tier::TeamAndReporter,
            Content::Report(Box::new(content.clone())),
        )?;
        self.record_lint(findings, disposition)?;
        match disposition {
            Disposition::Block | Disposition::Hold => {
                self.emit(Event::IntakeChanged { trigger: intake::Trigger::Hold })
            }
            Disposition::Warn | Disposition::Record => self.let_in(proposal),
        }
    }

    /// A coordinator lets a held report in: the screening is automatic, the decision a person's (O06).
    pub(super) fn release_hold(&mut self, proposal: ProposalId) -> Result<(), Refusal> {
        if self.case().intake != intake::State::Held {
            return Err(Refusal::not_now("O06", "the report is not held", "Look at the case's next task."));
        }
        self.coordinator_who_may_take("O06")?;
        self.let_in(proposal)
    }

    /// The reporter takes a held report back.
    pub(super) fn take_back(&mut self) -> Result<(), Refusal> {
        self.reporter("O05")?;
        self.emit(Event::IntakeChanged { trigger: intake::Trigger::Withdraw })?;
        self.emit(Event::CaseClosed { reason: ClosingReason::Abandoned })
    }

    fn let_in(&mut self, proposal: ProposalId) -> Result<(), Refusal> {
        self.emit(Event::IntakeChanged { trigger: intake::Trigger::Receive })?;
        self.emit(Event::RmChanged { party: Party::Desk, trigger: rm::Trigger::Receive })?;
        self.begin_default_embargo(proposal)
    }

    fn record_lint(&mut self, findings: &[Finding], disposition: Disposition) -> Result<(), Refusal> {
        let rules = failing(findings).map(str::to_owned).collect();
        self.emit_with(
            Event::LintFound { disposition, rules },
            Tier::TeamAndReporter,
            Content::Findings { findings: findings.to_vec() },
        )
    }

    /// Refuses unless the reporter acts, by link or signed in.
    pub(super) fn reporter(&self, rule: &'static str) -> Result<(), Refusal> {
        let is_reporter = match self.actor {
            Actor::ReporterLink => true,
            Actor::Person { id, .. } => self.case().is_reporter(id),
            Actor::Clock => false,
        };
        if is_reporter {
            return Ok(());
        }
        Err(Refusal::role(
            rule,
            "only the reporter does this",
            "Use the secret link that the receipt showed.",
        ))
    }
}

/// Refuses what the policy blocks; the sender keeps the text and learns what to mend.
fn refuse_blocked(disposition: Disposition, findings: &[Finding]) -> Result<(), Refusal> {
    if disposition != Disposition::Block {
        return Ok(());
    }
    let rules: Vec<&str> = failing(findings).collect();
    Err(Refusal::invalid(
        "P02-P26",
        format!("the policy does not take this report as it is: {}", rules.join(", ")),
        "Mend what the findings name and send it again; nothing was stored.",
    ))
}

fn failing(findings: &[Finding]) -> impl Iterator<Item = &str> {
    findings.iter().filter(|finding| finding.is_failure()).map(|finding| finding.rule.as_str())
}
