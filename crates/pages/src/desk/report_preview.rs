//! The whole report as it would be sent, to be read once more before it goes.

use askama::Template;

use crate::{
    Href, Shell, Text,
    desk::{ReportValues, report_questions::sections},
    part::{Control, Field, FindingNote, FormTokens, Verdict},
};

/// The preview of a report.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/report_preview.html")]
pub struct ReportPreview {
    /// The frame.
    pub shell: Shell,
    /// The project's title.
    pub project: Text,
    /// Where the form goes.
    pub action: Href,
    /// Its tokens.
    pub tokens: FormTokens,
    /// What was answered; it is sent on as it is.
    pub values: ReportValues,
    /// What the lint says.
    pub findings: Vec<FindingNote>,
    /// Who will read it, in a sentence.
    pub readers: Text,
}

/// A question that was answered, with its answer.
struct Answered {
    label: Text,
    answer: Text,
    code: bool,
}

impl ReportPreview {
    /// The answered questions by group, in the order of the form.
    fn groups(&self) -> Vec<(Text, Vec<Answered>)> {
        sections(&self.project, &self.values, &[])
            .into_iter()
            .map(|section| (section.title, section.fields.iter().filter_map(answered).collect::<Vec<_>>()))
            .filter(|(_, answers)| !answers.is_empty())
            .collect()
    }

    fn unanswered(&self) -> usize {
        let all = sections(&self.project, &self.values, &[]);
        let required = all.iter().flat_map(|section| &section.fields).filter(|field| field.required);
        required.filter(|field| answered(field).is_none()).count()
    }
}

fn answered(field: &Field) -> Option<Answered> {
    let (answer, code) = match &field.control {
        Control::Line { value, .. } | Control::Hidden(value) => (value.clone(), false),
        Control::Area { value, code, .. } => (value.clone(), *code),
        Control::Select(choices) | Control::Radio(choices) | Control::Checks(choices) => {
            (choices.iter().find(|choice| choice.chosen)?.label.clone(), false)
        }
        // A browser sends a file once; a look at the form does not hold it.
        Control::File => return None,
        Control::Check { ticked } => (if *ticked { "Yes" } else { "" }.into(), false),
        Control::Versions(rows) => {
            let said = |verdict| match verdict {
                Verdict::Vulnerable => "vulnerable",
                Verdict::NotVulnerable => "not vulnerable",
                Verdict::Unsaid => "what you saw in it is not said yet",
            };
            let rows = rows.iter().filter(|row| !row.version.as_str().trim().is_empty());
            let lines: Vec<String> =
                rows.map(|row| format!("{}: {}", row.version, said(row.verdict))).collect();
            (lines.join("\n").into(), false)
        }
        Control::Attachments(files) => {
            let files = files.iter().enumerate().filter(|(_, file)| !file.text.is_empty());
            let line = |(row, file): (usize, &crate::part::Attachment)| {
                let name = if file.name.as_str().trim().is_empty() {
                    format!("attachment-{}.txt", row + 1)
                } else {
                    file.name.as_str().to_owned()
                };
                format!("{name}, {} bytes", file.text.as_str().len())
            };
            (files.map(line).collect::<Vec<_>>().join("\n").into(), false)
        }
    };
    let is_empty = answer.as_str().trim().is_empty();
    (!is_empty).then(|| Answered { label: field.label.clone(), answer, code })
}
