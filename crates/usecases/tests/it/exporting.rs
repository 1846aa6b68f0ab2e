//! A whole case, given out by two coordinators: what is in the archive, who gets it and how often.

use std::{collections::BTreeMap, io::Read};

use bastide_desk::lint::Attachment;
use bastide_ledger::BodyState;
use bastide_model::{digest::Sha256Digest, id::CaseId};
use bastide_store::Log;
use bastide_usecases::{
    UseCaseError,
    proposal::{Decision, Proposed},
};
use serde_json::{Value, json};

use crate::world::{Who, World, good_report, on_both_engines, request_key};

/// The files of an archive, without the directory that all of them are in.
fn unpacked(bytes: &[u8], case: CaseId) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(bytes).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let name = path.strip_prefix(&format!("{case}/")).expect("one directory").to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert!(files.insert(name, content).is_none(), "{path} stands there once");
    }
    files
}

fn document(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).unwrap()
}

async fn case_with_files(world: &World) -> CaseId {
    let mut draft = good_report();
    draft.attachments = vec![Attachment { name: "../two.txt".to_owned(), bytes: b"second".to_vec() }];
    let case = world.report("jupyterlab", draft).await.case;
    world.does(Who::Coordinator, case, "take", json!({})).await;
    world.does(Who::Coordinator, case, "acknowledge", json!({ "text": "A word to the reporter." })).await;
    case
}

#[test]
fn two_coordinators_give_out_a_case_whole_once_and_within_a_day() {
    on_both_engines(async |world| {
        let case = case_with_files(&world).await;
        let export = || Proposed::ExportCase { case };
        let first = world.actor(Who::Coordinator).await;
        let id = world.desk.propose(&first, export(), "A request of the court.", None, None).await.unwrap();
        let early = world.desk.proposal_archive(&first, id, None).await;
        assert!(matches!(early, Err(UseCaseError::NotFound)), "{early:?}");
        let own = world.desk.decide_proposal(&first, id, Decision::Approve, "", None).await;
        assert!(matches!(own, Err(UseCaseError::Refused(_))), "nobody approves their own: {own:?}");
        let second = world.actor(Who::SecondCoordinator).await;
        world.desk.decide_proposal(&second, id, Decision::Approve, "", None).await.unwrap();
        assert!(world.desk.proposal(&first, id).await.unwrap().archive);
        assert!(!world.desk.proposal(&second, id).await.unwrap().archive);
        let other = world.desk.proposal_archive(&second, id, None).await;
        assert!(matches!(other, Err(UseCaseError::NotFound)), "it is for whoever proposed it: {other:?}");

        let key = request_key();
        let bytes = world.desk.proposal_archive(&first, id, Some(&key)).await.unwrap();
        let files = unpacked(&bytes, case);
        let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
        assert_eq!(sums.lines().count(), files.len() - 1, "every other file has its sum: {sums}");
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").unwrap();
            assert_eq!(sum, Sha256Digest::of(&files[name]).to_string(), "{name}");
        }
        let events = document(&files, "events.json");
        let kinds: Vec<&str> =
            events.as_array().unwrap().iter().filter_map(|event| event["kind"].as_str()).collect();
        assert!(kinds.contains(&"report-submitted") && kinds.contains(&"acknowledged"), "{kinds:?}");
        assert!(events.to_string().contains("A word to the reporter."));
        assert_eq!(files["attachments/attachment-0.v1"], b"second");
        assert!(
            document(&files, "attachments.json").to_string().contains("../two.txt"),
            "a name is a word only"
        );
        let about = document(&files, "about.json");
        assert_eq!(about["made-by"], json!(world.id(Who::Coordinator)));
        assert_eq!(about["approved-by"], json!(world.id(Who::SecondCoordinator)));
        let keys = [world.desk.store().verifier_key(Log::Case)];
        let proved = bastide_ledger::verify(&files["proof.json"], &keys).unwrap();
        assert_eq!(proved.events.len(), kinds.len());
        assert!(
            proved.events.iter().all(|event| event.body != BodyState::Committed),
            "every content is laid open"
        );

        let again = world.desk.proposal_archive(&first, id, Some(&key)).await.unwrap();
        assert_eq!(
            unpacked(&again, case)["events.json"],
            files["events.json"],
            "a lost answer is given again"
        );
        let twice = world.desk.proposal_archive(&first, id, Some(&request_key())).await;
        assert!(matches!(twice, Err(UseCaseError::Refused(_))), "{:?}", twice.map(|bytes| bytes.len()));
        assert!(!world.desk.proposal(&first, id).await.unwrap().archive);
        world.days_pass(1);
        let late = world.desk.proposal_archive(&first, id, Some(&key)).await;
        assert!(matches!(late, Err(UseCaseError::Refused(_))), "{:?}", late.map(|bytes| bytes.len()));
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn whoever_does_not_coordinate_the_case_learns_nothing_of_its_export() {
    on_both_engines(async |world| {
        let case = case_with_files(&world).await;
        let first = world.actor(Who::Coordinator).await;
        let id = world
            .desk
            .propose(&first, Proposed::ExportCase { case }, "Handed over.", None, None)
            .await
            .unwrap();
        let second = world.actor(Who::SecondCoordinator).await;
        world.desk.decide_proposal(&second, id, Decision::Approve, "", None).await.unwrap();
        let absent = CaseId::from_bytes([9; 16]);
        for who in Who::ALL {
            if matches!(who, Who::Coordinator | Who::SecondCoordinator) {
                continue;
            }
            let actor = world.actor(who).await;
            let mut answers = Vec::new();
            for case in [case, absent] {
                let proposed = Proposed::ExportCase { case };
                answers.push(world.desk.propose(&actor, proposed, "Mine.", None, None).await.map(|_| ()));
            }
            answers.push(world.desk.proposal_archive(&actor, id, None).await.map(|_| ()));
            answers.push(world.desk.proposal(&actor, id).await.map(|_| ()));
            for answer in answers {
                assert!(matches!(answer, Err(UseCaseError::NotFound)), "{who:?}: {answer:?}");
            }
        }
        let tired = bastide_authz::Actor { stepped_up: false, ..world.actor(Who::Coordinator).await };
        let unconfirmed = world.desk.proposal_archive(&tired, id, None).await;
        assert!(
            matches!(unconfirmed, Err(UseCaseError::StepUp)),
            "{:?}",
            unconfirmed.map(|bytes| bytes.len())
        );
        world.end().await;
    });
}

#[test]
fn nobody_is_given_more_than_five_whole_cases_within_a_day() {
    on_both_engines(async |world| {
        let case = case_with_files(&world).await;
        let export = || Proposed::ExportCase { case };
        for _ in 0..5 {
            let first = world.actor(Who::Coordinator).await;
            let id = world.desk.propose(&first, export(), "Handed over.", None, None).await.unwrap();
            let second = world.actor(Who::SecondCoordinator).await;
            world.desk.decide_proposal(&second, id, Decision::Approve, "", None).await.unwrap();
        }
        let first = world.actor(Who::Coordinator).await;
        let sixth = world.desk.propose(&first, export(), "One more.", None, None).await;
        assert!(matches!(sixth, Err(UseCaseError::Refused(_))), "{sixth:?}");
        world.days_pass(1);
        let first = world.actor(Who::Coordinator).await;
        world.desk.propose(&first, export(), "Tomorrow.", None, None).await.unwrap();
        world.end().await;
    });
}
