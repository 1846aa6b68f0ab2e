//! Records for tests: one full one, and any that the format readers could make.

use bastide_model::time::Instant;
use proptest::prelude::*;
use serde_json::{Map, json};

use crate::{Advisory, record::*};

/// A record in which every field holds something.
pub(crate) fn full() -> Advisory {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let mut record = Advisory::draft("PYSEC-2024-1", at("2024-09-02T10:00:00.5Z"));
    record.version = 2;
    record.published = Some(at("2024-08-28T19:21:55Z"));
    record.revisions = vec![
        Revision {
            version: 1,
            at: at("2024-08-28T19:21:55Z"),
            summary: "First published version.".to_owned(),
        },
        Revision {
            version: 2,
            at: at("2024-09-02T10:00:00.5Z"),
            summary: "Names the fixed version of notebook.".to_owned(),
        },
    ];
    record.aliases = vec!["CVE-2024-43805".to_owned(), "GHSA-9q39-rmj3-p4r2".to_owned()];
    record.related = vec!["CVE-2024-10001".to_owned()];
    record.upstream = vec!["GHSA-aaaa-bbbb-cccc".to_owned()];
    record.title = Some("HTML injection in notebooks <b>".to_owned());
    record.summary =
        Some("Opening a prepared notebook lets its author act as you & read your files.".to_owned());
    record.details = Some(
        "### Impact\n\nA *malicious* notebook.\n\n<script>alert(1)</script>\n\n```\ncode\n```\n".to_owned(),
    );
    record.workaround = Some("Disable the plugin:\n\n    jupyter labextension disable x\n".to_owned());
    let event = |kind, version: &str| Event::new(kind, version);
    let mut python = Affected {
        package: Some(AffectedPackage {
            purl: Some("pkg:pypi/jupyterlab".to_owned()),
            ..AffectedPackage::new("PyPI", "jupyterlab")
        }),
        ranges: vec![Range::ecosystem(vec![
            event(EventKind::Introduced, "0"),
            event(EventKind::Fixed, "3.6.8"),
            event(EventKind::Introduced, "4.0.0"),
            event(EventKind::Fixed, "4.2.5"),
        ])],
        versions: vec!["3.6.7".to_owned(), "4.2.4".to_owned()],
        ..Affected::default()
    };
    python.ecosystem_specific.insert("severity".to_owned(), json!("HIGH"));
    python.database_specific.insert("source".to_owned(), json!("here"));
    let node = Affected {
        package: Some(AffectedPackage::new("npm", "@jupyterlab/application")),
        ranges: vec![Range {
            kind: RangeKind::Semver,
            ..Range::ecosystem(vec![
                event(EventKind::Introduced, "4.0.0"),
                event(EventKind::LastAffected, "4.2.4"),
            ])
        }],
        ..Affected::default()
    };
    let commits = Affected {
        ranges: vec![Range {
            kind: RangeKind::Git,
            repo: Some("https://github.com/jupyterlab/jupyterlab".to_owned()),
            ..Range::ecosystem(vec![
                event(EventKind::Introduced, "0"),
                event(EventKind::Fixed, &"a".repeat(40)),
            ])
        }],
        ..Affected::default()
    };
    record.affected = vec![python, node, commits];
    let cvss = |vector: &str| Assessment::Cvss { vector: vector.parse().unwrap() };
    record.severities = vec![
        cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:L/A:L"),
        cvss("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N"),
    ];
    record.cwe_ids = vec!["CWE-79".to_owned()];
    record.references = vec![
        Reference {
            kind: ReferenceType::Advisory,
            url: "https://example.org/a?b=c&d".to_owned(),
            unknown: Map::new(),
        },
        Reference {
            kind: ReferenceType::Fix,
            url: "https://example.org/fix".to_owned(),
            unknown: Map::new(),
        },
    ];
    let credit = |name: &str, kind, consent| Credit {
        name: name.to_owned(),
        kind: Some(kind),
        contact: vec!["https://example.org/reporter-a".to_owned()],
        consent,
        unknown: Map::new(),
    };
    record.credits = vec![
        credit("reporter-a", CreditType::Reporter, Consent::Given),
        credit("shy-developer", CreditType::RemediationDeveloper, Consent::Refused),
    ];
    record.timeline = vec![TimelineEvent { at: at("2024-08-01T00:00:00Z"), text: "Reported.".to_owned() }];
    record.database_specific.insert("house".to_owned(), json!({"a": 1}));
    record.unknown.insert("novelty".to_owned(), json!([true]));
    record
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9 .,<&>\"'|*_-]{0,30}",
        1 => "\\PC{0,12}",
        1 => "[a-z]{1,5}\n\n\t[a-z#*`]{1,5}\r\n ",
        1 => Just("]]> <!-- </script> &amp; %s {{x}}".to_owned()),
    ]
}

fn version() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[0-9]{1,2}(\\.[0-9]{1,2}){0,2}((a|rc|\\.post|\\.dev)[0-9])?", 1 => "[a-z0-9!+|<>=%* é-]{1,8}"]
}

fn instant() -> impl Strategy<Value = Instant> {
    (0i64..4_000_000_000_000_000).prop_map(Instant::from_micros)
}

fn url() -> impl Strategy<Value = String> {
    "(https?|mailto|git\\+ssh)://?[a-z]{1,8}\\.org(/[a-zA-Z0-9._~-]{0,6}){0,3}(\\?[a-z]=%2[0-9A-F]&b)?(#[a-z]{1,3})?"
}

fn extra() -> impl Strategy<Value = Extra> {
    proptest::collection::vec(("x[a-z]{1,6}", text()), 0..2)
        .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key, json!(value))).collect())
}

fn range() -> impl Strategy<Value = Range> {
    let kind = prop_oneof![Just(EventKind::Fixed), Just(EventKind::LastAffected)];
    let events =
        (kind, proptest::collection::vec((prop_oneof![Just("0".to_owned()), version()], version()), 1..4))
            .prop_map(|(end, pairs)| {
                let both = |(start, stop)| [Event::new(EventKind::Introduced, start), Event::new(end, stop)];
                pairs.into_iter().flat_map(both).collect::<Vec<_>>()
            });
    let open = (version(), extra())
        .prop_map(|(start, unknown)| vec![Event { unknown, ..Event::new(EventKind::Introduced, start) }]);
    let limited = version().prop_map(|limit| {
        vec![
            Event::new(EventKind::Introduced, "0"),
            Event::new(EventKind::Limit, limit),
            Event::new(EventKind::Limit, "*"),
        ]
    });
    let versions = (prop_oneof![4 => events, 1 => open, 1 => limited], any::<bool>(), extra(), extra());
    let by_version = versions.prop_map(|(events, semver, database_specific, unknown)| {
        let kind = if semver { RangeKind::Semver } else { RangeKind::Ecosystem };
        Range { kind, repo: None, events, database_specific, unknown }
    });
    let commit = || prop_oneof!["[0-9a-f]{40}", "[0-9a-f]{64}"];
    let commits = (url(), proptest::collection::vec(commit(), 0..4)).prop_map(|(repo, fixes)| {
        let mut events = vec![Event::new(EventKind::Introduced, "0")];
        events.extend(fixes.into_iter().map(|commit| Event::new(EventKind::Fixed, commit)));
        Range { kind: RangeKind::Git, repo: Some(repo), ..Range::ecosystem(events) }
    });
    prop_oneof![2 => by_version, 1 => commits]
}

fn affected() -> impl Strategy<Value = Affected> {
    let ecosystem = prop_oneof![Just("PyPI"), Just("npm"), Just("Debian:12"), Just("crates.io")];
    let name = prop_oneof!["[A-Za-z0-9._-]{1,10}", "@[a-z]{1,5}/[a-z]{1,5}", "\\PC{1,6}"];
    let package = (
        ecosystem,
        name,
        proptest::option::of("pkg:(deb|cargo|pypi)/[a-z]{1,5}(/[a-z]{1,5})?(@1\\.0)?"),
        extra(),
    );
    let package = package.prop_map(|(ecosystem, name, purl, unknown)| AffectedPackage {
        purl,
        unknown,
        ..AffectedPackage::new(ecosystem, name)
    });
    let lists =
        (proptest::collection::vec(range(), 0..3), proptest::collection::vec(version(), 0..4), assessments());
    (proptest::option::weighted(0.9, package), lists, extra(), extra(), extra()).prop_map(
        |(package, (ranges, versions, severities), ecosystem_specific, database_specific, unknown)| {
            Affected { package, ranges, versions, severities, ecosystem_specific, database_specific, unknown }
        },
    )
}

fn assessments() -> impl Strategy<Value = Vec<Assessment>> {
    let vector = prop_oneof![
        "CVSS:3\\.[01]/AV:[NALP]/AC:[LH]/PR:[NLH]/UI:[NR]/S:[UC]/C:[NLH]/I:[NLH]/A:[NLH]",
        "CVSS:4\\.0/AV:[NALP]/AC:[LH]/AT:[NP]/PR:[NLH]/UI:[NPA]/VC:[HLN]/VI:[HLN]/VA:[HLN]/SC:[HLN]/SI:[HLN]/SA:[HLN]",
        "AV:[NAL]/AC:[LMH]/Au:[MSN]/C:[NPC]/I:[NPC]/A:[NPC]",
    ];
    let one = prop_oneof![
        6 => vector.prop_map(|vector| Assessment::Cvss { vector: vector.parse().unwrap() }),
        1 => Just(Assessment::Other { name: "Ubuntu".to_owned(), score: "high".to_owned() }),
    ];
    proptest::collection::vec(one, 0..4)
}

fn people() -> impl Strategy<Value = (Vec<Credit>, Vec<Reference>, Vec<TimelineEvent>)> {
    let consent =
        prop_oneof![3 => Just(Consent::Given), 1 => Just(Consent::Pending), 1 => Just(Consent::Refused)];
    let kind = proptest::option::of((0usize..10).prop_map(|index| CreditType::ALL[index].0));
    let contact = proptest::collection::vec(prop_oneof![url(), text()], 0..2);
    let credit = (text(), kind, contact, consent, extra())
        .prop_map(|(name, kind, contact, consent, unknown)| Credit { name, kind, contact, consent, unknown });
    let reference = ((0usize..11), url(), extra()).prop_map(|(index, url, unknown)| Reference {
        kind: ReferenceType::ALL[index].0,
        url,
        unknown,
    });
    let event = (instant(), text()).prop_map(|(at, text)| TimelineEvent { at, text });
    (
        proptest::collection::vec(credit, 0..3),
        proptest::collection::vec(reference, 0..4),
        proptest::collection::vec(event, 0..3),
    )
}

/// Any record that is worth publishing, with texts that break naive writers.
pub(crate) fn any_record() -> impl Strategy<Value = Advisory> {
    let id = prop_oneof!["PYSEC-20[0-9]{2}-[1-9][0-9]{0,3}", "x_[a-z]{1,6}-1", "CVE-20[0-9]{2}-[0-9]{4,7}"];
    let alias = prop_oneof!["CVE-20[0-9]{2}-[0-9]{4,7}", "GHSA-[a-z]{4}-[a-z]{4}-[a-z]{4}", "CVE-[a-z]{1,4}"];
    let ids = (
        id,
        proptest::collection::vec(alias, 0..4),
        proptest::collection::vec("[A-Z]{3,5}-[0-9]{1,4}", 0..2),
    );
    let times = (
        0u32..4,
        proptest::collection::vec(instant(), 4),
        any::<bool>(),
        proptest::option::of(text()),
        any::<bool>(),
    );
    let option = || proptest::option::of(text());
    let texts = (option(), option(), option(), option());
    let cwe = prop_oneof![Just("CWE-79".to_owned()), Just("CWE-22".to_owned()), "CWE-[1-9][0-9]{0,5}"];
    let lists =
        (proptest::collection::vec(affected(), 0..3), assessments(), proptest::collection::vec(cwe, 0..3));
    (ids, times, texts, lists, people(), extra(), extra()).prop_map(
        |(ids, times, texts, lists, people, database_specific, unknown)| {
            let (version, mut instants, is_withdrawn, reason, has_history) = times;
            instants.sort();
            let mut record = Advisory::draft(ids.0, instants[3]);
            record.version = version;
            record.published = (version > 0).then_some(instants[0]);
            if is_withdrawn && version > 0 {
                record.withdrawn = Some(instants[3]);
                record.withdrawal_reason = reason;
            }
            if has_history {
                let revision = |number: u32| Revision {
                    version: number,
                    at: instants[(number as usize).min(3)],
                    summary: format!("Change {number} <>&."),
                };
                record.revisions = (1..=version).map(revision).collect();
            }
            (record.aliases, record.related) = (ids.1, ids.2);
            (record.title, record.summary, record.details, record.workaround) = texts;
            (record.affected, record.severities, record.cwe_ids) = lists;
            (record.credits, record.references, record.timeline) = people;
            (record.database_specific, record.unknown) = (database_specific, unknown);
            record
        },
    )
}
