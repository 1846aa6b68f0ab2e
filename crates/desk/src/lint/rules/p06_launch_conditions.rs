//! REP-P06: the attack does not depend on control of the launch conditions.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, run_example},
    policy::Disposition,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-P06",
        title: "The attacker does not control how the program is started",
        why: "Whoever sets the command line, the environment or the files of a program could start a program of their \
              own as well. Nothing inside of the program can mend that.",
        sources: &["P06"],
        severity: Level::Medium,
        remedy: "Answer whether the attack needs control of the command line, environment variables or files at launch. If \
                 it does, it is not a vulnerability of the program.",
        failing: "Title: Code runs\nLaunch conditions: yes\n\nSet PYTHONPATH to a directory of yours.\n",
        passing: "Title: Code runs\nLaunch conditions: no\n\nA response header does it.\n",
        run: |example| run_example("cpython", "REP-P06", example),
    },
    disposition: Disposition::Hold,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    let field = "answers.launch-conditions";
    match subject.draft.answers.launch_conditions {
        Some(false) => Vec::new(),
        Some(true) => {
            let message =
                "the attack depends on control of the launch conditions (reject code `launch-conditions`)";
            vec![Noted::field(field, message)]
        }
        None => {
            let message =
                "it is not said whether the attacker needs control of the command line, environment or files";
            vec![Noted::field(field, message)]
        }
    }
}
