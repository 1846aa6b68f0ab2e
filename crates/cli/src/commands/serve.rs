//! `bastide serve`: the desk, for as long as it runs.

use std::{fmt::Write as _, net::SocketAddr};

use bastide_authz::{Role, Scope};
use bastide_config::SignIn;
use bastide_connect_feeds::Place;
use bastide_model::{output::Outcome, time::Span};
use bastide_server::{Lane, Options, Rate};
use bastide_usecases::{Desk, Limits, NewPerson, SignInPolicy, no_passkeys};
use clap::Args;
use tokio::net::TcpListener;

use super::{admin::sign_in_address, backup, serving};
use crate::{
    desk_place::{DeskPlace, Missing, named},
    diagnostic::{Diagnostic, chain},
    outgoing::mail_sink,
    providers::providers,
    setting_flags::SettingFlags,
    terminal,
};

/// Run the desk: pages, API, deadlines and mail in one process.
///
/// The first start makes the data and an administrator, and prints a link that signs them in once. Put a reverse proxy
/// with TLS in front of it and name the public address.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  bastide serve\n  bastide serve --config /etc/bastide/bastide.toml\n  \
                  bastide serve --public-url https://desk.example.org --data DIR --mail-spool DIR --print-config")]
pub(crate) struct Serve {
    /// Print every setting that holds and whence it came, as a configuration file, and end.
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    settings: SettingFlags<true>,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<Outcome, Diagnostic> {
        let loaded = self.settings.load()?;
        if self.print_config {
            terminal::print(&loaded.text())?;
            return Ok(Outcome::Clean);
        }
        let floods = floods(&loaded.settings.limits);
        let outside = providers(&loaded.settings)?;
        let loaded = loaded.settings;
        let (configured, health) = (loaded.desk.clone(), loaded.health.clone());
        let observer = loaded.metrics.listen;
        let sign_in = loaded.sign_in.clone();
        let listens = configured.listens();
        if configured.public_url.is_none() && !listens.ip().is_loopback() {
            return Err(Diagnostic::usage(
                "the desk listens to the network, and its public address is not known",
            )
            .at("`--public-url`")
            .remedy("name the address that people type: `--public-url https://desk.example.org`"));
        }
        let listener = bind(listens).await?;
        let port = listener.local_addr().map_or(listens.port(), |address| address.port());
        let mut settings = named(&configured, &format!("http://localhost:{port}"));
        settings.sign_in = sign_in_policy(&sign_in);
        if sign_in.passkeys
            && let Some(reason) = no_passkeys(&settings)
        {
            return Err(Diagnostic::usage(reason).at(settings.public_url).remedy(
                "name the desk by `--public-url https://HOST`; or, to try it out, add `--passkeys false`",
            ));
        }
        let secure_cookies = settings.public_url.starts_with("https://");
        let place = DeskPlace::of(&configured)?;
        let mail = mail_sink(&loaded, &settings.public_url)?;
        let location = place.config("localhost", Missing::Make)?.location;
        let plan = backup::plan(&loaded.backup)?;
        let every = Span::hours(loaded.backup.every_hours.get().into());
        let desk = place.desk(settings, Missing::Make).await?;
        let ended = async {
            if let Some(link) = first_administrator(&desk).await? {
                terminal::print(&new_desk(&desk, &configured, &link)?)?;
            }
            terminal::print(&format!("The desk is at {}\n", desk.settings().public_url))?;
            let mut jobs = serving::jobs(&desk, mail);
            let limits = Limits {
                message_may_wait: Span::minutes(health.outbox_minutes.get().into()),
                free_bytes: u64::from(health.disk_free_mib.get()) * 1024 * 1024,
            };
            // Whom a desk under https answers comes through a proxy; on one's own machine there is none.
            if configured.public_url.is_some()
                && secure_cookies
                && listens.ip().is_loopback()
                && floods.trusted_proxies.is_empty()
            {
                tracing::warn!(
                    "no proxy is trusted to say who is calling, so the limits for one caller bind nobody who comes through \
                     a proxy on this machine: name it as limits.trusted-proxies"
                );
            }
            let data = configured.advisories.as_deref().unwrap_or_else(|| place.directory());
            let feeds = Some(serving::feeds(&mut jobs, Place::in_data(data)).await);
            let options = Options { secure_cookies, limits, floods, outside, feeds, ..Options::default() };
            if let Some(plan) = plan {
                serving::back_up(&mut jobs, &desk, location, plan, every);
            }
            if let Some(address) = observer {
                serving::observe(&mut jobs, &desk, &options, bind(address).await?);
            }
            let served =
                bastide_server::serve(listener, desk.clone(), options, serving::interrupted()?).await;
            drop(jobs);
            served.map_err(|error| Diagnostic::cannot(format!("the server ended: {}", chain(&error))))
        }
        .await;
        // What was accepted is written and the directory given back, however it ended.
        desk.store().close().await;
        ended?;
        Ok(Outcome::Clean)
    }
}

/// What the desk asks of people who sign in.
fn sign_in_policy(configured: &SignIn) -> SignInPolicy {
    let recovery_wait = Span::hours(configured.recovery_hours.get().into());
    if !configured.passkeys {
        return SignInPolicy { recovery_wait, ..SignInPolicy::without_passkeys() };
    }
    SignInPolicy {
        recovery_wait,
        idle: Some(Span::minutes(configured.idle_minutes.get().into())),
        lasts: Span::hours(configured.session_hours.get().into()),
        ..SignInPolicy::strict()
    }
}

/// The server's limits as they are configured.
fn floods(configured: &bastide_config::Limits) -> bastide_server::Limits {
    let rate = |bucket: bastide_config::Bucket| Rate::new(bucket.at_once, bucket.per_hour);
    let lane = |address, total| Lane { address: rate(address), total: rate(total) };
    bastide_server::Limits {
        trusted_proxies: configured.trusted_proxies.clone(),
        reading: lane(configured.reading, configured.reading_of_all),
        signing_in: lane(configured.signing_in, configured.signing_in_of_all),
        submitting: lane(configured.submitting, configured.submitting_of_all),
        linting: lane(configured.linting, configured.linting_of_all),
        writing: lane(configured.writing, configured.writing_of_all),
        matching: lane(configured.matching, configured.matching_of_all),
        reports: rate(configured.reports),
        reports_of_project: rate(configured.reports_of_project),
        writes_of_person: rate(configured.writes_of_person),
        requests_at_once: configured.requests_at_once.get(),
        body_bytes_at_once: configured.bodies_at_once.get().saturating_mul(1024 * 1024),
        connections: configured.connections.get(),
        connections_of_address: configured.connections_of_address.get(),
        head_seconds: configured.head_seconds.get(),
        request_seconds: configured.request_seconds.get(),
        stall_seconds: configured.stall_seconds.get(),
    }
}

/// Listens at an address.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Diagnostic> {
    TcpListener::bind(address).await.map_err(|error| {
        Diagnostic::cannot(format!("nobody can be listened to here: {}", chain(&error)))
            .at(address.to_string())
            .remedy("end what listens there, or choose another port")
    })
}

/// What whoever starts a new desk is told: how to sign in, where it lies, and what can be chosen now only.
fn new_desk(desk: &Desk, configured: &bastide_config::Desk, link: &str) -> Result<String, Diagnostic> {
    let place = DeskPlace::of(configured)?;
    let mut text = format!(
        "This desk is new. Sign in as its administrator, once and within a day:\n  {link}\nIts data and keys are in {}.\n",
        place.directory().display()
    );
    if configured.public_url.is_none() {
        let _ = writeln!(
            text,
            "It calls itself {} for good: the name stands in its proofs. For another name end it now, remove the \
             directory, and start it with `--public-url https://HOST` or `--public-url http://localhost:PORT`.",
            desk.settings().public_url
        );
    }
    Ok(text)
}

/// Makes the administrator of a new desk; gives the link that signs them in.
async fn first_administrator(desk: &Desk) -> Result<Option<String>, Diagnostic> {
    let grants = desk.store().grants_in(&Scope::Programme).await?;
    if grants.iter().any(|(_, grant)| grant.role == Role::ProgrammeAdmin) {
        return Ok(None);
    }
    let person = NewPerson { name: "Administrator".to_owned(), identities: Vec::new() };
    let person = desk.add_person(person).await?;
    desk.grant(person, Role::ProgrammeAdmin, Scope::Programme, None).await?;
    let secret = desk.issue_sign_in_link(person).await?;
    Ok(Some(sign_in_address(desk, &secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limits stand in two places, because the server can run without a configuration; they say the same.
    #[test]
    fn what_is_configured_when_nothing_is_given_is_what_the_server_has_by_itself() {
        let loaded = bastide_config::Sources::default().load().unwrap();
        assert_eq!(floods(&loaded.settings.limits), bastide_server::Limits::default());
    }
}
