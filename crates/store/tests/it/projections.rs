//! Rows of projections, written and read back.

use bastide_authz::{Embargoed, Grant, Role, Scope, Tier};
use bastide_model::{digest::Sha256Digest, time::Span};
use bastide_store::{
    Append, CaseParty, CaseSummary, Change, Credential, CredentialKind, Holder, InboxQuery, NewOutbox,
    OutboxChannel, OutboxState, Store, StoreError, Stream,
};
use serde_json::json;

use crate::desk::{case, now, on_both_engines, person, secret, team_permit};

async fn change(store: &Store, changes: Vec<Change>) -> Result<(), StoreError> {
    store.append(Append { changes, ..Append::at(now()) }).await.map(|_| ())
}

/// A line of the inbox whose next deadline is so many days from now.
pub(crate) fn summary(number: u8, due_in_days: Option<i64>) -> CaseSummary {
    CaseSummary {
        case: case(number),
        project: if number < 10 { "jupyter" } else { "scipy" }.parse().unwrap(),
        lifecycle: "received".to_owned(),
        severity: None,
        owner: Some(person(number)),
        reference: format!("J-2026-{number:04}"),
        received_at: now(),
        next_due: due_in_days.map(|days| now() + Span::days(days)),
        next_task: due_in_days.map(|_| "acknowledge".to_owned()),
        updated_at: now(),
        closed: false,
        title: Some(Embargoed::new(case(number), Tier::TeamOnly, format!("title of {number}"))),
        wake_at: due_in_days.map(|days| now() + Span::days(days)),
    }
}

#[test]
fn the_inbox_lists_its_projects_by_next_deadline_and_opens_titles_with_a_permit() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let lines = [summary(1, None), summary(2, Some(9)), summary(3, Some(-1)), summary(11, Some(1))];
        let closed = CaseSummary { closed: true, ..summary(4, Some(-5)) };
        let changes = lines.into_iter().chain([closed]).map(|line| Change::PutCaseSummary(Box::new(line)));
        change(&store, changes.collect()).await.unwrap();

        let query = |projects: &[&str], closed, limit, offset| InboxQuery {
            projects: projects.iter().map(|name| name.parse().unwrap()).collect(),
            closed,
            limit,
            offset,
            ..InboxQuery::default()
        };
        let order = async |query: InboxQuery| -> Vec<String> {
            store
                .inbox(&query)
                .await
                .unwrap()
                .into_iter()
                .map(|line| line.reference[7..].to_owned())
                .collect()
        };
        assert_eq!(order(query(&["jupyter"], Some(false), 10, 0)).await, ["0003", "0002", "0001"]);
        assert_eq!(
            order(query(&["jupyter", "scipy"], None, 10, 0)).await,
            ["0004", "0003", "0011", "0002", "0001"]
        );
        assert_eq!(order(query(&["jupyter", "scipy"], None, 2, 1)).await, ["0003", "0011"]);
        assert_eq!(order(query(&[], None, 10, 0)).await, Vec::<String>::new());
        let due: Vec<_> =
            store.due_cases(now(), 10).await.unwrap().into_iter().map(|line| line.case).collect();
        assert_eq!(due, [case(3)]);

        let line = store.case_by_reference("J-2026-0002").await.unwrap().unwrap();
        assert_eq!(line, summary(2, Some(9)));
        assert_eq!(line.title.unwrap().open(&team_permit(2)).unwrap(), "title of 2");
        let taken = CaseSummary { reference: "J-2026-0002".to_owned(), ..summary(5, None) };
        let error = change(&store, vec![Change::PutCaseSummary(Box::new(taken))]).await.unwrap_err();
        assert!(matches!(error, StoreError::Exists { .. }), "{error}");

        let parties = vec![CaseParty { person: person(3), role: Role::Developer, consented: true }];
        change(&store, vec![Change::SetCaseParties { case: case(2), parties: parties.clone() }])
            .await
            .unwrap();
        change(&store, vec![Change::SetCaseParties { case: case(2), parties: parties.clone() }])
            .await
            .unwrap();
        assert_eq!(store.case_parties(case(2)).await.unwrap(), parties);
        assert_eq!(store.cases_of(person(3)).await.unwrap()[0].case, case(2));
        store.close().await;
    });
}

#[test]
fn persons_projects_and_grants_read_back() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let document = json!({"name": "maintainer-a", "score": 7.5});
        let grant =
            |scope| Grant { role: Role::Coordinator, scope, from: now(), until: None, confirmed: true };
        let scopes = [Scope::Programme, Scope::Project("jupyter".parse().unwrap()), Scope::Case(case(1))];
        let mut changes = vec![
            Change::PutPerson { id: person(1), document: json!({}) },
            Change::PutPerson { id: person(1), document: document.clone() },
            Change::PutProject {
                name: "jupyter".parse().unwrap(),
                title: "Jupyter".to_owned(),
                document: document.clone(),
            },
        ];
        for scope in scopes.clone() {
            changes.push(Change::PutGrant { person: person(1), grant: grant(scope) });
        }
        change(&store, changes).await.unwrap();
        assert_eq!(store.person(person(1)).await.unwrap().unwrap(), document);
        assert_eq!(store.persons().await.unwrap().len(), 1);
        assert_eq!(store.project(&"jupyter".parse().unwrap()).await.unwrap().unwrap().0, "Jupyter");
        assert_eq!(store.projects().await.unwrap().len(), 1);
        assert_eq!(store.grants_of(person(1)).await.unwrap().len(), 3);
        for scope in scopes {
            assert_eq!(store.grants_in(&scope).await.unwrap(), [(person(1), grant(scope.clone()))]);
            let role = Role::Coordinator;
            change(&store, vec![Change::RemoveGrant { person: person(1), role, scope }]).await.unwrap();
        }
        assert!(store.grants_of(person(1)).await.unwrap().is_empty());
        store.close().await;
    });
}

#[test]
fn a_credential_that_works_once_works_once() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let digest = Sha256Digest::of(b"a secret link");
        let credential = Credential {
            digest,
            kind: CredentialKind::SignInLink,
            holder: Holder::Person(person(1)),
            scopes: "sign-in".to_owned(),
            created: now(),
            expires: Some(now() + Span::minutes(15)),
            revoked: None,
        };
        change(&store, vec![Change::AddCredential(credential.clone())]).await.unwrap();
        assert_eq!(store.credential(&digest).await.unwrap().unwrap(), credential);
        let late = now() + Span::minutes(15);
        let expired = change(&store, vec![Change::ConsumeCredential { digest, at: late }]).await;
        assert_eq!(expired, Err(StoreError::Spent));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let store = store.clone();
            tasks.spawn(async move {
                change(&store, vec![Change::ConsumeCredential { digest, at: now() }]).await
            });
        }
        let used = tasks.join_all().await.into_iter().flatten().count();
        assert_eq!(used, 1, "of eight at once");
        let session =
            Credential { digest: Sha256Digest::of(b"s"), kind: CredentialKind::Session, ..credential };
        change(&store, vec![Change::AddCredential(session)]).await.unwrap();
        let holder = Holder::Person(person(1));
        change(&store, vec![Change::RevokeCredentialsOf { holder, at: now() }]).await.unwrap();
        let all = store.credentials_of(holder).await.unwrap();
        assert!(all.len() == 2 && all.iter().all(|credential| !credential.works(now())));
        store.close().await;
    });
}

#[test]
fn a_message_is_leased_to_one_sender_and_told_once_per_audience() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let message = NewOutbox {
            stream: Stream::case(case(1)),
            sequence: 1,
            case: Some(case(1)),
            channel: OutboxChannel::Mail,
            audience: "coordinators".to_owned(),
            template: "new-report".to_owned(),
            parameters: Some(b"https://desk.example.org/s/secret".to_vec()),
            not_before: now(),
            once: false,
        };
        let append = |outbox| Append { outbox, ..Append::at(now()) };
        store.append(append(vec![message.clone()])).await.unwrap();
        let again = store.append(append(vec![message.clone()])).await.unwrap_err();
        assert!(matches!(again, StoreError::Exists { .. }), "{again}");

        let lease = now() + Span::minutes(5);
        let claimed = store.claim_outbox(OutboxChannel::Mail, now(), lease, 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].parameters, message.parameters);
        assert!(!format!("{claimed:?}").contains("secret"));
        assert!(
            store.claim_outbox(OutboxChannel::Mail, now(), lease, 10).await.unwrap().is_empty(),
            "leased"
        );
        let later =
            store.claim_outbox(OutboxChannel::Mail, lease, lease + Span::minutes(5), 10).await.unwrap();
        assert_eq!(
            (later[0].id.clone(), later[0].attempts),
            (claimed[0].id.clone(), 2),
            "the same id, once more"
        );

        let id = claimed[0].id.clone();
        let note = "the relay did not answer".to_owned();
        change(&store, vec![Change::OutboxRetry { id: id.clone(), not_before: lease, note }]).await.unwrap();
        change(&store, vec![Change::OutboxSent { id: id.clone(), at: lease }]).await.unwrap();
        let sent = store.outbox_of(case(1)).await.unwrap();
        assert_eq!((sent[0].state, &sent[0].parameters), (OutboxState::Sent, &None));
        let twice = change(&store, vec![Change::OutboxSent { id, at: lease }]).await.unwrap_err();
        assert!(matches!(twice, StoreError::Absent { .. }), "{twice}");
        store.close().await;
    });
}

#[test]
fn sealed_objects_have_versions_that_are_never_replaced() {
    on_both_engines(async |desk| {
        let store = desk.open().await;
        let put = |version, text| {
            let bytes = secret(1, text);
            vec![Change::PutObject { object: "poc.py".to_owned(), version, bytes }]
        };
        change(&store, put(1, "print(1)")).await.unwrap();
        change(&store, put(2, "print(2)")).await.unwrap();
        let replaced = change(&store, put(2, "print(3)")).await.unwrap_err();
        assert!(matches!(replaced, StoreError::Exists { .. }), "{replaced}");
        let open = async |version| {
            let object = store.object(case(1), "poc.py", version).await.unwrap();
            object.map(|object| object.open(&team_permit(1)).unwrap().clone())
        };
        assert_eq!(open(None).await.unwrap(), b"print(2)");
        assert_eq!(open(Some(1)).await.unwrap(), b"print(1)");
        assert_eq!(open(Some(9)).await, None);
        assert_eq!(store.objects(case(1)).await.unwrap().len(), 2);
        store.close().await;
    });
}
