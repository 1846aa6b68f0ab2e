//! How long lint takes: a report of 10 kB has to be judged in less than 10 ms.
#![allow(missing_docs, reason = "criterion's macros make public functions without docs")]

use std::hint::black_box;

use bastide_desk::lint::{Kind, Linter, ReportDraft};
use bastide_model::time::Instant;
use criterion::{Criterion, criterion_group, criterion_main};

/// A report of 10 kB with answers, prose, code, names that hint at clauses, and what several rules complain about.
fn report() -> String {
    let mut text = String::from(
        "Title: http.cookies accepts a control character\nTested versions: 3.12.4 vulnerable, 3.13.1 not vulnerable\n\
         Threat model: remote data\nLaunch conditions: no\nAvailability: no\nFixed on main: no\n\n",
    );
    let passage = "A cookie's name with a control character is accepted by http.cookies, and pickle or eval() is not \
                   involved; CVSS 9.8 would be wrong and the severity is high only in theory.\n\n\
                   ```python\nimport http.cookies\nprint(http.cookies.SimpleCookie('a=b'))\n```\n\n\
                   ## More\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n";
    while text.len() < 10_000 {
        text.push_str(passage);
    }
    text.truncate(10_000);
    text
}

fn lint(criterion: &mut Criterion) {
    let text = report();
    let linter = Linter::for_builtin("cpython").expect("cpython is built in");
    let day = Instant::from_micros(1_748_736_000_000_000);
    let draft = ReportDraft::from_text(text.as_bytes(), Kind::Text).expect("the report is UTF-8");
    criterion.bench_function("read a 10 kB report", |bencher| {
        bencher.iter(|| ReportDraft::from_text(black_box(text.as_bytes()), Kind::Text));
    });
    criterion.bench_function("lint a 10 kB report", |bencher| {
        bencher.iter(|| linter.lint(black_box(&draft), day));
    });
    criterion.bench_function("make a linter", |bencher| {
        bencher.iter(|| Linter::for_builtin(black_box("cpython")));
    });
}

criterion_group!(benches, lint);
criterion_main!(benches);
