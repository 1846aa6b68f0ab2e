//! Which versions somebody asks for: version specifiers of PyPI packages (PEP 440, "Version specifiers").
//!
//! [`Specifiers`] is what stands behind a name in a requirement: `>=1.4,!=1.5.0,<2`, clauses that must all hold. It answers
//! whether a version is in ([`Specifiers::contains`]), which clauses keep one out ([`Specifiers::excluding`]) and, as a
//! [`VersionSet`], whether it meets a range at all, released versions or not.
//!
//! The rule of PEP 440 about prereleases has two halves: they are left out unless a clause names one, and taken all the
//! same when nothing else will do. What else there is only the caller knows, so there are two questions:
//! [`Specifiers::contains`] goes by the clauses alone, [`Specifiers::contains_by_default`] leaves prereleases out.

mod set;

use std::{fmt, str::FromStr};

use uv_pep440::{Operator as Sign, VersionSpecifier};

pub use self::set::VersionSet;
use crate::version::{Version, one_line};

/// The longest text of specifiers that is read, in bytes. Real ones stay below 400.
pub const MAX_SPECIFIER_BYTES: usize = 4096;

/// The most clauses of one text. Real ones stay below 40.
pub const MAX_CLAUSES: usize = 128;

/// The most digits of one number in a specifier: such a number can be raised by one without overflow.
const MAX_DIGITS: usize = 18;

/// A text that is no version specifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{input}` is not a version specifier: {reason}; write it by PEP 440, as >=1.4,<2 or ==2.1.* or ~=3.2"
)]
pub struct SpecifierError {
    /// The clause as given, cut to 64 characters.
    pub input: String,
    /// What is wrong with it.
    pub reason: String,
}

/// How a clause compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `==1.4`
    Equal,
    /// `==1.4.*`
    EqualPrefix,
    /// `!=1.4`
    NotEqual,
    /// `!=1.4.*`
    NotEqualPrefix,
    /// `~=1.4`: at least this, and the same up to the last number.
    Compatible,
    /// `<1.4`
    Less,
    /// `<=1.4`
    LessEqual,
    /// `>1.4`
    Greater,
    /// `>=1.4`
    GreaterEqual,
    /// `===1.4`: the same text, whatever it means.
    Arbitrary,
}

/// One clause: `>=1.4`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Clause(Form);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    /// Everything that compares versions.
    Compared(VersionSpecifier),
    /// `===`, with its text in lower case: PEP 440 compares texts without regard to case.
    Arbitrary(String),
}

impl Clause {
    fn parse(text: &str) -> Result<Self, SpecifierError> {
        let refuse = |reason: String| SpecifierError {
            input: text.chars().take(64).collect(),
            reason: one_line(&reason),
        };
        if let Some(wanted) = text.strip_prefix("===") {
            let wanted = wanted.trim();
            if wanted.is_empty() || wanted.contains(|sign: char| sign.is_whitespace() || ";)".contains(sign))
            {
                return Err(refuse("after === stands one text without spaces".to_owned()));
            }
            return Ok(Self(Form::Arbitrary(wanted.to_lowercase())));
        }
        let digits = text.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        if digits > MAX_DIGITS {
            return Err(refuse(format!("a number in it has {digits} digits, more than {MAX_DIGITS}")));
        }
        let clause = VersionSpecifier::from_str(text).map_err(|error| refuse(error.to_string()))?;
        if clause.operator().is_star() && (clause.version().any_prerelease() || clause.version().is_post()) {
            return Err(refuse("`.*` stands after a plain release number only".to_owned()));
        }
        Ok(Self(Form::Compared(clause)))
    }

    /// How it compares.
    pub fn operator(&self) -> Operator {
        let Form::Compared(clause) = &self.0 else { return Operator::Arbitrary };
        match clause.operator() {
            Sign::Equal => Operator::Equal,
            Sign::EqualStar => Operator::EqualPrefix,
            Sign::ExactEqual => Operator::Arbitrary,
            Sign::NotEqual => Operator::NotEqual,
            Sign::NotEqualStar => Operator::NotEqualPrefix,
            Sign::TildeEqual => Operator::Compatible,
            Sign::LessThan => Operator::Less,
            Sign::LessThanEqual => Operator::LessEqual,
            Sign::GreaterThan => Operator::Greater,
            Sign::GreaterThanEqual => Operator::GreaterEqual,
        }
    }

    /// The version that it compares with; of `==1.4.*` it is 1.4. Nothing where `===` is followed by what is no version.
    pub fn version(&self) -> Option<Version> {
        match &self.0 {
            Form::Compared(clause) => Some(Version::of_pep440(clause.version().clone())),
            Form::Arbitrary(text) => uv_pep440::Version::from_str(text).ok().map(Version::of_pep440),
        }
    }

    /// Whether there is a version above all that the clause lets in: a pin or a cap.
    pub fn is_cap(&self) -> bool {
        use Operator::{Arbitrary, Compatible, Equal, EqualPrefix, Less, LessEqual};
        matches!(self.operator(), Equal | EqualPrefix | Compatible | Less | LessEqual | Arbitrary)
    }

    /// Whether this one clause lets the version in, prereleases like any other. A version of another ecosystem is not.
    pub fn contains(&self, version: &Version) -> bool {
        let Some(read) = version.pep440() else { return false };
        match &self.0 {
            // The library asks for more than PEP 440 here: of `>1.0rc1` it leaves 1.0.post1 out.
            Form::Compared(clause) if *clause.operator() == Sign::GreaterThan => {
                VersionSet::of_clause(&self.0).contains(version)
            }
            Form::Compared(clause) => clause.contains(read),
            Form::Arbitrary(text) => {
                version.normalised() == *text || version.as_str().to_lowercase() == *text
            }
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Compared(clause) => clause.fmt(out),
            Form::Arbitrary(text) => write!(out, "==={text}"),
        }
    }
}

impl fmt::Debug for Clause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Clauses that must all hold; none lets every version in.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Specifiers(Box<[Clause]>);

impl Specifiers {
    /// Reads clauses with commas between them; an empty text lets every version in.
    pub fn parse(text: &str) -> Result<Self, SpecifierError> {
        let refuse = |reason: String| SpecifierError { input: text.chars().take(64).collect(), reason };
        if text.len() > MAX_SPECIFIER_BYTES {
            return Err(refuse(format!("it has {} bytes, more than {MAX_SPECIFIER_BYTES}", text.len())));
        }
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let clauses = parts.take(MAX_CLAUSES + 1).map(Clause::parse).collect::<Result<Box<[_]>, _>>()?;
        if clauses.len() > MAX_CLAUSES {
            return Err(refuse(format!("it has more than {MAX_CLAUSES} clauses")));
        }
        Ok(Self(clauses))
    }

    /// What lets every version in.
    pub fn any() -> Self {
        Self::default()
    }

    /// `==VERSION`; nothing for a version of another ecosystem.
    pub fn exactly(version: &Version) -> Option<Self> {
        Self::parse(&format!("=={}", version.pep440()?)).ok()
    }

    /// `>=VERSION`; nothing for a version of another ecosystem.
    pub fn at_least(version: &Version) -> Option<Self> {
        Self::parse(&format!(">={}", version.pep440()?.clone().without_local())).ok()
    }

    /// The clauses, as written.
    pub fn clauses(&self) -> &[Clause] {
        &self.0
    }

    /// Whether there is no clause.
    pub fn is_any(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the clauses let the version in, prereleases like any other (what an installer does that was told to take
    /// prereleases, or finds nothing else). A version of another ecosystem is not.
    pub fn contains(&self, version: &Version) -> bool {
        version.pep440().is_some() && self.0.iter().all(|clause| clause.contains(version))
    }

    /// The same without prereleases, unless a clause names one ([`Self::names_prerelease`]): what an installer takes that
    /// has final releases to choose from.
    pub fn contains_by_default(&self, version: &Version) -> bool {
        (version.is_prerelease() != Some(true) || self.names_prerelease()) && self.contains(version)
    }

    /// Whether a clause other than `!=` names a prerelease, which lets prereleases in by default.
    pub fn names_prerelease(&self) -> bool {
        self.0.iter().any(|clause| match &clause.0 {
            Form::Compared(compared) => {
                !matches!(clause.operator(), Operator::NotEqual | Operator::NotEqualPrefix)
                    && compared.version().any_prerelease()
            }
            Form::Arbitrary(text) => {
                uv_pep440::Version::from_str(text).is_ok_and(|version| version.any_prerelease())
            }
        })
    }

    /// Whether any of these versions is in ([`Self::contains`]).
    pub fn contains_any<'version>(&self, versions: impl IntoIterator<Item = &'version Version>) -> bool {
        versions.into_iter().any(|version| self.contains(version))
    }

    /// The clauses that keep this version out.
    pub fn excluding(&self, version: &Version) -> impl Iterator<Item = &Clause> {
        self.0.iter().filter(move |clause| !clause.contains(version))
    }

    /// The one version that is let in, where a clause pins it (`==1.4`, `===1.4`).
    pub fn pinned(&self) -> Option<Version> {
        let pin = |clause: &&Clause| matches!(clause.operator(), Operator::Equal | Operator::Arbitrary);
        self.0.iter().find(pin).and_then(Clause::version)
    }

    /// Whether some version is above all that are let in.
    pub fn is_capped(&self) -> bool {
        self.0.iter().any(Clause::is_cap)
    }

    /// Whether there is an upper bound below this version, or at it without it: every later version is kept out too.
    pub fn is_capped_below(&self, version: &Version) -> bool {
        self.set().is_below(version)
    }

    /// All versions that are let in, released or not.
    pub fn set(&self) -> VersionSet {
        self.0
            .iter()
            .fold(VersionSet::full(), |set, clause| set.intersection(&VersionSet::of_clause(&clause.0)))
    }
}

impl FromStr for Specifiers {
    type Err = SpecifierError;

    fn from_str(text: &str) -> Result<Self, SpecifierError> {
        Self::parse(text)
    }
}

impl fmt::Display for Specifiers {
    /// As people write it: `>=1.4,<2`; nothing for every version.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, clause) in self.0.iter().enumerate() {
            out.write_str(if number == 0 { "" } else { "," })?;
            fmt::Display::fmt(clause, out)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Specifiers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests;
