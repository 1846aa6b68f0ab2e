//! `bastide migrate`: the whole desk into another database, and the proof that both hold the same.

use std::{fmt::Write as _, path::PathBuf};

use bastide_config::{DatabaseUrl, SecretFile, Value as _};
use bastide_model::{output::Outcome, time::Clock as _};
use bastide_store::{Location, Store};
use bastide_usecases::{SystemClock, backup::move_desk};
use clap::Args;

use crate::{
    desk_place::{DeskPlace, Missing},
    diagnostic::Diagnostic,
    setting_flags::SettingFlags,
    terminal,
};

/// Copy the whole desk into an empty PostgreSQL or SQLite place, and prove that both hold the same.
///
/// Stop the desk first; start it afterwards with the new place in its settings. The keys stay where they are.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bastide migrate --config bastide.toml --to-database postgres://bastide@localhost/bastide"
)]
pub(crate) struct Migrate {
    /// An empty PostgreSQL database. Its password stands in the setting `database-password-file`.
    #[arg(long, value_name = "URL", value_parser = database, required_unless_present = "to_data")]
    to_database: Option<DatabaseUrl>,
    /// An empty data directory for SQLite.
    #[arg(long, value_name = "DIR", conflicts_with = "to_database")]
    to_data: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingFlags<false>,
}

fn database(text: &str) -> Result<DatabaseUrl, String> {
    DatabaseUrl::parse(&[text.to_owned()])
}

impl Migrate {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let settings = self.settings.load()?.settings.desk;
        let config = DeskPlace::of(&settings)?.config("localhost", Missing::Refuse)?;
        let target = match (&self.to_database, &self.to_data) {
            (Some(url), _) => {
                let password = settings.database_password_file.as_ref().map(SecretFile::read).transpose();
                let password = password
                    .map_err(|error| Diagnostic::usage(error.to_string()).at("`database-password-file`"))?;
                let password = password.as_ref().map(|text| text.as_str());
                Location::Postgres { url: url.with_password(password).to_string() }
            }
            (None, Some(directory)) => Location::Sqlite { directory: directory.clone() },
            (None, None) => return Err(Diagnostic::usage("no place is named").at("`--to-database`")),
        };
        // Takes the lock, so that nothing is written meanwhile; and what does not open is not copied.
        let store = Store::open(config.clone(), SystemClock.now()).await?;
        let moved = move_desk(&config.location, &target).await;
        store.close().await;
        let summary = moved?;
        let mut text = String::new();
        for table in &summary.tables {
            let _ = writeln!(text, "{:>8}  {}  {}", table.rows, table.sha256, table.table);
        }
        for head in &summary.logs {
            let _ = writeln!(text, "the {} has {} leaves and the root {}", head.log, head.size, head.root);
        }
        text.push_str(
            "Both hold the same. Now name the new place in the settings and start the desk; keep the old one until then.\n",
        );
        terminal::print(&text)?;
        Ok(Outcome::Clean)
    }
}
