//! A world of a few fixed answers, for the tests of whoever speaks to the web.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use http::{Request, Response, StatusCode};

use crate::{Answering, Web, WebError};

/// Answers each address with what was written down for it, and remembers who was asked.
#[derive(Debug, Default)]
pub struct ScriptedWeb {
    answers: BTreeMap<String, (StatusCode, Vec<u8>)>,
    asked: Mutex<Vec<String>>,
}

impl ScriptedWeb {
    /// A world in which `address` (without query) answers with this.
    #[must_use]
    pub fn answering(mut self, address: &str, status: StatusCode, body: impl Into<Vec<u8>>) -> Self {
        self.answers.insert(address.to_owned(), (status, body.into()));
        self
    }

    /// Which addresses were asked, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Web for ScriptedWeb {
    fn send(&self, request: Request<Vec<u8>>) -> Answering<'_, Result<Response<Vec<u8>>, WebError>> {
        let address = request.uri().to_string();
        let address = address.split('?').next().unwrap_or_default().to_owned();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(address.clone());
        let answer = self.answers.get(&address).cloned();
        Box::pin(async move {
            let (status, body) = answer.ok_or(WebError::Unreachable { origin: "an unknown host".into() })?;
            let mut response = Response::new(body);
            *response.status_mut() = status;
            Ok(response)
        })
    }
}
