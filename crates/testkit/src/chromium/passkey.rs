//! A virtual authenticator: the passkeys of a person in a test, who confirms what they are asked.

use serde_json::json;

use super::Chromium;

/// A person's authenticator in one browser.
#[derive(Debug)]
pub struct Authenticator {
    id: String,
}

impl Chromium {
    /// Gives the person an authenticator that knows them, such as a telephone or a laptop with a finger's print.
    ///
    /// # Panics
    ///
    /// When the browser has no such thing.
    pub async fn authenticator(&self) -> Authenticator {
        self.devtools("WebAuthn.enable", json!({})).await;
        let options = json!({
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        });
        let made = self.devtools("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await;
        Authenticator { id: made["authenticatorId"].as_str().expect("it has an id").to_owned() }
    }

    /// How many passkeys it holds.
    pub async fn passkeys(&self, authenticator: &Authenticator) -> usize {
        let held =
            self.devtools("WebAuthn.getCredentials", json!({ "authenticatorId": authenticator.id })).await;
        held["credentials"].as_array().map_or(0, Vec::len)
    }

    /// Whether the person proves who they are when asked (finger, face, PIN).
    pub async fn verifies(&self, authenticator: &Authenticator, verified: bool) {
        let said = json!({ "authenticatorId": authenticator.id, "isUserVerified": verified });
        self.devtools("WebAuthn.setUserVerified", said).await;
    }
}
