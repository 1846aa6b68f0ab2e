//! Printing: results to standard output, everything else to standard error.
//!
//! Text that came from outside is made safe before a terminal sees it: control characters and marks that change the
//! direction of text are taken out (hardening: reports are hostile). Documents that other programs read are written to a
//! file or pipe byte for byte.

use std::io::{ErrorKind, IsTerminal, Write};

use bastide_model::{
    output::{self, Format, is_deceptive},
    rule::Registry,
};

use crate::diagnostic::{Diagnostic, chain};

/// Text that may go to a terminal: lines stay lines, what drives a terminal or deceives its reader goes.
pub(crate) fn safe(text: &str) -> String {
    text.replace('\t', "    ")
        .chars()
        .filter(|character| *character == '\n' || !is_deceptive(*character))
        .collect()
}

/// How many there are, in words: `1 issue`, `2 issues`.
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}

/// Writes a result.
pub(crate) fn print(text: &str) -> Result<(), Diagnostic> {
    write(safe(text).as_bytes())
}

/// Writes a document: byte for byte into a file or pipe, made safe for a terminal.
pub(crate) fn print_document(bytes: &[u8]) -> Result<(), Diagnostic> {
    if std::io::stdout().is_terminal() {
        return print(&String::from_utf8_lossy(bytes));
    }
    write(bytes)
}

fn write(bytes: &[u8]) -> Result<(), Diagnostic> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // Whoever read the output has seen enough (`bastide rules | head`).
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        ended => ended.map_err(|error| {
            Diagnostic::cannot(format!("the result cannot be written: {}", chain(&error)))
                .at("standard output")
        }),
    }
}

/// Says something beside the result.
pub(crate) fn say(text: &str) {
    // There is nowhere left to complain to when standard error is closed.
    let _ = std::io::stderr().lock().write_all(safe(text).as_bytes());
}

/// Shows an error with its findings.
pub(crate) fn complain(diagnostic: &Diagnostic) {
    say(&diagnostic.text());
    if !diagnostic.findings().is_empty()
        && let Ok(registry) = registry()
    {
        say(&output::render(Format::Text, diagnostic.findings(), &registry));
    }
}

/// The rules of every domain, as the command line knows them.
pub(crate) fn registry() -> Result<Registry, Diagnostic> {
    Registry::new(&[
        bastide_desk::lint::RULES,
        bastide_desk::lint::LEAK_RULES,
        bastide_advisory::lint::RULES,
        bastide_impact::audit::RULES,
        bastide_impact::digestible::RULES,
    ])
    .map_err(|error| Diagnostic::cannot(chain(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_drive_the_terminal() {
        assert_eq!(safe("a\u{1b}[31m\u{202e}b\r\n\tc\u{9b}"), "a[31mb\n    c");
    }
}
