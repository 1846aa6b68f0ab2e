//! Which part of a case's history a page shows: the contents of that part are opened, those of the rest stay sealed.

use bastide_desk::{
    case::{Event, Party},
    machine::rm,
};

use crate::CaseEntry;

/// How many entries a page shows at once.
pub const WINDOW: usize = 100;

/// What kind of entry a timeline has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Something happened.
    Event,
    /// Somebody wrote.
    Message,
    /// Somebody decided, citing a clause or rule.
    Decision,
    /// Something that was due did not happen.
    Breach,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Message, Self::Decision, Self::Event, Self::Breach];

    /// Its word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Message => "message",
            Self::Decision => "decision",
            Self::Breach => "missed",
        }
    }

    /// The kind of an event.
    pub fn of(event: &Event) -> Self {
        match event {
            Event::MessageSent { .. } | Event::Acknowledged { .. } | Event::ReporterNotified { .. } => {
                Self::Message
            }
            Event::Triaged { .. }
            | Event::EmbargoAccepted { .. }
            | Event::EmbargoRejected { .. }
            | Event::UpstreamConsent { .. }
            | Event::AdvisoryApproved { .. }
            | Event::DatesConfirmed { .. }
            | Event::CveExempted { .. }
            | Event::DisclosurePostponed { .. }
            | Event::CaseClosed { .. }
            | Event::RmChanged { party: Party::Desk, trigger: rm::Trigger::Accept | rm::Trigger::Defer } => {
                Self::Decision
            }
            Event::DeadlineBreached { .. } | Event::Escalated { .. } => Self::Breach,
            _ => Self::Event,
        }
    }
}

/// Which entries of a long history: those from a number on, those before one, or the newest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimelineWindow {
    /// Of this kind only.
    pub kind: Option<EntryKind>,
    /// From this number on.
    pub from: Option<u64>,
    /// Before this number; counts only without `from`.
    pub before: Option<u64>,
}

/// The part of a history that is shown, by the numbers of its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// How it was chosen.
    pub window: TimelineWindow,
    /// The entries, oldest first.
    pub shown: Vec<u64>,
    /// How many entries there are of the kind that was asked for.
    pub of_kind: usize,
    /// Whether there are older ones of the kind.
    pub older: bool,
    /// Whether there are newer ones of the kind.
    pub newer: bool,
    /// The first entry of any kind that the viewer had not seen.
    pub first_unread: Option<u64>,
}

impl Timeline {
    /// Chooses from the entries that the viewer may see; `seen` is the last number that they had seen.
    pub(crate) fn choose(entries: &[CaseEntry], window: TimelineWindow, seen: u64) -> Self {
        let of_kind: Vec<u64> = entries
            .iter()
            .filter(|entry| window.kind.is_none_or(|kind| kind == EntryKind::of(&entry.event)))
            .map(|entry| entry.sequence)
            .collect();
        let (start, end) = match (window.from, window.before) {
            (Some(from), _) => {
                let start = of_kind.partition_point(|sequence| *sequence < from);
                (start, of_kind.len().min(start + WINDOW))
            }
            (None, Some(before)) => {
                let end = of_kind.partition_point(|sequence| *sequence < before);
                (end.saturating_sub(WINDOW), end)
            }
            (None, None) => (of_kind.len().saturating_sub(WINDOW), of_kind.len()),
        };
        Self {
            window,
            shown: of_kind[start..end].to_vec(),
            of_kind: of_kind.len(),
            older: start > 0,
            newer: end < of_kind.len(),
            first_unread: (seen > 0)
                .then(|| entries.iter().map(|entry| entry.sequence).find(|sequence| *sequence > seen))
                .flatten(),
        }
    }

    /// Whether the entry is shown.
    pub fn shows(&self, entry: &CaseEntry) -> bool {
        self.shown.binary_search(&entry.sequence).is_ok()
    }
}

/// Which contents a view opens beside those that it always needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Opening {
    /// All of them.
    All,
    /// Those of a part of the history.
    Window(TimelineWindow),
    /// Those of the drafts of the advisory.
    Drafts,
}

impl Opening {
    /// Whether the content of an entry is opened though it is not in the window: the facts of a case page stand on it.
    pub(crate) fn needs(self, entry: &CaseEntry) -> bool {
        matches!(
            (self, &entry.event),
            (Self::All, _)
                | (Self::Drafts, Event::AdvisoryDrafted { .. })
                | (_, Event::CveChanged { .. } | Event::FixChanged { .. })
        )
    }
}

#[cfg(test)]
mod tests {
    use bastide_model::time::Instant;

    use super::*;
    use crate::OpenedContent;

    fn entries(count: u64) -> Vec<CaseEntry> {
        (1..=count)
            .map(|sequence| CaseEntry {
                sequence,
                at: Instant::EPOCH,
                actor: None,
                event: if sequence % 3 == 0 { Event::ReporterAnswered } else { Event::EmbargoTerminated },
                content: OpenedContent::None,
            })
            .collect()
    }

    #[test]
    fn windows_from_the_newest_back_show_every_entry_once() {
        for count in [0, 1, 99, 100, 101, 250, 1000] {
            let entries = entries(count);
            let mut window = TimelineWindow::default();
            let mut found = Vec::new();
            loop {
                let timeline = Timeline::choose(&entries, window, 0);
                assert!(timeline.shown.len() <= WINDOW);
                found.splice(0..0, timeline.shown.iter().copied());
                if !timeline.older {
                    break;
                }
                window.before = timeline.shown.first().copied();
            }
            assert_eq!(found, (1..=count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_unread_entry_begins_its_window() {
        let entries = entries(1000);
        let timeline = Timeline::choose(&entries, TimelineWindow::default(), 400);
        assert_eq!(timeline.first_unread, Some(401));
        let from = TimelineWindow { from: Some(401), ..TimelineWindow::default() };
        let timeline = Timeline::choose(&entries, from, 400);
        assert_eq!((timeline.shown.first(), timeline.shown.len()), (Some(&401), WINDOW));
        assert!(timeline.older && timeline.newer);
        assert_eq!(Timeline::choose(&entries, from, 1000).first_unread, None);
    }

    #[test]
    fn a_kind_shows_nothing_of_another() {
        let entries = entries(50);
        let window = TimelineWindow { kind: Some(EntryKind::Decision), ..TimelineWindow::default() };
        assert!(Timeline::choose(&entries, window, 0).shown.is_empty());
        let window = TimelineWindow { kind: Some(EntryKind::Event), ..TimelineWindow::default() };
        assert_eq!(Timeline::choose(&entries, window, 0).shown.len(), 50);
    }
}
