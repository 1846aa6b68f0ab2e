//! Pages of a reporter.

use bastide_pages::{
    desk::{
        CreditView, CveTold, DateRow, EmbargoProposal, Expectation, MessageView, NextStep, OwnReportRow,
        ProjectCard, Receipt, ReportForm, ReportList, ReportPicker, ReportPreview, ReportValues,
        ReporterStatus, report_form::field,
    },
    part::{ActionForm, Disposition, EmptyState, Field, FindingNote, Stage, StageState, Stages, Tier, Tone},
};

use super::{Named, badge, due, h, line, link, moment, page, public_shell, rule, t, tokens};
use crate::samples::public::{clauses, mail, policy};

pub(crate) fn action(id: &str, title: &str, why: &str, fields: Vec<Field>, submit: &str) -> ActionForm {
    ActionForm {
        rule: Some(rule("J13", "review for completeness")),
        submit: t(submit),
        ..ActionForm::new(id, title, "/cases/case-1/commands", tokens()).because(why).asking(fields)
    }
}

pub(crate) fn stages() -> Stages {
    let stage = |name: &str, state, at: Option<&str>, meaning: &str| Stage {
        name: t(name),
        meaning: t(meaning),
        state,
        at: at.map(moment),
    };
    Stages(vec![
        stage("Received", StageState::Passed, Some("2024-11-18T09:12:00Z"), "The desk has it."),
        stage("Acknowledged", StageState::Passed, Some("2024-11-19T10:40:00Z"), "A person read it."),
        stage("Accepted", StageState::Passed, Some("2024-11-21T16:00:00Z"), "It is a vulnerability."),
        stage(
            "Being mended",
            StageState::Current,
            Some("2024-11-21T16:00:00Z"),
            "Developers work on it in private.",
        ),
        stage("Fix released", StageState::Ahead, Some("2024-12-10T15:00:00Z"), "Without announcement."),
        stage("Announced", StageState::Ahead, Some("2024-12-17T15:00:00Z"), "Everybody can read about it."),
    ])
}

fn values() -> ReportValues {
    let pairs = [
        (field::TITLE, "A crafted notebook runs script in the file preview"),
        (
            field::BODY,
            "Opening the preview of a notebook whose output holds an SVG runs the script in it.\nThe severity is critical, CVSS 9.8.",
        ),
        (field::PRODUCT, "jupyterlab"),
        (field::THREAT_MODEL, "Looking at a preview must not run anything."),
        (field::CITES, "preview-isolation"),
        (field::REAL_WORLD, "Every hub that previews files of other users."),
        (field::REALISTIC, "yes"),
        (field::DEPENDENCY, "none"),
        (field::EXPERIMENTAL, "no"),
        (field::ESCAPES_SANDBOX, "no"),
        (field::LAUNCH_CONDITIONS, "no"),
        (field::AVAILABILITY, "no"),
        (field::INPUT_SIZE, "2 kB"),
        (field::USE_CASE, "a shared folder"),
        (field::POSTURE, "upward"),
        (field::REASONABLE_INPUT, "yes"),
        (field::FIXED_ON_MAIN, "unchecked"),
        (field::PLATFORM_DEPENDENT, "no"),
        (field::PLATFORM, "Linux, macOS"),
        (field::FOUND_WITH_LLM, "yes"),
        (field::BATCH, "yes"),
        (field::VERIFIED, "yes"),
        ("tested-versions.0.version", "4.2.4"),
        ("tested-versions.0.vulnerable", "yes"),
        ("tested-versions.1.version", "4.3.0"),
        ("tested-versions.1.vulnerable", "no"),
        (
            field::ATTACK_VECTOR,
            "A guest puts the notebook into a shared folder; another user looks at its preview; the script acts with that user's rights.",
        ),
        (field::FREELY_EXECUTES, "no"),
        (field::PROOF_OF_CONCEPT, "import sys\nsys.exit(1)"),
        (field::PATCH, "--- a/preview.ts\n+++ b/preview.ts"),
        ("attachments.0.name", "make_notebook.py"),
        ("attachments.0.text", "print('a notebook')"),
        (field::CREDIT_NAME, "reporter-a"),
        (field::CREDIT_CONSENT, "yes"),
        (field::CREDIT_LINK, "https://example.org/reporter-a"),
        (field::CONTACT, "reporter-a@example.org"),
    ];
    // A menu or radio value from outside is compared, never shown; everything else is shown again as written.
    ReportValues::from_pairs(pairs.map(|(name, value)| (name, t(value).as_str().to_owned())))
}

pub(crate) fn findings() -> Vec<FindingNote> {
    let finding = |id: &str, disposition, message: &str, remedy: &str, name: &str| FindingNote {
        rule: rule(id, ""),
        disposition,
        message: t(message),
        remedy: t(remedy),
        place: t(if name == field::BODY { "line 2" } else { "" }),
        field: Some(name.into()),
    };
    vec![
        finding(
            "REP-P20",
            Disposition::Warn,
            "The text rates the severity.",
            "Leave severity and scores out; the team rates it.",
            field::BODY,
        ),
        finding(
            "REP-P22",
            Disposition::Block,
            "No version is marked as tested.",
            "Name at least one version and say what you saw in it.",
            field::TESTED_VERSIONS,
        ),
        finding(
            "REP-P13",
            Disposition::Hold,
            "The main branch was not checked.",
            "Try it on the main branch, or say that you cannot.",
            field::FIXED_ON_MAIN,
        ),
        finding(
            "REP-P23",
            Disposition::Record,
            "The attachment is a script.",
            "Nothing to do.",
            "attachments[0]",
        ),
        FindingNote {
            field: None,
            ..finding("REP-P17", Disposition::Record, "The report has 214 words.", "Nothing to do.", "")
        },
    ]
}

fn form() -> ReportForm {
    ReportForm {
        shell: public_shell(),
        project: t("Jupyter"),
        heading: t("Report a vulnerability in Jupyter"),
        lead: t("The coordinators of Jupyter read it first."),
        check: h("/projects/jupyter/report/check"),
        project_page: h("/projects/jupyter"),
        policy: policy(),
        clauses: clauses(),
        mail: Some(mail()),
        action: h("/projects/jupyter/report"),
        tokens: tokens(),
        values: ReportValues::default(),
        findings: Vec::new(),
        outcome: None,
    }
}

/// Answers in the reporter's own words only: whether a choice is made depends on its value, which hostile ink changes.
fn written() -> ReportValues {
    let texts = [field::TITLE, field::BODY, field::PRODUCT, field::PROOF_OF_CONCEPT, field::CREDIT_NAME];
    let values = values();
    let pairs = texts.map(|name| (name, values.answer(name).to_owned()));
    let rows = [
        ("tested-versions.0.version", "4.2.4"),
        ("attachments.0.name", "make_notebook.py"),
        ("attachments.0.text", "print('a notebook')"),
    ];
    let rows = rows.map(|(name, value)| (name, t(value).as_str().to_owned()));
    ReportValues::from_pairs(pairs.into_iter().chain(rows))
}

fn preview() -> ReportPreview {
    ReportPreview {
        shell: public_shell(),
        project: t("Jupyter"),
        action: h("/projects/jupyter/report"),
        tokens: tokens(),
        values: written(),
        findings: findings(),
        readers: t("The coordinators of Jupyter read it, and whom they ask for help."),
    }
}

fn picker() -> ReportPicker {
    let card = |title: &str, href: &str| ProjectCard {
        title: t(title),
        href: h(href),
        summary: t("jupyterlab on PyPI, @jupyterlab/application on npm"),
        report: h("/projects/jupyter/report"),
        promise: t("first answer within 3 days, disclosure within 90 days"),
    };
    ReportPicker {
        shell: public_shell(),
        action: h("/report"),
        search: line("q", "Search", "jup"),
        searched: true,
        projects: vec![card("Jupyter", "/projects/jupyter"), card("SciPy", "/projects/scipy")],
        of: t("4 projects take part."),
        unsure: Some(h("/report/unsure")),
        unsure_readers: t("The coordinators of Jupyter read it first."),
        unsure_mail: Some(link("Or write to security@example.org", "mailto:security@example.org")),
        mail: Some(mail()),
        questions: link("Where to ask questions", "/security#questions"),
    }
}

fn receipt() -> Receipt {
    Receipt {
        shell: public_shell(),
        project: t("Jupyter"),
        reference: t("report-7f3kq2m9w1x5c8v0b4n6t2r7z9"),
        received: moment("2024-11-22T14:05:00Z"),
        status_link: h("https://desk.example.org/status/Qm7kR2vX9pLw4TzN8sYb1cJf6dHg3aEu5oKi0rVt"),
        held: Some(t(
            "You said that you did not check the main branch. That is all right: a coordinator looks at the report before it goes on.",
        )),
        findings: findings().into_iter().filter(|note| note.disposition != Disposition::Block).collect(),
        next: vec![
            Expectation {
                what: t("A person acknowledges your report."),
                by: Some(due("2024-11-25T14:05:00Z")),
                rule: Some(rule("J04", "answer within 3 days")),
            },
            Expectation {
                what: t("The team decides whether it is a vulnerability and tells you why."),
                by: None,
                rule: None,
            },
            Expectation {
                what: t("At the latest it is published."),
                by: Some(due("2025-02-20T14:05:00Z")),
                rule: Some(rule("J06", "90 days")),
            },
        ],
    }
}

fn status() -> ReporterStatus {
    let say = |author: &str, own, at: &str, text: &str| MessageView {
        author: t(author),
        own,
        at: moment(at),
        text: t(text),
        tier: Tier::TeamAndReporter,
    };
    ReporterStatus {
        shell: public_shell(),
        reference: t("report-7f3kq2m9w1x5c8v0b4n6t2r7z9"),
        title: t("A crafted notebook runs script in the file preview"),
        project: t("Jupyter"),
        stages: stages(),
        next: NextStep {
            what: t("The fix is released without announcement."),
            explanation: t(
                "Administrators get a week to update before everybody learns what was wrong. Please keep it private until then.",
            ),
            by: Some(due("2024-12-10T15:00:00Z")),
            rule: Some(rule("J27", "quiet release")),
            link: None,
        },
        proposals: vec![EmbargoProposal {
            text: t("The team needs two more weeks to test the fix on all supported versions."),
            proposer: t("coordinator-a"),
            end: moment("2024-12-17T15:00:00Z"),
            answer_by: due("2024-11-24T10:00:00Z"),
            answers: vec![
                action(
                    "accept-embargo",
                    "Accept this date",
                    "You keep it private until then; so does everybody else.",
                    Vec::new(),
                    "Accept",
                ),
                action(
                    "decline-embargo",
                    "Decline",
                    "Say why, and which date you would accept.",
                    vec![line("reason", "Your reason", "").required()],
                    "Decline",
                ),
            ],
        }],
        cve: Some(CveTold {
            number: t("CVE-2099-10003"),
            may_say: t(
                "You may mention this number with the name Jupyter; please no versions and no details before the announcement.",
            ),
        }),
        dates: vec![
            DateRow {
                label: t("Release of the fix"),
                at: moment("2024-12-10T15:00:00Z"),
                meaning: t("You may update then."),
            },
            DateRow { label: t("Announcement"), at: moment("2024-12-17T15:00:00Z"), meaning: t("") },
        ],
        report: vec![bastide_pages::desk::ReportPart {
            label: t("Description"),
            text: t("Opening the preview of a notebook runs the script in it."),
            code: false,
            files: Vec::new(),
            tier: Tier::TeamAndReporter,
        }],
        messages: vec![
            say(
                "coordinator-a",
                false,
                "2024-11-19T10:40:00Z",
                "Thank you for the report. I could repeat it with 4.2.4.\n\nWhich browser did you use?",
            ),
            say("reporter-a", true, "2024-11-19T18:02:00Z", "Firefox 132, and Chromium behaves the same."),
        ],
        reply: Some(ActionForm {
            rule: None,
            ..action(
                "write",
                "Write to the team",
                "",
                vec![
                    Field::area(t("text"), t("Your message"), t("Is there any news?"))
                        .required()
                        .because(t("Plain text. The team and you can read it.")),
                ],
                "Send",
            )
        }),
        credit: CreditView {
            preview: t("The advisory will say: found and reported by reporter-a."),
            form: Some(action(
                "credit",
                "Change how you are thanked",
                "Possible until the announcement.",
                vec![line("credit.name", "The name to thank", "reporter-a")],
                "Save",
            )),
        },
        actions: vec![ActionForm {
            grave: true,
            ..action(
                "withdraw",
                "Withdraw the report",
                "The team may still mend the problem.",
                vec![],
                "Withdraw",
            )
        }],
        documents: vec![link("Proof of the steps so far", "/status/proof")],
    }
}

fn list() -> ReportList {
    let row = |title: &str, unread, stage: &str, state, next: Option<&str>, task: &str| OwnReportRow {
        reference: t("jupyterlab-2024-7f3kq2m9"),
        href: h("/reports/case-1"),
        title: t(title),
        project: t("JupyterLab"),
        unread,
        stage: t(stage),
        state,
        next: next.map(due),
        task: t(task),
        received: moment("2024-11-18T09:12:00Z"),
    };
    ReportList {
        shell: public_shell(),
        summary: t("2 reports; one has an answer that you have not read."),
        rows: vec![
            row(
                "A notebook runs a command when it is opened",
                true,
                "Answered by a person",
                badge("waits for you", Tone::Warning),
                Some("2024-11-25T09:00:00Z"),
                "Say whether you agree to the embargo.",
            ),
            row(
                "A file name reads outside of its directory",
                false,
                "Closed",
                badge("closed", Tone::Neutral),
                None,
                "Nothing: it is the team's turn.",
            ),
        ],
        keep: Some(action("keep", "Keep the report of this browser's link here", "", Vec::new(), "Keep it")),
        empty: EmptyState {
            what: t("No report is kept here yet."),
            why: t("Reports that you send while you are signed in appear here."),
            next: vec![link("Report something", "/")],
        },
    }
}

pub(crate) fn samples() -> Vec<Named> {
    let again = ReportForm {
        values: values(),
        findings: findings(),
        outcome: Some(t("Your report was not sent yet")),
        ..form()
    };
    let fresh_status = ReporterStatus {
        proposals: Vec::new(),
        cve: None,
        dates: Vec::new(),
        messages: Vec::new(),
        reply: None,
        actions: Vec::new(),
        documents: Vec::new(),
        ..status()
    };
    vec![
        page("report-form", &form()),
        page("report-form-again", &again),
        page("report-preview", &preview()),
        page("report-picker", &picker()),
        page("receipt", &receipt()),
        page("reporter-status", &status()),
        page("reporter-status-fresh", &fresh_status),
        page("report-list", &list()),
        page("report-list-empty", &ReportList { rows: Vec::new(), keep: None, ..list() }),
    ]
}
