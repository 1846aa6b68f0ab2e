//! `bastide advisory get ID`, `bastide advisory preview CASE`: documents of a desk.

use std::path::PathBuf;

use bastide_model::{
    id::CaseId,
    output::{Outcome, one_line},
};
use clap::{Args, ValueEnum};

use crate::{connection::Connection, diagnostic::Diagnostic, input, terminal};

/// Fetch a published advisory in one of its formats.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  bastide advisory get GHSA-9q39-rmj3-p4r2 --as osv --desk https://desk.example.org"
)]
pub(crate) struct AdvisoryGet {
    /// The advisory's id.
    #[arg(value_name = "ID", value_parser = advisory_id)]
    id: String,
    /// The format.
    #[arg(long = "as", value_name = "FORMAT", default_value = "text")]
    format: DocumentFormat,
    #[command(flatten)]
    connection: Connection,
    /// Where the document goes; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Show the newest draft of a case's advisory as it would be published.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bastide advisory preview case-… --as csaf")]
pub(crate) struct AdvisoryPreview {
    /// The case.
    #[arg(value_name = "CASE")]
    case: CaseId,
    /// The format.
    #[arg(long = "as", value_name = "FORMAT", default_value = "text")]
    format: DocumentFormat,
    #[command(flatten)]
    connection: Connection,
}

/// The formats in which a desk publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DocumentFormat {
    /// OSV, for scanners.
    Osv,
    /// CSAF 2.0, for vendors and authorities.
    Csaf,
    /// The CVE record.
    Cve,
    /// Plain text, for a mailing list.
    Text,
    /// The page.
    Html,
}

impl DocumentFormat {
    const fn word(self) -> &'static str {
        match self {
            Self::Osv => "osv",
            Self::Csaf => "csaf",
            Self::Cve => "cve",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

fn advisory_id(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    if (1..=128).contains(&text.len())
        && text.bytes().all(plain)
        && text.contains(|c: char| c.is_ascii_alphanumeric())
    {
        Ok(text.to_owned())
    } else {
        Err("an advisory's id is letters, digits, dashes and underscores, such as GHSA-9q39-rmj3-p4r2"
            .to_owned())
    }
}

impl AdvisoryGet {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open()?;
        let bytes = desk.get_bytes(&format!("/advisories/{}/{}", self.id, self.format.word())).await?;
        match &self.output {
            Some(file) => input::write(file, &bytes)?,
            None => terminal::print_document(&bytes)?,
        }
        Ok(Outcome::Clean)
    }
}

impl AdvisoryPreview {
    pub(crate) async fn run(&self) -> Result<Outcome, Diagnostic> {
        let desk = self.connection.open_signed_in()?;
        let previews = desk.get(&format!("/api/v1/cases/{}/preview", self.case)).await?;
        let wanted =
            previews.as_array().into_iter().flatten().find(|preview| preview["format"] == self.format.word());
        let wanted = wanted.ok_or_else(|| Diagnostic::cannot("the desk does not publish this format"))?;
        let Some(document) = wanted["document"].as_str() else {
            let reason = one_line(wanted["not-possible"].as_str().unwrap_or_default());
            let what = format!("the draft cannot be written as {}: {reason}", self.format.word());
            return Err(Diagnostic::refused(what));
        };
        terminal::print_document(document.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
