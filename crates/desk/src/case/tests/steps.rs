//! A table of every step and who may take it, tried by everybody.

use bastide_authz::Tier;
use bastide_model::{id::Id, time::Span};

use super::world::{ADVISORY, VULNERABILITY, Who, World, digest, project};
use crate::{
    case::{Command, Notice, PublicFact, RefusalKind, Reproduction, Seat},
    policy::Disposition,
    project::Eligibility,
    threat::Outcome,
};

/// Everybody who could try a step.
const EVERYBODY: [Who; 8] = [
    Who::Reporter,
    Who::Coordinator,
    Who::SecondCoordinator,
    Who::Developer,
    Who::SecondDeveloper,
    Who::Operator,
    Who::Stranger,
    Who::Clock,
];

/// A case at the step before `command`, with a coordinator, two developers and an operator once it is accepted.
struct Scene {
    name: &'static str,
    world: World,
    command: Command,
    may: &'static [Who],
}

const COORDINATORS: &[Who] = &[Who::Coordinator, Who::SecondCoordinator];
const COORDINATOR: &[Who] = &[Who::Coordinator];
const DEVELOPERS: &[Who] = &[Who::Developer, Who::SecondDeveloper];
const TEAM: &[Who] = &[Who::Coordinator, Who::Developer, Who::SecondDeveloper];
const PARTICIPANTS: &[Who] =
    &[Who::Reporter, Who::Coordinator, Who::Developer, Who::SecondDeveloper, Who::Operator];

fn received() -> World {
    let mut world = World::new("jupyter");
    world.report(Who::Reporter);
    world
}

fn accepted() -> World {
    let mut world = World::new("jupyter");
    world.accepted();
    world.join(Who::SecondDeveloper, Seat::Developer);
    world.join(Who::Operator, Seat::Observer);
    world
}

fn agreed() -> World {
    let mut world = accepted();
    world.fix_agreed();
    world
}

fn tested() -> World {
    let mut world = agreed();
    world.dated();
    let note = "All tests pass.".to_owned();
    world.does(Who::SecondDeveloper, Command::RecordManualTest { project: project("jupyterlab"), note });
    world
}

fn released() -> World {
    let mut world = tested();
    world.approved();
    world.wait(Span::days(2));
    let lab = project("jupyterlab");
    world.does(Who::Developer, Command::MergeFix { project: lab.clone(), reference: "abc".into() });
    world.does(Who::Developer, Command::ReleaseFix { project: lab, version: "4.2.5".into() });
    world
}

fn published() -> World {
    let mut world = released();
    world.wait(Span::days(7)).tick();
    world
}

fn scenes() -> Vec<Scene> {
    let lab = || project("jupyterlab");
    let mut scenes = Vec::new();
    let mut add = |name, world: World, command, may| scenes.push(Scene { name, world, command, may });

    let mut world = received();
    let (answer, judge) = (world.acknowledge(), world.judge(Outcome::Vulnerability));
    add("acknowledge", received(), answer, COORDINATORS);
    add("triage", received(), judge.clone(), COORDINATORS);
    add("take", received(), Command::TakeCoordination, COORDINATORS);
    let ask = world.write(Tier::TeamAndReporter, false);
    add(
        "write to the reporter",
        accepted(),
        ask,
        &[Who::Reporter, Who::Coordinator, Who::SecondCoordinator, Who::Developer, Who::SecondDeveloper],
    );
    let keep = Command::KeepUnderAccount { person: Who::Stranger.id() };
    add("keep the report under an account", accepted(), keep.clone(), &[Who::Reporter]);
    let mut kept = accepted();
    kept.does(Who::Reporter, keep.clone());
    add("end the secret link", kept, Command::EndReporterLink, &[Who::Stranger]);
    let mut kept = accepted();
    kept.does(Who::Reporter, keep);
    add("replace the secret link", kept, Command::ReplaceReporterLink, &[Who::Stranger]);
    let talk = world.write(Tier::TeamOnly, false);
    add(
        "write to the team",
        accepted(),
        talk,
        &[Who::Coordinator, Who::SecondCoordinator, Who::Developer, Who::SecondDeveloper],
    );
    let mut world = received();
    world.does(Who::Coordinator, judge);
    add("accept", world, Command::Accept { vulnerability: VULNERABILITY }, COORDINATOR);

    add(
        "invite",
        accepted(),
        Command::Invite { person: Who::Stranger.id(), seat: Seat::Developer },
        COORDINATOR,
    );
    add("add a project", accepted(), Command::AddProject { project: project("notebook") }, COORDINATOR);
    let removal = Command::Leave { person: Who::Operator.id(), seat: Seat::Observer };
    add("leave", accepted(), removal, &[Who::Coordinator, Who::Operator]);
    let mut world = accepted();
    world.does(Who::Coordinator, Command::Invite { person: Who::Stranger.id(), seat: Seat::Developer });
    add("answer an invitation", world, Command::AnswerInvitation { accept: true }, &[Who::Stranger]);
    let mut world = accepted();
    let end = world.now + Span::days(60);
    let propose = Command::ProposeEmbargo { proposal: world.fresh(), end, justification: None };
    add("propose an embargo", world, propose.clone(), PARTICIPANTS);
    let mut world = accepted();
    world.does(Who::Developer, propose.clone());
    add(
        "decide about it",
        world,
        Command::DecideEmbargo { accept: true },
        &[Who::Reporter, Who::Coordinator, Who::SecondDeveloper, Who::Operator],
    );
    let mut world = accepted();
    world.does(Who::Operator, propose);
    add("take up an observer's", world, Command::DecideEmbargo { accept: true }, COORDINATOR);
    add("end the embargo", accepted(), Command::EndEmbargo { reason: "It leaked.".into() }, COORDINATOR);
    let fact = Command::RecordPublicFact { fact: PublicFact::Attacks, evidence: "In our logs.".into() };
    add("record attacks", accepted(), fact, PARTICIPANTS);

    let replicate = |result| Command::Replicate { project: lab(), result, note: "Seen.".into() };
    add("replicate", accepted(), replicate(Reproduction::Confirmed), DEVELOPERS);
    add(
        "add a vulnerability",
        accepted(),
        Command::AddVulnerability { vulnerability: Id::from_bytes([5; 16]) },
        TEAM,
    );
    let eligibility = Eligibility::Eligible { versions: vec!["4.2.4".into()] };
    let request = Command::RequestCve { vulnerability: VULNERABILITY, eligibility };
    add("request a CVE number", accepted(), request.clone(), TEAM);
    let number = "CVE-2026-12345".to_owned();
    let mut world = accepted();
    world.does(Who::Developer, request);
    add("reserve it", world, Command::ReserveCve { vulnerability: VULNERABILITY, number }, COORDINATOR);
    let exempt = Command::ExemptCve { vulnerability: VULNERABILITY, reason: "Only in a preview.".into() };
    add("exempt it", accepted(), exempt, COORDINATOR);
    add(
        "tell the reporter the number",
        agreed(),
        Command::TellReporterCve { text: "It is…".into() },
        COORDINATOR,
    );

    let mut world = accepted();
    world.does(Who::Developer, replicate(Reproduction::Confirmed));
    let start = Command::StartFix { project: lab(), reference: "fork/1".into() };
    add("start a fix", world, start.clone(), DEVELOPERS);
    let mut world = accepted();
    world.does(Who::Developer, replicate(Reproduction::Confirmed));
    world.does(Who::Developer, start);
    add("agree on it", world, Command::AgreeFix { project: lab() }, DEVELOPERS);
    let test = Command::RecordManualTest { project: lab(), note: "Passes.".into() };
    add("test it", agreed(), test, &[Who::SecondDeveloper]);
    let merge = Command::MergeFix { project: lab(), reference: "abc".into() };
    add("merge it", tested(), merge.clone(), DEVELOPERS);
    let mut world = tested();
    world.wait(Span::days(2)).does(Who::Developer, merge);
    add("release it", world, Command::ReleaseFix { project: lab(), version: "4.2.5".into() }, DEVELOPERS);
    add("say that it is deployed", released(), Command::ReportDeployed { project: lab() }, &[Who::Operator]);

    let world = agreed();
    let propose = Command::ProposeDates {
        release: world.now + Span::days(2),
        announcement: world.now + Span::days(9),
        short_notice_reason: None,
    };
    add("propose dates", agreed(), propose.clone(), TEAM);
    let mut world = agreed();
    world.does(Who::Coordinator, propose);
    add("confirm dates", world, Command::ConfirmDates, DEVELOPERS);
    add("post the dates", tested(), Command::PostNotice { text: "Release on Tuesday.".into() }, COORDINATOR);
    let dates = Command::NotifyReporter { notice: Notice::Dates, text: "They are set.".into() };
    add("tell the reporter the dates", tested(), dates, COORDINATOR);
    let world = accepted();
    let postpone = Command::PostponeDisclosure { until: world.now + Span::days(120), reason: "Hard.".into() };
    add("postpone disclosure", world, postpone, COORDINATOR);

    let draft = Command::DraftAdvisory {
        record: serde_json::json!({}),
        digest: digest("first"),
        withdraws: false,
        severity: None,
        change: None,
    };
    add("draft the advisory", accepted(), draft.clone(), TEAM);
    let mut world = accepted();
    world.does(Who::Developer, draft.clone());
    add("submit it", world, Command::SubmitForReview, TEAM);
    for (name, command) in [
        ("approve it", Command::ApproveAdvisory { digest: digest("first") }),
        ("ask for changes", Command::RequestChanges { text: "Name the versions.".into() }),
    ] {
        let mut world = accepted();
        world.does(Who::Developer, draft.clone());
        world.does(Who::Developer, Command::SubmitForReview);
        let author_too = name == "ask for changes";
        add(name, world, command, if author_too { TEAM } else { &[Who::Coordinator, Who::SecondDeveloper] });
    }
    let mut world = released();
    world.wait(Span::days(7));
    add(
        "publish it",
        world,
        Command::PublishAdvisory { advisory: ADVISORY },
        &[Who::Coordinator, Who::Developer, Who::SecondDeveloper, Who::Clock],
    );
    let out = Command::ConfirmCvePublished { vulnerability: VULNERABILITY };
    add("confirm the CVE record", published(), out, COORDINATOR);
    let releases = Command::NotifyReporter { notice: Notice::Releases, text: "It is out.".into() };
    add("tell the reporter the releases", published(), releases.clone(), COORDINATOR);
    let mut world = published();
    world.does(Who::Coordinator, releases);
    add("close", world, Command::Close, COORDINATOR);
    scenes
}

/// Every step, tried by everybody in the state in which it is possible.
///
/// Proves: J08, J10, J18, J19, J24.
#[test]
fn each_step_belongs_to_its_roles_and_is_refused_to_others() {
    let (mut tried, mut allowed) = (0, 0);
    let scenes = scenes();
    for Scene { name, world, command, may } in &scenes {
        for who in EVERYBODY {
            tried += 1;
            match world.ask(who, command) {
                Ok(events) => {
                    allowed += 1;
                    assert!(may.contains(&who), "{who:?} must not {name}");
                    assert!(!events.is_empty(), "{name} leaves a trace");
                }
                Err(refusal) => {
                    assert!(!may.contains(&who), "{who:?} may {name}: {refusal}");
                    let by_person =
                        matches!(refusal.kind, RefusalKind::NotYourRole | RefusalKind::SecondPerson);
                    let asked_nothing = matches!(command, Command::AnswerInvitation { .. });
                    let reporters_words = matches!(command, Command::Write { .. }) && who == Who::Reporter;
                    assert!(by_person || asked_nothing || reporters_words, "{who:?} {name}: {refusal}");
                    assert!(!refusal.rule.is_empty(), "{name}");
                }
            }
        }
    }
    println!("{} steps, {tried} tries, {allowed} allowed", scenes.len());
    assert!(scenes.len() >= 35 && tried == scenes.len() * EVERYBODY.len());
}

/// Proves: J10.
#[test]
fn a_stranger_does_nothing_in_any_state() {
    let mut worlds = vec![received(), accepted(), agreed(), tested(), released(), published()];
    let mut held = World::new("cpython");
    let intake = held.intake(Disposition::Hold);
    held.does(Who::Reporter, Command::Submit(Box::new(intake)));
    worlds.push(held);
    let scenes = scenes();
    for world in &worlds {
        for Scene { name, command, .. } in &scenes {
            assert!(world.ask(Who::Stranger, command).is_err(), "a stranger must not {name}");
        }
    }
}
