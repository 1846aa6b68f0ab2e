//! Who may do what, asked of the use cases (roles.md row by row is `bastide-authz`'s own test).

use bastide_authz::{Actor, Role, Scope};
use bastide_desk::lint::Attachment;
use bastide_model::{
    id::{CaseId, PersonId},
    time::Span,
};
use bastide_usecases::{Browser, InboxFilter, OpenedContent, Secret, UseCaseError, step::StepKind};
use serde_json::{Value, json};

use crate::world::{Who, World, advisory, good_report, on_both_engines, project, step};

/// Values of every field that read, for steps whose values never matter because the actor may not act.
fn fields_of(kind: &StepKind) -> Value {
    use bastide_usecases::step::Entry;
    let mut fields = json!({});
    for field in kind.fields.iter().filter(|field| field.required) {
        fields[field.name] = match field.entry {
            Entry::Choice(words) => json!(words[0].0),
            Entry::YesNo => json!(true),
            Entry::Instant => json!("2026-04-01T00:00:00Z"),
            Entry::Person => json!(PersonId::from_bytes([1; 16]).to_string()),
            Entry::Project | Entry::CaseProject => json!("jupyterlab"),
            Entry::DraftDigest => json!("0".repeat(64)),
            Entry::Json => json!({}),
            _ => json!("some words"),
        };
    }
    fields
}

async fn sees_nothing(world: &World, actor: &Actor, case: CaseId, who: &str) {
    let view = world.desk.case_view(actor, case).await;
    assert!(matches!(view, Err(UseCaseError::NotFound)), "{who} reads the case");
    for kind in StepKind::ALL {
        let done = world.desk.act(actor, case, &step(kind.name, fields_of(kind)), None).await;
        assert!(matches!(done, Err(UseCaseError::NotFound)), "{who} {}: {done:?}", kind.name);
    }
}

/// Proves: J10.
#[test]
fn whoever_has_no_part_in_a_case_finds_nothing_there() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let absent: CaseId = CaseId::from_bytes([1; 16]);
        for who in [
            Who::Stranger,
            Who::OtherCoordinator,
            Who::ProjectAdmin,
            Who::ProgrammeAdmin,
            Who::Operator,
            Who::ScipyCoordinator,
        ] {
            let actor = world.actor(who).await;
            sees_nothing(&world, &actor, case, &format!("{who:?}")).await;
            // What is there and what is not look the same.
            let there = world.desk.case_view(&actor, case).await.unwrap_err().to_string();
            let not_there = world.desk.case_view(&actor, absent).await.unwrap_err().to_string();
            assert_eq!(there, not_there);
        }
        sees_nothing(&world, &Actor::anonymous(), case, "nobody").await;
        let other = world.report("jupyterlab", good_report()).await;
        sees_nothing(&world, &world.reporter(&other.link).await, case, "another reporter").await;
        world.end().await;
    });
}

#[test]
fn an_invited_person_can_answer_and_nothing_else() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let invitation = json!({ "person": world.id(Who::Operator).to_string(), "seat": "observer" });
        world.does(Who::Coordinator, case, "invite", invitation).await;
        let operator = world.actor(Who::Operator).await;
        for kind in StepKind::ALL.iter().filter(|kind| !["answer-invitation", "leave"].contains(&kind.name)) {
            let done = world.desk.act(&operator, case, &step(kind.name, fields_of(kind)), None).await;
            assert!(matches!(done, Err(UseCaseError::NotFound)), "{}: {done:?}", kind.name);
        }
        let rows = world.desk.inbox(&operator, &InboxFilter::default()).await.unwrap().rows;
        let [row] = rows.as_slice() else { panic!("the invitation is to be found") };
        assert_eq!((&row.title, &row.severity, row.owner, &row.next_task), (&None, &None, None, &None));

        world.does(Who::Operator, case, "answer-invitation", json!({ "accept": true })).await;
        let view = world.view(Who::Operator, case).await;
        assert!(view.report.is_none(), "an observer does not read the report");
        assert!(view.entries.iter().any(|entry| matches!(entry.content, OpenedContent::Closed(_))));
        assert!(view.cve_numbers.is_empty());
        world.end().await;
    });
}

#[test]
fn the_reporter_sees_stage_and_own_messages_and_not_the_teams() {
    on_both_engines(async |world| {
        let (case, link) = world.accepted().await;
        let secret = json!({ "tier": "team-only", "text": "Between us." });
        world.does(Who::Developer, case, "message", secret).await;
        world
            .does(
                Who::Coordinator,
                case,
                "message",
                json!({ "tier": "team-and-reporter", "text": "To you." }),
            )
            .await;
        let own = world.desk.own_report(&Secret::given(&link)).await.unwrap();
        let read: String = own
            .view
            .entries
            .iter()
            .map(|entry| match &entry.content {
                OpenedContent::Open(_, content) => serde_json::to_string(content).unwrap(),
                _ => String::new(),
            })
            .collect();
        assert!(read.contains("To you.") && !read.contains("Between us."));
        assert!(own.view.cve_numbers.is_empty());
        let reporter = world.reporter(&link).await;
        assert!(matches!(world.desk.case_view(&reporter, case).await, Err(UseCaseError::NotFound)));
        for name in ["triage", "approve", "invite", "fix-merge", "close", "cve-reserve", "propose-dates"] {
            let kind = StepKind::find(name).unwrap();
            let done = world.desk.act(&reporter, case, &step(name, fields_of(kind)), None).await;
            assert!(matches!(done, Err(UseCaseError::NotFound)), "{name}: {done:?}");
        }
        assert!(matches!(
            world.desk.own_report(&Secret::given("a guess")).await,
            Err(UseCaseError::NotFound)
        ));
        let token = Secret::given(world.token(Who::Developer).reveal());
        assert!(matches!(world.desk.own_report(&token).await, Err(UseCaseError::NotFound)));
        assert!(matches!(world.desk.signed_in(&Secret::given(&link)).await, Err(UseCaseError::NotSignedIn)));
        world.end().await;
    });
}

#[test]
fn approving_asks_for_a_fresh_sign_in() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let mut record = advisory();
        record["aliases"] = json!([]);
        world.does(Who::Coordinator, case, "draft-advisory", json!({ "record": record })).await;
        world.does(Who::Coordinator, case, "submit-for-review", json!({})).await;
        let digest = world.view(Who::Developer, case).await.case.advisory.digest.unwrap();
        let approve = step("approve", json!({ "digest": digest }));

        let link = world.desk.issue_sign_in_link(world.id(Who::Developer)).await.unwrap();
        assert!(matches!(world.desk.signed_in(&link).await, Err(UseCaseError::NotSignedIn)));
        let session = world.desk.sign_in(&link, &Browser::default()).await.unwrap().secret;
        assert!(
            matches!(world.desk.sign_in(&link, &Browser::default()).await, Err(UseCaseError::NotSignedIn)),
            "a link works once"
        );
        world.clock.pass(Span::minutes(16));
        let old = world.desk.signed_in(&session).await.unwrap().actor;
        assert!(matches!(world.desk.act(&old, case, &approve, None).await, Err(UseCaseError::StepUp)));

        // A token that may not confirm does not become one that may, by way of a session.
        let weak = world.desk.issue_token(world.id(Who::Developer), Span::minutes(30), false).await.unwrap();
        let traded = world.desk.sign_in(&weak, &Browser::default()).await.unwrap().secret;
        for secret in [&weak, &traded] {
            let actor = world.desk.signed_in(secret).await.unwrap().actor;
            let done = world.desk.act(&actor, case, &approve, None).await;
            assert!(matches!(done, Err(UseCaseError::StepUp)), "{done:?}");
        }
        let link = world.desk.issue_sign_in_link(world.id(Who::Developer)).await.unwrap();
        let session = world.desk.sign_in(&link, &Browser::default()).await.unwrap().secret;
        let fresh = world.desk.signed_in(&session).await.unwrap().actor;
        world.desk.act(&fresh, case, &approve, None).await.unwrap();
        world.clock.pass(Span::minutes(31));
        assert!(world.desk.signed_in(&traded).await.is_err(), "a session ends no later than its token");
        world.desk.sign_out(&session).await.unwrap();
        assert!(matches!(world.desk.signed_in(&session).await, Err(UseCaseError::NotSignedIn)));
        world.end().await;
    });
}

#[test]
fn a_right_that_ends_ends_everywhere_at_once() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let closed = world.report("jupyterlab", good_report()).await.case;
        let verdict = json!({ "outcome": "noise", "reasoning": "Nothing." });
        world.does(Who::Coordinator, closed, "triage", verdict).await;
        let person = world.id(Who::Coordinator);
        let held = world.actor(Who::Coordinator).await;
        let jupyterlab = Scope::Project(project("jupyterlab"));
        world.desk.end_grant(person, Role::Coordinator, jupyterlab).await.unwrap();
        let token = world.token(Who::Coordinator);
        assert!(matches!(world.desk.signed_in(token).await, Err(UseCaseError::NotSignedIn)));
        // They may come back as a person; the seat that they took by the role is gone with it.
        let fresh = world.desk.issue_token(person, Span::days(1), true).await.unwrap();
        let actor = world.desk.signed_in(&fresh).await.unwrap().actor;
        sees_nothing(&world, &actor, case, "a former coordinator").await;
        sees_nothing(&world, &actor, closed, "a former coordinator").await;
        assert!(world.desk.inbox(&actor, &InboxFilter::default()).await.unwrap().rows.is_empty());
        assert!(!held.grants.is_empty(), "the rights of an earlier request");
        let view = world.view(Who::SecondCoordinator, case).await;
        assert!(
            view.case.deadlines.keys().any(|kind| kind.rule().contains("PSRT")),
            "somebody else takes over"
        );
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn a_developer_who_leaves_sees_nothing_more() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        world.does(Who::Developer, case, "leave", json!({ "seat": "developer" })).await;
        sees_nothing(&world, &world.actor(Who::Developer).await, case, "a former developer").await;
        let seat = json!({ "person": world.id(Who::SecondDeveloper).to_string(), "seat": "developer" });
        world.does(Who::Coordinator, case, "leave", seat).await;
        sees_nothing(&world, &world.actor(Who::SecondDeveloper).await, case, "a removed developer").await;
        world.end().await;
    });
}

#[test]
fn a_project_admin_sees_the_inbox_and_not_the_cases() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        let admin = world.actor(Who::ProjectAdmin).await;
        let rows = world.desk.inbox(&admin, &InboxFilter::default()).await.unwrap().rows;
        let [row] = rows.as_slice() else { panic!("one line") };
        assert_eq!((row.case, &row.title), (case, &None));
        let coordinator = world.actor(Who::SecondCoordinator).await;
        let rows = world.desk.inbox(&coordinator, &InboxFilter::default()).await.unwrap().rows;
        assert_eq!(rows[0].title.as_deref(), Some(good_report().title.as_str()));
        let stranger = world.actor(Who::Stranger).await;
        assert!(world.desk.inbox(&stranger, &InboxFilter::default()).await.unwrap().rows.is_empty());
        assert!(world.desk.inbox(&Actor::anonymous(), &InboxFilter::default()).await.is_err());
        let auditor = world.view(Who::Auditor, case).await;
        assert!(auditor.report.is_none() && auditor.offers.is_empty(), "{:?}", auditor.offers);
        world.end().await;
    });
}

#[test]
fn a_role_given_until_a_day_ends_on_that_day_with_its_seats() {
    on_both_engines(async |world| {
        let person = world.id(Who::Stranger);
        let until = Some(world.now() + Span::days(10));
        let scope = Scope::Project(project("jupyterlab"));
        world.desk.grant(person, Role::Coordinator, scope, until).await.unwrap();
        let case = world.report("jupyterlab", good_report()).await.case;
        world.does(Who::Stranger, case, "take", json!({})).await;
        world.days_pass(9);
        world.desk.tick().await.unwrap();
        assert!(world.view(Who::Stranger, case).await.report.is_some());
        world.days_pass(1);
        world.desk.tick().await.unwrap();
        let token = world.desk.signed_in(world.token(Who::Stranger)).await;
        assert!(matches!(token, Err(UseCaseError::NotSignedIn)));
        let fresh = world.desk.issue_token(person, Span::days(1), true).await.unwrap();
        let actor = world.desk.signed_in(&fresh).await.unwrap().actor;
        sees_nothing(&world, &actor, case, "a former coordinator").await;
        assert!(actor.grants.is_empty());
        world.sound().await;
        world.end().await;
    });
}

#[test]
fn a_file_of_a_report_is_for_the_team_and_the_reporter() {
    on_both_engines(async |world| {
        let mut draft = good_report();
        let file =
            |name: &str, text: &str| Attachment { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
        draft.attachments = vec![file("one.txt", "first"), file("../two.txt", "second")];
        let report = world.report("jupyterlab", draft).await;
        let case = report.case;
        let reporter = world.reporter(&report.link).await;
        for actor in [world.actor(Who::Coordinator).await, reporter.clone()] {
            let second = world.desk.attachment(&actor, case, 1).await.unwrap();
            assert_eq!((second.name.as_str(), second.bytes.as_slice()), ("../two.txt", &b"second"[..]));
            assert!(matches!(world.desk.attachment(&actor, case, 2).await, Err(UseCaseError::NotFound)));
        }
        let other = world.report("jupyterlab", good_report()).await;
        let mut outside = vec![Actor::anonymous(), world.reporter(&other.link).await];
        for who in [Who::Stranger, Who::OtherCoordinator, Who::Auditor, Who::ProjectAdmin, Who::Operator] {
            outside.push(world.actor(who).await);
        }
        for actor in outside {
            let refused = world.desk.attachment(&actor, case, 0).await;
            assert!(matches!(refused, Err(UseCaseError::NotFound)), "{refused:?}");
        }

        // A held report that was mended shows the files of its newest version only.
        let mut poor = good_report();
        poor.tested_versions.clear();
        poor.attachments = vec![file("old.txt", "old"), file("gone.txt", "gone")];
        let held = world.report("cpython", poor).await;
        let reporter = world.reporter(&held.link).await;
        let mut better = good_report();
        better.tested_versions[0].version = "3.13.1".to_owned();
        better.attachments = vec![file("new.txt", "new")];
        world.desk.amend_report(&reporter, held.case, better, b"", None).await.unwrap();
        assert_eq!(world.desk.attachment(&reporter, held.case, 0).await.unwrap().bytes, b"new");
        assert!(world.desk.attachment(&reporter, held.case, 1).await.is_err());
        world.end().await;
    });
}

/// The reporter, also one who did not agree to the embargo, and an observer learn nothing from headers and state: not
/// who was invited, not that an advisory is written, not that a number was asked for.
#[test]
fn who_does_not_work_on_a_case_sees_no_trace_of_the_teams_work() {
    on_both_engines(async |world| {
        let (case, link) = world.accepted().await;
        world.fix_agreed(case).await;
        world.joins(Who::Operator, case, "observer").await;
        let draft = json!({ "record": advisory() });
        world.does(Who::Coordinator, case, "draft-advisory", draft).await;
        let asked = json!({ "person": world.id(Who::Stranger).to_string(), "seat": "developer" });
        world.does(Who::Coordinator, case, "invite", asked).await;
        let own = world.desk.own_report(&Secret::given(&link)).await.unwrap().view;
        let observed = world.view(Who::Operator, case).await;
        let team = world.view(Who::Coordinator, case).await;
        assert!(team.draft.is_some() && team.entries.len() > own.entries.len());
        for view in [&own, &observed] {
            assert!(view.draft.is_none(), "a draft is the team's");
            assert!(view.cve_numbers.is_empty() && view.case.vulnerabilities.is_empty());
            assert_eq!((view.case.advisory.version, view.case.advisory.digest), (0, None));
            assert_eq!(view.lifecycle(), team.lifecycle());
            for entry in &view.entries {
                let hidden = matches!(
                    entry.event.name().as_str(),
                    "advisory-drafted"
                        | "cve-changed"
                        | "vulnerability-added"
                        | "replicated"
                        | "deadline-set"
                );
                assert!(!hidden, "{:?} sees {}", view.viewer, entry.event.name());
                let said = serde_json::to_string(&entry.event).unwrap();
                for other in [Who::Stranger, Who::SecondDeveloper] {
                    assert!(!said.contains(&world.id(other).to_string()), "{:?} sees {said}", view.viewer);
                }
            }
            let state = serde_json::to_string(&view.case).unwrap();
            assert!(!state.contains(&world.id(Who::Stranger).to_string()), "{state}");
            assert!(!view.names.contains_key(&world.id(Who::Stranger)));
            assert!(view.tasks.iter().all(|task| view.roles.contains(&task.role)), "{:?}", view.tasks);
        }
        let reporter = world.reporter(&link).await;
        for actor in [reporter, world.actor(Who::Operator).await] {
            let proof = world.desk.proof(&actor, case).await;
            assert!(matches!(proof, Err(UseCaseError::NotFound)), "its headers would say the same");
        }
        assert!(world.desk.proof(&world.actor(Who::Developer).await, case).await.is_ok());
        world.end().await;
    });
}

/// Proves: J17.
#[test]
fn the_directory_is_for_whoever_invites_and_not_for_any_party() {
    on_both_engines(async |world| {
        let (case, _) = world.accepted().await;
        world.joins(Who::Operator, case, "observer").await;
        let asked = json!({ "person": world.id(Who::Stranger).to_string(), "seat": "developer" });
        world.does(Who::Coordinator, case, "invite", asked).await;
        for who in [Who::Coordinator, Who::OtherCoordinator, Who::ProgrammeAdmin, Who::Developer] {
            assert!(world.desk.directory(&world.actor(who).await).await.is_ok(), "{who:?}");
        }
        for who in [Who::Operator, Who::Stranger, Who::Auditor, Who::ConductTeam] {
            let answer = world.desk.directory(&world.actor(who).await).await;
            assert!(matches!(answer, Err(UseCaseError::NotFound)), "{who:?}");
        }
        world.end().await;
    });
}
