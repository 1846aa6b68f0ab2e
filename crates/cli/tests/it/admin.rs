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
