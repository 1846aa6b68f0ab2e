//! The offline check of a case's proof.
//!
//! The steps, in order; each error names the record and what does not fit:
//! 1. the document is of a known format and version, within bounds;
//! 2. the checkpoint is signed by a key that the caller trusts;
//! 3. every event is in canonical form, belongs to the case, and they are numbered 1, 2, 3, … without a gap;
//! 4. every event, under its salt, is the leaf at its index in the signed tree, indexes ascending;
//! 5. a body laid open is the one that its event committed to.
//!
//! What this does not show: that the case has no later events (take a newer bundle) and that the log showed
//! others the same tree (that is what witnesses are for).

use bastide_model::{id::PersonId, time::Instant};

use crate::{
    CaseLeaf, Checkpoint, Entry, LedgerError, Salt, VerifierKey,
    proof::{BUNDLE_FORMAT, Bundle, BundleEvent, MAX_BYTES, MAX_EVENTS, decode, expect_format},
    tree,
};

/// What a checked bundle proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The case.
    pub case: String,
    /// The checkpoint that everything was proved against.
    pub checkpoint: Checkpoint,
    /// The events, in order.
    pub events: Vec<EventReport>,
}

/// What is proved of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventReport {
    /// Its leaf in the case log.
    pub index: u64,
    /// Its number in the case.
    pub sequence: u64,
    /// What happened.
    pub kind: String,
    /// When, as the desk recorded it.
    pub at: Instant,
    /// Who did it.
    pub actor: Option<PersonId>,
    /// What is known of its sealed part.
    pub body: BodyState,
}

/// What a bundle shows of an event's sealed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyState {
    /// The event has none.
    None,
    /// There is one; the bundle holds its commitment only.
    Committed,
    /// It is in the bundle and is what the event committed to.
    Revealed,
}

/// Checks a bundle's JSON text; see the steps above.
pub fn verify(bundle: &[u8], keys: &[VerifierKey]) -> Result<Report, LedgerError> {
    let malformed = |reason: String| LedgerError::malformed(BUNDLE_FORMAT, "its JSON", reason);
    if bundle.len() > MAX_BYTES {
        return Err(malformed(format!("longer than {MAX_BYTES} bytes")));
    }
    verify_bundle(&serde_json::from_slice(bundle).map_err(|error| malformed(error.to_string()))?, keys)
}

/// Checks a bundle; see the steps above.
pub fn verify_bundle(bundle: &Bundle, keys: &[VerifierKey]) -> Result<Report, LedgerError> {
    // 1.
    expect_format(&bundle.format, BUNDLE_FORMAT, bundle.version)?;
    if bundle.events.len() > MAX_EVENTS {
        return Err(LedgerError::malformed(BUNDLE_FORMAT, "events", format!("more than {MAX_EVENTS}")));
    }
    // 2.
    let checkpoint = Checkpoint::open(&bundle.checkpoint, keys)?;
    let mut events = Vec::with_capacity(bundle.events.len());
    let mut last_index = None;
    for (number, event) in (1_u64..).zip(&bundle.events) {
        if last_index.is_some_and(|last| event.index <= last) {
            return Err(unproven(number, "its leaf comes before that of the event before it"));
        }
        last_index = Some(event.index);
        events.push(check_event(bundle, &checkpoint, number, event)?);
    }
    Ok(Report { case: bundle.case.clone(), checkpoint, events })
}

fn check_event(
    bundle: &Bundle,
    checkpoint: &Checkpoint,
    number: u64,
    event: &BundleEvent,
) -> Result<EventReport, LedgerError> {
    // 3.
    let entry = Entry::parse(event.entry.as_bytes()).map_err(|error| within(number, error))?;
    if entry.stream_kind != "case" || entry.stream_id != bundle.case {
        return Err(unproven(number, "it belongs to another stream than this case"));
    }
    if entry.sequence != number {
        return Err(unproven(number, "the events are not numbered 1, 2, 3, … without a gap"));
    }
    // 4.
    let salt = event.salt.0.as_slice().try_into().map(Salt);
    let salt =
        salt.map_err(|_| LedgerError::malformed(BUNDLE_FORMAT, place(number), "a salt has 32 bytes"))?;
    let leaf = CaseLeaf::of(&salt, event.entry.as_bytes());
    let proof = decode(&event.proof, &place(number))?;
    tree::check_inclusion(&proof, checkpoint.size, checkpoint.root, event.index, &leaf.0)
        .map_err(|error| within(number, error))?;
    // 5.
    let body = match (&entry.body, &event.body) {
        (None, None) => BodyState::None,
        (Some(_), None) => BodyState::Committed,
        (None, Some(_)) => return Err(unproven(number, "a body is shown that the event does not commit to")),
        (Some(committed), Some(shown)) => {
            let salt = shown.salt.0.as_slice().try_into().map(Salt);
            let fits = salt.is_ok_and(|salt| salt.commit(&shown.plaintext.0) == committed.commitment);
            if !fits {
                return Err(unproven(number, "the body shown is not the one that the event committed to"));
            }
            BodyState::Revealed
        }
    };
    Ok(EventReport {
        index: event.index,
        sequence: entry.sequence,
        kind: entry.kind,
        at: entry.at,
        actor: entry.actor,
        body,
    })
}

fn place(number: u64) -> String {
    format!("event {number}")
}

fn unproven(number: u64, reason: &'static str) -> LedgerError {
    LedgerError::Unproven { record: place(number), reason }
}

/// Puts the event's number in front of an error's own place.
fn within(number: u64, error: LedgerError) -> LedgerError {
    match error {
        LedgerError::Unproven { record, reason } => {
            LedgerError::Unproven { record: format!("{} ({record})", place(number)), reason }
        }
        LedgerError::Malformed { what, place: inner, reason } => {
            LedgerError::Malformed { what, place: format!("{}, {inner}", place(number)), reason }
        }
        other => other,
    }
}
