//! Secrets put into every field that takes one, and looked for wherever a running desk lets something out: pages and documents
//! that anybody may read, mail, log, counts, and every file that it writes, in each spelling of `testkit::canary`.

mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use bastide_testkit::canary::{Canaries, Search};
use serde_json::json;

use world::World;

/// Every file below a place, with its bytes.
fn files(place: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if let Ok(bytes) = std::fs::read(&path) {
            into.insert(path.display().to_string(), bytes);
        }
    }
}

fn found(search: &Search, sinks: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut all = Vec::new();
    for (place, bytes) in sinks {
        for (field, spelling) in search.find(bytes) {
            // Mail leads to a case by its id, and what the database keeps of it is not sealed; nobody else learns it.
            if field == "the case's id" && (place.contains("/mail/") || place.contains("/desk/")) {
                continue;
            }
            all.push(format!("{place}: {field}, {spelling}"));
        }
    }
    all
}

/// Proves: J05, J16.
#[test]
fn no_secret_of_a_case_is_found_outside_it() {
    let mut world = World::open();
    let (case, link) = world.report();
    world.casework(&case, &link);
    let inside = world.canaries.fields();
    world.mistakes(&case);
    let mails = world.mailed();
    let mut sinks = world.public();
    let pages = sinks.len();
    let search = world.canaries.search();
    // What the team reads holds what was written, so the search could have found it elsewhere.
    let mut shown = Vec::new();
    for path in [format!("/api/v1/cases/{case}"), format!("/cases/{case}")] {
        let (status, said) = world.call("GET", &path, Some(&world.coordinator.clone()), &json!({}));
        assert_eq!(status, 200, "{path}");
        shown.extend(said);
    }
    let seen: BTreeSet<&str> = search.find(&shown).into_iter().map(|(field, _)| field).collect();
    let unseen: Vec<&String> = inside
        .iter()
        .filter(|field| {
            // No step's field, and a file that no page hands out.
            let empty = field.starts_with("nothing of") || *field == "attachment";
            let secret = field.starts_with("token of") || *field == "the reporter's link";
            !empty && !secret && !seen.contains(field.as_str())
        })
        .collect();
    assert!(
        unseen.is_empty(),
        "the team does not read {unseen:?}, so nobody knows whether the search works for it"
    );
    // A desk that is killed leaves its files as they are, the database's journal included.
    let World { bastide, running, canaries, .. } = world;
    let recipient = age::x25519::Identity::generate().to_public();
    bastide.file(
        "bastide.toml",
        &format!("data = 'desk'\n[backup]\ndirectory = 'backups'\nrecipients = ['{recipient}']\n"),
    );
    let told = bastide.done(&["backup", "--config", "bastide.toml"]);
    sinks.insert("bastide backup".to_owned(), told.into_bytes());
    running.kill();
    files(bastide.home(), &mut sinks);
    for wanted in ["log.txt", "/mail/", "/desk/", "/backups/"] {
        assert!(sinks.keys().any(|place| place.contains(wanted)), "{wanted} is searched: {:?}", sinks.keys());
    }
    let log = &sinks[&bastide.home().join("log.txt").display().to_string()];
    assert!(log.len() > 1000, "the log says something: {}", String::from_utf8_lossy(log));
    for said in [&["ledger", "verify", "--data", "desk"][..], &["admin", "--data", "desk", "person", "list"]]
    {
        let ended = bastide.run(said);
        sinks.insert(
            format!("bastide {}", said.join(" ")),
            format!("{}{}", ended.out, ended.err).into_bytes(),
        );
    }
    let leaked = found(&search, &sinks);
    assert!(leaked.is_empty(), "{} found:\n{}", leaked.len(), leaked.join("\n"));
    println!(
        "{} secrets in {} spellings; {pages} public answers, {mails} mails, {} places, {} bytes: 0 found",
        canaries.fields().len(),
        search.len(),
        sinks.len(),
        sinks.values().map(Vec::len).sum::<usize>()
    );
    // One that is put there on purpose is found.
    let spool = bastide.home().join("mail/planted.eml");
    let mut planted = Canaries::default();
    let word = planted.word("planted");
    std::fs::write(&spool, format!("Subject: {word}\r\n")).unwrap();
    let mut again = BTreeMap::new();
    files(bastide.home(), &mut again);
    assert_eq!(found(&planted.search(), &again), [format!("{}: planted, as it is", spool.display())]);
}
