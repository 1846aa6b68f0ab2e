//! Form fields: label, why it is asked, control, what is wrong with it.

use askama::Template;

use crate::{Text, part::FindingNote};

/// The hidden value that every mutating form carries. Forged requests are refused by where they come from (the
/// browser's own headers), which needs no token in the page.
#[derive(Debug, Clone, Default, Template)]
#[template(
    source = r#"<input type="hidden" name="idempotency-key" value="{{ idempotency_key }}">"#,
    ext = "html"
)]
pub struct FormTokens {
    /// The key that makes sending the form twice the same as sending it once.
    pub idempotency_key: Text,
}

impl askama::filters::HtmlSafe for FormTokens {}

/// What kind of line a text control takes; browsers offer a fitting keyboard or picker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Any text.
    Plain,
    /// A mail address.
    Mail,
    /// A web address.
    Address,
    /// A calendar day.
    Date,
    /// A day and hour without zone; the label must say that it is UTC.
    DateTime,
    /// A secret that should not be shown while typing.
    Secret,
    /// A search text.
    Search,
}

impl TextKind {
    /// The type of the control that shows this value. A browser would drop what is no day from a control for days: it is shown
    /// as a text, so that nothing that somebody wrote is lost.
    fn input_type(self, value: &str) -> &'static str {
        match self {
            Self::Date if !value.is_empty() && !is_day(value) => "text",
            Self::Plain => "text",
            Self::Mail => "email",
            Self::Address => "url",
            Self::Date => "date",
            Self::DateTime => "datetime-local",
            Self::Secret => "password",
            Self::Search => "search",
        }
    }
}

/// Whether a text is a day as browsers write it: `2027-01-31`.
fn is_day(text: &str) -> bool {
    let digits =
        |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

/// One of several answers.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What the form sends.
    pub value: Text,
    /// What people read.
    pub label: Text,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// An answer; chosen when its value is `current`.
    pub fn new(value: &str, label: &str, current: &str) -> Self {
        Self { value: value.into(), label: label.into(), chosen: value == current }
    }
}

/// What the reporter saw in a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// Not said.
    #[default]
    Unsaid,
    /// The version is vulnerable.
    Vulnerable,
    /// The version is not vulnerable.
    NotVulnerable,
}

/// A version that was tested, and what was seen (P22).
#[derive(Debug, Clone, Default)]
pub struct TestedVersion {
    /// The version as the reporter wrote it.
    pub version: Text,
    /// What was seen.
    pub verdict: Verdict,
}

/// A text file pasted into the form (P23: plain text only).
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    /// Its name.
    pub name: Text,
    /// Its content.
    pub text: Text,
}

/// The control of a field.
#[derive(Debug, Clone)]
pub enum Control {
    /// One line.
    Line {
        /// What it holds.
        value: Text,
        /// What kind of line.
        kind: TextKind,
    },
    /// Several lines.
    Area {
        /// What it holds.
        value: Text,
        /// How many lines are shown.
        rows: u16,
        /// Whether it is code.
        code: bool,
    },
    /// One of several, as a menu.
    Select(Vec<Choice>),
    /// One of several, all visible.
    Radio(Vec<Choice>),
    /// Any of several; each sends the field's name.
    Checks(Vec<Choice>),
    /// Yes or nothing; sends `yes`.
    Check {
        /// Whether it is ticked.
        ticked: bool,
    },
    /// A file; the form is sent as multipart.
    File,
    /// A value that is sent and not shown.
    Hidden(Text),
    /// Rows of versions; sends `NAME.0.version`, `NAME.0.vulnerable` (`yes`, `no`, empty) and so on.
    Versions(Vec<TestedVersion>),
    /// Pasted files; sends `NAME.0.name`, `NAME.0.text` and so on.
    Attachments(Vec<Attachment>),
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name under which the form sends it.
    pub name: Text,
    /// What is asked.
    pub label: Text,
    /// Why it is asked, or how to answer. May be empty.
    pub help: Text,
    /// Whether an answer is needed.
    pub required: bool,
    /// How it is answered.
    pub control: Control,
    /// What is the matter with the answer given.
    pub findings: Vec<FindingNote>,
    /// Answers that a line offers while something is typed; others are fine, too.
    pub suggestions: Vec<Choice>,
}

impl Field {
    /// A field that need not be answered, without help.
    pub fn new(name: impl Into<Text>, label: impl Into<Text>, control: Control) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            help: Text::default(),
            required: false,
            control,
            findings: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// A single line of text.
    pub fn line(name: impl Into<Text>, label: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self::new(name, label, Control::Line { value: value.into(), kind: TextKind::Plain })
    }

    /// Several lines of text.
    pub fn area(name: impl Into<Text>, label: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self::new(name, label, Control::Area { value: value.into(), rows: 6, code: false })
    }

    /// A value that is sent and not shown.
    pub fn hidden(name: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self::new(name, "", Control::Hidden(value.into()))
    }

    /// The same field with the reason why it is asked.
    #[must_use]
    pub fn because(mut self, help: impl Into<Text>) -> Self {
        self.help = help.into();
        self
    }

    /// The same field, needing an answer.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The field as it stands in the form with this id.
    pub(crate) fn within<'a>(&'a self, form: &'a str) -> FieldInForm<'a> {
        FieldInForm { field: self, id: format!("{form}-{}", self.name.for_id()) }
    }

    /// The id of the field's first control in the form with this id.
    pub(crate) fn target(&self, form: &str) -> String {
        let id = format!("{form}-{}", self.name.for_id());
        match self.control {
            Control::Radio(_) | Control::Checks(_) => format!("{id}-0"),
            Control::Versions(_) | Control::Attachments(_) => format!("{id}-0-first"),
            _ => id,
        }
    }
}

/// A field with the id that it has in one form of the page.
#[derive(Debug, Template)]
#[template(path = "part/field.html")]
pub(crate) struct FieldInForm<'a> {
    field: &'a Field,
    id: String,
}

impl askama::filters::HtmlSafe for FieldInForm<'_> {}

impl FieldInForm<'_> {
    /// The value of `aria-describedby`: help and findings, those that there are.
    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.field.help.is_empty() {
            ids.push(format!("{}-help", self.id));
        }
        if !self.field.findings.is_empty() {
            ids.push(format!("{}-findings", self.id));
        }
        ids.join(" ")
    }

    fn is_group(&self) -> bool {
        matches!(
            self.field.control,
            Control::Radio(_) | Control::Checks(_) | Control::Versions(_) | Control::Attachments(_)
        )
    }
}
