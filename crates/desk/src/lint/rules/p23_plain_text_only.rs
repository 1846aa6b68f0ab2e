//! REP-P23: plain text only, attachments included, judged by their content.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::{
        attachment::{Content, is_unsafe},
        rule::{Noted, ReportRule, Stage, Subject, run_example},
    },
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P23",
        title: "Plain text only",
        why: "A report about a vulnerability is the best cover for an attack on those who read it. Plain text can be read \
              safely by everybody; PDFs, programs, archives and notebooks cannot. A file is judged by its content, whatever its name.",
        sources: &["P23"],
        severity: Level::High,
        remedy: "Send text and scripts. Put the one thing that matters into the report and leave the file out.",
        failing: "From: reporter-a@example.org\nSubject: A crash\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n\
                  --x\nContent-Type: text/plain\n\nIt crashes.\n--x\nContent-Type: text/plain; name=notes.txt\n\
                  Content-Disposition: attachment; filename=notes.txt\n\n%PDF-1.7\n--x--\n",
        passing: "From: reporter-a@example.org\nSubject: A crash\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n\
                  --x\nContent-Type: text/plain\n\nIt crashes.\n--x\nContent-Type: text/plain; name=poc.pdf\n\
                  Content-Disposition: attachment; filename=poc.pdf\n\nimport sys\n--x--\n",
        run: |example| run_example("cpython", "REP-P23", example),
    },
    disposition: Disposition::Hold,
    stage: Stage::EveryMessage,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let (draft, limits) = (subject.draft, &subject.linter.policy().lint);
    let mut noted = Vec::new();
    for (line, number) in draft.body.lines().zip(1_u32..) {
        if line.chars().any(is_unsafe) {
            noted.push(Noted::line(number, "the line holds control characters or hidden direction marks"));
            break;
        }
    }
    for (index, attachment) in draft.attachments.iter().enumerate() {
        let place = format!("attachments[{index}]");
        let content = Content::of(&attachment.bytes);
        if content != Content::PlainText {
            let message = format!("the attachment is {}", content.in_words());
            noted.push(Noted::field(&place, message).quoting(&attachment.name));
        }
        if above(attachment.bytes.len(), limits.attachment_bytes) {
            let message = format!(
                "{} bytes; the policy takes at most {}",
                attachment.bytes.len(),
                limits.attachment_bytes
            );
            noted.push(Noted::field(&place, message).quoting(&attachment.name));
        }
    }
    if above(draft.attachments.len(), limits.attachments) {
        let message = format!(
            "{} attachments; the policy takes at most {}",
            draft.attachments.len(),
            limits.attachments
        );
        noted.push(Noted::field("attachments", message));
    }
    if above(draft.bytes(), limits.report_bytes) {
        let message =
            format!("{} bytes in all; the policy takes at most {}", draft.bytes(), limits.report_bytes);
        noted.push(Noted::field("body", message));
    }
    noted
}

fn above(count: usize, limit: u32) -> bool {
    u64::try_from(count).map_or(true, |count| count > u64::from(limit))
}
