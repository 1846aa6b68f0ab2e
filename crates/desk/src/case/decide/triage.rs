//! What the report is: a verdict that cites a clause, and what follows from it (J13-J15, J18, P04-P16, P26, P28, P29).

use bastide_authz::{Role, Tier};
use bastide_model::{
    id::{CaseId, MessageId, PersonId, VulnerabilityId},
    party::ProjectName,
};

use super::{Step, needs_words, text};
use crate::{
    case::{
        Cited, ClosingReason, Command, DeadlineKind, Event, Notice, Party, PublicFact, Refusal, Reproduction,
    },
    machine::{Machine as _, em, intake, pec, pxa, rm, vfd},
    threat::{Needs, Outcome},
};

impl Step {
    /// A coordinator judges the report. What is not accepted is closed and the reporter told in the same breath (J14).
    pub(super) fn triage(&mut self, command: &Command) -> Result<(), Refusal> {
        let Command::Triage { outcome, clause, reasoning, duplicate_of, destination, cleaned_text, message } =
            command
        else {
            unreachable!("decide calls this for a triage only")
        };
        let outcome = *outcome;
        self.open_to_judgement(outcome)?;
        self.brings_along(outcome, clause.as_ref(), *duplicate_of, cleaned_text.as_deref())?;
        needs_words(reasoning, "J14", "the reasoning")?;
        let by = self.coordinator_who_may_take("J13")?;
        if self.case().intake == intake::State::Held && outcome != Outcome::Noise {
            return Err(Refusal::not_now(
                "O06",
                "the report is held",
                "Let it in first, or discard it as noise.",
            ));
        }
        let first_word = self.waits_for_a_second_word(outcome, *duplicate_of, by)?;
        // Where noise is not answered, its reasoning is the team's alone (P26); so is one person's word.
        let silent = outcome == Outcome::Noise && !self.case().terms.replies.to_noise;
        let tier = if silent || first_word { Tier::TeamOnly } else { Tier::TeamAndReporter };
        let clause_id = clause.as_ref().map(|cited| cited.id.clone());
        let of = duplicate_of.filter(|_| outcome == Outcome::Duplicate);
        let triaged = Event::Triaged { outcome, clause: clause_id, by, duplicate_of: of };
        self.emit_with(triaged, tier, text(reasoning))?;
        if first_word {
            return Ok(());
        }
        match (outcome, destination, duplicate_of) {
            (Outcome::Vulnerability, ..) => {
                self.emit(Event::RmChanged { party: Party::Desk, trigger: rm::Trigger::Validate })
            }
            (Outcome::Noise, ..) => self.discard(reasoning),
            // The case stays in the inbox until a person finds out whose it is (P28).
            (Outcome::Unsure, ..) => Ok(()),
            (Outcome::OtherProject, Some(project), _) => self.pass_on(project),
            (Outcome::Upstream, ..) => self.ask_upstream(reasoning, *message, by),
            (Outcome::PublicIssue, ..) => {
                self.emit_with(
                    Event::IssueTextWritten,
                    Tier::TeamAndReporter,
                    text(cleaned_text.as_deref().unwrap_or_default()),
                )?;
                self.not_accepted(reasoning, ClosingReason::NotAccepted, by)
            }
            (Outcome::Duplicate, _, Some(of)) => {
                self.not_accepted(reasoning, ClosingReason::Duplicate { of: *of }, by)
            }
            (Outcome::Declined | Outcome::OtherProject | Outcome::Duplicate, ..) => {
                self.not_accepted(reasoning, ClosingReason::NotAccepted, by)
            }
        }
    }

    /// Refuses to judge what was judged. A valid report can still turn out to be none of the project's; an accepted
    /// one only as a duplicate, or when its developers could not reproduce it in any project (J18): closing it is then
    /// no longer one person's word (`waits_for_a_second_word`).
    fn open_to_judgement(&self, outcome: Outcome) -> Result<(), Refusal> {
        self.in_inbox("J13")?;
        let case = self.case();
        let not_reproduced = case.projects.values().all(|part| part.rm == rm::State::Invalid);
        let judged = match case.desk_rm {
            rm::State::Start | rm::State::Received | rm::State::Invalid => false,
            _ if case.advisory.published.is_some() => true,
            rm::State::Valid => {
                !matches!(outcome, Outcome::PublicIssue | Outcome::Declined | Outcome::Duplicate)
            }
            _ => {
                !(outcome == Outcome::Duplicate
                    || not_reproduced && matches!(outcome, Outcome::PublicIssue | Outcome::Declined))
            }
        };
        if judged {
            return Err(Refusal::not_now(
                "J18",
                "the report was judged and work on it goes on",
                "Let the developers record that they cannot reproduce it, name the case it duplicates, or publish.",
            ));
        }
        Ok(())
    }

    /// Whether this verdict buries an accepted report and is only the first person's word for it. Two people bury: a
    /// developer who could not reproduce it and somebody else, or two coordinators who find it a duplicate (J09, VP-10).
    fn waits_for_a_second_word(
        &self,
        outcome: Outcome,
        duplicate_of: Option<CaseId>,
        by: PersonId,
    ) -> Result<bool, Refusal> {
        let case = self.case();
        let buries = matches!(outcome, Outcome::Duplicate | Outcome::PublicIssue | Outcome::Declined);
        if case.desk_rm != rm::State::Accepted || !buries {
            return Ok(false);
        }
        let other = |person: Option<PersonId>| person.is_some_and(|person| person != by);
        let not_reproduced = case.projects.values().all(|part| part.rm == rm::State::Invalid);
        if not_reproduced && case.projects.values().all(|part| other(part.replicated_by)) {
            return Ok(false);
        }
        let said = case.outcome.as_ref().is_some_and(|(earlier, _)| *earlier == outcome);
        if said && other(case.judged_by) {
            // Two people who name two cases agree on nothing.
            return match (case.duplicate_of, duplicate_of) {
                (Some(first), Some(second)) if outcome == Outcome::Duplicate && first != second => {
                    Err(Refusal::second(
                        "J09",
                        format!(
                            "the first coordinator named {first} as the case that it duplicates, you {second}"
                        ),
                        "Agree on one case and name it, or leave the report as it is.",
                    ))
                }
                _ => Ok(false),
            };
        }
        if outcome == Outcome::Duplicate && !said {
            return Ok(true);
        }
        Err(Refusal::second(
            "J09",
            "an accepted report is not put aside on one person's word",
            "Let another developer try to reproduce it, or another coordinator judge it.",
        ))
    }

    /// Refuses a decision that lacks what its outcome must bring along.
    fn brings_along(
        &self,
        outcome: Outcome,
        clause: Option<&Cited>,
        duplicate_of: Option<CaseId>,
        cleaned_text: Option<&str>,
    ) -> Result<(), Refusal> {
        let needs = outcome.needs();
        match clause {
            None if needs.contains(&Needs::Clause) => {
                return Err(Refusal::invalid(
                    "P03",
                    "a decision cites the clause of the threat model that it rests on",
                    "Choose the clause that fits; the project's page lists them.",
                ));
            }
            Some(cited) if needs.contains(&Needs::Clause) && !outcome.may_cite(cited.ruling) => {
                return Err(Refusal::invalid(
                    "P03",
                    format!("clause {} does not rule \u{201c}{}\u{201d}", cited.id, outcome.in_words()),
                    "Choose a clause that says what you decide, or decide what the clause says.",
                ));
            }
            _ => {}
        }
        if needs.contains(&Needs::CleanedText) {
            needs_words(cleaned_text.unwrap_or_default(), "P12", "the cleaned text of the public issue")?;
        }
        if needs.contains(&Needs::OriginalCase) && duplicate_of.is_none_or(|of| of == self.id) {
            return Err(Refusal::invalid(
                "VP-10",
                "a duplicate names the other case that handles it",
                "Give the id of that case.",
            ));
        }
        Ok(())
    }

    fn ask_upstream(&mut self, reasoning: &str, message: MessageId, by: PersonId) -> Result<(), Refusal> {
        self.invalidate()?;
        self.emit_with(
            Event::MessageSent { message, tier: Tier::TeamAndReporter, asks_reporter: true },
            Tier::TeamAndReporter,
            text(&format!(
                "{reasoning}\n\nMay we pass your report on to the maintainers of that dependency?"
            )),
        )?;
        self.acknowledge_by_answer(by)
    }

    fn acknowledge_by_answer(&mut self, by: PersonId) -> Result<(), Refusal> {
        if self.case().acknowledged.is_none() { self.emit(Event::Acknowledged { by }) } else { Ok(()) }
    }

    fn not_accepted(&mut self, reasoning: &str, reason: ClosingReason, by: PersonId) -> Result<(), Refusal> {
        self.invalidate()?;
        self.emit_with(
            Event::ReporterNotified { notice: Notice::NotAccepted },
            Tier::TeamAndReporter,
            text(reasoning),
        )?;
        self.acknowledge_by_answer(by)?;
        self.lift_embargo()?;
        self.close_parties()?;
        self.emit(Event::CaseClosed { reason })
    }

    /// Brings the desk's report management to a state from which it can close: a valid report has no way to invalid
    /// (Vultron's machine), so it is deferred.
    fn invalidate(&mut self) -> Result<(), Refusal> {
        let trigger = match self.case().desk_rm {
            rm::State::Start | rm::State::Received => rm::Trigger::Invalidate,
            rm::State::Valid => rm::Trigger::Defer,
            _ => return Ok(()),
        };
        self.emit(Event::RmChanged { party: Party::Desk, trigger })
    }

    /// No potential vulnerability: discarded, with an answer or without, as the policy says (P26 against J04).
    fn discard(&mut self, reasoning: &str) -> Result<(), Refusal> {
        if self.case().terms.replies.to_noise {
            self.emit_with(
                Event::ReporterNotified { notice: Notice::NotAccepted },
                Tier::TeamAndReporter,
                text(reasoning),
            )?;
        }
        if self.case().intake == intake::State::Held {
            self.emit(Event::IntakeChanged { trigger: intake::Trigger::Discard })?;
        } else {
            self.invalidate()?;
            self.lift_embargo()?;
            self.close_parties()?;
        }
        self.emit(Event::CaseClosed { reason: ClosingReason::Noise })
    }

    fn pass_on(&mut self, project: &ProjectName) -> Result<(), Refusal> {
        if self.case().projects.contains_key(project) {
            return Err(Refusal::invalid(
                "P28",
                "the case is with that project already",
                "Name another project.",
            ));
        }
        self.emit(Event::ProjectAdded { project: project.clone() })?;
        let due = self.case().terms.auto_assign_due(self.now);
        self.emit(Event::DeadlineSet { kind: DeadlineKind::AssignCoordinator, due })
    }

    /// The reporter says whether the report may go to a dependency's maintainers (P09).
    pub(super) fn consent_upstream(&mut self, given: bool) -> Result<(), Refusal> {
        self.reporter("P09")?;
        let asked = matches!(&self.case().outcome, Some((Outcome::Upstream, _)));
        if !asked || self.case().reporter.upstream.is_some() {
            return Err(Refusal::not_now("P09", "nobody asked for this consent", "Write a message instead."));
        }
        self.emit(Event::UpstreamConsent { given })
    }

    /// A coordinator accepts: the affected projects are told, the first vulnerability gets a name (J15).
    pub(super) fn accept(&mut self, vulnerability: VulnerabilityId) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "J15")?;
        self.four_eyes()?;
        self.emit(Event::RmChanged { party: Party::Desk, trigger: rm::Trigger::Accept })?;
        self.emit(Event::VulnerabilityAdded { vulnerability })?;
        let projects: Vec<ProjectName> = self.case().projects.keys().cloned().collect();
        for project in &projects {
            self.tell_project(project)?;
        }
        Ok(())
    }

    /// A project learns of the case: it has received the report and knows of the vulnerability.
    fn tell_project(&mut self, project: &ProjectName) -> Result<(), Refusal> {
        let part = self.case().projects.get(project);
        if part.is_some_and(|part| part.rm == rm::State::Start) {
            let party = Party::Project(project.clone());
            self.emit(Event::RmChanged { party, trigger: rm::Trigger::Receive })?;
            self.emit(Event::VfdChanged { project: project.clone(), trigger: vfd::Trigger::BecomeAware })?;
        }
        Ok(())
    }

    pub(super) fn add_project(&mut self, project: &ProjectName) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "O03")?;
        self.accepted("O03")?;
        if self.case().projects.contains_key(project) {
            return Err(Refusal::not_now("O03", "that project takes part already", "Invite its developers."));
        }
        self.emit(Event::ProjectAdded { project: project.clone() })?;
        self.tell_project(project)
    }

    /// A developer says whether it can be reproduced (J18).
    pub(super) fn replicate(
        &mut self,
        project: &ProjectName,
        result: Reproduction,
        note: &str,
    ) -> Result<(), Refusal> {
        let by = self.holder(Role::Developer, "J18")?;
        self.accepted("J18")?;
        self.known(project)?;
        let reproduced = result != Reproduction::NotReproduced;
        self.emit_with(
            Event::Replicated { project: project.clone(), reproduced, by },
            Tier::TeamOnly,
            text(note),
        )?;
        let triggers: &[rm::Trigger] = match (result, self.case().projects[project].rm) {
            (Reproduction::Confirmed, rm::State::Deferred) => &[rm::Trigger::Accept],
            (Reproduction::Confirmed, _) => &[rm::Trigger::Validate, rm::Trigger::Accept],
            (Reproduction::Deferred, rm::State::Accepted) => &[rm::Trigger::Defer],
            (Reproduction::Deferred, _) => &[rm::Trigger::Validate, rm::Trigger::Defer],
            (Reproduction::NotReproduced, _) => &[rm::Trigger::Invalidate],
        };
        for trigger in triggers {
            self.emit(Event::RmChanged { party: Party::Project(project.clone()), trigger: *trigger })?;
        }
        Ok(())
    }

    /// Refuses unless the project takes part in the case.
    pub(super) fn known(&self, project: &ProjectName) -> Result<(), Refusal> {
        if self.case().projects.contains_key(project) {
            return Ok(());
        }
        let names: Vec<&str> = self.case().projects.keys().map(ProjectName::as_str).collect();
        Err(Refusal::invalid(
            "O03",
            format!("`{project}` does not take part in this case"),
            format!("Name one of: {}.", names.join(", ")),
        ))
    }

    /// A participant says what happened outside. A coordinator's word is the desk's: the embargo reacts. Anybody else's
    /// calls the coordinators and changes nothing, because one person's claim must not end what all agreed to (CS;
    /// VP-09-003).
    pub(super) fn record_public_fact(&mut self, fact: PublicFact, evidence: &str) -> Result<(), Refusal> {
        let adopts = self.speaks_for_the_desk()?;
        needs_words(evidence, "CS", "where it was seen")?;
        let trigger = match fact {
            PublicFact::Public => pxa::Trigger::BecomePublic,
            PublicFact::Exploit => pxa::Trigger::PublishExploit,
            PublicFact::Attacks => pxa::Trigger::ObserveAttacks,
        };
        if !adopts {
            return self.assert_public_fact(trigger, evidence);
        }
        self.emit_with(Event::PublicFactRecorded { trigger }, Tier::Participants, text(evidence))?;
        // A public exploit is public knowledge (pX goes to PX at once).
        if fact == PublicFact::Exploit && !self.case().is_public() {
            self.emit(Event::PublicFactRecorded { trigger: pxa::Trigger::BecomePublic })?;
        }
        let ends = fact != PublicFact::Attacks || self.case().terms.embargo.ends_when_attacked;
        match self.case().proposal {
            _ if ends => self.lift_embargo(),
            // The embargo in force stays, but nothing new is negotiated (VP-06-001).
            Some(open) => self.reject_proposal(open.id),
            None => Ok(()),
        }
    }

    /// Whether the acting participant records a fact as coordinator, or only says so. Who has not agreed to the
    /// embargo says nothing for the desk; the reporter, who knows the matter anyway, may always point at it.
    fn speaks_for_the_desk(&self) -> Result<bool, Refusal> {
        let person = self.actor.person();
        let seated = person
            .and_then(|person| self.case().members.get(&person))
            .filter(|member| !member.roles.is_empty());
        match seated {
            Some(member) if self.case().content_open_to(member) => {
                Ok(member.roles.contains(&Role::Coordinator))
            }
            _ if self.reporter("CS").is_ok() => Ok(false),
            Some(_) => Err(Refusal::not_now(
                "PEC",
                "you have not agreed to the embargo",
                "Answer the invitation first, or tell a coordinator.",
            )),
            None => Err(Refusal::role("CS", "only participants record this", "Ask the coordinator.")),
        }
    }

    fn assert_public_fact(&mut self, trigger: pxa::Trigger, evidence: &str) -> Result<(), Refusal> {
        if let Err(refused) = self.case().pxa.apply(trigger) {
            return Err(Refusal::machine("CS", &refused));
        }
        if self.case().asserted.contains(&trigger) {
            return Err(Refusal::not_now(
                "CS",
                "somebody has said so already; the coordinators look at it",
                "Write a message if you know more.",
            ));
        }
        let by = self.actor.person();
        self.emit_with(Event::PublicFactAsserted { trigger, by }, Tier::Participants, text(evidence))
    }

    /// Ends whatever embargo or proposal there is; consents are reset.
    pub(super) fn lift_embargo(&mut self) -> Result<(), Refusal> {
        match self.case().em {
            em::State::None | em::State::Exited => return Ok(()),
            em::State::Proposed => {
                let open = self.case().proposal.map(|open| open.id);
                if let Some(proposal) = open {
                    self.emit(Event::EmbargoRejected { proposal })?;
                }
            }
            em::State::Active | em::State::Revise => self.emit(Event::EmbargoTerminated)?,
        }
        self.reset_consents()
    }

    /// Nobody is bound any more.
    pub(super) fn reset_consents(&mut self) -> Result<(), Refusal> {
        let persons: Vec<_> = self
            .case()
            .members
            .iter()
            .filter(|(_, member)| member.consent != pec::State::NoEmbargo)
            .map(|(person, _)| Some(*person))
            .chain((self.case().reporter.consent != pec::State::NoEmbargo).then_some(None))
            .collect();
        for person in persons {
            self.emit(Event::ConsentChanged { person, trigger: pec::Trigger::Reset })?;
        }
        Ok(())
    }
}
