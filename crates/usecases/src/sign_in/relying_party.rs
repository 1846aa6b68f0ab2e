//! The desk as passkeys know it: the host name of its public address. A passkey made for one name works for no other.

use webauthn_rs::{Webauthn, WebauthnBuilder, prelude::Url};

use crate::{Settings, UseCaseError};

/// The desk as passkeys know it, or why it can have none.
#[derive(Debug)]
pub(crate) struct RelyingParty(Result<Webauthn, &'static str>);

impl RelyingParty {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self(build(settings))
    }

    /// The library's half of every ceremony.
    pub(crate) fn webauthn(&self) -> Result<&Webauthn, UseCaseError> {
        self.0.as_ref().map_err(|reason| {
            UseCaseError::invalid(
                "passkey",
                *reason,
                "Tell the desk's operator: `bastide serve --public-url https://HOST` names it.",
            )
        })
    }

    /// Why this desk can have no passkeys.
    pub(crate) fn impossible(&self) -> Option<&'static str> {
        self.0.as_ref().err().copied()
    }
}

/// Why a desk with these settings can have no passkeys, where it cannot.
pub fn no_passkeys(settings: &Settings) -> Option<&'static str> {
    build(settings).err()
}

fn build(settings: &Settings) -> Result<Webauthn, &'static str> {
    const UNREADABLE: &str = "the desk's public address cannot be read, and passkeys belong to its host name";
    let url = Url::parse(&settings.public_url).map_err(|_| UNREADABLE)?;
    let Some(host) = url.domain() else {
        return Err(
            "passkeys belong to a host name, and the desk's public address is a number (an IP address)",
        );
    };
    let local = host == "localhost" || host.ends_with(".localhost");
    if url.scheme() != "https" && !local {
        return Err("browsers use passkeys over https only, and the desk's public address is http");
    }
    WebauthnBuilder::new(host, &url)
        .and_then(|builder| builder.rp_name(&settings.programme).build())
        .map_err(|_| UNREADABLE)
}

#[cfg(test)]
mod tests {
    use super::RelyingParty;
    use crate::{Settings, SignInPolicy};

    #[test]
    fn passkeys_need_a_host_name_and_a_safe_way_to_it() {
        let of = |url: &str| {
            let settings =
                Settings { programme: "P".into(), public_url: url.into(), sign_in: SignInPolicy::strict() };
            RelyingParty::of(&settings).impossible()
        };
        for good in [
            "https://desk.example.org",
            "https://desk.example.org:8443",
            "http://localhost:8080",
            "https://x.test",
        ] {
            assert_eq!(of(good), None, "{good}");
        }
        assert!(of("https://192.0.2.7").unwrap().contains("IP address"));
        assert!(of("http://[::1]:8080").unwrap().contains("IP address"));
        assert!(of("http://desk.example.org").unwrap().contains("https only"));
        assert!(of("desk").unwrap().contains("cannot be read"));
    }
}
