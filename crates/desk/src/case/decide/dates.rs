//! Release and announcement dates: decided by developer *and* coordinator, posted to the list (J24, J25, J06).

use bastide_authz::{Role, Tier};
use bastide_model::time::{Instant, Span};

use super::{Step, needs_words, text};
use crate::{
    case::{DeadlineKind, Event, Refusal},
    machine::fix,
};

/// Disclosure is never put off beyond this many days from receipt: a year, as for embargoes (VP-05-002).
const LATEST_DISCLOSURE: Span = Span::days(365);

impl Step {
    pub(super) fn propose_dates(
        &mut self,
        release: Instant,
        announcement: Instant,
        short_notice_reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let (by, role) = self.coordinator_or_developer("J24")?;
        self.accepted("J24")?;
        self.not_announced()?;
        if !self.case().projects.values().all(|part| part.fix >= fix::State::Agreed) {
            return Err(Refusal::not_now(
                "J21",
                "the fix is not agreed in every project",
                "Agree on the fix first.",
            ));
        }
        if !self.case().numbers_settled() {
            return Err(Refusal::not_now(
                "J21",
                "the CVE number has not come; dates wait for it",
                "Wait for it, or record that none will be asked for.",
            ));
        }
        if announcement < release {
            return Err(Refusal::invalid(
                "J24",
                "the announcement comes before the release",
                "Announce on the release date or later.",
            ));
        }
        let notice = self.case().terms.notice();
        let reason = short_notice_reason.unwrap_or_default().trim();
        if announcement.since(release) < notice && reason.is_empty() {
            return Err(Refusal::invalid(
                "J24",
                format!("less than {notice} lie between release and announcement"),
                "Choose a later announcement, or give a reason for the short notice.",
            ));
        }
        self.dates_are_possible(release, announcement)?;
        self.emit_with(
            Event::DatesProposed { release, announcement, by, role },
            Tier::Participants,
            text(reason),
        )
    }

    /// Somebody of the other role agrees: both roles decide, by two people.
    pub(super) fn confirm_dates(&mut self) -> Result<(), Refusal> {
        let (person, _) = self.coordinator_or_developer("J24")?;
        let Some(dates) = self.case().dates_open() else {
            return Err(Refusal::not_now("J24", "no proposed dates wait for an answer", "Propose dates."));
        };
        let other = if dates.proposed_as == Role::Coordinator { Role::Developer } else { Role::Coordinator };
        self.holder(other, "J24")?;
        if person == dates.proposed_by {
            return Err(Refusal::second(
                "J09",
                "whoever proposed the dates does not confirm them",
                "Ask somebody of the other role.",
            ));
        }
        self.not_announced()?;
        self.dates_are_possible(dates.release, dates.announcement)?;
        self.emit(Event::DatesConfirmed { by: person })?;
        if !self.case().projects.values().all(|part| part.fix == fix::State::Released) {
            self.emit(Event::DeadlineSet { kind: DeadlineKind::Release, due: dates.release })?;
        }
        self.emit(Event::DeadlineSet { kind: DeadlineKind::Announcement, due: dates.announcement })?;
        self.schedule_if_approved()
    }

    /// Refuses dates that have passed or that outlast what was promised: asked when they are proposed, and again when
    /// they are agreed to, because the embargo and the deadline may have moved in between.
    fn dates_are_possible(&self, release: Instant, announcement: Instant) -> Result<(), Refusal> {
        if release < self.now {
            return Err(Refusal::invalid("J24", "the release date is in the past", "Choose a later date."));
        }
        let disclosure = self.case().deadlines.get(&DeadlineKind::Disclosure).map(|deadline| deadline.due);
        if disclosure.is_some_and(|due| announcement > due) {
            return Err(Refusal::not_now(
                "J06",
                "the announcement would come after the disclosure deadline",
                "Choose an earlier date, or record a decision to postpone disclosure with its reason.",
            ));
        }
        if self.case().embargo.is_some_and(|embargo| announcement > embargo.end) {
            return Err(Refusal::not_now(
                "EM",
                "the embargo ends before the announcement",
                "Propose a later end of the embargo first, or choose an earlier announcement.",
            ));
        }
        Ok(())
    }

    /// Refuses once the advisory is out: there is nothing left to date.
    fn not_announced(&self) -> Result<(), Refusal> {
        if self.case().advisory.published.is_none() {
            return Ok(());
        }
        Err(Refusal::not_now("J24", "the advisory is out", "Publish a revision if something changed."))
    }

    /// A coordinator posted both dates to the security mailing list (J25).
    pub(super) fn post_notice(&mut self, posted: &str) -> Result<(), Refusal> {
        needs_words(posted, "J25", "the text as posted")?;
        let by = self.holder(Role::Coordinator, "J25")?;
        match self.case().dates_agreed() {
            Some(dates) if dates.posted.is_none() => {
                self.emit_with(Event::NoticePosted { by }, Tier::Participants, text(posted))
            }
            Some(_) => Err(Refusal::not_now("J25", "the dates were posted", "Nothing needs doing.")),
            None => Err(Refusal::not_now("J25", "the dates are not confirmed", "Confirm them first.")),
        }
    }

    /// Not publishing at the deadline needs a recorded decision with a reason (J06).
    pub(super) fn postpone_disclosure(&mut self, until: Instant, reason: &str) -> Result<(), Refusal> {
        let by = self.holder(Role::Coordinator, "J06")?;
        needs_words(reason, "J06", "the reason for postponing")?;
        let Some(deadline) = self.case().deadlines.get(&DeadlineKind::Disclosure).copied() else {
            return Err(Refusal::not_now("J06", "no disclosure is due", "Nothing needs postponing."));
        };
        if until <= deadline.due || until <= self.now {
            return Err(Refusal::invalid(
                "J06",
                "that does not postpone the deadline",
                "Choose a later date.",
            ));
        }
        if until.since(self.case().received) > LATEST_DISCLOSURE {
            return Err(Refusal::invalid(
                "VP-05-002",
                "disclosure is not postponed beyond a year from receipt",
                "Choose an earlier date.",
            ));
        }
        self.emit_with(Event::DisclosurePostponed { until, by }, Tier::Participants, text(reason))
    }
}
