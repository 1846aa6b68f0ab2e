//! REP-P08: an attack on availability moves the attacker upward.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::{
        draft::Posture,
        rule::{Noted, ReportRule, Stage, Subject, run_example},
    },
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P08",
        title: "Availability: the attacker gains something new",
        why: "Somebody who could stop the program anyway gains nothing by stopping it in another way; then it is a \
              matter of performance and belongs into a public issue.",
        sources: &["P08"],
        severity: Level::Medium,
        remedy: "Say whether the attacker moves upward (`Posture: upward`) and name what they could not do before.",
        failing: "Title: Slow\nAvailability: yes\nPosture: lateral\n\nIt is slow.\n",
        passing: "Title: Slow\nAvailability: yes\nPosture: upward\n\nAny client stops the server for all others.\n",
        run: |example| run_example("cpython", "REP-P08", example),
    },
    disposition: Disposition::Hold,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let answers = &subject.draft.answers;
    if answers.availability != Some(true) {
        return Vec::new();
    }
    match answers.posture {
        Some(Posture::Upward) => Vec::new(),
        Some(Posture::Lateral) => {
            let message = "the posture of the attacker changes only laterally: a matter of performance";
            vec![Noted::field("answers.posture", message)]
        }
        None => vec![Noted::field(
            "answers.posture",
            "it is not said what the attacker gains that they did not have",
        )],
    }
}
