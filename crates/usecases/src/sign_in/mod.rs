//! How people sign in, confirm that it is they, and keep their account: passkeys, sessions, tokens.
//!
//! [`SignInPolicy`] says what a desk asks. [`session`](self) opens and ends sessions; `passkey` runs the ceremonies of
//! WebAuthn, whose cryptography is the library's; `token` makes credentials for programs; `account` gathers what the
//! account page shows.
//!
//! Invariant: a secret is kept as its digest. Invariant: what a passkey ceremony is compared with lies in the store,
//! belongs to one session, ends after five minutes and is taken once. Invariant: who enrols, removes or loses a passkey,
//! signs in from a new browser or makes a token hears of it by mail, and the ledger holds it.

mod account;
mod browser;
pub(crate) mod own_address;
mod passkey;
mod policy;
mod recovery;
mod relying_party;
mod session;
mod token;

pub use account::{Account, AccountEvent, PasskeyLine, SessionLine, TokenLine};
pub use browser::Browser;
pub use passkey::Asked;
pub use policy::{Confirmation, SignInPolicy};
pub(crate) use recovery::LINK as RECOVERY_LINK;
pub(crate) use relying_party::RelyingParty;
pub use relying_party::no_passkeys;
pub use session::NewSession;
pub(crate) use session::Standing;
pub(crate) use token::FreshTokens;
pub use token::{NewToken, TOKEN_DAYS, TokenScope};
