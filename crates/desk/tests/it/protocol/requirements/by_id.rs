//! Requirements whose effect is not typed, but which a machine decides.

use bastide_desk::{
    machine::{Machine as _, case_state, em, invariants::OnAttacks, pec, rm, vfd},
    protocol::{Message, Participant, Role, receive, send},
};

use super::{Verdict, matches};
use crate::protocol::table::em_letter;

/// Sentences that repeat a part of a rule above them: message, case state, embargo, and what must be seen.
const RESTATED: &[(&str, &str, &str, &str, &str)] = &[
    ("CSB-04-005", "CP", "...p..", "P", "em=N"),
    ("CSB-04-006", "CP", "...p..", "P", "CK"),
    ("CSB-04-007", "CP", "...p..", "AR", "ET"),
    ("CSB-04-008", "CP", "...p..", "AR", "CK"),
    ("CSB-05-006", "CX", "...px.", "P", "em=N"),
    ("CSB-05-007", "CX", "...px.", "P", "CK"),
    ("CSB-05-008", "CX", "...px.", "AR", "ET"),
    ("CSB-05-009", "CX", "...px.", "AR", "CK"),
    ("CSB-05-010", "CX", "...px.", "AR", "...PX."),
    ("CSB-06-006", "CA", "...p.a", "P", "em=N"),
    ("CSB-06-007", "CA", "...p.a", "P", "CK"),
    ("CSB-06-008", "CA", "...p.a", "AR", "ET"),
    ("CSB-06-009", "CA", "...p.a", "AR", "CK"),
    ("CSB-06-010", "CA", "...p.a", "AR", "...P.A"),
];

/// The verdict on a requirement that is checked by its id.
pub(super) fn verdict(id: &str) -> Option<Verdict> {
    if let Some(row) = RESTATED.iter().find(|row| row.0 == id) {
        return Some(restated(row));
    }
    let open = |state: &Participant| state.rm != rm::State::Closed;
    Some(match id {
        "RMB-01-005" | "RMB-14-002" => every(|state, role, message| {
            let outcome = receive(state, role, OnAttacks::EndEmbargo, message);
            (state.rm == rm::State::Closed && message.code().starts_with('R'))
                .then(|| outcome.state == state && outcome.replies.is_empty())
        }),
        "RMB-08-001" => silent(Message::ReportAcknowledgement),
        "EMB-09-001" => silent(Message::EmbargoAcknowledgement),
        "CSB-08-001" => silent(Message::CaseAcknowledgement),
        "RMB-10-001" => held(rm::State::Valid.legal().eq([rm::Trigger::Accept, rm::Trigger::Defer])),
        "RMB-10-002" => held(rm::State::Valid.next(rm::Trigger::Close).is_none()),
        "RMB-11-003" => held(rm::State::Invalid.next(rm::Trigger::Validate) == Some(rm::State::Valid)),
        "RMB-13-001" => every(|state, role, message| {
            (message == Message::ReportSubmission && state.rm != rm::State::Accepted)
                .then(|| send(state, role, OnAttacks::EndEmbargo, message).is_err())
        }),
        // Deferring or closing one's own report does not touch the embargo.
        "EMB-11-003" | "EMB-12-002" => every(|state, role, message| {
            let own = matches!(message, Message::ReportClosed | Message::ReportDeferred);
            let sent = send(state, role, OnAttacks::EndEmbargo, message).ok().filter(|_| own)?;
            Some(sent.state.em == state.em)
        }),
        "EMB-13-001" => held(
            pec::State::ALL
                .iter()
                .all(|state| state.next(pec::Trigger::Reset) == Some(pec::State::NoEmbargo)),
        ),
        "EMB-10-001" => held(em::State::Proposed.legal().count() == 3),
        "EMB-12-001" => held(
            [em::Trigger::Accept, em::Trigger::Reject, em::Trigger::Propose]
                .into_iter()
                .all(|trigger| em::State::Revise.next(trigger).is_some()),
        ),
        "EMB-13-002" => no_new_embargo("......", &[em::State::Exited]),
        "CSB-12-002" => no_new_embargo("...P..", &em::State::ALL),
        "CSB-13-003" => no_new_embargo("....X.", &em::State::ALL),
        "CSB-14-003" => no_new_embargo(".....A", &em::State::ALL),
        "EMB-16-001" => every(|state, role, message| {
            let happened = matches!(message.code(), "CP" | "CX" | "CA");
            if !happened || state.em != em::State::Proposed || !matches(state, "...p..") || !open(&state) {
                return None;
            }
            let sent = send(state, role, OnAttacks::EndEmbargo, message).ok()?;
            Some(sent.state.em == em::State::None && sent.also.contains(&Message::EmbargoRejection))
        }),
        "CSB-12-001" => ends_embargo(Message::PublicAware, "...p..", "...P.."),
        "CSB-13-002" => ends_embargo(Message::ExploitPublic, "...px.", "...PX."),
        "CSB-14-001" => ends_embargo(Message::AttacksObserved, "...pxa", ".....A"),
        "CSB-13-001" => every(|state, role, message| {
            if message != Message::ExploitPublic || !matches(state, "...px.") {
                return None;
            }
            let sent = send(state, role, OnAttacks::EndEmbargo, message).ok()?;
            Some(matches(sent.state, "...PX.") && sent.also.contains(&Message::PublicAware))
        }),
        "CSB-14-002" => every(|state, role, message| {
            if message != Message::AttacksObserved || !matches(state, "...pxa") {
                return None;
            }
            let sent = send(state, role, OnAttacks::EndEmbargo, message).ok()?;
            Some(matches(sent.state, "...P.A"))
        }),
        "CSB-11-001" => Verdict::Skipped("advice to a person or to Vultron's own code, no step of a machine"),
        "CSB-15-001" => sent_only_by(Message::FixReady, &[Role::Vendor, Role::VendorDeployer]),
        "CSB-15-002" => sent_only_by(Message::FixDeployed, &[Role::VendorDeployer]),
        // Publishing is no deployment.
        "CSB-15-003" => every(|state, role, message| {
            let sent = send(state, role, OnAttacks::EndEmbargo, message).ok()?;
            let deployed = |state: Participant| state.vfd == Some(vfd::State::FixDeployed);
            (message == Message::PublicAware).then(|| deployed(sent.state) == deployed(state))
        }),
        "CSB-17-001" | "CSB-17-006" | "CSB-17-007" => held(
            case_state::State::ALL.len() == 32
                && case_state::State::ALL
                    .iter()
                    .all(|state| !state.code().contains("vF") && !state.code().contains("fD")),
        ),
        "CSB-17-002" | "CSB-17-008" => one_step_at_a_time(),
        "CSB-17-003" | "CSB-17-013" => forced(|_| true, None),
        "CSB-17-009" => forced(
            |state| !state.vfd.vendor_is_aware() && state.pxa.is_public(),
            Some(case_state::Event::VendorAware),
        ),
        "CSB-17-012" => forced(
            |state| state.pxa.exploit_is_public() && !state.pxa.is_public(),
            Some(case_state::Event::Public),
        ),
        "CSB-17-004" | "CSB-17-005" | "CSB-17-010" | "CSB-17-011" => {
            Verdict::Skipped("checked over all 720 orders in machines::case_state")
        }
        _ => return None,
    })
}

fn restated((_, code, pattern, embargo, seen): &(&str, &str, &str, &str, &str)) -> Verdict {
    every(|state, role, message| {
        let applies = message.code() == *code
            && state.rm != rm::State::Closed
            && matches(state, pattern)
            && embargo.contains(em_letter(state.em));
        let outcome = applies.then(|| receive(state, role, OnAttacks::EndEmbargo, message))?;
        Some(if let Some(letter) = seen.strip_prefix("em=") {
            letter.starts_with(em_letter(outcome.state.em))
        } else if let Some(said) = Message::from_code(seen) {
            outcome.replies.contains(&said) || outcome.announcements.contains(&said)
        } else {
            matches(outcome.state, seen)
        })
    })
}

/// Holds a law against every state, role and message to which it applies (`Some`).
fn every(law: impl Fn(Participant, Role, Message) -> Option<bool>) -> Verdict {
    let mut count = 0;
    for role in Role::ALL {
        for state in Participant::all() {
            for message in Message::ALL {
                match law(state, role, message) {
                    None => {}
                    Some(true) => count += 1,
                    Some(false) => return Verdict::Broken(format!("{role:?} {state:?} {message}")),
                }
            }
        }
    }
    Verdict::Held(count)
}

fn held(condition: bool) -> Verdict {
    if condition { Verdict::Held(1) } else { Verdict::Broken("the machine's table".to_owned()) }
}

fn silent(acknowledgement: Message) -> Verdict {
    every(|state, role, message| {
        let outcome = receive(state, role, OnAttacks::EndEmbargo, message);
        (message == acknowledgement)
            .then(|| outcome.state == state && outcome.replies.is_empty() && outcome.announcements.is_empty())
    })
}

/// Nobody can propose or accept an embargo where the case state matches.
fn no_new_embargo(pattern: &str, embargo: &[em::State]) -> Verdict {
    every(|state, role, message| {
        let begins = matches!(message.code(), "EP" | "EA" | "EV" | "EC");
        (begins && matches(state, pattern) && embargo.contains(&state.em))
            .then(|| send(state, role, OnAttacks::EndEmbargo, message).is_err())
    })
}

/// Who announces that something happened while an embargo is in force ends it in the same step.
fn ends_embargo(announcement: Message, before: &str, after: &str) -> Verdict {
    every(|state, role, message| {
        if message != announcement || !state.em.is_in_force() || !matches(state, before) {
            return None;
        }
        let sent = send(state, role, OnAttacks::EndEmbargo, message).ok()?;
        Some(
            matches(sent.state, after)
                && sent.state.em == em::State::Exited
                && sent.also.contains(&Message::EmbargoTermination),
        )
    })
}

fn sent_only_by(announcement: Message, roles: &[Role]) -> Verdict {
    every(|state, role, message| {
        send(state, role, OnAttacks::EndEmbargo, message).ok()?;
        (message == announcement).then(|| roles.contains(&role))
    })
}

fn one_step_at_a_time() -> Verdict {
    let mut count = 0;
    for state in case_state::State::ALL {
        for after in state.legal().filter_map(|event| state.next(event)) {
            let (before, after) = (state.code(), after.code());
            let changed: Vec<(char, char)> =
                before.chars().zip(after.chars()).filter(|(one, other)| one != other).collect();
            if !matches!(changed[..], [(one, other)] if one.is_lowercase() && other.is_uppercase()) {
                return Verdict::Broken(format!("{before} to {after}"));
            }
            count += 1;
        }
    }
    Verdict::Held(count)
}

/// States that do not last have exactly one next event, `event` where it is given.
fn forced(of: impl Fn(case_state::State) -> bool, event: Option<case_state::Event>) -> Verdict {
    let mut count = 0;
    for state in case_state::State::ALL.into_iter().filter(|state| of(*state) && state.forced().is_some()) {
        let legal: Vec<case_state::Event> = state.legal().collect();
        if legal.len() != 1 || event.is_some_and(|event| legal[0] != event) {
            return Verdict::Broken(format!("{}: {legal:?}", state.code()));
        }
        count += 1;
    }
    Verdict::Held(count)
}
