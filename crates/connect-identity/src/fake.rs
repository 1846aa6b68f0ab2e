//! A provider of a few written-down accounts, for the tests of whoever signs people in.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use bastide_connect_web::Answering;
use bastide_model::time::Instant;

use crate::{Ceremony, IdentityError, IdentityProvider, Returned, Vouched};

/// Vouches for the account that belongs to a code, once for each code.
#[derive(Debug)]
pub struct ScriptedProvider {
    name: String,
    title: String,
    issuer: String,
    accounts: Mutex<BTreeMap<String, (String, String)>>,
}

impl ScriptedProvider {
    /// A provider without accounts.
    pub fn new(name: &str, title: &str, issuer: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            issuer: issuer.to_owned(),
            accounts: Mutex::default(),
        }
    }

    /// The next sign-in that brings `code` is of this account.
    pub fn vouch(&self, code: &str, subject: &str, shown: &str) {
        let account = (subject.to_owned(), shown.to_owned());
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).insert(code.to_owned(), account);
    }
}

impl IdentityProvider for ScriptedProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn begin<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        _now: Instant,
    ) -> Answering<'a, Result<String, IdentityError>> {
        let address = format!("{}/authorize?state={}", self.issuer, ceremony.state);
        Box::pin(async move { Ok(address) })
    }

    fn finish<'a>(
        &'a self,
        _ceremony: &'a Ceremony,
        returned: &'a Returned,
        _now: Instant,
    ) -> Answering<'a, Result<Vouched, IdentityError>> {
        let found =
            self.accounts.lock().unwrap_or_else(PoisonError::into_inner).remove(returned.code.as_str());
        Box::pin(async move {
            let (subject, shown) =
                found.ok_or_else(|| IdentityError::refused(&self.name, "it does not take the code"))?;
            Ok(Vouched { issuer: self.issuer.clone(), subject, shown })
        })
    }
}
