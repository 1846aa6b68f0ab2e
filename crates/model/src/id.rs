//! Random 128-bit names for things, typed by what they name.
//!
//! Ids are never sequential: a sequence would tell a stranger how many cases a desk has (`hardening`, threat 9).
//! The 16 random bytes come from the caller, so that this crate needs no source of randomness and a test can
//! repeat a run. Written form: a short prefix, a dash and 26 characters of lower-case base32, `case-…`.

use std::{fmt, marker::PhantomData, str::FromStr};

use data_encoding::{Encoding, Specification};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Crockford's base32 in lower case, without padding: no `i`, `l`, `o`, `u` to mistake.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification.encoding().expect("32 distinct symbols make a base32 alphabet")
});

/// What an [`Id`] names; the prefix makes a pasted id recognisable.
pub trait Named {
    /// The text before the dash, lower-case letters only.
    const PREFIX: &'static str;
}

/// A random 128-bit name of one kind of thing.
pub struct Id<K> {
    bytes: [u8; 16],
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// The id made of these 16 random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// The 16 bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes.cmp(&other.bytes)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl<K: Named> fmt::Display for Id<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", K::PREFIX, BASE32.encode(&self.bytes))
    }
}

impl<K: Named> fmt::Debug for Id<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A text that is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` is not an id of the form `{prefix}-` followed by 26 letters and digits")]
pub struct IdError {
    /// The text as given, cut to 64 characters.
    pub input: String,
    /// The prefix that the wanted kind of id has.
    pub prefix: &'static str,
}

impl<K: Named> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let refuse = || IdError { input: text.chars().take(64).collect(), prefix: K::PREFIX };
        let encoded =
            text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('-')).ok_or_else(refuse)?;
        let bytes = BASE32.decode(encoded.as_bytes()).map_err(|_| refuse())?;
        Ok(Self::from_bytes(bytes.try_into().map_err(|_| refuse())?))
    }
}

impl<K: Named> Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Named> Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The kinds of things that ids name; never constructed.
pub mod kind {
    use super::Named;

    /// A human with verified identities.
    #[derive(Debug)]
    pub enum Person {}
    /// The handling of one or more reports.
    #[derive(Debug)]
    pub enum Case {}
    /// A person or project taking part in one case.
    #[derive(Debug)]
    pub enum Participant {}
    /// What a reporter sent.
    #[derive(Debug)]
    pub enum Report {}
    /// One weakness inside a case; a case may hold several.
    #[derive(Debug)]
    pub enum Vulnerability {}
    /// A message in a case.
    #[derive(Debug)]
    pub enum Message {}
    /// A proposal to set or move an embargo.
    #[derive(Debug)]
    pub enum Proposal {}
    /// A published (or to be published) advisory.
    #[derive(Debug)]
    pub enum Advisory {}
    /// A change at the desk that needs two persons.
    #[derive(Debug)]
    pub enum Change {}
    /// What somebody wants to hear of.
    #[derive(Debug)]
    pub enum Subscription {}

    impl Named for Person {
        const PREFIX: &'static str = "person";
    }
    impl Named for Case {
        const PREFIX: &'static str = "case";
    }
    impl Named for Participant {
        const PREFIX: &'static str = "part";
    }
    impl Named for Report {
        const PREFIX: &'static str = "report";
    }
    impl Named for Vulnerability {
        const PREFIX: &'static str = "vuln";
    }
    impl Named for Message {
        const PREFIX: &'static str = "msg";
    }
    impl Named for Proposal {
        const PREFIX: &'static str = "prop";
    }
    impl Named for Advisory {
        const PREFIX: &'static str = "adv";
    }
    impl Named for Change {
        const PREFIX: &'static str = "change";
    }
    impl Named for Subscription {
        const PREFIX: &'static str = "watch";
    }
}

/// Names a [`kind::Person`].
pub type PersonId = Id<kind::Person>;
/// Names a [`kind::Case`].
pub type CaseId = Id<kind::Case>;
/// Names a [`kind::Participant`].
pub type ParticipantId = Id<kind::Participant>;
/// Names a [`kind::Report`].
pub type ReportId = Id<kind::Report>;
/// Names a [`kind::Vulnerability`].
pub type VulnerabilityId = Id<kind::Vulnerability>;
/// Names a [`kind::Message`].
pub type MessageId = Id<kind::Message>;
/// Names a [`kind::Proposal`].
pub type ProposalId = Id<kind::Proposal>;
/// Names a [`kind::Change`].
pub type ChangeId = Id<kind::Change>;
/// Names a [`kind::Subscription`].
pub type SubscriptionId = Id<kind::Subscription>;
/// Names a [`kind::Advisory`].
pub type AdvisoryId = Id<kind::Advisory>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_wrote() {
        let id = CaseId::from_bytes([7; 16]);
        assert_eq!(id.to_string().parse::<CaseId>().unwrap(), id);
        assert_eq!(id.to_string().len(), "case-".len() + 26);
    }

    #[test]
    fn an_id_of_another_kind_is_refused_with_the_expected_form() {
        let person = PersonId::from_bytes([7; 16]).to_string();
        let refused = person.parse::<CaseId>().unwrap_err();
        assert_eq!(refused.prefix, "case");
        assert!("case-".parse::<CaseId>().is_err());
        assert!("case-ümlaut".parse::<CaseId>().is_err());
    }
}
