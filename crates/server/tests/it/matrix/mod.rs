//! The authorisation matrix through the real site: everybody, in every standing, with and without fresh confirmation, at
//! every route with every method, about every case in every state.
//!
//! What is right stands in two files that people read: `roles.csv`, transcribed from the table of roles, and `routes.toml`,
//! which says what each route does. Neither is made from code. What is forbidden is answered exactly like an address that
//! is nowhere: status, headers and body, with nothing normalised. No answer holds a word of a case that its reader may not
//! see. Nothing is changed: bodies are empty, so an allowed request stops at what it lacks.

mod expected;
mod table;
mod world;

use std::{collections::BTreeMap, sync::Arc};

use aho_corasick::AhoCorasick;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use tower::ServiceExt as _;

use crate::exhaustive;
use expected::{Expected, Object, class_of, expect, may_read};
use table::{Route, Tables};
use world::{Actor, By, Played, World};

/// What is sampled in a default run, out of a thousand cells: of those that are allowed or ask to confirm, of those that are
/// denied, and of methods that no route declares.
const SHARES: [u64; 3] = [20, 2, 1];

/// The methods that no route declares, and those that a route may not declare.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// One question.
#[derive(Clone)]
struct Question {
    actor: usize,
    confirms: bool,
    method: &'static str,
    /// The route whose path is asked; with another method it is none.
    route: usize,
    declared: bool,
    object: Object,
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Everything that the askers share.
struct Matrix {
    world: World,
    tables: Tables,
    words: AhoCorasick,
    owners: Vec<(usize, usize)>,
}

impl Matrix {
    fn cases(&self) -> Vec<&Played> {
        self.world.own.iter().chain([&self.world.other, &self.world.foreign]).collect()
    }

    async fn send(&self, actor: &Actor, confirms: bool, link: &str, method: &str, path: &str) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:1")
            .header("sec-fetch-site", "same-origin");
        if let Some(tokens) = &actor.tokens {
            request = request.header("authorization", format!("Bearer {}", tokens[usize::from(confirms)]));
        }
        if actor.by == By::Link {
            request = request.header("report-link", link);
        }
        let response =
            self.world.service.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        Answered { status, headers, body }
    }

    fn path(&self, route: &Route, object: &Object) -> String {
        let mut path = route.path.clone();
        for (name, value) in &self.tables.parameters {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let (case, project) = object.names(&self.world);
        path = path.replace("{case}", &case).replace("{project}", &project);
        path = path.replace("{advisory}", &self.world.advisory);
        path = path.replace("{proposal}", object.proposal(&self.world));
        path = path.replace("{person}", &self.world.somebody());
        path = path.replace("{style}", bastide_pages::assets::style_path().trim_start_matches("/assets/"));
        // A parameter of a route that is new here: any value.
        while let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            path.replace_range(open..=close, "something");
        }
        path
    }

    fn link<'a>(&'a self, actor: &Actor, object: &Object) -> &'a str {
        if actor.membership != world::Membership::Confirmed {
            return "a-link-that-opens-nothing";
        }
        match object {
            Object::Own(index) => &self.world.own[*index].link,
            _ => &self.world.own[0].link,
        }
    }

    /// What is wrong with the answer to a question, if anything is.
    async fn ask(
        &self,
        question: &Question,
        absent: &mut BTreeMap<String, Answered>,
    ) -> (Expected, Option<String>) {
        let (actor, route) = (&self.world.actors[question.actor], &self.tables.routes[question.route]);
        let link = self.link(actor, &question.object);
        let path = self.path(route, &question.object);
        let answer = self.send(actor, question.confirms, link, question.method, &path).await;
        let expected = if question.declared {
            expect(&self.tables, &self.world, actor, question.confirms, route, &question.object)
        } else {
            Expected::Absent
        };
        let area =
            if route.path.starts_with("/api/") { "/api/v1/nothing-is-here" } else { "/nothing-is-here" };
        let key = format!("{} {} {} {link} {area}", question.actor, question.confirms, question.method);
        if !absent.contains_key(&key) {
            let nothing = self.send(actor, question.confirms, link, question.method, area).await;
            assert_eq!(nothing.status, StatusCode::NOT_FOUND);
            absent.insert(key.clone(), nothing);
        }
        let wrong =
            judge(&answer, expected, &absent[&key], route).or_else(|| self.leak(actor, question, &answer));
        let wrong = wrong.map(|wrong| {
            format!(
                "{} (confirms: {}) {} {path} about {:?}: {wrong}",
                actor.name,
                question.confirms,
                question.method,
                class_of(&self.world, &question.object)
            )
        });
        (expected, wrong)
    }

    /// A word of a case that this answer holds and its reader may not see.
    fn leak(&self, actor: &Actor, question: &Question, answer: &Answered) -> Option<String> {
        let cases = self.cases();
        let headers = format!("{:?}", answer.headers);
        let link = self.link(actor, &question.object);
        for text in [answer.body.as_slice(), headers.as_bytes()] {
            for found in self.words.find_iter(text) {
                let (case, canary) = self.owners[found.pattern().as_usize()];
                let (played, canary) = (cases[case], &cases[case].canaries[canary]);
                if !may_read(&self.world, actor, link, played, canary.tier) {
                    return Some(format!("it holds the {} of the case in {}", canary.field, played.state));
                }
            }
        }
        None
    }

    /// Every cell, or of a default run each class of cells once and of the rest its share. A class is what the tables tell
    /// apart: who asks, what the route is about, the row, the kind of object, what is right.
    fn questions(&self, everything: bool) -> (u64, usize, Vec<Question>) {
        let mut all = 0;
        let mut asked = Vec::new();
        let mut classes = BTreeMap::<String, (u64, Question)>::new();
        for (actor, who) in self.world.actors.iter().enumerate() {
            for (number, route) in self.tables.routes.iter().enumerate() {
                for method in METHODS {
                    let Some(declared) = self.declares(number, method) else { continue };
                    let mut objects = Object::of(&self.world, route.about);
                    if !declared {
                        // No route takes it, so what the path names is never looked at.
                        objects = objects.drain(..).step_by(12).collect();
                    }
                    for object in objects {
                        for confirms in [false, true] {
                            if confirms && who.tokens.is_none() {
                                continue;
                            }
                            let right = expect(&self.tables, &self.world, who, confirms, route, &object);
                            if route.acts && declared && right == Expected::Allowed {
                                continue;
                            }
                            all += 1;
                            let text = format!("{actor} {} {method} {object:?} {confirms}", route.path);
                            let place = place_of(&text);
                            let question = Question {
                                actor,
                                confirms,
                                method,
                                route: number,
                                declared,
                                object: object.clone(),
                            };
                            let own = matches!(object, Object::Own(_));
                            let class = match (declared, method) {
                                (true, "GET" | "POST") => {
                                    let object = if own { "own".to_owned() } else { format!("{object:?}") };
                                    format!("{actor} {:?} {} {object} {right:?}", route.about, route.row)
                                }
                                _ => format!("{actor} {:?} {method} {declared}", route.about),
                            };
                            let best = classes.entry(class).or_insert_with(|| (place, question.clone()));
                            let share = match (declared && method != "HEAD", right) {
                                (false, _) => SHARES[2],
                                // Few, and worth the most.
                                (true, Expected::Confirm) => 10 * SHARES[0],
                                (true, Expected::Allowed) => SHARES[0],
                                (true, _) => SHARES[1],
                            };
                            if everything || place % 1000 < share {
                                asked.push(question);
                            } else if place < best.0 {
                                *best = (place, question);
                            }
                        }
                    }
                }
            }
        }
        let count = classes.len();
        if !everything {
            // One that the share holds already is asked twice at worst.
            asked.extend(classes.into_values().map(|(_, question)| question));
        }
        (all, count, asked)
    }

    /// Whether this route takes the method; nothing where another route with the same path answers for it.
    fn declares(&self, number: usize, method: &str) -> Option<bool> {
        let route = &self.tables.routes[number];
        let takes = |route: &Route| route.method == method || (route.method == "GET" && method == "HEAD");
        let declared = takes(route);
        let elsewhere = self.tables.routes.iter().enumerate().any(|(other, row)| {
            row.path == route.path && other != number && (takes(row) || (!declared && other < number))
        });
        (declared || !elsewhere).then_some(declared)
    }
}

/// Where a cell stands in the order of the sample: by its name, so that a run asks what the run before asked.
fn place_of(text: &str) -> u64 {
    let digest = bastide_model::digest::Sha256Digest::of(format!("matrix 1 {text}").as_bytes());
    u64::from_be_bytes(std::array::from_fn(|at| digest.0[at]))
}

/// What is wrong with an answer.
fn judge(answer: &Answered, expected: Expected, absent: &Answered, route: &Route) -> Option<String> {
    let status = answer.status;
    let text = || String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
    match expected {
        Expected::Absent => {
            if status != absent.status {
                return Some(format!(
                    "{status}, and an address that is nowhere {}: {}",
                    absent.status,
                    text()
                ));
            }
            if answer.headers != absent.headers {
                let only = |these: &HeaderMap, others: &HeaderMap| -> Vec<String> {
                    let differ = these.iter().filter(|(name, value)| others.get(*name) != Some(*value));
                    differ.map(|(name, value)| format!("{name}: {value:?}")).collect()
                };
                let (here, there) =
                    (only(&answer.headers, &absent.headers), only(&absent.headers, &answer.headers));
                return Some(format!("headers {here:?}, and nowhere {there:?}"));
            }
            (answer.body != absent.body).then(|| format!("another body than nowhere: {}", text()))
        }
        Expected::SignIn => {
            (status != StatusCode::UNAUTHORIZED).then(|| format!("{status}, not 401: {}", text()))
        }
        Expected::Confirm => {
            let instead = route.also.contains(&status.as_u16());
            (status != StatusCode::FORBIDDEN && !instead).then(|| format!("{status}, not 403: {}", text()))
        }
        Expected::Allowed => {
            let refused = matches!(status.as_u16(), 401 | 403 | 404 | 405) || status.is_server_error();
            (refused && !route.also.contains(&status.as_u16())).then(|| format!("{status}: {}", text()))
        }
        Expected::AbsentProject => (status != StatusCode::NOT_FOUND).then(|| format!("{status}, not 404")),
    }
}

/// Sixty of many lines, from all over.
fn spread(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .step_by(lines.len().div_ceil(60).max(1))
        .map(|line| line.replace('\n', " ").chars().take(400).collect())
        .collect()
}

/// Proves: J05, J08, J10, J16, J17, P30.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_may_do_what_the_table_says_and_sees_no_trace_of_anything_else() {
    let world = World::open().await;
    let tables = Tables::read();
    tables.compare(&bastide_server::route_table(world.desk.clone()));
    let cases: Vec<&Played> = world.own.iter().chain([&world.other, &world.foreign]).collect();
    let mut owners = Vec::new();
    let mut words = Vec::new();
    for (case, played) in cases.iter().enumerate() {
        for (index, canary) in played.canaries.iter().enumerate() {
            owners.push((case, index));
            words.push(canary.word.clone());
        }
    }
    assert!(words.len() > 150, "{}", words.len());
    let words = AhoCorasick::new(words).unwrap();
    let matrix = Arc::new(Matrix { world, tables, words, owners });
    let before = matrix.world.lengths().await;
    let (all, classes, questions) = matrix.questions(exhaustive());
    let count = questions.len();
    println!("{count} of {all} cells in {classes} classes are asked");
    let mut askers = tokio::task::JoinSet::new();
    for part in questions.chunks(count.div_ceil(4)) {
        let (matrix, part) = (Arc::clone(&matrix), part.to_vec());
        askers.spawn(async move {
            let (mut wrong, mut seen, mut absent) = (Vec::new(), [0_u64; 3], BTreeMap::new());
            for question in &part {
                let (expected, problem) = matrix.ask(question, &mut absent).await;
                seen[expected.kind()] += 1;
                wrong.extend(problem);
            }
            (wrong, seen)
        });
    }
    let (mut wrong, mut seen) = (Vec::new(), [0_u64; 3]);
    while let Some(done) = askers.join_next().await {
        let (more, counted) = done.unwrap();
        wrong.extend(more);
        for (sum, more) in seen.iter_mut().zip(counted) {
            *sum += more;
        }
    }
    println!(
        "{count} of {all} cells in {classes} classes ({} actors, {} routes, {} methods): {} allowed, {} to confirm, {} absent",
        matrix.world.actors.len(),
        matrix.tables.routes.len(),
        METHODS.len(),
        seen[0],
        seen[1],
        seen[2]
    );
    wrong.sort();
    assert!(wrong.is_empty(), "{} cells differ:\n{}", wrong.len(), spread(&wrong).join("\n"));
    assert!(seen.iter().all(|count| *count > 45), "{seen:?}");
    let after = matrix.world.lengths().await;
    assert_eq!(before, after, "nothing was changed by asking");
    // The search finds every word where it belongs, so it could have found it elsewhere.
    let team = matrix
        .world
        .actors
        .iter()
        .find(|actor| actor.name == "coordinator by Project(Coordinator), Confirmed");
    let mut found = std::collections::BTreeSet::new();
    for played in matrix.cases().iter().take(matrix.world.own.len()) {
        let path = format!("/api/v1/cases/{}", played.case);
        let answer = matrix.send(team.unwrap(), true, "", "GET", &path).await;
        found.extend(matrix.words.find_iter(&answer.body).map(|word| word.pattern().as_usize()));
    }
    let own = matrix.owners.iter().filter(|(case, _)| *case < matrix.world.own.len()).count();
    assert_eq!(found.len(), own, "the team reads every word");
}
