//! Advisories, from draft to thanks.

use bastide_pages::{
    SafeHtml,
    desk::{
        AcknowledgedPerson, AcknowledgedYear, Acknowledgements, AdvisoryDraft, AdvisoryHistory, AdvisoryList,
        AdvisoryProof, AdvisoryPublic, AffectedAnswer, AffectedRow, Approval, CreditRow, Difference,
        DifferenceLine, FormatLink, LineChange, Preview, TimelineMoment, VersionChange, VersionEntry,
    },
    part::{ActionForm, Choice, Command, Control, Disposition, EmptyState, Field, FindingNote, Tone},
};

use super::{Named, badge, h, line, link, markup, moment, page, public_shell, rule, t, team_shell};
use crate::samples::{public::advisory_rows, reporting::action};

fn draft() -> AdvisoryDraft {
    let preview = |name: &str, validity: &str, tone, note: &str, text: &str, open| Preview {
        name: t(name),
        validity: badge(validity, tone),
        note: t(note),
        text: t(text),
        download: Some(h("/cases/case-1/advisory/osv.json")),
        open,
    };
    let change = |change, text: &str| DifferenceLine { change, text: t(text) };
    AdvisoryDraft {
        shell: team_shell(),
        title: t("A crafted notebook runs script in the file preview"),
        case: link("case-7f3k", "/cases/case-1"),
        state: badge("draft", Tone::Progress),
        next: t("Mend what the checks say, then ask maintainer-a to approve it."),
        edit: Some(ActionForm {
            rule: None,
            ..action(
                "edit",
                "Edit",
                "",
                vec![
                    line("title", "Title", "A crafted notebook runs script in the file preview").required(),
                    line(
                        "impact",
                        "Impact in one sentence",
                        "Looking at a notebook can run script with your rights.",
                    )
                    .because(t("What can an attacker do to whom?")),
                    Field::area(t("details"), t("Description"), t("The preview kept SVG outputs.")),
                    line("vector", "CVSS vector", "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:H/I:L/A:N"),
                ],
                "Save a new version",
            )
        }),
        findings: vec![FindingNote {
            rule: rule("ADV-12", "affected versions end"),
            disposition: Disposition::Block,
            message: t("The npm range has no fixed version."),
            remedy: t("Name the first version with the fix, or say that there is none."),
            place: t("affected packages, row 2"),
            field: None,
        }],
        previews: vec![
            preview(
                "OSV 1.7",
                "valid",
                Tone::Good,
                "",
                "{\n  \"schema_version\": \"1.7.5\",\n  \"id\": \"DESK-2024-0003\"\n}",
                true,
            ),
            preview(
                "CVE record 5.2",
                "cannot be made yet",
                Tone::Warning,
                "There is no CVE number yet.",
                "",
                false,
            ),
        ],
        versions: vec![
            VersionEntry {
                number: t("2"),
                at: moment("2024-11-22T09:00:00Z"),
                author: t("coordinator-a"),
                digest: t("9f2c41d0a7e3b85c"),
                state: Some(badge("latest", Tone::Neutral)),
                links: vec![link("Look at 2", "?version=2"), link("Compare 1 with 2", "?compare=1")],
            },
            VersionEntry {
                number: t("1"),
                at: moment("2024-11-21T17:00:00Z"),
                author: t("maintainer-a"),
                digest: t("03be77f1c2d94e60"),
                state: None,
                links: vec![link("Look at 1", "?version=1")],
            },
        ],
        compare_action: h("/cases/case-1/advisory#versions"),
        compare: vec![Field::new(
            t("old"),
            t("From"),
            Control::Select(vec![Choice { value: t("1"), label: t("Version 1"), chosen: true }]),
        )],
        difference: Some(Difference {
            title: t("Version 1 to version 2"),
            lines: vec![
                change(LineChange::Same, "id: DESK-2024-0003"),
                change(LineChange::Removed, "title: Script in preview"),
                change(LineChange::Added, "title: A crafted notebook runs script in the file preview"),
            ],
        }),
        approval_rule: t(
            "One person who did not write this version must approve it: a developer or coordinator of the case.",
        ),
        approvals: vec![Approval {
            person: t("maintainer-a"),
            role: t("developer"),
            at: moment("2024-11-22T12:00:00Z"),
            version: t("2"),
        }],
        actions: vec![
            ActionForm {
                disabled: Some(t("You wrote this version.")),
                ..action("approve", "Approve", "", vec![], "Approve")
            },
            ActionForm {
                grave: true,
                ..action(
                    "publish",
                    "Publish now",
                    "Everybody can read it from then on.",
                    vec![line("reason", "Reason for the early date", "")],
                    "Publish",
                )
            },
        ],
    }
}

fn public() -> AdvisoryPublic {
    let command = |label: &str, command: &str| Command { label: t(label), command: t(command) };
    AdvisoryPublic {
        shell: public_shell(),
        id: t("DESK-2024-0003"),
        aliases: vec![t("CVE-2099-10003"), t("GHSA-xxxx-yyyy-zzzz")],
        title: t("A crafted notebook runs script in the file preview"),
        project: link("Jupyter", "/projects/jupyter"),
        impact: t(
            "Looking at the preview of a notebook from somebody else can run script with your rights; update to 4.2.5 or 4.3.1.",
        ),
        severity: badge("high, 7.6 of 10", Tone::Danger),
        vector: t("CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:H/I:L/A:N"),
        published: moment("2024-11-14T15:00:00Z"),
        revised: Some(moment("2024-11-15T09:00:00Z")),
        withdrawn: None,
        affected: vec![
            AffectedRow {
                package: t("jupyterlab"),
                ecosystem: t("PyPI"),
                affected: t("from 4.0.0, before 4.2.5"),
                fixed: t("4.2.5"),
            },
            AffectedRow {
                package: t("@jupyterlab/application"),
                ecosystem: t("npm"),
                affected: t("from 4.3.0, before 4.3.1"),
                fixed: t(""),
            },
        ],
        question_action: h("/advisories/DESK-2024-0003"),
        question_check: h("/advisories/DESK-2024-0003/affected"),
        question: vec![line("installed", "The version that you have", "4.2.4")],
        answer: Some(AffectedAnswer {
            verdict: badge("affected", Tone::Danger),
            asked: t("jupyterlab 4.2.4"),
            because: vec![t("4.2.4 is in the affected range >= 4.0.0, < 4.2.5.")],
            advice: t("Update to 4.2.5 or later; the commands stand below."),
        }),
        am_i_affected: vec![
            command("With bastide", "bastide audit ."),
            command("With pip", "pip show jupyterlab"),
        ],
        mend: vec![
            command("With pip", "pip install --upgrade 'jupyterlab>=4.2.5'"),
            command("With uv", "uv add 'jupyterlab>=4.2.5'"),
            command("With conda", "conda update -c conda-forge jupyterlab"),
            command("With npm", "npm install @jupyterlab/application@latest"),
        ],
        workaround: t("Do not open previews of notebooks that you do not trust."),
        details: markup(
            "<p>The preview kept <code>svg</code> outputs, and a browser runs script in them.</p><ul><li>First affected: 4.0.0</li></ul>",
        ),
        timeline: vec![
            TimelineMoment { at: moment("2024-08-10T09:00:00Z"), what: t("Reported.") },
            TimelineMoment { at: moment("2024-11-14T15:00:00Z"), what: t("Announced.") },
        ],
        credits: vec![
            CreditRow {
                name: t("reporter-a"),
                role: t("found and reported it"),
                page: Some(link("https://example.org/reporter-a", "https://example.org/reporter-a")),
            },
            CreditRow { name: t("maintainer-a"), role: t("mended it"), page: None },
        ],
        weaknesses: vec![link(
            "CWE-79: cross-site scripting",
            "https://cwe.mitre.org/data/definitions/79.html",
        )],
        references: vec![
            link("The fix", "https://example.org/fix"),
            link("Release notes", "https://example.org/notes"),
        ],
        formats: vec![
            FormatLink {
                name: t("OSV"),
                href: h("/advisories/DESK-2024-0003.osv.json"),
                audience: t("scanners and package managers"),
                digest: t("sha256:0a1b2c"),
                proof: Some(h("/advisories/DESK-2024-0003/proof/osv")),
            },
            FormatLink {
                name: t("CSAF 2.0"),
                href: h("/advisories/DESK-2024-0003.csaf.json"),
                audience: t("operators with many products"),
                digest: t("sha256:0a1b2c"),
                proof: Some(h("/advisories/DESK-2024-0003/proof/osv")),
            },
            FormatLink {
                name: t("Plain text"),
                href: h("/advisories/DESK-2024-0003.txt"),
                audience: t("people and mailing lists"),
                digest: t("sha256:0a1b2c"),
                proof: Some(h("/advisories/DESK-2024-0003/proof/osv")),
            },
        ],
        versions: vec![link("Version 1, 2024-11-14", "?version=1")],
        proof: Some(h("/advisories/DESK-2024-0003/proof")),
        history: Some(h("/advisories/DESK-2024-0003/history")),
        imported: Some(link("https://example.org/PSF-2024-1", "https://example.org/PSF-2024-1")),
    }
}

pub(crate) fn samples() -> Vec<Named> {
    let frozen = AdvisoryDraft {
        edit: None,
        findings: Vec::new(),
        previews: Vec::new(),
        versions: Vec::new(),
        difference: None,
        approvals: Vec::new(),
        ..draft()
    };
    let withdrawn = AdvisoryPublic {
        withdrawn: Some(t("It turned out that the preview never ran the script.")),
        affected: Vec::new(),
        mend: Vec::new(),
        am_i_affected: Vec::new(),
        question: Vec::new(),
        answer: None,
        history: None,
        imported: None,
        workaround: t(""),
        credits: Vec::new(),
        details: SafeHtml::default(),
        timeline: Vec::new(),
        revised: None,
        ..public()
    };
    let list = AdvisoryList {
        shell: public_shell(),
        heading: t("Advisories"),
        summary: t("Everything that this desk has published."),
        feed: h("/advisories.atom"),
        filter_action: h("/advisories"),
        filters: vec![line("search", "Search", "")],
        rows: advisory_rows(),
        empty: EmptyState {
            what: t("No advisory matches."),
            why: t("Try a shorter search."),
            next: vec![link("Show all", "/advisories")],
        },
    };
    let empty_list = AdvisoryList { rows: Vec::new(), ..list.clone() };
    let thanks = Acknowledgements {
        shell: public_shell(),
        years: vec![AcknowledgedYear {
            year: t("2024"),
            people: vec![AcknowledgedPerson {
                name: t("reporter-a"),
                role: t("found and reported"),
                projects: t("Jupyter"),
                advisories: vec![link("DESK-2024-0003", "/advisories/DESK-2024-0003")],
                latest: moment("2024-11-14T15:00:00Z"),
            }],
        }],
    };
    let no_thanks = Acknowledgements { shell: public_shell(), years: Vec::new() };
    let proof = AdvisoryProof {
        shell: public_shell(),
        id: t("DESK-2024-0003"),
        title: t("A crafted notebook runs script in the file preview"),
        page: h("/advisories/DESK-2024-0003"),
        version: t("version 2"),
        documents: public().formats,
        verification: vec![Command {
            label: t("Check it"),
            command: t("bastide ledger verify --proof proof.json"),
        }],
        ledger: h("/ledger"),
    };
    let history = AdvisoryHistory {
        shell: public_shell(),
        id: t("DESK-2024-0003"),
        title: t("A crafted notebook runs script in the file preview"),
        page: h("/advisories/DESK-2024-0003"),
        versions: vec![VersionChange {
            number: t("Version 2"),
            at: moment("2024-11-15T09:00:00Z"),
            summary: t("The fixed version was wrong."),
            page: h("/advisories/DESK-2024-0003?version=2"),
            difference: vec![
                DifferenceLine { change: LineChange::Removed, text: t("Fixed in 4.2.4.") },
                DifferenceLine { change: LineChange::Added, text: t("Fixed in 4.2.5.") },
            ],
        }],
    };
    vec![
        page("advisory-proof", &proof),
        page("advisory-history", &history),
        page("advisory-draft", &draft()),
        page("advisory-draft-frozen", &frozen),
        page("advisory-public", &public()),
        page("advisory-public-withdrawn", &withdrawn),
        page("advisory-list", &list),
        page("advisory-list-empty", &empty_list),
        page("acknowledgements", &thanks),
        page("acknowledgements-empty", &no_thanks),
    ]
}
