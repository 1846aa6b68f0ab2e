use proptest::prelude::*;

use super::*;

fn pypi(text: &str) -> Version {
    Version::parse(&Ecosystem::PyPi, text).unwrap()
}

fn npm(text: &str) -> Version {
    Version::parse(&Ecosystem::Npm, text).unwrap()
}

fn opaque(text: &str) -> Version {
    Version::parse(&Ecosystem::Other("conda".to_owned()), text).unwrap()
}

/// The order that PEP 440 prints under "Summary of permitted suffixes and relative ordering", with an epoch and local
/// versions added.
#[test]
fn pypi_versions_are_ordered_by_pep_440() {
    let ordered = [
        "1.0.dev456",
        "1.0a1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+5",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1!0.1",
    ];
    for (left, earlier) in ordered.iter().enumerate() {
        for (right, later) in ordered.iter().enumerate() {
            assert_eq!(pypi(earlier).compare(&pypi(later)), Some(left.cmp(&right)), "{earlier} and {later}");
        }
    }
    assert_eq!(pypi("1.0"), pypi("v1.0.0"));
    assert_eq!(pypi("1.0-RC.1").normalised(), "1.0rc1");
    assert_eq!(pypi("4.1.0b2").is_prerelease(), Some(true));
    assert_eq!(pypi("4.1.0.post1").is_prerelease(), Some(false));
}

/// The order of `SemVer` 11.4, and build metadata without precedence.
#[test]
fn npm_versions_are_ordered_by_semver() {
    let ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "2.0.0",
        "2.1.0",
        "2.1.1",
    ];
    for pair in ordered.windows(2) {
        assert_eq!(npm(pair[0]).compare(&npm(pair[1])), Some(Ordering::Less), "{pair:?}");
    }
    assert_eq!(npm("1.0.0+build.1"), npm("1.0.0+build.2"));
}

#[test]
fn an_error_names_the_input_and_the_remedy() {
    let error = Version::parse(&Ecosystem::Npm, "4.2").unwrap_err().to_string();
    assert!(error.contains("`4.2`") && error.contains("npm") && error.contains("4.3.0-rc.1"), "{error}");
    let error = Version::parse(&Ecosystem::PyPi, "4.2.x").unwrap_err().to_string();
    assert!(error.contains("`4.2.x`") && error.contains("PEP 440") && !error.contains('\n'), "{error}");
    let long = "1".repeat(MAX_VERSION_BYTES + 1);
    assert_eq!(Version::parse(&Ecosystem::PyPi, &long).unwrap_err().input.len(), 64);
}

#[test]
fn the_order_of_opaque_versions_and_of_different_ecosystems_is_unknown() {
    assert_eq!(opaque("2024a").compare(&opaque("2024b")), None);
    assert_eq!(opaque("2024a").compare(&opaque("2024a")), Some(Ordering::Equal));
    assert_eq!(pypi("1.0.0").compare(&npm("1.0.0")), None);
}

/// GHSA-9q39-rmj3-p4r2 as its curators wrote it: jupyterlab before 3.6.8 and from 4.0.0 before 4.2.5.
#[test]
fn a_version_between_two_intervals_is_not_affected() {
    use RangeEvent::{Fixed, Introduced};
    let events = [Introduced("4.0.0"), Fixed("4.2.5"), Introduced("0"), Fixed("3.6.8")];
    let ranges = AffectedRange::of_events(&Ecosystem::PyPi, &events).unwrap();
    let shown: Vec<_> = ranges.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["< 3.6.8", ">= 4.0.0, < 4.2.5"]);
    let verdict = |version| Verdict::any(ranges.iter().map(|range| range.contains(&pypi(version))));
    for (version, expected) in [
        ("0.1", Verdict::Yes),
        ("3.6.7", Verdict::Yes),
        ("3.6.8", Verdict::No),
        ("3.7", Verdict::No),
        ("4.0.0rc1", Verdict::No),
        ("4", Verdict::Yes),
        ("4.2.5rc1", Verdict::Yes),
        ("4.2.5", Verdict::No),
    ] {
        assert_eq!(verdict(version), expected, "{version}");
    }
}

#[test]
fn last_affected_is_inside_and_an_open_range_has_no_end() {
    use RangeEvent::{Introduced, LastAffected, Limit};
    let ranges =
        AffectedRange::of_events(&Ecosystem::Npm, &[Introduced("1.0.0"), LastAffected("1.0.0")]).unwrap();
    assert_eq!(ranges[0].contains(&npm("1.0.0")), Verdict::Yes);
    assert_eq!(ranges[0].contains(&npm("1.0.1-rc.1")), Verdict::No);
    let ranges = AffectedRange::of_events(&Ecosystem::Npm, &[Introduced("0"), Limit("*")]).unwrap();
    assert_eq!(ranges[0].contains(&npm("99.0.0")), Verdict::Yes);
    assert_eq!(ranges[0].to_string(), "all versions");
}

#[test]
fn an_opaque_version_is_affected_only_where_that_is_certain() {
    let range = AffectedRange { introduced: Some(opaque("b")), end: RangeEnd::LastAffected(opaque("e")) };
    assert_eq!(range.contains(&opaque("b")), Verdict::Yes);
    assert_eq!(range.contains(&opaque("e")), Verdict::Yes);
    assert_eq!(range.contains(&opaque("c")), Verdict::Unknown);
    let range = AffectedRange { introduced: None, end: RangeEnd::Fixed(opaque("d")) };
    assert_eq!(range.contains(&opaque("d")), Verdict::No);
    let range = AffectedRange { introduced: None, end: RangeEnd::Open };
    assert_eq!(range.contains(&opaque("z")), Verdict::Yes);
    assert_eq!(Verdict::any([Verdict::No, Verdict::Unknown]), Verdict::Unknown);
    assert_eq!(Verdict::any([]), Verdict::No);
}

fn pep440_text() -> impl Strategy<Value = String> {
    let release = proptest::collection::vec(0u32..30, 1..4)
        .prop_map(|parts| parts.iter().map(ToString::to_string).collect::<Vec<_>>().join("."));
    (
        proptest::option::of(1u8..3),
        release,
        "((a|b|rc)[0-9])?(\\.post[0-9])?(\\.dev[0-9])?(\\+[a-z]{1,3}\\.[0-9])?",
    )
        .prop_map(|(epoch, release, rest)| {
            let epoch = epoch.map(|epoch| format!("{epoch}!")).unwrap_or_default();
            format!("{epoch}{release}{rest}")
        })
}

proptest! {
    #[test]
    fn pep_440_order_is_total_and_agrees_with_equality(texts in proptest::collection::vec(pep440_text(), 3)) {
        let [a, b, c] = [pypi(&texts[0]), pypi(&texts[1]), pypi(&texts[2])];
        prop_assert_eq!(a.compare(&b).map(Ordering::reverse), b.compare(&a));
        prop_assert!(a.compare(&b).is_some());
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn a_printed_version_reads_back_as_itself(text in pep440_text()) {
        let version = pypi(&text);
        prop_assert_eq!(&pypi(&version.normalised()), &version);
        prop_assert_eq!(version.to_string(), text);
    }

    #[test]
    fn reading_any_text_never_panics(text in ".{0,80}") {
        for ecosystem in [Ecosystem::PyPi, Ecosystem::Npm, Ecosystem::Other("conda".to_owned())] {
            if let Ok(version) = Version::parse(&ecosystem, &text) {
                prop_assert_eq!(version.compare(&version), Some(Ordering::Equal));
            }
        }
    }

    #[test]
    fn a_version_is_in_a_range_exactly_when_it_lies_between_its_ends(
        texts in proptest::collection::vec(pep440_text(), 3)
    ) {
        let [introduced, fixed, version] = [&texts[0], &texts[1], &texts[2]];
        let events = [RangeEvent::Fixed(fixed), RangeEvent::Introduced(introduced)];
        let ranges = AffectedRange::of_events(&Ecosystem::PyPi, &events).unwrap();
        let affected = Verdict::any(ranges.iter().map(|range| range.contains(&pypi(version))));
        let after = pypi(version) >= pypi(introduced) || introduced == "0";
        let open = pypi(fixed) <= pypi(introduced) && introduced != "0";
        let expected = after && (open || pypi(version) < pypi(fixed));
        prop_assert_eq!(affected == Verdict::Yes, expected);
        prop_assert!(affected != Verdict::Unknown);
    }
}

/// Versions that a property is tried on: every part that PEP 440 and `SemVer` know, small numbers so that parts are often equal.
fn any_pypi() -> impl Strategy<Value = Version> {
    let text = "([01]!)?(0|1|2|10|256|300)(\\.(0|1|2|255|65536)){0,4}((a|b|rc)[0-2])?(\\.post[0-2])?(\\.dev[0-2])?\
                (\\+(a|ab|1|10|2)(\\.(a|b|0|1)){0,2})?";
    text.prop_map(|text| pypi(&text))
}

fn any_npm() -> impl Strategy<Value = Version> {
    let text = "(0|1|10|256)\\.(0|1|300)\\.(0|1|2)(-(0|1|9|10|a|ab|a-b|a1)(\\.(0|1|10|a|b)){0,2})?(\\+b1)?";
    text.prop_map(|text| npm(&text))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn keys_of_pypi_versions_order_as_the_versions_do(one in any_pypi(), other in any_pypi()) {
        prop_assert_eq!(one.sort_key().cmp(&other.sort_key()), one.compare(&other).unwrap(), "{} {}", one, other);
    }

    #[test]
    fn keys_of_npm_versions_order_as_the_versions_do(one in any_npm(), other in any_npm()) {
        prop_assert_eq!(one.sort_key().cmp(&other.sort_key()), one.compare(&other).unwrap(), "{} {}", one, other);
    }
}

#[test]
fn keys_of_large_numbers_order_and_an_opaque_version_has_none() {
    let numbers = [0, 1, 255, 256, 65_535, 65_536, u64::from(u32::MAX), u64::MAX - 1];
    let keys: Vec<_> = numbers.iter().map(|number| pypi(&format!("1.{number}.1")).sort_key()).collect();
    assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(pypi("1").sort_key(), pypi("v1.0.0").sort_key());
    assert_eq!(opaque("1").sort_key(), None);
}
