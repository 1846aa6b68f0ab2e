//! What can go wrong on the way out. No error holds a path, a query or a body.

use crate::address::NotPublic;

/// Why an address was not even tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no address that a web client takes.
    #[error("it is not a web address")]
    NotAnAddress,
    /// It is not HTTPS on port 443.
    #[error("only HTTPS on port 443 is spoken to what the configuration does not name")]
    NotHttps,
    /// It carries a name or password.
    #[error("it carries a name or password")]
    Credentials,
    /// It, or one of the addresses that its name has, is not public.
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    /// It redirects once too often.
    #[error("it redirects more than {most} times")]
    Redirects {
        /// How often it may.
        most: usize,
    },
    /// It answers a request that is not a plain read with a redirect, or redirects without saying where to.
    #[error("it redirects where no redirect is followed")]
    Redirect,
}

/// A request that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebError {
    /// The guard refused it; asking again changes nothing.
    #[error("{origin} is not asked: {why}")]
    Refused {
        /// Who was to be asked, without path.
        origin: String,
        /// Why not.
        why: Refused,
    },
    /// The answer is longer than the limit.
    #[error("{origin} answers with more than {most} bytes")]
    TooLong {
        /// Who was asked.
        origin: String,
        /// The limit.
        most: usize,
    },
    /// The answer did not come in time.
    #[error("{origin} does not answer in time")]
    TimedOut {
        /// Who was asked.
        origin: String,
    },
    /// No connection, no valid certificate, or the answer broke off.
    #[error("{origin} cannot be reached")]
    Unreachable {
        /// Who was asked.
        origin: String,
    },
}
