//! The server is killed under load, again and again: what it acknowledged is there, once.
//!
//! The test starts itself as a child that serves a desk, sends reports from several threads, and kills the child
//! (`SIGKILL`) at a random moment. A request whose answer was lost is sent again, with the same key, to the next
//! child: half of them had in fact been stored, and none may be stored twice.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bastide_authz::{Role, Scope};
use bastide_model::time::{Clock as _, Span};
use bastide_server::{Limits, Options};
use bastide_store::{Config, KeySource, Location, Store};
use bastide_usecases::{
    Desk, InboxFilter, NewPerson, ProjectSetup, Secret, Settings, SignInPolicy, SystemClock, SystemEntropy,
};
use serde_json::Value;

use crate::api::report;

/// How often the server is killed; the promise says 200 in every run of the tests.
const KILLS: u64 = 200;

/// How many clients send at once.
const CLIENTS: u64 = 4;

/// The variable that makes this test binary the server.
const PLACE: &str = "BASTIDE_TEST_KILL_PLACE";

async fn desk(place: &Path) -> Desk {
    let config = Config {
        location: Location::Sqlite { directory: place.join("data") },
        keys: KeySource::Directory(place.join("keys")),
        origin: "desk.example.org".to_owned(),
    };
    let store = Store::open(config, SystemClock.now()).await.unwrap();
    let settings = Settings {
        programme: "Kill".into(),
        public_url: "http://localhost:1".into(),
        sign_in: SignInPolicy::without_passkeys(),
    };
    Desk::new(store, Arc::new(SystemClock), Arc::new(SystemEntropy), settings)
}

/// Not a test of its own: the child, when the variable says where its desk is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_serves() {
    #[allow(clippy::disallowed_methods, reason = "the parent tells the child by it")]
    let Ok(place) = std::env::var(PLACE) else { return };
    let desk = desk(Path::new(&place)).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nLISTENING {}", listener.local_addr().unwrap().port());
    let options = Options { floods: Limits::unhurried(), ..Options::default() };
    bastide_server::serve(listener, desk, options, std::future::pending()).await.unwrap();
}

fn start(place: &Path) -> (Child, u16) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child_that_serves", "--nocapture"])
        .env(PLACE, place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = loop {
        let line = lines.next().expect("the child says where it listens").unwrap();
        if let Some(port) = line.strip_prefix("LISTENING ") {
            break port.parse().unwrap();
        }
    };
    (child, port)
}

/// Sends one report; the answer's JSON if it came whole and was a 201.
fn send(port: u16, number: u64) -> Option<Value> {
    let mut body = report();
    body["report"]["title"] = Value::String(title(number));
    let body = body.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let head = format!(
        "POST /api/v1/projects/jupyterlab/reports HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Idempotency-Key: report-{number:022}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    if !head.starts_with("HTTP/1.1 201") {
        return None;
    }
    let start = body.find('{')?;
    let end = body.rfind('}')?;
    serde_json::from_str(&body[start..=end]).ok()
}

fn title(number: u64) -> String {
    format!("Report number {number} of a flood")
}

/// What the clients know: acknowledged reports with their links, and those whose answer was lost.
#[derive(Default)]
struct Known {
    acknowledged: BTreeMap<u64, String>,
    lost: Vec<u64>,
}

/// One child's life: clients send until it is killed.
fn round(place: &Path, next: &AtomicU64, known: &Mutex<Known>, lives: Duration) {
    let (mut child, port) = start(place);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let again = known.lock().unwrap().lost.pop();
                    let number = again.unwrap_or_else(|| next.fetch_add(1, Ordering::Relaxed));
                    let answer = send(port, number);
                    let mut known = known.lock().unwrap();
                    match answer {
                        Some(answer) => {
                            let link = answer["link"].as_str().unwrap().to_owned();
                            let earlier = known.acknowledged.insert(number, link);
                            assert!(earlier.is_none(), "report {number} was acknowledged twice");
                        }
                        None => known.lost.push(number),
                    }
                }
            });
        }
        // A slow machine's child has acknowledged something, too, before it is killed at a random moment after.
        let before = known.lock().unwrap().acknowledged.len();
        for _ in 0..1000 {
            if known.lock().unwrap().acknowledged.len() > before {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(lives);
        child.kill().unwrap();
        child.wait().unwrap();
        over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed_two_hundred_times() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let coordinator = runtime.block_on(async {
        let desk = desk(place).await;
        let name = "jupyterlab".parse().unwrap();
        let setup = ProjectSetup::builtin(name, "JupyterLab", "jupyter", None, None).unwrap();
        desk.set_up_project(setup).await.unwrap();
        let person = NewPerson { name: "coordinator-a".into(), identities: Vec::new() };
        let person = desk.add_person(person).await.unwrap();
        let scope = Scope::Project("jupyterlab".parse().unwrap());
        desk.grant(person, Role::Coordinator, scope, None).await.unwrap();
        let token = desk.issue_token(person, Span::days(1), false).await.unwrap();
        desk.store().close().await;
        token
    });

    let next = AtomicU64::new(0);
    let known = Mutex::new(Known::default());
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..KILLS {
        // xorshift: a different moment each time, the same in every run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        round(place, &next, &known, Duration::from_millis(random % 150));
    }

    let known = known.into_inner().unwrap();
    let (stored, sound) = runtime.block_on(async {
        let desk = desk(place).await;
        let mut stored: BTreeMap<String, u64> = BTreeMap::new();
        let actor = desk.signed_in(&coordinator).await.unwrap().actor;
        for page in 0.. {
            let filter = InboxFilter { limit: 1000, offset: page * 1000, ..InboxFilter::default() };
            let rows = desk.inbox(&actor, &filter).await.unwrap().rows;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                *stored.entry(row.title.unwrap()).or_default() += 1;
            }
        }
        for link in known.acknowledged.values().take(50) {
            desk.own_report(&Secret::given(link)).await.unwrap();
        }
        let sound = desk.store().verify().await.unwrap();
        (stored, sound)
    });
    let lost: Vec<&u64> =
        known.acknowledged.keys().filter(|number| !stored.contains_key(&title(**number))).collect();
    let doubled: Vec<&String> =
        stored.iter().filter(|(_, count)| **count > 1).map(|(title, _)| title).collect();
    println!(
        "killed {KILLS} times: {} reports acknowledged, {} stored, {} lost, {} doubled",
        known.acknowledged.len(),
        stored.len(),
        lost.len(),
        doubled.len()
    );
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    assert!(doubled.is_empty(), "there twice: {doubled:?}");
    assert!(sound.is_sound(), "the ledger does not verify: {sound:?}");
    assert!(known.acknowledged.len() as u64 >= KILLS, "the load was too small to say anything");
}
