//! `bastide rules`, `bastide explain ID`: what is checked and why.

use bastide_model::output::{self, Outcome, RuleFormat};
use clap::Args;

use crate::{diagnostic::Diagnostic, terminal};

/// Lists the rules.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide rules --format json")]
pub(crate) struct Rules {
    /// How they are written: text, json or markdown.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: RuleFormat,
}

/// Explains a rule.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide explain REP-P22")]
pub(crate) struct Explain {
    /// The rule's id, as findings name it.
    #[arg(value_name = "RULE")]
    rule: String,
}

impl Rules {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        terminal::print(&output::list_rules(self.format, &terminal::registry()?))?;
        Ok(Outcome::Clean)
    }
}

impl Explain {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let registry = terminal::registry()?;
        let rule = registry.find(&self.rule).ok_or_else(|| {
            Diagnostic::usage(format!("there is no rule `{}`", self.rule))
                .remedy("`bastide rules` lists them")
        })?;
        terminal::print(&output::explain(rule))?;
        Ok(Outcome::Clean)
    }
}
