//! REP-S07: the attack vector is described, and whether it assumes free execution.

use bastide_model::{finding::Level, rule::Rule};

use crate::{
    lint::rule::{Noted, ReportRule, Stage, Subject, is_given, run_example},
    policy::Disposition,
    threat::Question,
};

pub(super) const RULE: ReportRule = ReportRule {
    rule: Rule {
        id: "REP-S07",
        title: "The attack vector is described, and whether it assumes free execution",
        why: "A numerical library is not made to be exposed to untrusted users: whoever can freely execute its functions has \
              the rights of the process already. So the first question is how the attacker gets there.",
        sources: &["S07", "S05"],
        severity: Level::Medium,
        remedy: "Describe step by step how an attacker reaches the flaw (`Attack vector`), and answer whether they can freely \
                 execute functions (`Freely executes`).",
        failing: "Title: Use after free\nAttack vector: call the function with a crafted array\nFreely executes: yes\n\nIt crashes.\n",
        passing: "Title: Wrong digest accepted\nAttack vector: whoever controls the mirror serves another file, which is accepted\n\
                  Freely executes: no\n\nThe digest is not compared.\n",
        run: |example| run_example("scipy", "REP-S07", example),
    },
    disposition: Disposition::Record,
    stage: Stage::Report,
    check,
};

fn check(subject: &Subject<'_>) -> Vec<Noted> {
    // The question is for projects whose threat model turns on its answer.
    let turns_on_it = |model: &crate::threat::ThreatModel| {
        model
            .clauses
            .iter()
            .flat_map(|clause| &clause.when)
            .any(|trigger| trigger.question == Question::FreelyExecutes)
    };
    if !subject.linter.model().is_some_and(turns_on_it) {
        return Vec::new();
    }
    let answers = &subject.draft.answers;
    let mut noted = Vec::new();
    if !is_given(answers.attack_vector.as_ref()) {
        noted.push(Noted::field("answers.attack-vector", "the attack vector is not described"));
    }
    let field = "answers.freely-executes";
    match answers.freely_executes {
        None => noted.push(Noted::field(
            field,
            "it is not said whether the attack assumes freely executing functions",
        )),
        Some(true) => {
            let message = "the attack assumes freely executing functions; that is a bug at most, see the clause `free-execution`";
            noted.push(Noted::field(field, message));
        }
        Some(false) => {}
    }
    noted
}
