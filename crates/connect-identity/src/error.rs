//! Why nobody was vouched for.

use bastide_connect_web::WebError;

/// What went wrong, sorted by who can do something about it. Nothing of a token, a code or an address with one is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The provider could not be asked, or answered with an error of its own. Later may be better.
    #[error("{provider} could not be asked: {why}")]
    Unavailable {
        /// Its short name.
        provider: String,
        /// In words.
        why: String,
    },
    /// The provider answered, and its answer does not hold.
    #[error("what {provider} answered does not hold: {why}")]
    Refused {
        /// Its short name.
        provider: String,
        /// In words.
        why: String,
    },
}

impl IdentityError {
    pub(crate) fn unavailable(provider: &str, why: impl Into<String>) -> Self {
        Self::Unavailable { provider: provider.to_owned(), why: why.into() }
    }

    pub(crate) fn refused(provider: &str, why: impl Into<String>) -> Self {
        Self::Refused { provider: provider.to_owned(), why: why.into() }
    }

    pub(crate) fn of_web(provider: &str, error: &WebError) -> Self {
        Self::unavailable(provider, error.to_string())
    }
}

/// An error of the exchange of a code, which both libraries share.
pub(crate) fn of_exchange<T: oauth2::ErrorResponse>(
    provider: &str,
    error: &oauth2::RequestTokenError<WebError, T>,
) -> IdentityError {
    match error {
        // What the provider says of its error may repeat the code.
        oauth2::RequestTokenError::ServerResponse(_) => {
            IdentityError::refused(provider, "it does not take the code")
        }
        oauth2::RequestTokenError::Request(error) => IdentityError::of_web(provider, error),
        oauth2::RequestTokenError::Parse(..) => {
            IdentityError::refused(provider, "its answer to the code is not understood")
        }
        oauth2::RequestTokenError::Other(_) => {
            IdentityError::unavailable(provider, "its answer to the code is an error without words")
        }
    }
}
