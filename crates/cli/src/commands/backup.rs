//! `bastide backup` and `bastide restore`: a desk's data as encrypted files, and back.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use bastide_config::{Backup as BackupSettings, SecretFile, Value as _};
use bastide_model::{
    output::{Outcome, one_line},
    time::Clock as _,
};
use bastide_store::{Config, Location, Store};
use bastide_usecases::{
    SystemClock,
    backup::{
        BackupFailure, BackupPlan, Identities, LogMark, Note, Recipients, Setback, newest_marks,
        restore_backup, setbacks, write_backup,
    },
};
use clap::Args;
use tokio::time::Instant as Started;

use super::ledger_verify::as_text;
use crate::{
    desk_place::{DeskPlace, Missing},
    diagnostic::{Diagnostic, chain},
    setting_flags::SettingFlags,
    terminal,
};

/// Write a backup now, encrypted; the desk may be running.
///
/// Where it goes, to whom it is encrypted and how many are kept are settings of the section `[backup]`. No key of the desk
/// and no secret is needed, and none is in it: keep a copy of the keys apart.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bastide backup --set backup.directory=/backup --set backup.recipients=age1…"
)]
pub(crate) struct Backup {
    #[command(flatten)]
    settings: SettingFlags<false>,
}

/// Restore a backup into an empty place and verify it; or only verify it.
///
/// The history that was restored is compared with every backup beside the file: when one of them knows a longer history,
/// the backup is older than what the desk once acknowledged, and that is said.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  bastide restore /backup/bastide-….backup --identity key.txt --data /var/lib/bastide\n  \
                        bastide restore /backup/bastide-….backup --identity key.txt --verify"
)]
pub(crate) struct Restore {
    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file with the secret age key, as `age-keygen` wrote it; readable by its owner only.
    #[arg(long, value_name = "KEYFILE")]
    identity: PathBuf,
    /// Restore into a temporary place, verify, and leave nothing behind.
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    settings: SettingFlags<false>,
}

/// The plan that the settings make; none where no directory is named.
pub(crate) fn plan(settings: &BackupSettings) -> Result<Option<BackupPlan>, Diagnostic> {
    let Some(directory) = settings.directory.clone() else { return Ok(None) };
    let recipients = Recipients::parse(settings.recipients.iter().map(String::as_str))
        .map_err(|error| Diagnostic::usage(error.reason).at("`backup.recipients`").remedy(error.remedy))?;
    Ok(Some(BackupPlan { directory, recipients, keep: settings.keep.get() as usize }))
}

impl From<BackupFailure> for Diagnostic {
    fn from(failure: BackupFailure) -> Self {
        match failure {
            BackupFailure::File(error) => Self::cannot(error.reason).at(error.place).remedy(error.remedy),
            BackupFailure::Store(error) => error.into(),
            BackupFailure::Differs(text) => Self::refused(text)
                .remedy("go on with the original, and tell the authors: this should not happen"),
        }
    }
}

impl Backup {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let settings = self.settings.load()?.settings;
        let plan = plan(&settings.backup)?.ok_or_else(|| {
            Diagnostic::usage("no directory for backups is named").at("`backup.directory`").remedy(
                "write it into the configuration file, or `--set backup.directory=DIR`, with `backup.recipients`",
            )
        })?;
        let place = DeskPlace::of(&settings.desk)?;
        let config = place.config("localhost", Missing::Refuse)?;
        let (path, note) = write_backup(&config.location, &plan, SystemClock.now()).await?;
        terminal::print(&told(&path, &note))?;
        Ok(Outcome::Clean)
    }
}

fn told(path: &Path, note: &Note) -> String {
    let logs: Vec<String> =
        note.logs.iter().map(|mark| format!("{} of {} leaves", mark.log, mark.size)).collect();
    format!(
        "{}\n  {} bytes, schema {}, {}\n  SHA-256 {}\n",
        path.display(),
        note.bytes,
        note.schema,
        logs.join(", "),
        note.sha256
    )
}

impl Restore {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let settings = self.settings.load()?.settings;
        let place = DeskPlace::of(&settings.desk)?;
        let secret = SecretFile::parse(&[self.identity.display().to_string()]).map_err(|remedy| {
            Diagnostic::usage("this names no key file").at("`--identity`").remedy(remedy)
        })?;
        let secret = secret
            .read()
            .map_err(|error| Diagnostic::cannot(error.reason).at(error.place).remedy(error.remedy))?;
        let identities = Identities::parse(&secret)
            .map_err(|error| Diagnostic::usage(error.reason).at("`--identity`").remedy(error.remedy))?;
        let mut config = place.config("localhost", Missing::Make)?;
        let aside = tempfile::tempdir()
            .map_err(|error| Diagnostic::cannot(chain(&error)).at("a temporary directory"))?;
        if self.verify {
            config.location = Location::Sqlite { directory: aside.path().join("desk") };
        }
        let begun = Started::now();
        let summary = restore_backup(&self.file, identities, &config.location).await?;
        let rows: u64 = summary.tables.iter().map(|table| table.rows).sum();
        terminal::say(&format!(
            "{rows} rows of {} tables restored in {:.1} s; now everything is verified.\n",
            summary.tables.len(),
            begun.elapsed().as_secs_f64()
        ));
        let directory =
            self.file.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let known = newest_marks(directory).map_err(BackupFailure::from)?;
        verified(config, &known, self.verify, begun).await
    }
}

async fn verified(
    config: Config,
    known: &[LogMark],
    aside: bool,
    begun: Started,
) -> Result<Outcome, Diagnostic> {
    let store = Store::open(config, SystemClock.now()).await?;
    let checked = async {
        let report = store.verify().await?;
        let setbacks = setbacks(&store, known).await?;
        Ok::<_, Diagnostic>((report, setbacks))
    }
    .await;
    let keys = bastide_ledger::Log::ALL.map(|log| store.verifier_key(log).to_string());
    store.close().await;
    let (report, setbacks) = checked?;
    let mut text = as_text(&report, &keys);
    for setback in &setbacks {
        text.push_str(&said(setback));
    }
    let place = if aside { "The backup was restored aside, and removed" } else { "The desk is restored" };
    let _ = writeln!(text, "{place}: {:.1} s in all.", begun.elapsed().as_secs_f64());
    terminal::print(&text)?;
    Ok(if report.is_sound() && setbacks.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

fn said(setback: &Setback) -> String {
    let Setback { log, restored, known, forked } = setback;
    let log = one_line(log);
    if *forked {
        return format!(
            "ANOTHER HISTORY: the {log} is not the one that a newer backup knows at {known} leaves. What to do: find out which \
             of the two the published checkpoints belong to before anybody uses this desk.\n"
        );
    }
    format!(
        "ROLLED BACK: the {log} ends at {restored} leaves, and a newer backup knows {known}. The last {} records are not in \
         this one. What to do: restore the newest backup, or tell those concerned what was lost.\n",
        known - restored
    )
}
