//! What people read before they dare: help texts as snapshots, and the rules.

use crate::bastide::Bastide;

/// The commands whose help is a snapshot.
const SHOWN: [&str; 21] = [
    "",
    "audit",
    "policy check",
    "report lint",
    "advisory render",
    "ledger verify",
    "ledger prove",
    "admin",
    "admin grant",
    "demo",
    "serve",
    "sync",
    "login",
    "operations",
    "inbox",
    "report send",
    "case",
    "case triage",
    "advisory get",
    "graph import",
    "impact",
];

#[test]
fn the_help_says_what_each_command_does_with_an_example() {
    let bastide = Bastide::new();
    for command in SHOWN {
        let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let help = bastide.done(&words);
        if !command.is_empty() && command != "admin grant" && command != "case" {
            assert!(help.contains("Example"), "{command} shows no example:\n{help}");
        }
        let name = if command.is_empty() { "bastide".to_owned() } else { command.replace(' ', "_") };
        insta::assert_snapshot!(name, help);
    }
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_is_wrong_on_standard_error() {
    let bastide = Bastide::new();
    for wrong in [&["nothing"][..], &["policy", "check"], &["rules", "--format", "xml"], &["explain", "X-1"]]
    {
        let ended = bastide.run(wrong);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{wrong:?}");
        assert!(ended.err.starts_with("error: "), "{wrong:?}: {}", ended.err);
    }
}

/// Proves: S02.
#[test]
fn every_step_of_the_process_is_a_command_that_explains_itself() {
    let bastide = Bastide::new();
    let listed = bastide.done(&["case", "--help"]);
    for kind in bastide_usecases::step::StepKind::ALL {
        assert!(listed.contains(kind.name), "{} is not listed", kind.name);
        let help = bastide.done(&["case", kind.name, "--help"]);
        let flat: String = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [kind.title, kind.why, kind.rule] {
            assert!(flat.contains(part), "{}: the help does not say {part:?}\n{help}", kind.name);
        }
        for field in kind.fields {
            assert!(help.contains(&format!("--{}", field.name)), "{}: no --{}", kind.name, field.name);
        }
    }
    println!("{} steps are commands", bastide_usecases::step::StepKind::ALL.len());
}

/// Proves: S02.
#[test]
fn every_rule_is_listed_and_explained() {
    let bastide = Bastide::new();
    let listed = bastide.done(&["rules"]);
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(ids.len() > 40, "{} rules", ids.len());
    for id in &ids {
        let page = bastide.done(&["explain", id]);
        for part in ["What to do: ", "Breaks the rule:", "Keeps it:", "Source: "] {
            assert!(page.contains(part), "{id} has no {part}");
        }
    }
    let json: serde_json::Value =
        serde_json::from_str(&bastide.done(&["rules", "--format", "json"])).unwrap();
    assert_eq!(json["rules"].as_array().unwrap().len(), ids.len());
    println!("{} rules listed and explained", ids.len());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let bastide = Bastide::new();
    let mut command = bastide.command(&["rules", "--format", "markdown"]);
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0));
}

#[test]
fn shells_and_man_learn_every_command() {
    let bastide = Bastide::new();
    for (shell, word) in [("bash", "_bastide"), ("zsh", "#compdef bastide"), ("fish", "complete -c bastide")]
    {
        let script = bastide.done(&["completions", shell]);
        assert!(script.contains(word) && script.contains("backup"), "{shell}");
    }
    bastide.done(&["manual", "man1"]);
    let pages = std::fs::read_dir(bastide.home().join("man1")).unwrap().count();
    println!("{pages} manual pages");
    assert!(pages > 60, "{pages}");
    let page = std::fs::read_to_string(bastide.home().join("man1/bastide-restore.1")).unwrap();
    assert!(page.contains("identity"), "{page}");
}
