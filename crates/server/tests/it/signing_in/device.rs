//! A device with passkeys, in software: it answers as WebAuthn says, and, when told to, as it must not.

use bastide_model::digest::Sha256Digest;
use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::{DerSignature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};

/// The address of the tests' desk.
pub(crate) const ORIGIN: &str = "http://localhost:1";

/// A device. `Clone` is what thieves do.
#[derive(Clone)]
pub(crate) struct Device {
    /// The page that it believes to answer.
    pub(crate) origin: String,
    /// The relying party that it believes to answer; the asked one when absent.
    pub(crate) party: Option<String>,
    /// Whether it checks that it is its owner.
    pub(crate) verifies: bool,
    /// The counter that it showed last; a device that does not count stays at 0.
    pub(crate) counter: u32,
    /// Whether it counts.
    pub(crate) counts: bool,
    /// Its key.
    pub(crate) key: SigningKey,
    /// The credential's id.
    pub(crate) id: Vec<u8>,
    /// Whom it was made for.
    pub(crate) user: Vec<u8>,
}

fn bytes(value: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

impl Device {
    /// A new device; its key is made from its name.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            origin: ORIGIN.to_owned(),
            party: None,
            verifies: true,
            counter: 0,
            counts: true,
            key: SigningKey::from_slice(&Sha256Digest::of(name.as_bytes()).0).unwrap(),
            id: Sha256Digest::of(format!("id of {name}").as_bytes()).0.to_vec(),
            user: Vec::new(),
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    /// Whom it answers, what it checked, how often it was used; and what more is in `rest`.
    fn authenticator_data(&mut self, party: &Value, flags: u8, rest: &[u8]) -> Vec<u8> {
        if self.counts {
            self.counter += 1;
        }
        let party = self.party.clone().unwrap_or_else(|| party.as_str().unwrap().to_owned());
        let mut data = Sha256Digest::of(party.as_bytes()).0.to_vec();
        data.push(flags | 0x01 | if self.verifies { 0x04 } else { 0 });
        data.extend_from_slice(&self.counter.to_be_bytes());
        data.extend_from_slice(rest);
        data
    }

    /// Answers `navigator.credentials.create`.
    pub(crate) fn create(&mut self, options: &Value) -> String {
        assert_eq!(
            options["authenticatorSelection"]["residentKey"], "required",
            "signing in asks for no name"
        );
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        self.user = bytes(&options["user"]["id"]);
        let point = self.key.verifying_key().to_sec1_point(false);
        let point = point.as_bytes();
        // COSE: an EC2 key for ES256 on P-256.
        let mut rest = vec![0; 16];
        rest.extend_from_slice(&u16::try_from(self.id.len()).unwrap().to_be_bytes());
        rest.extend_from_slice(&self.id);
        rest.extend_from_slice(&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        rest.extend_from_slice(&point[1..33]);
        rest.extend_from_slice(&[0x22, 0x58, 0x20]);
        rest.extend_from_slice(&point[33..65]);
        let data = self.authenticator_data(&options["rp"]["id"], 0x40, &rest);
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend_from_slice(&data);
        let client = self.client_data("webauthn.create", options);
        self.credential(&json!({
            "attestationObject": text(&attestation), "clientDataJSON": text(&client), "transports": ["internal"],
        }))
    }

    /// Answers `navigator.credentials.get`.
    pub(crate) fn get(&mut self, options: &Value) -> String {
        let data = self.authenticator_data(&options["rpId"], 0, &[]);
        let client = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256Digest::of(&client).0].concat();
        let signature: DerSignature = self.key.sign(&signed);
        self.credential(&json!({
            "authenticatorData": text(&data), "clientDataJSON": text(&client),
            "signature": text(signature.as_bytes()), "userHandle": text(&self.user),
        }))
    }

    fn credential(&self, response: &Value) -> String {
        let id = text(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {} })
            .to_string()
    }
}
