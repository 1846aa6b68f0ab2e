//! The one way out of the desk: an HTTP client that reaches public addresses, and what the operator named.
//!
//! Whoever can make a server fetch an address of their choice reaches what only the server reaches: its own loopback, the
//! inner network, the cloud's metadata service (hardening, threat 11). So the [`GuardedClient`] resolves a name once, looks
//! at every address that came back, and connects to these addresses and no others; it speaks HTTPS on port 443 only, follows
//! few redirects and looks at each as at a first request, bounds time and size, and knows no proxy from the environment. An
//! operator who keeps an identity provider on an inner network names its exact [`Origin`] in the configuration; that origin,
//! and none beside it, is reached as it is.
//!
//! Callers speak to the trait [`Web`]; [`fake::ScriptedWeb`] stands in for the world in their tests. A request that writes
//! looks like one that reads here, so there is one trait and not two; what a request means is its caller's.
//!
//! Invariant: no address is connected to that was not looked at. Invariant: an error names an origin and a reason, never a
//! path, a query or a body, which may hold secrets.

mod address;
mod client;
mod destination;
mod error;
pub mod fake;
mod names;
pub mod webhook;

use std::{fmt::Debug, future::Future, pin::Pin};

pub use address::{NotPublic, public};
pub use client::{GuardedClient, Limits};
pub use destination::{Destination, Origin, OriginError};
pub use error::{Refused, WebError};
pub use names::{Names, SystemNames};

/// A future that a trait object gives.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that answers HTTP requests: the guarded client, or a fake.
pub trait Web: Send + Sync + Debug {
    /// Sends a request and reads the whole answer, whatever its status.
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Answering<'_, Result<http::Response<Vec<u8>>, WebError>>;
}
