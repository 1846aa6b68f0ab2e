//! The log: to standard error, as lines for people or as JSON. Never a word of a case.

use clap::{ArgAction, Args};
use tracing_subscriber::EnvFilter;

/// What the log says and how.
#[derive(Debug, Args)]
pub(crate) struct LogArguments {
    /// Write the log as JSON, one object a line.
    #[arg(long, global = true, help_heading = "Log")]
    log_json: bool,
    /// Say more in the log; twice for everything.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Log")]
    verbose: u8,
    /// Log errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Log")]
    quiet: bool,
}

/// Starts the log. A service also says what it does; a command says what went wrong.
pub(crate) fn start(arguments: &LogArguments, service: bool) {
    let level = match (arguments.quiet, arguments.verbose, service) {
        (true, ..) => "error",
        (_, 0, false) => "error",
        (_, 0, true) => "warn,bastide=info,bastide_server=info,bastide_usecases=info",
        (_, 1, _) => "info",
        _ => "debug",
    };
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(level)).with_writer(std::io::stderr);
    if arguments.log_json {
        log.json().init();
    } else {
        log.with_ansi(false).init();
    }
}
