//! CVE numbers: asked for, reserved, told, published (J19, J21, J22, P10, P11).

use bastide_authz::{Role, Tier};
use bastide_model::id::VulnerabilityId;

use super::{Step, needs_words, text};
use crate::{
    case::{Content, Event, Notice, Refusal},
    machine::cve::{State, Trigger},
    project::Eligibility,
};

impl Step {
    pub(super) fn add_vulnerability(&mut self, vulnerability: VulnerabilityId) -> Result<(), Refusal> {
        self.coordinator_or_developer("J19")?;
        self.accepted("J19")?;
        if self.case().vulnerabilities.contains_key(&vulnerability) {
            return Err(Refusal::invalid("J19", "this vulnerability is known", "Use a fresh id."));
        }
        self.emit(Event::VulnerabilityAdded { vulnerability })
    }

    /// A developer or coordinator asks for a number, if the affected versions can have one (P10, P11).
    pub(super) fn request_cve(
        &mut self,
        vulnerability: VulnerabilityId,
        eligibility: &Eligibility,
    ) -> Result<(), Refusal> {
        self.coordinator_or_developer("J19")?;
        self.accepted("J19")?;
        if let Eligibility::NotEligible { reason, rule } = eligibility {
            return Err(Refusal::invalid(
                rule.clone(),
                format!("no CVE number can be assigned: {reason}"),
                "Record that none will be asked for, and treat it as a regular public bug.",
            ));
        }
        self.emit(Event::CveChanged { vulnerability, trigger: Trigger::Request })
    }

    /// The number has come. It is written once; another number for the same vulnerability is refused.
    pub(super) fn reserve_cve(
        &mut self,
        vulnerability: VulnerabilityId,
        number: &str,
    ) -> Result<(), Refusal> {
        self.cve_role()?;
        check_number(number)?;
        let trigger = match self.cve_state(vulnerability)? {
            State::ReservationUnknown => Trigger::FindReserved,
            State::Reserving => Trigger::Confirm,
            _ => Trigger::EnterNumber,
        };
        self.numbered(vulnerability, trigger, number)
    }

    fn numbered(
        &mut self,
        vulnerability: VulnerabilityId,
        trigger: Trigger,
        number: &str,
    ) -> Result<(), Refusal> {
        self.emit_with(
            Event::CveChanged { vulnerability, trigger },
            Tier::TeamOnly,
            Content::Cve { number: number.to_owned() },
        )
    }

    /// The call's answer was lost: nobody knows whether a number was taken. Nothing is retried before the CNA's list
    /// was read.
    pub(super) fn cve_uncertain(&mut self, vulnerability: VulnerabilityId) -> Result<(), Refusal> {
        self.cve_role()?;
        match self.cve_state(vulnerability)? {
            State::Requested => {
                self.emit(Event::CveChanged { vulnerability, trigger: Trigger::StartReserving })?;
            }
            State::Reserved => {
                self.emit(Event::CveChanged { vulnerability, trigger: Trigger::StartPublishing })?;
            }
            _ => {}
        }
        self.emit(Event::CveChanged { vulnerability, trigger: Trigger::LoseAnswer })
    }

    pub(super) fn reconcile_cve(
        &mut self,
        vulnerability: VulnerabilityId,
        number: Option<&str>,
    ) -> Result<(), Refusal> {
        self.cve_role()?;
        let known = self.cve_state(vulnerability)?.has_number();
        match number {
            // The number is known and written once; only what became of its record was unknown.
            Some(_) if known => {
                let out = self.case().advisory.published.is_some();
                let trigger = if out { Trigger::FindPublished } else { Trigger::FindReserved };
                self.emit(Event::CveChanged { vulnerability, trigger })
            }
            Some(number) => {
                check_number(number)?;
                self.numbered(vulnerability, Trigger::FindReserved, number)
            }
            None => self.emit(Event::CveChanged { vulnerability, trigger: Trigger::FindNothing }),
        }
    }

    pub(super) fn reject_cve(&mut self, vulnerability: VulnerabilityId, reason: &str) -> Result<(), Refusal> {
        self.cve_role()?;
        needs_words(reason, "J19", "the reason")?;
        let triggers: &[Trigger] = match self.cve_state(vulnerability)? {
            State::Requested => &[Trigger::Cancel],
            _ => &[Trigger::StartRejecting, Trigger::Confirm],
        };
        for trigger in triggers {
            self.emit_with(
                Event::CveChanged { vulnerability, trigger: *trigger },
                Tier::Participants,
                text(reason),
            )?;
        }
        Ok(())
    }

    pub(super) fn exempt_cve(&mut self, vulnerability: VulnerabilityId, reason: &str) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "J21")?;
        self.accepted("J21")?;
        needs_words(reason, "J21", "why no number is asked for")?;
        if !matches!(self.cve_state(vulnerability)?, State::None | State::Requested) {
            return Err(Refusal::not_now("J21", "a number is on its way", "Reject it instead."));
        }
        self.emit_with(Event::CveExempted { vulnerability }, Tier::Participants, text(reason))
    }

    pub(super) fn confirm_cve_published(&mut self, vulnerability: VulnerabilityId) -> Result<(), Refusal> {
        self.cve_role()?;
        if self.case().advisory.published.is_none() {
            return Err(Refusal::not_now("J28", "the advisory is not out", "Publish it first."));
        }
        let trigger = match self.cve_state(vulnerability)? {
            State::Reserved | State::RecordUnknown => Trigger::FindPublished,
            _ => Trigger::Confirm,
        };
        self.emit(Event::CveChanged { vulnerability, trigger })
    }

    /// The reporter learns the number (J22); from then on anyone may mention it with the software's name (J23).
    pub(super) fn tell_reporter_cve(&mut self, message: &str) -> Result<(), Refusal> {
        self.holder(Role::Coordinator, "J22")?;
        needs_words(message, "J22", "the message with the number")?;
        if !self.case().vulnerabilities.values().any(|part| part.cve >= State::Reserved) {
            return Err(Refusal::not_now("J22", "no CVE number is reserved", "Reserve one first."));
        }
        self.emit_with(
            Event::ReporterNotified { notice: Notice::CveNumber },
            Tier::TeamAndReporter,
            text(message),
        )
    }

    fn cve_role(&self) -> Result<(), Refusal> {
        if self.holder(Role::Coordinator, "J19").is_err() && self.holder(Role::Cna, "J19").is_err() {
            return Err(Refusal::role(
                "J19",
                "only a coordinator or the CNA decides about numbers",
                "Ask the coordinator.",
            ));
        }
        // A number's record is confirmed after the case is closed, too: CNAs take their time.
        if self.case().advisory.published.is_some() { Ok(()) } else { self.accepted("J19") }
    }

    fn cve_state(&self, vulnerability: VulnerabilityId) -> Result<State, Refusal> {
        self.case().vulnerabilities.get(&vulnerability).map(|part| part.cve).ok_or_else(|| {
            Refusal::invalid(
                "J19",
                "this case holds no such vulnerability",
                "Look at the case's vulnerabilities.",
            )
        })
    }
}

/// Refuses what is no CVE number: `CVE-`, a year, and at least four digits.
fn check_number(number: &str) -> Result<(), Refusal> {
    let digits =
        |text: &str, least: usize| text.len() >= least && text.bytes().all(|byte| byte.is_ascii_digit());
    let good =
        number.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(|(year, sequence)| {
            year.len() == 4 && digits(year, 4) && digits(sequence, 4) && sequence.len() <= 19
        });
    if good {
        return Ok(());
    }
    Err(Refusal::invalid("J19", "that is not a CVE number", "Write it as CVE-2024-43805."))
}
