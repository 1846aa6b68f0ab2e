//! What people can type: nouns and verbs, and which file answers each.

use bastide_model::output::Outcome;
use clap::{Parser, Subcommand};

use crate::{
    commands::{
        admin::Admin,
        advisory_lint::AdvisoryLint,
        advisory_render::AdvisoryRender,
        ledger_prove::LedgerProve,
        ledger_verify::LedgerVerify,
        policy_check::PolicyCheck,
        report_lint::ReportLint,
        rules::{Explain, Rules},
    },
    diagnostic::Diagnostic,
    log::LogArguments,
};

/// Secures an open-source ecosystem: private reports, coordinated disclosure, published advisories.
#[derive(Debug, Parser)]
#[command(
    name = "bastide",
    version,
    max_term_width = 110,
    after_help = "Exit codes: 0 checked and clean, or done; 1 findings, or a refusal; 2 a wrong command line; 3 it could \
                  not be checked or done."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) log: LogArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the rules by which reports and advisories are checked.
    Rules(Rules),
    /// Explain one rule: why it exists, what to do, an example that breaks it and one that keeps it.
    Explain(Explain),
    /// Disclosure policies.
    #[command(subcommand)]
    Policy(Policy),
    /// Reports of vulnerabilities.
    #[command(subcommand)]
    Report(Report),
    /// Published advisories and drafts.
    #[command(subcommand)]
    Advisory(Advisory),
    /// The history and its proofs.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Run the desk from the machine it stands on: persons, projects, roles, tokens.
    Admin(Admin),
}

/// What can be done with a policy.
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    Check(PolicyCheck),
}

/// What can be done with a report.
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    Lint(ReportLint),
}

/// What can be done with an advisory.
#[derive(Debug, Subcommand)]
pub(crate) enum Advisory {
    Render(AdvisoryRender),
    Lint(AdvisoryLint),
}

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    Verify(LedgerVerify),
    Prove(LedgerProve),
}

impl Command {
    /// Whether this runs for long and should say in the log what it does.
    pub(crate) const fn is_service(&self) -> bool {
        false
    }

    /// Runs the command.
    pub(crate) async fn run(self) -> Result<Outcome, Diagnostic> {
        match self {
            Self::Rules(rules) => rules.run(),
            Self::Explain(explain) => explain.run(),
            Self::Policy(Policy::Check(check)) => check.run(),
            Self::Report(Report::Lint(lint)) => lint.run(),
            Self::Advisory(Advisory::Render(render)) => render.run(),
            Self::Advisory(Advisory::Lint(lint)) => lint.run(),
            Self::Ledger(Ledger::Verify(verify)) => verify.run().await,
            Self::Ledger(Ledger::Prove(prove)) => prove.run().await,
            Self::Admin(admin) => admin.run().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_argument_fits_together() {
        Arguments::command().debug_assert();
    }
}
