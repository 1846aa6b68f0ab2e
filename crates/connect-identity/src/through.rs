//! The one way out, as the protocols' libraries ask for it.

use std::sync::Arc;

use bastide_connect_web::{Answering, Web, WebError};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};

/// A client for the libraries.
#[derive(Debug)]
pub(crate) struct Through(pub(crate) Arc<dyn Web>);

impl<'c> AsyncHttpClient<'c> for Through {
    type Error = WebError;
    type Future = Answering<'c, Result<HttpResponse, WebError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.0.send(request)
    }
}
