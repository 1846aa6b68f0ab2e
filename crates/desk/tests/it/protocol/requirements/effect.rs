//! What a requirement's steps and postconditions say must be seen afterwards.

use bastide_desk::{
    machine::{em, rm, vfd},
    protocol::{Learned, Message, Outcome, Participant, wire},
};

use super::{matches, specification::Requirement};

/// One thing that must be seen after the message.
#[derive(Debug)]
pub(super) enum Effect {
    Report(rm::State),
    Embargo(em::State),
    /// The case state matches a pattern.
    Case(String),
    Says(Message),
    Learns(Learned),
    ReportUnchanged,
    EmbargoUnchanged,
    CaseUnchanged,
}

impl Effect {
    pub(super) fn is_shown(&self, before: Participant, outcome: &Outcome) -> bool {
        let after = outcome.state;
        match self {
            Self::Report(rm) => after.rm == *rm,
            Self::Embargo(em) => after.em == *em,
            Self::Case(pattern) => matches(after, pattern),
            Self::Says(message) => {
                outcome.replies.contains(message) || outcome.announcements.contains(message)
            }
            Self::Learns(learned) => outcome.learned == Some(*learned),
            Self::ReportUnchanged => after.rm == before.rm,
            Self::EmbargoUnchanged => after.em == before.em,
            Self::CaseUnchanged => after.vfd == before.vfd && after.pxa == before.pxa,
        }
    }
}

impl Requirement {
    /// All effects, or `None` where a step is none of a machine's.
    pub(super) fn effects(&self) -> Option<Vec<Effect>> {
        let mut effects = Vec::new();
        for step in &self.steps {
            if !matches!(step.actor.as_str(), "receiver" | "participant") {
                return None;
            }
            effects.push(from_action(&step.action)?);
        }
        for postcondition in &self.postconditions {
            effects.extend(from_postcondition(&postcondition.description));
        }
        Some(effects)
    }
}

fn from_action(action: &str) -> Option<Effect> {
    if let Some(rest) = action.strip_prefix("Emit ") {
        return Message::from_code(rest.get(..2)?).map(Effect::Says);
    }
    if action.starts_with("Update") {
        return learned(action).map(Effect::Learns);
    }
    let rest = action.strip_prefix("Transition ")?;
    if rest.starts_with("RM") {
        last_word(rest, rm_from_name).map(Effect::Report)
    } else if rest.starts_with("EM") {
        last_word(rest, em_from_name).map(Effect::Embargo)
    } else {
        last_pattern(rest).map(Effect::Case)
    }
}

fn from_postcondition(text: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    let ends = ["EM is EXITED", "EM state is EXITED", "EM state remains EXITED"];
    if ends.iter().any(|phrase| text.contains(phrase)) {
        effects.push(Effect::Embargo(em::State::Exited));
    }
    if text.contains("EM is NONE") {
        effects.push(Effect::Embargo(em::State::None));
    }
    if ["RM state unchanged", "no state change"].iter().any(|phrase| text.contains(phrase)) {
        effects.push(Effect::ReportUnchanged);
    }
    if ["EM state unchanged", "no state change"].iter().any(|phrase| text.contains(phrase)) {
        effects.push(Effect::EmbargoUnchanged);
    }
    if ["receiver CS unchanged", "CS state unchanged"].iter().any(|phrase| text.contains(phrase)) {
        effects.push(Effect::CaseUnchanged);
    }
    effects
}

fn learned(action: &str) -> Option<Learned> {
    if action.contains("sender RM state") {
        return last_word(action, rm_from_name).map(Learned::Report);
    }
    let pattern = last_pattern(action)?;
    let path = vfd::State::ALL.into_iter().find(|path| pattern.starts_with(path.code()))?;
    Some(Learned::Fix(path))
}

/// The last word of a sentence that names a state.
fn last_word<State>(text: &str, name: impl Fn(&str) -> Option<State>) -> Option<State> {
    text.rsplit(|letter: char| !letter.is_ascii_alphabetic()).find_map(name)
}

/// The last pattern of a case state in a sentence, with dots for any.
fn last_pattern(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let pattern = letters.windows(6).rev().find(|window| {
        window.contains(&'·')
            && window
                .iter()
                .zip("vfdpxa".chars())
                .all(|(have, want)| *have == '·' || have.to_ascii_lowercase() == want)
    })?;
    Some(pattern.iter().map(|letter| if *letter == '·' { '.' } else { *letter }).collect())
}

pub(super) fn rm_from_name(name: &str) -> Option<rm::State> {
    rm::State::ALL.into_iter().find(|state| format!("{state:?}").to_uppercase() == name)
}

pub(super) fn em_from_name(name: &str) -> Option<em::State> {
    wire::embargo_state_from_name(name)
}
