//! The desk whose secrets are looked for: what is written into it, and what it answers.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
    time::Duration,
};

use bastide_testkit::canary::Canaries;
use serde_json::{Value, json};

use crate::{bastide::Bastide, running::Running};

/// No desk has more public addresses that lead to each other.
const MOST_PAGES: usize = 400;

/// One request, and the whole answer: head and body.
fn ask(at: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n").unwrap();
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n").unwrap();
    }
    // A server that refuses a request unread may close before all of it was sent.
    let _ = write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let status = String::from_utf8_lossy(&answer).split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or(0), answer)
}

fn body(answer: &[u8]) -> Value {
    let text = String::from_utf8_lossy(answer);
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A desk that runs, whom it knows, and the secrets.
pub(super) struct World {
    pub(super) bastide: Bastide,
    pub(super) running: Running,
    address: String,
    metrics: String,
    pub(super) coordinator: String,
    developer: (String, String),
    stranger: String,
    pub(super) canaries: Canaries,
    keys: u32,
}

impl World {
    pub(super) fn open() -> Self {
        let bastide = Bastide::new();
        let admin = |more: &[&str]| {
            let words: Vec<&str> = ["admin", "--data", "desk"].iter().chain(more).copied().collect();
            bastide.done(&words).trim().to_owned()
        };
        let builtin = ["--policy", "jupyter", "--supports", "jupyter", "--product", "jupyterlab"];
        let project = [&["project", "add", "jupyterlab", "--title", "JupyterLab"][..], &builtin].concat();
        admin(&project);
        let person = |name: &str| {
            let id = admin(&["person", "add", name, "--mail", &format!("{name}@example.org")]);
            let token = admin(&["token", "issue", &id]);
            (id, token)
        };
        let (coordinator, developer, stranger) =
            (person("coordinator-a"), person("developer-a"), person("stranger-a"));
        admin(&["grant", &coordinator.0, "coordinator", "--project", "jupyterlab"]);
        let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        std::fs::create_dir(bastide.home().join("temporary")).unwrap();
        let mut command = bastide.command(&[
            "serve",
            "--data",
            "desk",
            "--listen",
            "127.0.0.1:0",
            "--mail-spool",
            "mail",
            "--metrics-listen",
            &metrics,
            "--passkeys",
            "false",
            "--log-json",
            "-vv",
        ]);
        command.env("TMPDIR", bastide.home().join("temporary"));
        let log = File::create(bastide.home().join("log.txt")).unwrap();
        let running = Running::start_command(command, Stdio::from(log), "The desk is at ");
        let address = running.after("The desk is at ").trim_start_matches("http://").to_owned();
        let mut canaries = Canaries::default();
        for (whose, token) in
            [("coordinator", &coordinator.1), ("developer", &developer.1), ("stranger", &stranger.1)]
        {
            canaries.given(&format!("token of the {whose}"), token);
        }
        Self {
            bastide,
            running,
            address,
            metrics,
            coordinator: coordinator.1,
            developer,
            stranger: stranger.1,
            canaries,
            keys: 0,
        }
    }

    pub(super) fn call(
        &mut self,
        method: &str,
        path: &str,
        token: Option<&str>,
        sent: &Value,
    ) -> (u16, Vec<u8>) {
        self.keys += 1;
        let key = format!("a-key-of-the-canaries-{:06}", self.keys);
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("Content-Type", "application/json"), ("Idempotency-Key", key.as_str())];
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        ask(&self.address, method, path, &headers, &sent.to_string())
    }

    fn step(&mut self, token: &str, case: &str, name: &str, fields: &Value) {
        let (status, said) =
            self.call("POST", &format!("/api/v1/cases/{case}/steps/{name}"), Some(token), fields);
        assert_eq!(status, 200, "{name}: {}", String::from_utf8_lossy(&said));
    }

    /// A report with a secret in each field; gives the case and the reporter's link.
    pub(super) fn report(&mut self) -> (String, String) {
        let canaries = &mut self.canaries;
        let mut word = |field: &str| canaries.word(field);
        let sent = json!({
            "origin": word("origin"),
            "report": {
                "title": word("title"),
                "body": format!("Opening a notebook runs a command. {}", word("body")),
                "answers": {
                    "threat-model": format!("A notebook must not run code. {}", word("threat model")),
                    "cites": "untrusted-notebook",
                    "real-world": format!("People open notebooks. {}", word("real world")),
                    "realistic": true, "launch-conditions": false, "availability": false,
                    "fixed-on-main": false, "experimental": false, "platform-dependent": false, "verified": true,
                    "attack-vector": format!("The victim opens it. {}", word("attack vector")), "freely-executes": false,
                },
                "tested-versions": [{ "version": "4.2.4", "vulnerable": true }],
                "platform": word("platform"),
                "attachments": [{ "name": format!("{}.txt", word("name of an attachment")), "bytes": data_encoding::BASE64.encode(word("attachment").as_bytes()) }],
                "proof-of-concept": format!("import sys\nsys.exit(1)  # {}\n", word("proof of concept")),
                "patch": format!("--- a\n+++ b\n+{}", word("patch")),
                "credit": { "name": word("credit"), "consent": true },
                "contact": word("contact"),
            },
        });
        let (status, said) = self.call("POST", "/api/v1/projects/jupyterlab/reports", None, &sent);
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&said));
        let sent = body(&said);
        let text = |name: &str| sent[name].as_str().unwrap().to_owned();
        self.canaries.given("the reporter's link", &text("link"));
        (text("case"), text("link"))
    }

    /// What a team writes on the way to a draft, a secret in each field.
    pub(super) fn casework(&mut self, case: &str, link: &str) {
        let (coordinator, developer) = (self.coordinator.clone(), self.developer.1.clone());
        let mut step = |token: &str, name: &str, field: &str, make: &dyn Fn(&str) -> Value| {
            let word = self.canaries.word(&format!("{field} of {name}"));
            self.step(token, case, name, &make(&word));
        };
        step(&coordinator, "take", "nothing", &|_| json!({}));
        step(&coordinator, "acknowledge", "text", &|word| json!({ "text": word }));
        step(
            &coordinator,
            "triage",
            "reasoning",
            &|word| json!({ "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": word }),
        );
        step(&coordinator, "accept", "nothing", &|_| json!({}));
        let person = self.developer.0.clone();
        let mut step = |token: &str, name: &str, field: &str, make: &dyn Fn(&str) -> Value| {
            let word = self.canaries.word(&format!("{field} of {name}"));
            self.step(token, case, name, &make(&word));
        };
        step(&coordinator, "invite", "nothing", &|_| json!({ "person": person, "seat": "developer" }));
        step(&developer, "answer-invitation", "nothing", &|_| json!({ "accept": true }));
        for tier in ["team-only", "team-and-reporter", "participants"] {
            step(&coordinator, "message", tier, &|word| json!({ "tier": tier, "text": word }));
        }
        step(&developer, "replicate", "note", &|word| json!({ "result": "confirmed", "note": word }));
        step(&developer, "cve-request", "nothing", &|_| json!({}));
        step(&coordinator, "cve-reserve", "nothing", &|_| json!({ "number": "CVE-2026-9182734" }));
        step(&developer, "fix-start", "reference", &|word| json!({ "reference": word }));
        step(&coordinator, "draft-advisory", "summary", &|word| {
            json!({ "record": {
                "schema_version": "1.7.5",
                "aliases": ["CVE-2026-9182734"],
                "summary": word,
                "details": format!("A prepared notebook runs a script. {word}"),
                "affected": [{
                    "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
                    "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "4.0.0" }, { "fixed": "4.2.5" }] }],
                }],
            } })
        });
        self.canaries.given("the CVE number", "CVE-2026-9182734");
        self.canaries.given("the case's id", case);
        let follow = self.canaries.word("the reporter's follow-up");
        let headers = [
            ("Content-Type", "application/json"),
            ("Report-Link", link),
            ("Idempotency-Key", "a-key-of-the-reporter-1"),
        ];
        let sent = json!({ "tier": "team-and-reporter", "text": follow }).to_string();
        let (status, said) = ask(&self.address, "POST", "/api/v1/report/steps/message", &headers, &sent);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
    }

    /// Requests that are refused, with a secret where the mistake is: what is wrong must not be told to the log.
    pub(super) fn mistakes(&mut self, case: &str) {
        let coordinator = self.coordinator.clone();
        let bearer = format!("Bearer {coordinator}");
        let key = "a-key-of-the-mistakes-1";
        let json =
            [("Content-Type", "application/json"), ("Authorization", &bearer), ("Idempotency-Key", key)];
        let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        let word = |canaries: &mut Canaries, field: &str| canaries.word(&format!("mistake: {field}"));
        let step = format!("/api/v1/cases/{case}/steps");
        let reports = "/api/v1/projects/jupyterlab/reports";
        let canaries = &mut self.canaries;
        let mut wrong = Vec::new();
        let of = |headers: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
        };
        let mut add = |method: &str, path: String, headers: Vec<(&'static str, String)>, sent: String| {
            wrong.push((method.to_owned(), path, headers, sent));
        };
        add(
            "POST",
            reports.to_owned(),
            of(&json[..1]),
            format!("{{\"report\":{{\"title\":\"{}", word(canaries, "torn JSON")),
        );
        add(
            "POST",
            reports.to_owned(),
            of(&json[..1]),
            json!({ "report": { word(canaries, "unknown field"): 1 } }).to_string(),
        );
        add(
            "POST",
            format!("{step}/message"),
            of(&json),
            json!({ "tier": word(canaries, "tier"), "text": word(canaries, "text") }).to_string(),
        );
        add("POST", format!("{step}/triage"), of(&json), json!({ "outcome": "vulnerability", "clause": word(canaries, "clause"), "reasoning": word(canaries, "reasoning") }).to_string());
        add(
            "POST",
            format!("{step}/draft-advisory"),
            of(&json),
            json!({ "record": { "summary": word(canaries, "record") } }).to_string(),
        );
        add("POST", format!("{step}/{}", word(canaries, "step")), of(&json), "{}".to_owned());
        add(
            "POST",
            "/projects/jupyterlab/report".to_owned(),
            of(&form),
            format!("title={}&body={}", word(canaries, "form's title"), word(canaries, "form's body")),
        );
        add("POST", "/status".to_owned(), of(&form), format!("link={}", word(canaries, "link")));
        add("POST", "/sign-in".to_owned(), of(&form), format!("token={}", word(canaries, "sign-in")));
        for path in ["sign-in", "status", "reports/enter"] {
            add(
                "GET",
                format!("/{path}/{}", word(canaries, &format!("secret of /{path}"))),
                Vec::new(),
                String::new(),
            );
        }
        add("GET", format!("/cases/{}", word(canaries, "case")), of(&json), String::new());
        add("GET", format!("/inbox?search={}", word(canaries, "search")), of(&json), String::new());
        add(
            "GET",
            "/inbox".to_owned(),
            vec![("Authorization", format!("Bearer {}", word(canaries, "token")))],
            String::new(),
        );
        add(
            "GET",
            "/inbox".to_owned(),
            vec![("Cookie", format!("session={}", word(canaries, "session")))],
            String::new(),
        );
        add(
            "GET",
            "/status".to_owned(),
            vec![("Cookie", format!("report={}", word(canaries, "cookie")))],
            String::new(),
        );
        add(
            "GET",
            "/api/v1/report".to_owned(),
            vec![("Report-Link", word(canaries, "report link"))],
            String::new(),
        );
        add(
            "GET",
            "/".to_owned(),
            vec![("User-Agent", word(canaries, "browser")), ("Referer", word(canaries, "page before"))],
            String::new(),
        );
        for (method, path, headers, sent) in wrong {
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let (status, said) = ask(&self.address, &method, &path, &headers, &sent);
            assert!(
                (200..500).contains(&status),
                "{method} {path}: {status} {}",
                String::from_utf8_lossy(&said)
            );
        }
    }

    /// Every address that anybody comes to from the first pages, as anybody and as somebody without role.
    pub(super) fn public(&self) -> BTreeMap<String, Vec<u8>> {
        let mut waiting: Vec<String> = [
            "/",
            "/projects",
            "/advisories",
            "/feed.atom",
            "/projects/jupyterlab/feed.atom",
            "/.well-known/security.txt",
            "/projects/jupyterlab/security.txt",
            "/projects/jupyterlab/policy.json",
            "/security",
            "/acknowledgements",
            "/ledger",
            "/ledger/public/checkpoint",
            "/ledger/public/key",
            "/ledger/public/tile/0/000",
            "/ledger/public/tile/0/000.p/1",
            "/ledger/public/tile/entries/000.p/1",
            "/ledger/case/checkpoint",
            "/ledger/case/tile/0/000",
            "/status",
            "/sign-in",
            "/reports",
            "/inbox",
            "/board",
            "/account",
            "/roles",
            "/admin",
            "/metrics",
            "/health/live",
            "/health/ready",
            "/api/v1/health",
            "/api/v1/openapi.json",
            "/api/v1/projects",
            "/api/v1/projects/jupyterlab",
            "/api/v1/advisories",
            "/api/v1/me",
            "/api/v1/people",
            "/api/v1/inbox",
            "/api/v1/reports",
            "/api/v1/operations",
            "/api/v1/admin/people",
            "/advisories/CVE-2026-9182734",
            "/advisories?q=a",
            "/projects/jupyterlab?q=a",
            "/nothing-is-here",
        ]
        .map(str::to_owned)
        .into();
        let mut read = BTreeMap::new();
        let bearer = format!("Bearer {}", self.stranger);
        while let Some(path) = waiting.pop() {
            if read.contains_key(&path) || read.len() >= MOST_PAGES {
                continue;
            }
            let (status, mut answer) = ask(&self.address, "GET", &path, &[], "");
            assert!(status > 0 && status < 500, "{path}: {status}");
            let text = String::from_utf8_lossy(&answer);
            assert!(
                !text.to_lowercase().contains("content-encoding"),
                "{path} is packed, and packed bytes are not searched"
            );
            waiting.extend(
                text.split("href=\"/")
                    .skip(1)
                    .filter_map(|rest| rest.split(['"', '#']).next())
                    .map(|rest| format!("/{rest}")),
            );
            answer.extend(ask(&self.address, "GET", &path, &[("Authorization", &bearer)], "").1);
            read.insert(path, answer);
        }
        for path in ["/metrics", "/health/live", "/health/ready"] {
            let (status, answer) = ask(&self.metrics, "GET", path, &[], "");
            assert_eq!(status, 200, "{path}");
            read.insert(format!("metrics {path}"), answer);
        }
        read
    }

    /// Waits until mail has gone out.
    pub(super) fn mailed(&self) -> usize {
        let spool = self.bastide.home().join("mail");
        // A minute: the outbox is looked at every ten seconds.
        for _ in 0..300 {
            let mails = std::fs::read_dir(&spool).map(Iterator::count).unwrap_or_default();
            if mails >= 2 {
                return mails;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        panic!("no mail went out");
    }
}
