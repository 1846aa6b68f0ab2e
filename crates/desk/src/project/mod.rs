//! A project's versions, platforms and experimental features: what it supports, and until when.
//!
//! The status of a version is a function of the date: each [`Line`] of releases says when it was in development, in
//! prerelease, open for bug fixes, open for security fixes only, and at its end. From that the desk decides whether a
//! CVE number may be asked for (P10, P11), whether a report is about prereleases only (P12), whether a feature is
//! experimental (P14) and whether a platform is supported (P15, P16). These facts change with every release, so they
//! live in files of their own (`policies/projects/`) and not in the policy that a case freezes.

mod eligibility;
mod library;
mod line;
mod platform;

use bastide_model::{package::Package, party::Slug};
use serde::{Deserialize, Serialize};

pub use eligibility::{Eligibility, VersionStatus};
pub use library::{BUILTIN_NAMES, builtin, builtin_text, check};
pub use line::{Line, LineStatus};
pub use platform::{Platform, PlatformVerdict, Tier};

/// What a project supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Project {
    /// The version of the file format; 1.
    pub schema: u32,
    /// The project's name, as in addresses and commands.
    pub name: Slug,
    /// The name that people read.
    pub title: String,
    /// The disclosure policy that holds for it.
    pub policy: Slug,
    /// Where the facts of the file come from.
    pub source: String,
    /// Source repositories, as addresses.
    #[serde(default)]
    pub repositories: Vec<String>,
    /// What it releases. Several for an ecosystem with one process, such as Jupyter (J03).
    #[serde(rename = "product")]
    pub products: Vec<Product>,
    /// Platforms that it knows about.
    #[serde(default, rename = "platform")]
    pub platforms: Vec<Platform>,
}

/// One piece of software with versions of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Product {
    /// Its name in a few letters.
    pub name: Slug,
    /// The name that people read.
    pub title: String,
    /// The packages it is released as, as purls without version.
    #[serde(default)]
    pub packages: Vec<Package>,
    /// Its lines of releases.
    #[serde(default, rename = "line")]
    pub lines: Vec<Line>,
    /// Features that are marked as experimental.
    #[serde(default)]
    pub experimental: Vec<ExperimentalFeature>,
}

/// A feature that is marked as experimental in some or all lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExperimentalFeature {
    /// The feature in a few words.
    pub name: String,
    /// Words that a report about it uses; each is looked for without regard to case.
    pub words: Vec<String>,
    /// The lines in which it is experimental; none named means in all.
    #[serde(default)]
    pub lines: Vec<String>,
}

impl Project {
    /// The product of this name or package name; without a name the only product, if there is just one.
    pub fn product(&self, name: Option<&str>) -> Option<&Product> {
        match name {
            None => match self.products.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            Some(name) => self.products.iter().find(|product| {
                product.name.as_str().eq_ignore_ascii_case(name)
                    || product.title.eq_ignore_ascii_case(name)
                    || product.packages.iter().any(|package| package.name().eq_ignore_ascii_case(name))
            }),
        }
    }

    /// What the project says about a platform that a report names in free text (P15).
    pub fn platform(&self, text: &str) -> PlatformVerdict<'_> {
        platform::judge(&self.platforms, text)
    }
}

impl Product {
    /// The line that a version belongs to: the one with the longest name that begins the version.
    pub fn line_of(&self, version: &str) -> Option<&Line> {
        self.lines.iter().filter(|line| line.holds(version)).max_by_key(|line| line.name.len())
    }

    /// The experimental features that a text is about, for reports in which these versions are vulnerable (P14).
    pub fn experimental_in(&self, text: &str, vulnerable: &[&str]) -> Vec<&ExperimentalFeature> {
        let text = text.to_lowercase();
        let covers = |feature: &ExperimentalFeature| {
            feature.lines.is_empty()
                || (!vulnerable.is_empty()
                    && vulnerable.iter().all(|version| {
                        self.line_of(version).is_some_and(|line| feature.lines.contains(&line.name))
                    }))
        };
        let mentioned = |feature: &ExperimentalFeature| {
            feature.words.iter().any(|word| contains_word(&text, &word.to_lowercase()))
        };
        self.experimental.iter().filter(|feature| covers(feature) && mentioned(feature)).collect()
    }
}

/// Whether `word` stands in `text` with nothing of a word before and after it.
fn contains_word(text: &str, word: &str) -> bool {
    let part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).any(|(at, found)| {
        !text[..at].chars().next_back().is_some_and(part)
            && !text[at + found.len()..].chars().next().is_some_and(part)
    })
}

#[cfg(test)]
mod tests;
