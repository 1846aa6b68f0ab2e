//! The report form: the questions of the policies in plain words, with why each is asked.
//!
//! The names of the fields are this crate's ([`field`]); [`ReportValues::from_pairs`] reads a submitted form back, so
//! that a form shown again keeps every answer.

use askama::Template;

use crate::{
    Href, Shell, Text,
    desk::report_questions::Section,
    part::{
        Attachment, Choice, ClauseRow, Disposition, Field, FindingNote, FormTokens, MailRoute, PolicySummary,
        TestedVersion, Verdict,
    },
};

/// The names under which the form sends its fields. They are the names of the desk's report draft, so that a finding
/// about `answers.cites` or `attachments[0]` finds its question without a table in between.
pub mod field {
    /// One line that says what it is about.
    pub const TITLE: &str = "title";
    /// A few sentences (P17).
    pub const BODY: &str = "body";
    /// Which package or program, where a project has several.
    pub const PRODUCT: &str = "product";
    /// How it was held against the threat model (P02).
    pub const THREAT_MODEL: &str = "answers.threat-model";
    /// The clause that the reporter thinks it falls under (P03).
    pub const CITES: &str = "answers.cites";
    /// Where code or deployments like this exist (P04).
    pub const REAL_WORLD: &str = "answers.real-world";
    /// Whether anybody would run that: `yes` or `no` (P04).
    pub const REALISTIC: &str = "answers.realistic";
    /// Whether the attacker must control how the program is started: `yes` or `no` (P06).
    pub const LAUNCH_CONDITIONS: &str = "answers.launch-conditions";
    /// Whether it is about availability: `yes` or `no` (P07).
    pub const AVAILABILITY: &str = "answers.availability";
    /// How large the input is (P07).
    pub const INPUT_SIZE: &str = "answers.input-size";
    /// For which use (P07).
    pub const USE_CASE: &str = "answers.use-case";
    /// Whether that size is usual for that use: `yes` or `no` (P07).
    pub const REASONABLE_INPUT: &str = "answers.reasonable-input";
    /// What the attacker gains: `upward` or `lateral` (P08).
    pub const POSTURE: &str = "answers.posture";
    /// The dependency whose flaw it is (P09).
    pub const DEPENDENCY: &str = "answers.dependency";
    /// Whether the main branch has it fixed: `yes`, `no` or `unchecked` (P13).
    pub const FIXED_ON_MAIN: &str = "answers.fixed-on-main";
    /// Whether the feature is marked experimental: `yes` or `no` (P14).
    pub const EXPERIMENTAL: &str = "answers.experimental";
    /// Whether it happens on some platforms only: `yes` or `no` (P15).
    pub const PLATFORM_DEPENDENT: &str = "answers.platform-dependent";
    /// The platform it was tested on (P15).
    pub const PLATFORM: &str = "platform";
    /// Whether a language model helped to find it: `yes` when ticked (P19).
    pub const FOUND_WITH_LLM: &str = "found-with-llm";
    /// Whether it is one of several reports: `yes` when ticked (P19).
    pub const BATCH: &str = "batch";
    /// Whether every fact was checked: `yes` when ticked (P19).
    pub const VERIFIED: &str = "answers.verified";
    /// Rows of versions: `tested-versions.0.version`, `tested-versions.0.vulnerable` (P22).
    pub const TESTED_VERSIONS: &str = "tested-versions";
    /// How an attack goes, step by step (S07).
    pub const ATTACK_VECTOR: &str = "answers.attack-vector";
    /// Whether the attacker can already run functions of their choice: `yes` or `no` (S07).
    pub const FREELY_EXECUTES: &str = "answers.freely-executes";
    /// Whether it starts from code in a Python that was restricted on purpose: `yes` or `no`.
    pub const ESCAPES_SANDBOX: &str = "answers.escapes-sandbox";
    /// A script that exits with 1 if vulnerable and with 0 if not (P18).
    pub const PROOF_OF_CONCEPT: &str = "proof-of-concept";
    /// A minimal patch (P21).
    pub const PATCH: &str = "patch";
    /// Rows of pasted files: `attachments.0.name`, `attachments.0.text` (P23).
    pub const ATTACHMENTS: &str = "attachments";
    /// The name for the acknowledgement (J07).
    pub const CREDIT_NAME: &str = "credit.name";
    /// `yes` or `no` (J07).
    pub const CREDIT_CONSENT: &str = "credit.consent";
    /// A page that the name leads to (J07).
    pub const CREDIT_LINK: &str = "credit.link";
    /// How to reach the reporter, where they want that besides the secret link.
    pub const CONTACT: &str = "contact";
    /// The button that shows more rows for versions and files; the report is not sent.
    pub const MORE_ROWS: &str = "more-rows";
    /// The button that asks the lint; the report is not sent.
    pub const CHECK: &str = "check";
    /// The button that shows the whole report as it would be sent; the report is not sent.
    pub const PREVIEW: &str = "preview";
    /// The button that leads from there back to the questions; the report is not sent.
    pub const EDIT: &str = "edit";
    /// The control that takes whole files; each becomes an attachment.
    pub const FILES: &str = "files";
}

/// How many rows of versions or files a form may have.
const MOST_ROWS: usize = 64;
/// How many rows of versions a fresh form shows.
const VERSION_ROWS: usize = 3;
/// How many rows a press on "more rows" adds.
const ADDED_ROWS: usize = 3;

/// The report form of a project.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/report_form.html")]
pub struct ReportForm {
    /// The frame.
    pub shell: Shell,
    /// The project's title.
    pub project: Text,
    /// The heading.
    pub heading: Text,
    /// Who reads the report, where that is not plain from the project. May be empty.
    pub lead: Text,
    /// The project's page.
    pub project_page: Href,
    /// Its policy in plain words, shown beside the form.
    pub policy: PolicySummary,
    /// Its threat model, shown beside the form.
    pub clauses: Vec<ClauseRow>,
    /// The other way to report.
    pub mail: Option<MailRoute>,
    /// Where the form goes.
    pub action: Href,
    /// Where a script may ask what the checks say of what was typed so far.
    pub check: Href,
    /// Its tokens.
    pub tokens: FormTokens,
    /// What the reporter answered so far.
    pub values: ReportValues,
    /// What the lint says, when the form is shown again.
    pub findings: Vec<FindingNote>,
    /// What happened, when the form is shown again: `Your report was not sent.`
    pub outcome: Option<Text>,
}

/// Every answer of the form, as written.
#[derive(Debug, Clone, Default)]
pub struct ReportValues {
    single: std::collections::BTreeMap<String, Text>,
    /// The versions tested.
    pub versions: Vec<TestedVersion>,
    /// The pasted files.
    pub attachments: Vec<Attachment>,
}

impl ReportValues {
    /// Reads the pairs of a submitted form. Unknown names are ignored; rows beyond 64 too.
    pub fn from_pairs<I, N, V>(pairs: I) -> Self
    where
        I: IntoIterator<Item = (N, V)>,
        N: AsRef<str>,
        V: Into<String>,
    {
        let mut values = Self::default();
        for (name, value) in pairs {
            values.read(name.as_ref(), value.into());
        }
        values
    }

    fn read(&mut self, name: &str, value: String) {
        if let Some((row, part)) = row_of(name, field::TESTED_VERSIONS) {
            let version = grown(&mut self.versions, row);
            match part {
                "version" => version.version = value.into(),
                "vulnerable" => {
                    version.verdict = match value.as_str() {
                        "yes" => Verdict::Vulnerable,
                        "no" => Verdict::NotVulnerable,
                        _ => Verdict::Unsaid,
                    }
                }
                _ => {}
            }
        } else if let Some((row, part)) = row_of(name, field::ATTACHMENTS) {
            let file = grown(&mut self.attachments, row);
            match part {
                "name" => file.name = value.into(),
                "text" => file.text = value.into(),
                _ => {}
            }
        } else if SINGLE.contains(&name) {
            self.single.insert(name.to_owned(), value.into());
        }
    }

    /// The answer to a single field of [`field`]; empty when there is none.
    pub fn answer(&self, name: &str) -> &str {
        self.single.get(name).map_or("", Text::as_str)
    }

    /// The same answers with rows to fill in besides, as the button "more rows" asks.
    #[must_use]
    pub fn with_more_rows(mut self) -> Self {
        let more = |length: usize| (length + ADDED_ROWS).min(MOST_ROWS);
        self.versions.resize_with(more(self.versions.len().max(VERSION_ROWS)), TestedVersion::default);
        self.attachments.resize_with(more(self.attachments.len()), Attachment::default);
        self
    }

    /// How the reporter will be thanked, as it will stand in the advisory.
    pub fn thanks(&self) -> Text {
        let (name, link) = (self.answer(field::CREDIT_NAME).trim(), self.answer(field::CREDIT_LINK).trim());
        match (name, self.answer(field::CREDIT_CONSENT)) {
            ("", _) => "Nobody is named.".into(),
            (_, "yes") if link.is_empty() => format!("Thanks to {name}.").into(),
            (_, "yes") => format!("Thanks to {name} ({link}).").into(),
            _ => "Nobody is named: you have not agreed to it.".into(),
        }
    }

    /// Every answer as the pairs that the form would send.
    pub(crate) fn pairs(&self) -> Vec<(String, Text)> {
        let mut pairs: Vec<(String, Text)> =
            self.single.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        for (row, version) in self.versions.iter().enumerate() {
            let verdict = match version.verdict {
                Verdict::Vulnerable => "yes",
                Verdict::NotVulnerable => "no",
                Verdict::Unsaid => "",
            };
            pairs.push((format!("{}.{row}.version", field::TESTED_VERSIONS), version.version.clone()));
            pairs.push((format!("{}.{row}.vulnerable", field::TESTED_VERSIONS), verdict.into()));
        }
        for (row, file) in self.attachments.iter().enumerate() {
            pairs.push((format!("{}.{row}.name", field::ATTACHMENTS), file.name.clone()));
            pairs.push((format!("{}.{row}.text", field::ATTACHMENTS), file.text.clone()));
        }
        pairs
    }

    pub(crate) fn version_rows(&self) -> Vec<TestedVersion> {
        let mut rows = self.versions.clone();
        rows.resize_with(rows.len().max(VERSION_ROWS), TestedVersion::default);
        rows
    }

    pub(crate) fn attachment_rows(&self) -> Vec<Attachment> {
        let mut rows = self.attachments.clone();
        rows.resize_with(rows.len().max(1), Attachment::default);
        rows
    }
}

/// The fields that hold one text each.
const SINGLE: [&str; 30] = [
    field::TITLE,
    field::BODY,
    field::PRODUCT,
    field::THREAT_MODEL,
    field::CITES,
    field::REAL_WORLD,
    field::REALISTIC,
    field::LAUNCH_CONDITIONS,
    field::AVAILABILITY,
    field::INPUT_SIZE,
    field::USE_CASE,
    field::REASONABLE_INPUT,
    field::POSTURE,
    field::DEPENDENCY,
    field::FIXED_ON_MAIN,
    field::EXPERIMENTAL,
    field::PLATFORM_DEPENDENT,
    field::PLATFORM,
    field::FOUND_WITH_LLM,
    field::BATCH,
    field::VERIFIED,
    field::ATTACK_VECTOR,
    field::FREELY_EXECUTES,
    field::ESCAPES_SANDBOX,
    field::PROOF_OF_CONCEPT,
    field::PATCH,
    field::CREDIT_NAME,
    field::CREDIT_CONSENT,
    field::CREDIT_LINK,
    field::CONTACT,
];

/// `tested-versions.3.version` with the prefix `tested-versions` is row 3, part `version`.
fn row_of<'a>(name: &'a str, prefix: &str) -> Option<(usize, &'a str)> {
    let (row, part) = name.strip_prefix(prefix)?.strip_prefix('.')?.split_once('.')?;
    let row: usize = row.parse().ok()?;
    (row < MOST_ROWS).then_some((row, part))
}

fn grown<T: Default>(rows: &mut Vec<T>, row: usize) -> &mut T {
    if rows.len() <= row {
        rows.resize_with(row + 1, T::default);
    }
    &mut rows[row]
}

impl ReportForm {
    fn sections(&self) -> Vec<Section> {
        let mut sections =
            crate::desk::report_questions::sections(&self.project, &self.values, &self.findings);
        let fields = sections.iter_mut().flat_map(|section| &mut section.fields);
        for asked in fields.filter(|asked| asked.name.as_str() == field::CITES) {
            // The first sentence is the clause's title.
            let clause = |row: &ClauseRow| {
                let title = row.text.as_str().split_once(". ").map_or(row.text.as_str(), |(title, _)| title);
                Choice::new(row.id.as_str(), title, "")
            };
            asked.suggestions = self.clauses.iter().map(clause).collect();
        }
        sections
    }

    /// What the policy says of silence: sending the report agrees to it.
    fn embargo(&self) -> Option<&Text> {
        self.policy.points.iter().find(|point| point.topic.as_str() == "Embargo").map(|point| &point.text)
    }

    /// Findings for the summary, the gravest first, each with the address of its field on this page: `#report-title`.
    pub fn summary(&self) -> Vec<(FindingNote, Option<String>)> {
        let sections = self.sections();
        let target = |name: &str| {
            sections
                .iter()
                .flat_map(|section| &section.fields)
                .find(|field| belongs_to(name, field))
                .map(|field| format!("#{}", field.target("report")))
        };
        let order = |finding: &FindingNote| match finding.disposition {
            Disposition::Block => 0,
            Disposition::Hold => 1,
            Disposition::Warn => 2,
            Disposition::Record => 3,
        };
        let mut findings = self.findings.clone();
        findings.sort_by_key(order);
        findings
            .into_iter()
            .map(|finding| {
                let href = finding.field.as_ref().and_then(|name| target(name.as_str()));
                (finding, href)
            })
            .collect()
    }
}

/// Whether a finding's field name means this field: the same name, or a row of it.
pub(crate) fn belongs_to(name: &str, field: &Field) -> bool {
    let own = field.name.as_str();
    name == own || name.strip_prefix(own).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_submitted_form_is_read_back_with_its_rows() {
        let values = ReportValues::from_pairs([
            ("title", "Path traversal"),
            ("tested-versions.1.version", "4.2.4"),
            ("tested-versions.1.vulnerable", "yes"),
            ("tested-versions.99999.version", "ignored"),
            ("attachments.0.name", "poc.py"),
            ("unknown", "ignored"),
        ]);
        assert_eq!(values.answer(field::TITLE), "Path traversal");
        assert_eq!(values.versions.len(), 2);
        assert_eq!(values.versions[1].verdict, Verdict::Vulnerable);
        assert_eq!(values.attachments[0].name.as_str(), "poc.py");
        assert_eq!(values.answer("unknown"), "");
        let again = ReportValues::from_pairs(
            values.pairs().into_iter().map(|(name, value)| (name, value.as_str().to_owned())),
        );
        assert_eq!(again.pairs(), values.pairs(), "what the preview sends on is what it was given");
        assert_eq!(values.with_more_rows().versions.len(), 6);
    }
}
