//! A case, for those who work on it: it opens with the next task.

use askama::Template;

use crate::{
    Shell, Text,
    desk::case_parts::{
        DeadlineRow, FixRow, FourEyes, MachineState, NextTask, PersonRow, ReaderRow, ReadyText, ReportPart,
        TimelineEntry, TimelineNavigation, VulnerabilityRow,
    },
    part::{ActionGroup, FindingNote, Link, Stages, Tier},
};

/// The page of a case. What the reader may not see is left out by whoever fills it.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/case.html")]
pub struct Case {
    /// The frame.
    pub shell: Shell,
    /// The case's reference.
    pub reference: Text,
    /// Its title.
    pub title: Text,
    /// The projects that it concerns, in words.
    pub projects: Text,
    /// What the reader (or somebody else) does next.
    pub next_task: NextTask,
    /// The stages of the whole.
    pub stages: Stages,
    /// Each machine's state in words: intake, report, embargo, fix, CVE, advisory.
    pub machines: Vec<MachineState>,
    /// What can be done, by role.
    pub actions: Vec<ActionGroup>,
    /// The report as it came, part by part.
    pub report: Vec<ReportPart>,
    /// What the lint says about it.
    pub findings: Vec<FindingNote>,
    /// Events, messages and decisions, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The ways to other parts of the timeline.
    pub navigation: TimelineNavigation,
    /// Texts to start from, with the case's facts filled in.
    pub ready_texts: Vec<ReadyText>,
    /// Who takes part.
    pub people: Vec<PersonRow>,
    /// Whether two persons stand behind it (J09).
    pub four_eyes: FourEyes,
    /// What is due, by when.
    pub deadlines: Vec<DeadlineRow>,
    /// Fixes per project and branch.
    pub fixes: Vec<FixRow>,
    /// Vulnerabilities with their CVE.
    pub vulnerabilities: Vec<VulnerabilityRow>,
    /// Who has read it (auditors and the team see this).
    pub readers: Vec<ReaderRow>,
    /// The draft advisory, the ledger proof, linked cases.
    pub links: Vec<Link>,
}
