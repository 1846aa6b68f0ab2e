//! How much one case takes: the size of each text, and how many events people can add by writing.

use crate::case::{Case, Cited, Command, Refusal};

/// The longest text of a step, in bytes of UTF-8. A report has its own limits in the policy's lint; this is for
/// everything that is written afterwards.
pub(super) const LONGEST_TEXT: usize = 64 * 1024;

/// From this many events on, a case takes no more messages, claims and proposals. The steps that end a case stay
/// possible, and so does the clock.
pub(super) const MOST_EVENTS: u32 = 10_000;

/// Refuses a text that is too long, and what only adds words once the case is full.
pub(super) fn check(case: Option<&Case>, command: &Command) -> Result<(), Refusal> {
    if let Some(text) = texts(command).into_iter().find(|text| text.len() > LONGEST_TEXT) {
        return Err(Refusal::invalid(
            "O05",
            format!("a text of {} bytes is longer than the {LONGEST_TEXT} that one step takes", text.len()),
            "Shorten it, or send the long part as several messages.",
        ));
    }
    let talk = matches!(
        command,
        Command::Write { .. }
            | Command::Amend { .. }
            | Command::ProposeEmbargo { .. }
            | Command::RecordPublicFact { .. }
            | Command::RequestChanges { .. }
            | Command::NotifyReporter { .. }
            | Command::ReplaceReporterLink
    );
    if talk && case.is_some_and(|case| case.events >= MOST_EVENTS) {
        return Err(Refusal::not_now(
            "O05",
            format!("the case holds {MOST_EVENTS} events and takes no more messages"),
            "Close it, and send a new report for a new matter.",
        ));
    }
    Ok(())
}

/// Every text that somebody wrote into this command.
fn texts(command: &Command) -> Vec<&str> {
    match command {
        Command::Acknowledge { text, .. }
        | Command::Write { text, .. }
        | Command::TellReporterCve { text }
        | Command::PostNotice { text }
        | Command::RequestChanges { text }
        | Command::NotifyReporter { text, .. } => vec![text],
        Command::EndEmbargo { reason }
        | Command::RejectCve { reason, .. }
        | Command::ExemptCve { reason, .. }
        | Command::PostponeDisclosure { reason, .. } => vec![reason],
        Command::RecordPublicFact { evidence, .. } => vec![evidence],
        Command::Replicate { note, .. } | Command::RecordManualTest { note, .. } => vec![note],
        Command::StartFix { reference, .. } | Command::MergeFix { reference, .. } => vec![reference],
        Command::ReleaseFix { version, .. } => vec![version],
        Command::ReserveCve { number, .. } => vec![number],
        Command::Triage { clause, reasoning, cleaned_text, .. } => {
            let mut found = vec![reasoning.as_str()];
            found.extend(cleaned_text.as_deref());
            found.extend(clause.as_ref().map(|Cited { id, .. }| id.as_str()));
            found
        }
        Command::ProposeEmbargo { justification: text, .. }
        | Command::ProposeDates { short_notice_reason: text, .. }
        | Command::DraftAdvisory { change: text, .. }
        | Command::ReconcileCve { number: text, .. } => text.as_deref().into_iter().collect(),
        Command::Submit(_)
        | Command::Amend { .. }
        | Command::ReleaseHold { .. }
        | Command::KeepUnderAccount { .. }
        | Command::EndReporterLink
        | Command::ReplaceReporterLink
        | Command::TakeBack
        | Command::TakeCoordination
        | Command::Leave { .. }
        | Command::ConsentUpstream { .. }
        | Command::Accept { .. }
        | Command::AddProject { .. }
        | Command::Invite { .. }
        | Command::AnswerInvitation { .. }
        | Command::DecideEmbargo { .. }
        | Command::AddVulnerability { .. }
        | Command::RequestCve { .. }
        | Command::CveUncertain { .. }
        | Command::ConfirmCvePublished { .. }
        | Command::AgreeFix { .. }
        | Command::ReportDeployed { .. }
        | Command::ConfirmDates
        | Command::SubmitForReview
        | Command::ApproveAdvisory { .. }
        | Command::PublishAdvisory { .. }
        | Command::Close
        | Command::Tick { .. } => Vec::new(),
    }
}
