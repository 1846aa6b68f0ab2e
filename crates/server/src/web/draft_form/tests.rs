//! The form shows a record and gives it back; what it does not show stays.

use bastide_advisory::record::RangeKind;
use bastide_model::time::Instant;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn words() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-zA-Z0-9<&\"'.-][a-zA-Z0-9 <&>\"'.,-]{0,20}", 1 => "[a-z]{1,5}\n\n[a-z#*`]{1,5}"]
}

fn version() -> impl Strategy<Value = String> {
    "[0-9]{1,2}(\\.[0-9]{1,2}){0,2}((a|rc)[0-9])?"
}

/// Entries that rows can show: pairs of versions of one package.
fn simple_entry() -> impl Strategy<Value = Affected> {
    let package = (prop_oneof![Just("PyPI"), Just("npm"), Just("Debian:12")], "[a-z][a-z0-9-]{0,8}");
    let closed = proptest::collection::vec((version(), version()), 0..3);
    (package, closed, proptest::option::of(version())).prop_map(|((ecosystem, name), closed, open)| {
        let mut events: Vec<Event> = closed
            .into_iter()
            .flat_map(|(from, to)| {
                [Event::new(EventKind::Introduced, from), Event::new(EventKind::Fixed, to)]
            })
            .collect();
        if open.is_some() || events.is_empty() {
            events.push(Event::new(EventKind::Introduced, open.unwrap_or_else(|| "0".to_owned())));
        }
        Affected {
            package: Some(AffectedPackage::new(ecosystem, name)),
            ranges: vec![Range::ecosystem(events)],
            ..Affected::default()
        }
    })
}

/// Entries that rows cannot show.
fn detailed_entry() -> impl Strategy<Value = Affected> {
    let commits = Range {
        kind: RangeKind::Git,
        repo: Some("https://example.org/source".to_owned()),
        ..Range::ecosystem(vec![Event::new(EventKind::Introduced, "0")])
    };
    let last = Range::ecosystem(vec![
        Event::new(EventKind::Introduced, "0"),
        Event::new(EventKind::LastAffected, "1.2"),
    ]);
    let listed = Affected {
        package: Some(AffectedPackage::new("PyPI", "listed")),
        versions: vec!["1.0".to_owned()],
        ..Affected::default()
    };
    let ranged = |range| Affected {
        package: Some(AffectedPackage::new("PyPI", "ranged")),
        ranges: vec![range],
        ..Affected::default()
    };
    prop_oneof![Just(ranged(commits)), Just(ranged(last)), Just(listed)]
}

fn record() -> impl Strategy<Value = Advisory> {
    let texts = proptest::collection::vec(proptest::option::of(words()), 4);
    let affected = proptest::collection::vec(prop_oneof![2 => simple_entry(), 1 => detailed_entry()], 0..4);
    let vectors = proptest::collection::vec(
        prop_oneof![
            3 => "CVSS:3\\.1/AV:[NALP]/AC:[LH]/PR:[NLH]/UI:[NR]/S:[UC]/C:[NLH]/I:[NLH]/A:[NLH]"
                .prop_map(|vector| Assessment::Cvss { vector: vector.parse().unwrap() }),
            1 => Just(Assessment::Other { name: "Ubuntu".to_owned(), score: "high".to_owned() }),
        ],
        0..3,
    );
    let ids = (
        proptest::collection::vec("CVE-20[0-9]{2}-[0-9]{4}", 0..3),
        proptest::collection::vec("CWE-[1-9][0-9]{0,3}", 0..3),
    );
    let credit =
        (words(), proptest::option::of(0usize..10), any::<bool>()).prop_map(|(name, kind, known)| Credit {
            name,
            kind: kind.map(|kind| CreditType::ALL[kind].0),
            contact: if known { vec!["https://example.org/reporter-a".to_owned()] } else { Vec::new() },
            consent: Consent::Given,
            unknown: Map::new(),
        });
    let reference = ((0usize..11), "https://[a-z]{1,8}\\.org(/[a-z]{1,5}){0,2}")
        .prop_map(|(kind, url)| Reference { kind: ReferenceType::ALL[kind].0, url, unknown: Map::new() });
    let people = (proptest::collection::vec(credit, 0..3), proptest::collection::vec(reference, 0..3));
    (texts, affected, vectors, ids, people).prop_map(|(texts, affected, severities, ids, people)| {
        let mut record = Advisory::draft("x_desk-1", Instant::EPOCH);
        let [title, summary, details, workaround] = <[_; 4]>::try_from(texts).unwrap();
        (record.title, record.summary, record.details, record.workaround) =
            (title, summary, details, workaround);
        (record.affected, record.severities) = (affected, severities);
        (record.aliases, record.cwe_ids) = ids;
        (record.credits, record.references) = people;
        record.database_specific.insert("house".to_owned(), json!({"a": 1}));
        record.unknown.insert("novelty".to_owned(), json!(true));
        record
    })
}

/// What a browser sends for a form's fields: every control's value, and ticks only where they are set.
fn sent(fields: &[Field]) -> Vec<(String, String)> {
    fields
        .iter()
        .filter_map(|field| {
            let value = match &field.control {
                Control::Line { value, .. } | Control::Area { value, .. } | Control::Hidden(value) => {
                    value.to_string()
                }
                Control::Select(choices) | Control::Radio(choices) => {
                    choices.iter().find(|choice| choice.chosen).or(choices.first())?.value.to_string()
                }
                Control::Check { ticked } => {
                    return ticked.then(|| (field.name.to_string(), "yes".to_owned()));
                }
                _ => return None,
            };
            Some((field.name.to_string(), value.replace('\n', "\r\n")))
        })
        .collect()
}

/// Two neighbours of one package are one entry to the form: such records are not its normal form.
fn is_normal(record: &Advisory) -> bool {
    let packages: Vec<_> =
        record.affected.iter().filter(|entry| simple(entry).is_some()).map(|entry| &entry.package).collect();
    let same_person = |left: &Credit, right: &Credit| left.name == right.name && left.kind == right.kind;
    packages.windows(2).all(|pair| pair[0] != pair[1])
        && record
            .credits
            .iter()
            .enumerate()
            .all(|(at, left)| record.credits[at + 1..].iter().all(|right| !same_person(left, right)))
}

proptest! {
    #[test]
    fn a_record_shown_and_sent_back_unchanged_is_the_record(record in record()) {
        prop_assume!(is_normal(&record));
        let form = DraftForm::from_pairs(&sent(&DraftForm::of(&record).fields(&[])));
        let back = form.apply(&record).map_err(|found| TestCaseError::fail(format!("{} findings", found.len())))?;
        prop_assert_eq!(back, record);
    }

    #[test]
    fn a_changed_title_changes_nothing_else(record in record(), title in "[a-z]{1,20}") {
        prop_assume!(is_normal(&record));
        let form = DraftForm { title: title.clone(), ..DraftForm::of(&record) };
        let back = form.apply(&record).map_err(|found| TestCaseError::fail(format!("{} findings", found.len())))?;
        prop_assert_eq!(back, Advisory { title: Some(title), ..record });
    }

    #[test]
    fn no_text_of_a_form_panics(pairs in proptest::collection::vec((
        "(affected|references|credits|title)(\\.[0-9]{1,3}){0,2}(\\.(ecosystem|package|fixed|kind|url|name|consent))?",
        "\\PC{0,12}",
    ), 0..20)) {
        let form = DraftForm::from_pairs(&pairs);
        let _ = form.apply(&Advisory::draft("x", Instant::EPOCH));
        let _ = form.fields(&[]);
    }
}

#[test]
fn what_is_wrong_stands_at_its_field() {
    let form = DraftForm {
        vectors: "CVSS:3.1/AV:X".to_owned(),
        credits: vec![CreditRow { name: "reporter-a".to_owned(), ..CreditRow::default() }],
        ..DraftForm::default()
    };
    let findings = form.apply(&Advisory::draft("x", Instant::EPOCH)).unwrap_err();
    let fields = form.fields(&findings);
    let marked: Vec<&str> =
        fields.iter().filter(|field| !field.findings.is_empty()).map(|field| field.name.as_str()).collect();
    assert_eq!(marked, ["vectors", "credits.0.consent"]);
}

#[test]
fn a_finding_about_a_part_of_a_row_stands_in_that_row() {
    let row = |package: &str| AffectedRow { package: package.to_owned(), ..AffectedRow::default() };
    let form = DraftForm { affected: vec![row("a"), row("b")], ..DraftForm::default() };
    let finding = finding::at_field("ADV-R", "affected[1].ranges[0].events", "Mend it.", "So.");
    let fields = form.fields(&[finding]);
    let marked = fields.iter().find(|field| !field.findings.is_empty()).map(|field| field.name.as_str());
    assert_eq!(marked, Some("affected.1.ecosystem"));
}
