use proptest::prelude::*;

use super::*;
use crate::{
    package::Ecosystem,
    version::{AffectedRange, RangeEvent, Verdict},
};

fn version(text: &str) -> Version {
    Version::parse(&Ecosystem::PyPi, text).unwrap()
}

fn specifiers(text: &str) -> Specifiers {
    Specifiers::parse(text).unwrap()
}

fn affected(events: &[RangeEvent<'_>]) -> VersionSet {
    let ranges = AffectedRange::of_events(&Ecosystem::PyPi, events).unwrap();
    ranges.iter().fold(VersionSet::empty(), |set, range| set.union(&VersionSet::of_range(range).unwrap()))
}

/// The examples that PEP 440 prints under "Version specifiers", and the traps beside them.
#[test]
fn clauses_let_in_what_pep_440_says() {
    for (text, inside, outside) in [
        ("~=2.2", vec!["2.2", "2.2.post3", "2.9", "2.3rc1"], vec!["2.1", "3.0", "2.2rc1", "3.0.dev1"]),
        ("~=1.4.5", vec!["1.4.5", "1.4.99"], vec!["1.5", "1.4.4", "1.5.dev0"]),
        ("==1.1", vec!["1.1", "1.1.0", "1.1+local.7"], vec!["1.1.post1", "1.1a1", "1.1.1"]),
        ("==1.1+local.7", vec!["1.1+local.7"], vec!["1.1", "1.1+local.8"]),
        ("==1.1.*", vec!["1.1", "1.1.post1", "1.1a1", "1.1.7"], vec!["1.2", "1.10", "1.2.dev0"]),
        ("!=1.1.*", vec!["1.2", "1.0"], vec!["1.1", "1.1rc1"]),
        (">1.7", vec!["1.7.1", "1.8"], vec!["1.7", "1.7.0.post1", "1.7+local"]),
        (">1.7rc1", vec!["1.7rc2", "1.7", "1.7.post1"], vec!["1.7rc1", "1.7rc1.post1"]),
        (">1.7.post2", vec!["1.7.1", "1.7.0.post3"], vec!["1.7.post2", "1.7"]),
        ("<2", vec!["1.9", "0"], vec!["2", "2.0rc1", "2.dev0"]),
        ("<2rc2", vec!["2rc1", "1"], vec!["2rc2", "2"]),
        ("<=2", vec!["2", "2+local", "2rc1"], vec!["2.post1", "2.0.1"]),
        (">=1.4, !=1.5 ,<2,", vec!["1.4", "1.5.1"], vec!["1.3", "1.5", "2"]),
        ("===1.0-DEV", vec!["1.0-dev"], vec!["1.0", "1.0.0.dev0"]),
        ("", vec!["0", "1!7.0"], vec![]),
    ] {
        let specifiers = specifiers(text);
        for one in inside {
            assert!(specifiers.contains(&version(one)), "{text} lets {one} in");
        }
        for one in outside {
            assert!(!specifiers.contains(&version(one)), "{text} keeps {one} out");
        }
    }
}

#[test]
fn prereleases_are_left_out_by_default_unless_a_clause_names_one() {
    assert!(!specifiers(">=1").contains_by_default(&version("2rc1")));
    assert!(specifiers(">=1").contains(&version("2rc1")));
    assert!(specifiers(">=1.dev0").contains_by_default(&version("2rc1")));
    assert!(!specifiers(">=1,!=1.5rc1").contains_by_default(&version("2rc1")));
    assert!(specifiers(">=1").contains_by_default(&version("2.post1")));
}

#[test]
fn a_refusal_names_the_clause_and_shows_how_to_write_it() {
    for text in [
        "2.0",
        "=>2.0",
        "==",
        "~=1",
        "~=1.0.*",
        ">=1.0.*",
        ">=1.0+deadbeef",
        "==2.0a1.*",
        "==2.0.post1.*",
        "==1.0.*.5",
        "==1.0.dev1.*",
        "===",
        ">=18446744073709551615",
        "~=18446744073709551615.1",
        "==1.0\n>2;x",
        "$",
    ] {
        let error = Specifiers::parse(&format!(">=0.1,{text}")).unwrap_err();
        let cut: String = text.trim().chars().take(64).collect();
        assert_eq!(error.input, cut);
        let shown = error.to_string();
        assert!(shown.contains(">=1.4,<2") && (!shown.contains('\n') || text.contains('\n')), "{shown}");
    }
    assert!(Specifiers::parse(&">=1,".repeat(MAX_CLAUSES + 1)).unwrap_err().reason.contains("clauses"));
    assert!(Specifiers::parse(&" ".repeat(MAX_SPECIFIER_BYTES + 1)).unwrap_err().reason.contains("bytes"));
}

#[test]
fn the_clauses_that_block_a_version_are_named() {
    let specifiers = specifiers(">=1.4,!=2.1,<2.1,==1.*");
    let blocking: Vec<_> = specifiers.excluding(&version("2.1")).map(ToString::to_string).collect();
    assert_eq!(blocking, ["!=2.1", "<2.1", "==1.*"]);
    assert!(specifiers.is_capped() && specifiers.is_capped_below(&version("2.1")));
    assert!(!specifiers.is_capped_below(&version("1.9")));
    assert_eq!(specifiers.pinned(), None);
    assert_eq!(Specifiers::parse("==1.4").unwrap().pinned(), Some(version("1.4")));
    assert!(!Specifiers::parse(">1,!=4").unwrap().is_capped());
}

/// What a dependent asks for and what an advisory affects, met as intervals: no list of releases is needed, and a gap
/// in which no version can be written is no meeting.
#[test]
fn specifiers_meet_an_affected_range_where_some_version_is_in_both() {
    use RangeEvent::{Fixed, Introduced, LastAffected};
    let before_fix = affected(&[Introduced("4.0"), Fixed("4.2.5"), Introduced("0"), Fixed("3.6.8")]);
    for (text, meets) in [
        (">=4.2.5", false),
        (">=4.2.4", true),
        (">4.2.4,<4.2.5", true),
        ("==3.7", false),
        ("~=3.6.8", false),
        ("~=3.6.7", true),
        ("<4,>=3.6.8", false),
        ("<4.0.1,>=3.6.8", true),
        ("==3.*", true),
        ("==5", false),
        ("===whatever", false),
        ("", true),
    ] {
        assert_eq!(specifiers(text).set().intersects(&before_fix), meets, "{text}");
    }
    let last = affected(&[Introduced("1"), LastAffected("1.5")]);
    assert!(!specifiers(">1.5").set().intersects(&last));
    assert!(specifiers(">=1.5").set().intersects(&last));
    assert!(specifiers(">1.0.post1,<1.0.post2").set().is_empty(), "no version can be written between them");
    assert!(specifiers(">=1,<1").set().is_empty());
}

fn any_version() -> impl Strategy<Value = String> {
    let suffix = prop_oneof![
        4 => Just(String::new()),
        1 => "(a|b|rc)[0-2]",
        1 => r"\.post[0-2]",
        1 => r"\.dev[0-2]",
        1 => r"rc1\.post[0-1]",
        1 => r"\.post1\.dev[0-1]",
    ];
    let local =
        prop_oneof![4 => Just(String::new()), 1 => Just("+1".to_owned()), 1 => Just("+a.1".to_owned())];
    ("(1!)?[0-2](\\.[0-2]){0,2}", suffix, local)
        .prop_map(|(release, suffix, local)| format!("{release}{suffix}{local}"))
}

fn any_clause() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">=", "~=", "==.*", "!=.*", "==="]);
    (sign, any_version()).prop_map(|(sign, version)| {
        let plain = version.split('+').next().unwrap_or_default();
        match sign {
            "==.*" | "!=.*" => format!(
                "{}{}.*",
                &sign[..2],
                plain.split(|s: char| s.is_alphabetic()).next().unwrap().trim_end_matches('.')
            ),
            "==" | "!=" | "===" => format!("{sign}{version}"),
            _ => format!("{sign}{plain}"),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Two ways to the same answer: clause by clause, and as one set of intervals.
    #[test]
    fn what_is_in_by_its_clauses_is_in_the_set(clauses in prop::collection::vec(any_clause(), 0..4), asked in any_version()) {
        let text = clauses.join(",");
        let Ok(specifiers) = Specifiers::parse(&text) else { return Ok(()) };
        prop_assume!(!text.contains("==="));
        let asked = version(&asked);
        prop_assert_eq!(specifiers.contains(&asked), specifiers.set().contains(&asked), "{} and {}", text, asked);
    }

    #[test]
    fn written_specifiers_read_back_as_themselves(clauses in prop::collection::vec(any_clause(), 0..4)) {
        if let Ok(read) = Specifiers::parse(&clauses.join(",")) {
            prop_assert_eq!(&Specifiers::parse(&read.to_string()).unwrap(), &read);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[=<>!~0-9.*a-z+, ]{0,40}") {
        if let Ok(read) = Specifiers::parse(&text) {
            let _ = (read.set(), read.pinned(), read.is_capped_below(&version("1")));
        }
    }

    #[test]
    fn an_affected_range_and_its_set_hold_the_same(first in any_version(), last in any_version(), asked in any_version()) {
        let ranges = AffectedRange::of_events(&Ecosystem::PyPi, &[RangeEvent::Introduced(&first), RangeEvent::Fixed(&last)]).unwrap();
        let asked = version(&asked);
        for range in ranges {
            let held = range.contains(&asked) == Verdict::Yes;
            prop_assert_eq!(VersionSet::of_range(&range).unwrap().contains(&asked), held);
        }
    }
}
