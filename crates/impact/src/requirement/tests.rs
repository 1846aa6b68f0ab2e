use proptest::prelude::*;

use super::*;

fn requirement(text: &str) -> Requirement {
    Requirement::parse(text).unwrap()
}

#[test]
fn a_requirement_is_taken_apart() {
    let read =
        requirement("Jupyter_Server[Test, docs] >=2.4.0 , <3 ; python_version >= \"3.9\" and extra == 'x'");
    assert_eq!(read.package.name(), "jupyter-server");
    assert_eq!(read.extras.iter().map(String::as_str).collect::<Vec<_>>(), ["docs", "test"]);
    assert_eq!(read.specifiers().unwrap().to_string(), ">=2.4.0,<3");
    assert_eq!(read.brought_in_by(), (false, BTreeSet::from(["x".to_owned()])));
    assert_eq!(
        read.to_string(),
        "jupyter-server[docs,test]>=2.4.0,<3; python_version >= \"3.9\" and extra == \"x\""
    );
    assert!(read.amendments.is_empty());
}

#[test]
fn an_address_is_recognised_and_its_marker_kept() {
    let read = requirement("pip @ https://user:secret@example.org/pip-24.0.whl#sha256=ab ; os_name == 'nt'");
    assert_eq!(read.source, Source::Url("https://user:secret@example.org/pip-24.0.whl#sha256=ab".to_owned()));
    assert!(read.specifiers().is_none() && read.marker.is_some());
    let error =
        Requirement::parse("pip @ https://user:secret@example.org/pip.whl extra").unwrap_err().to_string();
    assert!(!error.contains("secret"), "{error}");
}

#[test]
fn what_old_metadata_write_is_mended_and_said() {
    for (text, expected) in [
        ("extract-msg (<=0.29.*)", "extract-msg<0.30"),
        ("a>=7.*", "a>=7"),
        ("a>1.4.*,<2", "a>=1.5,<2"),
        ("a~=1.4.*", "a==1.4.*"),
        ("a>=1.0 <2.0", "a>=1.0,<2.0"),
        ("a>=1.0<2.*", "a>=1.0,<2"),
        ("a>=1,", "a>=1"),
        ("a;", "a"),
    ] {
        let read = requirement(text);
        assert_eq!(read.to_string(), expected, "{text}");
        assert_eq!(
            read.amendments.len(),
            1 + usize::from(text.contains("0<2.*")),
            "{text}: {:?}",
            read.amendments
        );
    }
    assert_eq!(requirement("zope.interface (>=3.6.0,!=4.0)").to_string(), "zope-interface>=3.6.0,!=4.0");
}

#[test]
fn a_refusal_names_the_part_and_the_reason() {
    for (text, part) in [
        ("", "begin with a name"),
        ("-a", "begin with a name"),
        ("a b", "after the name"),
        ("a[b", "not closed"),
        ("a[b c]", "extras are names"),
        ("a (>=1", "bracket"),
        ("a @ ", "no address"),
        ("a>=one", "not a version specifier"),
        ("a>=1; moon == 'x'", "not a marker"),
        ("a; b==1; c", "not a marker"),
    ] {
        let error = Requirement::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert!(Requirement::parse(&"a".repeat(MAX_REQUIREMENT_BYTES + 1)).is_err());
    let many: Vec<_> = (0..=MAX_EXTRAS).map(|n| format!("x{n}")).collect();
    assert!(Requirement::parse(&format!("a[{}]", many.join(","))).is_err());
}

/// A line of the data at hand (boto3, botocore) writes `; ` between requirements and before markers.
#[test]
fn a_line_of_requirements_is_split_where_no_marker_begins() {
    let line = "urllib3<1.27,>=1.25.4; python_version < \"3.10\"; urllib3!=2.2.0,<3; (python_version >= \"3.10\" and \
                os_name == 'nt') or \"linux\" in sys_platform; extra-streamlit-components>=0.1.70; extras >=1.0; jmespath; extra == 'a'";
    let parts = split_list(line);
    let names: Vec<_> = parts.iter().map(|part| requirement(part).to_string()).collect();
    assert_eq!(names.len(), 5, "{parts:?}");
    assert!(names[0].ends_with("python_version < \"3.10\"") && names[1].contains(" or "), "{names:?}");
    assert_eq!(names[2], "extra-streamlit-components>=0.1.70");
    assert_eq!(names[4], "jmespath; extra == \"a\"");
    assert!(split_list("").is_empty() && split_list("; ").is_empty());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z\\[\\]()@;,=<>~!.*0-9 'é]{0,40}") {
        let _ = Requirement::parse(&text);
        let _ = split_list(&text);
    }

    #[test]
    fn a_written_requirement_reads_back_as_itself(text in "[a-z]{1,3}(\\[[a-z],[a-z]\\])?((>=|<|==|~=)[0-9]\\.[0-9](\\.\\*)?)?(; extra == 'a')?") {
        if let Ok(read) = Requirement::parse(&text) {
            let written = requirement(&read.to_string());
            prop_assert_eq!(Requirement { amendments: vec![], ..read }, written);
        }
    }
}
