//! `bastide admin keys`: which keys a desk has, and new ones in place of old ones.

use std::{fmt::Write as _, path::PathBuf};

use bastide_model::{
    output::Outcome,
    time::{Clock as _, Instant},
};
use bastide_store::{Log, Store, rotate};
use bastide_usecases::SystemClock;
use clap::{Args, Subcommand, ValueEnum};

use crate::{
    desk_place::{DeskPlace, Missing},
    diagnostic::Diagnostic,
    terminal,
};

#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// Show the public keys with when each signed, and which sealing key is in use.
    Show,
    /// Make a new key in place of an old one, on the desk's machine while the desk is stopped.
    ///
    /// A rotation that was interrupted is finished by the same command; the desk may run in between. Make a backup before,
    /// and a new copy of the keys afterwards.
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Which key.
    #[arg(value_name = "KEY")]
    key: Which,
    /// Where the old sealing key is written, so that backups from before can still be opened. Take the file off this
    /// machine; remove it when these backups are gone.
    #[arg(long, value_name = "FILE", conflicts_with = "forget_old_key")]
    old_key: Option<PathBuf>,
    /// Keep no old sealing key: backups from before open only with a copy that you have elsewhere.
    #[arg(long)]
    forget_old_key: bool,
}

/// Which key is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The key that wraps the keys of all cases.
    SealingKey,
    /// The key that signs the log of cases.
    CaseLog,
    /// The key that signs the public log.
    PublicLog,
}

impl KeysVerb {
    pub(crate) async fn run(self, place: &DeskPlace) -> Result<Outcome, Diagnostic> {
        let text = match self {
            Self::Show => show(place).await?,
            Self::Rotate(rotate) => rotate.run(place).await?,
        };
        terminal::print(&text)?;
        Ok(Outcome::Clean)
    }
}

async fn show(place: &DeskPlace) -> Result<String, Diagnostic> {
    let store = place.store("localhost", Missing::Refuse).await?;
    let text = shown(&store);
    store.close().await;
    Ok(text)
}

fn shown(store: &Store) -> String {
    let mut text = format!("sealing key  {}  in use\n", store.sealing_key_id());
    if let Some(leaving) = store.leaving_key_id() {
        let _ = writeln!(
            text,
            "sealing key  {leaving}  not yet replaced everywhere: finish with `bastide admin keys rotate sealing-key`"
        );
    }
    for log in Log::ALL {
        for key in store.log_keys(log) {
            let until = key.until.map_or_else(|| "now".to_owned(), Instant::for_people);
            let _ = writeln!(text, "{:<11}  {}  {} to {until}", log.name(), key.key, key.since.for_people());
        }
    }
    text
}

impl Rotate {
    async fn run(&self, place: &DeskPlace) -> Result<String, Diagnostic> {
        let config = place.config("localhost", Missing::Refuse)?;
        let now = SystemClock.now();
        let log = match self.key {
            Which::SealingKey => return self.sealing_key(&config, now).await,
            Which::CaseLog => Log::Case,
            Which::PublicLog => Log::Public,
        };
        if self.old_key.is_some() || self.forget_old_key {
            return Err(Diagnostic::usage("these options are about the sealing key")
                .at("`--old-key`, `--forget-old-key`")
                .remedy("leave them out: nothing needs the secret part of a log's old key any more"));
        }
        let done = rotate::log_key(&config, log, now).await?;
        Ok(format!(
            "The {} is signed with a new key{}.\nold  {}\nnew  {}\nThe old public key stays at /keys, and proofs that it \
             signed still hold. Its secret part is gone from this machine. Copy the key directory anew.\n",
            log.name(),
            begun_before(done.resumed),
            done.old,
            done.new
        ))
    }

    async fn sealing_key(&self, config: &bastide_store::Config, now: Instant) -> Result<String, Diagnostic> {
        if self.old_key.is_none() && !self.forget_old_key {
            return Err(Diagnostic::usage("backups from before open with the old sealing key only")
                .at("`--old-key`")
                .remedy(
                    "say where it is written, `--old-key FILE`, or that nobody needs it, `--forget-old-key`",
                ));
        }
        let done = rotate::sealing_key(config, self.old_key.as_deref(), now).await?;
        let kept = match &self.old_key {
            Some(path) => format!(
                "The old key is in {}, for backups from before: take it off this machine.",
                path.display()
            ),
            None => {
                "The old key is gone from this machine: backups from before open only with your copy of it."
                    .to_owned()
            }
        };
        Ok(format!(
            "Everything is under a new sealing key{}: {} keys of cases and {} rows now.\nold  {}\nnew  {}\n{kept} Copy the \
             key directory anew, and make a backup.\n",
            begun_before(done.resumed),
            done.cases,
            done.rows,
            done.old,
            done.new
        ))
    }
}

fn begun_before(resumed: bool) -> &'static str {
    if resumed { " (what had begun before is finished)" } else { "" }
}
