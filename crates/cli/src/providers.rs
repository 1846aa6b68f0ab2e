//! The houses that people sign in through, from the configuration.

use std::{collections::BTreeSet, sync::Arc};

use bastide_config::{SecretFile, Settings};
use bastide_connect_web::{GuardedClient, Origin, Web};
use bastide_usecases::{
    GitHub, GitHubAddresses, IdentityError, IdentityProvider, Oidc, OidcSettings, OutsideSignIn,
};

use crate::diagnostic::Diagnostic;

/// Every provider that is configured, behind one guarded client that also reaches the origins which the configuration
/// names.
pub(crate) fn providers(settings: &Settings) -> Result<OutsideSignIn, Diagnostic> {
    let mut named = BTreeSet::new();
    for (name, oidc) in &settings.sign_in_oidc.0 {
        named.insert(origin(&oidc.issuer, &format!("sign-in.oidc.{name}.issuer"))?);
    }
    if let Some(server) = &settings.sign_in_github.server {
        named.insert(origin(server, "sign-in.github.server")?);
    }
    let web: Arc<dyn Web> = Arc::new(GuardedClient::new(named));
    let mut providers: Vec<Arc<dyn IdentityProvider>> = Vec::new();
    if let Some(github) = github(settings, &web)? {
        providers.push(Arc::new(github));
    }
    for (name, oidc) in &settings.sign_in_oidc.0 {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > 32 || !name.bytes().all(plain) || name == "github" {
            return Err(Diagnostic::usage("a provider's short name stands in addresses")
                .at(format!("`sign-in.oidc.{name}`"))
                .remedy("use up to 32 small letters, digits and dashes, and not `github`"));
        }
        let provider = OidcSettings {
            name: name.clone(),
            title: oidc.title.clone(),
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            client_secret: secret(&oidc.client_secret_file)?,
        };
        providers.push(Arc::new(Oidc::new(provider, Arc::clone(&web)).map_err(|error| wrong(&error))?));
    }
    Ok(OutsideSignIn::new(providers))
}

fn github(settings: &Settings, web: &Arc<dyn Web>) -> Result<Option<GitHub>, Diagnostic> {
    let configured = &settings.sign_in_github;
    let (id, file) = match (&configured.client_id, &configured.client_secret_file) {
        (None, None) => return Ok(None),
        (Some(id), Some(file)) => (id, file),
        _ => {
            return Err(Diagnostic::usage("signing in through GitHub needs a client id and a client secret")
                .at("`sign-in.github`")
                .remedy("give `client-id` and `client-secret-file`, or neither"));
        }
    };
    let addresses = configured.server.as_ref().map_or_else(GitHubAddresses::default, |server| {
        let site = server.trim_end_matches('/').to_owned();
        GitHubAddresses { api: format!("{site}/api/v3"), site }
    });
    let github = GitHub::new(addresses, id.clone(), secret(file)?, Arc::clone(web));
    github.map(Some).map_err(|error| wrong(&error))
}

fn origin(address: &str, key: &str) -> Result<Origin, Diagnostic> {
    address.parse().map_err(|_| {
        Diagnostic::usage("this is no web address")
            .at(format!("`{key}`"))
            .remedy("write it as `https://login.example.org`, as the provider's documents name it")
    })
}

fn secret(file: &SecretFile) -> Result<String, Diagnostic> {
    let read = file.read().map_err(|error| {
        Diagnostic::cannot(format!("a client secret {}", error.reason)).at(error.place).remedy(error.remedy)
    })?;
    Ok(read.to_string())
}

fn wrong(error: &IdentityError) -> Diagnostic {
    Diagnostic::usage(error.to_string()).remedy("compare the section `sign-in` with docs/configuration.md")
}
