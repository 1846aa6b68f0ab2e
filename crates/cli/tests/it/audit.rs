//! `bastide audit`: what people read, what machines read, and where it ends.

use std::fs;

use serde_json::Value;

use crate::bastide::Bastide;

/// A record: id, other names, package, where it is fixed, a CVSS vector.
fn record(id: &str, aliases: &[&str], package: &str, fixed: Option<&str>, vector: &str) -> String {
    let mut events = vec![serde_json::json!({"introduced": "0"})];
    events.extend(fixed.map(|fixed| serde_json::json!({"fixed": fixed})));
    serde_json::json!({
        "id": id, "aliases": aliases, "modified": "2024-05-02T00:00:00Z", "summary": format!("What {id} is about"),
        "severity": [{"type": "CVSS_V3", "score": vector}],
        "affected": [{"package": {"ecosystem": "PyPI", "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    })
    .to_string()
}

const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
const LOW: &str = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";

/// A place with a database of four records, three of them about two vulnerabilities of jinja2.
fn place() -> Bastide {
    let bastide = Bastide::new();
    fs::create_dir(bastide.home().join("records")).unwrap();
    bastide.file("records/1.json", &record("PYSEC-2021-1", &["CVE-2021-1"], "jinja2", Some("3.0.1"), HIGH));
    bastide.file(
        "records/2.json",
        &record("GHSA-aaaa-bbbb-cccc", &["CVE-2021-1"], "jinja2", Some("3.0.1"), HIGH),
    );
    bastide.file("records/3.json", &record("PYSEC-2024-2", &[], "jinja2", Some("3.1.4"), LOW));
    bastide.file("records/4.json", &record("PYSEC-2023-3", &[], "tornado", None, HIGH));
    bastide.done(&["sync", "records", "--data", "data"]);
    fs::remove_dir_all(bastide.home().join("records")).unwrap();
    bastide
}

/// Output without what is another one each day.
fn dated(text: &str) -> String {
    let today = text.split("advisories of ").nth(1).map(|rest| rest.chars().take(10).collect::<String>());
    today.map_or_else(|| text.to_owned(), |today| text.replace(&today, "TODAY"))
}

const LOCK: &str = "version = 1\n[[package]]\nname = 'app'\nversion = '1'\nsource = { virtual = '.' }\ndependencies = [{name = 'web'}]\n\
    [[package]]\nname = 'web'\nversion = '2.0'\nsource = { registry = 'https://pypi.org/simple' }\ndependencies = [{name = 'jinja2'}]\n\
    [[package]]\nname = 'jinja2'\nversion = '3.0.0'\nsource = { registry = 'https://pypi.org/simple' }\n";

#[test]
fn a_repository_is_searched_and_the_fix_stands_first() {
    let bastide = place();
    for directory in
        ["project", "project/.venv/lib/python3.12/site-packages", "project/docs", "project/node_modules"]
    {
        fs::create_dir_all(bastide.home().join(directory)).unwrap();
    }
    bastide.file("project/uv.lock", LOCK);
    bastide.file(
        "project/docs/requirements.txt",
        "-r ../more.txt\n-r ../../data/outside.txt\ntornado==6.2\n-e .\n",
    );
    bastide.file("project/more.txt", "sphinx\n");
    bastide.file("project/node_modules/requirements.txt", "jinja2==2.0\n");
    bastide.file("project/.venv/pyvenv.cfg", "");
    let ended = bastide.run(&["audit", "project", "--data", "data"]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    insta::assert_snapshot!("audit_of_a_repository", dated(&ended.out));
    assert!(ended.err.contains("1 virtual environment was not looked into"), "{}", ended.err);
}

#[test]
fn every_format_is_written_and_the_exit_code_says_what_was_found() {
    let bastide = place();
    bastide.file("requirements.txt", "jinja2==3.0.0\n");
    for format in ["text", "json", "sarif", "github", "markdown", "cyclonedx"] {
        let ended = bastide.run(&["audit", "--data", "data", "--format", format]);
        assert_eq!(ended.code, 1, "{format}: {}", ended.err);
        assert!(ended.out.contains("PYSEC-2021-1"), "{format}: {}", ended.out);
        if ["json", "sarif", "cyclonedx"].contains(&format) {
            let _: Value = serde_json::from_str(&ended.out).unwrap();
        }
    }
    let high = bastide.run(&["audit", "--data", "data", "--min-severity", "high"]);
    assert!(
        !high.out.contains("PYSEC-2024-2") && high.err.contains("1 issue below"),
        "{}{}",
        high.out,
        high.err
    );
    bastide.file("requirements.txt", "jinja2==3.1.4\n");
    assert_eq!(bastide.run(&["audit", "--data", "data"]).code, 0);
    bastide.file("requirements.txt", "jinja2>=3\n");
    assert_eq!(bastide.run(&["audit", "--data", "data"]).code, 3);
    assert_eq!(bastide.run(&["audit", "--data", "data", "--allow-unknown"]).code, 0);
}

#[test]
fn without_a_database_or_a_document_it_says_what_to_do() {
    let bastide = Bastide::new();
    bastide.file("requirements.txt", "jinja2==3.0.0\n");
    let ended = bastide.run(&["audit", "--data", "data"]);
    assert_eq!((ended.code, ended.out.as_str()), (3, ""));
    assert!(ended.err.contains("run `bastide sync`"), "{}", ended.err);
    let bastide = place();
    fs::create_dir(bastide.home().join("empty")).unwrap();
    let ended = bastide.run(&["audit", "empty", "--data", "data"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("name a lockfile"), "{}", ended.err);
    bastide.file("what", "?");
    assert_eq!(bastide.run(&["audit", "what", "--data", "data"]).code, 2);
    assert_eq!(bastide.run(&["audit", "nowhere", "--data", "data"]).code, 3);
    bastide.file("uv.lock", "not a lock");
    let ended = bastide.run(&["audit", "uv.lock", "--data", "data"]);
    assert_eq!(ended.code, 3);
    assert!(ended.out.contains("AUD-UNREAD") || ended.out.contains("could not be read"), "{}", ended.out);
}

#[test]
fn an_installed_environment_is_read_wherever_its_packages_lie() {
    let bastide = place();
    let library = "venv/lib/python3.12/site-packages";
    for (package, text) in [
        ("Jinja2-3.0.0", "Name: Jinja2\nVersion: 3.0.0\n"),
        ("web-1", "Name: web\nVersion: 1\nRequires-Dist: jinja2\n"),
    ] {
        let directory = format!("{library}/{package}.dist-info");
        fs::create_dir_all(bastide.home().join(&directory)).unwrap();
        bastide.file(&format!("{directory}/METADATA"), text);
    }
    for path in ["venv", library] {
        let ended = bastide.run(&["audit", path, "--data", "data"]);
        assert_eq!(ended.code, 1, "{path}: {}", ended.err);
        assert!(ended.out.contains("web > jinja2"), "{path}: {}", ended.out);
        assert!(ended.out.contains("python -m pip install --upgrade 'jinja2>=3.1.4'"), "{}", ended.out);
    }
}

#[test]
fn a_fix_is_shown_before_it_is_written_and_leaves_everything_else_as_it_is() {
    let bastide = place();
    let before = "# pinned\r\njinja2 == 3.0.0  # templates\r\ntornado==6.2\r\n";
    bastide.file("requirements.txt", before);
    let shown = bastide.run(&["audit", "--fix", "--dry-run", "--data", "data"]);
    assert_eq!(shown.code, 1);
    insta::assert_snapshot!("audit_fix", format!("{}---\n{}", shown.out, shown.err));
    let read = || fs::read_to_string(bastide.home().join("requirements.txt")).unwrap();
    assert_eq!(read(), before);
    let done = bastide.run(&["audit", "--fix", "--data", "data"]);
    assert_eq!(done.code, 1, "tornado has no fix");
    assert_eq!(read(), before.replace("3.0.0", "3.1.4"));
    let again = bastide.run(&["audit", "--data", "data"]);
    assert!(!again.out.contains("jinja2"), "{}", again.out);
    assert_eq!(bastide.run(&["audit", "--dry-run", "--data", "data"]).code, 2);
}

#[test]
fn waivers_vex_and_a_map_of_names_are_read_and_their_mistakes_are_told() {
    let bastide = place();
    bastide.file("environment.yml", "dependencies:\n  - jinja2=3.0.0\n  - zlib=1.2.13\n");
    bastide.file("map.json", r#"{"jinja2": "Jinja2", "zlib": null}"#);
    let mapped = bastide.run(&["audit", "environment.yml", "--data", "data", "--conda-map", "map.json"]);
    assert_eq!(mapped.code, 1);
    assert!(mapped.out.contains("conda install -c conda-forge 'jinja2>=3.1.4'"), "{}", mapped.out);
    assert!(mapped.out.contains("1 conda package could not be looked up"), "{}", mapped.out);
    let unmapped = bastide.run(&["audit", "environment.yml", "--data", "data"]);
    assert_eq!(unmapped.code, 3, "never clean: {}", unmapped.out);
    bastide.file("requirements.txt", "jinja2==3.0.0\n");
    let waiver = |id: &str| {
        format!("[[waiver]]\nadvisory = '{id}'\nreason = 'x'\nby = 'maintainer-a'\nuntil = 2999-01-01\n")
    };
    bastide.file("waivers.toml", &["CVE-2021-1", "PYSEC-2024-2", "PYSEC-0000-0"].map(waiver).concat());
    let waived = bastide.run(&["audit", "requirements.txt", "--data", "data", "--ignore", "waivers.toml"]);
    assert_eq!(waived.code, 0, "{}{}", waived.out, waived.err);
    assert!(waived.err.contains("waivers.toml:11 matches nothing"), "{}", waived.err);
    bastide.file("vex.json", r#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "maintainer-a", "statements": [
        {"vulnerability": {"name": "CVE-2021-1"}, "products": [{"@id": "pkg:pypi/jinja2"}], "status": "fixed"},
        {"vulnerability": {"name": "PYSEC-2024-2"}, "products": [{"@id": "pkg:pypi/jinja2"}], "status": "fixed"}]}"#);
    assert_eq!(bastide.run(&["audit", "requirements.txt", "--data", "data", "--vex", "vex.json"]).code, 0);
    bastide.file("bad", "[[waiver]]\n");
    for flag in ["--waivers", "--vex", "--conda-map"] {
        let ended = bastide.run(&["audit", "requirements.txt", "--data", "data", flag, "bad"]);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{flag}: {}", ended.err);
        assert!(ended.err.contains("bad"), "{}", ended.err);
    }
}

#[test]
fn a_document_that_names_files_of_the_machine_or_is_too_large_gives_nothing_away() {
    let bastide = place();
    fs::create_dir(bastide.home().join("project")).unwrap();
    bastide.file("secret.txt", "token-0123456789\n");
    bastide.file(
        "project/requirements.txt",
        "-r ../secret.txt\n-r https://example.org/more.txt\njinja2==3.1.4\n",
    );
    let ended = bastide.run(&["audit", "project", "--data", "data"]);
    assert_eq!(ended.code, 3);
    assert!(!ended.out.contains("token-") && ended.out.contains("outside of the project"), "{}", ended.out);
    let large = fs::File::create(bastide.home().join("project/uv.lock")).unwrap();
    large.set_len(100 * 1024 * 1024).unwrap();
    let ended = bastide.run(&["audit", "project/uv.lock", "--data", "data"]);
    assert_eq!(ended.code, 3);
    assert!(ended.out.contains("the most that is read"), "{}", ended.out);
}
