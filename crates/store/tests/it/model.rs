//! Random sequences of actions: the store and a model of a few lines agree on every outcome.

use std::collections::{BTreeMap, BTreeSet};

use bastide_model::digest::Sha256Digest;
use bastide_store::{Append, Appended, Body, Idempotency, Location, Store, StoreError, Stream};

use crate::desk::{Numbers, case, now, on_both_engines, report, team_permit};

const STEPS: u32 = 400;
const CASES: u64 = 5;

/// What the store is said to do, in maps.
#[derive(Default)]
struct Model {
    cases: BTreeMap<u8, Vec<String>>,
    erased: BTreeSet<u8>,
    answers: BTreeMap<String, (Sha256Digest, Vec<u8>)>,
    leaves: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Stored(u64),
    Replayed(Vec<u8>),
    Conflict(u64),
    Mismatch,
    Erased,
    Absent,
}

impl Model {
    fn append(&mut self, number: u8, expected: u64, text: &str, key: Option<&Idempotency>) -> Outcome {
        if let Some(key) = key
            && let Some((request, response)) = self.answers.get(&key.key)
        {
            let same = *request == key.request;
            return if same { Outcome::Replayed(response.clone()) } else { Outcome::Mismatch };
        }
        let events = self.cases.entry(number).or_default();
        if events.len() as u64 != expected {
            return Outcome::Conflict(events.len() as u64);
        }
        if self.erased.contains(&number) {
            return Outcome::Erased;
        }
        events.push(text.to_owned());
        if let Some(key) = key {
            self.answers.insert(key.key.clone(), (key.request, key.response.clone()));
        }
        self.leaves += 1;
        Outcome::Stored(self.leaves - 1)
    }

    fn erase(&mut self, number: u8) -> Option<Outcome> {
        if self.cases.get(&number).is_none_or(Vec::is_empty) {
            return Some(Outcome::Absent);
        }
        // Erasing again answers with the first record's index, which the model does not keep.
        self.erased.insert(number).then(|| {
            self.leaves += 1;
            Outcome::Stored(self.leaves - 1)
        })
    }
}

fn outcome(result: Result<Appended, StoreError>) -> Outcome {
    match result {
        Ok(Appended::Stored(positions)) => Outcome::Stored(positions[0].log_index),
        Ok(Appended::Replayed(response)) => Outcome::Replayed(response),
        Err(StoreError::Conflict { found, .. }) => Outcome::Conflict(found),
        Err(StoreError::IdempotencyMismatch { .. }) => Outcome::Mismatch,
        Err(StoreError::Erased { .. }) => Outcome::Erased,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn the_store_and_its_model_agree_on_every_outcome() {
    on_both_engines(async |desk| {
        let seed = if matches!(desk.config.location, Location::Sqlite { .. }) { 1 } else { 2 };
        let mut numbers = Numbers(seed);
        let mut model = Model::default();
        let mut store = desk.open().await;
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for step in 0..STEPS {
            let number = u8::try_from(numbers.below(CASES)).unwrap();
            match numbers.below(40) {
                0 => {
                    store.close().await;
                    store = desk.open().await;
                }
                1 => {
                    let erased = store.erase_case_bodies(case(number), now(), None).await;
                    let expected = model.erase(number);
                    match (erased, expected) {
                        (Ok(_), None) => {}
                        (Ok(index), Some(expected)) => {
                            assert_eq!(Outcome::Stored(index), expected, "step {step}");
                        }
                        (Err(StoreError::Absent { .. }), expected) => {
                            assert_eq!(expected, Some(Outcome::Absent));
                        }
                        (Err(other), _) => panic!("{other}"),
                    }
                }
                _ => {
                    let length = model.cases.get(&number).map_or(0, Vec::len) as u64;
                    let expected = if numbers.below(6) == 0 { numbers.below(9) } else { length };
                    let text = format!("step {step}");
                    let idempotency = (numbers.below(2) == 0).then(|| Idempotency {
                        scope: "model".to_owned(),
                        key: format!("key-{}", numbers.below(60)),
                        request: Sha256Digest::of(&[u8::try_from(numbers.below(2)).unwrap()]),
                        response: text.clone().into_bytes(),
                    });
                    let wanted = model.append(number, expected, &text, idempotency.as_ref());
                    let append = Append { idempotency, ..report(number, expected, &text) };
                    let found = outcome(store.append(append).await);
                    assert_eq!(found, wanted, "step {step}");
                    let name = format!("{found:?}");
                    *seen.entry(name.split('(').next().unwrap().to_owned()).or_default() += 1;
                }
            }
        }
        compare(&store, &model).await;
        println!("{STEPS} steps: {seen:?}");
        assert_eq!(seen.len(), 5, "every outcome happened: {seen:?}");
        store.close().await;
    });
}

async fn compare(store: &Store, model: &Model) {
    for (number, texts) in &model.cases {
        let events = store.stream(&Stream::case(case(*number))).await.unwrap();
        assert_eq!(events.len(), texts.len());
        for (event, text) in events.iter().zip(texts) {
            match &event.body {
                Body::Sealed(body) => assert_eq!(body.open(&team_permit(*number)).unwrap(), text.as_bytes()),
                Body::Erased => assert!(model.erased.contains(number)),
                Body::None => panic!("every event of the model has a body"),
            }
        }
    }
    let checked = store.verify().await.unwrap();
    assert!(checked.is_sound(), "{checked:?}");
    assert_eq!(checked.case_leaves, model.leaves);
}
