//! What runs beside the server: the clock's rounds, mail, forgetting old answers; and how it is asked to end.

use std::{path::PathBuf, time::Duration};

use bastide_model::time::Span;
use bastide_usecases::{Desk, SpoolDirectory};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::diagnostic::{Diagnostic, chain};

/// How often the clock looks at the cases.
const TICK: Duration = Duration::from_mins(1);
/// How often mail is handed over.
const MAIL: Duration = Duration::from_secs(10);
/// How often old answers are forgotten.
const PRUNE: Duration = Duration::from_hours(24);
/// How long an answer is kept for a retry of its request.
const ANSWERS: Span = Span::days(30);

/// Starts the jobs of a desk; they end when the set is dropped.
pub(crate) fn jobs(desk: &Desk, spool: Option<PathBuf>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(tick(desk.clone()));
    jobs.spawn(prune(desk.clone()));
    if let Some(directory) = spool {
        jobs.spawn(deliver(desk.clone(), directory));
    } else {
        tracing::warn!("no mail is sent: name a spool directory with --mail-spool");
    }
    jobs
}

async fn tick(desk: Desk) {
    let mut rounds = rounds(TICK);
    loop {
        rounds.tick().await;
        if let Err(error) = desk.tick().await {
            tracing::error!(error = chain(&error), "the clock's round failed; the next one tries again");
        }
    }
}

async fn deliver(desk: Desk, directory: PathBuf) {
    let sink = SpoolDirectory::new(directory);
    let mut rounds = rounds(MAIL);
    loop {
        rounds.tick().await;
        match desk.deliver(&sink).await {
            Ok(done) if done.sent + done.dropped + done.failed > 0 => {
                tracing::info!(
                    sent = done.sent,
                    dropped = done.dropped,
                    failed = done.failed,
                    "mail was handed over"
                );
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(error = chain(&error), "mail could not be handed over; it is tried again");
            }
        }
    }
}

async fn prune(desk: Desk) {
    let mut rounds = rounds(PRUNE);
    loop {
        rounds.tick().await;
        if let Err(error) = desk.store().prune_answers(desk.now() - ANSWERS).await {
            tracing::error!(error = chain(&error), "old answers could not be forgotten");
        }
        if let Err(error) = desk.forget_account_links().await {
            tracing::error!(error = chain(&error), "old requests for links could not be forgotten");
        }
    }
}

/// A round that was missed, because the machine slept, is not made up for.
fn rounds(every: Duration) -> tokio::time::Interval {
    let mut rounds = interval(every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}

/// Waits until somebody asks the program to end: Ctrl-C, or SIGTERM from a service manager.
pub(crate) fn interrupted() -> Result<impl Future<Output = ()> + Send + 'static, Diagnostic> {
    let listen = |kind| {
        signal(kind)
            .map_err(|error| Diagnostic::cannot(format!("signals cannot be listened to: {}", chain(&error))))
    };
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("ending: requests under way are finished");
    })
}
