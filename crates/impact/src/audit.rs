//! What advisories say of what an environment holds, and what to do about it.
//!
//! A newcomer starts at [`audit`]: inventories and advisories in, an [`Audit`] out. [`findings`] turns it into the one finding
//! model, [`cyclonedx`] into a `CycloneDX` document with the state of each vulnerability, [`fix`] into changes of the
//! documents that pin versions.
//!
//! The same package in the same version in one directory is one [`Held`], wherever it stands there; advisories that are one
//! vulnerability under several names are one [`Issue`]. The version to upgrade to is asked of the advisories themselves: the
//! first of which they say nothing.
//!
//! Invariant: what has no version, no name that advisories use, or could not be read, is a [`Gap`], and a gap is never clean.

mod command;
pub mod cyclonedx;
mod document;
pub mod findings;
pub mod fix;
mod held;
mod rules;
mod upgrade;
pub mod vex;
pub mod waiver;

pub use command::Command;
pub use findings::findings;
pub use rules::RULES;
pub use upgrade::{Admits, Upgrade};

use std::collections::HashSet;

use bastide_model::{
    finding::{Level, Place},
    package::Package,
    severity::Rating,
    time::Instant,
    version::{Verdict, Version},
};

use self::{vex::Vex, waiver::Waivers};
use crate::{
    inputs::Kind,
    inventory::{Component, Inventory, NoVersion, Scope},
    matching::Advisories,
};

/// What the caller decides.
#[derive(Debug, Clone)]
pub struct Options {
    /// Issues whose score is below this level are left out and counted; those without a score never are.
    pub least: Level,
    /// What was accepted, by whom and until when.
    pub waivers: Waivers,
    /// What others found out about whether a vulnerability matters here.
    pub vex: Vec<Vex>,
    /// The moment at which waivers are judged.
    pub now: Instant,
    /// The ecosystems, by their OSV names, of which there are advisories at all; packages of others are gaps. Nothing: all.
    pub kept: Option<Vec<String>>,
}

impl Options {
    /// Whether there can be advisories on a package.
    fn keeps(&self, package: &Package) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.iter().any(|name| name == package.ecosystem().osv_name()))
    }

    /// Everything is told, nothing is waived.
    pub fn new(now: Instant) -> Self {
        Self { least: Level::Info, waivers: Waivers::default(), vex: Vec::new(), now, kept: None }
    }
}

/// What an audit came to.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    /// Packages that advisories speak of, in the order of their documents.
    pub held: Vec<Held>,
    /// What could not be checked, by document.
    pub gaps: Vec<Gap>,
    /// How many packages with versions were looked up.
    pub checked: usize,
    /// How many issues were left out because they are below the least level.
    pub below: usize,
    /// Waivers that matched nothing.
    pub unused_waivers: Vec<String>,
}

/// A package in a version that advisories speak of, in one directory.
#[derive(Debug, Clone)]
pub struct Held {
    /// The package as the environment names it.
    pub package: Package,
    /// The package as advisories name it.
    pub advised_as: Package,
    /// The version.
    pub version: Version,
    /// Where it stands.
    pub holders: Vec<Holder>,
    /// What is known of it, the worst first.
    pub issues: Vec<Issue>,
    /// What to do.
    pub upgrade: Upgrade,
}

impl Held {
    /// `jinja2 3.0.0`.
    pub fn label(&self) -> String {
        format!("{} {}", self.package.name(), self.version)
    }
}

/// A place at which a package is held.
#[derive(Debug, Clone, PartialEq)]
pub struct Holder {
    /// The document's name.
    pub document: String,
    /// Its kind.
    pub kind: Kind,
    /// Where the package stands.
    pub place: Place,
    /// Who brings it in.
    pub path: Vec<String>,
    /// What for.
    pub scope: Scope,
}

/// One vulnerability of a held package.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Its id, the one of the ecosystem's own database first.
    pub id: String,
    /// Its other names, without those that only other records of the group give in other spellings.
    pub aliases: Vec<String>,
    /// One line about it; may be empty.
    pub summary: String,
    /// The highest score of its records, 0.0 to 10.0.
    pub score: Option<f32>,
    /// Whether the version is affected: yes, or unknown.
    pub verdict: Verdict,
    /// The versions above the held one that fix it, ascending.
    pub fixed: Vec<Version>,
    /// Whether it stands.
    pub standing: Standing,
    /// A waiver for it that has ended: who said until when.
    pub ended: Option<String>,
}

impl Issue {
    /// Every name of it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// How much it matters: by its score; malicious packages are critical; medium where nobody gave a score.
    pub fn level(&self) -> Level {
        if self.names().any(|name| name.starts_with("MAL-")) {
            return Level::Critical;
        }
        self.score.map_or(Level::Medium, |score| Rating::of_tenths(tenths(score)).into())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the score is held between 0 and 10"
)]
fn tenths(score: f32) -> u8 {
    (score.clamp(0.0, 10.0) * 10.0).round() as u8
}

/// Whether an issue stands against a package.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It stands.
    Stands,
    /// Somebody accepted it until an instant.
    Waived {
        /// Why.
        reason: String,
        /// Who.
        by: String,
        /// Until when.
        until: Instant,
    },
    /// A VEX statement says that it does not apply here.
    Cleared {
        /// `not_affected` or `fixed`.
        status: vex::Status,
        /// Who says so.
        by: String,
        /// Why.
        reason: String,
    },
}

/// What of a document could not be checked, of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// The document's name.
    pub document: String,
    /// The document's kind.
    pub input: Kind,
    /// What, with its place and words about it.
    pub items: Vec<GapItem>,
}

/// A package or an entry that could not be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct GapItem {
    /// The package's name, or what stands there.
    pub what: String,
    /// Words about it.
    pub why: String,
    /// Where.
    pub place: Place,
    /// Who accepted that.
    pub waived: Option<Standing>,
}

/// Why something could not be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// It could not be read.
    Unread,
    /// The document does not say which version is installed.
    NoVersion,
    /// Nobody said which PyPI package a conda package is made from.
    Conda,
    /// No advisories are kept for its ecosystem.
    Ecosystem,
}

/// Compares what environments hold with what advisories say.
///
/// # Errors
///
/// When the advisories cannot be read.
pub fn audit<A: Advisories>(
    inventories: &[Inventory],
    advisories: &A,
    options: &Options,
) -> Result<Audit, A::Error> {
    let mut audit = Audit::default();
    let mut waivers = waiver::Used::of(&options.waivers);
    for group in held::grouped(inventories).into_iter().filter(|group| options.keeps(&group.advised_as)) {
        audit.checked += 1;
        let found = advisories.matches(&group.advised_as, &group.version)?;
        if found.is_empty() {
            continue;
        }
        let mut issues = held::issues(found, &group.version);
        // The version to upgrade to mends what is left out too.
        let upgrade = upgrade::find(&group, &issues, inventories, advisories)?;
        let before = issues.len();
        issues.retain(|issue| issue.score.is_none() || issue.level() >= options.least);
        audit.below += before - issues.len();
        if issues.is_empty() {
            continue;
        }
        for issue in &mut issues {
            waivers.judge(issue, &group.package, options.now);
            vex::judge(issue, &group, inventories, &options.vex);
        }
        audit.held.push(Held {
            package: group.package,
            advised_as: group.advised_as,
            version: group.version,
            holders: group.holders,
            issues,
            upgrade,
        });
    }
    let mut told = HashSet::new();
    for inventory in inventories {
        for mut gap in gaps(inventory, inventories, options) {
            // What several documents include is told once.
            gap.items
                .retain(|item| told.insert((item.place.file.clone(), item.place.line, item.what.clone())));
            audit.gaps.extend((!gap.items.is_empty()).then_some(gap));
        }
    }
    for gap in &mut audit.gaps {
        waivers.judge_gap(gap, options.now);
    }
    audit.unused_waivers = waivers.unused();
    Ok(audit)
}

/// What of a document cannot be checked.
fn gaps(inventory: &Inventory, all: &[Inventory], options: &Options) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut add = |kind, items: Vec<GapItem>| {
        if !items.is_empty() {
            gaps.push(Gap { kind, document: inventory.document.clone(), input: inventory.kind, items });
        }
    };
    let unread = inventory.unread.iter().map(|unread| GapItem {
        what: unread.what.clone(),
        why: unread.reason.clone(),
        place: unread.place.clone(),
        waived: None,
    });
    add(GapKind::Unread, unread.collect());
    let item = |component: &Component, why: String| GapItem {
        what: component.package.name().to_owned(),
        why,
        place: component.place.clone(),
        waived: None,
    };
    let mut without_version = Vec::new();
    let mut without_name = Vec::new();
    let mut of_others = Vec::new();
    for component in &inventory.components {
        match (&component.version, component.advised_as()) {
            (Ok(_), Some(package)) if options.keeps(package) => {}
            (Ok(version), None) if component.is_conda() => {
                without_name.push(item(component, version.to_string()));
            }
            (Ok(version), _) => {
                let kind = component.package.ecosystem().purl_type();
                of_others.push(item(component, format!("{version} ({kind})")));
            }
            (Err(_), None) if component.is_conda() => without_name.push(item(component, String::new())),
            (Err(why), _) if !told_elsewhere(component, why, inventory, all) => {
                without_version.push(item(component, why.to_string()));
            }
            (Err(_), _) => {}
        }
    }
    add(GapKind::NoVersion, without_version);
    add(GapKind::Conda, without_name);
    add(GapKind::Ecosystem, of_others);
    gaps
}

/// Whether a wish needs no version of its own: another document beside it says which version fulfils it, or it is a build
/// requirement, which is installed apart and thrown away.
fn told_elsewhere(component: &Component, why: &NoVersion, here: &Inventory, all: &[Inventory]) -> bool {
    if !matches!(why, NoVersion::Range(_)) {
        return false;
    }
    if component.scope == Scope::Build {
        return true;
    }
    let directory = held::directory(&here.document);
    all.iter().filter(|other| held::directory(&other.document) == directory).any(|other| {
        other.components.iter().any(|one| one.version.is_ok() && one.advised_as() == component.advised_as())
    })
}
