//! Signing in through somebody else: GitHub, and providers that speak `OpenID` Connect (ORCID, an institution, a programme's
//! own).
//!
//! [`IdentityProvider::begin`] says where to send a browser, [`IdentityProvider::finish`] who came back: a [`Vouched`] account,
//! which is the provider's name for somebody and no right at all. The random texts of one sign-in ([`Ceremony`]) come from
//! the caller, who keeps them on the server, uses them once and binds them to the browser. Everything is fetched through
//! [`bastide_connect_web::Web`], so a provider that points inwards reaches nothing.
//!
//! The protocols are the libraries': `openidconnect` (authorisation code with PKCE, nonce, signature, issuer, audience, end)
//! and `oauth2`. Ours are what they leave to the caller: which algorithms count, how long a provider's documents are kept,
//! that an answer that names another issuer is refused (RFC 9207).
//!
//! Invariant: an account is the issuer and its unchanging name for somebody (`sub`, GitHub's number), never a mail address or
//! a handle, which change hands.

mod error;
pub mod fake;
mod github;
mod oidc;
mod through;

use std::fmt::{self, Debug};

use bastide_connect_web::Answering;
use bastide_model::time::Instant;

pub use error::IdentityError;
pub use github::{GitHub, GitHubAddresses};
pub use oidc::{Oidc, OidcSettings};

/// The random texts of one sign-in, and where the provider sends the browser back to. Prints none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// By which the desk finds the sign-in again; stands in addresses.
    pub state: String,
    /// Which the provider repeats under its signature.
    pub nonce: String,
    /// The secret of PKCE: only its hash leaves the desk before the end. 43 to 128 characters.
    pub verifier: String,
    /// The address of this desk that the provider sends the browser back to.
    pub back: String,
}

impl Debug for Ceremony {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Ceremony(***)")
    }
}

/// What a browser brings back.
#[derive(Clone, PartialEq, Eq)]
pub struct Returned {
    /// The code that is traded for the provider's word.
    pub code: String,
    /// Who the provider says it is (RFC 9207), where it does.
    pub issuer: Option<String>,
}

impl Debug for Returned {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Returned(***)")
    }
}

/// An account that a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Who vouches.
    pub issuer: String,
    /// The provider's unchanging name for the account.
    pub subject: String,
    /// What people recognise it by: a handle, or the subject. No identity: it may be somebody else's tomorrow.
    pub shown: String,
}

/// A provider that the operator configured.
pub trait IdentityProvider: Send + Sync + Debug {
    /// Its short name, in addresses: `github`, `orcid`.
    fn name(&self) -> &str;

    /// Its name for people: `GitHub`, `ORCID`.
    fn title(&self) -> &str;

    /// Who it is, as its accounts name it.
    fn issuer(&self) -> &str;

    /// Where to send the browser.
    fn begin<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        now: Instant,
    ) -> Answering<'a, Result<String, IdentityError>>;

    /// Who came back.
    fn finish<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        returned: &'a Returned,
        now: Instant,
    ) -> Answering<'a, Result<Vouched, IdentityError>>;
}
