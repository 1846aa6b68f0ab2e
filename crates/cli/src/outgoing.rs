//! Where mail goes, from the configuration.

use std::sync::Arc;

use bastide_config::Settings;
use bastide_connect_mail::{MailSink, Sender, Smtp, Spool};

use crate::diagnostic::Diagnostic;

/// The mail server or the directory that is configured; nothing where neither is.
pub(crate) fn mail_sink(
    settings: &Settings,
    public_url: &str,
) -> Result<Option<Arc<dyn MailSink>>, Diagnostic> {
    let mail = &settings.mail;
    let from = mail.from.clone().unwrap_or_else(|| format!("bastide@{}", host(public_url)));
    let sender: Sender =
        from.parse().map_err(|error: bastide_connect_mail::SenderError| wrong(&error, "`mail.from`"))?;
    let server = match (&mail.server, &settings.desk.mail_spool) {
        (None, None) => return Ok(None),
        (None, Some(directory)) => return Ok(Some(Arc::new(Spool::new(directory.clone(), sender)))),
        (Some(_), Some(_)) => {
            return Err(Diagnostic::usage("mail cannot go to a server and into a directory at once")
                .at("`mail.server` and `mail-spool`")
                .remedy("keep one of the two"));
        }
        (Some(server), None) => server,
    };
    let user = match (&mail.user, &mail.password_file) {
        (None, None) => None,
        (Some(user), Some(file)) => {
            let password = file.read().map_err(|error| {
                Diagnostic::cannot(format!("the mail server's password {}", error.reason))
                    .at(error.place)
                    .remedy(error.remedy)
            })?;
            Some((user.clone(), password.to_string()))
        }
        _ => {
            return Err(Diagnostic::usage("signing in at the mail server needs a name and a password")
                .at("`mail.user` and `mail.password-file`")
                .remedy("give both, or neither"));
        }
    };
    let server =
        server.parse().map_err(|error: bastide_connect_mail::SmtpError| wrong(&error, "`mail.server`"))?;
    let smtp = Smtp::new(&server, sender, user).map_err(|error| wrong(&error, "`mail.server`"))?;
    Ok(Some(Arc::new(smtp)))
}

/// The host of the public address, without its port.
fn host(public_url: &str) -> &str {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    rest.split([':', '/']).next().unwrap_or("localhost")
}

fn wrong(error: &dyn std::error::Error, place: &str) -> Diagnostic {
    Diagnostic::usage(error.to_string())
        .at(place)
        .remedy("compare it with docs/configuration.md, section `mail`")
}
