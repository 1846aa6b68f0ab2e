//! A house that vouches for people: `OpenID` Connect and GitHub's way, on loopback, with real keys and signatures.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_connect_identity::{Ceremony, Returned};
use bastide_connect_web::{GuardedClient, Limits, SystemNames, Web};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

pub(crate) const CLIENT: &str = "the-desk";
pub(crate) const SECRET: &str = "quokka-client-secret";
pub(crate) const SUBJECT: &str = "subject-1";
/// The instant at which every test signs in, in seconds.
pub(crate) const NOW: i64 = 1_780_000_000;

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Rs256,
    Es256,
    /// `alg: none`, without a signature.
    None,
    /// With the client's secret.
    Hs256,
    /// With a key that is nobody's, under the name of the published one.
    OtherKey,
    /// By RS256, but the claims were changed afterwards.
    Changed,
}

/// How the house answers at one path.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Error,
    Huge,
    Slow,
    Text(StatusCode, String),
    Redirect(String),
}

/// What a test tells the house.
pub(crate) struct Script {
    pub(crate) signed: Signed,
    /// Claims that replace or join the right ones; null takes one away.
    pub(crate) claims: Value,
    /// Members that replace or join those of the discovery document.
    pub(crate) documents: Value,
    pub(crate) answers: BTreeMap<String, Answer>,
    pub(crate) key_name: String,
    pub(crate) without_id_token: bool,
    /// Codes that were given out, with nonce and challenge.
    codes: BTreeMap<String, (String, String)>,
    pub(crate) visits: Vec<String>,
}

pub(crate) struct House {
    pub(crate) origin: String,
    pub(crate) script: Arc<Mutex<Script>>,
}

struct Keys {
    rsa: RsaKeyPair,
    other: RsaKeyPair,
    ec: EcdsaKeyPair,
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn joined(mut value: Value, changes: &Value) -> Value {
    for (name, change) in changes.as_object().into_iter().flatten() {
        if change.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = change.clone();
        }
    }
    value
}

impl Keys {
    fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            other: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap(),
        }
    }

    fn published(&self, name: &str) -> Value {
        let number = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        // A sequence of two integers of DER; with 2048 bits each stands at its place.
        let rsa = self.rsa.public_key().as_ref();
        assert_eq!((rsa.len(), &rsa[..9]), (270, &[0x30, 0x82, 1, 10, 2, 0x82, 1, 1, 0][..]));
        let point = self.ec.public_key().as_ref();
        json!({ "keys": [
            {
                "kty": "RSA", "use": "sig", "kid": name,
                "n": number(&rsa[9..265]),
                "e": number(&rsa[267..]),
            },
            {
                "kty": "EC", "crv": "P-256", "use": "sig", "kid": format!("{name}-ec"),
                "x": number(&point[1..33]), "y": number(&point[33..65]),
            },
        ] })
    }

    fn token(&self, claims: &Value, signed: Signed, name: &str) -> String {
        let (algorithm, kid) = match signed {
            Signed::Es256 => ("ES256", format!("{name}-ec")),
            Signed::None => ("none", name.to_owned()),
            Signed::Hs256 => ("HS256", name.to_owned()),
            _ => ("RS256", name.to_owned()),
        };
        let head = encoded(&json!({ "alg": algorithm, "kid": kid, "typ": "JWT" }));
        let text = format!("{head}.{}", encoded(claims));
        let random = SystemRandom::new();
        let by_rsa = |key: &RsaKeyPair| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
            signature
        };
        let signature = match signed {
            Signed::Rs256 | Signed::Changed => by_rsa(&self.rsa),
            Signed::OtherKey => by_rsa(&self.other),
            Signed::Es256 => self.ec.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
            Signed::Hs256 => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), text.as_bytes())
                    .as_ref()
                    .to_vec()
            }
            Signed::None => Vec::new(),
        };
        let signature = BASE64URL_NOPAD.encode(&signature);
        if signed == Signed::Changed {
            let claims = joined(claims.clone(), &json!({ "sub": "somebody-else" }));
            return format!("{head}.{}.{signature}", encoded(&claims));
        }
        format!("{text}.{signature}")
    }
}

impl House {
    /// A house that answers right until it is told otherwise.
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script {
            signed: Signed::Rs256,
            claims: json!({}),
            documents: json!({}),
            answers: BTreeMap::new(),
            key_name: "key-1".to_owned(),
            without_id_token: false,
            codes: BTreeMap::new(),
            visits: Vec::new(),
        }));
        let keys = Arc::new(Keys::new());
        let (known, own) = (Arc::clone(&script), origin.clone());
        let router = Router::new().fallback(move |request: Request| {
            let (script, keys, origin) = (Arc::clone(&known), Arc::clone(&keys), own.clone());
            async move { answer(request, &script, &keys, &origin).await }
        });
        drop(tokio::task::spawn(async move { axum::serve(listener, router).await }));
        Self { origin, script }
    }

    pub(crate) fn tell(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    /// A client that may ask this house and no other.
    pub(crate) fn web(&self) -> Arc<dyn Web> {
        let limits = Limits { time: Duration::from_secs(2), ..Limits::default() };
        let names: Arc<dyn bastide_connect_web::Names> = Arc::new(SystemNames);
        Arc::new(GuardedClient::with([self.origin.parse().unwrap()].into(), &names, limits))
    }

    /// What a browser does that is sent to `address`: it signs in, and brings back a code.
    pub(crate) fn visited(&self, address: &str, ceremony: &Ceremony) -> Returned {
        let (place, query) = address.split_once('?').unwrap();
        assert!(place.starts_with(&self.origin), "{place}");
        let query: BTreeMap<String, String> = serde_urlencoded::from_str(query).unwrap();
        assert_eq!(query["state"], ceremony.state);
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["redirect_uri"], ceremony.back);
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(!address.contains(&ceremony.verifier), "the verifier leaves the desk");
        let mut script = self.script.lock().unwrap();
        let code = format!("quokka-code-{}", script.codes.len());
        let nonce = query.get("nonce").cloned().unwrap_or_default();
        script.codes.insert(code.clone(), (nonce, query["code_challenge"].clone()));
        Returned { code, issuer: None }
    }
}

async fn answer(request: Request, script: &Mutex<Script>, keys: &Keys, origin: &str) -> Response {
    let path = request.uri().path().to_owned();
    let authorization = request.headers().get(header::AUTHORIZATION).cloned();
    let body = axum::body::to_bytes(request.into_body(), 100_000).await.unwrap();
    let told = {
        let mut script = script.lock().unwrap();
        script.visits.push(path.clone());
        script.answers.get(&path).cloned()
    };
    match told {
        Some(Answer::Error) => return (StatusCode::INTERNAL_SERVER_ERROR, "quokka-error").into_response(),
        Some(Answer::Huge) => return vec![b'x'; 2 * 1024 * 1024].into_response(),
        Some(Answer::Slow) => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            return StatusCode::OK.into_response();
        }
        Some(Answer::Text(status, text)) => {
            return (status, [(header::CONTENT_TYPE, "application/json")], text).into_response();
        }
        Some(Answer::Redirect(to)) => return (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        None => {}
    }
    let script = &mut *script.lock().unwrap();
    match path.as_str() {
        "/.well-known/openid-configuration" => found(&joined(
            json!({
                "issuer": origin,
                "authorization_endpoint": format!("{origin}/authorize"),
                "token_endpoint": format!("{origin}/token"),
                "jwks_uri": format!("{origin}/keys"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            }),
            &script.documents,
        )),
        "/keys" => found(&keys.published(&script.key_name)),
        "/token" => token(&body, authorization.is_some(), script, keys, origin),
        "/login/oauth/access_token" => match traded(&body, script) {
            Some(_) => found(
                &json!({ "access_token": "quokka-token", "token_type": "bearer", "scope": "read:user" }),
            ),
            // GitHub answers an error with 200.
            None => found(&json!({ "error": "bad_verification_code", "error_description": "quokka-error" })),
        },
        "/user" => {
            let right = authorization.is_some_and(|value| value == "Bearer quokka-token");
            if right {
                found(&joined(
                    json!({ "id": 583_231, "login": "octocat", "email": "octocat@example.org" }),
                    &script.claims,
                ))
            } else {
                StatusCode::UNAUTHORIZED.into_response()
            }
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn found(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// A code is traded once, by whoever knows the verifier of its challenge. Gives the nonce.
fn traded(body: &Bytes, script: &mut Script) -> Option<String> {
    let fields: BTreeMap<String, String> = serde_urlencoded::from_bytes(body).unwrap();
    assert_eq!(fields["grant_type"], "authorization_code");
    let (nonce, challenge) = script.codes.remove(&fields["code"])?;
    let hash = digest::digest(&digest::SHA256, fields["code_verifier"].as_bytes());
    (BASE64URL_NOPAD.encode(hash.as_ref()) == challenge).then_some(nonce)
}

fn token(body: &Bytes, authorized: bool, script: &mut Script, keys: &Keys, origin: &str) -> Response {
    assert!(authorized, "the client shows its secret");
    let Some(nonce) = traded(body, script) else {
        let error = json!({ "error": "invalid_grant", "error_description": "quokka-error" });
        return (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], error.to_string())
            .into_response();
    };
    let claims = json!({
        "iss": origin, "sub": SUBJECT, "aud": CLIENT, "nonce": nonce, "iat": NOW - 5, "exp": NOW + 300,
        "preferred_username": "reporter-a", "email": "reporter-a@example.org", "email_verified": true,
    });
    let id_token = keys.token(&joined(claims, &script.claims), script.signed, &script.key_name);
    let mut answer = json!({ "access_token": "quokka-token", "token_type": "Bearer", "id_token": id_token });
    if script.without_id_token {
        answer.as_object_mut().unwrap().remove("id_token");
    }
    found(&answer)
}
