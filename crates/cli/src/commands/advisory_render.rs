//! `bastide advisory render FILE --to FORMAT`: one OSV record as every other document.

use std::path::PathBuf;

use bastide_advisory::{csaf, cve, html, json_text, osv, text};
use bastide_desk::policy::CveAuthority;
use bastide_model::output::Outcome;
use bastide_usecases::cve_assigner;
use clap::{Args, ValueEnum};

use super::advisory_lint::AdvisoryFile;
use crate::{
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// Write an advisory in another format.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  bastide advisory render PYSEC-2024-1.yaml --to text\n  \
                  bastide advisory render record.json --to csaf --publisher 'Project Jupyter' --namespace https://jupyter.org -o csaf.json")]
pub(crate) struct AdvisoryRender {
    #[command(flatten)]
    record: AdvisoryFile,
    /// The format.
    #[arg(long, value_name = "FORMAT")]
    to: RenderFormat,
    /// Who publishes it, for CSAF.
    #[arg(long, value_name = "NAME", required_if_eq("to", "csaf"))]
    publisher: Option<String>,
    /// An address that is the publisher's, for CSAF: `https://HOST`.
    #[arg(long, value_name = "URL", required_if_eq("to", "csaf"))]
    namespace: Option<String>,
    /// Who assigned the CVE number, for a CVE record.
    #[arg(long, value_name = "CNA", default_value = "github")]
    assigner: Authority,
    /// Where the document goes; standard output without it.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RenderFormat {
    /// OSV 1.7.5, for scanners.
    Osv,
    /// CSAF 2.0, for vendors and authorities.
    Csaf,
    /// A CVE record 5.2; only where there is exactly one CVE number.
    Cve,
    /// Plain text, for a mailing list.
    Text,
    /// A static page.
    Html,
}

/// Who assigns CVE numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Authority {
    /// GitHub.
    Github,
    /// The Python Software Foundation.
    Psf,
}

impl AdvisoryRender {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let record = self.record.read()?;
        let cannot = |error: bastide_advisory::AdvisoryError| Diagnostic::refused(chain(&error));
        let document = match self.to {
            RenderFormat::Osv => json_text(&osv::render(&record)),
            RenderFormat::Text => text::render(&record),
            RenderFormat::Html => html::render(&record, &html::Links::default()).map_err(cannot)?,
            RenderFormat::Csaf => {
                let publisher = csaf::Publisher {
                    category: csaf::PublisherCategory::Coordinator,
                    name: self.publisher.clone().unwrap_or_default(),
                    namespace: self.namespace.clone().unwrap_or_default(),
                    contact_details: None,
                    directory: None,
                };
                json_text(&csaf::render(&record, &publisher).map_err(cannot)?)
            }
            RenderFormat::Cve => {
                let authority = match self.assigner {
                    Authority::Github => CveAuthority::Github,
                    Authority::Psf => CveAuthority::Psf,
                };
                let assigner =
                    cve_assigner(authority).ok_or_else(|| Diagnostic::usage("nobody assigned the number"))?;
                json_text(&cve::render(&record, &assigner).map_err(cannot)?)
            }
        };
        match &self.output {
            Some(file) => input::write(file, document.as_bytes())?,
            None => terminal::print_document(document.as_bytes())?,
        }
        Ok(Outcome::Clean)
    }
}
