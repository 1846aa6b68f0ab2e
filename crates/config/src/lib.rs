//! The settings of a desk: declared once, read from a file, the environment and flags, documented from the declaration.
//!
//! A newcomer starts at [`Settings`] (every section) and at one section, such as [`Desk`]: a struct whose fields are the
//! settings. The macro `section!` makes of each declaration the struct, its row in the table from which flags, variables
//! and `docs/configuration.md` are made, its reading and its printing. [`Sources::load`] joins what was given; a later
//! source wins: built-in values, file, environment, flags.
//!
//! To add a setting: a field with its sentence, kind and example in its section's file. To add a section: a file of its
//! own with `section!`, and a line in `sections!` below. Then `BASTIDE_BLESS=1 cargo test -p bastide-tidy configuration`.
//!
//! Invariant: a mistake is named with its place (file and line, variable, flag) and what to do, all mistakes at once; a
//! key that nobody knows is a mistake. Invariant: no setting holds a secret; [`SecretFile`] names the file that does.

mod backup;
mod declaration;
mod desk;
mod document;
mod given;
mod limits;
mod load;
mod mail;
mod observing;
mod reference;
mod secret;
mod sign_in;
mod value;

pub use backup::Backup;
pub use declaration::{Flag, Named, Section, Setting};
pub use desk::Desk;
pub use given::{Origin, Reader};
pub use limits::Limits;
pub use load::{ConfigError, Loaded, Problem, Sources};
pub use mail::Mail;
pub use observing::{Health, Metrics};
pub use reference::reference;
pub use secret::{SecretError, SecretFile};
pub use sign_in::{SignIn, SignInGithub, SignInOidc};
pub use value::{Bucket, DatabaseUrl, PublicUrl, Value, Whole};

use declaration::sections;

sections! {
    /// The desk itself.
    desk: Desk,
    /// Counts for a monitoring system.
    metrics: Metrics,
    /// From when on the desk is not ready.
    health: Health,
    /// What it asks of people who sign in.
    sign_in: SignIn,
    /// Signing in through GitHub.
    sign_in_github: SignInGithub,
    /// Signing in through providers that speak `OpenID` Connect, by their short names.
    sign_in_oidc: Named<SignInOidc>,
    /// Limits against floods.
    limits: Limits,
    /// Mail that leaves.
    mail: Mail,
    /// Encrypted backups.
    backup: Backup,
}
