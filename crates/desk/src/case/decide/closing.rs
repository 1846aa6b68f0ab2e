//! The reporter is told, the case is closed (J07, J22, J29, J30).

use bastide_authz::{Role, Tier};

use super::{Step, needs_words, text};
use crate::{
    case::{ClosingReason, Event, Notice, Party, Refusal},
    machine::{Machine as _, advisory, rm},
    threat::Outcome,
};

impl Step {
    pub(super) fn notify_reporter(&mut self, notice: Notice, message: &str) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "J29")?;
        needs_words(message, "J29", "the message")?;
        match notice {
            Notice::CveNumber => return self.tell_reporter_cve(message),
            Notice::Receipt | Notice::NotAccepted => {
                return Err(Refusal::invalid(
                    "J14",
                    "this notice goes out by itself",
                    "Write a message, or triage the report.",
                ));
            }
            Notice::Dates if self.case().dates_agreed().is_none() => {
                return Err(Refusal::not_now("J24", "the dates are not set", "Confirm them first."));
            }
            Notice::Releases if self.case().advisory.published.is_none() => {
                return Err(Refusal::not_now("J29", "the advisory is not out", "Publish it first."));
            }
            Notice::Dates | Notice::Releases => {}
        }
        self.emit_with(Event::ReporterNotified { notice }, Tier::TeamAndReporter, text(message))
    }

    /// The last step (J30). Whatever is closed, its reporter knows why (J14, J29).
    pub(super) fn close(&mut self) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "J30")?;
        let case = self.case();
        let reason = match (case.advisory.published, &case.outcome) {
            (Some(_), _) if !case.reporter.told.contains_key(&Notice::Releases) => {
                return Err(Refusal::not_now(
                    "J29",
                    "the reporter has not been told of the releases",
                    "Notify the reporter first; the case closes after that.",
                ));
            }
            (Some(_), _) if case.advisory.state == advisory::State::Withdrawn => ClosingReason::Withdrawn,
            (Some(_), _) => ClosingReason::Published,
            (None, Some((Outcome::Upstream, _))) if case.reporter.upstream.is_some() => {
                ClosingReason::NotAccepted
            }
            // A reporter who stays silent does not keep a case open for ever (VP-02-027).
            (None, Some((Outcome::Upstream, _))) if case.reporter_is_silent(self.now) => {
                ClosingReason::Abandoned
            }
            (None, Some((Outcome::Upstream, _))) => {
                return Err(Refusal::not_now(
                    "P09",
                    "the reporter has not said whether the report may be passed on",
                    format!(
                        "Wait for the answer; without one the case can be closed after {} days.",
                        case.terms.deadlines.reporter_silent_days
                    ),
                ));
            }
            (None, _) => {
                return Err(Refusal::not_now(
                    "J14",
                    "the case is open: neither published nor judged as no vulnerability",
                    "Triage it with a reasoning, or publish its advisory.",
                ));
            }
        };
        self.lift_embargo()?;
        self.close_parties()?;
        self.emit(Event::CaseClosed { reason })
    }

    /// Ends the report management of the desk and of every project that can end it.
    pub(super) fn close_parties(&mut self) -> Result<(), Refusal> {
        let parties: Vec<Party> = std::iter::once(Party::Desk)
            .chain(self.case().projects.keys().cloned().map(Party::Project))
            .collect();
        for party in parties {
            let state = match &party {
                Party::Desk => self.case().desk_rm,
                Party::Project(name) => self.case().projects[name].rm,
            };
            // A project that never answered keeps its state; its silence is part of the history.
            if state.next(rm::Trigger::Close).is_some() {
                self.emit(Event::RmChanged { party, trigger: rm::Trigger::Close })?;
            }
        }
        Ok(())
    }
}
