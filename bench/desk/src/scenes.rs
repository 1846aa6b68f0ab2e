//! What is measured, in the order in which the desk grows.

use std::sync::Arc;

use http_body_util::Full;
use hyper::{Method, Request, body::Bytes};
use serde_json::{Value, json};

use crate::{
    Arguments,
    load::{self, Connection, Make, Taken},
    place::{Place, Server, Somebody},
    report::{Row, doing},
};

/// Plays every scene; gives what was measured.
pub(crate) async fn play(arguments: &Arguments) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let place = Place::make(&arguments.at, arguments.participants).await?;
    let server = place.serve(&arguments.binary, &arguments.serve).await?;

    doing(&format!("{} reports over {} connections", arguments.cases, arguments.connections));
    let taken = load::ask(server.port, arguments.connections, arguments.cases, reports()).await?;
    rows.push(Row {
        what: format!("reports stored for good, {} at once", arguments.connections),
        figure: figure(&taken),
        aim: ">= 500/s, p99 <= 100 ms",
        holds: Some(taken.rate() >= 500.0 && taken.within(0.99) <= 100.0),
    });
    rows.push(memory(&server, "while reports came in"));

    let cases = inbox(&server, &place.coordinator).await?;
    let [plain, large, ..] = cases.as_slice() else {
        return Err("the inbox shows fewer than two cases".to_owned());
    };
    pages(arguments, &server, &place.coordinator, plain, &mut rows).await?;
    grow(arguments, &server, &place, large).await?;
    large_page(arguments, &server, &place.coordinator, large, &mut rows).await?;
    rows.push(memory(&server, "in the whole run"));
    drop(server);

    start(arguments, &place, &mut rows).await?;
    Ok(rows)
}

/// A small case's page, the inbox, a check of a report.
async fn pages(
    arguments: &Arguments,
    server: &Server,
    coordinator: &Somebody,
    plain: &str,
    rows: &mut Vec<Row>,
) -> Result<(), String> {
    doing("a plain case");
    let taken = get(server, arguments, arguments.pages, &format!("/cases/{plain}"), coordinator).await?;
    rows.push(Row {
        what: "page of a plain case".to_owned(),
        figure: figure(&taken),
        aim: ">= 5000/s, p99 <= 25 ms",
        holds: Some(taken.rate() >= 5000.0 && taken.within(0.99) <= 25.0),
    });
    doing("the inbox");
    let first = format!("first page of an inbox of {} cases, one at a time", arguments.cases);
    rows.push(alone(arguments, server, coordinator, first, "/inbox").await?);
    doing("500 rows of the inbox");
    let many = format!("500 cases of an inbox of {} on one page, one at a time", arguments.cases);
    rows.push(alone(arguments, server, coordinator, many, "/inbox?rows=500").await?);
    doing("checks of reports");
    let lint: Make = Arc::new(|_| {
        let address = "/api/v1/projects/jupyterlab/lint";
        request(Method::POST, address, None, None, &report(0)["report"])
    });
    let taken = load::ask(server.port, arguments.connections, arguments.pages / 10, lint).await?;
    rows.push(Row { what: "check of a report".to_owned(), figure: figure(&taken), aim: "-", holds: None });
    Ok(())
}

/// A page that people wait for, asked for by one of them at a time.
async fn alone(
    arguments: &Arguments,
    server: &Server,
    who: &Somebody,
    what: String,
    address: &str,
) -> Result<Row, String> {
    let taken = load::ask(server.port, 1, few(arguments), reading(address, who)).await?;
    let holds = Some(taken.within(0.99) <= 100.0);
    Ok(Row { what, figure: figure(&taken), aim: "p99 <= 100 ms", holds })
}

/// Fills one case with people and messages, one after the other, as it would happen.
async fn grow(arguments: &Arguments, server: &Server, place: &Place, case: &str) -> Result<(), String> {
    doing(&format!("{} people and {} messages in one case", arguments.participants, arguments.messages));
    let mut client = Connection::open(server.port).await?;
    let mut number = 0_u64;
    let mut step = async |who: &Somebody, name: &str, body: Value| {
        number += 1;
        let key = format!("grow-{number:017}");
        let address = format!("/api/v1/cases/{case}/steps/{name}");
        let request = request(Method::POST, &address, Some(who), Some(&key), &body);
        let (status, body) = client.ask(request).await?;
        if status.is_success() { Ok(()) } else { Err(format!("{name}: {status}: {}", text(&body))) }
    };
    step(&place.coordinator, "acknowledge", json!({ "text": "Thank you, we look." })).await?;
    let verdict =
        json!({ "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": "It opens." });
    step(&place.coordinator, "triage", verdict).await?;
    step(&place.coordinator, "accept", json!({})).await?;
    for person in &place.others {
        let invitation = json!({ "person": person.id.to_string(), "seat": "developer" });
        step(&place.coordinator, "invite", invitation).await?;
        step(person, "answer-invitation", json!({ "accept": true })).await?;
    }
    for number in 0..arguments.messages {
        let message =
            json!({ "tier": "team-only", "text": format!("Message {number} of a long talk about a fix.") });
        step(&place.coordinator, "message", message).await?;
    }
    Ok(())
}

async fn large_page(
    arguments: &Arguments,
    server: &Server,
    coordinator: &Somebody,
    case: &str,
    rows: &mut Vec<Row>,
) -> Result<(), String> {
    doing("the large case");
    let what = format!("page of a case of {} messages, one at a time", arguments.messages);
    rows.push(alone(arguments, server, coordinator, what, &format!("/cases/{case}")).await?);
    Ok(())
}

/// Starts the server on the full desk.
async fn start(arguments: &Arguments, place: &Place, rows: &mut Vec<Row>) -> Result<(), String> {
    doing("starts");
    let mut slowest = 0.0_f64;
    for _ in 0..3 {
        let server = place.serve(&arguments.binary, &arguments.serve).await?;
        slowest = slowest.max(server.start.as_secs_f64());
    }
    rows.push(Row {
        what: format!("start on {} cases ({} MiB), slowest of 3", arguments.cases, place.size() >> 20),
        figure: format!("{slowest:.2} s"),
        aim: "< 2 s",
        holds: Some(slowest < 2.0),
    });
    Ok(())
}

fn memory(server: &Server, when: &str) -> Row {
    let peak = server.peak_memory();
    Row {
        what: format!("peak memory {when}"),
        figure: peak.map_or("unknown".to_owned(), |peak| format!("{peak} MiB")),
        aim: "<= 256 MiB",
        holds: peak.map(|peak| peak <= 256),
    }
}

fn figure(taken: &Taken) -> String {
    let (half, most) = (taken.within(0.5), taken.within(0.99));
    format!("{:.0}/s, p50 {half:.1} ms, p99 {most:.1} ms", taken.rate())
}

fn few(arguments: &Arguments) -> u64 {
    (arguments.pages / 100).max(10)
}

async fn get(
    server: &Server,
    arguments: &Arguments,
    count: u64,
    address: &str,
    who: &Somebody,
) -> Result<Taken, String> {
    load::ask(server.port, arguments.connections, count, reading(address, who)).await
}

fn reading(address: &str, who: &Somebody) -> Make {
    let (address, who) = (address.to_owned(), Somebody { id: who.id, token: who.token.clone() });
    Arc::new(move |_| request(Method::GET, &address, Some(&who), None, &Value::Null))
}

/// Reports, each with its own title and key.
fn reports() -> Make {
    Arc::new(|number| {
        let key = format!("report-{number:015}");
        request(Method::POST, "/api/v1/projects/jupyterlab/reports", None, Some(&key), &report(number))
    })
}

fn report(number: u64) -> Value {
    json!({ "report": {
        "title": format!("A crafted notebook runs a command when it is opened ({number})"),
        "body": "Opening a notebook that somebody else wrote runs a command without a click. ".repeat(6),
        "answers": {
            "threat-model": "An untrusted notebook must not run code before it is trusted.",
            "cites": "untrusted-notebook",
            "real-world": "People open notebooks from mail and from public repositories every day.",
            "realistic": true, "launch-conditions": false, "availability": false,
            "fixed-on-main": false, "experimental": false, "platform-dependent": false, "verified": true,
            "attack-vector": "The attacker sends a notebook; the victim opens it.", "freely-executes": false,
        },
        "tested-versions": [{ "version": "4.2.4", "vulnerable": true }],
        "proof-of-concept": "import sys\nsys.exit(1)\n",
    } })
}

/// The first cases of the inbox.
async fn inbox(server: &Server, who: &Somebody) -> Result<Vec<String>, String> {
    let mut client = Connection::open(server.port).await?;
    let (status, body) =
        client.ask(request(Method::GET, "/api/v1/inbox", Some(who), None, &Value::Null)).await?;
    let lines: Value = serde_json::from_slice(&body).map_err(|error| format!("inbox, {status}: {error}"))?;
    let lines = lines.as_array().ok_or_else(|| format!("inbox, {status}: {}", text(&body)))?;
    Ok(lines.iter().filter_map(|line| line["case"].as_str().map(str::to_owned)).collect())
}

fn request(
    method: Method,
    address: &str,
    who: Option<&Somebody>,
    key: Option<&str>,
    body: &Value,
) -> Request<Full<Bytes>> {
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let mut request = Request::new(Full::new(bytes));
    *request.method_mut() = method;
    *request.uri_mut() = address.parse().unwrap_or_default();
    let headers = request.headers_mut();
    let mut put = |name: &'static str, value: String| {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    };
    put("host", "localhost".to_owned());
    if !body.is_null() {
        put("content-type", "application/json".to_owned());
    }
    if let Some(who) = who {
        put("authorization", format!("Bearer {}", who.token));
    }
    if let Some(key) = key {
        put("idempotency-key", key.to_owned());
    }
    request
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(500).collect()
}
