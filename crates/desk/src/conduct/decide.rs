//! A command about conduct answered with events or a refusal (P01).

use bastide_authz::Tier;
use bastide_model::{id::PersonId, time::Instant};

use super::{Actor, Command, Content, Event, Matter, Office, ProposedStep, State, Subject, Verdict, evolve};
use crate::case::Refusal;

/// An event to be stored: its header, and what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What happened; plain.
    pub event: Event,
    /// What was written; sealed.
    pub content: Option<Content>,
}

/// Answers `command` of `actor` at `now`: the events to append, or why not. `matter` is the fold so far; none means
/// that nothing was ever recorded about the reporter, which only a strike changes.
///
/// # Errors
///
/// A refusal that cites its rule; nothing has changed.
pub fn decide(
    matter: Option<&Matter>,
    command: &Command,
    actor: Actor,
    now: Instant,
) -> Result<Vec<Recorded>, Refusal> {
    let mut step = Step { now, actor, matter: matter.cloned(), out: Vec::new() };
    if let (Command::Strike { subject, .. }, None) = (command, matter) {
        step.emit(Event::MatterOpened { subject: *subject }, None)?;
    }
    step.run(command)?;
    Ok(step.out)
}

struct Step {
    now: Instant,
    actor: Actor,
    matter: Option<Matter>,
    out: Vec<Recorded>,
}

impl Step {
    fn run(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Strike { subject, case, reason } => {
                let by = self.coordinator()?;
                if self.matter()?.subject != *subject {
                    return Err(Refusal::invalid(
                        "P01",
                        "this matter is about somebody else",
                        "Open that reporter's own matter.",
                    ));
                }
                self.write(Event::StrikeGiven { case: *case, by }, Tier::TeamAndReporter, reason)
            }
            Command::RejectFuture { reason } => {
                let by = self.coordinator()?;
                self.write(Event::FutureReportsRejected { by }, Tier::TeamAndReporter, reason)
            }
            Command::ProposeBan { reason } => {
                let by = self.office()?;
                self.may_propose(matches!(self.matter()?.state, State::Warned(_) | State::RejectOnArrival))?;
                self.write(Event::BanProposed { by }, Tier::TeamOnly, reason)
            }
            Command::ProposeLift { wholly, reason } => {
                let by = self.office()?;
                self.may_propose(self.matter()?.state == State::Banned)?;
                self.write(Event::LiftProposed { wholly: *wholly, by }, Tier::TeamOnly, reason)
            }
            Command::Second { accept, reason } => self.second(*accept, reason),
            Command::Appeal { text } => self.appeal(text),
            Command::DecideAppeal { verdict, reason } => self.decide_appeal(*verdict, reason),
        }
    }

    /// A ban, or its end, is the word of two people.
    fn second(&mut self, accept: bool, reason: &str) -> Result<(), Refusal> {
        let by = self.office()?;
        let Some(open) = self.matter()?.proposal else {
            return Err(Refusal::not_now("P01", "no proposal is open", "Propose a ban, or to lift one."));
        };
        if open.by == by {
            return Err(Refusal::second(
                "P01",
                "whoever proposed it does not confirm it",
                "Ask another coordinator, an administrator of the programme or the conduct team.",
            ));
        }
        let event = match (accept, open.step) {
            (false, _) => Event::ProposalRejected { by },
            (true, ProposedStep::Ban) => Event::Banned { by },
            (true, ProposedStep::Ease) => Event::BanLifted { wholly: false, by },
            (true, ProposedStep::Clear) => Event::BanLifted { wholly: true, by },
        };
        let tier = if accept { Tier::TeamAndReporter } else { Tier::TeamOnly };
        self.write(event, tier, reason)
    }

    fn appeal(&mut self, text: &str) -> Result<(), Refusal> {
        if self.actor != Actor::Reporter {
            return Err(Refusal::role(
                "P01",
                "only the reporter appeals",
                "Decide about an appeal, or propose to lift the ban.",
            ));
        }
        let matter = self.matter()?;
        if matter.state == State::Clear {
            return Err(Refusal::not_now(
                "P01",
                "there is no measure to appeal against",
                "Nothing needs doing.",
            ));
        }
        if matter.appealed.is_some() {
            return Err(Refusal::not_now("P01", "your appeal waits for an answer", "Wait for it."));
        }
        self.write(Event::Appealed, Tier::TeamAndReporter, text)
    }

    fn decide_appeal(&mut self, verdict: Verdict, reason: &str) -> Result<(), Refusal> {
        let by = self.office()?;
        let matter = self.matter()?;
        if matter.appealed.is_none() {
            return Err(Refusal::not_now("P01", "no appeal is open", "Wait for the reporter's appeal."));
        }
        if matter.measured_by == Some(by) {
            return Err(Refusal::second(
                "P01",
                "whoever took the measure does not hear the appeal against it",
                "Ask another coordinator, an administrator of the programme or the conduct team.",
            ));
        }
        if matter.state == State::Banned && verdict != Verdict::Dismissed {
            return Err(Refusal::second(
                "P01",
                "a ban is lifted by two people",
                "Propose to lift it, and let a second person confirm.",
            ));
        }
        self.write(Event::AppealDecided { verdict, by }, Tier::TeamAndReporter, reason)
    }

    fn may_propose(&self, fits: bool) -> Result<(), Refusal> {
        let matter = self.matter()?;
        if matter.proposal.is_some() {
            return Err(Refusal::not_now(
                "P01",
                "a proposal waits already",
                "Confirm or reject that one first.",
            ));
        }
        if fits {
            return Ok(());
        }
        Err(Refusal::not_now(
            "P01",
            format!("the reporter is \u{201c}{}\u{201d}", matter.state),
            "Nobody is banned without an earlier warning, and only a ban is lifted.",
        ))
    }

    /// The acting coordinator.
    fn coordinator(&self) -> Result<PersonId, Refusal> {
        match self.actor {
            Actor::Person { office: Office::Coordinator, .. } => self.office(),
            _ => Err(Refusal::role(
                "P01",
                "only a coordinator gives strikes and has reports rejected",
                "Ask the coordinator of the case.",
            )),
        }
    }

    /// The acting person in an office, who must not be the reporter.
    fn office(&self) -> Result<PersonId, Refusal> {
        let Actor::Person { id, .. } = self.actor else {
            return Err(Refusal::role(
                "P01",
                "coordinators, administrators and the conduct team decide about conduct",
                "Appeal, if a measure is wrong.",
            ));
        };
        if self.matter.as_ref().is_some_and(|matter| matter.subject == Subject::Person { id }) {
            return Err(Refusal::second("P01", "nobody decides about themselves", "Ask somebody else."));
        }
        Ok(id)
    }

    fn matter(&self) -> Result<&Matter, Refusal> {
        self.matter.as_ref().ok_or_else(|| {
            Refusal::not_now("P01", "nothing was ever recorded about this reporter", "Record a strike first.")
        })
    }

    fn write(&mut self, event: Event, tier: Tier, text: &str) -> Result<(), Refusal> {
        if text.trim().is_empty() {
            return Err(Refusal::invalid("P01", "the reason is missing", "Write a sentence or two."));
        }
        self.emit(event, Some(Content { tier, text: text.to_owned() }))
    }

    fn emit(&mut self, event: Event, content: Option<Content>) -> Result<(), Refusal> {
        let next = evolve(self.matter.take(), self.now, &event)
            .map_err(|refused| Refusal::machine("P01", &refused))?;
        self.matter = Some(next);
        self.out.push(Recorded { event, content });
        Ok(())
    }
}
