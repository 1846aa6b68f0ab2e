//! Advisories from outside, and the snapshot made of them, on disk.
//!
//! A [`FeedSource`] names where records come from: a zip in the layout of osv.dev's `all.zip`, a directory, a git checkout, a single
//! file, an address. [`sync`] reads them all, makes one snapshot (`bastide_impact::database`), holds it against the one before and
//! puts it in its [`Place`]. [`Place::open`] reads it page by page, as an audit does; [`Watch`] keeps it in memory for a server
//! and takes up a new one when it comes.
//!
//! Invariant: a snapshot of this name is whole: it is written beside, made durable, and renamed. Invariant: a record that cannot
//! be read is told with file, field and reason, and costs no other record.

mod address;
mod error;
mod file;
mod place;
mod reading;
mod source;
mod sync;
mod watch;

pub use error::{ErrorKind, FeedError};
pub use place::Place;
pub use source::FeedSource;
pub use sync::{Loss, Options, Progress, Silent, Summary, sync};
pub use watch::Watch;
