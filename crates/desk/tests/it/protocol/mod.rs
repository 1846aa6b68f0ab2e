//! Messages between participants: the tables exhaustively, the decided contradictions, Vultron's own requirements.

#![allow(clippy::print_stdout, reason = "the counts are printed for people")]

mod decided;
mod receiving;
mod requirements;
mod table;

use bastide_desk::protocol::{Message, Participant};

/// Whether a participant matches Vultron's pattern of a case state, such as `vfd...` or `...Px.`.
pub(crate) fn matches(state: Participant, pattern: &str) -> bool {
    let path = state.vfd.map_or("___", bastide_desk::machine::vfd::State::code);
    let code = format!("{path}{}", state.pxa.code());
    assert_eq!(pattern.len(), code.len(), "{pattern} is a pattern of six");
    code.bytes().zip(pattern.bytes()).all(|(have, want)| want == b'.' || want == have)
}

/// The codes of messages, sorted, as one text.
pub(crate) fn codes(messages: &[Message]) -> String {
    let mut codes: Vec<&str> = messages.iter().map(|message| message.code()).collect();
    codes.sort_unstable();
    codes.join(" ")
}
