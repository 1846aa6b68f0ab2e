//! What the built-in threat models say, and that nothing is loosened silently.

use super::*;

fn suggested(model: &str, answered: &[(Question, bool)], text: &str) -> Vec<String> {
    let answered: Answered = answered.iter().copied().collect();
    let suggester = Suggester::new(builtin(model).unwrap());
    suggester.suggest(&answered, text).into_iter().map(|suggestion| suggestion.clause).collect()
}

#[test]
fn every_built_in_model_is_sound_and_every_clause_names_its_origin() {
    let mut clauses = 0;
    for name in BUILTIN_NAMES {
        let model = builtin(name).unwrap_or_else(|| {
            let text = std::fs::read_to_string(format!("../../policies/threat-models/{name}.toml")).unwrap();
            panic!("{:#?}", check(&text, name))
        });
        assert!(!model.clauses.is_empty());
        for clause in &model.clauses {
            assert!(!clause.origin.document.is_empty(), "{name}: {}", clause.id);
            clauses += 1;
        }
        let json = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<ThreatModel>(&json).unwrap(), model);
    }
    println!("{} built-in threat models, {clauses} clauses with what they inherit", BUILTIN_NAMES.len());
    assert!(clauses > 40);
}

/// Proves: P05.
#[test]
fn names_that_are_documented_to_run_code_suggest_the_clause_on_documented_functionality() {
    for name in ["pickle.loads(data)", "marshal", "import shelve", "eval(text)", "exec()", "ctypes.memmove"] {
        let clauses = suggested("cpython", &[], name);
        assert!(clauses.contains(&"documented-functionality".to_owned()), "{name}: {clauses:?}");
    }
    assert!(suggested("cpython", &[], "ast.literal_eval(text) and model.eval() and executor").is_empty());
}

/// Proves: P04, P06, P07, P08, P09, P12, P14, P15, O06.
#[test]
fn answers_suggest_their_clauses() {
    let table = [
        (Question::RealWorld, false, "unrealistic", Ruling::OutOfScope),
        (Question::LaunchConditions, true, "launch-conditions", Ruling::OutOfScope),
        (Question::ReasonableInput, false, "unreasonable-input", Ruling::Bug),
        (Question::UpwardPosture, false, "lateral-posture", Ruling::Bug),
        (Question::InDependency, true, "dependency", Ruling::Upstream),
        (Question::OnlyPrerelease, true, "prerelease", Ruling::Bug),
        (Question::Experimental, true, "experimental", Ruling::Bug),
        (Question::SupportedPlatform, false, "unsupported-platform", Ruling::Upstream),
    ];
    let model = builtin("cpython").unwrap();
    for (question, answer, clause, ruling) in table {
        assert_eq!(suggested("cpython", &[(question, answer)], ""), [clause]);
        assert!(suggested("cpython", &[(question, !answer)], "").is_empty());
        assert_eq!(model.clause(clause).unwrap().ruling, ruling);
    }
}

/// Proves: S01, S03, S05, S06.
#[test]
fn scipy_adds_to_numpy_and_rules_on_free_execution() {
    let model = builtin("scipy").unwrap();
    assert_eq!(model.clause("untrusted-data").unwrap().model.as_str(), "numpy");
    let own = model.clause("free-execution").unwrap();
    assert_eq!(own.model.as_str(), "scipy");
    assert_eq!(own.overrides.as_ref().unwrap().ruled, Ruling::OutOfScope);
    assert_eq!(suggested("scipy", &[(Question::FreelyExecutes, true)], ""), ["free-execution"]);
    assert_eq!(suggested("scipy", &[], "it ends in a segfault"), ["bug-under-free-execution"]);
    assert_eq!(model.clause("bug-under-free-execution").unwrap().ruling, Ruling::Bug);
}

fn child(clause: &str) -> String {
    format!(
        "schema = 1\nname = \"ours\"\ntitle = \"Ours\"\nversion = 1\ninherits = \"cpython\"\n[[clause]]\n{clause}\n\
         title = \"t\"\ntext = \"x\"\norigin = {{ document = \"ours\" }}\n"
    )
}

#[test]
fn a_child_never_changes_an_inherited_clause_silently() {
    let silent = [
        "id = \"documented-functionality\"\nruling = \"vulnerability\"",
        "id = \"pickle-is-bad\"\nruling = \"vulnerability\"\nnames = [\"pickle\"]",
        "id = \"env\"\nruling = \"bug\"\nwhen = [{ question = \"launch-conditions\", answer = true }]",
        "id = \"tls\"\nruling = \"bug\"\nnames = [\"ssl\"]",
        "id = \"tls\"\nruling = \"bug\"\noverrides = \"tls-validation\"",
        "id = \"tls\"\nruling = \"bug\"\noverrides = \"tls-validatoin\"\nreason = \"because\"",
        "id = \"tls\"\nruling = \"bug\"\nreason = \"because\"",
    ];
    let said: Vec<String> = silent
        .iter()
        .flat_map(|clause| check(&child(clause), "ours.toml").unwrap_err())
        .map(|p| p.to_string())
        .collect();
    assert_eq!(said.len(), silent.len());
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_stated_override_replaces_the_clause_and_keeps_the_reason() {
    let text = child(
        "id = \"tls\"\nruling = \"bug\"\nnames = [\"ssl\"]\noverrides = \"tls-validation\"\nreason = \"no network here\"",
    );
    let model = check(&text, "ours.toml").unwrap();
    assert!(model.clause("tls-validation").is_none());
    let clause = model.clause("tls").unwrap();
    let stated = clause.overrides.as_ref().unwrap();
    assert_eq!((stated.ruled, stated.reason.as_str()), (Ruling::Vulnerability, "no network here"));
    assert_eq!(model.clauses.len(), builtin("cpython").unwrap().clauses.len());
}

#[test]
fn a_circle_and_a_missing_parent_are_explained() {
    let circle = "schema = 1\nname = \"numpy\"\ntitle = \"n\"\nversion = 1\ninherits = \"scipy\"\n";
    let problems = Library::builtin().with("numpy", circle).check(circle, "numpy.toml").unwrap_err();
    assert!(problems[0].message.contains("circle"), "{}", problems[0]);
    let missing = circle.replace("scipy", "scippy");
    let problems = check(&missing, "numpy.toml").unwrap_err();
    assert_eq!((problems[0].line, problems[0].remedy.as_str()), (5, "did you mean `scipy`?"));
}

/// Proves: P09, P29, J14.
#[test]
fn an_outcome_cites_only_clauses_that_rule_its_way() {
    for ruling in [Ruling::Vulnerability, Ruling::Bug, Ruling::Upstream, Ruling::OutOfScope] {
        assert!(Outcome::usual(ruling).may_cite(ruling));
    }
    assert!(!Outcome::Vulnerability.may_cite(Ruling::OutOfScope));
    assert!(!Outcome::Declined.may_cite(Ruling::Vulnerability));
    assert!(Outcome::Upstream.needs().contains(&Needs::ReporterConsent));
    assert!(Outcome::Declined.needs().contains(&Needs::Notice));
}
