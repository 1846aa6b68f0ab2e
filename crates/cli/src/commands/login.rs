//! `bastide login URL`: notes a desk and a token, after asking the desk whether the token works.

use std::path::PathBuf;

use bastide_model::output::{Outcome, one_line};
use bastide_usecases::Secret;
use clap::Args;

use crate::{
    diagnostic::Diagnostic,
    http_client::{Credential, RemoteDesk},
    input,
    login_file::{self, Login},
    terminal,
};

/// Sign in at a desk with an API token, for the commands that talk to one.
///
/// The token is read from standard input or a file, never from the command line, where others could see it. It is
/// noted in a file that only you can read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide login https://desk.example.org --token-file token.txt")]
pub(crate) struct LoginArguments {
    /// The desk's address.
    #[arg(value_name = "URL")]
    desk: String,
    /// A file with the token; standard input without it.
    #[arg(long, value_name = "FILE", default_value = "-")]
    token_file: PathBuf,
}

impl LoginArguments {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let token = Secret::given(&input::read_secret(&self.token_file)?);
        let desk = RemoteDesk::new(&self.desk, Credential::Token(token.clone()))?;
        let me = desk.get("/api/v1/me").await?;
        let noted = login_file::write(&Login { desk: desk.address().to_owned(), token })?;
        let name = one_line(me["name"].as_str().unwrap_or("somebody"));
        terminal::print(&format!("Signed in at {} as {name}.\n", desk.address()))?;
        terminal::say(&format!("The token is noted in {}.\n", noted.display()));
        Ok(Outcome::Clean)
    }
}
