//! Two desks with one public history, one of them with secret cases: nobody who asks in public can tell which is which.
//!
//! The same requests go to both; status, headers and bodies are compared byte for byte. Left out is only what is random or
//! counts down by design: the key that each form carries, the seconds that somebody has to wait, and of a report that was
//! just sent its own id, reference and secret link.

use std::{net::IpAddr, path::Path, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use bastide_model::time::{Clock as _, Span};
use bastide_server::{Lane, Limits, Options, Peer, Rate, route_table, router};
use bastide_testkit::chance::Chance;
use bastide_usecases::{SignInPolicy, SimulatedClock};
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    api::report,
    exhaustive,
    published::published,
    site::{Site, desk_in},
};

/// The words that only the second desk holds.
const SECRETS: [&str; 4] = ["quokkatitle", "quokkabody", "quokkadraft", "CVE-2026-918273"];

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The same desk, opened from a copy of its files.
async fn opened(base: &Site) -> Site {
    let directory = tempfile::tempdir().unwrap();
    copy(base.place(), directory.path());
    let clock = Arc::new(SimulatedClock::at(base.clock.now()));
    let policy = SignInPolicy::without_passkeys();
    let desk = desk_in(directory.path(), &clock, "http://localhost:1", policy, "two worlds").await;
    let small = |burst| Lane { address: Rate::new(burst, 1), total: Rate::new(1_000_000, 1) };
    let limits = Limits {
        reading: small(12),
        signing_in: small(3),
        submitting: small(3),
        linting: small(3),
        writing: small(3),
        ..Limits::unhurried()
    };
    let service = router(desk.clone(), Options { floods: limits, ..Options::default() });
    base.with(desk, clock, service, directory)
}

async fn step(site: &Site, token: &str, case: &str, name: &str, fields: serde_json::Value) {
    let done = site.post(&format!("/api/v1/cases/{case}/steps/{name}"), Some(token), fields).await;
    assert_eq!(done.status, StatusCode::OK, "{name}: {}", done.text);
}

/// What happens in secret: reports in several states, one with a draft, a number and agreed dates. Gives their ids.
async fn secret_cases(site: &Site) -> Vec<String> {
    let mut cases = Vec::new();
    for depth in 0..6 {
        let mut sent = report();
        sent["report"]["title"] = json!(format!("{} {depth}", SECRETS[0]));
        sent["report"]["body"] = json!(format!("A notebook runs a command. {} {depth}", SECRETS[1]));
        let sent = site.post("/api/v1/projects/jupyterlab/reports", None, sent).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
        let case = sent.json()["case"].as_str().unwrap().to_owned();
        cases.push(case.clone());
        let (coordinator, developer) = (&site.coordinator.1, &site.developer.1);
        if depth < 1 {
            continue;
        }
        let outcome = if depth == 1 { "declined" } else { "vulnerability" };
        let clause = if depth == 1 { "running-code-is-the-purpose" } else { "untrusted-notebook" };
        let verdict = json!({ "outcome": outcome, "clause": clause, "reasoning": "So it is." });
        step(site, coordinator, &case, "triage", verdict).await;
        if depth < 3 {
            continue;
        }
        step(site, coordinator, &case, "accept", json!({})).await;
        let invitation = json!({ "person": site.developer.0, "seat": "developer" });
        step(site, coordinator, &case, "invite", invitation).await;
        step(site, developer, &case, "answer-invitation", json!({ "accept": true })).await;
        if depth < 4 {
            continue;
        }
        let seen = json!({ "result": "confirmed", "note": "It runs." });
        step(site, developer, &case, "replicate", seen).await;
        step(site, developer, &case, "cve-request", json!({})).await;
        let number = format!("{}{depth}", SECRETS[3]);
        step(site, coordinator, &case, "cve-reserve", json!({ "number": number })).await;
        let record = json!({
            "schema_version": "1.7.5",
            "aliases": [number],
            "summary": SECRETS[2],
            "details": "A prepared notebook runs a script when it is opened.",
            "affected": [{
                "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
                "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "4.0.0" }, { "fixed": "4.2.6" }] }],
            }],
        });
        step(site, coordinator, &case, "draft-advisory", json!({ "record": record })).await;
    }
    cases
}

/// A request that anybody could send.
#[derive(Debug, Clone)]
struct Asked {
    method: &'static str,
    path: String,
    body: String,
    from: IpAddr,
}

/// What stands for each parameter of a path: what is public, what is secret in one of the worlds, and what is nowhere.
struct Vocabulary {
    paths: Vec<String>,
    names: Vec<(&'static str, Vec<String>)>,
    queries: Vec<String>,
}

impl Vocabulary {
    fn new(site: &Site, advisory: &str, cases: &[String]) -> Self {
        let paths = route_table(site.desk.clone()).into_iter().filter(|row| row.method == "GET");
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let mut advisories =
            own(&["x_bastide-2026-0000", "CVE-2026-9182734", "CVE-2026-1", "GHSA-0000-0000-0000"]);
        advisories.push(advisory.to_owned());
        advisories.push(format!("{advisory}x"));
        advisories.extend_from_slice(&cases[..2]);
        let names = vec![
            ("{project}", own(&["jupyterlab", "jupyterlab", "notebook", "no-such-project", "JUPYTERLAB"])),
            ("{advisory}", advisories),
            ("{case}", cases.iter().cloned().chain(["case-00000000000000000000000000".to_owned()]).collect()),
            ("{kind}", own(&["osv", "csaf", "text", "html", "cve", "zzz"])),
            ("{log}", own(&["public", "case", "zzz"])),
            ("{*path}", own(&["0/000", "0/000.p/5", "0/000.p/6", "0/000.p/7", "1/000", "entries/000", "x"])),
            ("{secret}", own(&["no-secret-of-anybody", "quokkatitle"])),
        ];
        let queries = own(&[
            "",
            "",
            "?q=quokkatitle",
            "?q=quokkadraft",
            "?from=1",
            "?project=jupyterlab",
            "?state=closed",
            "?done=publish",
            "?next=/inbox",
            "?version=2",
            "?limit=1&offset=1",
            "?search=CVE-2026-9182734",
        ]);
        Self { paths: paths.map(|row| row.path).collect(), names, queries }
    }

    fn filled(&self, path: &str, chance: &mut Chance) -> String {
        let mut path = path.to_owned();
        for (name, values) in &self.names {
            path = path.replace(name, chance.one(values.as_slice()).as_str());
        }
        while let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            path.replace_range(open..=close, "something");
        }
        path
    }

    fn request(&self, chance: &mut Chance, from: IpAddr, number: usize) -> Asked {
        let ask = |method, path: String, body: String| Asked { method, path, body, from };
        match chance.below(20) {
            0 => ask(
                "POST",
                self.filled("/api/v1/projects/{project}/lint", chance),
                report()["report"].to_string(),
            ),
            1 => {
                ask("POST", self.filled("/api/v1/projects/{project}/reports", chance), "{\"report\":".into())
            }
            2 if chance.below(4) == 0 => {
                let mut sent = report();
                sent["report"]["title"] = json!(format!("A report of everybody, number {number}"));
                ask("POST", "/api/v1/projects/jupyterlab/reports".into(), sent.to_string())
            }
            3 => ask("POST", "/sign-in".into(), "token=quokkatitle".into()),
            4 => ask("POST", "/status".into(), "link=quokkatitle".into()),
            5 => ask("POST", self.filled("/api/v1/cases/{case}/steps/take", chance), "{}".into()),
            6 => ask("POST", self.filled("/cases/{case}/steps/acknowledge", chance), "text=x".into()),
            7 => ask("HEAD", self.filled("/advisories/{advisory}", chance), String::new()),
            8 => ask("PUT", self.filled("/cases/{case}", chance), String::new()),
            _ => {
                let path = self.filled(chance.one(&self.paths).clone().as_str(), chance);
                ask("GET", format!("{path}{}", chance.one(&self.queries)), String::new())
            }
        }
    }
}

/// What is compared of an answer.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: String,
}

async fn seen(site: &Site, asked: &Asked, number: usize) -> Seen {
    let kind = if asked.path.starts_with("/api/") {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let mut request = Request::builder()
        .method(asked.method)
        .uri(&asked.path)
        .header("host", "localhost:1")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", kind)
        .header("idempotency-key", format!("a-key-of-the-two-worlds-{number:08}"))
        .body(Body::from(asked.body.clone()))
        .unwrap();
    request.extensions_mut().insert(Peer(asked.from));
    let response = site.service.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in response.headers() {
        // Counts down.
        let value = if name == "retry-after" { "N" } else { value.to_str().unwrap() };
        headers.push((name.to_string(), value.to_owned()));
    }
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let mut body = String::from_utf8_lossy(&bytes).into_owned();
    if status == StatusCode::CREATED {
        let mut receipt: serde_json::Value = serde_json::from_str(&body).unwrap();
        for random in ["case", "link", "reference"] {
            receipt[random] = json!("random");
        }
        body = receipt.to_string();
    }
    Seen { status, headers, body: unrandom(&body) }
}

/// What stands before the key of a form.
const KEY: &str = "name=\"idempotency-key\" value=\"";

/// The text without the keys of its forms and the time to wait.
fn unrandom(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find(KEY) {
        let (before, after) = rest.split_at(at + KEY.len());
        out.push_str(before);
        rest = after.find('"').map_or("", |end| &after[end..]);
    }
    out.push_str(rest);
    match out.find("Wait ") {
        Some(at) if out.contains("then do the same again") => {
            let end = out[at..].find(',').map_or(out.len(), |end| at + end);
            out.replace_range(at..end, "Wait N");
            out
        }
        _ => out,
    }
}

/// Proves: J05, J16.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_tell_a_desk_with_secret_cases_from_one_without() {
    let base = Site::open().await;
    let advisory = published(&base).await;
    base.desk.store().close().await;
    let (empty, secret) = (opened(&base).await, opened(&base).await);
    let cases = secret_cases(&secret).await;
    for site in [&empty, &secret] {
        site.clock.pass(Span::days(5));
        site.desk.tick().await.unwrap();
    }
    let vocabulary = Vocabulary::new(&empty, &advisory, &cases);
    let sequences = if exhaustive() { 10_000 } else { 500 };
    let seed = 0x5eed_0001_u64;
    let mut chance = Chance::of(seed);
    let (mut asked, mut statuses) = (0_usize, std::collections::BTreeMap::<u16, u32>::new());
    for sequence in 0..sequences {
        let from: IpAddr = if sequence % 3 == 0 {
            format!("2001:db8:{:x}::{:x}", sequence / 60_000, sequence % 60_000).parse().unwrap()
        } else {
            [
                10,
                u8::try_from(sequence / 40_000).unwrap(),
                u8::try_from(sequence / 200 % 200).unwrap(),
                u8::try_from(sequence % 200).unwrap(),
            ]
            .into()
        };
        // Some sequences hit a limit, most do not.
        let length = if sequence % 20 == 0 { 16 } else { 3 + chance.below(5) };
        for _ in 0..length {
            asked += 1;
            let request = vocabulary.request(&mut chance, from, asked);
            let (without, with) = tokio::join!(seen(&empty, &request, asked), seen(&secret, &request, asked));
            assert_eq!(without, with, "sequence {sequence} of seed {seed:#x}: {request:?}");
            let said = format!("{:?}{}", with.headers, with.body);
            for word in SECRETS {
                // What somebody writes may come back to them.
                let own = request.path.contains(word) || request.body.contains(word);
                assert!(own || !said.contains(word), "{request:?} says {word}");
            }
            *statuses.entry(with.status.as_u16()).or_default() += 1;
        }
        if sequence % 50 == 0 {
            for site in [&empty, &secret] {
                site.clock.pass(Span::minutes(7));
            }
        }
    }
    println!("{sequences} sequences, {asked} requests, seed {seed:#x}: no difference; answers {statuses:?}");
    for status in [200, 201, 401, 404, 422, 429] {
        assert!(statuses.contains_key(&status), "the requests met {status} as well: {statuses:?}");
    }
}
