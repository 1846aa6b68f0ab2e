//! Which desk a command talks to, and in whose name.

use std::path::PathBuf;

use bastide_usecases::Secret;
use clap::Args;

use crate::{
    diagnostic::Diagnostic,
    http_client::{Credential, RemoteDesk, desk_address},
    input, login_file,
};

/// Which desk a command talks to.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// The desk's address; the one of `bastide login` without it.
    #[arg(long, value_name = "URL", env = "BASTIDE_DESK", help_heading = "Which desk")]
    desk: Option<String>,
    /// A file with an API token, or `-` for standard input; the token of `bastide login` without it.
    #[arg(long, value_name = "FILE", env = "BASTIDE_TOKEN_FILE", help_heading = "Which desk")]
    token_file: Option<PathBuf>,
}

impl Connection {
    /// Whether a desk was named, by option or environment.
    pub(crate) fn names_desk(&self) -> bool {
        self.desk.is_some()
    }

    /// The desk, in the name of whoever has signed in; anonymous when nobody has.
    pub(crate) fn open(&self) -> Result<RemoteDesk, Diagnostic> {
        let login = login_file::read()?;
        let address = self.desk.clone().or_else(|| login.as_ref().map(|login| login.desk.clone()));
        let address = address.ok_or_else(|| {
            Diagnostic::usage("no desk is named")
                .remedy("give its address, `--desk URL`, or sign in: bastide login URL")
        })?;
        let credential = match (&self.token_file, login) {
            (Some(file), _) => Credential::Token(Secret::given(&input::read_secret(file)?)),
            // A token goes only to the desk that it was noted for.
            (None, Some(login)) if same(&login.desk, &address)? => Credential::Token(login.token),
            _ => Credential::Anonymous,
        };
        RemoteDesk::new(&address, credential)
    }

    /// The desk, in a person's name.
    pub(crate) fn open_signed_in(&self) -> Result<RemoteDesk, Diagnostic> {
        let desk = self.open()?;
        if desk.is_anonymous() {
            return Err(Diagnostic::usage("you are not signed in at this desk")
                .at(desk.address())
                .remedy(format!("sign in: bastide login {}", desk.address())));
        }
        Ok(desk)
    }

    /// The desk, in the name of the reporter who holds this secret.
    pub(crate) fn open_as_reporter(&self, link: &str) -> Result<RemoteDesk, Diagnostic> {
        let (address, secret) = match link.split_once("/status/") {
            Some((address, secret)) => (Some(address.to_owned()), secret),
            None => (None, link),
        };
        let address = match self.desk.clone().or(address) {
            Some(address) => address,
            None => login_file::read()?.map(|login| login.desk).ok_or_else(|| {
                Diagnostic::usage("no desk is named")
                    .remedy("give the whole status link, or the desk: `--desk URL`")
            })?,
        };
        RemoteDesk::new(&address, Credential::ReportLink(Secret::given(secret)))
    }
}

fn same(left: &str, right: &str) -> Result<bool, Diagnostic> {
    Ok(desk_address(left)? == desk_address(right)?)
}
