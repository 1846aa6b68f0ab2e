use proptest::prelude::*;

use super::*;

fn marker(text: &str) -> Marker {
    Marker::parse(text).unwrap()
}

/// CPython 3.12 on Linux, no extra asked for.
fn linux() -> Environment {
    Environment::with_extras([])
        .with(Variable::PythonVersion, "3.12")
        .with(Variable::PythonFullVersion, "3.12.4")
        .with(Variable::SysPlatform, "linux")
        .with(Variable::OsName, "posix")
}

#[test]
fn a_marker_is_decided_by_what_is_known() {
    for (text, expected) in [
        ("python_version < '3.10'", Some(false)),
        ("python_version >= \"3.9\"", Some(true)),
        ("python_version in '3.11 3.12'", Some(true)),
        ("python_version not in '3.11, 3.12'", Some(false)),
        ("'3.9' <= python_version", Some(true)),
        ("python_full_version == '3.12.*'", Some(true)),
        ("sys_platform == 'win32' or os_name == 'posix'", Some(true)),
        ("sys.platform == 'win32' and os.name == 'posix'", Some(false)),
        ("platform_machine == 'arm64'", None),
        ("platform_machine == 'arm64' and sys_platform == 'darwin'", Some(false)),
        ("platform_machine == 'arm64' or sys_platform == 'linux'", Some(true)),
        ("sys_platform > 'a'", None),
        ("extra == 'test'", Some(false)),
        ("extra != 'test'", Some(true)),
        ("'test' in dependency_groups", None),
        ("'test' not in extras", Some(true)),
        ("((python_version >= '3.9') and (extra == 'Test_All' or os_name == 'nt'))", Some(false)),
    ] {
        assert_eq!(marker(text).holds(&linux()), expected, "{text}");
    }
    let mut asked = linux();
    asked.extras = Some(["test-all".to_owned()].into());
    assert_eq!(marker("extra == 'Test_All'").holds(&asked), Some(true));
}

#[test]
fn what_a_marker_depends_on_is_told_apart() {
    let one = marker("extra == 'Docs' and python_version < '3.9' and platform_machine != 'arm64'");
    assert_eq!(one.extras(), BTreeSet::from(["docs".to_owned()]));
    assert!(one.depends_on_python() && one.depends_on_platform());
    assert_eq!(one.brought_in_by(), (false, BTreeSet::from(["docs".to_owned()])));
    let either = marker("python_version < '3.9' or extra == 'a' or extra == 'b'");
    assert_eq!(either.brought_in_by(), (true, BTreeSet::from(["a".to_owned(), "b".to_owned()])));
    assert!(!either.depends_on_platform());
    assert_eq!(marker("extra != 'a'").brought_in_by(), (true, BTreeSet::new()));
}

#[test]
fn a_refusal_names_the_place_and_the_reason() {
    for (text, part) in [
        ("", "no environment"),
        ("python_version", "comparison"),
        ("python_version < 3.8", "no environment"),
        ("python_version < '3.8", "quote"),
        ("(python_version < '3.8'", "closing bracket"),
        ("python_version < '3.8' extra == 'a'", "nothing may follow"),
        ("moon_phase == 'full'", "no environment"),
        ("'a' == 'a'", "two texts"),
        ("python_version not '3'", "comparison"),
    ] {
        let error = Marker::parse(text).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("PEP 508"), "{text}: {error}");
    }
    assert!(Marker::parse(&"(".repeat(MAX_MARKER_BYTES)).unwrap_err().reason.contains("nested"));
    assert!(Marker::parse(&" ".repeat(MAX_MARKER_BYTES + 1)).unwrap_err().reason.contains("bytes"));
}

/// 761 bytes that keep uv's reader busy for more than a minute.
#[test]
fn a_marker_of_many_pairs_takes_no_time() {
    let pairs: Vec<_> = (0..20).map(|n| format!("(extra == 'a{n}' and extra == 'b{n}')")).collect();
    let read = marker(&pairs.join(" or "));
    assert_eq!(read.holds(&Environment::with_extras(["a19", "b19"])), Some(true));
    assert_eq!(read.holds(&Environment::with_extras(["a19", "b18"])), Some(false));
}

fn any_marker() -> impl Strategy<Value = Marker> {
    let variable =
        prop::sample::select(Variable::ALL.map(|(variable, _)| Operand::Variable(variable)).to_vec());
    let left = prop_oneof![variable, Just(Operand::Extra)];
    let sign = prop::sample::select(vec![
        Comparison::Sign("=="),
        Comparison::Sign(">="),
        Comparison::Sign("!="),
        Comparison::In,
        Comparison::NotIn,
    ]);
    let one = (left, sign, "[a-z0-9. ']{0,6}")
        .prop_map(|(left, sign, text)| Marker::Compare(left, sign, Operand::Text(text)));
    one.prop_recursive(4, 24, 4, |part| {
        let parts = prop::collection::vec(part, 2..4);
        (parts, any::<bool>())
            .prop_map(|(parts, all)| if all { Marker::All(parts) } else { Marker::Any(parts) })
    })
}

proptest! {
    #[test]
    fn a_written_marker_reads_back_as_itself(marker in any_marker()) {
        prop_assert_eq!(Marker::parse(&marker.to_string()).unwrap(), marker);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z_\"'()=<> .0-9é]{0,40}") {
        let _ = Marker::parse(&text);
        let _ = begins_like_a_marker(&text);
    }
}
