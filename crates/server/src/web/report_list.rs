//! One's own reports, and the page that offers an account to whoever has none.

use bastide_model::time::Instant;
use bastide_pages::{
    Shell,
    desk::{OneForm, OwnReportRow, ReportList},
    part::{
        ActionForm, Badge, Control, Countdown, EmptyState, Field, FindingNote, Link, Moment, TextKind, Tone,
    },
};
use bastide_usecases::{OwnReport, ProjectRecord};

use super::{forms::Forms, words};

/// The list; `keep` says whether this browser holds a secret link that can be kept under the account.
pub(super) fn page(
    shell: Shell,
    rows: &[OwnReport],
    projects: &[ProjectRecord],
    keep: bool,
    now: Instant,
) -> ReportList {
    let unread = rows.iter().filter(|row| row.unread).count();
    let reports = words::counted(u32::try_from(rows.len()).unwrap_or(u32::MAX), "report");
    let summary = match unread {
        0 => format!("{reports}; you have read everything."),
        1 => format!("{reports}; one has an answer that you have not read."),
        more => format!("{reports}; {more} have answers that you have not read."),
    };
    ReportList {
        shell,
        summary: if rows.is_empty() { "No report yet.".into() } else { summary.into() },
        rows: rows.iter().map(|own| row(own, projects, now)).collect(),
        keep: keep.then(|| {
            let title = "Keep the report of this browser's link here";
            ActionForm::new("keep", title, "/status/keep", Forms::fresh().tokens()).unfolded()
        }),
        empty: EmptyState {
            what: "No report is kept here yet.".into(),
            why: "Reports that you send while you are signed in appear here. For a report that you sent before, open its \
                  secret link and choose “Keep this report under my account”."
                .into(),
            next: vec![Link::new("Report something", "/"), Link::new("Open a secret link", "/status")],
        },
    }
}

fn row(own: &OwnReport, projects: &[ProjectRecord], now: Instant) -> OwnReportRow {
    let project = projects.iter().find(|project| project.name.as_str() == own.project);
    let title = own.title.as_deref().filter(|title| !title.trim().is_empty());
    OwnReportRow {
        reference: own.reference.as_str().into(),
        href: format!("/reports/{}", own.case).into(),
        title: title.unwrap_or("Without a title").into(),
        project: project.map_or(own.project.as_str(), |project| project.title.as_str()).into(),
        unread: own.unread,
        stage: own.stage.into(),
        state: if own.task.is_some() {
            Badge::new("waits for you", Tone::Warning)
        } else {
            words::lifecycle(own.lifecycle.as_str())
        },
        next: own.next.map(|at| Countdown::between(now, at)),
        task: own.task.as_deref().unwrap_or("Nothing: it is the team's turn.").into(),
        received: Moment::of(own.received),
    }
}

/// What somebody sees who has no account: what it is for, and the form that asks for a link.
pub(super) fn ask(shell: Shell, address: &str, findings: Vec<FindingNote>) -> OneForm {
    let mut field = Field::new(
        "address",
        "Your mail address",
        Control::Line { value: address.into(), kind: TextKind::Mail },
    )
    .because("The desk sends a link there that works once, within a day. Mails hold links and no word of a report.")
    .required();
    field.findings = findings;
    OneForm {
        shell,
        heading: "Your reports in one place".into(),
        lead: "Reporting needs no account: the secret link of each report is enough. If you report more often, an account \
               keeps your reports together. There is no password; each time you get a link by mail."
            .into(),
        form: ActionForm::new("ask", "Send me a link", "/reports/ask", Forms::fresh().tokens())
            .asking(vec![field])
            .unfolded(),
        next: vec![
            Link::new("Open a report's secret link", "/status"),
            Link::new("Sign in as coordinator or developer", "/sign-in"),
            Link::new("Report something", "/"),
        ],
    }
}

/// What somebody sees who followed the link of a mail.
pub(super) fn enter(shell: Shell, address: &str, new: bool) -> OneForm {
    let name = Field::line("name", "What the team calls you", "")
        .because("May stay empty: then you are “A reporter”. Whether an advisory thanks you is asked with each report.");
    let submit = if new { "Make my account" } else { "Sign in" };
    OneForm {
        shell,
        heading: if new { "Make your account" } else { "Sign in to your reports" }.into(),
        lead: if new {
            "This link makes an account for your reports and signs you in. Press the button to use it: it works once."
        } else {
            "This link signs you in. Press the button to use it: it works once."
        }
        .into(),
        form: ActionForm::new("enter", submit, address, Forms::fresh().tokens())
            .asking(if new { vec![name] } else { Vec::new() })
            .unfolded(),
        next: vec![Link::new("Ask for another link", "/reports")],
    }
}
