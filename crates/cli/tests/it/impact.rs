//! `bastide graph import` and `bastide impact`.

use bastide_testkit::data;

use crate::bastide::Bastide;

const EDGES: &str = "pinner\tp==4.2.4\nopen\tp>=4\nsafe\tp>=4.2.5\ncaps-pinner\tpinner<2\nfollows\tpinner\n\
                     optional\tp~=4.1.0; extra == 'lab'\ntakes\toptional[lab]\naddressed\tp @ https://example.org/p.whl\n\
                     built\tp==4.0\tbuild\nlonely\n";

const ADVISORY: &str = r#"{"id": "GHSA-9q39-rmj3-p4r2", "modified": "2024-08-28T20:18:06Z", "affected": [{
    "package": {"ecosystem": "PyPI", "name": "P"},
    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "4.0.0"}, {"fixed": "4.2.5"}]},
               {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.6.8"}]}]}]}"#;

fn imported() -> Bastide {
    let bastide = Bastide::new();
    bastide.file("small.edges", EDGES);
    bastide.file("advisory.json", ADVISORY);
    let said = bastide.done(&["graph", "import", "small.edges", "--data", "data"]);
    assert!(said.starts_with("9 projects;"), "{said}");
    bastide
}

#[test]
fn who_must_act_is_told_with_counts_first_and_what_to_write_instead() {
    let bastide = imported();
    let ended = bastide.run(&["impact", "P", "advisory.json", "--data", "data"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    insta::assert_snapshot!("impact_text", ended.out);
    let ended = bastide.run(&[
        "impact",
        "pkg:pypi/p",
        "advisory.json",
        "--data",
        "data",
        "--format",
        "csv",
        "--extras",
        "--build",
    ]);
    assert_eq!(ended.code, 1);
    insta::assert_snapshot!("impact_csv", ended.out);
    let ended =
        bastide.run(&["impact", "p", "advisory.json", "--data", "data", "--format", "json", "--most", "1"]);
    insta::assert_snapshot!("impact_json", ended.out);
    let ended =
        bastide.run(&["impact", "p", ">=4,<4.2.5", "--data", "data", "--format", "svg", "--depth", "1"]);
    assert!(ended.out.starts_with("<svg ") && ended.out.ends_with("</svg>\n"), "{}", ended.out);
    let document = roxmltree::Document::parse(&ended.out).unwrap();
    let boxes = document.descendants().filter(|node| node.has_tag_name("g")).count();
    assert_eq!(boxes, 5, "the package and its four direct dependents at runtime");
}

#[test]
fn the_exit_code_says_whether_somebody_must_act_or_nobody_can_tell() {
    let bastide = imported();
    let code = |arguments: &[&str]| {
        let all: Vec<&str> = ["impact"].iter().chain(arguments).chain(&["--data", "data"]).copied().collect();
        bastide.run(&all).code
    };
    assert_eq!(code(&["p", "<1"]), 3, "of the one from an address nobody can tell");
    assert_eq!(code(&["pinner", "<0.1"]), 0);
    assert_eq!(code(&["pinner", ">=1"]), 1, "there is no fix");
}

#[test]
fn what_cannot_be_answered_says_what_to_do() {
    let bastide = imported();
    for (arguments, code, part) in [
        (&["impact", "nobody", "<1", "--data", "data"][..], 3, "does not know the package `nobody`"),
        (&["impact", "p", "<1", "--data", "elsewhere"], 3, "bastide graph import SOURCE"),
        (&["impact", "p", "<one", "--data", "data"], 2, ">=1.4,<2"),
        (&["impact", "p", "missing.json", "--data", "data"], 2, "'>=2,<2.31'"),
        (&["impact", "open", "advisory.json", "--data", "data"], 3, "does not speak of open"),
        (&["impact", "a b", "<1", "--data", "data"], 2, "pkg:pypi/jupyterlab"),
        (&["graph", "import", "advisory.json", "--data", "data"], 2, "info.name"),
        (&["graph", "import", "missing.csv", "--data", "data"], 3, "cannot be read"),
        (&["graph", "import", "data", "--data", "data"], 3, "no project was found"),
    ] {
        let ended = bastide.run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (code, ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(part) && ended.err.contains("error: "), "{arguments:?}: {}", ended.err);
    }
    let snapshot = bastide.home().join("data/graph/snapshot");
    let mut bytes = std::fs::read(&snapshot).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&snapshot, bytes).unwrap();
    let ended = bastide.run(&["impact", "p", "<1", "--data", "data"]);
    assert!(ended.code == 3 && ended.err.contains("damaged"), "{}", ended.err);
}

#[test]
fn what_is_left_out_of_an_import_is_named_and_the_rest_is_there() {
    let bastide = Bastide::new();
    bastide.file("table.csv", "name,requirements\na,b>=one; c<2\nx y,b\n");
    std::fs::create_dir(bastide.home().join("other")).unwrap();
    bastide.file("other/METADATA", "Name: d\nRequires-Dist: a==1\n");
    let ended = bastide.run(&["graph", "import", "table.csv", "other", "--data", "data"]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    for part in ["2 projects", "`>=one`", "1 requirements could be read by their name only", "`x y`"] {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
    assert_eq!(bastide.run(&["impact", "b", "<1", "--data", "data"]).code, 3);
}

/// The real table, from its packed file.
#[test]
fn the_real_table_is_imported_and_asked() {
    let Some(directory) = data::directory() else { return };
    let bastide = Bastide::new();
    let table = directory.join("pypi-top8000-dependencies-2025-01.csv.xz");
    let said = bastide.done(&["graph", "import", &table.display().to_string(), "--data", "data"]);
    assert!(said.starts_with("8000 projects;"), "{said}");
    let ended = bastide.run(&["impact", "urllib3", "<1.26.17", "--data", "data", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert!(answer["counts"]["direct"]["runtime"]["safe"].as_u64().unwrap() > 10, "{}", answer["counts"]);
    assert_eq!(answer["left_out"], 0);
}
