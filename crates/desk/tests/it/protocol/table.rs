//! The receive table, written down apart from the code; the first row that fits holds.
//!
//! Source: CERTCC/Vultron 6883299, `docs/reference/formal_protocol/transitions.md`, tables of received messages, with
//! the decisions of `bastide_desk::protocol`. Letters: RM S R I V D A C; EM N P A R X.

use bastide_desk::{
    machine::{Machine as _, em, pxa, rm, vfd},
    protocol::{Message, Participant, Role},
};

use super::matches;

/// A row: messages, case state, RM, EM, who (v vendor, n non-vendor, . anyone), what changes, what is said.
type Row = (&'static str, &'static str, &'static str, &'static str, char, &'static str, &'static str);

const ANY_RM: &str = "SRIVDAC";
const OPEN: &str = "SRIVDA";
const ANY_EM: &str = "NPARX";

/// By default attacks end an embargo.
const ROWS: &[Row] = &[
    ("GI", "......", ANY_RM, ANY_EM, '.', "", "GK"),
    ("GK", "......", ANY_RM, ANY_EM, '.', "", ""),
    ("GE", "......", ANY_RM, ANY_EM, '.', "", "GI"),
    ("*", "......", "C", ANY_EM, '.', "", ""),
    ("RS", "......", "S", ANY_EM, 'v', "r v", "CV RK"),
    ("RS", "......", "RIVDA", ANY_EM, 'v', "v", "CV RK"),
    ("RS", "......", "S", ANY_EM, 'n', "r", "RK"),
    ("RS", "......", "RIVDA", ANY_EM, 'n', "", "RK"),
    ("RI RV RD RA RC", "......", "RIVDA", ANY_EM, '.', "", "RK"),
    ("RI RV RD RA RC", "......", "S", ANY_EM, '.', "", "GI RE RK"),
    ("RE", "......", OPEN, ANY_EM, '.', "", "GI RK"),
    ("RK EK CK", "......", OPEN, ANY_EM, '.', "", ""),
    ("EP", "...pxa", OPEN, "N", '.', "em=P", "EK"),
    ("EP", "...pxa", OPEN, "P", '.', "", "EK"),
    ("EA", "...pxa", OPEN, "P", '.', "em=A", "EK"),
    ("EV", "...pxa", OPEN, "A", '.', "em=R", "EK"),
    ("EV", "...pxa", OPEN, "R", '.', "", "EK"),
    ("EJ EC", "...pxa", OPEN, "R", '.', "em=A", "EK"),
    ("ER", "......", OPEN, "P", '.', "em=N", "EK"),
    ("ET", "......", OPEN, "AR", '.', "em=X", "EK"),
    ("ET", "......", OPEN, "X", '.', "", "EK"),
    ("EE", "......", OPEN, ANY_EM, '.', "", "EK GI"),
    ("EP EA EV EJ EC", "...pxa", OPEN, ANY_EM, '.', "", "EE"),
    ("ER ET", "......", OPEN, ANY_EM, '.', "", "EE"),
    // From here on the world knows something.
    ("EP EA", "......", OPEN, "P", '.', "em=N", "ER"),
    ("EP EA", "......", OPEN, "NARX", '.', "", "ER"),
    ("EV", "......", OPEN, "AR", '.', "em=X", "ET"),
    ("EJ EC", "......", OPEN, "R", '.', "em=X", "ET"),
    ("EV EJ EC", "......", OPEN, ANY_EM, '.', "", "EE"),
    ("CV CF CD CE", "......", OPEN, ANY_EM, '.', "", "CK"),
    ("CP", "...p..", OPEN, "NX", '.', "p", "CK"),
    ("CP", "...p..", OPEN, "P", '.', "p em=N", "CK ER"),
    ("CP", "...p..", OPEN, "AR", '.', "p em=X", "CK ET"),
    ("CP", "...P..", OPEN, ANY_EM, '.', "", "CK"),
    ("CX", "...p..", OPEN, "NX", '.', "x p", "CK"),
    ("CX", "...p..", OPEN, "P", '.', "x p em=N", "CK ER"),
    ("CX", "...p..", OPEN, "AR", '.', "x p em=X", "CK ET"),
    ("CX", "...P..", OPEN, ANY_EM, '.', "x", "CK"),
    ("CA", "...pxa", OPEN, "NX", '.', "a", "CK"),
    ("CA", "...pxa", OPEN, "P", '.', "a em=N", "CK ER"),
    ("CA", "...pxa", OPEN, "AR", '.', "a em=X", "CK ET"),
    ("CA", "...pxA", OPEN, ANY_EM, '.', "", "CK"),
    // A public exploit that the public has not noticed does not last (pX becomes PX).
    ("CA", "...pX.", OPEN, "NX", '.', "a p", "CK"),
    ("CA", "...pX.", OPEN, "P", '.', "a p em=N", "CK ER"),
    ("CA", "...pX.", OPEN, "AR", '.', "a p em=X", "CK ET"),
    ("CA", "...P..", OPEN, ANY_EM, '.', "a", "CK"),
];

/// What the table says: the state afterwards and the codes of all that is said, sorted.
pub(crate) fn expected(state: Participant, role: Role, message: Message) -> (Participant, String) {
    let row = ROWS
        .iter()
        .find(|(messages, pattern, rm, em, who, ..)| {
            (*messages == "*" || messages.split(' ').any(|code| code == message.code()))
                && matches(state, pattern)
                && rm.contains(rm_letter(state.rm))
                && em.contains(em_letter(state.em))
                && (*who == '.' || (*who == 'v') == role.is_vendor())
        })
        .unwrap_or_else(|| panic!("no row for {message} in {state:?}"));
    let mut after = state;
    for change in row.5.split_terminator(' ') {
        match change {
            "r" => after.rm = rm::State::Received,
            "v" => after.vfd = after.vfd.map(aware),
            "p" => after.pxa = happened(after.pxa, pxa::Trigger::BecomePublic),
            "x" => after.pxa = happened(after.pxa, pxa::Trigger::PublishExploit),
            "a" => after.pxa = happened(after.pxa, pxa::Trigger::ObserveAttacks),
            other => {
                let letter = other.strip_prefix("em=").expect("a change that the table knows");
                after.em = em::State::ALL
                    .into_iter()
                    .find(|em| letter.starts_with(em_letter(*em)))
                    .expect("a letter that the table knows");
            }
        }
    }
    let mut said: Vec<&str> = row.6.split_terminator(' ').collect();
    if matches!(message, Message::CaseError) && state.rm != rm::State::Closed {
        said.push("GI");
    }
    // What the public knows the vendor knows (vP becomes VP), for every message that tells what happened in the world.
    let of_the_world = matches!(message.code(), "CP" | "CX" | "CA") && state.rm != rm::State::Closed;
    if of_the_world && after.pxa.is_public() && after.vfd == Some(vfd::State::Unaware) {
        after.vfd = Some(vfd::State::Aware);
        said.push("CV");
    }
    said.sort_unstable();
    (after, said.join(" "))
}

fn aware(path: vfd::State) -> vfd::State {
    path.next(vfd::Trigger::BecomeAware).unwrap_or(path)
}

fn happened(world: pxa::State, what: pxa::Trigger) -> pxa::State {
    world.next(what).unwrap_or(world)
}

/// Vultron's letter of a report state.
pub(crate) fn rm_letter(state: rm::State) -> char {
    match state {
        rm::State::Start => 'S',
        rm::State::Received => 'R',
        rm::State::Invalid => 'I',
        rm::State::Valid => 'V',
        rm::State::Deferred => 'D',
        rm::State::Accepted => 'A',
        rm::State::Closed => 'C',
    }
}

/// Vultron's letter of an embargo state.
pub(crate) fn em_letter(state: em::State) -> char {
    match state {
        em::State::None => 'N',
        em::State::Proposed => 'P',
        em::State::Active => 'A',
        em::State::Revise => 'R',
        em::State::Exited => 'X',
    }
}
