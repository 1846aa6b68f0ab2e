//! How fast the page of a case is: the whole service in this process, two threads, a real store on disk.
//!
//! It prints pages per second and the slowest of a hundred, for a case as most are and for one with very many messages.
//! `BASTIDE_BENCH_MESSAGES` says how many (10,000 unless told).

#![allow(clippy::unwrap_used, reason = "a failed step ends the run")]
#![allow(clippy::print_stdout, reason = "figures of a run")]
#![allow(
    clippy::disallowed_methods,
    reason = "times are what is measured, and the environment says how many messages"
)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures of a run, to be read and not to be reckoned with"
)]
#![allow(dead_code, reason = "the site of the tests offers more than a bench needs")]

#[path = "../tests/it/site.rs"]
mod site;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{body::Body, http::Request};
use bastide_usecases::step::StepKind;
use serde_json::{Value, json};
use site::Site;
use tower::ServiceExt as _;

/// How long one figure is measured.
const LASTS: Duration = Duration::from_secs(5);

/// How many requests are under way at once.
const AT_ONCE: usize = 8;

async fn case(site: &Site) -> String {
    let report = json!({ "report": {
        "title": "A crafted notebook runs a command when it is opened",
        "body": "Opening a notebook that somebody else wrote runs a command without a click.\n".repeat(20),
        "answers": {
            "threat-model": "An untrusted notebook must not run code before it is trusted.",
            "attack-vector": "The attacker sends a notebook; the victim opens it.",
            "verified": true,
        },
        "tested-versions": [{ "version": "4.2.4", "vulnerable": true }],
        "proof-of-concept": "import sys\nsys.exit(1)\n",
    } });
    let answer = site.post("/api/v1/projects/jupyterlab/reports", None, report).await;
    let case = answer.json()["case"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
    let coordinator = Some(site.coordinator.1.as_str());
    let developer = Some(site.developer.1.as_str());
    let steps = [
        (coordinator, "take", json!({})),
        (coordinator, "acknowledge", json!({ "text": "Thank you." })),
        (
            coordinator,
            "triage",
            json!({
                "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": "Opening is enough.",
            }),
        ),
        (coordinator, "accept", json!({})),
        (coordinator, "invite", json!({ "person": site.developer.0.to_string(), "seat": "developer" })),
        (developer, "answer-invitation", json!({ "accept": true })),
        (developer, "replicate", json!({ "result": "confirmed", "note": "It runs." })),
    ];
    for (token, step, fields) in steps {
        let answer = site.post(&format!("/api/v1/cases/{case}/steps/{step}"), token, fields).await;
        assert!(answer.status.is_success(), "{step}: {}", answer.text);
    }
    case
}

async fn page(site: &Site, address: &str) -> Duration {
    let request = Request::get(address)
        .header("authorization", format!("Bearer {}", site.coordinator.1))
        .body(Body::empty())
        .unwrap();
    let start = Instant::now();
    let answer = site.service.clone().oneshot(request).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    start.elapsed()
}

async fn measured(name: &str, site: &Arc<Site>, address: &str) {
    let cold = page(site, address).await;
    let done = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut workers = Vec::new();
    for _ in 0..AT_ONCE {
        let (site, address, done) = (Arc::clone(site), address.to_owned(), Arc::clone(&done));
        workers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while start.elapsed() < LASTS {
                times.push(page(&site, &address).await);
                done.fetch_add(1, Ordering::Relaxed);
            }
            times
        }));
    }
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await.unwrap());
    }
    times.sort();
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{name}: {rate:.0} pages/s, median {:?}, p99 {:?}, first {cold:?} ({AT_ONCE} at once)",
        at(0.5),
        at(0.99)
    );
}

async fn messages(site: &Site, case: &str, count: usize) {
    let token = bastide_usecases::Secret::given(&site.coordinator.1);
    let actor = site.desk.signed_in(&token).await.unwrap().actor;
    let kind = StepKind::find("message").unwrap();
    for number in 0..count {
        let text = format!("Message number {number}. {}", "It is as long as messages are. ".repeat(8));
        let Value::Object(fields) = json!({ "tier": "team-only", "text": text }) else { return };
        let step = kind.read(&fields).unwrap();
        site.desk.act(&actor, case.parse().unwrap(), &step, None).await.unwrap();
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let site = Arc::new(Site::open().await);
        let plain = case(&site).await;
        measured("plain case", &site, &format!("/cases/{plain}")).await;
        let count = std::env::var("BASTIDE_BENCH_MESSAGES").ok().and_then(|text| text.parse().ok());
        let count = count.unwrap_or(10_000);
        let large = case(&site).await;
        messages(&site, &large, count).await;
        measured(&format!("case with {count} messages"), &site, &format!("/cases/{large}")).await;
    });
}
