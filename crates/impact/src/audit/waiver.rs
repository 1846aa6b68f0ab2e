//! What somebody accepted, for a time.
//!
//! ```toml
//! [[waiver]]
//! advisory = "PYSEC-2021-66"   # any of its names; or rule = "AUD-CONDA"
//! package = "jinja2"           # without it: every package
//! reason = "templates come from us only"
//! by = "maintainer-a"
//! until = 2027-01-31           # the end of this day, UTC
//! ```
//!
//! A waiver that has ended waives nothing, and the finding says so.

use bastide_model::{
    package::{Ecosystem, Package},
    time::Instant,
};

pub use super::document::DocumentError;
use super::{Gap, Issue, Standing};
use crate::inputs::tree::{self, Node, Syntax};

/// The most waivers of one file.
const MAX_WAIVERS: usize = 10_000;
const REMEDY: &str =
    "write each as [[waiver]] with advisory (or rule), reason, by and until, and package where it is for one";

/// One waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// A name of the advisory that is accepted.
    pub advisory: Option<String>,
    /// The rule whose findings are accepted.
    pub rule: Option<String>,
    /// The package that it is for, normalised; every one without it.
    pub package: Option<String>,
    /// Why.
    pub reason: String,
    /// Who accepts it.
    pub by: String,
    /// Until when.
    pub until: Instant,
    /// The line at which it stands.
    pub line: u32,
}

/// The waivers of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waivers {
    document: String,
    all: Vec<Waiver>,
}

impl Waivers {
    /// Reads a file of waivers.
    pub fn read(document: &str, bytes: &[u8]) -> Result<Self, DocumentError> {
        let refuse = |line, reason: String| DocumentError {
            document: document.to_owned(),
            line,
            reason,
            remedy: REMEDY,
        };
        let tree = tree::parse(bytes, Syntax::Toml).map_err(|reason| refuse(None, reason))?;
        if let Some((key, node)) = tree.entries().iter().find(|(key, _)| key != "waiver") {
            return Err(refuse(
                Some(node.line),
                format!("`{}` is not known here", crate::inputs::shown(key)),
            ));
        }
        let entries = tree.items("waiver");
        if entries.len() > MAX_WAIVERS {
            return Err(refuse(None, format!("there are more than {MAX_WAIVERS} waivers")));
        }
        let all = entries
            .iter()
            .map(|node| waiver(node).map_err(|reason| refuse(Some(node.line), reason)))
            .collect::<Result<_, _>>()?;
        Ok(Self { document: document.to_owned(), all })
    }
}

fn waiver(node: &Node) -> Result<Waiver, String> {
    const KNOWN: [&str; 6] = ["advisory", "rule", "package", "reason", "by", "until"];
    if let Some((key, _)) = node.entries().iter().find(|(key, _)| !KNOWN.contains(&key.as_str())) {
        return Err(format!("`{}` is not known in a waiver", crate::inputs::shown(key)));
    }
    let text =
        |key: &str| node.text_of(key).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let need = |key: &str| text(key).ok_or_else(|| format!("`{key}` is missing"));
    let (advisory, rule) = (text("advisory"), text("rule"));
    if advisory.is_some() == rule.is_some() {
        return Err("it needs either `advisory` or `rule`".to_owned());
    }
    let until = need("until")?;
    let instant = if until.len() == 10 { format!("{until}T23:59:59Z") } else { until.clone() };
    let until = instant
        .parse()
        .map_err(|_| format!("`until` is no date: {}; write 2027-01-31", crate::inputs::shown(&until)))?;
    let package = text("package").map(|name| Package::new(Ecosystem::PyPi, &name).name().to_owned());
    Ok(Waiver { advisory, rule, package, reason: need("reason")?, by: need("by")?, until, line: node.line })
}

/// Waivers, and which of them matched something.
pub(super) struct Used<'a> {
    waivers: &'a Waivers,
    used: Vec<bool>,
}

impl<'a> Used<'a> {
    pub(super) fn of(waivers: &'a Waivers) -> Self {
        Self { waivers, used: vec![false; waivers.all.len()] }
    }

    /// Waives an issue, or says that the waiver has ended.
    pub(super) fn judge(&mut self, issue: &mut Issue, package: &Package, now: Instant) {
        for (number, waiver) in self.waivers.all.iter().enumerate() {
            let named = waiver
                .advisory
                .as_deref()
                .is_some_and(|id| issue.names().any(|name| name.eq_ignore_ascii_case(id)))
                || waiver.rule.as_deref() == Some(super::rules::KNOWN);
            if !named || !is_for(waiver, package.name()) {
                continue;
            }
            self.used[number] = true;
            if waiver.until >= now {
                issue.standing = standing(waiver);
                issue.ended = None;
                return;
            }
            issue.ended = Some(format!("the waiver of {} ended on {}", waiver.by, waiver.until.date()));
        }
    }

    /// Waives what of a gap was accepted.
    pub(super) fn judge_gap(&mut self, gap: &mut Gap, now: Instant) {
        let rule = super::rules::of_gap(gap.kind);
        for (number, waiver) in
            self.waivers.all.iter().enumerate().filter(|(_, one)| one.rule.as_deref() == Some(rule))
        {
            for item in
                gap.items.iter_mut().filter(|item| item.waived.is_none() && is_for(waiver, &item.what))
            {
                self.used[number] = true;
                if waiver.until >= now {
                    item.waived = Some(standing(waiver));
                }
            }
        }
    }

    /// Where the waivers stand that matched nothing.
    pub(super) fn unused(&self) -> Vec<String> {
        let unused = self.waivers.all.iter().zip(&self.used).filter(|(_, used)| !**used);
        unused.map(|(waiver, _)| format!("{}:{}", self.waivers.document, waiver.line)).collect()
    }
}

fn is_for(waiver: &Waiver, package: &str) -> bool {
    let normalised = || Package::new(Ecosystem::PyPi, package).name().to_owned();
    waiver.package.as_deref().is_none_or(|wanted| wanted == package || wanted == normalised())
}

fn standing(waiver: &Waiver) -> Standing {
    Standing::Waived { reason: waiver.reason.clone(), by: waiver.by.clone(), until: waiver.until }
}
