//! Text that must not be seen before its time.

use std::fmt;

use bastide_model::id::CaseId;

use crate::{Permit, Tier};

/// A value under embargo: it prints as `***` and opens only with a [`Permit`] for its case and tier.
#[derive(Clone, PartialEq, Eq)]
pub struct Embargoed<T> {
    case: CaseId,
    tier: Tier,
    value: T,
}

/// A permit that does not open this value: it is for another case, or for a viewer that the tier leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this permit does not open the text: it is for another case or another tier")]
pub struct WrongPermit;

impl<T> Embargoed<T> {
    /// Puts `value` of a case under embargo, for readers of this tier.
    pub fn new(case: CaseId, tier: Tier, value: T) -> Self {
        Self { case, tier, value }
    }

    /// Whom the value is for.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// The case that the value belongs to.
    pub fn case(&self) -> CaseId {
        self.case
    }

    /// The value, for a reader who was let in.
    pub fn open(&self, permit: &Permit) -> Result<&T, WrongPermit> {
        if permit.opens(self.case, self.tier) { Ok(&self.value) } else { Err(WrongPermit) }
    }

    /// Changes the form of the value without anybody seeing it (parsing bytes, taking a title out).
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Embargoed<U> {
        Embargoed { case: self.case, tier: self.tier, value: change(self.value) }
    }

    /// The value at the moment when it becomes public: what the approved, dated advisory says. Called where a version
    /// is published and nowhere else; `clippy.toml` says so.
    pub fn disclose(&self) -> &T {
        &self.value
    }

    /// The bare value for the one place that seals it under the case's key. Nothing else calls this; `clippy.toml`
    /// says so.
    pub fn expose_for_sealing(&self) -> &T {
        &self.value
    }
}

impl Embargoed<Vec<u8>> {
    /// How many bytes the value has; its length is no secret of the desk's own store.
    pub fn length(&self) -> usize {
        self.value.len()
    }
}

impl<T> Embargoed<Option<T>> {
    /// An optional value under embargo as an option of one: whether there is a value is no secret.
    pub fn transpose(self) -> Option<Embargoed<T>> {
        let Self { case, tier, value } = self;
        value.map(|value| Embargoed { case, tier, value })
    }
}

impl<T> fmt::Debug for Embargoed<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}
