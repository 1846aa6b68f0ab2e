//! A case's history in words: one sentence for every kind of event, with who, as what, and by which rule or clause.

use bastide_authz::{Role, Tier};
use bastide_desk::{
    case::{Channel, ClosingReason, Content, Event, Notice, Party},
    machine::{advisory, cve, fix, intake, pec, pxa, rm, vfd},
    policy::Disposition,
};
use bastide_model::id::PersonId;
use bastide_pages::{
    desk::{EntryKind, TimelineEntry, TimelineNavigation},
    part::{Link, Moment, RuleReference},
};
use bastide_usecases::{CaseEntry, CaseView, EntryKind as Kind, OpenedContent};

use super::words;

/// The part of the history that the page shows, oldest first.
pub(super) fn entries(view: &CaseView) -> Vec<TimelineEntry> {
    view.entries.iter().filter(|entry| view.timeline.shows(entry)).map(|entry| line(view, entry)).collect()
}

/// The ways to the other parts of the history.
pub(super) fn navigation(view: &CaseView) -> TimelineNavigation {
    let timeline = &view.timeline;
    let case = view.case.id;
    let address = |kind: Option<Kind>, place: Option<(&str, u64)>| {
        let mut pairs: Vec<String> = Vec::new();
        pairs.extend(kind.map(|kind| format!("kind={}", kind.as_str())));
        pairs.extend(place.map(|(name, number)| format!("{name}={number}")));
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        format!("/cases/{case}{query}")
    };
    let kind = timeline.window.kind;
    let mut kinds = vec![(Link::new("All", format!("{}#timeline", address(None, None))), kind.is_none())];
    kinds.extend(Kind::ALL.into_iter().map(|one| {
        let words = match one {
            Kind::Event => "Events",
            Kind::Message => "Messages",
            Kind::Decision => "Decisions",
            Kind::Breach => "Missed deadlines",
        };
        (Link::new(words, format!("{}#timeline", address(Some(one), None))), kind == Some(one))
    }));
    let first = timeline.shown.first().copied().unwrap_or(1);
    let last = timeline.shown.last().copied().unwrap_or(0);
    TimelineNavigation {
        kinds,
        position: format!("{} of {} entries", timeline.shown.len(), timeline.of_kind).into(),
        older: timeline.older.then(|| {
            Link::new("Older entries", format!("{}#timeline", address(kind, Some(("before", first)))))
        }),
        newer: timeline.newer.then(|| {
            Link::new("Newer entries", format!("{}#timeline", address(kind, Some(("from", last + 1)))))
        }),
        unread: timeline.first_unread.map(|number| {
            let here = timeline.shown.binary_search(&number).is_ok();
            let place = if here { String::new() } else { address(None, Some(("from", number))) };
            Link::new("Jump to the first unread entry", format!("{place}#entry-{number}"))
        }),
    }
}

fn line(view: &CaseView, entry: &CaseEntry) -> TimelineEntry {
    let (actor, role) = actor(view, entry);
    TimelineEntry {
        number: entry.sequence,
        unread: view.timeline.first_unread.is_some_and(|first| entry.sequence >= first),
        kind: kind(&entry.event),
        at: Moment::of(entry.at),
        actor: actor.into(),
        role: role.into(),
        what: sentence(view, &entry.event).into(),
        body: body(entry).into(),
        tier: words::tier(tier(entry)),
        rule: words::rule(rule(&entry.event)),
        clause: clause(view, &entry.event),
    }
}

/// Who did it. Nobody means the reporter by link, the desk's own rules, or the clock; the event tells which.
fn actor(view: &CaseView, entry: &CaseEntry) -> (String, String) {
    let Some(person) = entry.actor else { return (nobody(&entry.event).to_owned(), String::new()) };
    let mut roles: Vec<&str> = Vec::new();
    if let Some(member) = view.case.members.get(&person) {
        roles.extend(member.roles.iter().map(|role| words::role(*role)));
    }
    if view.case.is_reporter(person) {
        roles.push(words::role(Role::Reporter));
    }
    let role = if roles.is_empty() { String::new() } else { format!("as {}", roles.join(" and ")) };
    (view.name(person).to_owned(), role)
}

fn nobody(event: &Event) -> &'static str {
    match event {
        Event::ReportSubmitted { .. }
        | Event::ReportRevised
        | Event::ReporterAnswered
        | Event::UpstreamConsent { .. }
        | Event::PublicFactAsserted { .. }
        | Event::MessageSent { .. }
        | Event::IntakeChanged {
            trigger: intake::Trigger::Submit | intake::Trigger::Amend | intake::Trigger::Withdraw,
        } => "the reporter",
        Event::DeadlineBreached { .. }
        | Event::Reminded { .. }
        | Event::Escalated { .. }
        | Event::AdvisoryPublished { .. }
        | Event::AdvisoryChanged { .. }
        | Event::RoleTaken { .. } => "the clock",
        _ => "the desk",
    }
}

fn kind(event: &Event) -> EntryKind {
    match bastide_usecases::EntryKind::of(event) {
        bastide_usecases::EntryKind::Event => EntryKind::Event,
        bastide_usecases::EntryKind::Message => EntryKind::Message,
        bastide_usecases::EntryKind::Decision => EntryKind::Decision,
        bastide_usecases::EntryKind::Breach => EntryKind::Breach,
    }
}

/// Whom an entry is for: as its content says; a bare header is for everybody who takes part.
fn tier(entry: &CaseEntry) -> Tier {
    match (&entry.content, &entry.event) {
        (OpenedContent::Open(tier, _) | OpenedContent::Closed(tier) | OpenedContent::Unopened(tier), _)
        | (_, Event::MessageSent { tier, .. }) => *tier,
        _ => Tier::Participants,
    }
}

fn body(entry: &CaseEntry) -> String {
    match &entry.content {
        OpenedContent::None | OpenedContent::Unopened(_) => String::new(),
        OpenedContent::Closed(_) => "(What was written is not for you.)".to_owned(),
        OpenedContent::Erased => "(What was written has been erased.)".to_owned(),
        OpenedContent::Open(_, content) => match content.as_ref() {
            Content::Report(report) => report.draft.title.clone(),
            Content::Findings { findings } => {
                findings.iter().map(|found| words::sentence(&found.message)).collect::<Vec<_>>().join("\n")
            }
            Content::Text { text } => text.clone(),
            Content::Cve { number } => number.clone(),
            Content::Fix { reference, note } => [reference.as_str(), note.as_str()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("\n"),
            Content::Advisory { change, .. } => change.clone().unwrap_or_default(),
        },
    }
}

fn clause(view: &CaseView, event: &Event) -> Option<RuleReference> {
    let Event::Triaged { clause: Some(id), .. } = event else { return None };
    let title = view.threat_model.clause(id).map_or("", |clause| clause.title.as_str());
    Some(RuleReference::new(id.as_str(), title))
}

fn rule(event: &Event) -> &'static str {
    match event {
        Event::LintFound { .. } => "P02",
        Event::Acknowledged { .. } => "J11",
        Event::Triaged { .. } => "J13",
        Event::IssueTextWritten => "P12",
        Event::UpstreamConsent { .. } => "P09",
        Event::ProjectAdded { .. } => "O03",
        Event::Replicated { .. } => "J18",
        Event::ParticipantInvited { .. } => "J17",
        Event::CveChanged { .. } => "J19",
        Event::CveExempted { .. } => "J21",
        Event::FixChanged { trigger, .. } => match trigger {
            fix::Trigger::Start => "J20",
            fix::Trigger::Agree => "J21",
            fix::Trigger::RecordTest => "J31",
            fix::Trigger::Merge => "J26",
            fix::Trigger::Release => "J27",
            fix::Trigger::Rework | fix::Trigger::Abandon => "",
        },
        Event::DatesProposed { .. } | Event::DatesConfirmed { .. } => "J24",
        Event::NoticePosted { .. } => "J25",
        Event::AdvisoryDrafted { .. } => "J15",
        Event::AdvisoryApproved { .. } => "J09",
        Event::AdvisoryPublished { .. } => "J28",
        Event::ReporterNotified { notice } => match notice {
            Notice::NotAccepted => "J14",
            Notice::CveNumber => "J22",
            Notice::Dates => "J24",
            Notice::Releases => "J29",
            Notice::Receipt => "J04",
        },
        Event::DisclosurePostponed { .. } => "J06",
        Event::DeadlineSet { kind, .. }
        | Event::DeadlineMet { kind }
        | Event::DeadlineBreached { kind }
        | Event::Reminded { kind, .. }
        | Event::Escalated { kind } => kind.rule(),
        Event::CaseClosed { .. } => "J30",
        _ => "",
    }
}

fn sentence(view: &CaseView, event: &Event) -> String {
    let name = |person: &PersonId| view.name(*person).to_owned();
    match event {
        Event::ReportSubmitted { project, channel, .. } => {
            let by = match channel {
                Channel::Form => "with the form",
                Channel::Api => "through the API",
                Channel::Mail => "by mail",
                Channel::Bridge => "through another coordination service",
            };
            format!("A report to {project} was sent {by}.")
        }
        Event::ReportRevised => "A better version of the report was sent.".to_owned(),
        Event::LintFound { disposition, rules } => {
            let what = match disposition {
                Disposition::Record => "nothing that stops it",
                Disposition::Warn => "something that could be better",
                Disposition::Hold => "that something needed is missing: it waits for a person",
                Disposition::Block => "that it cannot be taken like this",
            };
            let by = if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
            format!("The checks of the policy found {what}{by}.")
        }
        Event::IntakeChanged { trigger } => intake_sentence(*trigger).to_owned(),
        Event::Acknowledged { .. } => "A person answered the reporter.".to_owned(),
        Event::MessageSent { asks_reporter, .. } => {
            let asks = if *asks_reporter { ", and asks the reporter for more" } else { "" };
            format!("Wrote a message{asks}.")
        }
        Event::RoleTaken { person, role } => format!("{} is {} now.", name(person), words::role(*role)),
        Event::RoleLeft { person, role } => format!("{} is no longer {}.", name(person), words::role(*role)),
        Event::ParticipantInvited { person, role } => {
            format!(
                "Invited {} as {}; they see no content before they agree to the embargo.",
                name(person),
                words::role(*role)
            )
        }
        Event::ConsentChanged { person, trigger } => {
            let who = person.as_ref().map_or_else(|| "The reporter".to_owned(), name);
            consent_sentence(&who, *trigger)
        }
        Event::Triaged { outcome, .. } => format!("Judged the report: {}.", outcome.in_words()),
        Event::IssueTextWritten => "Wrote a cleaned text for a public issue.".to_owned(),
        Event::UpstreamConsent { given: true } => "Agreed that the report is passed on upstream.".to_owned(),
        Event::UpstreamConsent { given: false } => "Did not agree that the report is passed on.".to_owned(),
        Event::RmChanged { party, trigger } => report_sentence(party, *trigger),
        Event::ProjectAdded { project } => format!("{project} is affected too and takes part."),
        Event::Replicated { project, reproduced: true, .. } => format!("Reproduced it in {project}."),
        Event::Replicated { project, .. } => format!("Could not reproduce it in {project}."),
        Event::VfdChanged { project, trigger } => match trigger {
            vfd::Trigger::BecomeAware => format!("{project} knows of it."),
            vfd::Trigger::ReadyFix => format!("A fix is ready in {project}."),
            vfd::Trigger::DeployFix => format!("The fix of {project} is deployed."),
        },
        Event::EmbargoProposed { end, .. } => format!("Proposed an embargo until {}.", end.for_people()),
        Event::EmbargoAccepted { .. } => "The proposed embargo was accepted.".to_owned(),
        Event::EmbargoRejected { .. } => {
            "The proposed embargo was rejected; what held before still holds.".to_owned()
        }
        Event::EmbargoTerminated => "The embargo is over.".to_owned(),
        Event::PublicFactAsserted { trigger, .. } => match trigger {
            pxa::Trigger::BecomePublic => "Said that the vulnerability is known in public.".to_owned(),
            pxa::Trigger::PublishExploit => "Said that an exploit is public.".to_owned(),
            pxa::Trigger::ObserveAttacks => "Said that attacks were seen.".to_owned(),
        },
        Event::PublicFactRecorded { trigger } => match trigger {
            pxa::Trigger::BecomePublic => "The vulnerability is known in public.".to_owned(),
            pxa::Trigger::PublishExploit => "An exploit is public.".to_owned(),
            pxa::Trigger::ObserveAttacks => "Attacks were seen.".to_owned(),
        },
        Event::VulnerabilityAdded { .. } => "The case holds one more vulnerability.".to_owned(),
        Event::CveChanged { trigger, .. } => cve_sentence(*trigger).to_owned(),
        Event::CveExempted { .. } => "Decided that no CVE number will be asked for.".to_owned(),
        Event::FixChanged { project, trigger, .. } => match trigger {
            fix::Trigger::Start => format!("Started a fix of {project} in private."),
            fix::Trigger::Agree => format!("The fix of {project} is agreed."),
            fix::Trigger::RecordTest => format!("Tested the fix of {project} by hand."),
            fix::Trigger::Merge => format!("Merged the fix of {project}: everybody can read it now."),
            fix::Trigger::Release => format!("Released the fix of {project}."),
            fix::Trigger::Rework => {
                format!("The fix of {project} needs more work; agreement and tests no longer count.")
            }
            fix::Trigger::Abandon => format!("Work on the fix of {project} stopped."),
        },
        Event::DatesProposed { release, announcement, .. } => format!(
            "Proposed the release for {} and the announcement for {}.",
            release.for_people(),
            announcement.for_people()
        ),
        Event::DatesConfirmed { .. } => "Agreed to the dates.".to_owned(),
        Event::NoticePosted { .. } => "Posted both dates to the security list, without details.".to_owned(),
        Event::AdvisoryDrafted { version, withdraws: false, .. } => {
            format!("Wrote version {version} of the advisory.")
        }
        Event::AdvisoryDrafted { version, .. } => {
            format!("Wrote version {version}, which withdraws the advisory.")
        }
        Event::AdvisoryChanged { trigger, .. } => advisory_sentence(*trigger).to_owned(),
        Event::AdvisoryApproved { version, .. } => format!("Approved version {version} of the advisory."),
        Event::AdvisoryPublished { version, withdrawn: false, .. } => {
            format!("Version {version} of the advisory went out.")
        }
        Event::AdvisoryPublished { version, .. } => {
            format!("The advisory was withdrawn with version {version}.")
        }
        Event::ReporterAnswered => "Answered what the team had asked.".to_owned(),
        Event::ReporterAccountKept { .. } => "Keeps the report under an account.".to_owned(),
        Event::ReporterLinkEnded => "Ended the secret link; only the account opens the report.".to_owned(),
        Event::ReporterLinkReplaced => "Replaced the secret link; the old one ended.".to_owned(),
        Event::ReporterNotified { notice } => match notice {
            Notice::Receipt => "The reporter has the automatic receipt.".to_owned(),
            Notice::NotAccepted => "Told the reporter that the report is not accepted, and why.".to_owned(),
            Notice::CveNumber => "Told the reporter the CVE number.".to_owned(),
            Notice::Dates => "Told the reporter the dates.".to_owned(),
            Notice::Releases => "Told the reporter of the releases and the advisory.".to_owned(),
        },
        Event::DisclosurePostponed { until, .. } => {
            format!("Put disclosure off until {}.", until.for_people())
        }
        Event::DeadlineSet { kind, due } => format!("Due {}: {}.", due.for_people(), kind.in_words()),
        Event::DeadlineMet { kind } => format!("Done in time or no longer due: {}.", kind.in_words()),
        Event::DeadlineBreached { kind } => format!("Not done in time: {}.", kind.in_words()),
        Event::Reminded { kind, days } => {
            format!("Reminded, {} before: {}.", words::counted(*days, "day"), kind.in_words())
        }
        Event::Escalated { kind } => {
            format!("Called the administrators, for it is overdue: {}.", kind.in_words())
        }
        Event::CaseClosed { reason } => match reason {
            ClosingReason::Published => "Closed: the advisory is out and the reporter knows.".to_owned(),
            ClosingReason::Withdrawn => "Closed: the advisory was withdrawn.".to_owned(),
            ClosingReason::NotAccepted => "Closed: not a vulnerability of this project.".to_owned(),
            ClosingReason::Noise => "Closed: no potential vulnerability.".to_owned(),
            ClosingReason::RejectedOnArrival => {
                "Closed: turned away because of its reporter's conduct.".to_owned()
            }
            ClosingReason::Duplicate { .. } => "Closed: another case handles it.".to_owned(),
            ClosingReason::Abandoned => "Closed: the reporter took it back or stopped answering.".to_owned(),
        },
    }
}

fn intake_sentence(trigger: intake::Trigger) -> &'static str {
    match trigger {
        intake::Trigger::Submit => "The report is being checked.",
        intake::Trigger::Hold => "The report is held until it is mended or a person lets it in.",
        intake::Trigger::Discard => "The report was put aside: it holds no potential vulnerability.",
        intake::Trigger::RejectOnArrival => "The report was turned away because of its reporter's conduct.",
        intake::Trigger::Receive => "The report is in the inbox.",
        intake::Trigger::Amend => "The report was mended and is checked again.",
        intake::Trigger::Withdraw => "The reporter took the report back.",
        intake::Trigger::Restore => "The report was taken back out.",
    }
}

fn consent_sentence(who: &str, trigger: pec::Trigger) -> String {
    match trigger {
        pec::Trigger::Invite => format!("{who} was asked to agree to the embargo."),
        pec::Trigger::Accept => format!("{who} agreed to the embargo."),
        pec::Trigger::Decline => format!("{who} did not agree to the embargo."),
        pec::Trigger::Revise => format!("{who} is asked anew, because the embargo is to change."),
        pec::Trigger::Reset => format!("{who} is no longer bound by an embargo."),
    }
}

fn report_sentence(party: &Party, trigger: rm::Trigger) -> String {
    let whose = match party {
        Party::Desk => "The desk".to_owned(),
        Party::Project(project) => project.to_string(),
    };
    match trigger {
        rm::Trigger::Receive => format!("{whose} received the report."),
        rm::Trigger::Validate => format!("{whose} finds the report valid."),
        rm::Trigger::Invalidate => format!("{whose} finds the report not valid."),
        rm::Trigger::Accept => format!("{whose} accepted the report: work begins."),
        rm::Trigger::Defer => format!("{whose} put work off."),
        rm::Trigger::Close => format!("{whose} ended its work on it."),
    }
}

fn cve_sentence(trigger: cve::Trigger) -> &'static str {
    match trigger {
        cve::Trigger::Request => "Asked for a CVE number.",
        cve::Trigger::Cancel => "A CVE number is no longer wanted.",
        cve::Trigger::EnterNumber => "Entered the CVE number; it is private.",
        cve::Trigger::StartReserving => "A CVE number is being reserved.",
        cve::Trigger::StartPublishing => "The CVE record is being published.",
        cve::Trigger::StartUpdating => "The CVE record is being updated.",
        cve::Trigger::StartRejecting => "The CVE number is being rejected.",
        cve::Trigger::Confirm => "The CNA confirmed it.",
        cve::Trigger::Fail => "The CNA refused it; nothing changed.",
        cve::Trigger::LoseAnswer => {
            "The CNA's answer was lost; its list has to be read before anything else."
        }
        cve::Trigger::FindNothing => "The CNA's list holds no number.",
        cve::Trigger::FindReserved => "The CNA's list holds the number as reserved.",
        cve::Trigger::FindPublished => "The CNA's list holds the record as public.",
        cve::Trigger::FindRejected => "The CNA's list holds the number as rejected.",
    }
}

fn advisory_sentence(trigger: advisory::Trigger) -> &'static str {
    match trigger {
        advisory::Trigger::RequestReview => "Submitted the advisory for review.",
        advisory::Trigger::Approve => "The advisory is approved.",
        advisory::Trigger::RequestChanges => "Asked for changes of the advisory.",
        advisory::Trigger::Schedule => "The advisory has a date.",
        advisory::Trigger::Unschedule => "The advisory has no date any more.",
        advisory::Trigger::Publish => "The advisory is published.",
        advisory::Trigger::Revise => "A new version of the advisory is published.",
        advisory::Trigger::Withdraw => "The advisory is withdrawn.",
    }
}
