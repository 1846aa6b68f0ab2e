//! What somebody asks for: a requirement of PEP 508, `jupyterlab[test]>=4.2,<5; python_version >= "3.9"`.
//!
//! Read strictly first. What real metadata write otherwise and everybody reads the same way is mended
//! ([`Requirement::amendments`] says what), the rest is refused with its reason.

use std::{collections::BTreeSet, fmt, str::FromStr};

use bastide_model::{
    package::{Ecosystem, Package},
    specifier::{SpecifierError, Specifiers},
};

use crate::marker::{Marker, MarkerError, normalise};

/// The longest requirement that is read, in bytes. Real ones stay below 700.
pub const MAX_REQUIREMENT_BYTES: usize = 16 << 10;

/// The most extras that one requirement names. Real ones stay below 20.
pub const MAX_EXTRAS: usize = 128;

/// A text that is no requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// The name, the extras or what stands between the parts.
    #[error(
        "`{input}` is not a requirement: {reason}; write it by PEP 508, as numpy>=1.26,<3 or pip @ https://example.org/pip.whl"
    )]
    Form {
        /// The part that could not be read, cut to 64 characters.
        input: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The versions.
    #[error(transparent)]
    Specifiers(#[from] SpecifierError),
    /// The condition.
    #[error(transparent)]
    Marker(#[from] MarkerError),
}

/// Where the package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From an index, in one of these versions.
    Versions(Specifiers),
    /// From this address, as written (`name @ URL`). It may hold a password: print it with care.
    Url(String),
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// What is asked for, its name normalised.
    pub package: Package,
    /// The extras asked for with it, normalised.
    pub extras: BTreeSet<String>,
    /// Which versions, or which file.
    pub source: Source,
    /// The condition under which it counts.
    pub marker: Option<Marker>,
    /// What was written against PEP 508 and read all the same, one sentence each.
    pub amendments: Vec<&'static str>,
}

impl Requirement {
    /// Reads a requirement of a PyPI package.
    pub fn parse(text: &str) -> Result<Self, RequirementError> {
        let text = text.trim();
        if text.len() > MAX_REQUIREMENT_BYTES {
            return refuse(text, &format!("it has {} bytes, more than {MAX_REQUIREMENT_BYTES}", text.len()));
        }
        let (name, rest) = split_name(text)?;
        let (extras, rest) = split_extras(rest.trim_start())?;
        let mut amendments = Vec::new();
        let (source, marker) = match rest.trim_start().strip_prefix('@') {
            Some(address) => split_url(address.trim_start())?,
            None => split_versions(rest.trim_start(), &mut amendments)?,
        };
        let marker = match marker.map(str::trim) {
            Some("") => {
                amendments.push("nothing stands after its `;`");
                None
            }
            Some(marker) => Some(Marker::parse(marker)?),
            None => None,
        };
        Ok(Self { package: Package::new(Ecosystem::PyPi, name), extras, source, marker, amendments })
    }

    /// The name at the beginning of what is no requirement otherwise: something is asked of this package, nobody knows what.
    pub fn name_of(text: &str) -> Option<&str> {
        split_name(text.trim()).ok().map(|(name, _)| name)
    }

    /// The versions asked for; nothing where an address is.
    pub fn specifiers(&self) -> Option<&Specifiers> {
        match &self.source {
            Source::Versions(specifiers) => Some(specifiers),
            Source::Url(_) => None,
        }
    }

    /// Whether it may come in when no extra is asked for, and the extras each of which may bring it in.
    pub fn brought_in_by(&self) -> (bool, BTreeSet<String>) {
        self.marker.as_ref().map_or((true, BTreeSet::new()), Marker::brought_in_by)
    }
}

/// Reads what metadata or a list writes as one line with `; ` between requirements, where `; ` also begins a marker: a part
/// that begins like a marker belongs to the requirement before it.
pub fn split_list(line: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    // Where the last requirement begins, and where the next part does.
    let (mut start, mut next) = (0, 0);
    while next <= line.len() {
        let end = line[next..].find("; ").map_or(line.len(), |at| next + at);
        let after = (end + 2).min(line.len());
        let follows_marker = end < line.len() && crate::marker::begins_like_a_marker(&line[after..]);
        if !follows_marker {
            let part = line[start..end].trim();
            if !part.is_empty() {
                parts.push(part);
            }
            start = after;
        }
        if end == line.len() {
            break;
        }
        next = after;
    }
    parts
}

fn refuse<T>(input: &str, reason: &str) -> Result<T, RequirementError> {
    Err(RequirementError::Form { input: input.chars().take(64).collect(), reason: reason.to_owned() })
}

/// Whether a text is a name that a package or an extra can have.
pub fn is_name(text: &str) -> bool {
    split_name(text).is_ok_and(|(_, rest)| rest.is_empty())
}

fn split_name(text: &str) -> Result<(&str, &str), RequirementError> {
    let inside = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.');
    let end = text.find(|sign| !inside(sign)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let ends = [name.chars().next(), name.chars().next_back()];
    if !ends.iter().all(|sign| sign.is_some_and(|sign| sign.is_ascii_alphanumeric())) {
        return refuse(text, "it does not begin with a name that starts and ends with a letter or digit");
    }
    Ok((name, rest))
}

fn split_extras(text: &str) -> Result<(BTreeSet<String>, &str), RequirementError> {
    let Some(inner) = text.strip_prefix('[') else { return Ok((BTreeSet::new(), text)) };
    let Some((list, rest)) = inner.split_once(']') else {
        return refuse(text, "the list of extras is not closed with ]");
    };
    let mut extras = BTreeSet::new();
    for extra in list.split(',').map(str::trim).filter(|extra| !extra.is_empty()) {
        let (name, after) = split_name(extra)?;
        if !after.is_empty() {
            return refuse(extra, "extras are names with commas between them");
        }
        extras.insert(normalise(name));
        if extras.len() > MAX_EXTRAS {
            return refuse(text, &format!("it names more than {MAX_EXTRAS} extras"));
        }
    }
    Ok((extras, rest))
}

/// An address goes up to the first space; a marker after it needs the space before its `;`.
fn split_url(text: &str) -> Result<(Source, Option<&str>), RequirementError> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (address, rest) = text.split_at(end);
    if address.is_empty() {
        return refuse(text, "no address stands after @");
    }
    let rest = rest.trim_start();
    match rest.strip_prefix(';') {
        Some(marker) => Ok((Source::Url(address.to_owned()), Some(marker))),
        None if rest.is_empty() => Ok((Source::Url(address.to_owned()), None)),
        // The address may hold a password: the error does not repeat it.
        None => refuse(rest, "after an address stands a space, `;` and a marker, or nothing"),
    }
}

fn split_versions<'text>(
    text: &'text str,
    amendments: &mut Vec<&'static str>,
) -> Result<(Source, Option<&'text str>), RequirementError> {
    let (versions, marker) = match text.split_once(';') {
        Some((versions, marker)) => (versions.trim(), Some(marker)),
        None => (text.trim(), None),
    };
    let inner = match versions.strip_prefix('(') {
        Some(inner) => match inner.trim_end().strip_suffix(')') {
            Some(inner) => inner.trim(),
            None => return refuse(versions, "the bracket before the versions is not closed"),
        },
        None => versions,
    };
    if !inner.is_empty() && !inner.starts_with(['=', '!', '<', '>', '~']) {
        return refuse(
            inner,
            "after the name stand versions (with ==, >=, <, ~= …), `@` and an address, or `;` and a marker",
        );
    }
    let specifiers = Specifiers::parse(inner).or_else(|error| match amend(inner, amendments) {
        Some(amended) => Specifiers::parse(&amended).map_err(|_| error),
        None => Err(error),
    })?;
    if inner.ends_with(',') {
        amendments.push("a comma stands after the last version");
    }
    Ok((Source::Versions(specifiers), marker))
}

/// What old metadata write and everybody reads the same way; nothing where it is not one of these.
fn amend(text: &str, amendments: &mut Vec<&'static str>) -> Option<String> {
    let mut clauses = Vec::new();
    let mut amended = false;
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (sign, version) = part.split_at(part.find(|sign: char| !"=!<>~".contains(sign))?);
        let version = version.trim();
        if version.contains(|sign: char| "=!<>~".contains(sign)) {
            // `>=1.0 <2.0`, `>=1.0<2.0`: each sign begins a clause of its own.
            let next = sign.len() + part[sign.len()..].find(|sign: char| "=!<>~".contains(sign))?;
            clauses.push(part[..next].trim().to_owned());
            clauses.push(amend(&part[next..], amendments).unwrap_or_else(|| part[next..].to_owned()));
            note(amendments, "a comma is missing between two versions");
            amended = true;
            continue;
        }
        let Some(prefix) =
            version.strip_suffix(".*").filter(|_| matches!(sign, ">=" | "<" | "<=" | ">" | "~="))
        else {
            clauses.push(part.to_owned());
            continue;
        };
        note(amendments, "`.*` stands after a version that is compared by order");
        amended = true;
        // `<=0.29.*` lets all of 0.29 in, `>0.29.*` none of it.
        let after = || {
            let (head, last) = prefix.rsplit_once('.').map_or(("", prefix), |(head, last)| (head, last));
            let next = last.parse::<u64>().ok()?.checked_add(1)?;
            Some(if head.is_empty() { next.to_string() } else { format!("{head}.{next}") })
        };
        clauses.push(match sign {
            "<=" => format!("<{}", after()?),
            ">" => format!(">={}", after()?),
            "~=" => format!("=={prefix}.*"),
            _ => format!("{sign}{prefix}"),
        });
    }
    amended.then(|| clauses.join(","))
}

fn note(amendments: &mut Vec<&'static str>, what: &'static str) {
    if !amendments.contains(&what) {
        amendments.push(what);
    }
}

impl FromStr for Requirement {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<Self, RequirementError> {
        Self::parse(text)
    }
}

impl fmt::Display for Requirement {
    /// As PEP 508 writes it, normalised.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.package.name())?;
        if !self.extras.is_empty() {
            let extras: Vec<&str> = self.extras.iter().map(String::as_str).collect();
            write!(out, "[{}]", extras.join(","))?;
        }
        match &self.source {
            Source::Versions(specifiers) => write!(out, "{specifiers}")?,
            Source::Url(address) => write!(out, " @ {address}")?,
        }
        match (&self.marker, &self.source) {
            (Some(marker), Source::Url(_)) => write!(out, " ; {marker}"),
            (Some(marker), Source::Versions(_)) => write!(out, "; {marker}"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
