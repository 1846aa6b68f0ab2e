//! What runs beside the server: the clock's rounds, mail, forgetting old answers; and how it is asked to end.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bastide_connect_feeds::{Place, Watch};
use bastide_connect_mail::MailSink;
use bastide_connect_web::GuardedClient;
use bastide_model::time::Span;
use bastide_server::Options;
use bastide_store::Location;
use bastide_usecases::{
    Delivery, Desk, Job,
    backup::{BackupPlan, newest_backup, write_backup},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::diagnostic::{Diagnostic, chain};

/// How often the clock looks at the cases.
const TICK: Duration = Duration::from_mins(1);
/// How often mail is handed over.
const MAIL: Duration = Duration::from_secs(10);
/// How often it is looked whether a backup is due.
const BACKUP: Duration = Duration::from_mins(10);
/// How often it is looked whether there is a new advisory database.
const FEEDS: Duration = Duration::from_secs(5);
/// How often old answers are forgotten.
const PRUNE: Duration = Duration::from_hours(24);
/// How long an answer is kept for a retry of its request.
const ANSWERS: Span = Span::days(30);

/// Starts the jobs of a desk; they end when the set is dropped.
pub(crate) fn jobs(desk: &Desk, mail: Option<Arc<dyn MailSink>>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(tick(desk.clone()));
    jobs.spawn(prune(desk.clone()));
    jobs.spawn(announce(desk.clone()));
    jobs.spawn(call(desk.clone()));
    if let Some(sink) = mail {
        jobs.spawn(deliver(desk.clone(), sink));
    } else {
        tracing::warn!(
            "no mail is sent: name a mail server in the configuration (mail.server), or a directory with --mail-spool"
        );
    }
    jobs
}

/// Keeps the advisories of the feeds in memory and takes up a new database when `bastide sync` has written one. The first is
/// loaded before the desk answers.
pub(crate) async fn feeds(jobs: &mut JoinSet<()>, place: Place) -> Arc<Watch> {
    let watch = Arc::new(Watch::new(place));
    refresh(&watch).await;
    let held = Arc::clone(&watch);
    jobs.spawn(async move {
        let mut rounds = rounds(FEEDS);
        loop {
            rounds.tick().await;
            refresh(&held).await;
        }
    });
    watch
}

async fn refresh(watch: &Arc<Watch>) {
    let held = Arc::clone(watch);
    match tokio::task::spawn_blocking(move || held.refresh()).await {
        Ok(Ok(false)) => {}
        Ok(Ok(true)) => {
            let records = watch.current().map_or(0, |snapshot| snapshot.counts().records);
            tracing::info!(records, "advisories were loaded");
        }
        Ok(Err(error)) => {
            tracing::error!(
                error = chain(&error),
                "the advisory database cannot be read; what was loaded before answers"
            );
        }
        Err(error) => tracing::error!(error = chain(&error), "the advisory database was not looked at"),
    }
}

/// Answers a monitoring system on the operator's own listener; ends with the jobs.
pub(crate) fn observe(jobs: &mut JoinSet<()>, desk: &Desk, options: &Options, listener: TcpListener) {
    if !listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
        tracing::warn!(
            "metrics are answered to a network, without a sign-in: let only the monitoring reach it"
        );
    }
    let (desk, metrics, limits) = (desk.clone(), options.metrics.clone(), options.limits);
    jobs.spawn(async move {
        let ended = bastide_server::observe(listener, desk, metrics, limits, std::future::pending()).await;
        if let Err(error) = ended {
            tracing::error!(error = chain(&error), "metrics are no longer answered");
        }
    });
}

/// Writes a backup whenever the newest one is older than `every`.
pub(crate) fn back_up(
    jobs: &mut JoinSet<()>,
    desk: &Desk,
    location: Location,
    plan: BackupPlan,
    every: Span,
) {
    let desk = desk.clone();
    jobs.spawn(async move {
        desk.job_begins(Job::Backup);
        let mut rounds = rounds(BACKUP);
        loop {
            rounds.tick().await;
            let now = desk.now();
            if newest_backup(&plan.directory).is_some_and(|made| now < made + every) {
                continue;
            }
            let ended = write_backup(&location, &plan, now).await;
            desk.job_ended(Job::Backup, ended.is_ok());
            match ended {
                Ok((_, note)) => tracing::info!(bytes = note.bytes, "a backup was written"),
                Err(error) => {
                    tracing::error!(error = chain(&error), "no backup could be written; it is tried again");
                }
            }
        }
    });
}

async fn tick(desk: Desk) {
    desk.job_begins(Job::Clock);
    let mut rounds = rounds(TICK);
    loop {
        rounds.tick().await;
        let ended = desk.tick().await;
        desk.job_ended(Job::Clock, ended.is_ok());
        if let Err(error) = ended {
            tracing::error!(error = chain(&error), "the clock's round failed; the next one tries again");
        }
    }
}

async fn deliver(desk: Desk, sink: Arc<dyn MailSink>) {
    desk.job_begins(Job::Outbox);
    let mut rounds = rounds(MAIL);
    loop {
        rounds.tick().await;
        let ended = desk.deliver(sink.as_ref()).await;
        desk.job_ended(Job::Outbox, ended.is_ok());
        match ended {
            Ok(done) => tell(done),
            Err(error) => {
                tracing::error!(error = chain(&error), "mail could not be handed over; it is tried again");
            }
        }
    }
}

/// Finds out whom published advisories concern.
async fn announce(desk: Desk) {
    desk.job_begins(Job::Announcements);
    let mut rounds = rounds(MAIL);
    loop {
        rounds.tick().await;
        let ended = desk.announce_due().await;
        desk.job_ended(Job::Announcements, ended.is_ok());
        if let Err(error) = ended {
            tracing::error!(error = chain(&error), "advisories could not be announced; it is tried again");
        }
    }
}

/// Calls the addresses that subscribers named: public ones, whatever they named.
async fn call(desk: Desk) {
    desk.job_begins(Job::Webhooks);
    let web = GuardedClient::new(BTreeSet::new());
    let mut rounds = rounds(MAIL);
    loop {
        rounds.tick().await;
        let ended = desk.call_webhooks(&web).await;
        desk.job_ended(Job::Webhooks, ended.is_ok());
        match ended {
            Ok(done) if done.answered + done.failed > 0 => {
                tracing::info!(
                    answered = done.answered,
                    failed = done.failed,
                    "subscribers' addresses were called"
                );
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(error = chain(&error), "addresses could not be called; it is tried again");
            }
        }
    }
}

/// Says what came of a round, where mail left or failed. A quiet round is not worth a line.
fn tell(done: Delivery) {
    let Delivery { sent, failed, given_up, .. } = done;
    if given_up > 0 {
        tracing::warn!(
            "{given_up} of the messages to send failed for good: an administrator decides about them at /admin/operations"
        );
    }
    if failed > 0 {
        tracing::warn!("{failed} of the messages to send failed; they are tried again later");
    }
    if sent > 0 {
        tracing::info!("{sent} of the messages to send left");
    }
}

async fn prune(desk: Desk) {
    desk.job_begins(Job::Retention);
    let mut rounds = rounds(PRUNE);
    loop {
        rounds.tick().await;
        let ended = desk.store().prune_answers(desk.now() - ANSWERS).await;
        desk.job_ended(Job::Retention, ended.is_ok());
        if let Err(error) = ended {
            tracing::error!(error = chain(&error), "old answers could not be forgotten");
        }
        if let Err(error) = desk.note_silence().await {
            tracing::error!(error = chain(&error), "notices that nobody answers could not be marked");
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
