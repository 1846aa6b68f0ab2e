//! A command answered with events or a refusal; the only place where the process is decided.
//!
//! [`decide`] checks who acts (each step belongs to a role: J10), whether the case is at that step, and the rules of
//! the step; then it emits events. Each emitted event is applied to a working copy at once, so that later checks of
//! the same command see it and no state machine can be bypassed.

mod advisory;
mod clock;
mod closing;
mod cve;
mod dates;
mod embargo;
mod fix;
mod intake;
mod limit;
mod people;
mod reporter_access;
mod triage;

use bastide_authz::{Embargoed, Role, Tier};
use bastide_model::{
    id::{CaseId, PersonId},
    time::Instant,
};

use super::{Actor, Case, Command, Content, Event, Refusal, evolve::FoldError, evolve::evolve};

/// An event to be stored: its header, and its content under embargo.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// What happened; plain.
    pub event: Event,
    /// What it says beyond that; sealed.
    pub content: Option<Embargoed<Content>>,
}

/// Answers `command` of `actor` at `now`: the events to append, or why not. `case` is the fold so far; none means that
/// the case does not exist yet, which only a submission changes.
pub fn decide(
    case: Option<&Case>,
    id: CaseId,
    command: &Command,
    actor: Actor,
    now: Instant,
) -> Result<Vec<Recorded>, Refusal> {
    limit::check(case, command)?;
    let mut step = Step { id, now, actor, case: case.cloned(), out: Vec::new() };
    match (command, case) {
        (Command::Submit(intake), None) => step.submit(intake)?,
        (Command::Submit(_), Some(_)) => {
            return Err(Refusal::not_now("J12", "this case has its report already", "Send a new report."));
        }
        (_, None) => {
            return Err(Refusal::invalid("J12", "there is no such case", "Check the case's id."));
        }
        (Command::Tick { candidates, advisory }, Some(_)) => step.tick(candidates, *advisory)?,
        (command, Some(case)) => {
            refuse_when_over(command, case)?;
            step.run(command)?;
        }
    }
    Ok(step.out)
}

/// One command under way: the working copy and what was emitted so far.
struct Step {
    id: CaseId,
    now: Instant,
    actor: Actor,
    case: Option<Case>,
    out: Vec<Recorded>,
}

impl Step {
    /// The working copy.
    fn case(&self) -> &Case {
        self.case
            .as_ref()
            .expect("every step but the submission starts with a case, and that one emits it first")
    }

    /// Emits an event without content.
    fn emit(&mut self, event: Event) -> Result<(), Refusal> {
        let next = evolve(self.case.take(), self.id, self.now, &event).map_err(|error| refused(&error))?;
        self.case = Some(next);
        self.out.push(Recorded { event, content: None });
        Ok(())
    }

    /// Emits an event with content for readers of `tier`.
    fn emit_with(&mut self, event: Event, tier: Tier, content: Content) -> Result<(), Refusal> {
        self.emit(event)?;
        let recorded = self.out.last_mut().expect("emit pushed an event");
        recorded.content = Some(Embargoed::new(self.id, tier, content));
        Ok(())
    }

    fn run(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Submit(_) | Command::Tick { .. } => unreachable!("decide answers these itself"),
            Command::Amend { content, findings, disposition, proposal } => {
                self.amend(content, findings, *disposition, *proposal)
            }
            Command::ReleaseHold { proposal } => self.release_hold(*proposal),
            Command::KeepUnderAccount { person } => self.keep_under_account(*person),
            Command::EndReporterLink => self.change_reporter_link(Event::ReporterLinkEnded),
            Command::ReplaceReporterLink => self.change_reporter_link(Event::ReporterLinkReplaced),
            Command::TakeBack => self.take_back(),
            Command::TakeCoordination => self.take_coordination().map(drop),
            Command::Leave { person, seat } => self.leave(*person, *seat),
            Command::Acknowledge { text, message } => self.acknowledge(text, *message),
            Command::Write { message, tier, asks_reporter, text } => {
                self.write(*message, *tier, *asks_reporter, text)
            }
            Command::Triage { .. } => self.triage(command),
            Command::ConsentUpstream { given } => self.consent_upstream(*given),
            Command::Accept { vulnerability } => self.accept(*vulnerability),
            Command::AddProject { project } => self.add_project(project),
            Command::Invite { person, seat } => self.invite(*person, *seat),
            Command::AnswerInvitation { accept } => self.answer_invitation(*accept),
            Command::ProposeEmbargo { proposal, end, justification } => {
                self.propose_embargo(*proposal, *end, justification.as_deref())
            }
            Command::DecideEmbargo { accept } => self.decide_embargo(*accept),
            Command::EndEmbargo { reason } => self.end_embargo(reason),
            Command::RecordPublicFact { fact, evidence } => self.record_public_fact(*fact, evidence),
            Command::Replicate { project, result, note } => self.replicate(project, *result, note),
            Command::AddVulnerability { vulnerability } => self.add_vulnerability(*vulnerability),
            Command::RequestCve { vulnerability, eligibility } => {
                self.request_cve(*vulnerability, eligibility)
            }
            Command::ReserveCve { vulnerability, number } => self.reserve_cve(*vulnerability, number),
            Command::CveUncertain { vulnerability } => self.cve_uncertain(*vulnerability),
            Command::ReconcileCve { vulnerability, number } => {
                self.reconcile_cve(*vulnerability, number.as_deref())
            }
            Command::RejectCve { vulnerability, reason } => self.reject_cve(*vulnerability, reason),
            Command::ExemptCve { vulnerability, reason } => self.exempt_cve(*vulnerability, reason),
            Command::ConfirmCvePublished { vulnerability } => self.confirm_cve_published(*vulnerability),
            Command::TellReporterCve { text } => self.tell_reporter_cve(text),
            Command::StartFix { project, reference } => self.start_fix(project, reference),
            Command::AgreeFix { project } => self.agree_fix(project),
            Command::RecordManualTest { project, note } => self.record_manual_test(project, note),
            Command::MergeFix { project, reference } => self.merge_fix(project, reference),
            Command::ReleaseFix { project, version } => self.release_fix(project, version),
            Command::ReportDeployed { project } => self.report_deployed(project),
            Command::ProposeDates { release, announcement, short_notice_reason } => {
                self.propose_dates(*release, *announcement, short_notice_reason.as_deref())
            }
            Command::ConfirmDates => self.confirm_dates(),
            Command::PostNotice { text } => self.post_notice(text),
            Command::DraftAdvisory { .. } => self.draft_advisory(command),
            Command::SubmitForReview => self.submit_for_review(),
            Command::RequestChanges { text } => self.request_changes(text),
            Command::ApproveAdvisory { digest } => self.approve_advisory(*digest),
            Command::PublishAdvisory { advisory } => self.publish_advisory(*advisory),
            Command::NotifyReporter { notice, text } => self.notify_reporter(*notice, text),
            Command::PostponeDisclosure { until, reason } => self.postpone_disclosure(*until, reason),
            Command::Close => self.close(),
        }
    }

    /// The acting person.
    fn person(&self) -> Result<PersonId, Refusal> {
        self.actor.person().ok_or_else(|| {
            Refusal::role("J10", "this step needs a signed-in person", "Sign in and try again.")
        })
    }

    /// The acting person, who must hold `role` in this case.
    fn holder(&self, role: Role, rule: &'static str) -> Result<PersonId, Refusal> {
        let person = self.person()?;
        if self.case().holds(person, role) {
            return Ok(person);
        }
        let (what, remedy) = match role {
            Role::Coordinator => (
                "only a coordinator of this case does this",
                "Take the coordination first, or ask its coordinator.",
            ),
            Role::Developer => {
                ("only a developer of this case does this", "Ask the coordinator to invite you as developer.")
            }
            _ => ("another role does this", "Ask the coordinator of the case."),
        };
        Err(Refusal::role(rule, what, remedy))
    }

    /// The acting person with the role, coordinator or developer, in which they act; the coordinator's goes first.
    fn coordinator_or_developer(&self, rule: &'static str) -> Result<(PersonId, Role), Refusal> {
        let person = self.person()?;
        [Role::Coordinator, Role::Developer]
            .into_iter()
            .find(|role| self.case().holds(person, *role))
            .map(|role| (person, role))
            .ok_or_else(|| {
                Refusal::role(
                    rule,
                    "only a coordinator or developer of this case does this",
                    "Ask the coordinator to invite you.",
                )
            })
    }

    /// Refuses unless at least two individuals stand behind the roles (J09).
    fn four_eyes(&self) -> Result<(), Refusal> {
        if self.case().four_eyes() {
            return Ok(());
        }
        Err(Refusal::second(
            "J09",
            "the roles Reporter, Coordinator and Developer are not covered by two separate individuals",
            "Invite a second person as coordinator or developer first.",
        ))
    }

    /// Refuses unless the desk has accepted the report.
    fn accepted(&self, rule: &'static str) -> Result<(), Refusal> {
        if self.case().desk_rm == crate::machine::rm::State::Accepted {
            return Ok(());
        }
        Err(Refusal::not_now(
            rule,
            "the report has not been accepted",
            "Triage it as a vulnerability and accept it first.",
        ))
    }
}

/// A closed case changes no more, except that its advisory can be revised or withdrawn and people can write.
fn refuse_when_over(command: &Command, case: &Case) -> Result<(), Refusal> {
    let lives_on = matches!(
        command,
        Command::Write { .. }
            | Command::TakeCoordination
            | Command::DraftAdvisory { .. }
            | Command::SubmitForReview
            | Command::RequestChanges { .. }
            | Command::ApproveAdvisory { .. }
            | Command::PublishAdvisory { .. }
            | Command::ConfirmCvePublished { .. }
            | Command::CveUncertain { .. }
            | Command::ReconcileCve { .. }
            | Command::ReportDeployed { .. }
    ) && (case.advisory.published.is_some() || matches!(command, Command::Write { .. }))
        // A right can always be given back, and how the reporter reaches their report is theirs to change.
        || matches!(
            command,
            Command::Leave { .. }
                | Command::KeepUnderAccount { .. }
                | Command::EndReporterLink
                | Command::ReplaceReporterLink
        );
    if case.closed.is_some() && !lives_on {
        return Err(Refusal::not_now(
            "J30",
            "the case is closed",
            "Only its messages and its published advisory can still change; send a new report for a new matter.",
        ));
    }
    Ok(())
}

fn refused(error: &FoldError) -> Refusal {
    match error {
        FoldError::Machine { refused, .. } => Refusal::machine("state machine", refused),
        FoldError::Beginning { .. } | FoldError::Unknown { .. } => {
            Refusal::invalid("state machine", error.to_string(), "Check what the command names.")
        }
    }
}

/// A plain text as content.
fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

/// Refuses an empty text where words are needed.
fn needs_words(text: &str, rule: &'static str, what: &'static str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid(rule, format!("{what} is missing"), "Write a sentence or two."));
    }
    Ok(())
}
