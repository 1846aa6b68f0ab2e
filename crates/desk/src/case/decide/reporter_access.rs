//! How the reporter reaches their report: by the secret link, by an account, or by both.
//!
//! Everybody who reports gets a link. Who wants to keep several reports together makes an account and gives it each report
//! that they hold the link of; the link itself is the proof that it is theirs.

use bastide_model::id::PersonId;

use super::Step;
use crate::case::{Actor, Event, Refusal};

impl Step {
    /// The holder of the link gives the report to an account. It stays with that account: a link that was stolen later
    /// must not carry the report away.
    pub(super) fn keep_under_account(&mut self, person: PersonId) -> Result<(), Refusal> {
        if self.actor != Actor::ReporterLink {
            return Err(Refusal::role(
                "O05",
                "only who holds the report's secret link gives it to an account",
                "Open the secret link that the receipt showed, and repeat it there.",
            ));
        }
        match self.case().reporter.person {
            Some(known) if known == person => {
                return Err(Refusal::not_now(
                    "O05",
                    "the report is under this account already",
                    "Find it among your reports.",
                ));
            }
            Some(_) => {
                return Err(Refusal::not_now(
                    "O05",
                    "the report is under another account",
                    "Sign in with that account, or go on with the secret link.",
                ));
            }
            None => {}
        }
        if self.case().members.contains_key(&person) {
            return Err(Refusal::role(
                "J09",
                "this account takes part in the case in another role, and one person must not count as two",
                "Go on with the secret link, or use an account that has no role in the case.",
            ));
        }
        self.emit(Event::ReporterAccountKept { person })
    }

    /// The account ends or replaces the link. Only the account may: whoever found the link could lock its owner out.
    pub(super) fn change_reporter_link(&mut self, event: Event) -> Result<(), Refusal> {
        match self.actor {
            Actor::Person { id, .. } if self.case().is_reporter(id) => self.emit(event),
            _ => Err(Refusal::role(
                "O05",
                "only the account that the report is kept under changes its secret link",
                "Keep the report under an account first, and sign in with that.",
            )),
        }
    }
}
