//! `bastide report lint`: the desk's verdict without the desk.

use crate::bastide::Bastide;

const POOR: &str = "Title: HTML injection\nTested versions: 4.2.4 vulnerable\n\nA CVSS of 9.8!\n";

/// Proves: P20.
#[test]
fn a_poor_report_is_told_what_to_mend_and_what_would_become_of_it() {
    let bastide = Bastide::new();
    bastide.file("report.txt", POOR);
    let ended = bastide.run(&["report", "lint", "--project", "jupyterlab", "report.txt"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    insta::assert_snapshot!("poor_report", ended.out);
}

#[test]
fn findings_come_in_every_format_with_the_name_of_the_file() {
    let bastide = Bastide::new();
    bastide.file("report.txt", POOR);
    let lint =
        |format| bastide.run(&["report", "lint", "--project", "numpy", "--format", format, "report.txt"]);
    for (format, begins) in [("json", "{"), ("sarif", "{"), ("github", "::"), ("markdown", "|")] {
        let ended = lint(format);
        assert_eq!(ended.code, 1, "{format}");
        assert!(ended.out.contains("REP-P20"), "{format}: {}", ended.out);
        if format != "markdown" {
            assert!(ended.out.starts_with(begins), "{format}: {}", ended.out);
        }
        assert!(ended.out.contains("report.txt"), "{format} names the file: {}", ended.out);
    }
}

/// Proves: J01.
#[test]
fn a_mail_is_read_as_a_report_by_its_ending() {
    let bastide = Bastide::new();
    let mail = format!("From: reporter-a@example.org\r\nSubject: HTML injection\r\n\r\n{POOR}");
    bastide.file("message.eml", &mail);
    let by_ending = bastide.run(&["report", "lint", "--project", "jupyter", "message.eml"]);
    bastide.file("message.txt", &mail);
    let by_option = bastide.run(&["report", "lint", "--project", "jupyter", "--kind", "mail", "message.txt"]);
    assert_eq!(by_ending.code, 1);
    assert_eq!(by_ending.out.replace("message.eml", ""), by_option.out.replace("message.txt", ""));
    let as_text = bastide.run(&["report", "lint", "--project", "jupyter", "message.txt"]);
    assert_ne!(as_text.out, by_option.out, "the headers of a mail are no text of its report");
}

#[test]
fn a_report_that_keeps_every_rule_ends_with_0() {
    let bastide = Bastide::new();
    let good = "Title: Size of a header is not checked\nTested versions: 2.2.4 vulnerable\nPlatform: Linux\n\
                Threat model: a prepared file from a stranger leads to memory corruption\nCites: untrusted-data\n\
                Real world: services that load arrays which users upload\nLaunch conditions: no\nAvailability: no\n\
                Fixed on main: no\nExperimental: no\nPlatform dependent: no\nVerified: yes\nFreely executes: no\n\
                Attack vector: a user uploads a file whose header claims a size that overflows\n\
                Proof of concept: import sys; sys.exit(1 if overflows() else 0)\n\
                Patch: check the size before it is multiplied\n\nThe size in the header is multiplied unchecked.\n";
    let ended = bastide.run_with(&["report", "lint", "--project", "numpy", "-"], good);
    assert_eq!(ended.code, 0, "{}", ended.out);
    assert!(ended.out.contains("As it is, the desk would take it in"), "{}", ended.out);
}

#[test]
fn an_escape_sequence_of_a_report_never_reaches_the_terminal() {
    let bastide = Bastide::new();
    let hostile = "Title: x\u{1b}[2J\n\nCVSS 9.8 \u{1b}]0;owned\u{7} \u{202e}gnp.exe severity: critical\n";
    let ended = bastide.run_with(&["report", "lint", "--project", "numpy", "-"], hostile);
    assert_eq!(ended.code, 1);
    let driven = ended
        .out
        .chars()
        .find(|character| character.is_control() && *character != '\n' || *character == '\u{202e}');
    assert_eq!(driven, None, "{:?}", ended.out);
}

#[test]
fn an_unknown_project_is_answered_with_those_that_are_known() {
    let bastide = Bastide::new();
    let ended = bastide.run_with(&["report", "lint", "--project", "nunpy", "-"], "x");
    assert_eq!(ended.code, 2);
    insta::assert_snapshot!("unknown_project", ended.err);
}
