//! Where a desk's data lie on this machine, and opening them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bastide_config::Desk as DeskSettings;
use bastide_model::time::Clock;
use bastide_store::{Config, KeySource, Location, Store};
use bastide_usecases::{Desk, Settings, SignInPolicy, SystemClock, SystemEntropy};
use etcetera::BaseStrategy;

use crate::diagnostic::{Diagnostic, chain};

/// Where a desk's data lie.
#[derive(Debug)]
pub(crate) struct DeskPlace {
    directory: PathBuf,
    keys: PathBuf,
    /// The PostgreSQL database, if it is one.
    database: Option<Location>,
}

/// Whether a desk that is not there may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Make it.
    Make,
    /// Say that there is none.
    Refuse,
}

impl DeskPlace {
    /// A place that is no setting: the demo's.
    pub(crate) fn at(directory: PathBuf) -> Self {
        Self { keys: directory.join("keys"), directory, database: None }
    }

    /// The place that the settings name.
    pub(crate) fn of(settings: &DeskSettings) -> Result<Self, Diagnostic> {
        let directory = match &settings.data {
            Some(directory) => directory.clone(),
            None => home()?,
        };
        let database = settings
            .database_with_password()
            .map_err(|error| Diagnostic::usage(error.to_string()).at("`database-password-file`"))?
            .map(|url| Location::Postgres { url: url.to_string() });
        let keys = settings.keys.clone().unwrap_or_else(|| directory.join("keys"));
        Ok(Self { directory, keys, database })
    }

    /// The directory of the data.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The configuration that opens the store. `origin` is used when its keys are made.
    pub(crate) fn config(&self, origin: &str, missing: Missing) -> Result<Config, Diagnostic> {
        // With PostgreSQL, missing keys say the same: this machine holds no desk yet.
        let sign = match self.database {
            Some(_) => self.keys.clone(),
            None => self.directory.join("bastide.db"),
        };
        if missing == Missing::Refuse && !sign.exists() {
            return Err(Diagnostic::cannot("there is no desk here").at(sign.display().to_string()).remedy(
                "name its directory with `--data DIR`; `bastide serve` and `bastide admin` make a new one",
            ));
        }
        let sqlite = || Location::Sqlite { directory: self.directory.clone() };
        let location = self.database.clone().unwrap_or_else(sqlite);
        Ok(Config { location, keys: KeySource::Directory(self.keys.clone()), origin: origin.to_owned() })
    }

    /// Opens the store.
    pub(crate) async fn store(&self, origin: &str, missing: Missing) -> Result<Store, Diagnostic> {
        Ok(Store::open(self.config(origin, missing)?, SystemClock.now()).await?)
    }

    /// Opens the desk, by the system's clock and randomness.
    pub(crate) async fn desk(&self, settings: Settings, missing: Missing) -> Result<Desk, Diagnostic> {
        let store = self.store(&origin(&settings.public_url), missing).await?;
        Ok(Desk::new(store, Arc::new(SystemClock), Arc::new(SystemEntropy), settings))
    }
}

/// The data directory where none is named.
pub(crate) fn home() -> Result<PathBuf, Diagnostic> {
    let base = etcetera::choose_base_strategy().map_err(|error| {
        Diagnostic::usage(format!("your home directory is not known: {}", chain(&error)))
            .remedy("name the data directory: `--data DIR`")
    })?;
    Ok(base.data_dir().join("bastide"))
}

/// What the desk is called; `default_url` is used where no public address was given.
pub(crate) fn named(settings: &DeskSettings, default_url: &str) -> Settings {
    let public_url = settings.public_url.as_ref().map_or(default_url, |url| url.as_str());
    Settings {
        programme: settings.programme.clone(),
        public_url: public_url.to_owned(),
        sign_in: SignInPolicy::strict(),
    }
}

/// The host of an address: the first part of the logs' origins.
pub(crate) fn origin(public_url: &str) -> String {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_the_host_with_its_port() {
        assert_eq!(origin("https://desk.example.org:8443/x"), "desk.example.org:8443");
        assert_eq!(origin("desk.example.org"), "desk.example.org");
    }
}
