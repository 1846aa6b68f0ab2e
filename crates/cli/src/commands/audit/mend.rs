//! `bastide audit --fix`: pins changed where they stand, the difference shown, the rest said.

use std::{fmt::Write as _, path::Path};

use bastide_impact::{
    audit::{Audit, fix},
    inputs::MAX_DOCUMENT_BYTES,
};
use bastide_model::output::Outcome;
use similar::TextDiff;

use crate::{diagnostic::Diagnostic, input, terminal};

/// Shows the changes and, unless `dry`, writes them.
pub(super) fn run(audit: &Audit, dry: bool) -> Result<Outcome, Diagnostic> {
    let plan = fix::plan(audit, &mut |name| input::read_text(Path::new(name), MAX_DOCUMENT_BYTES).ok());
    let mut shown = String::new();
    for rewrite in &plan.rewrites {
        let difference = TextDiff::from_lines(&rewrite.before, &rewrite.after)
            .unified_diff()
            .context_radius(2)
            .header(&format!("a/{}", rewrite.document), &format!("b/{}", rewrite.document))
            .to_string();
        shown.push_str(&difference);
    }
    // Other programs apply it: byte for byte, unless a terminal shows it.
    terminal::print_document(shown.as_bytes())?;
    let mut said = String::new();
    for rewrite in &plan.rewrites {
        if !dry {
            input::write(Path::new(&rewrite.document), rewrite.after.as_bytes())?;
        }
        let _ = writeln!(
            said,
            "{} {}: {} changed",
            if dry { "would write" } else { "wrote" },
            rewrite.document,
            if rewrite.changes.len() == 1 {
                "1 pin".to_owned()
            } else {
                format!("{} pins", rewrite.changes.len())
            },
        );
    }
    for refused in &plan.refused {
        let _ = writeln!(said, "left: {refused}");
    }
    if plan.rewrites.is_empty() && plan.refused.is_empty() {
        said.push_str("nothing is to be changed\n");
    } else if !dry && !plan.rewrites.is_empty() {
        said.push_str("Install anew from the changed files, run your tests, and audit again.\n");
    }
    terminal::say(&said);
    // What is left is not mended.
    Ok(if plan.refused.is_empty() && (!dry || plan.rewrites.is_empty()) {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}
