//! What people see when something did not work: what, where, and what to do about it.

use std::{error::Error, fmt::Write as _};

use bastide_model::{finding::Finding, output::Outcome};
use bastide_store::StoreError;
use bastide_usecases::UseCaseError;

/// The one error of this crate.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    kind: Kind,
    what: String,
    place: Option<String>,
    remedy: Option<String>,
    findings: Vec<Finding>,
    /// The next mistake, where several are told.
    more: Option<Box<Self>>,
}

/// Errors by what the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It was checked and is not in order, or the desk said no.
    Refused,
    /// The command line, or a value in it, is wrong.
    Usage,
    /// It could not be done or checked.
    Cannot,
}

impl Diagnostic {
    fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: None, remedy: None, findings: Vec::new(), more: None }
    }

    /// Something was checked and is not in order, or the desk said no: exit code 1.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::new(Kind::Refused, what)
    }

    /// What was typed does not fit: exit code 2.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// It could not be done: exit code 3.
    pub(crate) fn cannot(what: impl Into<String>) -> Self {
        Self::new(Kind::Cannot, what)
    }

    /// The same, at this place.
    #[must_use]
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same, with what to do about it.
    #[must_use]
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same, with the findings that led to it.
    #[must_use]
    pub(crate) fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }

    /// The same, and another mistake that is told after it.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.more = Some(match self.more.take() {
            Some(more) => Box::new(more.and(other)),
            None => Box::new(other),
        });
        self
    }

    /// The exit code of a command that ends with this.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Refused => Outcome::Findings.exit_code(),
            Kind::Usage => 2,
            Kind::Cannot => Outcome::Unknown.exit_code(),
        }
    }

    /// The findings that led to it; none for most.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The text, without findings; not yet made safe for a terminal.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error: {}\n", self.what);
        if let Some(place) = &self.place {
            let _ = writeln!(text, "  where: {place}");
        }
        if let Some(remedy) = &self.remedy {
            let _ = writeln!(text, "  what to do: {remedy}");
        }
        text.extend(self.more.iter().map(|more| more.text()));
        text
    }
}

/// An error with its causes, each said once: many libraries print their cause and name it as source too.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}

impl From<StoreError> for Diagnostic {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Locked { place } => Self::cannot("the desk is running: it has these data open").at(place.clone()).remedy(
                "use the desk's pages or the commands that talk to it (`bastide login`), or stop it first; \
                 it keeps the directory to itself so that no two programs write at once",
            ),
            StoreError::Absent { what } => Self::refused(format!("there is no {what}")),
            _ => Self::cannot(chain(&error)),
        }
    }
}

impl From<UseCaseError> for Diagnostic {
    fn from(error: UseCaseError) -> Self {
        match error {
            UseCaseError::Store(error) => error.into(),
            UseCaseError::Blocked { ref findings } => {
                let findings = findings.clone();
                Self::refused(error.to_string()).with_findings(findings)
            }
            UseCaseError::Invalid { field, reason, remedy } => {
                Self::usage(reason).at(format!("`{field}`")).remedy(remedy)
            }
            UseCaseError::NotFound
            | UseCaseError::Refused(_)
            | UseCaseError::StepUp
            | UseCaseError::OutOfReach
            | UseCaseError::EnrolFirst => Self::refused(error.to_string()),
            _ => Self::cannot(chain(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::io::Error);

    impl std::fmt::Display for Outer {
        fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(out, "the file cannot be read: {}", self.0)
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn a_cause_that_was_printed_is_not_printed_again() {
        let error = Outer(std::io::Error::other("no such file"));
        assert_eq!(chain(&error), "the file cannot be read: no such file");
    }

    #[test]
    fn what_the_store_says_about_its_lock_becomes_what_to_do() {
        let diagnostic = Diagnostic::from(StoreError::Locked { place: "DIR/bastide.lock".to_owned() });
        assert_eq!(diagnostic.exit_code(), 3);
        assert!(diagnostic.text().contains("what to do: use the desk's pages"), "{}", diagnostic.text());
    }
}
