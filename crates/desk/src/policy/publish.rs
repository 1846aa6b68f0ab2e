//! What a policy says to the outside: security.txt for people and scanners, an embargo record for Vultron's actors.

use std::fmt::Write as _;

use bastide_model::time::Instant;
use serde::{Deserialize, Serialize};

use super::value::Policy;

/// An embargo policy record of the Vultron protocol (EP-01-002, EP-01-003).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbargoRecord {
    /// The full URI of the actor that the record is about.
    pub actor_id: String,
    /// The address of the actor's inbox.
    pub inbox: String,
    /// The preferred length, as an ISO 8601 duration.
    pub preferred_duration: String,
    /// The shortest length the actor accepts.
    pub minimum_duration: String,
    /// The longest length the actor accepts.
    pub maximum_duration: String,
    /// What else others should know.
    pub notes: String,
}

impl Policy {
    /// The policy as a security.txt file (RFC 9116), to be served at `/.well-known/security.txt`.
    ///
    /// `expires` is an argument because a file that renews itself says nothing; RFC 9116 asks for less than a year.
    /// `canonical` are the addresses that the file is served from.
    /// None where the policy names no contact, which RFC 9116 requires (only the template `default` may do that).
    pub fn security_txt(&self, expires: Instant, canonical: &[&str]) -> Option<String> {
        if self.contact.form.is_none() && self.contact.mail.is_empty() {
            return None;
        }
        let mut out = String::new();
        let mut line = |name: &str, value: &str| {
            // Fields were checked for line breaks when the policy was read; arguments are cut at the first.
            let value = value.split(['\r', '\n']).next().unwrap_or_default();
            writeln!(out, "{name}: {value}").expect("writing to a String does not fail");
        };
        if let Some(address) = &self.contact.form {
            line("Contact", address);
        }
        for address in &self.contact.mail {
            line("Contact", &format!("mailto:{address}"));
        }
        // Whole seconds: scanners read RFC 3339 with differing patience for fractions.
        let seconds = Instant::from_micros(expires.as_micros().div_euclid(1_000_000) * 1_000_000);
        line("Expires", &seconds.to_string());
        if let Some(address) = &self.contact.key {
            line("Encryption", address);
        }
        if let Some(address) = &self.contact.acknowledgments {
            line("Acknowledgments", address);
        }
        line("Preferred-Languages", &self.contact.languages.join(", "));
        for address in canonical {
            line("Canonical", address);
        }
        if let Some(address) = &self.contact.policy {
            line("Policy", address);
        }
        Some(out)
    }

    /// The embargo bounds as a Vultron embargo policy record for the actor with these addresses.
    pub fn embargo_record(&self, actor_id: &str, inbox: &str) -> EmbargoRecord {
        let duration = |days: u32| format!("P{days}D");
        let attacked = if self.embargo.ends_when_attacked {
            "Observed attacks end the embargo."
        } else {
            "Observed attacks alone do not end the embargo."
        };
        EmbargoRecord {
            actor_id: actor_id.to_owned(),
            inbox: inbox.to_owned(),
            preferred_duration: duration(self.embargo.default_days),
            minimum_duration: duration(self.embargo.minimum_days),
            maximum_duration: duration(self.embargo.maximum_days),
            notes: format!(
                "More than {} days need a written justification. {attacked}",
                self.embargo.justification_above_days
            ),
        }
    }
}
