//! A case as somebody may see it: the state, the history with what they may read of it, what they could do next.

use std::{collections::BTreeMap, sync::Arc};

use bastide_authz::{Action, Actor, Permit, Role, Tier, Viewer};
use bastide_desk::{
    case::{Case, Content, Event, Lifecycle, ReportContent, Task, tasks},
    threat::{Outcome, Suggestion, ThreatModel},
};
use bastide_model::{
    finding::Finding,
    id::{CaseId, PersonId},
    time::Instant,
};

use crate::{
    CaseReader, Desk, Offer, UseCaseError,
    desk::Loaded,
    history::LoadedEvent,
    offer,
    projection::Eyes,
    summary,
    timeline::{Opening, Timeline, TimelineWindow},
};

/// What a viewer gets of an event's content.
#[derive(Clone, PartialEq)]
pub enum OpenedContent {
    /// There is none.
    None,
    /// There is one, and it is not for this viewer.
    Closed(Tier),
    /// It was erased.
    Erased,
    /// It is for this viewer, and lies outside the part of the history that was asked for.
    Unopened(Tier),
    /// Here it is, with whom it is for.
    Open(Tier, Box<Content>),
}

impl std::fmt::Debug for OpenedContent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::None => "None",
            Self::Closed(_) => "Closed",
            Self::Erased => "Erased",
            Self::Unopened(_) => "Unopened",
            Self::Open(..) => "Open(***)",
        })
    }
}

/// One event of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseEntry {
    /// Its number in the case, from 1.
    pub sequence: u64,
    /// When it happened.
    pub at: Instant,
    /// Who did it; nobody means the reporter by link, or the clock.
    pub actor: Option<PersonId>,
    /// What happened.
    pub event: Event,
    /// What the viewer may read of it.
    pub content: OpenedContent,
}

/// A case as somebody may see it. Prints its id and nothing that was opened.
#[derive(Clone)]
pub struct CaseView {
    /// What people call it.
    pub reference: String,
    /// The state, as far as the viewer may know it.
    pub case: Case,
    /// Where the case stands.
    pub lifecycle: Lifecycle,
    /// How many separate individuals stand behind reporter, coordinator and developer (J09).
    pub individuals: usize,
    /// Whether two of them are enough to publish (J09).
    pub four_eyes: bool,
    /// As what the viewer looks at it.
    pub viewer: Viewer,
    /// The roles in which the viewer acts here.
    pub roles: Vec<Role>,
    /// The newest version of the report, if the viewer may read it and it was not erased.
    pub report: Option<ReportContent>,
    /// What the lint found in it.
    pub findings: Vec<Finding>,
    /// Clauses of the threat model that suggest themselves; people decide.
    pub suggestions: Vec<Suggestion>,
    /// The threat model that the case is judged by.
    pub threat_model: Arc<ThreatModel>,
    /// The newest draft of the advisory, if the viewer may read it.
    pub draft: Option<serde_json::Value>,
    /// The CVE numbers that the viewer may know, by vulnerability.
    pub cve_numbers: BTreeMap<bastide_model::id::VulnerabilityId, String>,
    /// The history.
    pub entries: Vec<CaseEntry>,
    /// Which part of it is to be shown.
    pub timeline: Timeline,
    /// Every step that is open, in the order of the process; for whoever does not work on the case, their own.
    pub tasks: Vec<Task>,
    /// What the viewer could do now.
    pub offers: Vec<Offer>,
    /// Who has read the case, the latest first; for its team and its auditors.
    pub readers: Vec<CaseReader>,
    /// How many of the case's events the viewer had seen before.
    pub seen: u64,
    /// The names of everybody who is mentioned.
    pub names: BTreeMap<PersonId, String>,
}

impl std::fmt::Debug for CaseView {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("CaseView")
            .field("case", &self.case.id)
            .field("viewer", &self.viewer)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

impl CaseView {
    /// Where the case stands.
    pub fn lifecycle(&self) -> Lifecycle {
        self.lifecycle
    }

    /// The first open step of the viewer.
    pub fn next_task(&self) -> Option<&Task> {
        self.tasks.iter().find(|task| self.roles.contains(&task.role))
    }

    /// The name of a person, or what to call them when the directory does not know them.
    pub fn name(&self, person: PersonId) -> &str {
        self.names.get(&person).map_or("somebody who is no longer in the directory", String::as_str)
    }
}

impl Desk {
    /// A case for somebody who takes part in it, with all that they may read. It counts as a reading.
    pub async fn case_view(&self, actor: &Actor, id: CaseId) -> Result<CaseView, UseCaseError> {
        self.read_case(actor, id, Opening::All).await
    }

    /// The same with the contents of one part of its history, for a page: a case may have thousands of messages.
    pub async fn case_page(
        &self,
        actor: &Actor,
        id: CaseId,
        window: TimelineWindow,
    ) -> Result<CaseView, UseCaseError> {
        self.read_case(actor, id, Opening::Window(window)).await
    }

    /// The same with the contents of every draft of its advisory.
    pub async fn case_drafts(&self, actor: &Actor, id: CaseId) -> Result<CaseView, UseCaseError> {
        self.read_case(actor, id, Opening::Drafts).await
    }

    async fn read_case(&self, actor: &Actor, id: CaseId, opening: Opening) -> Result<CaseView, UseCaseError> {
        let (loaded, permit) = self.open_case(actor, id, Action::ReadCase).await?;
        let seen = self.note_reading(&loaded, &permit).await?;
        let readers = self.readers(id, &permit).await?;
        let mut view = self.view(actor, loaded, &permit, opening, seen).await?;
        let directory = self.names().await?;
        for reader in &readers {
            if let Some(name) = directory.get(&reader.person) {
                view.names.entry(reader.person).or_insert_with(|| name.clone());
            }
        }
        view.readers = readers;
        Ok(view)
    }

    pub(crate) async fn view(
        &self,
        actor: &Actor,
        loaded: Loaded,
        permit: &Permit,
        opening: Opening,
        seen: u64,
    ) -> Result<CaseView, UseCaseError> {
        let threat_model = self.threat_model(&loaded.case.threat_model).await?;
        let eyes = Eyes::new(&loaded.case, permit.viewer(), actor);
        let mut entries: Vec<CaseEntry> =
            loaded.events.iter().filter_map(|event| eyes.entry(unopened(event, permit))).collect();
        let window = match opening {
            Opening::Window(window) => window,
            Opening::All | Opening::Drafts => TimelineWindow::default(),
        };
        let timeline = Timeline::choose(&entries, window, seen);
        let in_window = matches!(opening, Opening::Window(_));
        // The newest of each of these holds what the page says of the case.
        let newest: [fn(&Event) -> bool; 3] = [
            |event| matches!(event, Event::ReportSubmitted { .. } | Event::ReportRevised),
            |event| matches!(event, Event::LintFound { .. }),
            |event| matches!(event, Event::AdvisoryDrafted { .. }),
        ];
        let newest = newest.map(|wanted| entries.iter().rposition(|entry| wanted(&entry.event)));
        for (index, entry) in entries.iter_mut().enumerate() {
            let wanted =
                opening.needs(entry) || newest.contains(&Some(index)) || in_window && timeline.shows(entry);
            if wanted && let OpenedContent::Unopened(_) = entry.content {
                let Some(event) = usize::try_from(entry.sequence)
                    .ok()
                    .and_then(|sequence| loaded.events.get(sequence.checked_sub(1)?))
                else {
                    continue;
                };
                entry.content = opened(event, permit);
            }
        }
        let case = eyes.state();
        let latest = |wanted: fn(&Event) -> bool| {
            entries.iter().rev().filter(|entry| wanted(&entry.event)).find_map(|entry| match &entry.content {
                OpenedContent::Open(_, content) => Some(content.as_ref()),
                _ => None,
            })
        };
        let report = latest(|event| matches!(event, Event::ReportSubmitted { .. } | Event::ReportRevised));
        let report = match report {
            Some(Content::Report(report)) => Some((**report).clone()),
            _ => None,
        };
        let findings = match latest(|event| matches!(event, Event::LintFound { .. })) {
            Some(Content::Findings { findings }) => findings.clone(),
            _ => Vec::new(),
        };
        let draft = match latest(|event| matches!(event, Event::AdvisoryDrafted { .. })) {
            Some(Content::Advisory { record, .. }) => Some(record.clone()),
            _ => None,
        };
        let suggestions = match &report {
            // Once it is judged, nobody asks any more.
            Some(report) if eyes.of_team() && undecided(&loaded.case) => {
                let facts = self.facts_of(&loaded.case).await?;
                facts.linter().lint(&report.draft, loaded.case.received).suggestions
            }
            _ => Vec::new(),
        };
        let roles = self.roles_in(actor, &loaded);
        let directory = self.names().await?;
        let mut names = BTreeMap::new();
        for person in mentioned(&case, &entries) {
            if let Some(name) = directory.get(&person) {
                names.insert(person, name.clone());
            }
        }
        let mut tasks = tasks(&loaded.case);
        tasks.retain(|task| {
            matches!(permit.viewer(), Viewer::Team | Viewer::Auditor) || roles.contains(&task.role)
        });
        Ok(CaseView {
            lifecycle: loaded.case.lifecycle(),
            individuals: loaded.case.individuals(),
            four_eyes: loaded.case.four_eyes(),
            reference: summary::reference(&loaded.case),
            viewer: permit.viewer(),
            cve_numbers: numbers(&entries),
            tasks,
            offers: offer::offers(self, actor, &loaded),
            roles,
            report,
            findings,
            suggestions,
            threat_model,
            draft,
            entries,
            timeline,
            readers: Vec::new(),
            seen,
            names,
            case,
        })
    }

    /// The roles in which somebody acts in a case: their own, and a coordinator's for whoever may take it.
    fn roles_in(&self, actor: &Actor, loaded: &Loaded) -> Vec<Role> {
        let mut roles: Vec<Role> = Vec::new();
        if let Some(person) = actor.person {
            if let Some(member) = loaded.case.members.get(&person) {
                roles.extend(member.roles.iter().copied());
            }
            let projects: Vec<_> = loaded.case.projects.keys().cloned().collect();
            if actor.holds_in(Role::Coordinator, &projects, self.now()) && !roles.contains(&Role::Coordinator)
            {
                roles.push(Role::Coordinator);
            }
            if loaded.case.is_reporter(person) {
                roles.push(Role::Reporter);
            }
        } else if actor.reporter_of == Some(loaded.case.id) {
            roles.push(Role::Reporter);
        }
        roles
    }
}

/// Whether the report is still to be judged.
fn undecided(case: &Case) -> bool {
    matches!(case.outcome, None | Some((Outcome::Unsure, _)))
}

/// An entry with its content still under seal.
fn unopened(loaded: &LoadedEvent, permit: &Permit) -> CaseEntry {
    let content = match loaded.stored.tier() {
        None if loaded.stored.is_erased() => OpenedContent::Erased,
        None => OpenedContent::None,
        Some(tier) if tier.visible_to(permit.viewer()) => OpenedContent::Unopened(tier),
        Some(tier) => OpenedContent::Closed(tier),
    };
    CaseEntry {
        sequence: loaded.stored.sequence,
        at: loaded.stored.at,
        actor: loaded.stored.actor,
        event: loaded.event.clone(),
        content,
    }
}

/// What the permit opens of an event's content.
fn opened(loaded: &LoadedEvent, permit: &Permit) -> OpenedContent {
    match loaded.content() {
        None if loaded.stored.is_erased() => OpenedContent::Erased,
        None => OpenedContent::None,
        Some(embargoed) => match embargoed.open(permit) {
            Ok(content) => OpenedContent::Open(embargoed.tier(), Box::new(content.clone())),
            Err(_) => OpenedContent::Closed(embargoed.tier()),
        },
    }
}

fn numbers(entries: &[CaseEntry]) -> BTreeMap<bastide_model::id::VulnerabilityId, String> {
    let mut numbers = BTreeMap::new();
    for entry in entries {
        if let (Event::CveChanged { vulnerability, .. }, OpenedContent::Open(_, content)) =
            (&entry.event, &entry.content)
            && let Content::Cve { number } = content.as_ref()
        {
            numbers.insert(*vulnerability, number.clone());
        }
    }
    numbers
}

fn mentioned(case: &Case, entries: &[CaseEntry]) -> Vec<PersonId> {
    let mut persons: Vec<PersonId> = case.members.keys().copied().chain(case.reporter.person).collect();
    persons.extend(entries.iter().filter_map(|entry| entry.actor));
    persons.sort();
    persons.dedup();
    persons
}
