//! The embargo: proposed, accepted, moved, ended (EM and PEC; VP-04 to VP-07, VINCE #140).

use bastide_authz::{Role, Tier};
use bastide_model::{
    id::{PersonId, ProposalId},
    time::{Instant, Span},
};

use super::{Step, needs_words, text};
use crate::{
    case::{Actor, DeadlineKind, Event, Refusal},
    machine::{em, pec},
    policy::EmbargoLength,
};

impl Step {
    /// The policy's embargo begins with the report, atomically (VP-07-003). A reporter who wished for a shorter one
    /// gets it at once (VP-07-004); a longer wish stands as a proposed change (VP-07-005).
    pub(super) fn begin_default_embargo(
        &mut self,
        proposal: ProposalId,
        wished_end: Option<Instant>,
    ) -> Result<(), Refusal> {
        let length = self.case().terms.embargo.default_length();
        if length == Span::ZERO {
            return Ok(());
        }
        let default_end = self.now + length;
        let wished_end = wished_end.filter(|end| *end > self.now);
        let end = wished_end.map_or(default_end, |wished| wished.min(default_end));
        self.emit(Event::EmbargoProposed { proposal, end, by: None })?;
        self.emit(Event::EmbargoAccepted { proposal })?;
        self.emit(Event::DeadlineSet { kind: DeadlineKind::EmbargoEnd, due: end })?;
        // Whoever reports under a policy has read it: the form says so beside the button.
        self.emit(Event::ConsentChanged { person: None, trigger: pec::Trigger::Accept })
    }

    pub(super) fn propose_embargo(
        &mut self,
        proposal: ProposalId,
        end: Instant,
        justification: Option<&str>,
    ) -> Result<(), Refusal> {
        let by = self.embargo_party()?;
        self.check_end(end, justification)?;
        if self.case().pxa != crate::machine::pxa::State::Quiet {
            return Err(Refusal::not_now(
                "VP-06-001",
                "the vulnerability or an exploit is public, or attacks were seen: an embargo would only hide it from users",
                "Publish as soon as you can.",
            ));
        }
        let revises = matches!(self.case().em, em::State::Active | em::State::Revise);
        let earlier = self.case().proposal.map(|open| open.id);
        if let Some(earlier) = earlier {
            self.emit(Event::DeadlineMet { kind: DeadlineKind::EmbargoDecision { proposal: earlier } })?;
        }
        self.emit_with(
            Event::EmbargoProposed { proposal, end, by },
            Tier::Participants,
            text(justification.unwrap_or_default()),
        )?;
        self.emit(Event::DeadlineSet {
            kind: DeadlineKind::EmbargoDecision { proposal },
            due: self.now + self.case().terms.embargo.proposal(),
        })?;
        if revises { self.lapse_signatories(by) } else { Ok(()) }
    }

    /// A change of the embargo asks everybody anew; who proposed it has consented (Vultron §6.4: SIGNATORY lapses).
    fn lapse_signatories(&mut self, proposer: Option<PersonId>) -> Result<(), Refusal> {
        let mut asked: Vec<Option<PersonId>> = self
            .case()
            .members
            .iter()
            .filter(|(person, member)| member.consent == pec::State::Signatory && Some(**person) != proposer)
            .map(|(person, _)| Some(*person))
            .collect();
        if self.case().reporter.consent == pec::State::Signatory && proposer.is_some() {
            asked.push(None);
        }
        for person in asked {
            self.emit(Event::ConsentChanged { person, trigger: pec::Trigger::Revise })?;
        }
        Ok(())
    }

    /// Somebody other than the proposer decides.
    pub(super) fn decide_embargo(&mut self, accept: bool) -> Result<(), Refusal> {
        let by = self.embargo_party()?;
        let Some(open) = self.case().proposal else {
            return Err(Refusal::not_now("EM", "no embargo proposal is open", "Propose one."));
        };
        if open.by == by {
            return Err(Refusal::second(
                "EM",
                "a proposal is decided by somebody else than who made it",
                "Wait for another participant's answer.",
            ));
        }
        if !accept {
            return self.reject_proposal(open.id);
        }
        self.emit(Event::EmbargoAccepted { proposal: open.id })?;
        self.emit(Event::DeadlineSet { kind: DeadlineKind::EmbargoEnd, due: open.end })?;
        for person in [by, open.by] {
            let consent = match person {
                None => Some(self.case().reporter.consent),
                Some(person) => self.case().members.get(&person).map(|member| member.consent),
            };
            if consent.is_some_and(|consent| {
                matches!(consent, pec::State::NoEmbargo | pec::State::Invited | pec::State::Lapsed)
            }) {
                self.emit(Event::ConsentChanged { person, trigger: pec::Trigger::Accept })?;
            }
        }
        Ok(())
    }

    /// A rejected change leaves the earlier embargo as it was, to which everybody who lapsed had consented.
    pub(super) fn reject_proposal(&mut self, proposal: ProposalId) -> Result<(), Refusal> {
        self.emit(Event::EmbargoRejected { proposal })?;
        let lapsed: Vec<Option<PersonId>> = self
            .case()
            .members
            .iter()
            .filter(|(_, member)| member.consent == pec::State::Lapsed)
            .map(|(person, _)| Some(*person))
            .chain((self.case().reporter.consent == pec::State::Lapsed).then_some(None))
            .collect();
        for person in lapsed {
            self.emit(Event::ConsentChanged { person, trigger: pec::Trigger::Accept })?;
        }
        Ok(())
    }

    pub(super) fn end_embargo(&mut self, reason: &str) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "EM")?;
        needs_words(reason, "EM", "the reason for ending the embargo early")?;
        if !self.case().embargoed() {
            return Err(Refusal::not_now("EM", "no embargo is in force", "Nothing needs ending."));
        }
        let message = bastide_model::id::MessageId::from_bytes(*self.id.as_bytes());
        self.emit_with(
            Event::MessageSent { message, tier: Tier::Participants, asks_reporter: false },
            Tier::Participants,
            text(reason),
        )?;
        self.lift_embargo()
    }

    /// Who may speak about the embargo: the reporter and everybody with a role in the case.
    fn embargo_party(&self) -> Result<Option<PersonId>, Refusal> {
        if self.actor == Actor::ReporterLink {
            return Ok(None);
        }
        let person = self.person()?;
        if self.case().is_reporter(person) && !self.case().members.contains_key(&person) {
            return Ok(None);
        }
        match self.case().members.get(&person) {
            Some(member) if !member.roles.is_empty() => Ok(Some(person)),
            _ => {
                Err(Refusal::role("EM", "only participants speak about the embargo", "Ask the coordinator."))
            }
        }
    }

    fn check_end(&self, end: Instant, justification: Option<&str>) -> Result<(), Refusal> {
        let length = end.since(self.now);
        let terms = &self.case().terms;
        if length.as_micros() <= 0 {
            return Err(Refusal::invalid(
                "VP-04-001",
                "an embargo ends in the future",
                "Choose a later end.",
            ));
        }
        let reasoned = justification.is_some_and(|reason| !reason.trim().is_empty());
        match terms.embargo.judge(length) {
            EmbargoLength::TooLong => Err(Refusal::invalid(
                "VP-05-002",
                format!("the project agrees to no embargo of over {} days", terms.embargo.maximum_days),
                "Choose an earlier end.",
            )),
            EmbargoLength::TooShort => Err(Refusal::invalid(
                "EP-01",
                format!("the project's shortest embargo is {} days", terms.embargo.minimum_days),
                "Choose a later end, or end the embargo with a reason.",
            )),
            EmbargoLength::NeedsJustification if !reasoned => Err(Refusal::invalid(
                "VP-05-002",
                format!(
                    "an embargo of over {} days needs a justification",
                    terms.embargo.justification_above_days
                ),
                "Say why it takes that long.",
            )),
            EmbargoLength::Fine | EmbargoLength::NeedsJustification => Ok(()),
        }
    }
}
