//! `bastide serve`, and a person and a reporter who talk to it.

use crate::{bastide::Bastide, running::Running};

pub(crate) const REPORT: &str = include_str!("../../demo/report.txt");

/// A desk with a project and a coordinator whose token stands in `token.txt`; gives the coordinator's id.
pub(crate) fn set_up(bastide: &Bastide) -> String {
    let admin = |more: &[&str]| {
        let words: Vec<&str> = ["admin", "--data", "desk"].iter().chain(more).copied().collect();
        bastide.done(&words).trim().to_owned()
    };
    admin(&[
        "project",
        "add",
        "jupyterlab",
        "--title",
        "JupyterLab",
        "--policy",
        "jupyter",
        "--supports",
        "jupyter",
        "--product",
        "jupyterlab",
    ]);
    let person = admin(&["person", "add", "coordinator-a"]);
    admin(&["grant", &person, "coordinator", "--project", "jupyterlab"]);
    bastide.file("token.txt", &admin(&["token", "issue", &person]));
    person
}

pub(crate) fn serve(bastide: &Bastide) -> (Running, String) {
    let running = Running::start(
        bastide,
        &["serve", "--data", "desk", "--listen", "127.0.0.1:0", "--mail-spool", "mail"],
        "The desk is at ",
    );
    let address = running.after("The desk is at ").to_owned();
    (running, address)
}

/// Proves: J04, J11, J13, O01.
#[test]
fn a_report_is_sent_answered_and_judged_from_the_command_line() {
    let bastide = Bastide::new();
    set_up(&bastide);
    let (running, address) = serve(&bastide);
    bastide.file("report.txt", REPORT);
    let sent = bastide.run(&["report", "send", "--desk", &address, "--project", "jupyterlab", "report.txt"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    assert!(sent.out.contains("A person answers by "), "{}", sent.out);
    let link = sent.out.lines().last().unwrap().trim().to_owned();

    let login = bastide.run(&["login", &address, "--token-file", "token.txt"]);
    assert_eq!((login.code, login.out), (0, format!("Signed in at {address} as coordinator-a.\n")));
    let inbox: serde_json::Value =
        serde_json::from_str(&bastide.done(&["inbox", "--format", "json"])).unwrap();
    let case = inbox[0]["case"].as_str().unwrap().to_owned();
    bastide.done(&["case", "take", &case]);
    let text = "Thank you.\nWe are looking.";
    let answered = bastide.run_with(&["case", "acknowledge", &case, "--text", "-"], text);
    assert_eq!(answered.code, 0, "{answered:?}");
    assert!(answered.out.contains(": acknowledged"), "{}", answered.out);
    let status = bastide.run_with(&["report", "status"], &link);
    assert!(status.out.contains("Thank you.\n    We are looking."), "{}", status.out);

    let refused = bastide.run(&["case", "close", &case]);
    assert_eq!(refused.code, 1, "the desk says no: {refused:?}");
    insta::assert_snapshot!("refused_step", refused.err);
    let judged = bastide.run(&[
        "case",
        "triage",
        &case,
        "--outcome",
        "vulnerability",
        "--clause",
        "untrusted-notebook",
        "--reasoning",
        "It runs when it is opened.",
    ]);
    assert_eq!(judged.code, 0, "{judged:?}");
    let shown = bastide.done(&["case", "show", &case]);
    assert!(shown.contains("accept "), "the next step is offered: {shown}");

    let proof = bastide.run(&["case", "proof", &case, "-o", "case.json"]);
    assert_eq!(proof.code, 0, "{proof:?}");
    let key = proof.err.split("--key ").nth(1).unwrap().trim().to_owned();
    assert!(running.end().success());
    let verified = bastide.done(&["ledger", "verify", "--proof", "case.json", "--key", &key]);
    assert!(verified.contains("unchanged"), "{verified}");
    let forged = std::fs::read_to_string(bastide.home().join("case.json")).unwrap().replacen(
        "acknowledged",
        "acknowledgee",
        1,
    );
    bastide.file("forged.json", &forged);
    assert_eq!(bastide.run(&["ledger", "verify", "--proof", "forged.json", "--key", &key]).code, 1);
    assert_eq!(bastide.run(&["ledger", "verify", "--data", "desk"]).code, 0);
}

#[test]
fn the_first_start_makes_an_administrator_and_a_running_desk_keeps_its_data_to_itself() {
    let bastide = Bastide::new();
    let (running, address) = serve(&bastide);
    assert!(running.printed[0].starts_with("This desk is new."), "{:?}", running.printed);
    assert!(running.after(&address).starts_with("/sign-in/"), "{:?}", running.printed);
    for local in [&["ledger", "verify", "--data", "desk"][..], &["admin", "--data", "desk", "person", "list"]]
    {
        let ended = bastide.run(local);
        assert_eq!(ended.code, 3, "{ended:?}");
        assert!(ended.err.starts_with("error: the desk is running"), "{}", ended.err);
    }
    assert!(running.end().success());
    let listed = bastide.done(&["admin", "--data", "desk", "person", "list"]);
    assert!(listed.contains("Administrator") && listed.contains("programme-admin"), "{listed}");
    let (again, _) = serve(&bastide);
    assert_eq!(
        again.printed.len(),
        1,
        "a desk that has an administrator prints no link: {:?}",
        again.printed
    );
    again.kill();
    assert_eq!(
        bastide.run(&["ledger", "verify", "--data", "desk"]).code,
        0,
        "a killed desk left a sound ledger"
    );
}

#[test]
fn a_token_is_noted_for_its_owner_only_and_goes_to_its_desk_only() {
    use std::os::unix::fs::PermissionsExt;
    let bastide = Bastide::new();
    set_up(&bastide);
    let (running, address) = serve(&bastide);
    let wrong = bastide.run_with(&["login", &address], "no-such-token");
    assert_eq!(wrong.code, 3, "{wrong:?}");
    let noted = bastide.home().join(".config/bastide/login.json");
    assert!(!noted.exists(), "a token that does not work is not noted");
    bastide.done(&["login", &address, "--token-file", "token.txt"]);
    assert_eq!(std::fs::metadata(&noted).unwrap().permissions().mode() & 0o777, 0o600);
    let elsewhere = bastide.run(&["inbox", "--desk", "https://elsewhere.example"]);
    assert_eq!(elsewhere.code, 2, "no token is sent to another desk: {elsewhere:?}");
    let plain = bastide.run(&["inbox", "--desk", "http://desk.example.org", "--token-file", "token.txt"]);
    assert_eq!(plain.code, 2, "no token goes over the network in plain: {plain:?}");
    std::fs::set_permissions(&noted, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = bastide.run(&["inbox"]);
    assert!(open.code == 3 && open.err.contains("others can read it"), "{open:?}");
    running.kill();
}

#[test]
fn a_desk_that_people_reach_over_the_network_needs_its_public_address() {
    let bastide = Bastide::new();
    let ended = bastide.run(&["serve", "--listen", "0.0.0.0:0", "--data", "desk"]);
    assert_eq!(ended.code, 2);
    insta::assert_snapshot!("no_public_address", ended.err);
    assert!(!bastide.home().join("desk").exists());
}

#[test]
fn a_second_desk_on_the_same_data_is_refused() {
    let bastide = Bastide::new();
    let (running, _) = serve(&bastide);
    let second = bastide.run(&["serve", "--data", "desk", "--listen", "127.0.0.1:0"]);
    assert_eq!((second.code, second.out.as_str()), (3, ""));
    insta::assert_snapshot!("second_desk", second.err);
    let taken = running.after("The desk is at ").rsplit(':').next().unwrap().to_owned();
    let port = bastide.run(&["serve", "--data", "other", "--listen", &format!("127.0.0.1:{taken}")]);
    assert_eq!(port.code, 3, "{port:?}");
    assert!(port.err.contains("what to do: end what listens there"), "{}", port.err);
    running.kill();
}

/// Proves: P02.
#[test]
fn a_held_report_is_mended_by_its_reporter() {
    let bastide = Bastide::new();
    bastide.done(&[
        "admin", "--data", "desk", "project", "add", "cpython", "--title", "CPython", "--policy", "cpython",
    ]);
    let (running, address) = serve(&bastide);
    bastide.file("poor.txt", "Title: A crash\n\nIt crashes.\n");
    let sent = bastide.run(&["report", "send", "--desk", &address, "--project", "cpython", "poor.txt"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    assert!(sent.out.contains("It is held"), "{}", sent.out);
    assert!(sent.err.contains("REP-P02"), "the findings say what to mend: {}", sent.err);
    bastide.file("link.txt", sent.out.lines().last().unwrap().trim());
    let still = bastide.run(&["report", "amend", "--link-file", "link.txt", "poor.txt"]);
    assert_eq!((still.code, still.out.starts_with("It is still held")), (1, true), "{still:?}");
    bastide.file("good.txt", &REPORT.replace("untrusted-notebook", "https://devguide.python.org"));
    let mended = bastide.run(&["report", "amend", "--link-file", "link.txt", "good.txt"]);
    assert_eq!((mended.code, mended.out.as_str()), (0, "It is in: received.\n"), "{mended:?}");
    running.kill();
}

/// Proves: J16.
#[test]
fn the_log_is_json_for_machines_and_holds_no_word_of_a_case() {
    let bastide = Bastide::new();
    set_up(&bastide);
    let log = std::fs::File::create(bastide.home().join("log.txt")).unwrap();
    let arguments =
        ["-vv", "--log-json", "serve", "--data", "desk", "--listen", "127.0.0.1:0", "--mail-spool", "mail"];
    let running = Running::start_command(bastide.command(&arguments), log.into(), "The desk is at ");
    let address = running.after("The desk is at ").to_owned();
    bastide.file("report.txt", &format!("{REPORT}\nAnd the canary sings: zwitscher.\n"));
    let sent = bastide.run(&["report", "send", "--desk", &address, "--project", "jupyterlab", "report.txt"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    bastide.done(&["inbox", "--desk", &address, "--token-file", "token.txt"]);
    assert!(running.end().success());
    let log = std::fs::read_to_string(bastide.home().join("log.txt")).unwrap();
    let secret = sent.out.lines().last().unwrap().rsplit('/').next().unwrap();
    let token = std::fs::read_to_string(bastide.home().join("token.txt")).unwrap();
    for word in ["zwitscher", "DOM clobbering", "sanitizer", secret, token.trim()] {
        assert!(!log.contains(word), "{word} is in the log");
    }
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty(), "even the quietest run says something at this level");
    println!("{} lines of log", lines.len());
}

#[test]
fn a_desk_on_postgresql_takes_a_report_and_verifies() {
    let Some(database) = bastide_testkit::postgres::database() else {
        println!("SKIPPED: PostgreSQL is not installed");
        return;
    };
    let bastide = Bastide::new();
    let place = ["--data", "desk", "--database", &database];
    let with = |words: &[&str]| -> Vec<String> {
        words.iter().chain(&place).map(|word| (*word).to_owned()).collect()
    };
    let run = |words: &[&str]| {
        let words = with(words);
        bastide.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let added = run(&["admin", "project", "add", "numpy", "--title", "NumPy", "--policy", "numpy"]);
    assert_eq!(added.code, 0, "{added:?}");
    let arguments = with(&["serve", "--listen", "127.0.0.1:0"]);
    let running = Running::start(
        &bastide,
        &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
        "The desk is at ",
    );
    let address = running.after("The desk is at ").to_owned();
    bastide.file("report.txt", REPORT);
    let sent = bastide.run(&["report", "send", "--desk", &address, "--project", "numpy", "report.txt"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    assert!(running.end().success());
    let verified = run(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    assert!(verified.out.contains("The ledger is sound."), "{}", verified.out);
}

#[test]
fn a_configuration_file_is_read_checked_and_shown() {
    let bastide = Bastide::new();
    bastide.file("bastide.toml", "programme = 'Of the file'\nlisten = '127.0.0.1:9'\n");
    let shown = bastide.done(&[
        "serve",
        "--config",
        "bastide.toml",
        "--listen",
        "127.0.0.1:0",
        "--set",
        "public-url=https://desk.example.org",
        "--print-config",
    ]);
    for line in [
        "programme = \"Of the file\" # bastide.toml:1",
        "listen = \"127.0.0.1:0\" # --listen",
        "public-url = \"https://desk.example.org\" # --set",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
    }
    assert!(!bastide.home().join("desk").exists(), "nothing was made");
    bastide.file("bastide.toml", "lisen = 1\npublic-url = 'desk.example.org'\n");
    let mut command = bastide.command(&["serve"]);
    let ended = command.env("BASTIDE_CONFIG", "bastide.toml").output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    insta::assert_snapshot!("wrong_configuration", String::from_utf8(ended.stderr).unwrap());
}
