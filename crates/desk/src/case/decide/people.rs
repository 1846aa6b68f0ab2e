//! Who takes part: roles, invitations, consent, messages (J08-J11, J13, J17, J18).

use bastide_authz::{Role, Tier};
use bastide_model::id::{MessageId, PersonId};

use super::{Step, needs_words, text};
use crate::{
    case::{Actor, DeadlineKind, Event, Refusal, Seat},
    machine::{em, pec, rm},
};

impl Step {
    /// The acting person becomes coordinator of the case, and with that a signatory of its embargo: the role is
    /// taken under the project's policy.
    pub(super) fn take_coordination(&mut self) -> Result<PersonId, Refusal> {
        let Actor::Person { id, may_coordinate: true } = self.actor else {
            return Err(Refusal::role(
                "J08",
                "only a coordinator of the project takes a case",
                "Ask the programme's administrator for the coordinator role.",
            ));
        };
        if self.case().holds(id, Role::Coordinator) {
            return Err(Refusal::not_now(
                "J08",
                "you coordinate this case already",
                "Go on with its next task.",
            ));
        }
        self.seat_coordinator(id)?;
        Ok(id)
    }

    pub(super) fn seat_coordinator(&mut self, person: PersonId) -> Result<(), Refusal> {
        self.emit(Event::RoleTaken { person, role: Role::Coordinator })?;
        self.sign(person)?;
        self.settle_invitation(person)?;
        if self.case().deadlines.contains_key(&DeadlineKind::AssignCoordinator) {
            self.emit(Event::DeadlineMet { kind: DeadlineKind::AssignCoordinator })?;
        }
        Ok(())
    }

    /// Records the consent of somebody who joins, when there is an embargo to consent to.
    pub(super) fn sign(&mut self, person: PersonId) -> Result<(), Refusal> {
        let consent = self.case().members.get(&person).map(|member| member.consent);
        let bound = !matches!(self.case().em, em::State::None | em::State::Exited);
        match consent {
            Some(pec::State::NoEmbargo | pec::State::Invited | pec::State::Lapsed) if bound => {
                self.emit(Event::ConsentChanged { person: Some(person), trigger: pec::Trigger::Accept })
            }
            Some(pec::State::Declined) if bound => {
                self.emit(Event::ConsentChanged { person: Some(person), trigger: pec::Trigger::Invite })?;
                self.emit(Event::ConsentChanged { person: Some(person), trigger: pec::Trigger::Accept })
            }
            _ => Ok(()),
        }
    }

    /// The acting coordinator; somebody who may coordinate takes the case by doing a coordinator's first step.
    pub(super) fn coordinator_who_may_take(&mut self, rule: &'static str) -> Result<PersonId, Refusal> {
        match self.actor {
            Actor::Person { id, may_coordinate: true } if !self.case().holds(id, Role::Coordinator) => {
                self.take_coordination()
            }
            _ => self.holder(Role::Coordinator, rule),
        }
    }

    pub(super) fn leave(&mut self, person: PersonId, seat: Seat) -> Result<(), Refusal> {
        let by_themselves = self.actor.person() == Some(person);
        if !by_themselves {
            self.holder(Role::Coordinator, "J17")?;
        }
        let role = seat.role();
        let invited = self.case().members.get(&person).is_some_and(|member| member.invited.contains(&role));
        if !self.case().holds(person, role) && !invited {
            return Err(Refusal::invalid(
                "J17",
                "this person does not hold that role",
                "Look at the case's people.",
            ));
        }
        self.leave_role(person, role)?;
        self.settle_invitation(person)
    }

    /// Somebody leaves a role, or declines one. A coordinator whose role was left closed by the end of an embargo can be
    /// asked anew, and with a no to that the case may lose its last one.
    pub(super) fn leave_role(&mut self, person: PersonId, role: Role) -> Result<(), Refusal> {
        self.emit(Event::RoleLeft { person, role })?;
        let case = self.case();
        let carried = case.holders(Role::Coordinator).next().is_some();
        let kind = DeadlineKind::AssignCoordinator;
        if case.closed.is_some() || carried || case.deadlines.contains_key(&kind) {
            return Ok(());
        }
        let due = case.terms.auto_assign_due(self.now);
        self.emit(Event::DeadlineSet { kind, due })
    }

    /// A person answers the reporter; the automatic receipt does not count (J04, J11).
    pub(super) fn acknowledge(&mut self, answer: &str, message: MessageId) -> Result<(), Refusal> {
        needs_words(answer, "J11", "the answer to the reporter")?;
        self.in_inbox("J11")?;
        if self.case().acknowledged.is_some() {
            return Err(Refusal::not_now(
                "J11",
                "the reporter has had an answer",
                "Write a further message instead.",
            ));
        }
        let by = self.coordinator_who_may_take("J11")?;
        self.emit_with(
            Event::MessageSent { message, tier: Tier::TeamAndReporter, asks_reporter: false },
            Tier::TeamAndReporter,
            text(answer),
        )?;
        self.emit(Event::Acknowledged { by })
    }

    pub(super) fn write(
        &mut self,
        message: MessageId,
        tier: Tier,
        asks_reporter: bool,
        words: &str,
    ) -> Result<(), Refusal> {
        needs_words(words, "J13", "the message")?;
        let is_reporter = match self.actor {
            Actor::ReporterLink => true,
            Actor::Person { id, .. } => {
                self.case().is_reporter(id) && self.coordinator_or_developer("J13").is_err()
            }
            Actor::Clock => false,
        };
        if tier == Tier::Public {
            return Err(Refusal::invalid(
                "J16",
                "a message of a case cannot be public",
                "Put what becomes public into the draft advisory.",
            ));
        }
        if is_reporter {
            if tier == Tier::TeamOnly || asks_reporter {
                return Err(Refusal::invalid(
                    "J13",
                    "the reporter writes to the team",
                    "Choose the tier team and reporter.",
                ));
            }
            let answers = self.case().reporter.asked.is_some();
            self.emit_with(Event::MessageSent { message, tier, asks_reporter: false }, tier, text(words))?;
            if answers && self.case().intake == crate::machine::intake::State::Received {
                // The question is answered; evolve keeps `asked` until something says so.
                self.emit(Event::ReporterAnswered)?;
            }
            return Ok(());
        }
        let (by, _) = match self.coordinator_or_developer("J13") {
            Ok(found) => found,
            Err(_) if self.may_take() => (self.take_coordination()?, Role::Coordinator),
            Err(refusal) => return Err(refusal),
        };
        self.emit_with(Event::MessageSent { message, tier, asks_reporter }, tier, text(words))?;
        let answers_reporter = matches!(tier, Tier::TeamAndReporter | Tier::Participants);
        if answers_reporter && self.case().acknowledged.is_none() {
            self.emit(Event::Acknowledged { by })?;
        }
        Ok(())
    }

    fn may_take(&self) -> bool {
        matches!(self.actor, Actor::Person { may_coordinate: true, .. })
    }

    /// A coordinator invites somebody; content waits for their consent (J17, VP-08-006).
    pub(super) fn invite(&mut self, person: PersonId, seat: Seat) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "J17")?;
        let role = seat.role();
        let known = self.case().members.get(&person);
        // Whose role was left closed by the end of an embargo is asked anew.
        let holds = known.is_some_and(|member| member.roles.contains(&role) && !member.withheld);
        if holds || known.is_some_and(|member| member.invited.contains(&role)) {
            return Err(Refusal::not_now("J17", "this person was invited already", "Wait for the answer."));
        }
        let signatory = known.is_some_and(|member| member.consent == pec::State::Signatory);
        let embargo = !matches!(self.case().em, em::State::None | em::State::Exited);
        let consent = known.map_or(pec::State::NoEmbargo, |member| member.consent);
        self.emit(Event::ParticipantInvited { person, role })?;
        if embargo && !signatory && consent != pec::State::Invited {
            self.emit(Event::ConsentChanged { person: Some(person), trigger: pec::Trigger::Invite })?;
        }
        let due = self.now + self.case().terms.embargo.invitation(None);
        self.emit(Event::DeadlineSet { kind: DeadlineKind::Rsvp { person }, due })
    }

    /// Somebody answers their invitation, or consents again after a change of the embargo.
    pub(super) fn answer_invitation(&mut self, accept: bool) -> Result<(), Refusal> {
        if self.actor == Actor::ReporterLink {
            return self.answer_for_reporter(accept);
        }
        let person = self.person()?;
        let Some(member) = self.case().members.get(&person) else {
            if self.case().is_reporter(person) {
                return self.answer_for_reporter(accept);
            }
            return Err(Refusal::role("J17", "you were not invited to this case", "Ask its coordinator."));
        };
        let (invited, consent) = (member.invited.clone(), member.consent);
        if invited.is_empty() && consent != pec::State::Lapsed && consent != pec::State::Invited {
            if self.case().is_reporter(person) {
                return self.answer_for_reporter(accept);
            }
            return Err(Refusal::not_now("PEC", "there is no invitation to answer", "Go on with the case."));
        }
        let trigger = if accept { pec::Trigger::Accept } else { pec::Trigger::Decline };
        if matches!(consent, pec::State::Invited | pec::State::Lapsed) {
            self.emit(Event::ConsentChanged { person: Some(person), trigger })?;
        }
        for role in invited {
            if accept {
                self.emit(Event::RoleTaken { person, role })?;
            } else {
                self.leave_role(person, role)?;
            }
        }
        self.settle_invitation(person)
    }

    /// Nobody waits for this person's answer any more, unless another invitation is open.
    fn settle_invitation(&mut self, person: PersonId) -> Result<(), Refusal> {
        let kind = DeadlineKind::Rsvp { person };
        let waits = self.case().members.get(&person).is_some_and(|member| !member.invited.is_empty());
        if waits || !self.case().deadlines.contains_key(&kind) {
            return Ok(());
        }
        self.emit(Event::DeadlineMet { kind })
    }

    fn answer_for_reporter(&mut self, accept: bool) -> Result<(), Refusal> {
        match self.case().reporter.consent {
            pec::State::Lapsed | pec::State::Invited => {
                let trigger = if accept { pec::Trigger::Accept } else { pec::Trigger::Decline };
                self.emit(Event::ConsentChanged { person: None, trigger })
            }
            _ => Err(Refusal::not_now("PEC", "there is nothing to consent to", "Go on with the case.")),
        }
    }

    /// Refuses unless the report was let in and is still open to judgement.
    pub(super) fn in_inbox(&self, rule: &'static str) -> Result<(), Refusal> {
        use crate::machine::intake::State::{Held, Received};
        match self.case().intake {
            Received | Held if self.case().desk_rm <= rm::State::Accepted => Ok(()),
            _ => Err(Refusal::not_now(rule, "the report is not in the inbox", "Look at how it was closed.")),
        }
    }
}
