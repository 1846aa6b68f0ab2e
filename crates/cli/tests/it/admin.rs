//! `bastide admin`: the operator's commands on a data directory.

use crate::bastide::Bastide;

/// Proves: J17.
#[test]
fn persons_projects_and_roles_are_set_up_and_listed() {
    let bastide = Bastide::new();
    let admin = |more: &[&str]| {
        let words: Vec<&str> = ["admin", "--data", "desk"].iter().chain(more).copied().collect();
        bastide.run(&words)
    };
    let added = admin(&[
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
    assert_eq!((added.code, added.out.as_str()), (0, "jupyterlab\n"), "{added:?}");
    let person = admin(&[
        "person",
        "add",
        "Coordinator A",
        "--mail",
        "coordinator-a@example.org",
        "--forge",
        "github.com/coordinator-a",
    ]);
    assert_eq!(person.code, 0, "{person:?}");
    let person = person.out.trim();
    assert_eq!(admin(&["grant", person, "coordinator", "--project", "jupyterlab"]).code, 0);
    let listed = admin(&["person", "list"]).out;
    assert_eq!(
        listed.replace(person, "PERSON"),
        "PERSON Coordinator A coordinator-a@example.org, github.com/coordinator-a coordinator of jupyterlab\n"
    );
    assert_eq!(admin(&["revoke", person, "coordinator", "--project", "jupyterlab"]).code, 0);
    assert!(!admin(&["person", "list"]).out.contains("coordinator of"));
    let link = admin(&["--public-url", "https://desk.example.org", "sign-in-link", person]);
    assert!(link.out.starts_with("https://desk.example.org/"), "{link:?}");
    let token = admin(&["token", "issue", person, "--days", "7"]);
    assert_eq!(token.out.trim().len(), 43, "32 bytes in base64: {token:?}");
    assert!(bastide.run(&["ledger", "verify", "--data", "desk"]).out.contains("6  events"));
}

#[test]
fn a_wrong_value_is_named_with_its_remedy() {
    let bastide = Bastide::new();
    let ended = bastide
        .run(&["admin", "--data", "desk", "project", "add", "x", "--title", "X", "--policy", "no-such"]);
    assert_eq!(ended.code, 2);
    insta::assert_snapshot!("unknown_policy", ended.err);
    let ended = bastide.run(&["admin", "--data", "desk", "grant", "person-x", "king"]);
    assert_eq!(ended.code, 2);
}

#[test]
fn the_keys_and_the_database_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let bastide = Bastide::new();
    bastide.done(&["admin", "--data", "desk", "person", "add", "Administrator A"]);
    for file in ["sealing-key", "case-log.key", "public-log.key"] {
        let mode =
            std::fs::metadata(bastide.home().join("desk/keys").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

/// A whole case from the command line, in the names of two coordinators.
#[test]
fn a_case_is_exported_by_two_coordinators() {
    let bastide = Bastide::new();
    crate::serve::set_up(&bastide);
    let offline = |more: &[&str]| {
        let words: Vec<&str> = ["admin", "--data", "desk"].iter().chain(more).copied().collect();
        bastide.done(&words).trim().to_owned()
    };
    for name in ["b", "c"] {
        let person = offline(&["person", "add", &format!("Coordinator {name}")]);
        offline(&["grant", &person, "coordinator", "--project", "jupyterlab"]);
        bastide.file(&format!("{name}.txt"), &offline(&["token", "issue", &person, "--may-confirm"]));
    }
    let (running, address) = crate::serve::serve(&bastide);
    bastide.file("report.txt", crate::serve::REPORT);
    let words = ["report", "send", "--desk", &address, "--project", "jupyterlab", "report.txt"];
    assert_eq!(bastide.run(&words).code, 0);
    assert_eq!(bastide.run(&["login", &address, "--token-file", "token.txt"]).code, 0);
    let inbox: serde_json::Value =
        serde_json::from_str(&bastide.done(&["inbox", "--format", "json"])).unwrap();
    let case = inbox[0]["case"].as_str().unwrap().to_owned();
    let online = |token: &str, more: &[&str]| {
        let words: Vec<&str> = ["admin", "--desk", &address, "--token-file", token, "proposal"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        bastide.run(&words)
    };
    let tired = online("token.txt", &["export-case", &case, "--reason", "Handed over"]);
    assert_ne!(tired.code, 0, "a token that may not confirm: {tired:?}");
    let proposed = online("b.txt", &["export-case", &case, "--reason", "Handed over"]);
    assert_eq!(proposed.code, 0, "{proposed:?}");
    let id = proposed.out.trim().to_owned();
    assert_eq!(online("c.txt", &["approve", &id]).code, 0);
    let foreign = online("c.txt", &["fetch", &id, "-o", "foreign.tar"]);
    assert!(foreign.code != 0 && !bastide.home().join("foreign.tar").exists(), "{foreign:?}");
    let fetched = online("b.txt", &["fetch", &id, "-o", "case.tar"]);
    assert_eq!(fetched.code, 0, "{fetched:?}");
    let over = online("b.txt", &["fetch", &id, "-o", "case.tar"]);
    assert!(over.code == 3 && over.err.contains("not there yet"), "{over:?}");
    let twice = online("b.txt", &["fetch", &id, "-o", "again.tar"]);
    assert!(twice.code == 1 && twice.err.contains("fetched already"), "{twice:?}");
    assert!(running.end().success());
    let mut archive = tar::Archive::new(std::fs::File::open(bastide.home().join("case.tar")).unwrap());
    let mut names = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "proof.json" {
            entry.unpack(bastide.home().join("proof.json")).unwrap();
        }
        names.push(name);
    }
    assert_eq!(names.last().unwrap(), "SHA256SUMS", "{names:?}");
    let shown = offline(&["keys", "show"]);
    let key = shown.lines().find(|line| line.starts_with("case-log")).unwrap();
    let key = key.split_whitespace().nth(1).unwrap();
    let verified = bastide.done(&["ledger", "verify", "--proof", "proof.json", "--key", key]);
    assert!(verified.contains("0 are sealed"), "every content is laid open: {verified}");
}

#[test]
fn keys_are_shown_and_replaced_while_the_desk_is_stopped() {
    let bastide = Bastide::new();
    let person = crate::serve::set_up(&bastide);
    let keys = |more: &[&str]| {
        let words: Vec<&str> = ["admin", "--data", "desk", "keys"].iter().chain(more).copied().collect();
        bastide.run(&words)
    };
    let (running, address) = crate::serve::serve(&bastide);
    bastide.file("report.txt", crate::serve::REPORT);
    let words = ["report", "send", "--desk", &address, "--project", "jupyterlab", "report.txt"];
    assert_eq!(bastide.run(&words).code, 0);
    let busy = keys(&["rotate", "sealing-key", "--forget-old-key"]);
    assert!(busy.code == 3 && busy.err.contains("the desk is running"), "{busy:?}");
    assert!(running.end().success());

    let unsaid = keys(&["rotate", "sealing-key"]);
    assert!(unsaid.code == 2 && unsaid.err.contains("--forget-old-key"), "{unsaid:?}");
    let needless = keys(&["rotate", "case-log", "--forget-old-key"]);
    assert_eq!(needless.code, 2, "{needless:?}");
    let before = keys(&["show"]).out;
    let done = keys(&["rotate", "sealing-key", "--old-key", "old-key"]);
    assert!(done.code == 0 && done.out.contains("1 keys of cases"), "{done:?}");
    assert!(bastide.home().join("old-key").exists());
    for log in ["case-log", "public-log"] {
        let done = keys(&["rotate", log]);
        assert_eq!(done.code, 0, "{done:?}");
    }
    let after = keys(&["show"]).out;
    assert_eq!((before.lines().count(), after.lines().count()), (3, 5), "{before}{after}");
    assert_eq!(bastide.run(&["ledger", "verify", "--data", "desk"]).code, 0);

    let (again, address) = crate::serve::serve(&bastide);
    let login = bastide.run(&["login", &address, "--token-file", "token.txt"]);
    assert_eq!(login.code, 0, "the token of {person} still works: {login:?}");
    let inbox = bastide.done(&["inbox", "--format", "json"]);
    assert!(inbox.contains("\"case\""), "{inbox}");
    let online = bastide.run(&["admin", "--desk", &address, "--token-file", "token.txt", "keys", "show"]);
    assert!(online.code == 2 && online.err.contains("/keys"), "{online:?}");
    assert!(again.end().success());
}

/// The same over a running desk, in the names of two administrators.
#[test]
fn a_running_desk_is_administered_over_its_api_and_two_persons_decide_what_takes_two() {
    let bastide = Bastide::new();
    let offline = |more: &[&str]| {
        let words: Vec<&str> = ["admin", "--data", "desk"].iter().chain(more).copied().collect();
        bastide.done(&words).trim().to_owned()
    };
    for name in ["a", "b"] {
        let person = offline(&["person", "add", &format!("Administrator {name}")]);
        offline(&["grant", &person, "programme-admin"]);
        let token = offline(&["token", "issue", &person, "--may-confirm"]);
        bastide.file(&format!("{name}.txt"), &token);
    }
    let (running, address) = crate::serve::serve(&bastide);
    let online = |token: &str, more: &[&str]| {
        let words: Vec<&str> =
            ["admin", "--desk", &address, "--token-file", token].iter().chain(more).copied().collect();
        bastide.run(&words)
    };
    let project = ["project", "add", "example", "--title", "Example", "--policy", "default"];
    let mistaken = online("a.txt", &[&project[..5], &["--policy", "nothing"]].concat());
    assert!(mistaken.code == 2 && mistaken.err.contains("Name one of"), "{mistaken:?}");
    let added = online("a.txt", &[&project[..], &["--mail", "security@example.org"]].concat());
    assert_eq!((added.code, added.out.as_str()), (0, "example\n"), "{added:?}");
    let person = online("a.txt", &["person", "add", "Coordinator A", "--mail", "coordinator-a@example.org"]);
    assert_eq!(person.code, 0, "{person:?}");
    let person = person.out.trim();
    let granted = online("a.txt", &["grant", person, "coordinator", "--project", "example"]);
    assert_eq!((granted.code, granted.out.as_str()), (0, ""), "{granted:?}");
    let listed = online("a.txt", &["person", "list"]);
    assert!(listed.out.contains("coordinator of example (offered)"), "{listed:?}");
    let link = online("a.txt", &["sign-in-link", person]);
    assert!(link.out.starts_with(&format!("{address}/sign-in/")), "{link:?}");
    let proposed = online("a.txt", &["grant", person, "auditor", "--reason", "A year of reviews"]);
    assert_eq!(proposed.code, 0, "{proposed:?}");
    let proposal = proposed.out.trim();
    assert!(proposal.starts_with("change-"), "{proposed:?}");
    let own = online("a.txt", &["proposal", "approve", proposal]);
    assert_eq!(own.code, 1, "nobody approves their own proposal: {own:?}");
    assert!(online("b.txt", &["proposal", "list"]).out.contains(proposal));
    let shown = online("b.txt", &["proposal", "show", proposal]).out;
    assert!(shown.contains("+ Coordinator A is auditor in the whole programme"), "{shown}");
    let approved = online("b.txt", &["proposal", "approve", proposal]);
    assert_eq!((approved.code, approved.out), (0, format!("{proposal}: approved\n")));
    assert_eq!(online("a.txt", &["token", "issue", person]).code, 2);
    running.end();
}
