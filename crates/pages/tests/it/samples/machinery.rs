//! The pages of whoever runs the desk.

use bastide_pages::{
    desk::{DeadLetterRow, JobRow, Operations},
    part::{EmptyState, Tone},
};

use super::{Named, badge, line, moment, page, t, team_shell};
use crate::samples::reporting::action;

fn operations() -> Operations {
    let job = |what: &str, state, failures: &str| JobRow {
        what: t(what),
        state,
        succeeded: Some(moment("2024-11-22T14:04:00Z")),
        failed: None,
        failures: t(failures),
    };
    Operations {
        shell: team_shell(),
        held: Some(t(
            "Since Fri 22 Nov 2024 13:00 UTC, until Sat 23 Nov 2024 13:00 UTC. Reason: A list was added by mistake.",
        )),
        hold: action(
            "release",
            "Let mail go again",
            "What has waited is sent in the next seconds.",
            Vec::new(),
            "Let mail go again",
        ),
        jobs: vec![
            job("Looks at cases whose time has come", badge("works", Tone::Good), "0"),
            JobRow {
                succeeded: None,
                failed: Some(moment("2024-11-22T14:03:00Z")),
                ..job("Writes backups", badge("failed", Tone::Danger), "3")
            },
        ],
        facts: vec![
            (t("Messages to send"), t("4; the oldest since Fri 22 Nov 2024 13:02 UTC")),
            (t("Room on the disk"), t("20480 MiB")),
        ],
        read: moment("2024-11-22T14:05:00Z"),
        letters: vec![DeadLetterRow {
            id: t("msg-0123456789abcdef"),
            what: t("news by mail"),
            why: t("the relay is away"),
            attempts: t("8"),
            given_up: moment("2024-11-21T09:00:00Z"),
            retry: action("retry-1", "Try it again", "", Vec::new(), "Try it again"),
            drop: action("drop-1", "Never send it", "", Vec::new(), "Never send it"),
        }],
        no_letters: EmptyState {
            what: t("No message waits for a decision."),
            why: t("A message comes here when it could not be sent."),
            next: Vec::new(),
        },
    }
}

pub(crate) fn samples() -> Vec<Named> {
    let quiet = Operations {
        held: None,
        hold: action(
            "hold",
            "Hold everything outgoing",
            "Nothing leaves.",
            vec![line("reason", "Reason", "")],
            "Hold everything outgoing",
        ),
        jobs: Vec::new(),
        letters: Vec::new(),
        ..operations()
    };
    vec![page("operations", &operations()), page("operations-quiet", &quiet)]
}
