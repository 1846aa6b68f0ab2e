//! The form of a draft advisory: fields for what people write by hand, and back to the record.
//!
//! What the form has no field for (commits, timelines, a database's own fields) is kept as it was:
//! `DraftForm::of(&record).apply(&record)` is the record itself. A part that is not simple enough for a row, such as
//! an affected package with several ranges, is kept and counted in [`DraftForm::kept`].

mod rows;

use bastide_advisory::{
    Advisory, Carried,
    record::{
        Affected, AffectedPackage, Assessment, Consent, Credit, CreditType, Event, EventKind, Range,
        Reference, ReferenceType,
    },
};
use bastide_model::severity::Severity;
use bastide_pages::part::{Control, Field, FindingNote};
use serde_json::Map;

use super::finding;
use rows::simple;
pub(super) use rows::{AffectedRow, CreditRow, ReferenceRow};

/// At most this many rows of one kind are read.
const MOST_ROWS: usize = 64;

/// The texts of the form, as written.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct DraftForm {
    /// The headline.
    pub(super) title: String,
    /// The impact in one sentence.
    pub(super) summary: String,
    /// The whole story.
    pub(super) details: String,
    /// What to do until the fix is installed.
    pub(super) workaround: String,
    /// One CVSS vector per line.
    pub(super) vectors: String,
    /// CWE ids, with spaces or commas between.
    pub(super) weaknesses: String,
    /// CVE and other ids, with spaces or commas between.
    pub(super) aliases: String,
    /// Affected versions.
    pub(super) affected: Vec<AffectedRow>,
    /// Further reading.
    pub(super) references: Vec<ReferenceRow>,
    /// People to thank.
    pub(super) credits: Vec<CreditRow>,
    /// How many affected entries the form cannot show and keeps.
    pub(super) kept: usize,
}

impl std::fmt::Debug for DraftForm {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("DraftForm(***)")
    }
}

impl DraftForm {
    /// The form that shows a record.
    pub(super) fn of(record: &Advisory) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let affected: Vec<AffectedRow> = record.affected.iter().filter_map(simple).flatten().collect();
        let kept = record.affected.iter().filter(|affected| simple(affected).is_none()).count();
        Self {
            title: text(&record.title),
            summary: text(&record.summary),
            details: text(&record.details),
            workaround: text(&record.workaround),
            vectors: record.cvss().map(Severity::vector).collect::<Vec<_>>().join("\n"),
            weaknesses: record.cwe_ids.join(" "),
            aliases: record.aliases.join(" "),
            affected,
            references: record
                .references
                .iter()
                .map(|reference| ReferenceRow {
                    kind: reference.kind.osv_name().to_owned(),
                    url: reference.url.clone(),
                })
                .collect(),
            credits: record
                .credits
                .iter()
                .map(|credit| CreditRow {
                    name: credit.name.clone(),
                    kind: credit.kind.map(CreditType::osv_name).unwrap_or_default().to_owned(),
                    consent: credit.consent == Consent::Given,
                    link: page_of(&credit.contact).unwrap_or_default().to_owned(),
                })
                .collect(),
            kept,
        }
    }

    /// Reads the pairs of a submitted form. Unknown names are ignored.
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            let value = value.replace("\r\n", "\n");
            match name.as_str() {
                "title" => form.title = value,
                "summary" => form.summary = value,
                "details" => form.details = value,
                "workaround" => form.workaround = value,
                "vectors" => form.vectors = value,
                "weaknesses" => form.weaknesses = value,
                "aliases" => form.aliases = value,
                name => form.read_row(name, value),
            }
        }
        form.affected.retain(|row| !row.package.trim().is_empty() || !row.fixed.trim().is_empty());
        form.references.retain(|row| !row.url.trim().is_empty());
        form.credits.retain(|row| !row.name.trim().is_empty());
        form
    }

    fn read_row(&mut self, name: &str, value: String) {
        let mut parts = name.splitn(3, '.');
        let (Some(list), Some(row), Some(part)) = (parts.next(), parts.next(), parts.next()) else { return };
        let Some(row) = row.parse().ok().filter(|row| *row < MOST_ROWS) else { return };
        match list {
            "affected" => {
                let affected = grown(&mut self.affected, row);
                match part {
                    "ecosystem" => affected.ecosystem = value,
                    "package" => affected.package = value,
                    "introduced" => affected.introduced = value,
                    "fixed" => affected.fixed = value,
                    _ => {}
                }
            }
            "references" => {
                let reference = grown(&mut self.references, row);
                match part {
                    "kind" => reference.kind = value,
                    "url" => reference.url = value,
                    _ => {}
                }
            }
            "credits" => {
                let credit = grown(&mut self.credits, row);
                match part {
                    "name" => credit.name = value,
                    "kind" => credit.kind = value,
                    "consent" => credit.consent = value == "yes",
                    "link" => value.trim().clone_into(&mut credit.link),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The record that the form means, with everything of `base` that the form does not show; or what is wrong, at
    /// its field.
    pub(super) fn apply(&self, base: &Advisory) -> Result<Advisory, Vec<FindingNote>> {
        let mut wrong = Vec::new();
        let mut record = base.clone();
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        record.title = given(&self.title);
        record.summary = given(&self.summary);
        record.details = given(&self.details);
        record.workaround = given(&self.workaround);
        record.cwe_ids = listed(&self.weaknesses);
        record.aliases = listed(&self.aliases);
        record.severities = self.severities(base, &mut wrong);
        record.affected = self.packages(base);
        record.references = self.reading(base, &mut wrong);
        record.credits = self.thanks(base, &mut wrong);
        if wrong.is_empty() { Ok(record) } else { Err(wrong) }
    }

    fn severities(&self, base: &Advisory, wrong: &mut Vec<FindingNote>) -> Vec<Assessment> {
        let mut vectors = Vec::new();
        for line in self.vectors.split_whitespace() {
            match line.parse() {
                Ok(vector) => vectors.push(Assessment::Cvss { vector }),
                Err(error) => wrong.push(finding::at_field(
                    "CVSS",
                    "vectors",
                    &format!("{error}"),
                    "Copy the vector from a CVSS calculator: CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:N.",
                )),
            }
        }
        // Scales that the form does not show keep their places; vectors fill the others, in order.
        let mut vectors = vectors.into_iter();
        let mut merged = Vec::new();
        for old in &base.severities {
            match old {
                Assessment::Cvss { .. } => merged.extend(vectors.next()),
                Assessment::Other { .. } => merged.push(old.clone()),
            }
        }
        merged.extend(vectors);
        merged
    }

    /// Rows of one package that stand together are one entry; entries that the form cannot show keep their places.
    fn packages(&self, base: &Advisory) -> Vec<Affected> {
        let mut entries: Vec<Affected> = Vec::new();
        for row in &self.affected {
            let package = AffectedPackage::new(row.ecosystem.trim(), row.package.trim());
            let introduced = if row.introduced.trim().is_empty() { "0" } else { row.introduced.trim() };
            let mut events = vec![Event::new(EventKind::Introduced, introduced)];
            if !row.fixed.trim().is_empty() {
                events.push(Event::new(EventKind::Fixed, row.fixed.trim()));
            }
            match entries.last_mut().filter(|last| last.package.as_ref() == Some(&package)) {
                Some(last) => last.ranges[0].events.extend(events),
                None => entries.push(Affected {
                    package: Some(package),
                    ranges: vec![Range::ecosystem(events)],
                    ..Affected::default()
                }),
            }
        }
        let mut entries = entries.into_iter();
        let mut merged = Vec::new();
        for old in &base.affected {
            if simple(old).is_some() {
                merged.extend(entries.next());
            } else {
                merged.push(old.clone());
            }
        }
        merged.extend(entries);
        merged
    }

    fn reading(&self, base: &Advisory, wrong: &mut Vec<FindingNote>) -> Vec<Reference> {
        let mut references = Vec::new();
        for (row, written) in self.references.iter().enumerate() {
            let Some(kind) = ReferenceType::of_name(&written.kind) else {
                wrong.push(finding::at_field(
                    "OSV",
                    &format!("references.{row}.kind"),
                    "This kind of reference is unknown.",
                    "Choose one of the list.",
                ));
                continue;
            };
            let url = written.url.trim();
            let kept = base.references.iter().find(|known| known.kind == kind && known.url == url);
            references.push(kept.cloned().unwrap_or_else(|| Reference {
                kind,
                url: url.to_owned(),
                unknown: Map::new(),
            }));
        }
        references
    }

    fn thanks(&self, base: &Advisory, wrong: &mut Vec<FindingNote>) -> Vec<Credit> {
        let mut credits = Vec::new();
        for (row, written) in self.credits.iter().enumerate() {
            if !written.consent {
                wrong.push(finding::at_field(
                    "J07",
                    &format!("credits.{row}.consent"),
                    "Nobody is named without their consent.",
                    "Ask them, then tick the box; or empty the name.",
                ));
                continue;
            }
            let kind = CreditType::of_name(&written.kind);
            let kept = base.credits.iter().find(|known| known.name == written.name && known.kind == kind);
            if !written.link.is_empty() && page_of(std::slice::from_ref(&written.link)).is_none() {
                wrong.push(finding::at_field(
                    "J07",
                    &format!("credits.{row}.link"),
                    "This is no web address.",
                    "Write it whole, as https://example.org/me, or leave it empty.",
                ));
                continue;
            }
            let mut credit = kept.cloned().unwrap_or_else(|| Credit {
                name: written.name.clone(),
                kind,
                contact: Vec::new(),
                consent: Consent::Given,
                unknown: Map::new(),
            });
            credit.consent = Consent::Given;
            if page_of(&credit.contact).is_some() {
                credit.contact.remove(0);
            }
            if !written.link.is_empty() {
                credit.contact.insert(0, written.link.clone());
            }
            credits.push(credit);
        }
        credits
    }

    /// The fields of the form, with a row to spare in each list and with findings at their fields.
    pub(super) fn fields(&self, findings: &[FindingNote]) -> Vec<Field> {
        let text = |name: &str, label: &str, value: &str, rows: u16, help: &str| {
            Field::new(name, label, Control::Area { value: value.into(), rows, code: false }).because(help)
        };
        let mut fields = vec![
            Field::line("title", "Title", self.title.as_str())
                .because("What it is, in one line: the weakness and the software, without a version."),
            text(
                "summary",
                "Impact in one sentence",
                &self.summary,
                2,
                "Plain text: what an attacker can do to whom.",
            ),
            text(
                "details",
                "The whole story",
                &self.details,
                10,
                "Markdown. What happens, under which conditions, who is affected.",
            ),
            text(
                "workaround",
                "What to do until the fix is installed",
                &self.workaround,
                4,
                "Markdown. Leave it empty if there is nothing to do but update.",
            ),
            Field::line("aliases", "CVE and other numbers", self.aliases.as_str())
                .because("With spaces between: CVE-2026-12345 GHSA-xxxx-xxxx-xxxx."),
            text(
                "vectors",
                "Severity as CVSS vector",
                &self.vectors,
                2,
                "One vector per line, version 3.1 or 4.0, for example CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:N.",
            ),
            Field::line("weaknesses", "Kinds of weakness", self.weaknesses.as_str())
                .because("CWE ids with spaces between, for example CWE-79."),
        ];
        for row in 0..=self.affected.len() {
            fields.extend(self.affected.get(row).cloned().unwrap_or_default().fields(row));
        }
        if self.kept > 0 {
            let help = format!(
                "{} more entries are too detailed for this form and are kept as they are.",
                self.kept
            );
            if let Some(last) = fields.last_mut() {
                last.help = help.into();
            }
        }
        for row in 0..=self.references.len() {
            fields.extend(self.references.get(row).cloned().unwrap_or_default().fields(row));
        }
        for row in 0..=self.credits.len() {
            fields.extend(self.credits.get(row).cloned().unwrap_or_default().fields(row));
        }
        place(&mut fields, findings);
        fields
    }
}

/// Findings at the field that they name: `affected[0].ranges[0]` at the first field of the first row. What fits no
/// field stays with the checks above the form.
fn place(fields: &mut [Field], findings: &[FindingNote]) {
    for found in findings {
        let Some(name) = found.field.as_ref().map(bastide_pages::Text::as_str) else { continue };
        let name = match name {
            "severities" | "severity" => "vectors".to_owned(),
            "cwe_ids" => "weaknesses".to_owned(),
            other => other.replace('[', ".").replace(']', ""),
        };
        let fits = |field: &&mut Field| {
            let own = field.name.as_str();
            own == name || own.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        let row_of = |field: &&mut Field| {
            let row: Vec<&str> = name.splitn(3, '.').take(2).collect();
            row.len() == 2 && field.name.as_str().starts_with(&format!("{}.", row.join(".")))
        };
        let exact = fields.iter_mut().find(fits);
        if let Some(field) = exact {
            field.findings.push(found.clone());
        } else if let Some(field) = fields.iter_mut().find(row_of) {
            field.findings.push(found.clone());
        }
    }
}

/// The page that a name leads to: the first of its contacts, where that is a web address.
fn page_of(contact: &[String]) -> Option<&str> {
    let is_page = |address: &&String| address.starts_with("https://") || address.starts_with("http://");
    contact.first().filter(is_page).map(String::as_str)
}

fn listed(text: &str) -> Vec<String> {
    text.split(|symbol: char| symbol.is_whitespace() || symbol == ',')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn grown<T: Default>(rows: &mut Vec<T>, row: usize) -> &mut T {
    if rows.len() <= row {
        rows.resize_with(row + 1, T::default);
    }
    &mut rows[row]
}

/// What a format cannot carry, in a phrase; empty when it carries the whole record.
pub(super) fn left_out(fields: &[bastide_advisory::Field], record: &Advisory) -> String {
    let value = serde_json::to_value(record).unwrap_or_default();
    let missing: Vec<&str> = fields
        .iter()
        .filter(|field| matches!(field.carried, Carried::No(_)) && value.get(field.name).is_some())
        .map(|field| field.name)
        .collect();
    if missing.is_empty() {
        String::new()
    } else {
        format!("Has no place for: {}.", missing.join(", ").replace('_', " "))
    }
}

#[cfg(test)]
mod tests;
