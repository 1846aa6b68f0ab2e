//! The condition under which a requirement counts: environment markers (PEP 508, "Environment markers").
//!
//! A marker is kept as the tree that was written. Asked with what is known of an environment, it answers yes, no or unknown
//! ([`Marker::holds`]); what is unknown of one part may be decided by the rest (`False and unknown` is false).
//!
//! Own code, because the published readers do not fit: uv's keeps every marker that it ever read in one table of the whole
//! process, takes minutes for 800 bytes of it (a decision diagram grows exponentially) and brings a runtime and a file system.

mod parse;

pub(crate) use self::parse::begins_like_a_marker;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use bastide_model::{package::Ecosystem, specifier::Specifiers, version::Version};

/// The longest marker that is read, in bytes. Real ones stay below 600.
pub const MAX_MARKER_BYTES: usize = 8192;

/// The deepest nesting of brackets. Real ones stay below 5.
pub const MAX_DEPTH: usize = 64;

/// A text that is no marker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{input}` is not a marker: {reason}; write it by PEP 508, as python_version < \"3.11\" or extra == \"test\""
)]
pub struct MarkerError {
    /// The part that could not be read, cut to 64 characters.
    pub input: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What a marker may ask about, but for extras.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// `python_version`: `3.12`.
    PythonVersion,
    /// `python_full_version`: `3.12.4`.
    PythonFullVersion,
    /// `os_name`: `posix`, `nt`.
    OsName,
    /// `sys_platform`: `linux`, `darwin`, `win32`.
    SysPlatform,
    /// `platform_system`: `Linux`, `Darwin`, `Windows`.
    PlatformSystem,
    /// `platform_machine`: `x86_64`, `arm64`.
    PlatformMachine,
    /// `platform_release`: the kernel's release.
    PlatformRelease,
    /// `platform_version`: the kernel's version text.
    PlatformVersion,
    /// `platform_python_implementation`: `CPython`, `PyPy`.
    PlatformPythonImplementation,
    /// `implementation_name`: `cpython`, `pypy`.
    ImplementationName,
    /// `implementation_version`: `3.12.4`.
    ImplementationVersion,
}

impl Variable {
    /// Every variable with its name.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::PythonVersion, "python_version"),
        (Self::PythonFullVersion, "python_full_version"),
        (Self::OsName, "os_name"),
        (Self::SysPlatform, "sys_platform"),
        (Self::PlatformSystem, "platform_system"),
        (Self::PlatformMachine, "platform_machine"),
        (Self::PlatformRelease, "platform_release"),
        (Self::PlatformVersion, "platform_version"),
        (Self::PlatformPythonImplementation, "platform_python_implementation"),
        (Self::ImplementationName, "implementation_name"),
        (Self::ImplementationVersion, "implementation_version"),
    ];

    /// Its name in markers.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(variable, _)| *variable == self).map_or("", |(_, name)| name)
    }

    /// Whether it says which Python runs, as against which machine.
    pub fn is_python(self) -> bool {
        use Variable::{
            ImplementationName, ImplementationVersion, PlatformPythonImplementation, PythonFullVersion,
            PythonVersion,
        };
        matches!(
            self,
            PythonVersion
                | PythonFullVersion
                | ImplementationName
                | ImplementationVersion
                | PlatformPythonImplementation
        )
    }

    /// Whether its values are versions, compared by PEP 440.
    fn is_version(self) -> bool {
        matches!(self, Self::PythonVersion | Self::PythonFullVersion | Self::ImplementationVersion)
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// By this sign: `==`, `!=`, `<`, `<=`, `>`, `>=`, `~=` or `===`.
    Sign(&'static str),
    /// `in`: the left text is part of the right one.
    In,
    /// `not in`.
    NotIn,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A value of the environment.
    Variable(Variable),
    /// The extra that is asked for.
    Extra,
    /// A set that lock files ask about: `extras` or `dependency_groups` (PEP 751).
    Set(&'static str),
    /// A text in quotes.
    Text(String),
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Marker {
    /// All parts hold.
    All(Vec<Marker>),
    /// One part holds.
    Any(Vec<Marker>),
    /// Two values compare so.
    Compare(Operand, Comparison, Operand),
}

/// What is known of an environment. A variable that is not known makes what depends on it unknown.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The values that are known.
    pub values: BTreeMap<Variable, String>,
    /// The extras that are asked for, by their normalised names; nothing where that is unknown.
    pub extras: Option<BTreeSet<String>>,
    /// The dependency groups that are asked for, by their normalised names; nothing where that is unknown.
    pub groups: Option<BTreeSet<String>>,
}

impl Environment {
    /// An environment of which nothing is known but the extras that are asked for.
    pub fn with_extras<'name>(extras: impl IntoIterator<Item = &'name str>) -> Self {
        Self { extras: Some(extras.into_iter().map(normalise).collect()), ..Self::default() }
    }

    /// The same, with a value of one variable.
    #[must_use]
    pub fn with(mut self, variable: Variable, value: &str) -> Self {
        self.values.insert(variable, value.to_owned());
        self
    }
}

/// The name of an extra or group as it is compared (PEP 685: like the name of a package).
pub fn normalise(name: &str) -> String {
    bastide_model::package::Package::new(Ecosystem::PyPi, name.trim()).name().to_owned()
}

impl Marker {
    /// Reads a marker.
    pub fn parse(text: &str) -> Result<Self, MarkerError> {
        parse::marker(text)
    }

    /// Whether the condition holds in this environment; nothing where what is known does not decide it.
    ///
    /// `extra == "test"` holds when `test` is one of the extras asked for.
    pub fn holds(&self, environment: &Environment) -> Option<bool> {
        match self {
            Self::All(parts) => decide(parts, environment, false),
            Self::Any(parts) => decide(parts, environment, true),
            Self::Compare(left, comparison, right) => compare(left, *comparison, right, environment),
        }
    }

    /// The extras that it names, normalised.
    pub fn extras(&self) -> BTreeSet<String> {
        let mut extras = BTreeSet::new();
        self.visit(&mut |left, _, right| {
            if let (Operand::Extra, Operand::Text(name)) | (Operand::Text(name), Operand::Extra) =
                (left, right)
            {
                extras.insert(normalise(name));
            }
        });
        extras
    }

    /// The extras each of which alone may bring the requirement in, and whether it may come in without any.
    pub fn brought_in_by(&self) -> (bool, BTreeSet<String>) {
        let may =
            |extras: &[&str]| self.holds(&Environment::with_extras(extras.iter().copied())) != Some(false);
        let named = self.extras();
        (may(&[]), named.into_iter().filter(|extra| may(&[extra])).collect())
    }

    /// The variables of the environment that it asks about.
    pub fn variables(&self) -> BTreeSet<Variable> {
        let mut variables = BTreeSet::new();
        self.visit(&mut |left, _, right| {
            for side in [left, right] {
                if let Operand::Variable(variable) = side {
                    variables.insert(*variable);
                }
            }
        });
        variables
    }

    /// Whether it asks which Python runs.
    pub fn depends_on_python(&self) -> bool {
        self.variables().into_iter().any(Variable::is_python)
    }

    /// Whether it asks on which machine or system it runs.
    pub fn depends_on_platform(&self) -> bool {
        self.variables().into_iter().any(|variable| !variable.is_python())
    }

    fn visit(&self, each: &mut impl FnMut(&Operand, Comparison, &Operand)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.visit(each);
                }
            }
            Self::Compare(left, comparison, right) => each(left, *comparison, right),
        }
    }
}

/// Whether one part is `wanted` (of `or`: true), with unknown parts in mind.
fn decide(parts: &[Marker], environment: &Environment, wanted: bool) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part.holds(environment) {
            Some(held) if held == wanted => return Some(wanted),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!wanted)
}

fn compare(
    left: &Operand,
    comparison: Comparison,
    right: &Operand,
    environment: &Environment,
) -> Option<bool> {
    use Operand::{Extra, Set, Text};
    match (left, right) {
        (Extra, Text(name)) | (Text(name), Extra) => {
            let asked = environment.extras.as_ref()?.contains(&normalise(name));
            match comparison {
                Comparison::Sign("==" | "===") => Some(asked),
                Comparison::Sign("!=") => Some(!asked),
                _ => None,
            }
        }
        (Text(name), Set(set)) => {
            let members = if *set == "extras" { &environment.extras } else { &environment.groups };
            let asked = members.as_ref()?.contains(&normalise(name));
            match comparison {
                Comparison::In => Some(asked),
                Comparison::NotIn => Some(!asked),
                Comparison::Sign(_) => None,
            }
        }
        _ => {
            let by_version = [left, right]
                .iter()
                .any(|side| matches!(side, Operand::Variable(variable) if variable.is_version()));
            let (left, right) = (value(left, environment)?, value(right, environment)?);
            compare_values(left, comparison, right, by_version)
        }
    }
}

fn value<'text>(side: &'text Operand, environment: &'text Environment) -> Option<&'text str> {
    match side {
        Operand::Variable(variable) => environment.values.get(variable).map(String::as_str),
        Operand::Text(text) => Some(text),
        Operand::Extra | Operand::Set(_) => None,
    }
}

/// Versions by PEP 440, everything else as texts, for which `<` and its kin say nothing.
fn compare_values(left: &str, comparison: Comparison, right: &str, by_version: bool) -> Option<bool> {
    match comparison {
        Comparison::In => Some(right.contains(left)),
        Comparison::NotIn => Some(!right.contains(left)),
        Comparison::Sign(sign) => {
            if by_version
                && let Ok(specifiers) = Specifiers::parse(&format!("{sign}{right}"))
                && let Ok(version) = Version::parse(&Ecosystem::PyPi, left)
            {
                return Some(specifiers.contains(&version));
            }
            match sign {
                "==" | "===" => Some(left == right),
                "!=" => Some(left != right),
                _ => None,
            }
        }
    }
}

impl FromStr for Marker {
    type Err = MarkerError;

    fn from_str(text: &str) -> Result<Self, MarkerError> {
        Self::parse(text)
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(variable) => out.write_str(variable.name()),
            Self::Extra => out.write_str("extra"),
            Self::Set(name) => out.write_str(name),
            Self::Text(text) if text.contains('"') => write!(out, "'{text}'"),
            Self::Text(text) => write!(out, "\"{text}\""),
        }
    }
}

impl fmt::Display for Marker {
    /// As PEP 508 writes it; reading it back gives the same marker.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Self::All(parts) => (parts, " and "),
            Self::Any(parts) => (parts, " or "),
            Self::Compare(left, comparison, right) => {
                let sign = match comparison {
                    Comparison::Sign(sign) => sign,
                    Comparison::In => "in",
                    Comparison::NotIn => "not in",
                };
                return write!(out, "{left} {sign} {right}");
            }
        };
        for (number, part) in parts.iter().enumerate() {
            out.write_str(if number == 0 { "" } else { word })?;
            match part {
                Self::Compare(..) => write!(out, "{part}")?,
                Self::All(_) | Self::Any(_) => write!(out, "({part})")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
