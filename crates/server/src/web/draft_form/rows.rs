//! The rows of the form: affected versions, links, people to thank.

use bastide_advisory::record::{
    Affected, AffectedPackage, CreditType, EventKind, Range, RangeKind, ReferenceType,
};
use bastide_pages::part::{Choice, Control, Field};

/// Ecosystems that the form offers, by OSV's names.
const ECOSYSTEMS: [&str; 8] =
    ["PyPI", "npm", "crates.io", "Go", "Maven", "RubyGems", "NuGet", "GitHub Actions"];

/// Affected versions of one package: from `introduced` on, before `fixed`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::web) struct AffectedRow {
    /// By OSV's name.
    pub(in crate::web) ecosystem: String,
    /// As people type it.
    pub(in crate::web) package: String,
    /// The first affected version; `0` for all.
    pub(in crate::web) introduced: String,
    /// The first version with the fix; empty while there is none.
    pub(in crate::web) fixed: String,
}

/// An address and what is to be read there.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::web) struct ReferenceRow {
    /// By OSV's name.
    pub(in crate::web) kind: String,
    /// The address.
    pub(in crate::web) url: String,
}

/// Somebody to thank.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::web) struct CreditRow {
    /// The name they want to be thanked by.
    pub(in crate::web) name: String,
    /// What they did, by OSV's name; may be empty.
    pub(in crate::web) kind: String,
    /// Whether they agreed to be named (J07).
    pub(in crate::web) consent: bool,
    /// A page that the name leads to; may be empty.
    pub(in crate::web) link: String,
}

impl AffectedRow {
    pub(super) fn fields(&self, row: usize) -> Vec<Field> {
        let number = row + 1;
        let current = if self.ecosystem.is_empty() { "PyPI" } else { &self.ecosystem };
        let mut choices: Vec<Choice> =
            ECOSYSTEMS.into_iter().map(|name| Choice::new(name, name, current)).collect();
        if !ECOSYSTEMS.contains(&current) {
            choices.push(Choice::new(current, current, current));
        }
        let line = |part: &str, label: String, value: &str| {
            Field::line(format!("affected.{row}.{part}"), label, value)
        };
        vec![
            Field::new(
                format!("affected.{row}.ecosystem"),
                format!("Affected {number}: ecosystem"),
                Control::Select(choices),
            ),
            line("package", format!("Affected {number}: package"), &self.package)
                .because("Its name as people install it. Leave the row empty if you do not need it."),
            line("introduced", format!("Affected {number}: from version"), &self.introduced)
                .because("The first affected version; empty for all before the fix."),
            line("fixed", format!("Affected {number}: fixed in version"), &self.fixed)
                .because("The first version with the fix; empty while there is none."),
        ]
    }
}

impl ReferenceRow {
    pub(super) fn fields(&self, row: usize) -> Vec<Field> {
        let number = row + 1;
        let current = if self.kind.is_empty() { "WEB" } else { &self.kind };
        let choices =
            ReferenceType::ALL.iter().map(|(_, osv, plain)| Choice::new(osv, plain, current)).collect();
        vec![
            Field::new(
                format!("references.{row}.kind"),
                format!("Link {number}: to what"),
                Control::Select(choices),
            ),
            Field::line(
                format!("references.{row}.url"),
                format!("Link {number}: address"),
                self.url.as_str(),
            ),
        ]
    }
}

impl CreditRow {
    pub(super) fn fields(&self, row: usize) -> Vec<Field> {
        let number = row + 1;
        let mut choices = vec![Choice::new("", "Not said", &self.kind)];
        choices.extend(CreditType::ALL.iter().map(|(_, osv, plain)| Choice::new(osv, plain, &self.kind)));
        vec![
            Field::line(format!("credits.{row}.name"), format!("Thanks {number}: name"), self.name.as_str()),
            Field::new(
                format!("credits.{row}.kind"),
                format!("Thanks {number}: for what"),
                Control::Select(choices),
            ),
            Field::new(
                format!("credits.{row}.consent"),
                format!("Thanks {number}: they agreed to be named"),
                Control::Check { ticked: self.consent },
            ),
            Field::line(format!("credits.{row}.link"), format!("Thanks {number}: link"), self.link.as_str())
                .because("A page that the name leads to, if they wish; otherwise empty."),
        ]
    }
}

/// The rows of an affected entry that says nothing but ecosystem, package and pairs of versions.
pub(super) fn simple(affected: &Affected) -> Option<Vec<AffectedRow>> {
    let package = affected.package.as_ref()?;
    let [range] = affected.ranges.as_slice() else { return None };
    let plain = Affected {
        package: affected.package.clone(),
        ranges: affected.ranges.clone(),
        ..Affected::default()
    };
    let plain_range = Range::ecosystem(range.events.clone());
    let bare = AffectedPackage::new(package.ecosystem.trim(), package.name.trim());
    let is_bare = *affected == plain && *range == plain_range && *package == bare && !package.name.is_empty();
    if !is_bare || range.kind != RangeKind::Ecosystem || range.events.is_empty() {
        return None;
    }
    let mut rows: Vec<AffectedRow> = Vec::new();
    for event in &range.events {
        let readable =
            event.unknown.is_empty() && !event.version.is_empty() && event.version.trim() == event.version;
        match (event.kind, rows.last_mut()) {
            (EventKind::Introduced, last)
                if readable && last.as_ref().is_none_or(|row| !row.fixed.is_empty()) =>
            {
                rows.push(AffectedRow {
                    ecosystem: package.ecosystem.clone(),
                    package: package.name.clone(),
                    introduced: event.version.clone(),
                    fixed: String::new(),
                });
            }
            (EventKind::Fixed, Some(row)) if readable && row.fixed.is_empty() => {
                row.fixed.clone_from(&event.version);
            }
            _ => return None,
        }
    }
    Some(rows)
}
