//! GitHub, which speaks OAuth 2 without `OpenID` Connect: a code is traded for a token, and the token asks who it is of.
//!
//! <https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>. An account is its number: handles can
//! be given up and taken by somebody else. Of the account only number and handle are read; its mail addresses are not asked
//! for, because no person is found by an address.

use std::sync::Arc;

use bastide_connect_web::{Answering, Web};
use bastide_model::time::Instant;
use http::header;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _, TokenUrl,
    basic::BasicClient,
};
use serde::Deserialize;

use crate::{
    Ceremony, IdentityError, IdentityProvider, Returned, Vouched, error::of_exchange, through::Through,
};

/// The short name, in addresses and errors.
const NAME: &str = "github";
/// The longest handle that is shown, in characters; GitHub's own have at most 39.
const LONGEST_HANDLE: usize = 64;

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Where GitHub is. Another one than the public one is somebody's own GitHub Enterprise Server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubAddresses {
    /// The site: `https://github.com`.
    pub site: String,
    /// The API: `https://api.github.com`.
    pub api: String,
}

impl Default for GitHubAddresses {
    fn default() -> Self {
        Self { site: "https://github.com".to_owned(), api: "https://api.github.com".to_owned() }
    }
}

/// GitHub as a provider.
#[derive(Debug)]
pub struct GitHub {
    addresses: GitHubAddresses,
    client: Client,
    web: Through,
}

/// What is read of an account.
#[derive(Deserialize)]
struct Account {
    id: u64,
    login: String,
}

impl GitHub {
    /// GitHub for an OAuth app with this id and secret.
    pub fn new(
        addresses: GitHubAddresses,
        client_id: String,
        client_secret: String,
        web: Arc<dyn Web>,
    ) -> Result<Self, IdentityError> {
        let wrong = |_| IdentityError::refused(NAME, "its configured address is not a web address");
        let site = &addresses.site;
        let client = BasicClient::new(ClientId::new(client_id))
            .set_client_secret(ClientSecret::new(client_secret))
            .set_auth_uri(AuthUrl::new(format!("{site}/login/oauth/authorize")).map_err(wrong)?)
            .set_token_uri(TokenUrl::new(format!("{site}/login/oauth/access_token")).map_err(wrong)?);
        Ok(Self { addresses, client, web: Through(web) })
    }

    async fn account(&self, ceremony: &Ceremony, returned: &Returned) -> Result<Vouched, IdentityError> {
        let client = self.client.clone().set_redirect_uri(back(ceremony)?);
        let token = client
            .exchange_code(AuthorizationCode::new(returned.code.clone()))
            .set_pkce_verifier(PkceCodeVerifier::new(ceremony.verifier.clone()))
            .request_async(&self.web)
            .await
            .map_err(|error| of_exchange(NAME, &error))?;
        let request = http::Request::get(format!("{}/user", self.addresses.api))
            .header(header::AUTHORIZATION, format!("Bearer {}", token.access_token().secret()))
            .header(header::ACCEPT, "application/vnd.github+json")
            .body(Vec::new())
            .map_err(|_| IdentityError::refused(NAME, "its token cannot be sent"))?;
        let answer = self.web.0.send(request).await.map_err(|error| IdentityError::of_web(NAME, &error))?;
        if !answer.status().is_success() {
            let why = format!("it answers {} when it is asked whose account it is", answer.status().as_u16());
            return Err(IdentityError::unavailable(NAME, why));
        }
        let account: Account = serde_json::from_slice(answer.body())
            .map_err(|_| IdentityError::refused(NAME, "what it says of the account is not understood"))?;
        Ok(Vouched {
            issuer: self.addresses.site.clone(),
            subject: account.id.to_string(),
            shown: account.login.chars().filter(|symbol| !symbol.is_control()).take(LONGEST_HANDLE).collect(),
        })
    }
}

fn back(ceremony: &Ceremony) -> Result<RedirectUrl, IdentityError> {
    RedirectUrl::new(ceremony.back.clone())
        .map_err(|_| IdentityError::refused(NAME, "the desk's own address is not a web address"))
}

impl IdentityProvider for GitHub {
    fn name(&self) -> &str {
        NAME
    }

    fn title(&self) -> &'static str {
        "GitHub"
    }

    fn issuer(&self) -> &str {
        &self.addresses.site
    }

    fn begin<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        _now: Instant,
    ) -> Answering<'a, Result<String, IdentityError>> {
        Box::pin(async move {
            let client = self.client.clone().set_redirect_uri(back(ceremony)?);
            let verifier = PkceCodeVerifier::new(ceremony.verifier.clone());
            let (address, _) = client
                .authorize_url(|| CsrfToken::new(ceremony.state.clone()))
                .add_scope(Scope::new("read:user".to_owned()))
                .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
                .url();
            Ok(address.into())
        })
    }

    fn finish<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        returned: &'a Returned,
        _now: Instant,
    ) -> Answering<'a, Result<Vouched, IdentityError>> {
        Box::pin(async move {
            // GitHub names itself in what it sends back since it supports RFC 9207: with its OAuth path.
            let known = |issuer: &String| issuer.starts_with(self.addresses.site.as_str());
            if returned.issuer.as_ref().is_some_and(|issuer| !known(issuer)) {
                return Err(IdentityError::refused(NAME, "the answer names another issuer"));
            }
            self.account(ceremony, returned).await
        })
    }
}
