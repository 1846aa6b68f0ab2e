//! What people can type: nouns and verbs, and which file answers each.

use bastide_model::output::Outcome;
use clap::{Parser, Subcommand};

use crate::{
    commands::{
        admin::Admin,
        advisory_get::{AdvisoryGet, AdvisoryPreview},
        advisory_import::AdvisoryImport,
        advisory_lint::AdvisoryLint,
        advisory_render::AdvisoryRender,
        audit::AuditArguments,
        backup::{Backup, Restore},
        case::Case,
        demo::Demo,
        graph_import::GraphImport,
        impact::Impact,
        inbox::Inbox,
        ledger_prove::LedgerProve,
        ledger_verify::LedgerVerify,
        login::LoginArguments,
        manual::{Completions, Manual},
        migrate::Migrate,
        operations::Operations,
        policy_check::PolicyCheck,
        report_amend::ReportAmend,
        report_lint::ReportLint,
        report_own::{ReportList, ReportShow},
        report_send::{ReportSend, ReportStatus},
        rules::{Explain, Rules},
        serve::Serve,
        sync::Sync,
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
    Demo(Demo),
    Serve(Serve),
    Sync(Sync),
    /// List the rules by which reports and advisories are checked.
    Rules(Rules),
    /// Explain one rule: why it exists, what to do, an example that breaks it and one that keeps it.
    Explain(Explain),
    Login(LoginArguments),
    Inbox(Inbox),
    /// Cases: show one, prove it, and every step of the process.
    #[command(subcommand)]
    Case(Case),
    /// Disclosure policies.
    #[command(subcommand)]
    Policy(Policy),
    /// Reports of vulnerabilities.
    #[command(subcommand)]
    Report(Report),
    /// Published advisories and drafts.
    #[command(subcommand)]
    Advisory(Advisory),
    Audit(AuditArguments),
    Impact(Impact),
    /// Who depends on whom.
    #[command(subcommand)]
    Graph(GraphCommand),
    /// The history and its proofs.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Run the desk from the machine it stands on: persons, projects, roles, tokens.
    Admin(Admin),
    Backup(Backup),
    Restore(Restore),
    Migrate(Migrate),
    Completions(Completions),
    Manual(Manual),
    Operations(Operations),
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
    Send(ReportSend),
    Status(ReportStatus),
    Amend(ReportAmend),
    List(ReportList),
    Show(ReportShow),
}

/// What can be done with an advisory.
#[derive(Debug, Subcommand)]
pub(crate) enum Advisory {
    Render(AdvisoryRender),
    Lint(AdvisoryLint),
    Get(AdvisoryGet),
    Preview(AdvisoryPreview),
    Import(AdvisoryImport),
}

/// What can be done with the graph of dependencies.
#[derive(Debug, Subcommand)]
pub(crate) enum GraphCommand {
    Import(GraphImport),
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
        matches!(self, Self::Serve(_))
    }

    /// Runs the command.
    pub(crate) async fn run(self) -> Result<Outcome, Diagnostic> {
        match self {
            Self::Demo(demo) => demo.run().await,
            Self::Serve(serve) => serve.run().await,
            Self::Sync(sync) => sync.run().await,
            Self::Rules(rules) => rules.run(),
            Self::Explain(explain) => explain.run(),
            Self::Login(login) => login.run().await,
            Self::Inbox(inbox) => inbox.run().await,
            Self::Case(case) => case.run().await,
            Self::Policy(Policy::Check(check)) => check.run(),
            Self::Report(Report::Lint(lint)) => lint.run(),
            Self::Report(Report::Send(send)) => send.run().await,
            Self::Report(Report::Amend(amend)) => amend.run().await,
            Self::Report(Report::Status(status)) => status.run().await,
            Self::Report(Report::List(list)) => list.run().await,
            Self::Report(Report::Show(show)) => show.run().await,
            Self::Advisory(Advisory::Get(get)) => get.run().await,
            Self::Advisory(Advisory::Preview(preview)) => preview.run().await,
            Self::Advisory(Advisory::Import(import)) => import.run().await,
            Self::Advisory(Advisory::Render(render)) => render.run(),
            Self::Advisory(Advisory::Lint(lint)) => lint.run(),
            Self::Audit(audit) => audit.run(),
            Self::Impact(impact) => impact.run(),
            Self::Graph(GraphCommand::Import(import)) => import.run(),
            Self::Ledger(Ledger::Verify(verify)) => verify.run().await,
            Self::Ledger(Ledger::Prove(prove)) => prove.run().await,
            Self::Admin(admin) => admin.run().await,
            Self::Backup(backup) => backup.run().await,
            Self::Completions(completions) => completions.run(),
            Self::Manual(manual) => manual.run(),
            Self::Migrate(migrate) => migrate.run().await,
            Self::Restore(restore) => restore.run().await,
            Self::Operations(operations) => operations.run().await,
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
