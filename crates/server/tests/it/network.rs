//! The server over real connections of this machine: slow clients, large heads, a flood.

#![allow(clippy::disallowed_methods, reason = "how long an answer takes is what is measured")]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bastide_server::{Lane, Limits, Options, Rate};
use bastide_usecases::InboxFilter;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{api::report, exhaustive, site::Site};

/// A site that listens.
struct Listening {
    site: Site,
    at: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
}

impl Listening {
    async fn with(limits: Limits) -> Self {
        let site = Site::open().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let options = Options { floods: limits, ..Options::default() };
        let server =
            tokio::spawn(bastide_server::serve(listener, site.desk.clone(), options, std::future::pending()));
        Self { site, at, server }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Sends bytes and reads to the end of the connection.
fn exchange(at: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(at);
    // The server may have closed already; what it said counts.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn get(at: SocketAddr, path: &str) -> String {
    exchange(at, format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Runs blocking clients beside the server.
async fn beside<T: Send + 'static>(clients: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(clients).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_sends_its_head_letter_by_letter_is_cut_off_and_holds_nobody_up() {
    let desk = Listening::with(Limits { head_seconds: 1, connections: 40, ..Limits::unhurried() }).await;
    let at = desk.at;
    beside(move || {
        let mut slow: Vec<TcpStream> = (0..30).map(|_| connect(at)).collect();
        for stream in &mut slow {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
        }
        let before = Instant::now();
        assert_eq!(status(&get(at, "/api/v1/health")), 200);
        assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
        // One that was silent from the beginning, and one that falls silent after a request.
        let idle = connect(at);
        let mut kept = connect(at);
        kept.write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        for mut stream in slow.into_iter().chain([idle, kept]) {
            let mut rest = Vec::new();
            let ended = stream.read_to_end(&mut rest);
            assert!(ended.is_ok(), "the server ends it: {ended:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_comes_ends_its_request() {
    let desk = Listening::with(Limits { request_seconds: 1, ..Limits::unhurried() }).await;
    let at = desk.at;
    let answer = beside(move || {
        exchange(
            at,
            b"POST /api/v1/projects/jupyterlab/reports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\
              Connection: close\r\n\r\n{\"report\":",
        )
    })
    .await;
    assert_eq!(status(&answer), 503, "{answer}");
    assert_eq!(status(&beside(move || get(at, "/api/v1/health")).await), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_is_too_large_or_has_too_many_lines_is_refused() {
    let desk = Listening::with(Limits::unhurried()).await;
    let at = desk.at;
    beside(move || {
        let large = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: {}\r\n\r\n", "x".repeat(200_000));
        let many = (0..500).map(|number| format!("X-{number}: y\r\n")).collect::<Vec<_>>().concat();
        let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n");
        let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(200_000));
        for bytes in [large, many, long] {
            let answer = exchange(at, bytes.as_bytes());
            assert!(matches!(status(&answer), 0 | 400 | 414 | 431), "{answer}");
        }
        for torn in [
            "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b: c\r\n\r\n",
            "GET /\r\nX: y HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\nX\0Y: z\r\n\r\n",
        ] {
            let answer = exchange(at, torn.as_bytes());
            assert!(matches!(status(&answer), 0 | 400), "{torn:?}: {answer}");
        }
        assert_eq!(status(&get(at, "/api/v1/health")), 200);
    })
    .await;
}

/// Resident memory of this process, in bytes.
fn memory() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[derive(Default)]
struct Flood {
    over: AtomicBool,
    requests: AtomicU64,
    accepted: AtomicU64,
    waves: AtomicU64,
    waiting: Mutex<Vec<Duration>>,
}

/// A report from an address that the trusted proxy names; gives the status.
fn send(at: SocketAddr, from: &str, key: &str) -> u16 {
    let mut body = report();
    body["report"]["title"] = format!("A report with the key {key}").into();
    let body = body.to_string();
    let head = format!(
        "POST /api/v1/projects/jupyterlab/reports HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         X-Forwarded-For: {from}\r\nIdempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    status(&exchange(at, head.as_bytes()))
}

/// Sends a hundred times a second, or as fast as it is answered, from one address.
fn attack(at: SocketAddr, number: u64, flood: &Flood) {
    let mut count = 0;
    while !flood.over.load(Ordering::Relaxed) {
        count += 1;
        let from = format!("198.51.100.{number}");
        let status = send(at, &from, &format!("attacker-{number:04}-{count:020}"));
        std::thread::sleep(Duration::from_millis(10));
        flood.requests.fetch_add(1, Ordering::Relaxed);
        flood.accepted.fetch_add(u64::from(status == 201), Ordering::Relaxed);
        flood.waves.fetch_add(u64::from(matches!(status, 429 | 503)), Ordering::Relaxed);
    }
}

/// Several thousand times what an address may send, while others report: they are heard at once, memory stays flat, and
/// whatever was acknowledged is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_reports_holds_no_reporter_up_and_loses_nothing() {
    let lasts = if exhaustive() { Duration::from_mins(1) } else { Duration::from_secs(4) };
    let proxy = "127.0.0.1".parse().unwrap();
    let limits = Limits {
        trusted_proxies: vec![proxy],
        reports: Rate::new(2, 2),
        reports_of_project: Rate::new(100_000, 100_000),
        // What one caller is let through is what is tested; the reporters of a minute are those of a month.
        submitting: Lane { total: Rate::new(100_000, 100_000), ..Limits::default().submitting },
        ..Limits::default()
    };
    let desk = Listening::with(limits).await;
    let (at, flood) = (desk.at, Arc::new(Flood::default()));
    // Everything that is made once is made before memory is read.
    let warm = beside(move || send(at, "192.0.2.1", "warm-warm-warm-warm-warm-0")).await;
    assert_eq!(warm, 201);
    let before = memory();
    let state = Arc::clone(&flood);
    let heard = beside(move || {
        let mut heard = 0_u64;
        std::thread::scope(|scope| {
            for number in 0..10 {
                let state = &state;
                scope.spawn(move || attack(at, number, state));
            }
            let begun = Instant::now();
            while begun.elapsed() < lasts {
                let sent = Instant::now();
                let from = format!("192.0.2.{}", heard % 200 + 2);
                let third = heard / 200;
                let from = if third == 0 { from } else { format!("203.0.{third}.{}", heard % 200) };
                assert_eq!(send(at, &from, &format!("a-reporter-with-a-key-{heard:06}")), 201);
                heard += 1;
                state.waiting.lock().unwrap().push(sent.elapsed());
                std::thread::sleep(Duration::from_millis(20));
            }
            state.over.store(true, Ordering::Relaxed);
        });
        heard
    })
    .await;
    let grown = memory().saturating_sub(before) / 1024 / 1024;
    let mut waiting = std::mem::take(&mut *flood.waiting.lock().unwrap());
    waiting.sort();
    let p99 = waiting[(waiting.len() * 99 / 100).min(waiting.len() - 1)];
    let (asked, refused) = (flood.requests.load(Ordering::Relaxed), flood.waves.load(Ordering::Relaxed));
    println!(
        "{asked} requests of a flood, {refused} refused; {heard} reporters heard, p99 {p99:?}, memory +{grown} MiB"
    );
    let accepted = flood.accepted.load(Ordering::Relaxed);
    assert!(refused > accepted * 10, "{refused} refused, {accepted} accepted");
    assert!(accepted <= 10 * 3, "ten addresses may leave two each: {accepted}");
    assert!(p99 < Duration::from_secs(1), "{p99:?}");
    assert!(grown < 96, "memory grew by {grown} MiB");
    let coordinator =
        desk.site.desk.signed_in(&bastide_usecases::Secret::given(&desk.site.coordinator.1)).await;
    let actor = coordinator.unwrap().actor;
    let (mut kept, step) = (0_u64, 200);
    loop {
        let filter =
            InboxFilter { limit: step, offset: u32::try_from(kept).unwrap(), ..InboxFilter::default() };
        let rows = desk.site.desk.inbox(&actor, &filter).await.unwrap().rows.len();
        kept += rows as u64;
        if rows == 0 {
            break;
        }
    }
    assert_eq!(kept, accepted + heard + 1, "whatever was acknowledged is there, once");
}
