//! `bastide demo`: a desk in a temporary directory, with one historical case played from report to publication.
//!
//! [`world`] sets up projects and persons, [`player`] takes steps by the JSON API that everybody uses, [`jupyterlab`] is
//! the story of CVE-2024-43805, [`open_cases`] leaves something to do in the inbox. The clock is simulated: it stands where
//! the story has got to, and runs on from its end while people look around.

mod jupyterlab;
mod open_cases;
mod player;
mod world;

use std::{fmt::Write as _, net::SocketAddr, sync::Arc, time::Duration};

use bastide_ledger::{Log, verify};
use bastide_model::{output::Outcome, time::Span};
use bastide_server::{Demo as DemoPage, Limits, Options};
use bastide_usecases::SimulatedClock;
use clap::Args;
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};

use self::{player::Player, world::World};
use super::{
    ledger_verify,
    serve::bind,
    serving::{self, interrupted},
};
use crate::{
    diagnostic::{Diagnostic, chain},
    terminal,
};

/// The port that is taken when none was named and nobody else has it.
const PORT: u16 = 8080;

/// Show a desk at work: one historical case played from report to publication, then left running to look around.
///
/// Everything is in a temporary directory that goes away at the end. No network, no account.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide demo --port 9000")]
pub(crate) struct Demo {
    /// The port on this machine; 8080 without it, or a free one when that is taken.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// End after playing.
    #[arg(long)]
    exit: bool,
}

impl Demo {
    pub(crate) async fn run(self) -> Result<Outcome, Diagnostic> {
        let listener = self.listener().await?;
        let port = listener.local_addr().map_or(PORT, |address| address.port());
        let address = format!("http://localhost:{port}");
        let world = World::new(&address).await?;
        let told = if self.exit { "" } else { " (once the story below is played)" };
        terminal::print(&format!("Open {address}{told}\n\n"))?;
        let ended = self.play(&world, listener).await;
        world.desk.store().close().await;
        ended
    }

    async fn listener(&self) -> Result<TcpListener, Diagnostic> {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        match self.port {
            Some(port) => bind(at(port)).await,
            None => match bind(at(PORT)).await {
                Ok(listener) => Ok(listener),
                Err(_) => bind(at(0)).await,
            },
        }
    }

    async fn play(&self, world: &World, listener: TcpListener) -> Result<Outcome, Diagnostic> {
        let (player, page) = played(world).await?;
        terminal::print(&after(world, &player, &page).await?)?;
        if self.exit {
            return Ok(Outcome::Clean);
        }
        let mut jobs = serving::jobs(&world.desk, Some(Arc::new(world.spool())));
        jobs.spawn(run_on(Arc::clone(&world.clock)));
        terminal::print("Running until Ctrl-C.\n")?;
        let options = Options { secure_cookies: false, demo: Some(page), ..Options::default() };
        let served = bastide_server::serve(listener, world.desk.clone(), options, interrupted()?).await;
        drop(jobs);
        served.map_err(|error| Diagnostic::cannot(format!("the server ended: {}", chain(&error))))?;
        Ok(Outcome::Clean)
    }
}

/// Plays everything against a server of its own; gives what the first page tells.
async fn played(world: &World) -> Result<(Player, DemoPage), Diagnostic> {
    let backstage = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let local = backstage.local_addr().map_err(|error| Diagnostic::cannot(chain(&error)))?;
    let (end, ended) = oneshot::channel::<()>();
    let mut server = JoinSet::new();
    let shutdown = async move {
        // A dropped sender ends the server as well.
        let _ = ended.await;
    };
    // It plays years in seconds, alone.
    let unhurried = Options { floods: Limits::unhurried(), ..Options::default() };
    server.spawn(bastide_server::serve(backstage, world.desk.clone(), unhurried, shutdown));
    let mut player = Player::new(world, &format!("http://{local}"))?;
    jupyterlab::play(&mut player).await?;
    open_cases::play(&mut player).await?;
    let page = world.page(&player).await?;
    drop(end);
    player.hang_up();
    server.join_all().await;
    Ok((player, page))
}

/// What is said after the story: the check of everything, whom to be, where to look.
async fn after(world: &World, player: &Player, page: &DemoPage) -> Result<String, Diagnostic> {
    let desk = &world.desk;
    let report = desk.store().verify().await?;
    let keys = Log::ALL.map(|log| desk.store().verifier_key(log).to_string());
    let mut text = format!(
        "\n{} steps were played and {} mails written.\n\nThe ledger, verified:\n{}",
        player.played.len(),
        player.mails,
        ledger_verify::as_text(&report, &keys)
    );
    if !report.is_sound() {
        return Err(Diagnostic::refused(text));
    }
    let bundle = desk.store().prove(player.finished()?, None).await?;
    let bundle = serde_json::to_vec(&bundle).map_err(|error| Diagnostic::cannot(chain(&error)))?;
    let proved = verify(&bundle, &[desk.store().verifier_key(Log::Case)])
        .map_err(|error| Diagnostic::refused(chain(&error)))?;
    let _ = write!(
        text,
        "The finished case's proof holds without the desk: {} events in a log of {} leaves.\n\n",
        proved.events.len(),
        proved.checkpoint.size
    );
    text.push_str(&world.where_to_look(page));
    Ok(text)
}

/// The simulated clock goes on from where the story ended, as fast as any clock.
async fn run_on(clock: Arc<SimulatedClock>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        clock.pass(Span::seconds(1));
    }
}
