//! Pages of those who work on cases.

use bastide_pages::{
    desk::{
        Board, BoardCard, BoardColumn, BulkRow, Case, DeadlineRow, EntryKind, FixRow, FourEyes, Inbox,
        InboxBulk, InboxRow, MachineState, NextTask, Pager, PersonRow, ReaderRow, ReadyText, ReportPart,
        RowAction, SavedFilter, TimelineEntry, TimelineNavigation, VulnerabilityRow,
    },
    part::{
        ActionForm, ActionGroup, Choice, Control, EmptyState, Field, FormTokens, Stages, TextKind, Tier, Tone,
    },
};

use super::{Named, badge, due, h, line, link, moment, page, rule, t, team_shell};
use crate::samples::reporting::{action, findings, stages};

fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: t(value), label: t(label), chosen }
}

fn inbox() -> Inbox {
    let row = |title: &str,
               unread,
               project: &str,
               state: &str,
               tone,
               severity: (&str, Tone),
               deadline: Option<(&str, &str)>,
               owner: Option<&str>,
               task: &str| InboxRow {
        case: t("case-7f3kq2m9w1x5c8v0b4n6t2r7z9"),
        snoozed: owner.map(|_| moment("2024-11-25T08:00:00Z")),
        menu: vec![
            RowAction { key: "1", link: link("Accept", "/cases/case-1?step=accept#do-accept") },
            RowAction { key: "h", link: link("Put aside", "/inbox/bulk?do=snooze&case=case-1") },
        ],
        reference: t("case-7f3kq2m9w1x5c8v0b4n6t2r7z9"),
        href: h("/cases/case-1"),
        title: t(title),
        unread,
        project: t(project),
        lifecycle: badge(state, tone),
        severity: badge(severity.0, severity.1),
        received: moment("2024-11-18T09:12:00Z"),
        age: t("4 days 4 hours"),
        deadline_name: t(deadline.map_or("", |(name, _)| name)),
        deadline: deadline.map(|(_, at)| due(at)),
        owner: owner.map(t),
        next_task: t(task),
    };
    Inbox {
        shell: team_shell(),
        heading: t("Inbox"),
        summary: t("4 open cases; 1 is late."),
        views: vec![link("Mine", "/inbox?owner=me"), link("Board", "/board")],
        saved: vec![SavedFilter {
            link: link("late ones of mine", "/inbox?owner=me&overdue=yes"),
            current: true,
            remove: h("/inbox/filters/remove"),
            tokens: FormTokens { idempotency_key: t("key-of-this-form") },
        }],
        searched: t("Your words were looked for in the 2000 most urgent cases."),
        save: Some(action("save-filter", "Save this filter", "", vec![line("name", "Name", "")], "Save")),
        bulk_action: h("/inbox/bulk"),
        bulk: vec![choice("take", "Assign to me", false), choice("snooze", "Put aside", false)],
        filter_action: h("/inbox"),
        filters: vec![
            Field::new(
                t("search"),
                t("Search"),
                Control::Line { value: t("preview"), kind: TextKind::Search },
            ),
            Field::new(
                t("project"),
                t("Project"),
                Control::Select(vec![choice("", "All", true), choice("jupyter", "Jupyter", false)]),
            ),
            Field::new(
                t("state"),
                t("State"),
                Control::Select(vec![choice("", "All open", true), choice("submitted", "Submitted", false)]),
            ),
            Field::new(
                t("owner"),
                t("Owner"),
                Control::Select(vec![choice("", "Anybody", true), choice("me", "Me", false)]),
            ),
        ],
        rows: vec![
            row(
                "Kernel messages of another user can be read",
                true,
                "Jupyter",
                "received",
                Tone::Progress,
                ("not rated", Tone::Quiet),
                Some(("Acknowledge", "2024-11-21T09:00:00Z")),
                None,
                "Acknowledge the report",
            ),
            row(
                "A header of 200 bytes allocates 4 GB",
                false,
                "NumPy",
                "triaging",
                Tone::Progress,
                ("not rated", Tone::Quiet),
                Some(("Acknowledge", "2024-11-23T09:00:00Z")),
                Some("coordinator-b"),
                "Decide, citing a clause",
            ),
            row(
                "A crafted notebook runs script in the file preview",
                true,
                "Jupyter",
                "accepted, embargoed",
                Tone::Warning,
                ("high, 7.6", Tone::Danger),
                Some(("Embargo answer", "2024-11-24T10:00:00Z")),
                Some("coordinator-a"),
                "Wait for reporter-a",
            ),
            row(
                "Archive members are written outside the target folder",
                false,
                "CPython",
                "released quietly",
                Tone::Warning,
                ("medium, 5.3", Tone::Warning),
                Some(("Announcement", "2024-12-17T15:00:00Z")),
                Some("coordinator-a"),
                "Publish on the announcement date",
            ),
            row(
                "A finished case",
                false,
                "SciPy",
                "closed",
                Tone::Quiet,
                ("low, 3.1", Tone::Neutral),
                None,
                Some("coordinator-a"),
                "Nothing",
            ),
        ],
        empty: EmptyState {
            what: t("No case matches."),
            why: t("Nothing is open that fits this filter."),
            next: vec![link("Show all cases", "/inbox")],
        },
        pager: Some(Pager {
            position: t("1 to 5 of 12"),
            previous: Some(link("Newer", "/inbox")),
            next: Some(link("Older", "/inbox?page=2")),
        }),
    }
}

fn triage() -> ActionForm {
    let ruling = Control::Radio(vec![
        choice("vulnerability", "A vulnerability", true),
        choice("bug", "An ordinary bug, to be reported in public", false),
        choice("upstream", "It belongs to a dependency", false),
    ]);
    ActionForm {
        open: true,
        ..action(
            "triage",
            "Decide what it is",
            "The reporter is told the decision with the clause that it rests on.",
            vec![
                Field::new(t("ruling"), t("What is it?"), ruling).required(),
                Field::new(
                    t("clause"),
                    t("Which clause says so?"),
                    Control::Select(vec![choice(
                        "preview-isolation",
                        "preview-isolation: looking must not run",
                        true,
                    )]),
                )
                .because(t("Every decision cites a clause."))
                .required(),
                Field::area(
                    t("notice"),
                    t("What the reporter is told"),
                    t("We could repeat it and treat it as a vulnerability."),
                )
                .required(),
                Field::new(
                    t("projects"),
                    t("Which projects are affected?"),
                    Control::Checks(vec![
                        choice("jupyter", "Jupyter", true),
                        choice("notebook", "Notebook", false),
                    ]),
                ),
                Field::new(t("replicated"), t("A developer repeated it"), Control::Check { ticked: true }),
                Field::hidden(t("version"), t("7")),
            ],
            "Decide",
        )
    }
}

fn timeline() -> Vec<TimelineEntry> {
    let entry =
        |kind, at: &str, actor: &str, role: &str, what: &str, body: &str, tier, id: &str| TimelineEntry {
            number: at
                .bytes()
                .chain(what.bytes())
                .fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_003),
            unread: who_is_new(what),
            kind,
            at: moment(at),
            actor: t(actor),
            role: t(role),
            what: t(what),
            body: t(body),
            tier,
            rule: (!id.is_empty()).then(|| rule(id, "")),
            clause: None,
        };
    vec![
        entry(
            EntryKind::Event,
            "2024-11-18T09:12:00Z",
            "reporter-a",
            "reporter",
            "Sent the report.",
            "",
            Tier::TeamAndReporter,
            "J01",
        ),
        entry(
            EntryKind::Breach,
            "2024-11-21T09:12:00Z",
            "the desk",
            "",
            "Nobody had acknowledged the report after 3 days.",
            "",
            Tier::TeamOnly,
            "J04",
        ),
        entry(
            EntryKind::Message,
            "2024-11-21T10:40:00Z",
            "coordinator-a",
            "coordinator",
            "Acknowledged the report.",
            "Thank you for the report. I could repeat it with 4.2.4.\nWhich browser did you use?",
            Tier::TeamAndReporter,
            "J11",
        ),
        TimelineEntry {
            clause: Some(rule("preview-isolation", "looking must not run")),
            ..entry(
                EntryKind::Decision,
                "2024-11-21T16:00:00Z",
                "coordinator-a",
                "coordinator",
                "Accepted it as a vulnerability",
                "",
                Tier::TeamAndReporter,
                "",
            )
        },
        entry(
            EntryKind::Message,
            "2024-11-21T17:30:00Z",
            "maintainer-a",
            "developer",
            "Wrote to the team.",
            "The sanitiser keeps SVG. A branch with a test is in the private fork.",
            Tier::TeamOnly,
            "",
        ),
        entry(
            EntryKind::Event,
            "2024-11-22T08:00:00Z",
            "coordinator-a",
            "coordinator",
            "Posted the dates.",
            "",
            Tier::Participants,
            "J25",
        ),
        entry(
            EntryKind::Event,
            "2024-11-22T09:00:00Z",
            "coordinator-a",
            "coordinator",
            "Published the advisory.",
            "",
            Tier::Public,
            "J28",
        ),
    ]
}

fn case() -> Case {
    let machine = |name: &str, state: &str, tone, meaning: &str| MachineState {
        name: t(name),
        state: badge(state, tone),
        meaning: t(meaning),
    };
    let person = |name: &str, roles: &str, of: &str, consent: &str, tone| PersonRow {
        name: t(name),
        roles: t(roles),
        on_behalf_of: t(of),
        consent: badge(consent, tone),
        since: moment("2024-11-18T09:12:00Z"),
    };
    let deadline = |name: &str, at: &str, state: &str, tone, id: &str| DeadlineRow {
        name: t(name),
        by: due(at),
        state: badge(state, tone),
        rule: Some(rule(id, "")),
    };
    Case {
        shell: team_shell(),
        reference: t("case-7f3kq2m9w1x5c8v0b4n6t2r7z9"),
        title: t("A crafted notebook runs script in the file preview"),
        projects: t("Jupyter"),
        next_task: NextTask {
            what: t("Decide whether it is a vulnerability"),
            why: t(
                "The report is complete. Compare it with the threat model and cite the clause that decides; the reporter is told at once.",
            ),
            rule: Some(rule("J13", "review for completeness and suitability")),
            by: Some(due("2024-11-23T09:12:00Z")),
            who: t("you, as coordinator"),
            yours: true,
            ready_text: t(
                "Dear reporter-a,\n\nwe could repeat what you describe and treat it as a vulnerability.",
            ),
            link: None,
            form: Some(ActionForm { id: t("next"), title: t("Next"), ..triage() }),
        },
        stages: stages(),
        machines: vec![
            machine("Intake", "received", Tone::Good, "The report passed the checks."),
            machine("Report", "accepted", Tone::Good, "It is a vulnerability and work goes on."),
            machine("Embargo", "active", Tone::Warning, "Private until 2024-12-17 15:00 UTC."),
            machine("Fix", "agreed", Tone::Progress, "It waits for the CVE number."),
            machine("CVE", "requested", Tone::Progress, "Private; not yet told to the reporter."),
            machine("Advisory", "draft", Tone::Quiet, "Not yet approved."),
        ],
        actions: vec![
            ActionGroup {
                role: t("As coordinator"),
                explanation: t("You carry the case through the process and talk with the reporter."),
                actions: vec![
                    triage(),
                    ActionForm {
                        disabled: Some(t("The CVE number has not been issued yet.")),
                        ..action("set-dates", "Set the dates", "", vec![], "Set")
                    },
                    ActionForm {
                        grave: true,
                        ..action(
                            "close",
                            "Close the case",
                            "The reporter is told why.",
                            vec![Field::new(
                                t("date"),
                                t("Day (UTC)"),
                                Control::Line { value: t("2024-12-01"), kind: TextKind::Date },
                            )],
                            "Close and tell the reporter",
                        )
                    },
                ],
            },
            ActionGroup {
                role: t("As developer"),
                explanation: t(""),
                actions: vec![action(
                    "record-test",
                    "Record a test by hand",
                    "No automatic tests run on private forks.",
                    vec![line("what", "What you tested", "").required()],
                    "Record",
                )],
            },
        ],
        report: vec![
            ReportPart {
                label: t("Description"),
                text: t("Opening the preview of a notebook whose output holds an SVG runs the script in it."),
                code: false,
                files: Vec::new(),
                tier: Tier::TeamAndReporter,
            },
            ReportPart {
                label: t("Proof of concept"),
                text: t("import sys\nsys.exit(1)"),
                code: true,
                files: Vec::new(),
                tier: Tier::TeamOnly,
            },
        ],
        findings: findings(),
        timeline: timeline(),
        navigation: TimelineNavigation {
            kinds: vec![
                (link("All", "/cases/case-1#timeline"), true),
                (link("Messages", "/cases/case-1?kind=message#timeline"), false),
            ],
            position: t("100 of 312 entries"),
            older: Some(link("Older entries", "/cases/case-1?before=213#timeline")),
            newer: None,
            unread: Some(link("Jump to the first unread entry", "/cases/case-1?from=4#entry-4")),
        },
        ready_texts: vec![ReadyText {
            name: t("Ask for the versions that were tested"),
            text: t("Dear reporter-a,\n\nwhich versions did you try?"),
        }],
        people: vec![
            person("reporter-a", "reporter", "themselves", "agreed", Tone::Good),
            person("coordinator-a", "coordinator", "Jupyter", "agreed", Tone::Good),
            person("maintainer-a", "developer", "Jupyter", "invited, not answered", Tone::Warning),
        ],
        four_eyes: FourEyes {
            state: badge("two persons", Tone::Good),
            explanation: t("coordinator-a and maintainer-a stand behind this case."),
        },
        deadlines: vec![
            deadline("Acknowledge", "2024-11-21T09:12:00Z", "missed", Tone::Danger, "J04"),
            deadline(
                "Embargo answer of maintainer-a",
                "2024-11-24T10:00:00Z",
                "running",
                Tone::Progress,
                "J10",
            ),
            deadline("Disclosure", "2025-02-16T09:12:00Z", "running", Tone::Progress, "J06"),
        ],
        fixes: vec![
            FixRow {
                project: t("Jupyter"),
                branch: t("4.2"),
                state: badge("tested by hand", Tone::Good),
                tested: t("maintainer-b, 2024-11-22"),
                merged: Some(moment("2024-11-22T10:00:00Z")),
                released: t("4.2.5, 2024-11-22"),
            },
            FixRow {
                project: t("Jupyter"),
                branch: t("4.3"),
                state: badge("in development", Tone::Progress),
                tested: t("not yet"),
                merged: None,
                released: t(""),
            },
        ],
        vulnerabilities: vec![VulnerabilityRow {
            title: t("Script in SVG outputs runs in the preview"),
            cve: Some(t("CVE-2099-10003")),
            cve_state: badge("reserved, private", Tone::Warning),
            severity: badge("high, 7.6", Tone::Danger),
            affected: t("jupyterlab from 4.0.0, before 4.2.5"),
        }],
        readers: vec![ReaderRow {
            name: t("auditor-a"),
            role: t("auditor"),
            last: moment("2024-11-22T11:00:00Z"),
            purpose: t("quarterly review"),
        }],
        links: vec![
            link("Draft advisory", "/cases/case-1/advisory"),
            link("Download the ledger proof", "/cases/case-1/proof"),
        ],
    }
}

fn who_is_new(what: &str) -> bool {
    what.starts_with("Accepted")
}

fn card(row: InboxRow) -> BoardCard {
    BoardCard {
        title: row.title,
        href: row.href,
        reference: row.reference,
        project: row.project,
        unread: row.unread,
        lifecycle: row.lifecycle,
        severity: row.severity,
        deadline: row.deadline,
        owner: row.owner,
        moves: vec![link("To be judged", "/cases/case-1/move/judged")],
    }
}

pub(crate) fn samples() -> Vec<Named> {
    let empty_inbox = Inbox { rows: Vec::new(), filters: Vec::new(), pager: None, ..inbox() };
    let waiting = Case {
        next_task: NextTask {
            yours: false,
            who: t("maintainer-a, as developer"),
            link: None,
            form: None,
            ready_text: t(""),
            by: None,
            ..case().next_task
        },
        actions: Vec::new(),
        report: Vec::new(),
        findings: Vec::new(),
        timeline: Vec::new(),
        deadlines: Vec::new(),
        fixes: Vec::new(),
        vulnerabilities: Vec::new(),
        readers: Vec::new(),
        stages: Stages(Vec::new()),
        ..case()
    };
    let board = Board {
        shell: team_shell(),
        summary: t("2 open cases."),
        filters: vec![line("q", "Search", "")],
        columns: vec![
            BoardColumn {
                id: t("new"),
                name: t("New"),
                meaning: t("Nobody has answered yet."),
                cards: inbox().rows.into_iter().take(2).map(card).collect(),
            },
            BoardColumn { id: t("mended"), name: t("In work"), meaning: t("A fix is made."), cards: vec![] },
        ],
        empty: None,
        views: vec![link("Inbox", "/inbox")],
    };
    let bulk = InboxBulk {
        shell: team_shell(),
        heading: t("Assign to me"),
        lead: t("This is what would happen. Nothing has happened yet."),
        rows: vec![BulkRow {
            case: link("A header of 200 bytes allocates 4 GB", "/cases/case-1"),
            reference: t("numpy-2024-7f3kq2m9"),
            state: badge("will be done", Tone::Progress),
            what: t("You become its coordinator."),
        }],
        form: Some(action("bulk", "Assign to me", "", vec![], "Assign 1 case to me")),
        next: vec![link("Back to the inbox", "/inbox")],
    };
    vec![
        page("board", &board),
        page("inbox-bulk", &bulk),
        page("inbox", &inbox()),
        page("inbox-empty", &empty_inbox),
        page("case", &case()),
        page("case-waiting", &waiting),
    ]
}
