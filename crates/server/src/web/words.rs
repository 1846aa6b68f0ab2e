//! The desk's states, roles and tiers as pages say them: one place, so that a badge reads alike everywhere.

use bastide_authz::{Role, Tier};
use bastide_desk::{
    case::Lifecycle,
    machine::{advisory, cve, em, fix, pec, pxa, rm},
    threat::Ruling,
};
use bastide_model::severity::Rating;
use bastide_pages::part::{self, Badge, RuleReference, Tone};
use bastide_usecases::role_in_words;

/// A rule without a page of its own: an acceptance id, or a range of them. Other words for where a rule comes from, such as
/// the section of a protocol, say nothing to whoever reads a page.
pub(super) fn rule(id: &str) -> Option<RuleReference> {
    let is_id = |id: &str| {
        id.len() == 3
            && id.starts_with(|first: char| first.is_ascii_uppercase())
            && id.bytes().skip(1).all(|byte| byte.is_ascii_digit())
    };
    id.split('-').all(is_id).then(|| RuleReference::new(id, ""))
}

/// A text without empty lines at its ends and with one at the most in a row. A report keeps its lines where they were
/// written, so that findings can name them; answers that were read out of it leave many empty ones.
pub(super) fn closed_up(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let follows_gap = lines.last().is_none_or(|last| last.trim().is_empty());
        if !(line.trim().is_empty() && follows_gap) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

/// The first letter large: the desk's words complete sentences, headings stand alone.
pub(super) fn capitalised(text: &str) -> String {
    let mut symbols = text.chars();
    symbols.next().map_or_else(String::new, |first| first.to_uppercase().chain(symbols).collect())
}

/// A message of a rule as a sentence of a page: rules write for all doors, in small letters and with code marks.
pub(super) fn sentence(text: &str) -> String {
    let sentence = capitalised(text.trim()).replace('`', "\"");
    if sentence.ends_with(['.', '!', '?', ':']) || sentence.is_empty() {
        sentence
    } else {
        format!("{sentence}.")
    }
}

/// A count with its noun: `1 day`, `3 days`.
pub(super) fn counted(count: u32, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Whom something is for.
pub(super) fn tier(tier: Tier) -> part::Tier {
    match tier {
        Tier::TeamOnly => part::Tier::TeamOnly,
        Tier::TeamAndReporter => part::Tier::TeamAndReporter,
        Tier::Participants => part::Tier::Participants,
        Tier::Public => part::Tier::Public,
    }
}

/// A role's name in forms and addresses.
pub(super) fn role_name(role: Role) -> String {
    let name = serde_json::to_value(role).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
}

/// The role of this name.
pub(super) fn role_of(name: &str) -> Option<Role> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// A role as people say it.
pub(super) fn role(role: Role) -> &'static str {
    role_in_words(role)
}

/// Where a case stands, from the word that the inbox keeps.
pub(super) fn lifecycle(word: &str) -> Badge {
    let stage = Lifecycle::ALL.into_iter().find(|stage| stage.as_str() == word);
    let tone = match stage {
        Some(Lifecycle::Held | Lifecycle::Received) => Tone::Warning,
        Some(Lifecycle::AcceptedEmbargoed | Lifecycle::ReleasedQuiet) => Tone::Danger,
        Some(Lifecycle::Published) => Tone::Good,
        Some(Lifecycle::Closed | Lifecycle::Withdrawn | Lifecycle::Invalid) => Tone::Quiet,
        Some(_) | None => Tone::Progress,
    };
    let words = match stage {
        Some(Lifecycle::AcceptedEmbargoed) => "accepted, under embargo",
        Some(Lifecycle::FixAgreed) => "fix agreed",
        Some(Lifecycle::ReleasedQuiet) => "released quietly",
        Some(Lifecycle::Invalid) => "not a vulnerability",
        _ => word,
    };
    Badge::new(words, tone)
}

/// A severity in a word, or that there is none yet.
pub(super) fn severity(word: Option<&str>) -> Badge {
    let tone = match word {
        Some("critical" | "high") => Tone::Danger,
        Some("medium") => Tone::Warning,
        Some(_) => Tone::Neutral,
        None => Tone::Quiet,
    };
    Badge::new(word.unwrap_or("not rated"), tone)
}

/// A rating as a badge.
pub(super) fn rating(rating: Option<Rating>) -> Badge {
    severity(rating.map(|rating| rating.name().to_lowercase()).as_deref())
}

/// What a clause says about a report that falls under it.
pub(super) fn ruling(ruling: Ruling) -> Badge {
    match ruling {
        Ruling::Vulnerability => Badge::new("vulnerability", Tone::Danger),
        Ruling::Bug => Badge::new("ordinary bug", Tone::Neutral),
        Ruling::Upstream => Badge::new("belongs upstream", Tone::Progress),
        Ruling::OutOfScope => Badge::new("not a vulnerability", Tone::Quiet),
    }
}

/// Somebody's consent to the embargo.
pub(super) fn consent(state: pec::State) -> Badge {
    match state {
        pec::State::NoEmbargo => Badge::new("no embargo", Tone::Quiet),
        pec::State::Invited => Badge::new("asked, no answer yet", Tone::Warning),
        pec::State::Signatory => Badge::new("agreed", Tone::Good),
        pec::State::Lapsed => Badge::new("asked again, no answer yet", Tone::Warning),
        pec::State::Declined => Badge::new("declined", Tone::Danger),
    }
}

/// Report management.
pub(super) fn report(state: rm::State) -> (Badge, &'static str) {
    match state {
        rm::State::Start => (Badge::new("not received", Tone::Quiet), "It has not reached the team."),
        rm::State::Received => (Badge::new("received", Tone::Warning), "Nobody has judged it yet."),
        rm::State::Invalid => (Badge::new("not valid", Tone::Quiet), "It was judged to be no vulnerability."),
        rm::State::Valid => {
            (Badge::new("valid", Tone::Progress), "Whether work begins is still to be decided.")
        }
        rm::State::Deferred => (Badge::new("put off", Tone::Neutral), "It is valid; work on it waits."),
        rm::State::Accepted => (Badge::new("accepted", Tone::Good), "It is being worked on."),
        rm::State::Closed => (Badge::new("closed", Tone::Quiet), "Work on it has ended."),
    }
}

/// The embargo.
pub(super) fn embargo(state: em::State) -> (Badge, &'static str) {
    match state {
        em::State::None => (Badge::new("none", Tone::Quiet), "No embargo was agreed."),
        em::State::Proposed => {
            (Badge::new("proposed", Tone::Warning), "Somebody else than the proposer decides.")
        }
        em::State::Active => (Badge::new("in force", Tone::Good), "Nobody speaks about it before its end."),
        em::State::Revise => (
            Badge::new("in force, change proposed", Tone::Warning),
            "The old end holds until a new one is agreed.",
        ),
        em::State::Exited => (Badge::new("over", Tone::Quiet), "Everybody may speak."),
    }
}

/// A fix.
pub(super) fn fix(state: fix::State) -> (Badge, &'static str) {
    match state {
        fix::State::None => (Badge::new("not begun", Tone::Quiet), "Nobody works on a fix yet."),
        fix::State::InDevelopment => (Badge::new("in development", Tone::Progress), "Developed in private."),
        fix::State::Agreed => {
            (Badge::new("agreed", Tone::Progress), "To be tested by hand before it is merged.")
        }
        fix::State::TestedManually => {
            (Badge::new("tested by hand", Tone::Good), "Ready to be merged on its date.")
        }
        fix::State::Merged => {
            (Badge::new("merged", Tone::Warning), "Everybody can read it; the release is next.")
        }
        fix::State::Released => (Badge::new("released", Tone::Good), "Users can install it."),
    }
}

/// A CVE number.
pub(super) fn cve(state: cve::State, exempt: bool) -> Badge {
    if exempt {
        return Badge::new("none needed", Tone::Quiet);
    }
    match state {
        cve::State::None => Badge::new("not asked for", Tone::Quiet),
        cve::State::Requested => Badge::new("asked for", Tone::Progress),
        cve::State::Reserving => Badge::new("being reserved", Tone::Progress),
        cve::State::ReservationUnknown => Badge::new("answer lost", Tone::Danger),
        cve::State::Reserved => Badge::new("reserved, private", Tone::Good),
        cve::State::Publishing => Badge::new("being published", Tone::Progress),
        cve::State::Published => Badge::new("published", Tone::Good),
        cve::State::Updating => Badge::new("being updated", Tone::Progress),
        cve::State::Rejecting => Badge::new("being rejected", Tone::Progress),
        cve::State::RecordUnknown => Badge::new("record unknown", Tone::Danger),
        cve::State::Rejected => Badge::new("rejected", Tone::Quiet),
    }
}

/// An advisory.
pub(super) fn advisory(state: advisory::State) -> (Badge, &'static str) {
    match state {
        advisory::State::Draft => (Badge::new("draft", Tone::Quiet), "It is being written."),
        advisory::State::InReview => (Badge::new("in review", Tone::Progress), "A second person reads it."),
        advisory::State::Approved => {
            (Badge::new("approved", Tone::Good), "It goes out when its time has come.")
        }
        advisory::State::Scheduled => (Badge::new("scheduled", Tone::Good), "It goes out on its date."),
        advisory::State::Published => (Badge::new("published", Tone::Good), "Everybody can read it."),
        advisory::State::Revised => (Badge::new("published, revised", Tone::Good), "A later version is out."),
        advisory::State::Withdrawn => {
            (Badge::new("withdrawn", Tone::Quiet), "It stays readable and says so.")
        }
    }
}

/// What is public.
pub(super) fn public(state: pxa::State) -> (Badge, &'static str) {
    match state {
        pxa::State::Quiet => {
            (Badge::new("nothing known", Tone::Good), "Neither the public nor attackers are known to know.")
        }
        pxa::State::Public => (Badge::new("public", Tone::Warning), "The vulnerability is known in public."),
        pxa::State::Exploit | pxa::State::PublicExploit => {
            (Badge::new("exploit public", Tone::Danger), "An exploit can be had by anybody.")
        }
        pxa::State::Attacks
        | pxa::State::PublicAttacks
        | pxa::State::ExploitAttacks
        | pxa::State::PublicExploitAttacks => (Badge::new("attacked", Tone::Danger), "Attacks were seen."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_rules_are_shown_as_rules() {
        for id in ["J04", "J26-J28", "O06"] {
            assert!(rule(id).is_some(), "{id}");
        }
        for words in ["", "EM", "PSRT idle 3 days", "VP-06-004", "Vultron PEC RSVP", "é04"] {
            assert!(rule(words).is_none(), "{words}");
        }
    }

    #[test]
    fn a_text_is_closed_up_and_keeps_its_paragraphs() {
        assert_eq!(closed_up("\n\n \nOne.\nTwo.\n\n\n\t\nThree.\n\n"), "One.\nTwo.\n\nThree.");
        assert_eq!(closed_up("  indented\n\n    code"), "  indented\n\n    code");
        assert_eq!(closed_up(" \n\n"), "");
    }
}
