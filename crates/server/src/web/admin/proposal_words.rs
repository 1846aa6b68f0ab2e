//! How a proposal stands, and what deciding about it does, in words: true for each kind, also while it waits.

use bastide_pages::part::{Badge, Tone};
use bastide_store::ProposalState;
use bastide_usecases::proposal::{Effect, Progress, ProposalLine};

/// How it stands.
pub(in crate::web) fn state(line: &ProposalLine) -> Badge {
    let (words, tone) = match (line.state, line.progress) {
        (ProposalState::Waiting, _) => ("waits for a second person", Tone::Progress),
        (ProposalState::Refused, _) => ("refused", Tone::Danger),
        (ProposalState::Withdrawn, _) => ("taken back", Tone::Quiet),
        (ProposalState::Expired, _) => ("ended without a decision", Tone::Quiet),
        (ProposalState::Approved, Progress::Waits(_)) => {
            ("approved, waits and can be stopped", Tone::Warning)
        }
        (ProposalState::Approved, Progress::Stopped(_)) => ("approved, then stopped", Tone::Quiet),
        (ProposalState::Approved, Progress::ToFetch(_)) => ("approved, not fetched yet", Tone::Progress),
        (ProposalState::Approved, Progress::Fetched(_)) => ("approved and fetched", Tone::Good),
        (ProposalState::Approved, Progress::NeverFetched(_)) => ("approved, never fetched", Tone::Quiet),
        (ProposalState::Approved, Progress::Settled | Progress::Happened(_)) => {
            ("approved and carried out", Tone::Good)
        }
    };
    Badge::new(words, tone)
}

/// What happens, or happened, after the approval, with its moment. Nothing where the approval was all.
pub(super) fn afterwards(line: &ProposalLine) -> Option<String> {
    Some(match line.progress {
        Progress::Settled => return None,
        Progress::Waits(due) => format!(
            "It is not carried out yet: it waits until {}, and until then the person or any administrator can stop it.",
            due.for_people()
        ),
        Progress::Stopped(at) => format!("It was stopped at {}: nothing was carried out.", at.for_people()),
        Progress::Happened(at) => {
            format!("It was carried out at {}, at the end of its wait.", at.for_people())
        }
        Progress::ToFetch(until) if line.own => format!("You can fetch it until {}.", until.for_people()),
        Progress::ToFetch(until) => {
            format!("{} can fetch it until {}.", line.proposer, until.for_people())
        }
        Progress::Fetched(at) => format!("{} fetched it at {}.", line.proposer, at.for_people()),
        Progress::NeverFetched(until) => {
            format!("Nobody fetched it before {}; propose it anew if it is still wanted.", until.for_people())
        }
    })
}

/// What the button that approves is called, and what pressing it does.
pub(super) fn approving(line: &ProposalLine) -> (&'static str, String) {
    let read = "You have read what would change.";
    let noted = "The ledger says that you approved it.";
    match line.kind.effect {
        Effect::AtOnce => (
            "Approve and carry out",
            format!(
                "{read} It is carried out at once, exactly as shown above; another proposal can change it back. {noted}"
            ),
        ),
        Effect::ForGood => (
            "Approve and carry out",
            format!("{read} It is carried out at once, and nobody can take it back. {noted}"),
        ),
        Effect::AfterAWait => (
            "Approve it: the wait begins",
            format!(
                "{read} Nothing happens before the wait is over. They are told on every address now, and they or any \
                 administrator can stop it until then. {noted}"
            ),
        ),
        Effect::GivesACopy => (
            "Approve it: it can be fetched",
            format!(
                "{read} From then on {} can fetch it, for a time. What has left the desk nobody can call back. {noted}",
                line.proposer
            ),
        ),
    }
}
