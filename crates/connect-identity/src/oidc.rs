//! A provider that speaks `OpenID` Connect: <https://openid.net/specs/openid-connect-core-1_0.html>, with discovery.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bastide_connect_web::{Answering, Origin, Web, WebError};
use bastide_model::time::{Instant, Span};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    AdditionalProviderMetadata, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, SignatureVerificationError,
    TokenResponse as _,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    Ceremony, IdentityError, IdentityProvider, Returned, Vouched, error::of_exchange, through::Through,
};

/// How long a provider's documents are used before they are fetched again. Providers announce new keys for longer.
const KEPT: Span = Span::minutes(10);
/// How far a provider's clock may be ahead.
const SKEW: TimeDelta = TimeDelta::minutes(2);
/// The longest subject (`OpenID` Connect Core, section 2).
const LONGEST_SUBJECT: usize = 255;
/// The longest name that is shown, in characters.
const LONGEST_NAME: usize = 64;

/// The algorithms whose signatures count: asymmetric and of 128 bits of security. `none` and those that sign with the client's
/// secret are not among them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a provider says of itself beside `OpenID` Connect.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Beside {
    /// Whether each of its answers names it (RFC 9207). Then one that does not is somebody else's.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Beside {}

type Documents = ProviderMetadata<
    Beside,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider as the operator configured it.
#[derive(Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// Its short name, in addresses.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Its issuer, to the letter.
    pub issuer: String,
    /// The desk's id at the provider.
    pub client_id: String,
    /// The desk's secret there.
    pub client_secret: String,
}

impl fmt::Debug for OidcSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("OidcSettings")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// A provider.
#[derive(Debug)]
pub struct Oidc {
    settings: OidcSettings,
    issuer: IssuerUrl,
    web: Through,
    known: Mutex<Option<(Instant, Documents)>>,
}

impl Oidc {
    /// A provider; nothing is fetched before somebody signs in.
    pub fn new(settings: OidcSettings, web: Arc<dyn Web>) -> Result<Self, IdentityError> {
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|_| IdentityError::refused(&settings.name, "its issuer is not a web address"))?;
        Ok(Self { settings, issuer, web: Through(web), known: Mutex::new(None) })
    }

    fn refused(&self, why: impl Into<String>) -> IdentityError {
        IdentityError::refused(&self.settings.name, why)
    }

    /// The provider's documents: kept for a while, or fetched. The library refuses those that name another issuer.
    async fn documents(&self, now: Instant, fresh: bool) -> Result<Documents, IdentityError> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, known)) = kept
            && !fresh
            && now.since(at) < KEPT
        {
            return Ok(known);
        }
        let fetched = Documents::discover_async(self.issuer.clone(), &self.web).await;
        let found = fetched.map_err(|error| self.of_discovery(&error))?;
        self.check(&found)?;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, found.clone()));
        Ok(found)
    }

    fn of_discovery(&self, error: &DiscoveryError<WebError>) -> IdentityError {
        let name = &self.settings.name;
        match error {
            DiscoveryError::Request(error) => IdentityError::of_web(name, error),
            DiscoveryError::Response(status, ..) => {
                IdentityError::unavailable(name, format!("its documents answer with {}", status.as_u16()))
            }
            DiscoveryError::Validation(_) => self.refused("its documents name another issuer"),
            _ => self.refused("its documents are not understood"),
        }
    }

    /// A browser is sent over HTTPS only, or to where the operator said that the provider is.
    fn check(&self, found: &Documents) -> Result<(), IdentityError> {
        let address = found.authorization_endpoint().url();
        let same = Origin::of(address) == Origin::of(self.issuer.url());
        if address.scheme() == "https" || same {
            Ok(())
        } else {
            Err(self.refused("it sends browsers to an address without TLS"))
        }
    }

    fn client(&self, found: Documents, ceremony: &Ceremony) -> Result<Client, IdentityError> {
        let back = RedirectUrl::new(ceremony.back.clone())
            .map_err(|_| self.refused("the desk's own address is not a web address"))?;
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(self.settings.client_secret.clone());
        Ok(CoreClient::from_provider_metadata(found, id, Some(secret)).set_redirect_uri(back))
    }

    async fn vouched(
        &self,
        ceremony: &Ceremony,
        returned: &Returned,
        now: Instant,
    ) -> Result<Vouched, IdentityError> {
        if returned.issuer.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(self.refused("the answer names another issuer"));
        }
        let name = self.settings.name.as_str();
        let documents = self.documents(now, false).await?;
        let names_itself = documents.additional_metadata().authorization_response_iss_parameter_supported;
        if names_itself && returned.issuer.is_none() {
            return Err(self.refused("the answer names no issuer, and this one always does"));
        }
        let client = self.client(documents, ceremony)?;
        let answer = client
            .exchange_code(AuthorizationCode::new(returned.code.clone()))
            .map_err(|_| self.refused("it has no address where a code is traded"))?
            .set_pkce_verifier(PkceCodeVerifier::new(ceremony.verifier.clone()))
            .request_async(&self.web)
            .await
            .map_err(|error| of_exchange(name, &error))?;
        let token = answer.id_token().ok_or_else(|| self.refused("it sends no token that says who it is"))?;
        let nonce = Nonce::new(ceremony.nonce.clone());
        let read = |client: &Client| Self::claims(client, token, &nonce, now);
        let (subject, shown) = match read(&client) {
            // Signed with a key that came after the documents that are kept.
            Err(Unread::UnknownKey) => {
                let client = self.client(self.documents(now, true).await?, ceremony)?;
                read(&client).map_err(|unread| self.of_token(&unread))?
            }
            read => read.map_err(|unread| self.of_token(&unread))?,
        };
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            return Err(self.refused("its name for the account is empty or too long"));
        }
        Ok(Vouched { issuer: self.settings.issuer.clone(), subject, shown })
    }

    /// The subject of a token that holds, and what to show of it.
    fn claims(
        client: &Client,
        token: &openidconnect::core::CoreIdToken,
        nonce: &Nonce,
        now: Instant,
    ) -> Result<(String, String), Unread> {
        let at = DateTime::<Utc>::from_timestamp_micros(now.as_micros()).unwrap_or_default();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || at)
            .set_issue_time_verifier_fn(move |issued| {
                if issued <= at + SKEW { Ok(()) } else { Err("it was issued in the future".to_owned()) }
            });
        let claims = token.claims(&verifier, nonce).map_err(|error| match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Unread::UnknownKey
            }
            error => Unread::Wrong(in_words(&error)),
        })?;
        let subject = claims.subject().as_str().to_owned();
        let name = claims.preferred_username().map_or(subject.as_str(), |name| name.as_str());
        let shown = name.chars().filter(|symbol| !symbol.is_control()).take(LONGEST_NAME).collect();
        Ok((subject, shown))
    }

    fn of_token(&self, unread: &Unread) -> IdentityError {
        match unread {
            Unread::UnknownKey => self.refused("its token is signed with a key that it does not publish"),
            Unread::Wrong(why) => self.refused(*why),
        }
    }
}

/// Why a token was not read.
enum Unread {
    UnknownKey,
    Wrong(&'static str),
}

/// The library's errors quote claims; these words do not.
fn in_words(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "its token has ended or is not yet valid",
        ClaimsVerificationError::InvalidAudience(_) => "its token is for somebody else than this desk",
        ClaimsVerificationError::InvalidIssuer(_) => "its token is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "its token belongs to another sign-in",
        ClaimsVerificationError::SignatureVerification(_) => "its token is not signed as it must be",
        _ => "its token does not hold",
    }
}

impl IdentityProvider for Oidc {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn title(&self) -> &str {
        &self.settings.title
    }

    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    fn begin<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        now: Instant,
    ) -> Answering<'a, Result<String, IdentityError>> {
        Box::pin(async move {
            let client = self.client(self.documents(now, false).await?, ceremony)?;
            let verifier = PkceCodeVerifier::new(ceremony.verifier.clone());
            let (state, nonce) = (ceremony.state.clone(), ceremony.nonce.clone());
            let (address, ..) = client
                .authorize_url(
                    AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                    move || CsrfToken::new(state),
                    move || Nonce::new(nonce),
                )
                .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
                .url();
            Ok(address.into())
        })
    }

    fn finish<'a>(
        &'a self,
        ceremony: &'a Ceremony,
        returned: &'a Returned,
        now: Instant,
    ) -> Answering<'a, Result<Vouched, IdentityError>> {
        Box::pin(self.vouched(ceremony, returned, now))
    }
}
