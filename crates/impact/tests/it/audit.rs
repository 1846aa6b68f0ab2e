//! What an audit says, against advisories in a list.

use std::collections::BTreeMap;

use bastide_impact::{
    audit::{self, Admits, Audit, Options, Standing, cyclonedx, findings, fix, vex::Vex, waiver::Waivers},
    inputs::{self, Kind},
    inventory::Inventory,
    matching::{Advisories, Match},
};
use bastide_model::{
    finding::Level,
    output::{Format, Outcome, render, render_brief},
    package::Package,
    rule::Registry,
    time::Instant,
    version::{Verdict, Version},
};

/// Advisories in a list: id, other names, package, affected from and until (nothing: for ever), score.
type Row =
    (&'static str, &'static [&'static str], &'static str, &'static str, Option<&'static str>, Option<f32>);

struct List(Vec<Row>);

impl Advisories for List {
    type Error = std::convert::Infallible;

    fn matches(&self, package: &Package, version: &Version) -> Result<Vec<Match>, Self::Error> {
        let read = |text: &str| Version::parse(package.ecosystem(), text).unwrap();
        let rows = self.0.iter().filter(|row| {
            row.2 == package.name()
                && *version >= read(row.3)
                && row.4.is_none_or(|fixed| *version < read(fixed))
        });
        let found = rows.map(|(id, aliases, _, _, fixed, score)| Match {
            id: (*id).to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            summary: format!("What {id} is about"),
            modified: Instant::EPOCH,
            score: *score,
            verdict: if id.starts_with("ODD") { Verdict::Unknown } else { Verdict::Yes },
            fixed: fixed.iter().map(|fixed| read(fixed)).collect(),
        });
        Ok(found.collect())
    }
}

fn list() -> List {
    List(vec![
        ("PYSEC-2021-1", &["CVE-2021-1"], "jinja2", "0", Some("3.0.1"), Some(5.0)),
        ("GHSA-aaaa-bbbb-cccc", &["CVE-2021-1"], "jinja2", "0", Some("3.0.1"), Some(7.5)),
        ("PYSEC-2024-2", &[], "jinja2", "0", Some("3.1.4"), Some(9.8)),
        ("PYSEC-2023-3", &["CVE-2023-3"], "urllib3", "1.0", Some("1.26.21"), None),
        ("PYSEC-2025-4", &[], "urllib3", "0", Some("2.5.0"), Some(3.1)),
        ("PYSEC-2023-5", &[], "tornado", "0", None, Some(6.5)),
        ("ODD-1", &[], "certifi", "0", None, Some(4.0)),
        ("MAL-2026-6", &[], "pyyaml", "6.0.3", Some("6.0.4"), None),
    ])
}

fn now() -> Instant {
    "2026-11-20T00:00:00Z".parse().unwrap()
}

fn options() -> Options {
    Options::new(now())
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(name: &str) -> Inventory {
    inputs::read(Kind::of_name(name).unwrap(), name, &data(name), &mut |_, target| {
        Err(format!("{target} is not there"))
    })
}

fn text(kind: Kind, name: &str, text: &str) -> Inventory {
    inputs::read(kind, name, text.as_bytes(), &mut |_, target| Err(format!("{target} is not there")))
}

fn run(inventories: &[Inventory], options: &Options) -> Audit {
    audit::audit(inventories, &list(), options).unwrap()
}

fn outcome(audit: &Audit) -> Outcome {
    Outcome::of(&findings(audit))
}

#[test]
fn a_locked_project_is_told_what_is_wrong_and_what_to_type_in_every_format() {
    let audit = run(&[read("uv.lock"), read("pyproject.toml")], &options());
    let findings = findings(&audit);
    insta::assert_snapshot!("audit_brief", render_brief(&findings));
    let registry = Registry::new(&[audit::RULES]).unwrap();
    for format in [Format::Text, Format::Markdown, Format::Github, Format::Json] {
        insta::assert_snapshot!(format!("audit_{format}"), render(format, &findings, &registry));
    }
    let sarif: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &findings, &registry)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let mut prints: Vec<_> =
        results.iter().map(|one| one["partialFingerprints"]["bastide/v1"].to_string()).collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), results.len(), "each result is another one");
    let document = cyclonedx::document(&audit, now(), Some("3e671687-395b-41f5-a30f-a58921a69b79"));
    insta::assert_snapshot!("audit_cyclonedx", serde_json::to_string_pretty(&document).unwrap());
}

#[test]
fn alias_twins_are_one_issue_under_the_name_of_the_ecosystems_own_database() {
    let audit = run(&[text(Kind::Requirements, "requirements.txt", "jinja2==3.0.0\n")], &options());
    let issues = &audit.held[0].issues;
    assert_eq!(
        issues.iter().map(|issue| issue.id.as_str()).collect::<Vec<_>>(),
        ["PYSEC-2024-2", "PYSEC-2021-1"]
    );
    assert_eq!(issues[1].aliases, ["GHSA-aaaa-bbbb-cccc", "CVE-2021-1"]);
    assert_eq!((issues[1].score, issues[1].level()), (Some(7.5), Level::High), "the higher score counts");
}

#[test]
fn the_upgrade_fixes_all_that_can_be_fixed_and_says_what_keeps_it_out() {
    let held = |requirements: &str| {
        let audit = run(&[text(Kind::Requirements, "requirements.txt", requirements)], &options());
        audit.held.into_iter().next().unwrap()
    };
    let free = held("urllib3==1.26.20\n");
    assert_eq!(
        (free.upgrade.to.unwrap().to_string(), free.upgrade.admits),
        ("2.5.0".to_owned(), Admits::Unstated)
    );
    let none = held("tornado==6.2\n");
    assert!(none.upgrade.to.is_none() && none.upgrade.commands.is_empty());
    let blocked = run(&[read("poetry.lock")], &options());
    let urllib3 = blocked.held.iter().find(|held| held.package.name() == "urllib3").unwrap();
    let Admits::No(constraints) = &urllib3.upgrade.admits else { panic!("{:?}", urllib3.upgrade) };
    assert_eq!(
        (constraints[0].by.as_deref(), constraints[0].specifiers.as_str()),
        (Some("requests"), ">=1.21.1,<1.27")
    );
    let own = run(&[read("uv.lock"), read("pyproject.toml")], &options());
    let jinja2 = own.held.iter().find(|held| held.package.name() == "jinja2").unwrap();
    assert!(matches!(&jinja2.upgrade.admits, Admits::No(constraints) if constraints[0].by.is_none()));
    assert!(jinja2.upgrade.commands.iter().any(|command| command.line == "uv add 'jinja2>=3.1.4'"));
}

#[test]
fn a_version_that_a_wish_lets_in_is_chosen_before_one_that_it_keeps_out() {
    let list = List(vec![
        ("PYSEC-1", &[], "a", "0", Some("1.5"), Some(5.0)),
        ("PYSEC-1B", &["PYSEC-1"], "a", "2.0", Some("2.3"), Some(5.0)),
    ]);
    let inventories = [
        text(Kind::PipfileLock, "Pipfile.lock", r#"{"default": {"a": {"version": "==1.4"}}}"#),
        text(Kind::Pyproject, "pyproject.toml", "[project]\nname = 'x'\ndependencies = ['a<2']\n"),
    ];
    let audit = audit::audit(&inventories, &list, &options()).unwrap();
    assert_eq!(audit.held[0].upgrade.to.as_ref().unwrap().to_string(), "1.5");
    assert_eq!(audit.held[0].upgrade.admits, Admits::Yes);
}

#[test]
fn the_same_package_in_two_directories_is_two_matters_and_in_one_directory_one() {
    let pin = "jinja2==3.0.0\n";
    let inventories = [
        text(Kind::Requirements, "a/requirements.txt", pin),
        text(Kind::Requirements, "a/requirements-dev.txt", pin),
        text(Kind::Requirements, "b/requirements.txt", pin),
    ];
    let audit = run(&inventories, &options());
    assert_eq!(audit.held.iter().map(|held| held.holders.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn what_cannot_be_checked_is_unknown_and_never_clean() {
    for (kind, name, content) in [
        (Kind::Requirements, "requirements.txt", "flask>=2\n"),
        (Kind::Requirements, "requirements.txt", "-e .\n"),
        (Kind::Requirements, "requirements.txt", "certifi==2020.1\n"),
        (Kind::CondaEnvironment, "environment.yml", "dependencies: [openssl=1.1.1]\n"),
        (Kind::UvLock, "uv.lock", "not toml"),
        (Kind::UvLock, "uv.lock", "version = 1\n[[package]]\nname = 'a'\nversion = 'x'\n"),
        (
            Kind::CycloneDx,
            "a.cdx.json",
            r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
            {"type": "library", "name": "z", "purl": "pkg:deb/z@1"}]}"#,
        ),
    ] {
        let audit = run(&[text(kind, name, content)], &options());
        assert_eq!(outcome(&audit), Outcome::Unknown, "{content}: {:?}", findings(&audit));
    }
    let clean = run(&[text(Kind::Requirements, "requirements.txt", "flask==3.0\n")], &options());
    assert_eq!((outcome(&clean), clean.checked), (Outcome::Clean, 1));
}

#[test]
fn packages_of_an_ecosystem_without_advisories_are_unknown_too() {
    let bom = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "name": "d3", "purl": "pkg:npm/d3@7.0.0"}]}"#;
    let inventory = || [text(Kind::CycloneDx, "a.cdx.json", bom)];
    let kept = Options { kept: Some(vec!["PyPI".to_owned()]), ..options() };
    assert_eq!(outcome(&run(&inventory(), &kept)), Outcome::Unknown);
    assert_eq!(outcome(&run(&inventory(), &options())), Outcome::Clean);
}

#[test]
fn a_wish_that_a_lockfile_beside_it_fulfils_needs_no_version_and_build_requirements_need_none() {
    let wish = text(
        Kind::Pyproject,
        "pyproject.toml",
        "[project]\nname = 'x'\ndependencies = ['flask>=2']\n[build-system]\nrequires = ['setuptools>=60']\n",
    );
    assert_eq!(outcome(&run(std::slice::from_ref(&wish), &options())), Outcome::Unknown);
    let lock = text(Kind::UvLock, "uv.lock", "version = 1\n[[package]]\nname = 'flask'\nversion = '3.0'\n");
    assert_eq!(outcome(&run(&[wish.clone(), lock.clone()], &options())), Outcome::Clean);
    let elsewhere = Inventory { document: "other/uv.lock".to_owned(), ..lock };
    assert_eq!(outcome(&run(&[wish, elsewhere], &options())), Outcome::Unknown);
}

#[test]
fn a_least_level_leaves_out_what_is_below_but_nothing_without_a_score() {
    let inventory = || [text(Kind::Requirements, "requirements.txt", "urllib3==1.26.20\njinja2==3.0.1\n")];
    let high = run(&inventory(), &Options { least: Level::High, ..options() });
    let told: Vec<_> =
        high.held.iter().flat_map(|held| held.issues.iter().map(|issue| issue.id.as_str())).collect();
    assert_eq!((told, high.below), (vec!["PYSEC-2023-3", "PYSEC-2024-2"], 1));
}

#[test]
fn a_waiver_holds_until_its_end_and_says_so_when_it_has_ended() {
    let waivers = |text: &str| Waivers::read("waivers.toml", text.as_bytes());
    let all = waivers(
        "[[waiver]]\nadvisory = 'CVE-2021-1'\npackage = 'Jinja2'\nreason = 'ours only'\nby = 'maintainer-a'\nuntil = 2026-12-31\n\
         [[waiver]]\nadvisory = 'PYSEC-2024-2'\nreason = 'later'\nby = 'maintainer-b'\nuntil = '2026-11-01'\n\
         [[waiver]]\nrule = 'AUD-UNREAD'\nreason = 'known'\nby = 'maintainer-a'\nuntil = 2027-01-01\n\
         [[waiver]]\nadvisory = 'CVE-0000-0'\nreason = 'gone'\nby = 'maintainer-a'\nuntil = 2027-01-01\n",
    );
    let options = Options { waivers: all.unwrap(), ..options() };
    let audit = run(&[text(Kind::Requirements, "requirements.txt", "jinja2==3.0.0\n-e .\n")], &options);
    insta::assert_snapshot!("audit_waived", render_brief(&findings(&audit)));
    assert_eq!(audit.unused_waivers, ["waivers.toml:17"]);
    for (bad, said) in [
        ("[[waiver]]\nreason = 'x'\nby = 'y'\nuntil = 2027-01-01\n", "either"),
        ("[[waiver]]\nadvisory = 'x'\nby = 'y'\nuntil = 2027-01-01\n", "`reason` is missing"),
        ("[[waiver]]\nadvisory = 'x'\nreason = 'x'\nby = 'y'\nuntil = 'soon'\n", "no date"),
        ("[[waiver]]\nadvisory = 'x'\nreason = 'x'\nby = 'y'\nuntil = 2027-01-01\nwho = 'z'\n", "`who`"),
        ("waivers = 1\n", "`waivers`"),
        ("[", "waivers.toml"),
    ] {
        let error = waivers(bad).unwrap_err().to_string();
        assert!(error.contains(said) && error.starts_with("waivers.toml"), "{error}");
    }
}

#[test]
fn a_vex_statement_clears_what_it_is_about_and_the_last_word_counts() {
    let document = |statements: &str| {
        let text = format!(
            r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "maintainer-a",
            "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [{statements}]}}"#
        );
        Vex::read("vex.json", text.as_bytes())
    };
    let no = r#""status": "not_affected", "justification": "vulnerable_code_not_in_execute_path""#;
    let standing = |statements: &str| {
        let options = Options { vex: vec![document(statements).unwrap()], ..options() };
        run(&[read("environment.cdx.json")], &options).held[0].issues[1].standing.clone()
    };
    for about in [
        r#"[{"@id": "pkg:pypi/jinja2@3.0.0"}]"#,
        r#"[{"@id": "pkg:pypi/jinja2"}]"#,
        r#"["pkg:pypi/Jinja2@3.0"]"#,
        r#"[{"@id": "pkg:pypi/example-app@0.1.0"}]"#,
        r#"[{"@id": "pkg:oci/image", "subcomponents": [{"@id": "x", "identifiers": {"purl": "pkg:pypi/jinja2"}}]}]"#,
    ] {
        let one = format!(r#"{{"vulnerability": {{"name": "CVE-2021-1"}}, "products": {about}, {no}}}"#);
        assert!(matches!(standing(&one), Standing::Cleared { .. }), "{about}");
    }
    for about in [r#"[{"@id": "pkg:pypi/jinja2@2.0"}]"#, r#"[{"@id": "pkg:pypi/flask"}]"#, "[]"] {
        let one = format!(r#"{{"vulnerability": "CVE-2021-1", "products": {about}, {no}}}"#);
        assert_eq!(standing(&one), Standing::Stands, "{about}");
    }
    let later = format!(
        r#"{{"vulnerability": "CVE-2021-1", "products": ["pkg:pypi/jinja2"], {no}}},
           {{"vulnerability": "CVE-2021-1", "products": ["pkg:pypi/jinja2"], "status": "affected", "timestamp": "2026-05-01T00:00:00Z"}}"#
    );
    assert_eq!(standing(&later), Standing::Stands);
    for bad in [
        "{}",
        r#"{"vulnerability": "x", "status": "maybe"}"#,
        r#"{"vulnerability": "x", "status": "not_affected"}"#,
    ] {
        let error = document(bad).unwrap_err().to_string();
        assert!(error.starts_with("vex.json:2: "), "{error}");
    }
    assert!(Vex::read("vex.json", b"{}").unwrap_err().to_string().contains("OpenVEX"));
}

#[test]
fn a_conda_package_is_looked_up_under_its_pypi_name_and_mended_with_its_own_tool() {
    let audit = run(&[read("pixi.lock")], &options());
    let jinja2 = audit.held.iter().find(|held| held.package.name() == "jinja2").unwrap();
    assert_eq!(jinja2.package.to_string(), "pkg:conda/jinja2");
    assert_eq!(jinja2.upgrade.commands[0].line, "pixi update jinja2");
    assert_eq!(
        audit.gaps[0].items.iter().map(|item| item.what.as_str()).collect::<Vec<_>>(),
        ["openssl", "python"]
    );
}

/// A plan for documents in a directory.
fn planned(files: &[(&str, &str)]) -> fix::Plan {
    let inventories: Vec<Inventory> =
        files.iter().map(|(name, content)| text(Kind::of_name(name).unwrap(), name, content)).collect();
    let by_name: BTreeMap<_, _> = files.iter().copied().collect();
    fix::plan(&run(&inventories, &options()), &mut |name| by_name.get(name).map(|text| (*text).to_owned()))
}

#[test]
fn pins_are_rewritten_where_they_stand_and_nothing_else_changes() {
    let before = "# ours\r\nrequests==2.27.1\r\n  Jinja2[i18n] == 3.0.0 ; python_version > '3'  # jinja2==3.0.0\r\ntornado==6.2\r\n\
                  urllib3==1.26.20 \\\r\n    --hash=sha256:00\r\njinja2==3.0.0";
    let plan = planned(&[("requirements.txt", before)]);
    let after = before.replace("[i18n] == 3.0.0", "[i18n] == 3.1.4");
    let after = after.strip_suffix("jinja2==3.0.0").map(|rest| format!("{rest}jinja2==3.1.4")).unwrap();
    assert_eq!(plan.rewrites[0].after, after);
    assert_eq!(plan.rewrites[0].changes.len(), 2, "{:?}", plan.rewrites[0].changes);
    insta::assert_snapshot!("fix_refused", plan.refused.join("\n"));
}

#[test]
fn a_pyproject_is_changed_where_its_own_pin_is_in_the_way() {
    let lock = String::from_utf8(data("uv.lock")).unwrap();
    let project = String::from_utf8(data("pyproject.toml")).unwrap();
    let plan = planned(&[("uv.lock", &lock), ("pyproject.toml", &project)]);
    assert_eq!(plan.rewrites.len(), 1);
    assert_eq!(plan.rewrites[0].after, project.replace("\"jinja2==3.0.0\"", "\"jinja2==3.1.4\""));
    assert!(
        plan.refused.iter().any(|line| line.contains("run `uv lock --upgrade-package 'urllib3==2.5.0'")),
        "{:?}",
        plan.refused
    );
    let lock = String::from_utf8(data("poetry.lock")).unwrap();
    let plan = planned(&[("poetry.lock", &lock)]);
    assert!(plan.refused.iter().any(|line| line.contains("requests keeps 2.5.0 out")), "{:?}", plan.refused);
}

#[test]
fn a_cap_is_left_to_people_and_a_strange_layout_too() {
    let capped = "[project]\nname = 'x'\ndependencies = ['jinja2<3.1']\n";
    let lock = "version = 1\n[[package]]\nname = 'jinja2'\nversion = '3.0.0'\n";
    let plan = planned(&[("pyproject.toml", capped), ("uv.lock", lock)]);
    assert!(plan.rewrites.is_empty());
    assert!(plan.refused[0].contains("only you know"), "{:?}", plan.refused);
    let split = planned(&[("requirements.txt", "jinja2 \\\n  ==3.0.0\n")]);
    assert!(split.rewrites.is_empty(), "{:?}", split.rewrites);
    assert!(split.refused[0].contains("by hand"), "{:?}", split.refused);
}

#[test]
fn the_examples_of_every_rule_break_and_keep_it() {
    for rule in audit::RULES {
        let failing = (rule.run)(rule.failing);
        assert!(
            !failing.is_empty() && failing.iter().all(|finding| finding.rule == rule.id),
            "{}: {failing:?}",
            rule.id
        );
        let passing = (rule.run)(rule.passing);
        assert!(passing.is_empty(), "{}: {passing:?}", rule.id);
    }
}
