//! The idempotency key of each form: the same form sent twice is done once.

use std::cell::Cell;

use bastide_pages::part::FormTokens;
use bastide_usecases::{Entropy, SystemEntropy};
use data_encoding::BASE64URL_NOPAD;

/// Gives every form of a page its key. Two forms of one page are two requests, so each has a key of its own.
#[derive(Debug)]
pub(crate) struct Forms {
    key: String,
    given: Cell<u32>,
}

impl Forms {
    /// For a page; `key` is random and used for no other page.
    pub(crate) fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), given: Cell::new(0) }
    }

    /// For a page that is made now.
    pub(crate) fn fresh() -> Self {
        let mut bytes = [0; 16];
        SystemEntropy.fill(&mut bytes);
        Self::new(BASE64URL_NOPAD.encode(&bytes))
    }

    /// The tokens of one more form.
    pub(crate) fn tokens(&self) -> FormTokens {
        let number = self.given.get() + 1;
        self.given.set(number);
        FormTokens { idempotency_key: format!("{}-{number}", self.key).into() }
    }
}
