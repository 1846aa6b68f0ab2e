//! Where a desk's data lie on this machine, and opening them.

use std::{path::PathBuf, sync::Arc};

use bastide_model::time::Clock;
use bastide_store::{Config, KeySource, Location, Store};
use bastide_usecases::{Desk, Settings, SystemClock, SystemEntropy};
use clap::Args;
use etcetera::BaseStrategy;

use crate::diagnostic::{Diagnostic, chain};

/// Where a desk's data lie.
#[derive(Debug, Args)]
pub(crate) struct DeskPlace {
    /// The directory with the desk's data. Without it: `bastide` under `$XDG_DATA_HOME`, or `~/.local/share`.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "BASTIDE_DATA",
        help_heading = "Where the data lie"
    )]
    data: Option<PathBuf>,
    /// The directory with the keys; `keys` in the data directory without it. Keep it out of the database's backups.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "BASTIDE_KEYS",
        help_heading = "Where the data lie"
    )]
    keys: Option<PathBuf>,
    /// A PostgreSQL database, `postgres://user@host/name`, in place of SQLite in the data directory.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "BASTIDE_DATABASE",
        hide_env_values = true,
        help_heading = "Where the data lie"
    )]
    database: Option<String>,
}

/// What the desk is called and where people reach it.
#[derive(Debug, Args)]
pub(crate) struct DeskName {
    /// The programme's name as people read it.
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "BASTIDE_PROGRAMME",
        default_value = "Security desk"
    )]
    pub(crate) programme: String,
    /// The address under which people reach the desk, such as `https://desk.example.org`.
    #[arg(long, global = true, value_name = "URL", env = "BASTIDE_PUBLIC_URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
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
    /// A place that is no argument: the demo's.
    pub(crate) fn at(directory: PathBuf) -> Self {
        Self { data: Some(directory), keys: None, database: None }
    }

    /// The data directory.
    pub(crate) fn directory(&self) -> Result<PathBuf, Diagnostic> {
        if let Some(directory) = &self.data {
            return Ok(directory.clone());
        }
        let base = etcetera::choose_base_strategy().map_err(|error| {
            Diagnostic::usage(format!("your home directory is not known: {}", chain(&error)))
                .remedy("name the data directory: `--data DIR`")
        })?;
        Ok(base.data_dir().join("bastide"))
    }

    /// The configuration that opens the store. `origin` is used when its keys are made.
    pub(crate) fn config(&self, origin: &str, missing: Missing) -> Result<Config, Diagnostic> {
        let directory = self.directory()?;
        let location = match &self.database {
            Some(url) => Location::Postgres { url: url.clone() },
            None => Location::Sqlite { directory: directory.clone() },
        };
        let keys = self.keys.clone().unwrap_or_else(|| directory.join("keys"));
        // With PostgreSQL, missing keys say the same: this machine holds no desk yet.
        let sign = if self.database.is_some() { keys.clone() } else { directory.join("bastide.db") };
        if missing == Missing::Refuse && !sign.exists() {
            return Err(Diagnostic::cannot("there is no desk here").at(sign.display().to_string()).remedy(
                "name its directory with `--data DIR`; `bastide serve` and `bastide admin` make a new one",
            ));
        }
        Ok(Config { location, keys: KeySource::Directory(keys), origin: origin.to_owned() })
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

impl DeskName {
    /// The settings; `default_url` is used when none was given.
    pub(crate) fn settings(&self, default_url: &str) -> Settings {
        let public_url = self.public_url.clone().unwrap_or_else(|| default_url.to_owned());
        Settings { programme: self.programme.clone(), public_url }
    }
}

/// The host of an address: the first part of the logs' origins.
pub(crate) fn origin(public_url: &str) -> String {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

fn public_url(text: &str) -> Result<String, String> {
    let address = text.trim_end_matches('/');
    let parsed = reqwest::Url::parse(address).map_err(|error| format!("this is no address: {error}"))?;
    let plain = matches!(parsed.scheme(), "http" | "https")
        && parsed.has_host()
        && parsed.query().is_none()
        && parsed.fragment().is_none()
        && parsed.username().is_empty();
    if !plain {
        return Err("write `https://HOST`, without a query; `http://` only on the machine itself".to_owned());
    }
    Ok(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_http_or_https_with_a_host_and_loses_its_last_slash() {
        assert_eq!(public_url("https://desk.example.org/").as_deref(), Ok("https://desk.example.org"));
        assert_eq!(origin("https://desk.example.org:8443/x"), "desk.example.org:8443");
        for wrong in
            ["desk.example.org", "ftp://x.example", "https://", "https://a@b.example", "https://x.example?y"]
        {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }
}
