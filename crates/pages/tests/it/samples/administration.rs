//! Pages of administration: one sheet with a block of every kind.

use bastide_pages::{
    NavigationLink,
    admin::{Block, Cell, CheckItem, Fact, Sheet, SheetPart, SheetTable},
    desk::{Difference, DifferenceLine, LineChange},
    part::{EmptyState, Tone},
};

use super::{Named, badge, h, link, moment, page, t, team_shell};
use crate::samples::reporting::action;

fn part(id: &str, title: &str, intro: &str, blocks: Vec<Block>) -> SheetPart {
    SheetPart::new(t(id), t(title), t(intro), blocks)
}

fn line(change: LineChange, text: &str) -> DifferenceLine {
    DifferenceLine { change, text: t(text) }
}

fn sheet() -> Sheet {
    let current =
        |label: &str, href: &str, current| NavigationLink { label: t(label), href: h(href), current };
    Sheet {
        shell: team_shell(),
        sections: vec![
            current("People", "/admin/people", false),
            current("Two persons", "/admin/proposals", true),
        ],
        heading: t("Change a project's rules: JupyterLab"),
        lead: t("Policy, threat model and supported versions decide what counts as a vulnerability."),
        back: Some(link("All proposals", "/admin/proposals")),
        trouble: t("Nothing was changed. What is the matter stands at the form below."),
        parts: vec![
            part(
                "about",
                "Who and when",
                "",
                vec![Block::Facts(vec![
                    Fact::text(t("Proposed by"), t("admin-a")),
                    Fact::new(t("Ends"), Cell::Moment(moment("2024-11-29T14:00:00Z"))),
                    Fact::new(t("State"), Cell::Badge(badge("waits for a second person", Tone::Progress))),
                ])],
            ),
            part(
                "change",
                "What would change",
                "Lines that go are struck out, lines that come are underlined.",
                vec![Block::Difference(Difference {
                    title: t("Policy"),
                    lines: vec![
                        line(LineChange::Same, "[deadlines]"),
                        line(LineChange::Removed, "acknowledge-days = 3"),
                        line(LineChange::Added, "acknowledge-days = 5"),
                    ],
                })],
            ),
            part(
                "people",
                "Who could",
                "",
                vec![
                    Block::Search { action: h("/admin/people"), value: t("maintainer") },
                    Block::Table(SheetTable {
                        caption: t("Who could approve this"),
                        columns: vec![t("Name"), t("Role"), t("Page"), t("Until")],
                        rows: vec![vec![
                            Cell::Text(t("admin-b")),
                            Cell::Badge(badge("programme administrator", Tone::Good)),
                            Cell::Link(link("Their page", "/admin/people/person-1")),
                            Cell::Until(t("until"), moment("2025-11-29T14:00:00Z")),
                        ]],
                    }),
                ],
            ),
            part(
                "left",
                "What is left to do",
                "",
                vec![
                    Block::Checklist(vec![
                        CheckItem { done: true, what: t("A policy"), why: t(""), link: None },
                        CheckItem {
                            done: false,
                            what: t("A second coordinator"),
                            why: t("One person alone cannot publish."),
                            link: Some(link("Invite one", "/admin/people")),
                        },
                    ]),
                    Block::Note(Tone::Warning, t("Nobody else has the right to approve this now.")),
                    Block::Links(vec![link("How reporters see it", "/projects/jupyterlab")]),
                    Block::Verbatim(t("Contact: https://desk.example.org/projects/jupyterlab/report")),
                    Block::Empty(EmptyState {
                        what: t("Nothing waits for a second person."),
                        why: t("Proposals appear here when somebody makes one."),
                        next: vec![link("People", "/admin/people")],
                    }),
                ],
            ),
            part(
                "decide",
                "Decide",
                "",
                vec![
                    Block::Forms(vec![action(
                        "approve-change",
                        "Approve and carry out",
                        "It is carried out at once.",
                        vec![super::line("note", "A note", "")],
                        "Approve",
                    )]),
                    Block::Form(Box::new(action(
                        "refuse-change",
                        "Refuse",
                        "Nothing changes.",
                        vec![super::line("why", "Why", "")],
                        "Refuse",
                    ))),
                ],
            ),
        ],
    }
}

pub(super) fn samples() -> Vec<Named> {
    vec![page("admin_sheet", &sheet())]
}
