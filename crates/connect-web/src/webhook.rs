//! Calls that a receiver can tell from others', signed as Standard Webhooks has it (<https://www.standardwebhooks.com>).
//!
//! The headers carry an id, which is the same for every attempt, the time in seconds since 1970, and `v1,` with the base64 of
//! HMAC-SHA-256 over `id.time.body`. A receiver refuses a time that is more than five minutes off, so a call that somebody
//! recorded is of no use later.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, Request, Uri};
use sha2::Sha256;

/// How long an address may be.
const MOST: usize = 500;

/// Whether an address can be called: HTTPS, a host, nobody's name or password in it. Whether it is public shows when it is called.
pub fn callable(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    address.len() <= MOST && uri.scheme_str() == Some("https") && plain
}

/// A signed call; nothing where the address is none.
pub fn signed(address: &str, key: &[u8], id: &str, seconds: i64, body: Vec<u8>) -> Option<Request<Vec<u8>>> {
    Request::builder()
        .method(Method::POST)
        .uri(address)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature(key, id, seconds, &body))
        .body(body)
        .ok()
}

/// The key as a receiver's library takes it.
pub fn shown_key(key: &[u8]) -> String {
    format!("whsec_{}", BASE64.encode(key))
}

fn signature(key: &[u8], id: &str, seconds: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries: secret, id, time, body and what comes out.
    #[test]
    fn the_signature_is_that_of_the_specifications_example() {
        let key = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#.to_vec();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let call = signed("https://hooks.example.org/x", &key, id, 1_614_265_330, body).unwrap();
        assert_eq!(call.headers()["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(call.headers()["webhook-id"], id);
        assert_eq!(shown_key(&key), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn an_address_with_a_password_or_without_tls_is_not_called() {
        assert!(callable("https://hooks.example.org/security?team=1"));
        for wrong in [
            "http://hooks.example.org",
            "https://u:p@hooks.example.org",
            "hooks.example.org",
            "https://",
            "ftp://x",
            "",
        ] {
            assert!(!callable(wrong), "{wrong}");
        }
    }
}
