//! The fix: in private, agreed, tested by hand, merged, released without noise (J20, J21, J26, J27, J31, J32).

use bastide_authz::{Role, Tier};
use bastide_model::party::ProjectName;

use super::Step;
use crate::{
    case::{Content, DeadlineKind, Event, Refusal},
    machine::{
        fix::{State, Trigger},
        invariants, vfd,
    },
    policy::PublishTrigger,
};

impl Step {
    pub(super) fn start_fix(&mut self, project: &ProjectName, reference: &str) -> Result<(), Refusal> {
        self.fix_step(project, Trigger::Start, reference, "")
    }

    /// The fix is agreed in a project; next the case waits for the CVE number (J21).
    pub(super) fn agree_fix(&mut self, project: &ProjectName) -> Result<(), Refusal> {
        self.holder(Role::Developer, "J20")?;
        self.known(project)?;
        let rm = self.case().projects[project].rm;
        if invariants::check_fix(rm, vfd::State::FixReady).is_err() {
            return Err(Refusal::not_now(
                "J18",
                "the project has not confirmed the vulnerability",
                "Record the replication first.",
            ));
        }
        self.fix_step(project, Trigger::Agree, "", "")?;
        if self.case().projects[project].vfd == vfd::State::Aware {
            self.emit(Event::VfdChanged { project: project.clone(), trigger: vfd::Trigger::ReadyFix })?;
        }
        Ok(())
    }

    /// CI does not run on private forks, so a reviewer tests by hand; not who wrote the fix (J31).
    pub(super) fn record_manual_test(&mut self, project: &ProjectName, note: &str) -> Result<(), Refusal> {
        let by = self.holder(Role::Developer, "J31")?;
        self.known(project)?;
        super::needs_words(note, "J31", "what was tested and how it went")?;
        if self.case().projects[project].fix_author == Some(by) {
            return Err(Refusal::second(
                "J31",
                "whoever wrote the fix does not test it for the record",
                "Ask another developer of the case to test it and record that.",
            ));
        }
        self.fix_step(project, Trigger::RecordTest, "", note)
    }

    /// The merge makes the fix public. Dates and numbers come first (J21, J24), or the policy publishes on merge (P29).
    pub(super) fn merge_fix(&mut self, project: &ProjectName, reference: &str) -> Result<(), Refusal> {
        self.holder(Role::Developer, "J26")?;
        self.ready_to_go_public("J26")?;
        self.fix_step(project, Trigger::Merge, reference, "")?;
        // The first merge is what the world can see; a second one does not begin the count anew.
        let counting = self.case().deadlines.contains_key(&DeadlineKind::Exposure);
        if self.case().advisory.published.is_none() && !counting {
            let due = self.now + self.case().terms.notice();
            self.emit(Event::DeadlineSet { kind: DeadlineKind::Exposure, due })?;
        }
        Ok(())
    }

    pub(super) fn release_fix(&mut self, project: &ProjectName, version: &str) -> Result<(), Refusal> {
        self.holder(Role::Developer, "J27")?;
        super::needs_words(version, "J27", "the released version")?;
        self.ready_to_go_public("J27")?;
        if let Some(dates) = self.case().dates_agreed()
            && self.now < dates.release
            && !self.case().is_public()
        {
            return Err(Refusal::not_now(
                "J24",
                format!("the release date is {}", dates.release.for_people()),
                "Wait for it, or agree on another date.",
            ));
        }
        self.fix_step(project, Trigger::Release, version, "")
    }

    /// A deployer says that the fix runs; library projects themselves stay at "fix ready".
    pub(super) fn report_deployed(&mut self, project: &ProjectName) -> Result<(), Refusal> {
        self.holder(Role::Observer, "CS")?;
        self.known(project)?;
        if self.case().projects[project].fix != State::Released {
            return Err(Refusal::not_now("CS", "the fix is not released", "Wait for the release."));
        }
        self.emit(Event::VfdChanged { project: project.clone(), trigger: vfd::Trigger::DeployFix })
    }

    fn fix_step(
        &mut self,
        project: &ProjectName,
        trigger: Trigger,
        reference: &str,
        note: &str,
    ) -> Result<(), Refusal> {
        let by = self.holder(Role::Developer, "J20")?;
        self.accepted("J20")?;
        self.known(project)?;
        self.emit_with(
            Event::FixChanged { project: project.clone(), trigger, by },
            Tier::TeamOnly,
            Content::Fix { reference: reference.to_owned(), note: note.to_owned() },
        )
    }

    /// What must be settled before a fix may be seen by the world.
    fn ready_to_go_public(&self, rule: &'static str) -> Result<(), Refusal> {
        self.accepted(rule)?;
        if !self.case().numbers_settled() {
            return Err(Refusal::not_now(
                "J21",
                "the CVE number has not come",
                "Wait for it, or record that none will be asked for.",
            ));
        }
        let needs_dates = self.case().terms.publication.trigger == PublishTrigger::AnnouncementDate;
        if needs_dates && self.case().dates_agreed().is_none() && !self.case().is_public() {
            return Err(Refusal::not_now(
                "J24",
                "release and announcement dates are not set by both roles",
                "Propose dates and let the other role confirm them.",
            ));
        }
        Ok(())
    }
}
