//! The advisory: drafted, reviewed, approved by a second person, published on its date (J05, J09, J15, J28, P29, J06).

use bastide_authz::{Role, Tier};
use bastide_model::{
    digest::Sha256Digest,
    id::{AdvisoryId, PersonId},
};

use super::{Step, text};
use crate::{
    case::{Actor, Command, Content, Event, Refusal},
    machine::{
        advisory::{State, Trigger},
        cve, pxa,
    },
    policy::PublishTrigger,
};

impl Step {
    /// A coordinator or developer writes a version; an approval of an earlier version does not cover it.
    pub(super) fn draft_advisory(&mut self, command: &Command) -> Result<(), Refusal> {
        let Command::DraftAdvisory { record, digest, withdraws, severity, change } = command else {
            unreachable!("decide calls this for a draft only")
        };
        let (digest, withdraws, severity) = (*digest, *withdraws, *severity);
        let change = change.as_deref();
        let (by, _) = self.coordinator_or_developer("J15")?;
        self.accepted_or_published()?;
        if withdraws && self.case().advisory.published.is_none() {
            return Err(Refusal::not_now(
                "J28",
                "nothing is published that could be withdrawn",
                "Draft it instead.",
            ));
        }
        if self.case().advisory.published.is_some() {
            super::needs_words(
                change.unwrap_or_default(),
                "J28",
                "what changed against the published version",
            )?;
        }
        if self.case().advisory.state == State::Withdrawn {
            return Err(Refusal::not_now(
                "J28",
                "the advisory was withdrawn",
                "Publish a new one for a new matter.",
            ));
        }
        if self.case().advisory.working() != State::Draft
            && self.case().advisory.version > 0
            && self.in_progress()
        {
            self.emit(Event::AdvisoryChanged { trigger: Trigger::RequestChanges, by: Some(by) })?;
        }
        let version = self.case().advisory.version + 1;
        self.emit_with(
            Event::AdvisoryDrafted { version, digest, withdraws, severity, by },
            Tier::Participants,
            Content::Advisory { record: record.clone(), change: change.map(str::to_owned) },
        )
    }

    /// Whether a version is under way (and not merely published).
    fn in_progress(&self) -> bool {
        matches!(self.case().advisory.working(), State::InReview | State::Approved | State::Scheduled)
    }

    pub(super) fn submit_for_review(&mut self) -> Result<(), Refusal> {
        let (by, _) = self.coordinator_or_developer("J15")?;
        self.has_draft()?;
        self.emit(Event::AdvisoryChanged { trigger: Trigger::RequestReview, by: Some(by) })
    }

    pub(super) fn request_changes(&mut self, wanted: &str) -> Result<(), Refusal> {
        let (by, _) = self.coordinator_or_developer("J15")?;
        super::needs_words(wanted, "J15", "what should change")?;
        self.emit_with(
            Event::AdvisoryChanged { trigger: Trigger::RequestChanges, by: Some(by) },
            Tier::TeamOnly,
            text(wanted),
        )
    }

    /// A second person approves exactly the version that they read: not an author of it, and not a developer who is
    /// also the reporter (J09).
    pub(super) fn approve_advisory(&mut self, digest: Sha256Digest) -> Result<(), Refusal> {
        let by = self.approver()?;
        self.has_draft()?;
        if self.case().advisory.digest != Some(digest) {
            return Err(Refusal::invalid(
                "J09",
                "the draft has changed since you read it",
                "Read the newest version and approve that one.",
            ));
        }
        self.four_eyes()?;
        let version = self.case().advisory.version;
        self.emit(Event::AdvisoryChanged { trigger: Trigger::Approve, by: Some(by) })?;
        self.emit(Event::AdvisoryApproved { version, digest, by })?;
        self.schedule_if_approved()
    }

    fn approver(&self) -> Result<PersonId, Refusal> {
        let by = match self.coordinator_or_developer("J09") {
            Ok((by, _)) => by,
            // The programme's administrators, whom `authorize` lets in after the deadline only (J06).
            Err(_) if self.case().as_object(self.now).disclosure_overdue => self.person()?,
            Err(refusal) => return Err(refusal),
        };
        if self.case().advisory.authors.contains(&by) {
            return Err(Refusal::second(
                "J09",
                "whoever wrote the advisory does not approve it",
                "Ask another coordinator or developer of the case.",
            ));
        }
        let develops = self.case().holds(by, Role::Developer) || !self.case().holds(by, Role::Coordinator);
        if develops && self.case().is_reporter(by) {
            return Err(Refusal::second(
                "J09",
                "a developer who is also the reporter does not approve",
                "Ask another coordinator or developer of the case.",
            ));
        }
        Ok(by)
    }

    /// An approved advisory with confirmed dates waits for its date.
    pub(super) fn schedule_if_approved(&mut self) -> Result<(), Refusal> {
        let confirmed = self.case().dates_agreed().is_some();
        let first = self.case().advisory.published.is_none();
        if first && confirmed && self.case().advisory.state == State::Approved {
            let by = self.actor.person();
            return self.emit(Event::AdvisoryChanged { trigger: Trigger::Schedule, by });
        }
        Ok(())
    }

    /// The approved version goes out, by a person or by the clock.
    pub(super) fn publish_advisory(&mut self, advisory: AdvisoryId) -> Result<(), Refusal> {
        if self.actor != Actor::Clock {
            let person = self.person()?;
            let may =
                [Role::Coordinator, Role::Developer].iter().any(|role| self.case().holds(person, *role));
            let deadline_passed = self.case().as_object(self.now).disclosure_overdue;
            if !may && !deadline_passed {
                return Err(Refusal::role(
                    "J28",
                    "only a coordinator or developer of the case publishes before the deadline",
                    "Ask the coordinator.",
                ));
            }
        }
        self.may_go_out()?;
        let case = self.case();
        let (version, withdrawn) = (case.advisory.version, case.advisory.withdraws);
        let Some(digest) = case.advisory.digest else { return Err(no_draft()) };
        let advisory = case.advisory.published.map_or(advisory, |(published, _, _)| published);
        self.emit(Event::AdvisoryPublished { advisory, version, digest, withdrawn })?;
        if !self.case().is_public() {
            self.emit(Event::PublicFactRecorded { trigger: pxa::Trigger::BecomePublic })?;
        }
        self.lift_embargo()?;
        let moves: Vec<_> = self
            .case()
            .vulnerabilities
            .iter()
            .filter_map(|(id, part)| match part.cve {
                cve::State::Reserved => Some((*id, cve::Trigger::StartPublishing)),
                cve::State::Published => Some((*id, cve::Trigger::StartUpdating)),
                _ => None,
            })
            .collect();
        for (vulnerability, trigger) in moves {
            self.emit(Event::CveChanged { vulnerability, trigger })?;
        }
        Ok(())
    }

    /// Everything that must hold before a version goes out.
    fn may_go_out(&self) -> Result<(), Refusal> {
        let case = self.case();
        if !case.advisory.approved() {
            return Err(Refusal::second(
                "J09",
                "the newest version of the advisory is not approved by a second person",
                "Submit it for review and let another coordinator or developer approve it.",
            ));
        }
        self.four_eyes()?;
        if case.advisory.published.is_some() {
            return Ok(());
        }
        // At the disclosure deadline the advisory goes out without its number: J06 waits for nothing.
        if case.waits_for_nothing(self.now) {
            return Ok(());
        }
        if !case.numbers_settled() {
            return Err(Refusal::not_now(
                "J21",
                "the CVE number has not come",
                "Wait for it, or record that none will be asked for.",
            ));
        }
        if case.publication_is_open(self.now) {
            return Ok(());
        }
        let (rule, what, remedy) = match (case.terms.publication.trigger, case.dates_agreed()) {
            (PublishTrigger::FixMerged, _) => (
                "P29",
                "the advisory is published once the fix is merged".to_owned(),
                "Record the merge first.",
            ),
            (PublishTrigger::AnnouncementDate, Some(dates)) => (
                "J28",
                format!("the announcement date is {}", dates.announcement.for_people()),
                "Wait for it, or agree on another date.",
            ),
            (PublishTrigger::AnnouncementDate, None) => (
                "J24",
                "no announcement date is set by both roles".to_owned(),
                "Propose dates and let the other role confirm them.",
            ),
        };
        Err(Refusal::not_now(rule, what, remedy))
    }

    fn has_draft(&self) -> Result<(), Refusal> {
        if self.case().advisory.version == 0 { Err(no_draft()) } else { Ok(()) }
    }

    fn accepted_or_published(&self) -> Result<(), Refusal> {
        if self.case().advisory.published.is_some() { Ok(()) } else { self.accepted("J15") }
    }
}

fn no_draft() -> Refusal {
    Refusal::not_now("J15", "there is no draft advisory", "Write one first.")
}
