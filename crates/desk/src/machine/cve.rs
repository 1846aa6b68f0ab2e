//! The CVE record of one vulnerability, as the desk knows it.
//!
//! Ours; rules P10, P11, J19, J21. Reserving, publishing, updating and rejecting are calls to an outside system, and
//! an answer can be lost: then the record is *unknown* and must be reconciled (looked up) before anything is tried
//! again. The number is write-once: no transition leads from a state that has a number back to one that could get
//! another. That is why there are two unknown states, one before and one after the number.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Machine;

/// Where the record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// No number is wanted so far.
    None,
    /// A number is wanted.
    Requested,
    /// The reservation is under way.
    Reserving,
    /// The answer to a reservation was lost: perhaps there is a number, perhaps not.
    ReservationUnknown,
    /// The number is known and private (J19).
    Reserved,
    /// The publication is under way.
    Publishing,
    /// The record is public.
    Published,
    /// A change of the public record is under way.
    Updating,
    /// The rejection is under way.
    Rejecting,
    /// The answer to a later call was lost: the number is known, the state of its record is not.
    RecordUnknown,
    /// The number is rejected, for good.
    Rejected,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::None,
        Self::Requested,
        Self::Reserving,
        Self::ReservationUnknown,
        Self::Reserved,
        Self::Publishing,
        Self::Published,
        Self::Updating,
        Self::Rejecting,
        Self::RecordUnknown,
        Self::Rejected,
    ];

    /// Whether the number is known; once true it stays true.
    pub const fn has_number(self) -> bool {
        !matches!(self, Self::None | Self::Requested | Self::Reserving | Self::ReservationUnknown)
    }

    /// Whether the record must be reconciled before anything else.
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::ReservationUnknown | Self::RecordUnknown)
    }

    /// Whether a call is under way.
    pub const fn is_calling(self) -> bool {
        matches!(self, Self::Reserving | Self::Publishing | Self::Updating | Self::Rejecting)
    }
}

/// What happens to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A number is wanted.
    Request,
    /// A number is no longer wanted, before one was reserved.
    Cancel,
    /// A person enters a number that an authority gave by another way.
    EnterNumber,
    /// The call to reserve a number starts.
    StartReserving,
    /// The call to publish starts.
    StartPublishing,
    /// The call to change the public record starts.
    StartUpdating,
    /// The call to reject the number starts.
    StartRejecting,
    /// The call succeeded.
    Confirm,
    /// The call was refused, and changed nothing.
    Fail,
    /// The answer was lost.
    LoseAnswer,
    /// Looked up: there is no number.
    FindNothing,
    /// Looked up: the number is reserved.
    FindReserved,
    /// Looked up: the record is public.
    FindPublished,
    /// Looked up: the number is rejected.
    FindRejected,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 14] = [
        Self::Request,
        Self::Cancel,
        Self::EnterNumber,
        Self::StartReserving,
        Self::StartPublishing,
        Self::StartUpdating,
        Self::StartRejecting,
        Self::Confirm,
        Self::Fail,
        Self::LoseAnswer,
        Self::FindNothing,
        Self::FindReserved,
        Self::FindPublished,
        Self::FindRejected,
    ];
}

impl Machine for State {
    type Trigger = Trigger;

    const NAME: &'static str = "CVE record";
    const STATES: &'static [Self] = &Self::ALL;
    const TRIGGERS: &'static [Trigger] = &Trigger::ALL;
    const START: Self = Self::None;

    fn next(self, trigger: Trigger) -> Option<Self> {
        match (self, trigger) {
            (Self::None, Trigger::Request) => Some(Self::Requested),
            (Self::Requested, Trigger::Cancel) => Some(Self::None),
            (Self::None | Self::Requested, Trigger::EnterNumber) => Some(Self::Reserved),
            (Self::Requested, Trigger::StartReserving) => Some(Self::Reserving),

            (Self::Reserving, Trigger::Confirm) => Some(Self::Reserved),
            (Self::Reserving, Trigger::Fail) => Some(Self::Requested),
            (Self::Reserving, Trigger::LoseAnswer) => Some(Self::ReservationUnknown),
            (Self::ReservationUnknown, Trigger::FindNothing) => Some(Self::Requested),
            (Self::ReservationUnknown, Trigger::FindReserved) => Some(Self::Reserved),

            (Self::Reserved, Trigger::StartPublishing) => Some(Self::Publishing),
            (Self::Publishing, Trigger::Confirm) => Some(Self::Published),
            (Self::Publishing, Trigger::Fail) => Some(Self::Reserved),

            (Self::Published, Trigger::StartUpdating) => Some(Self::Updating),
            (Self::Updating, Trigger::Confirm | Trigger::Fail) => Some(Self::Published),

            (Self::Reserved | Self::Published, Trigger::StartRejecting) => Some(Self::Rejecting),
            (Self::Rejecting, Trigger::Confirm) => Some(Self::Rejected),
            // What the record was before the refused call is looked up, not guessed.
            (Self::Rejecting, Trigger::Fail) => Some(Self::RecordUnknown),

            (Self::Publishing | Self::Updating | Self::Rejecting, Trigger::LoseAnswer) => {
                Some(Self::RecordUnknown)
            }
            (Self::RecordUnknown, Trigger::FindReserved) => Some(Self::Reserved),
            (Self::RecordUnknown | Self::Reserved, Trigger::FindPublished) => Some(Self::Published),
            (Self::RecordUnknown | Self::Reserved | Self::Published, Trigger::FindRejected) => {
                Some(Self::Rejected)
            }
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::None => "not requested",
            Self::Requested => "requested",
            Self::Reserving => "being reserved",
            Self::ReservationUnknown => "unknown, perhaps reserved",
            Self::Reserved => "reserved",
            Self::Publishing => "being published",
            Self::Published => "published",
            Self::Updating => "being updated",
            Self::Rejecting => "being rejected",
            Self::RecordUnknown => "unknown, the number is known",
            Self::Rejected => "rejected",
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Request => "request a number",
            Self::Cancel => "cancel the request",
            Self::EnterNumber => "enter a number",
            Self::StartReserving => "start to reserve a number",
            Self::StartPublishing => "start to publish the record",
            Self::StartUpdating => "start to update the record",
            Self::StartRejecting => "start to reject the number",
            Self::Confirm => "record that the call succeeded",
            Self::Fail => "record that the call was refused",
            Self::LoseAnswer => "record that the answer was lost",
            Self::FindNothing => "record that no number was found",
            Self::FindReserved => "record that the number was found reserved",
            Self::FindPublished => "record that the record was found published",
            Self::FindRejected => "record that the number was found rejected",
        })
    }
}
