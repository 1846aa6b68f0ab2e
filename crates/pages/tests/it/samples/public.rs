//! Pages that everybody may see.

use bastide_pages::{
    Notice, Shell,
    desk::{
        DemoRole, DemoStart, Home, Ledger, LogKeys, Message, OneForm, Outcome, PlayedStep, Project,
        ProjectCard, PublicKeyRow, PublicKeys, Security, SignIn, VersionRow,
    },
    part::{
        AdvisoryRow, ClauseRow, Command, Disposition, FindingNote, MailRoute, Moment, PolicyPoint,
        PolicySummary, Tone,
    },
};

use super::{Named, badge, h, instant, link, moment, page, public_shell, rule, t, team_shell, tokens};
use crate::samples::reporting::action;

pub(crate) fn advisory_rows() -> Vec<AdvisoryRow> {
    let row = |id: &str, cve: Option<&str>, title: &str, project: &str, severity, tone, at: &str, state| {
        AdvisoryRow {
            id: t(id),
            cve: cve.map(t),
            title: t(title),
            href: h("/advisories/DESK-2024-0003"),
            project: t(project),
            severity: badge(severity, tone),
            published: moment(at),
            state,
        }
    };
    vec![
        row(
            "DESK-2024-0003",
            Some("CVE-2099-10003"),
            "A crafted notebook runs script in the file preview",
            "Jupyter",
            "high, 7.6",
            Tone::Danger,
            "2024-11-14T15:00:00Z",
            None,
        ),
        row(
            "DESK-2024-0002",
            Some("CVE-2099-10002"),
            "Archive members are written outside the target folder",
            "CPython",
            "medium, 5.3",
            Tone::Warning,
            "2024-09-02T15:00:00Z",
            Some(badge("revised", Tone::Neutral)),
        ),
        row(
            "DESK-2024-0001",
            None,
            "A header of 200 bytes allocates 4 GB",
            "NumPy",
            "low, 3.1",
            Tone::Neutral,
            "2024-05-30T15:00:00Z",
            Some(badge("withdrawn", Tone::Quiet)),
        ),
    ]
}

pub(crate) fn policy() -> PolicySummary {
    let point = |topic: &str, text: &str, id: &str| PolicyPoint {
        topic: t(topic),
        text: t(text),
        rule: Some(rule(id, "")),
    };
    PolicySummary {
        points: vec![
            point("First answer", "A person answers every report within 3 days.", "J04"),
            point(
                "Disclosure",
                "A vulnerability is published within 90 days, whether there is a fix or not.",
                "J06",
            ),
            point(
                "Time to update",
                "There are normally 7 days between the release of a fix and its announcement.",
                "J24",
            ),
            point("Thanks", "You are named in the advisory if you wish.", "J07"),
            PolicyPoint {
                topic: t("Other mail"),
                text: t("Advertising and compliance questions get no answer."),
                rule: None,
            },
        ],
        version: t("Version 3 of this policy, sha256 9f2c41d0."),
        links: vec![link("The whole policy as JSON", "/projects/jupyter/policy.json")],
    }
}

pub(crate) fn clauses() -> Vec<ClauseRow> {
    let clause = |id: &str, text: &str, ruling: &str, tone, origin: &str| ClauseRow {
        id: t(id),
        text: t(text),
        ruling: badge(ruling, tone),
        origin: t(origin),
    };
    vec![
        clause(
            "free-execution",
            "Whoever may freely run functions has all rights of the interpreter. Crashes or exhausted time and memory reached in this way are bugs.",
            "ordinary bug",
            Tone::Quiet,
            "SciPy",
        ),
        clause(
            "documented",
            "Documented behaviour is no vulnerability: loading a pickle, calling eval or exec runs code.",
            "not a vulnerability",
            Tone::Quiet,
            "Python",
        ),
        clause(
            "preview-isolation",
            "Looking at a notebook without running it must not run anything in it.",
            "vulnerability",
            Tone::Danger,
            "Jupyter",
        ),
        clause(
            "bundled-libraries",
            "A flaw of a bundled library belongs to that library, unless our use of it makes it worse.",
            "belongs upstream",
            Tone::Progress,
            "Python",
        ),
    ]
}

pub(crate) fn mail() -> MailRoute {
    MailRoute { address: t("security@example.org"), key: Some(link("OpenPGP key", "/keys/desk.asc")) }
}

fn security() -> Security {
    Security {
        shell: public_shell(),
        programme: t("Scientific Python"),
        report: h("/report"),
        mail: vec![(t("JupyterLab, Jupyter Server"), mail())],
        advisories: advisory_rows(),
        all_advisories: h("/advisories"),
        documents: vec![(
            t("For users"),
            vec![link("Advisories", "/advisories"), link("Feed", "/feed.atom")],
        )],
        questions: vec![link("JupyterLab", "https://example.org/security")],
    }
}

fn home() -> Home {
    let card = |title: &str, summary: &str| ProjectCard {
        title: t(title),
        href: h("/projects/jupyter"),
        summary: t(summary),
        report: h("/projects/jupyter/report"),
        promise: t("First answer within 3 days, disclosure within 90 days."),
    };
    Home {
        add: Some(link("Take a project in", "/admin/onboarding")),
        shell: public_shell(),
        programme: t("Scientific Python security"),
        summary: t(
            "The desk where vulnerabilities in these projects are reported in private, mended together and published for everybody.",
        ),
        projects: vec![
            card("Jupyter", "Notebooks, JupyterLab, JupyterHub and their servers."),
            card("CPython", "The reference implementation of Python."),
            card("NumPy", "Arrays and numerical computing."),
            card("SciPy", "Algorithms for scientific computing; follows NumPy's rules besides its own."),
        ],
        unsure: Some(link("Send it to the people who route reports", "/projects/unsure/report")),
        mail: Some(mail()),
        latest: advisory_rows(),
        all_advisories: h("/advisories"),
        feed: h("/advisories.atom"),
        community: vec![
            link("How the process works", "https://example.org/process"),
            link("Community forum", "https://example.org/forum"),
        ],
    }
}

fn project() -> Project {
    let version = |version: &str, status: &str, tone, until: Option<&str>, meaning: &str| VersionRow {
        version: t(version),
        status: badge(status, tone),
        until: until.map(|day| Moment::day_of(instant(day))),
        meaning: t(meaning),
    };
    Project {
        shell: public_shell(),
        title: t("Jupyter"),
        summary: t("Notebooks, JupyterLab, JupyterHub and their servers."),
        report: h("/projects/jupyter/report"),
        mail: Some(mail()),
        policy: policy(),
        inherits: t("Some clauses come from the documents of Python and SciPy."),
        clauses: clauses(),
        versions: vec![
            version(
                "4.4",
                "pre-release",
                Tone::Progress,
                None,
                "Report as an ordinary public bug; no CVE number.",
            ),
            version(
                "4.3",
                "bug fixes",
                Tone::Good,
                Some("2025-05-31T00:00:00Z"),
                "Reports accepted, CVE number possible.",
            ),
            version(
                "4.2",
                "security fixes only",
                Tone::Warning,
                Some("2025-02-28T00:00:00Z"),
                "Reports accepted, CVE number possible.",
            ),
            version(
                "3.6",
                "end of life",
                Tone::Quiet,
                Some("2024-05-15T00:00:00Z"),
                "Please update; no fixes are made.",
            ),
        ],
        advisories: advisory_rows(),
        machine_links: vec![
            link("security.txt", "/projects/jupyter/security.txt"),
            link("Policy as JSON", "/projects/jupyter/policy.json"),
            link("Threat model as JSON", "/projects/jupyter/threat-model.json"),
        ],
        community: vec![link("Securing a Jupyter server", "https://example.org/server-security")],
    }
}

fn demo() -> DemoStart {
    let role = |name: &str, role: &str, sees: &str| DemoRole {
        name: t(name),
        role: t(role),
        sees: t(sees),
        action: h("/demo/be"),
        tokens: tokens(),
    };
    let step = |at: &str, actor: &str, what: &str, id: &str| PlayedStep {
        at: moment(at),
        actor: t(actor),
        what: t(what),
        rule: Some(rule(id, "")),
    };
    DemoStart {
        shell: Shell {
            notices: vec![Notice {
                tone: Tone::Progress,
                text: t("This is a demo with a simulated clock."),
                link: None,
            }],
            ..public_shell()
        },
        summary: t(
            "One case was played from its report to its publication, by the same commands that people use. It is now yours to look at from every side.",
        ),
        clock: moment("2024-11-22T14:05:00Z"),
        first: link("The finished case, as its coordinator sees it", "/cases/case-1"),
        roles: vec![
            role("reporter-a", "reporter", "Sees the status page of the report, with messages and dates."),
            role(
                "coordinator-a",
                "coordinator of Jupyter",
                "Sees the inbox and carries the case through the process.",
            ),
            role("maintainer-a", "developer of Jupyter", "Mends, tests by hand and approves the advisory."),
        ],
        played: vec![
            step("2024-08-10T09:00:00Z", "reporter-a", "Sent the report.", "J01"),
            step("2024-08-11T08:30:00Z", "coordinator-a", "Acknowledged it.", "J11"),
            step("2024-11-14T15:00:00Z", "coordinator-a", "Published the advisory.", "J28"),
        ],
        more: vec![
            link("The published advisory", "/advisories/DESK-2024-0003"),
            link("The ledger", "/ledger"),
        ],
    }
}

fn ledger() -> Ledger {
    Ledger {
        shell: public_shell(),
        summary: t(
            "Every published advisory stands in this append-only log. Its signed checkpoint proves that nothing was changed or removed afterwards.",
        ),
        origin: t("desk.example.org/public"),
        size: t("1,204"),
        root: t("Zk3o1nXmGm3q0v1QeJtYzQq9l8JxW2c7m0s5yq3N0aA="),
        read: moment("2024-11-22T14:00:00Z"),
        checkpoint: t(
            "desk.example.org/public\n1204\nZk3o1nXmGm3q0v1QeJtYzQq9l8JxW2c7m0s5yq3N0aA=\n\n\u{2014} desk.example.org/public Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
        ),
        key: t("desk.example.org/public+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        verification: vec![
            Command {
                label: t("Verify a proof"),
                command: t("bastide ledger verify --key desk.pub proof.json"),
            },
            Command {
                label: t("Verify that an older checkpoint is a part of this one"),
                command: t("bastide ledger verify --key desk.pub --from old.checkpoint new.checkpoint"),
            },
        ],
        downloads: vec![link("Checkpoint", "/ledger/checkpoint"), link("Verifier key", "/ledger/desk.pub")],
    }
}

fn public_keys() -> PublicKeys {
    PublicKeys {
        shell: public_shell(),
        logs: vec![LogKeys {
            title: t("The public log"),
            signs: t("Every published document stands in it."),
            keys: vec![
                PublicKeyRow {
                    key: t("desk.example.org/public+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                    since: moment("2024-10-01T09:00:00Z"),
                    until: None,
                    sizes: t("from 800 on"),
                },
                PublicKeyRow {
                    key: t("desk.example.org/public+0a1b2c3d+AQpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                    since: moment("2023-10-01T09:00:00Z"),
                    until: Some(moment("2024-10-01T09:00:00Z")),
                    sizes: t("0 to 800"),
                },
            ],
        }],
        links: vec![link("The same for programs", "/api/v1/keys"), link("The public log", "/ledger")],
    }
}

fn refused() -> Message {
    Message {
        shell: team_shell(),
        outcome: Outcome::Refused,
        heading: t("The advisory was not approved"),
        what: t("You wrote this version, so somebody else must approve it."),
        why: t("Two persons stand behind every advisory."),
        rule: Some(rule("J09", "two separate individuals")),
        findings: vec![FindingNote {
            rule: rule("ADV-7", "a title is needed"),
            disposition: Disposition::Block,
            message: t("The advisory has no title."),
            remedy: t("Write one line that says what an attacker can do."),
            place: t("field title"),
            field: None,
        }],
        remedies: vec![t("Ask maintainer-a or another developer of the case to approve it.")],
        next: vec![link("Back to the draft", "/cases/case-1/advisory")],
        reference: t("request-7f3k"),
    }
}

pub(crate) fn samples() -> Vec<Named> {
    let empty_home = Home {
        projects: Vec::new(),
        latest: Vec::new(),
        unsure: None,
        mail: None,
        community: Vec::new(),
        ..home()
    };
    let sign_in = SignIn {
        shell: public_shell(),
        action: h("/sign-in"),
        tokens: tokens(),
        next: t("/inbox"),
        passkey: Some(super::account::passkey(bastide_pages::part::PasskeyUse::SignIn)),
        error: None,
        wait: t("24 hours"),
        others: vec![action(
            "with-house",
            "Sign in with the house",
            "",
            Vec::new(),
            "Sign in with the house",
        )],
    };
    let sign_in_again = SignIn {
        passkey: None,
        wait: t(""),
        error: Some(t("The token has ended. Ask your administrator for a new one.")),
        ..sign_in.clone()
    };
    let one_form = OneForm {
        shell: public_shell(),
        heading: t("Sign in"),
        lead: t("This link signs you in once. Press the button to use it."),
        form: action("sign-in", "Sign in", "", Vec::new(), "Sign in"),
        next: vec![link("Sign in with a token instead", "/sign-in")],
    };
    let bare_project = Project {
        clauses: Vec::new(),
        versions: Vec::new(),
        advisories: Vec::new(),
        machine_links: Vec::new(),
        community: Vec::new(),
        mail: None,
        ..project()
    };
    let done = Message { outcome: Outcome::Done, findings: Vec::new(), rule: None, ..refused() };
    vec![
        page("security", &security()),
        page("home", &home()),
        page("home-empty", &empty_home),
        page("project", &project()),
        page("project-bare", &bare_project),
        page("sign-in", &sign_in),
        page("sign-in-again", &sign_in_again),
        page("one-form", &one_form),
        page("demo-start", &demo()),
        page("ledger", &ledger()),
        page("public-keys", &public_keys()),
        page("message-refused", &refused()),
        page("message-done", &done),
        page("message-absent", &Message::absent(public_shell())),
    ]
}
