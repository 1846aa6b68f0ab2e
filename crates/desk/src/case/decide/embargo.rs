//! The embargo: proposed, accepted, moved, ended (EM and PEC; VP-04 to VP-07, VINCE #140).

use bastide_authz::{Role, Tier};
use bastide_model::{
    id::{PersonId, ProposalId},
    time::{Instant, Span},
};

use super::{Step, needs_words, text};
use crate::{
    case::{Actor, DeadlineKind, Event, Refusal},
    machine::{intake, invariants, pec},
    policy::EmbargoLength,
};

impl Step {
    /// The policy's embargo begins with the report, atomically (VP-07-003), and counts from receipt, so that it never
    /// outlasts the disclosure deadline. A reporter who wished for a shorter one gets it at once (VP-07-004); a longer
    /// wish stands as a proposed change (VP-07-005). What is public already is not embargoed (VP-06-001).
    pub(super) fn begin_default_embargo(&mut self, proposal: ProposalId) -> Result<(), Refusal> {
        if !invariants::may_negotiate(self.case().pxa) {
            return Ok(());
        }
        let wish = self.wish_within_bounds();
        let default_end = self.case().received + self.case().terms.embargo.default_length();
        if default_end <= self.now {
            return wish.map_or(Ok(()), |end| self.put_forward(proposal, end));
        }
        let end = wish.map_or(default_end, |wish| wish.min(default_end));
        self.emit(Event::EmbargoProposed { proposal, end, by: None })?;
        self.emit(Event::EmbargoAccepted { proposal })?;
        self.emit(Event::DeadlineSet { kind: DeadlineKind::EmbargoEnd, due: end })?;
        // Whoever reports under a policy has read it: the form says so beside the button. So have its coordinators.
        self.emit(Event::ConsentChanged { person: None, trigger: pec::Trigger::Accept })?;
        let coordinators: Vec<PersonId> = self.case().holders(Role::Coordinator).collect();
        for coordinator in coordinators {
            self.sign(coordinator)?;
        }
        // Whoever else joined while the report was held is asked now.
        self.invite_consents(None)?;
        match wish.filter(|wish| *wish > default_end) {
            None => Ok(()),
            Some(longer) => {
                // A report brings one wish, so its id can name the wish.
                let wish = ProposalId::from_bytes(*self.case().report.as_bytes());
                self.put_forward(wish, longer)
            }
        }
    }

    /// The end that the reporter wished for, no earlier and no later than the policy agrees to.
    fn wish_within_bounds(&self) -> Option<Instant> {
        let case = self.case();
        let bound = |days: u32| case.received + Span::days(i64::from(days));
        let (earliest, latest) = (case.terms.embargo.minimum_days, case.terms.embargo.maximum_days);
        let wish = case.reporter.embargo_wish?.max(bound(earliest)).min(bound(latest));
        Some(wish).filter(|end| *end > self.now)
    }

    /// The reporter's proposal waits for the team's answer.
    fn put_forward(&mut self, proposal: ProposalId, end: Instant) -> Result<(), Refusal> {
        self.emit(Event::EmbargoProposed { proposal, end, by: None })?;
        self.set_decision_deadline(proposal)
    }

    fn set_decision_deadline(&mut self, proposal: ProposalId) -> Result<(), Refusal> {
        let due = self.now + self.case().terms.embargo.proposal();
        self.emit(Event::DeadlineSet { kind: DeadlineKind::EmbargoDecision { proposal }, due })
    }

    pub(super) fn propose_embargo(
        &mut self,
        proposal: ProposalId,
        end: Instant,
        justification: Option<&str>,
    ) -> Result<(), Refusal> {
        let by = self.embargo_party()?;
        self.check_end(end, justification)?;
        self.still_secret()?;
        if self.case().intake != intake::State::Received {
            return Err(Refusal::not_now(
                "EM",
                "the report has not been let in, so nobody is bound by an embargo yet",
                "Wait until it is; the policy's embargo begins then.",
            ));
        }
        self.may_replace_proposal(by)?;
        let earlier = self.case().proposal.map(|open| open.id);
        if let Some(earlier) = earlier {
            self.emit(Event::DeadlineMet { kind: DeadlineKind::EmbargoDecision { proposal: earlier } })?;
        }
        self.emit_with(
            Event::EmbargoProposed { proposal, end, by },
            Tier::Participants,
            text(justification.unwrap_or_default()),
        )?;
        self.set_decision_deadline(proposal)?;
        if self.of_the_team(by) { self.ask_consents(by) } else { Ok(()) }
    }

    /// Whether this person carries the case or works on it. Only their proposals ask everybody's consent at once: a
    /// reporter's or observer's would otherwise lock the whole team out of its case.
    fn of_the_team(&self, person: Option<PersonId>) -> bool {
        person.is_some_and(|person| {
            [Role::Coordinator, Role::Developer].iter().any(|role| self.case().holds(person, *role))
        })
    }

    /// The reporter is one person, by link or signed in: nobody.
    fn one_person(&self, person: Option<PersonId>) -> Option<PersonId> {
        person.filter(|person| !self.case().is_reporter(*person))
    }

    /// Each person has at most one open proposal, and only the team's take the place of somebody else's.
    fn may_replace_proposal(&self, by: Option<PersonId>) -> Result<(), Refusal> {
        let Some(open) = self.case().proposal else { return Ok(()) };
        if self.one_person(open.by) == self.one_person(by) {
            return Err(Refusal::not_now(
                "EM",
                "your earlier proposal is still open",
                "Wait for the answer, or take it back by rejecting it.",
            ));
        }
        if self.of_the_team(by) {
            return Ok(());
        }
        Err(Refusal::not_now(
            "EM",
            "another proposal is open",
            "Say what you think of that one, or write a message.",
        ))
    }

    /// Refuses terms of an embargo once there is nothing left to keep secret.
    fn still_secret(&self) -> Result<(), Refusal> {
        if invariants::may_negotiate(self.case().pxa) {
            return Ok(());
        }
        Err(Refusal::not_now(
            "VP-06-001",
            "the vulnerability or an exploit is public, or attacks were seen: an embargo would only hide it from users",
            "Publish as soon as you can.",
        ))
    }

    /// Everybody but the proposer is asked: signatories of an embargo in force lapse, the others are invited.
    fn ask_consents(&mut self, proposer: Option<PersonId>) -> Result<(), Refusal> {
        if self.case().embargoed() {
            self.lapse_signatories(proposer)
        } else {
            // Who proposes a first embargo agrees to it, and reads on.
            if let Some(person) = proposer {
                self.sign(person)?;
            }
            self.invite_consents(proposer)
        }
    }

    /// A first embargo asks everybody who is in the case already.
    fn invite_consents(&mut self, proposer: Option<PersonId>) -> Result<(), Refusal> {
        let members = self.case().members.iter();
        let asked: Vec<Option<PersonId>> = members
            .filter(|(person, member)| {
                member.consent == pec::State::NoEmbargo
                    && !(member.roles.is_empty() && member.invited.is_empty())
                    && Some(**person) != proposer
            })
            .map(|(person, _)| Some(*person))
            .chain(
                (self.case().reporter.consent == pec::State::NoEmbargo && proposer.is_some()).then_some(None),
            )
            .collect();
        for person in asked {
            self.emit(Event::ConsentChanged { person, trigger: pec::Trigger::Invite })?;
        }
        Ok(())
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
        let own = self.one_person(open.by) == self.one_person(by);
        if own && accept {
            return Err(Refusal::second(
                "EM",
                "a proposal is decided by somebody else than who made it",
                "Wait for another participant's answer.",
            ));
        }
        if !accept {
            return self.reject_proposal(open.id);
        }
        self.still_secret()?;
        if open.end <= self.now {
            return Err(Refusal::not_now(
                "VP-04-001",
                "the proposed end has passed",
                "Reject it, or propose a later end.",
            ));
        }
        if !self.of_the_team(open.by) {
            self.take_up(by)?;
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

    /// A coordinator takes up what a reporter or observer proposed: now everybody else is asked.
    fn take_up(&mut self, by: Option<PersonId>) -> Result<(), Refusal> {
        if by.is_none_or(|person| !self.case().holds(person, Role::Coordinator)) {
            return Err(Refusal::role(
                "EM",
                "a coordinator takes up what a reporter or observer proposes",
                "Ask the coordinator.",
            ));
        }
        self.ask_consents(by)
    }

    /// A rejected change leaves the earlier embargo as it was, to which everybody who lapsed had consented. Without
    /// one, nobody is asked for anything any more.
    pub(super) fn reject_proposal(&mut self, proposal: ProposalId) -> Result<(), Refusal> {
        self.emit(Event::EmbargoRejected { proposal })?;
        if !self.case().embargoed() {
            return self.reset_consents();
        }
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
        match self.case().members.get(&person) {
            Some(member) if !member.roles.is_empty() => Ok(Some(person)),
            _ if self.case().is_reporter(person) => Ok(None),
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
