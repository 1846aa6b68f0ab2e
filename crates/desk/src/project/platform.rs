//! Platforms and how well a project supports them (PEP 11 has three tiers).

use serde::{Deserialize, Serialize};

/// How well a platform is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Tier 1: a failure blocks a release.
    One,
    /// Tier 2: a failure is mended soon.
    Two,
    /// Tier 3: somebody looks after it.
    Three,
    /// Nobody of the project looks after it: a port is a project of its own.
    Unsupported,
}

/// A platform that a project knows about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Platform {
    /// Its name: a target triple, or what people call it.
    pub name: String,
    /// How well it is supported.
    pub tier: Tier,
    /// How reports name it: in each text all words must occur, in any order and case.
    pub words: Vec<String>,
    /// Who may be told of reports about an unsupported platform (P16).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interested: Vec<String>,
}

/// What a project says about a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformVerdict<'p> {
    /// Supported.
    Supported(&'p Platform),
    /// Known and not supported: exclusively affected, it makes no vulnerability of the project (P15).
    Unsupported(&'p Platform),
    /// Not in the project's list: a person looks.
    Unknown,
}

/// The platform that a text names: of all that match, the one with the most words in common.
pub(super) fn judge<'p>(platforms: &'p [Platform], text: &str) -> PlatformVerdict<'p> {
    let text = text.to_lowercase();
    let given: Vec<&str> = text
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let score = |platform: &Platform| {
        let named = |words: &&String| {
            words.split_whitespace().all(|word| given.contains(&word.to_lowercase().as_str()))
        };
        platform.words.iter().filter(named).map(|words| words.split_whitespace().count()).max()
    };
    let best =
        platforms.iter().filter_map(|platform| Some((score(platform)?, platform))).reduce(|best, next| {
            // The first of equals wins: the order of the file is the order of support.
            if next.0 > best.0 { next } else { best }
        });
    match best {
        None => PlatformVerdict::Unknown,
        Some((_, platform)) if platform.tier == Tier::Unsupported => PlatformVerdict::Unsupported(platform),
        Some((_, platform)) => PlatformVerdict::Supported(platform),
    }
}
