//! Fresh random words in every secret field, searched for everywhere that they must not be.

use std::{
    fmt::Write as _,
    fs,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

use bastide_authz::Actor;
use bastide_connect_mail::Spool;
use bastide_desk::lint::Attachment;
use bastide_model::time::Span;
use bastide_usecases::{Entropy as _, InboxFilter, Secret, SystemEntropy};
use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use serde_json::json;

use crate::world::{Who, World, advisory, good_report, on_sqlite, submission};

/// Where tracing's output goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A word that occurs nowhere else.
struct Canary {
    field: &'static str,
    word: String,
}

#[derive(Default)]
struct Canaries(Vec<Canary>);

impl Canaries {
    /// A fresh word for this field.
    fn word(&mut self, field: &'static str) -> String {
        let mut bytes = [0; 9];
        SystemEntropy.fill(&mut bytes);
        let word = format!("canary{}", HEXLOWER.encode(&bytes));
        self.0.push(Canary { field, word: word.clone() });
        word
    }

    /// The fields whose words stand in these bytes, plain or encoded.
    fn found_in(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for Canary { field, word } in &self.0 {
            for (encoding, needle) in encodings(word) {
                if contains(bytes, needle.as_bytes()) {
                    found.push(format!("{field} {encoding} in {place}"));
                }
            }
        }
        found
    }
}

/// A word as it may stand in a file. Of base64 the middle part, at each of the three offsets.
fn encodings(word: &str) -> Vec<(&'static str, String)> {
    let bytes = word.as_bytes();
    let mut all = vec![
        ("plain", word.to_owned()),
        ("upper case", word.to_uppercase()),
        ("hexadecimal", HEXLOWER.encode(bytes)),
        ("HEXADECIMAL", HEXUPPER.encode(bytes)),
        ("reversed", word.chars().rev().collect()),
        ("as decimals", format!("{bytes:?}").trim_matches(['[', ']']).to_owned()),
    ];
    for offset in 0..3 {
        let whole = &bytes[offset..];
        let whole = &whole[..whole.len() / 3 * 3];
        all.push(("base64", BASE64.encode(whole)));
        all.push(("base64url", BASE64URL.encode(whole)));
    }
    all
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

fn files(directory: &Path, canaries: &Canaries) -> (usize, Vec<String>) {
    let (mut searched, mut found) = (0, Vec::new());
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let (more, also) = files(&path, canaries);
            searched += more;
            found.extend(also);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        searched += bytes.len();
        found.extend(canaries.found_in(&path.display().to_string(), &bytes));
    }
    (searched, found)
}

/// Plays a case up to the day before its announcement with a fresh word in every field that can hold one.
async fn secret_case(world: &World, canaries: &mut Canaries, said: &mut String) -> bastide_model::id::CaseId {
    let mut report = good_report();
    report.title = canaries.word("title");
    report.body = format!("A prepared document runs a script. {}", canaries.word("body"));
    report.contact = Some(canaries.word("contact"));
    report.platform = Some(canaries.word("platform"));
    report.proof_of_concept = Some(canaries.word("proof of concept"));
    report.patch = Some(canaries.word("patch"));
    report.answers.threat_model = Some(canaries.word("answer threat model"));
    report.answers.real_world = Some(canaries.word("answer real world"));
    report.answers.attack_vector = Some(canaries.word("answer attack vector"));
    report.credit.as_mut().unwrap().name = canaries.word("credit");
    let bytes = canaries.word("attachment").into_bytes();
    report.attachments = vec![Attachment { name: format!("{}.txt", canaries.word("file name")), bytes }];
    let mut sent = submission("jupyterlab", report);
    sent.raw = canaries.word("raw bytes").into_bytes();
    sent.origin = Some(canaries.word("origin"));
    write!(said, "{sent:?}").unwrap();
    let key = "the-key-of-a-canary-in-the-mine".parse().unwrap();
    let submitted = world.desk.submit_report(&Actor::anonymous(), sent, Some(&key)).await.unwrap();
    write!(said, "{submitted:?}").unwrap();
    canaries.0.push(Canary { field: "secret link", word: submitted.link.clone() });
    let case = submitted.case;

    let text = |word: String| json!({ "text": word });
    world.does(Who::Coordinator, case, "acknowledge", text(canaries.word("acknowledgement"))).await;
    let verdict = json!({
        "outcome": "vulnerability",
        "clause": "untrusted-notebook",
        "reasoning": canaries.word("reasoning"),
    });
    world.does(Who::Coordinator, case, "triage", verdict).await;
    world.does(Who::Coordinator, case, "accept", json!({})).await;
    world.joins(Who::Developer, case, "developer").await;
    world.joins(Who::SecondDeveloper, case, "developer").await;
    for tier in ["team-only", "team-and-reporter", "participants"] {
        let message = json!({ "tier": tier, "text": canaries.word("message") });
        world.does(Who::Developer, case, "message", message).await;
    }
    let reporter = world.reporter(&submitted.link).await;
    let answer = json!({ "tier": "team-and-reporter", "text": canaries.word("reporter's message") });
    world.desk.act(&reporter, case, &crate::world::step("message", answer), None).await.unwrap();
    let end = (world.now() + Span::days(120)).to_string();
    let longer = json!({ "end": end, "justification": canaries.word("embargo justification") });
    world.does(Who::Coordinator, case, "propose-embargo", longer).await;
    world
        .desk
        .act(&reporter, case, &crate::world::step("decide-embargo", json!({ "accept": true })), None)
        .await
        .unwrap();
    for who in [Who::Developer, Who::SecondDeveloper] {
        world.does(who, case, "answer-invitation", json!({ "accept": true })).await;
    }
    let seen = json!({ "result": "confirmed", "note": canaries.word("replication") });
    world.does(Who::Developer, case, "replicate", seen).await;
    world.does(Who::Developer, case, "cve-request", json!({})).await;
    // A number that no other test uses, in place of a word.
    let number = "CVE-2026-918273645546372".to_owned();
    world.does(Who::Coordinator, case, "cve-reserve", json!({ "number": number })).await;
    canaries.0.push(Canary { field: "CVE number", word: number.clone() });
    world.does(Who::Developer, case, "fix-start", json!({ "reference": canaries.word("fork") })).await;
    world.does(Who::Developer, case, "fix-agree", json!({})).await;
    world.does(Who::SecondDeveloper, case, "fix-test", json!({ "note": canaries.word("manual test") })).await;
    let mut record = advisory();
    record["aliases"] = json!([number]);
    record["summary"] = json!(canaries.word("advisory summary"));
    record["details"] = json!(canaries.word("advisory details"));
    let draft = json!({ "record": record });
    world.does(Who::Coordinator, case, "draft-advisory", draft).await;
    world.does(Who::Coordinator, case, "submit-for-review", json!({})).await;
    world.does(Who::Developer, case, "request-changes", text(canaries.word("wanted changes"))).await;
    world.drafted_and_approved(case, record).await;
    let at = |days| (world.now() + Span::days(days)).to_string();
    let dates = json!({
        "release": at(1),
        "announcement": at(2),
        "short-notice-reason": canaries.word("reason for short notice"),
    });
    world.does(Who::Coordinator, case, "propose-dates", dates).await;
    world.does(Who::Developer, case, "confirm-dates", json!({})).await;
    world.days_pass(1);
    world.does(Who::Developer, case, "fix-merge", json!({ "reference": canaries.word("merge") })).await;
    world.does(Who::Developer, case, "fix-release", json!({ "version": canaries.word("release") })).await;
    case
}

/// Everything that can be printed of a case, and the refusals that its people meet.
async fn printed(world: &World, case: bastide_model::id::CaseId, link: &str, said: &mut String) {
    let view = world.view(Who::Developer, case).await;
    write!(said, "{view:?} {:?} {:?} {:?}", view.report, view.entries, view.tasks).unwrap();
    let own = world.desk.own_report(&Secret::given(link)).await.unwrap();
    write!(said, "{own:?}").unwrap();
    let coordinator = world.actor(Who::Coordinator).await;
    let rows = world.desk.inbox(&coordinator, &InboxFilter::default()).await.unwrap().rows;
    assert!(rows[0].title.as_ref().is_some_and(|title| title.starts_with("canary")), "the viewer reads it");
    write!(said, "{rows:?}").unwrap();
    let previews = world.desk.previews(&view.case, view.draft.as_ref().unwrap()).await.unwrap();
    write!(said, "{previews:?}").unwrap();
    write!(said, "{:?}", world.desk).unwrap();
    for (name, fields) in [
        ("publish", json!({})),
        ("close", json!({})),
        ("accept", json!({})),
        ("cve-reserve", json!({ "number": "CVE-2026-1111" })),
        ("approve", json!({ "digest": "0".repeat(64) })),
    ] {
        let refused = world.try_step(Who::Coordinator, case, name, fields).await.unwrap_err();
        write!(said, "{refused} {refused:?}").unwrap();
    }
    let stranger = world.try_step(Who::Stranger, case, "close", json!({})).await.unwrap_err();
    write!(said, "{stranger} {stranger:?}").unwrap();
}

/// Proves: J05, J16, J19.
#[test]
fn no_word_of_a_case_stands_where_it_must_not() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // The one test of this binary that listens: other threads' lines only add to what is searched.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    on_sqlite(async |world| {
        let (mut canaries, mut said) = (Canaries::default(), String::new());
        let case = secret_case(&world, &mut canaries, &mut said).await;
        let link = canaries.0.iter().find(|canary| canary.field == "secret link").unwrap().word.clone();
        printed(&world, case, &link, &mut said).await;
        let spool = world.place.directory.path().join("spool");
        let sink = Spool::new(spool.clone(), "desk@example.org".parse().unwrap());
        while world.desk.deliver(&sink).await.unwrap().sent > 0 {}
        let mails = fs::read_dir(&spool).unwrap().count();
        assert!(mails > 10, "{mails} mails were spooled");

        let mut found = canaries.found_in("what was printed", said.as_bytes());
        let (mut searched, there) = files(&world.files(), &canaries);
        found.extend(there);
        searched += said.len();
        assert_eq!(found, Vec::<String>::new());
        assert!(world.desk.feed(None).await.unwrap().len() < 2000, "nothing is in the feed");

        // On the day: the advisory's own text is public and nothing else.
        world.days_pass(1);
        assert_eq!(world.desk.tick().await.unwrap(), 1);
        let published = ["advisory summary", "advisory details", "CVE number"];
        let (open, closed): (Vec<Canary>, Vec<Canary>) =
            canaries.0.into_iter().partition(|canary| published.contains(&canary.field));
        let (open, closed) = (Canaries(open), Canaries(closed));
        while world.desk.deliver(&sink).await.unwrap().sent > 0 {}
        let id = world.desk.public_advisories(None, 1).await.unwrap()[0].record.id.clone();
        let mut public = world.desk.feed(None).await.unwrap().into_bytes();
        for document in world.desk.store().publications_of(&id).await.unwrap() {
            public.extend(document.bytes);
        }
        assert_eq!(closed.found_in("what is public", &public), Vec::<String>::new());
        for canary in &open.0 {
            assert!(contains(&public, canary.word.as_bytes()), "{} is public now", canary.field);
        }
        for closed_first in [false, true] {
            if closed_first {
                world.desk.store().close().await;
            }
            let (more, found) = files(&world.files(), &closed);
            searched += more;
            assert_eq!(found, Vec::<String>::new());
            let (_, mails) = files(&spool, &open);
            assert_eq!(mails, Vec::<String>::new(), "a mail holds a link and nothing else");
        }
        let lines = log.0.lock().unwrap().clone();
        assert!(contains(&lines, b"the clock changed a case"), "the log is captured");
        let mut found = closed.found_in("the log", &lines);
        found.extend(open.found_in("the log", &lines));
        assert_eq!(found, Vec::<String>::new());
        let count = closed.0.len() + open.0.len();
        assert!(count >= 30 && searched > 1_000_000, "{count} words, {searched} bytes");
        println!(
            "{count} words in 12 encodings, {searched} bytes, {mails} mails, {} bytes of log: 0 found",
            lines.len()
        );
    });
}
