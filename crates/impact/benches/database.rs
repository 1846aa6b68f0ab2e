//! A database of 500,000 entries: loaded whole within a second, asked about a package in about a microsecond.
#![allow(missing_docs, reason = "criterion's macros make public functions without docs")]

use std::hint::black_box;

use bastide_advisory::{
    Advisory,
    record::{Affected, AffectedPackage, Event, EventKind, Range},
};
use bastide_impact::{
    database::{Builder, Snapshot},
    matching::Advisories as _,
    osv_service::{self, Layers},
};
use bastide_model::{
    package::{Ecosystem, Package},
    time::Instant,
    version::Version,
};
use criterion::{Criterion, criterion_group, criterion_main};

/// Each record speaks of this many packages.
const PACKAGES: usize = 5;
/// Records; with [`PACKAGES`] 500,000 entries.
const RECORDS: usize = 100_000;
/// Packages that are spoken of: two and a half records each.
const NAMES: usize = 200_000;

fn record(number: usize) -> Advisory {
    let mut record = Advisory::draft(format!("PYSEC-2024-{number:06}"), Instant::EPOCH);
    record.version = 1;
    record.summary = Some("A crafted document makes the parser read beyond its buffer".to_owned());
    record.aliases = vec![format!("CVE-2024-{number:06}")];
    for part in 0..PACKAGES {
        let name = format!("package-{}", (number * 7919 + part * 104_729) % NAMES);
        let event = |kind, minor: usize| Event::new(kind, format!("{}.{minor}.{}", number % 9, part));
        let events = vec![
            Event::new(EventKind::Introduced, "0"),
            event(EventKind::Fixed, 2),
            event(EventKind::Introduced, 3),
            event(EventKind::Fixed, 7),
        ];
        record.affected.push(Affected {
            package: Some(AffectedPackage::new("PyPI", name)),
            ranges: vec![Range::ecosystem(events)],
            ..Affected::default()
        });
    }
    record
}

fn database(criterion: &mut Criterion) {
    let mut builder = Builder::new();
    for number in 0..RECORDS {
        builder.add(&record(number)).expect("a record fits");
    }
    let bytes = builder.finish(Instant::EPOCH).expect("the records fit");
    let mut group = criterion.benchmark_group("500,000 entries");
    group.sample_size(10);
    group.bench_function("load and check every byte", |bench| {
        bench.iter_batched(
            || bytes.clone(),
            |bytes| black_box(Snapshot::of_bytes(bytes).expect("it is whole")),
            criterion::BatchSize::PerIteration,
        );
    });
    group.finish();
    let snapshot = Snapshot::of_bytes(bytes).expect("it is whole");
    assert_eq!(snapshot.counts().entries, 500_000);
    let packages: Vec<(Package, Version)> = (0..4096)
        .map(|number| {
            let package = Package::new(Ecosystem::PyPi, &format!("package-{}", number * 47 % NAMES));
            let version = Version::parse(&Ecosystem::PyPi, "9.9").expect("a version");
            (package, version)
        })
        .collect();
    let mut next = 0;
    criterion.bench_function("a package that no advisory matches", |bench| {
        bench.iter(|| {
            next = (next + 1) % packages.len();
            let (package, version) = &packages[next];
            black_box(snapshot.matches(package, version).expect("an answer"))
        });
    });
    let queries: Vec<String> = (0..40)
        .map(|number| {
            let name = number * 97 % NAMES;
            format!(
                "{{\"package\":{{\"name\":\"package-{name}\",\"ecosystem\":\"PyPI\"}},\"version\":\"1.1.0\"}}"
            )
        })
        .collect();
    let body = format!("{{\"queries\":[{}]}}", queries.join(","));
    let layers = Layers { own: None, feeds: Some(&snapshot) };
    criterion.bench_function("a batch of 40 packages, from body to body", |bench| {
        bench.iter(|| black_box(osv_service::query_batch(layers, body.as_bytes()).expect("an answer")));
    });
}

criterion_group!(benches, database);
criterion_main!(benches);
