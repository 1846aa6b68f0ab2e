//! The binary `bastide`: parse, call, render.
//!
//! A newcomer starts at [`arguments`] (what people can type), then at one file under [`commands`]: each command is a
//! struct of its arguments and a function that calls a use case and prints the answer. [`diagnostic`] is what people see
//! when something did not work, [`terminal`] how results are printed.
//!
//! Invariant: results go to standard output, everything else to standard error. Exit codes: 0 checked and clean or done,
//! 1 findings or a refusal, 2 a wrong command line, 3 it could not be checked or done.

mod arguments;
mod commands;
mod connection;
mod desk_place;
mod diagnostic;
mod http_client;
mod input;
mod log;
mod login_file;
mod outgoing;
mod providers;
mod setting_flags;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::{arguments::Arguments, diagnostic::Diagnostic};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(&arguments.log, arguments.command.is_service());
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Diagnostic::cannot(format!("the program cannot start its threads: {error}")))
        .and_then(|runtime| runtime.block_on(arguments.command.run()));
    match ended {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(diagnostic) => {
            terminal::complain(&diagnostic);
            ExitCode::from(diagnostic.exit_code())
        }
    }
}
