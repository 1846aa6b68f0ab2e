//! The operator's mail server, over SMTP.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use url::{Host, Url};

use crate::{Mail, MailError, MailSink, Sender, Sending, document::document};

/// How long one step of the conversation may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a mail server is reached: `smtps://mail.example.org` (TLS from the first byte, port 465), `smtp://mail.example.org`
/// (STARTTLS, port 587, nothing without it), `smtp://localhost:25` (on this machine, without TLS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    host: String,
    port: u16,
    way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// TLS from the first byte.
    Wrapped,
    /// STARTTLS, and nothing is said before it.
    Upgraded,
    /// Without TLS, on this machine only.
    Plain,
}

/// A text that names no mail server, or a server that nothing can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// It is no address of a mail server.
    #[error(
        "{reason}; write it as `smtps://mail.example.org`, `smtp://mail.example.org:587` or `smtp://localhost:25`"
    )]
    Address {
        /// What is wrong.
        reason: &'static str,
    },
    /// TLS cannot be set up.
    #[error(
        "TLS to the mail server cannot be set up; look whether this machine has certificates of authorities"
    )]
    Tls,
}

impl FromStr for SmtpServer {
    type Err = SmtpError;

    fn from_str(text: &str) -> Result<Self, SmtpError> {
        let refuse = |reason| SmtpError::Address { reason };
        let url = Url::parse(text).map_err(|_| refuse("it is no address"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds a user or a password, which stand in settings of their own"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it has more than a host and a port"));
        }
        // Of schemes that it does not know, url keeps a host as it was written.
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let host = Host::parse(&host).map_err(|_| refuse("it names no host"))?;
        let local = is_this_machine(&host);
        let (way, port) = match url.scheme() {
            "smtps" => (Way::Wrapped, 465),
            "smtp" if local => (Way::Plain, 25),
            "smtp" => (Way::Upgraded, 587),
            _ => return Err(refuse("it begins with neither smtps:// nor smtp://")),
        };
        let host = match host {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), way })
    }
}

impl fmt::Display for SmtpServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.way == Way::Wrapped { "smtps" } else { "smtp" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(out, "{scheme}://{host}:{}", self.port)
    }
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

/// Hands mail to a mail server; connections are kept for the next mails.
#[derive(Debug, Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
}

impl Smtp {
    /// Speaks to `server` as `user` with a password, or as nobody.
    pub fn new(
        server: &SmtpServer,
        sender: Sender,
        user: Option<(String, String)>,
    ) -> Result<Self, SmtpError> {
        // Whoever was first has installed it; there is one provider in the program.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let tls = || TlsParameters::new(server.host.clone()).map_err(|_| SmtpError::Tls);
        let tls = match server.way {
            Way::Wrapped => Tls::Wrapper(tls()?),
            Way::Upgraded => Tls::Required(tls()?),
            Way::Plain => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((name, password)) = user {
            builder = builder.credentials(Credentials::new(name, password));
        }
        Ok(Self { transport: builder.build(), sender })
    }
}

impl MailSink for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let message = document(mail, &self.sender)?;
            self.transport.send(message).await.map(drop).map_err(|error| reason(&error))
        })
    }
}

/// What a failure means, without the server's words, which may repeat the recipient's address.
fn reason(error: &Error) -> MailError {
    match error.status().map(u16::from) {
        Some(code) if error.is_permanent() => MailError::Refused { code },
        Some(code) => MailError::NotNow { code },
        None if error.is_tls() || is_about_tls(error) => MailError::Unsafe,
        None => MailError::Unreachable,
    }
}

/// Whether TLS stands somewhere below an error: the asynchronous transport gives a handshake that failed as any other
/// connection that broke.
fn is_about_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
    error.is::<rustls::Error>()
        || inner.is_some_and(|inner| is_about_tls(inner))
        || error.source().is_some_and(is_about_tls)
}
