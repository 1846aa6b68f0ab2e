//! People: the list, one person with everything that they hold, adding, inviting, roles.

use axum::{http::StatusCode, response::Response};
use bastide_authz::{Grant, Role, Scope};
use bastide_model::{
    id::PersonId,
    party::ProjectName,
    time::{Instant, Span},
};
use bastide_pages::{
    admin::{Block, Cell, Fact, Sheet, SheetPart},
    part::{ActionForm, Badge, EmptyState, Field, Link, Moment, Tone},
};
use bastide_store::CredentialKind;
use bastide_usecases::{
    NewPerson, PersonView, ProjectRecord, RoleChange, RoleOutcome, UseCaseError,
    proposal::{Proposed, kind::GIVEN},
    read_identity, shown_identity,
};
use std::collections::BTreeMap;

use super::{Entry, Trouble, sheet, table};
use crate::web::{
    forms::Forms,
    request::{Visit, html, key, see},
    words,
};

const SECTION: &str = "/admin/people";

/// Everybody, or those who match the search.
pub(super) async fn list(visit: Visit) -> Response {
    let page = async { listed(&visit, None).await.map(|page| html(StatusCode::OK, &page)) };
    visit.answer(page.await)
}

async fn listed(visit: &Visit, trouble: Option<&Trouble<'_>>) -> Result<Sheet, UseCaseError> {
    let search = visit.query("search");
    let people = visit.desk().people(&visit.visitor.actor, &search).await?;
    let now = visit.now();
    let mut page = sheet(
        visit,
        SECTION,
        "People",
        "Everybody whom the desk knows, with what they hold. Nothing of a case is shown here.",
    );
    page.trouble = Trouble::words(trouble);
    let rows: Vec<Vec<Cell>> = people
        .iter()
        .map(|line| {
            let identities: Vec<String> = line.record.identities.iter().map(shown_identity).collect();
            vec![
                Cell::Link(Link::new(line.record.name.as_str(), format!("{SECTION}/{}", line.id))),
                Cell::Text(identities.join(", ").into()),
                Cell::Text(roles_in_words(&line.grants, now).into()),
            ]
        })
        .collect();
    let blocks = if rows.is_empty() {
        vec![Block::Empty(EmptyState {
            what: "Nobody matches.".into(),
            why: "The search looks at names, mail addresses and accounts on forges.".into(),
            next: vec![Link::new("Everybody", SECTION)],
        })]
    } else {
        vec![table("People by name", &["Name", "Reached as", "Roles"], rows)]
    };
    let search_form = Block::Search { action: SECTION.into(), value: search.into() };
    let mut all = vec![search_form];
    all.extend(blocks);
    page.parts.push(SheetPart::new("list", "Who is there", "", all));
    let entry = Entry::new(trouble, "add");
    let fields = vec![
        entry.line("name", "Name", "As they want to be shown.").required(),
        entry.area(
            "identities",
            "Mail addresses and accounts on forges",
            "One a line: maintainer-a@example.org, github.com/maintainer-a. Mail carries links and no word of a case.",
            3,
        ),
    ];
    let form = super::form("add", "Add somebody", "", SECTION, &Forms::fresh(), fields);
    page.parts.push(SheetPart::new("new", "Somebody new", "", vec![Block::Form(Box::new(form))]));
    Ok(page)
}

/// Adds somebody.
pub(super) async fn add(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        let done = async {
            let person = person_of(&fields)?;
            visit.desk().add_person_as(&visit.visitor.actor, person, &key(&fields)?).await
        };
        match done.await {
            Ok(id) => Ok(see(&format!("{SECTION}/{id}?done=added"))),
            Err(error) if Trouble::shows(&error) => {
                let trouble = Trouble { form: "add", values: &fields, error: &error };
                Ok(html(crate::error::status(&error), &listed(&visit, Some(&trouble)).await?))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(page.await)
}

fn person_of(fields: &BTreeMap<String, String>) -> Result<NewPerson, UseCaseError> {
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let lines = text("identities").lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(NewPerson {
        name: text("name").to_owned(),
        identities: lines.map(read_identity).collect::<Result<Vec<_>, _>>()?,
    })
}

/// One person.
pub(super) async fn show(visit: Visit) -> Response {
    let page = async { shown(&visit, None, None).await.map(|page| html(StatusCode::OK, &page)) };
    visit.answer(page.await)
}

async fn shown(
    visit: &Visit,
    trouble: Option<&Trouble<'_>>,
    link: Option<&str>,
) -> Result<Sheet, UseCaseError> {
    let id: PersonId = visit.parameter("person")?;
    let view = visit.desk().person_view(&visit.visitor.actor, id).await?;
    let projects = visit.desk().projects().await?;
    let now = visit.now();
    let forms = Forms::fresh();
    let mut page = sheet(visit, SECTION, &view.line.record.name, "");
    page.back = Some(Link::new("Everybody", SECTION));
    page.trouble = Trouble::words(trouble);
    if let Some(link) = link {
        let note = "This link signs them in once, within a day. It is shown here once: send it to them on a way that you \
                    trust. Whoever has it becomes them.";
        let blocks = vec![Block::Note(Tone::Warning, note.into()), Block::Verbatim(link.into())];
        page.parts.push(SheetPart::new("link", "A link to sign in", "", blocks));
    }
    if let Some(words) = done_in_words(&visit.query("done")) {
        page.parts.push(SheetPart::new("done", "Done", "", vec![Block::Note(Tone::Good, words.into())]));
    }
    page.parts.push(roles(&view, &projects, now, &forms, trouble));
    page.parts.push(account(&view, &forms, trouble));
    Ok(page)
}

fn roles(
    view: &PersonView,
    projects: &[ProjectRecord],
    now: Instant,
    forms: &Forms,
    trouble: Option<&Trouble<'_>>,
) -> SheetPart {
    let base = format!("{SECTION}/{}", view.line.id);
    let mut blocks = Vec::new();
    if view.line.grants.is_empty() {
        blocks.push(Block::Note(Tone::Quiet, "They hold no role in the programme or in a project.".into()));
    } else {
        let rows = view.line.grants.iter().map(|grant| {
            vec![
                Cell::Text(words::capitalised(words::role(grant.role)).into()),
                Cell::Text(scope_in_words(&grant.scope, projects).into()),
                Cell::Badge(standing(grant, now)),
                Cell::Moment(Moment::of(grant.from)),
                grant.until.map_or(Cell::Text("no end".into()), |until| Cell::Moment(Moment::of(until))),
            ]
        });
        blocks.push(table("Roles", &["Role", "Where", "Now", "From", "Until"], rows.collect()));
    }
    let entry = Entry::new(trouble, "give-role");
    let mut actions = vec![ActionForm {
        open: view.line.grants.is_empty() || entry.is_refused(),
        ..super::form(
            "give-role",
            "Offer a role",
            "They are told by mail and take it on or decline; until then it gives nothing. You assign coordinators alone. Other \
             roles reach further, so a second person approves them.",
            &format!("{base}/roles"),
            forms,
            vec![
                entry.select_of(
                    "role",
                    "Role",
                    &GIVEN.iter().map(|(role, ..)| role_choice(*role)).collect::<Vec<_>>(),
                ),
                entry.select_of("scope", "Where", &scope_choices(projects)),
                entry.date(
                    "from",
                    "From which day",
                    "From the beginning of that day (UTC). Empty for at once.",
                ),
                entry.date("until", "To which day", "To the end of that day (UTC). Empty for no end."),
                entry.line("reason", "Reason", "Needed where a second person approves: they read it."),
            ],
        )
    }];
    for (number, grant) in view.line.grants.iter().enumerate() {
        let id = format!("end-role-{}", number + 1);
        let entry = Entry::new(trouble, &id);
        let title = format!(
            "End: {} {}",
            words::role(grant.role),
            scope_in_words(&grant.scope, projects).to_lowercase()
        );
        let why = "At once. Their sessions, tokens, sign-in links and waiting mail end with it, also for what else they hold; \
                   they sign in again for the rest.";
        let fields = vec![
            Field::hidden("role", words::role_name(grant.role)),
            Field::hidden("scope", scope_value(&grant.scope)),
            Field::hidden("form", id.as_str()),
            entry.line("reason", "Reason", "Needed where a second person approves: they read it."),
        ];
        let mut form = super::form(&id, &title, why, &format!("{base}/roles/end"), forms, fields);
        form.grave = true;
        form.open = entry.is_refused();
        actions.push(form);
    }
    blocks.push(Block::Forms(actions));
    SheetPart::new("roles", "Roles", "", blocks)
}

fn account(view: &PersonView, forms: &Forms, trouble: Option<&Trouble<'_>>) -> SheetPart {
    let base = format!("{SECTION}/{}", view.line.id);
    let identities: Vec<String> = view.line.record.identities.iter().map(shown_identity).collect();
    let mut blocks = vec![Block::Facts(vec![
        Fact::text("Name", view.line.record.name.as_str()),
        Fact::text(
            "Reached as",
            if identities.is_empty() { "nothing yet".to_owned() } else { identities.join(", ") },
        ),
        Fact::text("Id", view.line.id.to_string()),
    ])];
    let working: Vec<Vec<Cell>> = view
        .credentials
        .iter()
        .filter(|credential| credential.works)
        .map(|credential| {
            vec![
                Cell::Text(credential_word(credential.kind).into()),
                Cell::Moment(Moment::of(credential.created)),
                credential.expires.map_or(Cell::Text("no end".into()), |end| Cell::Moment(Moment::of(end))),
            ]
        })
        .collect();
    let has_passkeys = view.passkeys > 0;
    if has_passkeys {
        let count = words::counted(u32::try_from(view.passkeys).unwrap_or(u32::MAX), "passkey");
        let text = format!("They have {count}, which they look after on their account page.");
        blocks.push(Block::Note(Tone::Good, text.into()));
    }
    if working.is_empty() && !has_passkeys {
        blocks.push(Block::Note(
            Tone::Quiet,
            "They are not signed in anywhere, and no link waits for them.".into(),
        ));
    } else if !working.is_empty() {
        blocks.push(table("Besides, what works for them now", &["What", "Made", "Until"], working));
    }
    let edit = Entry::new(trouble, "edit");
    let current = identities.join("\n");
    let mut invite = super::form(
        "invite",
        "Make a link that signs them in",
        "It works once, within a day, and is shown to you once. For somebody who has never signed in, or who holds nothing: \
         for everybody else two administrators recover a lost sign-in.",
        &format!("{base}/link"),
        forms,
        Vec::new(),
    );
    if !view.linkable {
        invite.disabled = Some(
            "They have signed in before and hold something, so nobody alone makes them a link. If they lost their passkeys, \
             propose below that they begin with new ones."
                .into(),
        );
    }
    let mut change = super::form(
        "edit",
        "Change name or identities",
        "The ledger notes that something was changed, and neither name nor address.",
        &base,
        forms,
        vec![
            edit.line_or("name", "Name", "", &view.line.record.name).required(),
            edit.area_or("identities", "Mail addresses and accounts on forges", "One a line.", 3, &current),
        ],
    );
    change.open = edit.is_refused();
    let data_entry = Entry::new(trouble, "data");
    let acts = vec![
        ("export".to_owned(), "Give out what is stored about them, without contents of cases".to_owned()),
        ("erase".to_owned(), "Erase it".to_owned()),
    ];
    let mut data = super::form(
        "data",
        "Propose to give out or erase their data",
        "Two administrators decide. Whoever has an account does both for themselves under \u{201c}What the desk holds about \
         you\u{201d}.",
        &format!("{base}/data"),
        forms,
        vec![
            data_entry.select_of("act", "What", &acts),
            data_entry.area("reason", "Reason", "Whoever approves it reads this.", 3).required(),
        ],
    );
    data.open = data_entry.is_refused();
    let lost_entry = Entry::new(trouble, "lost-passkeys");
    let recovery = if let Some(due) = view.recovery {
        blocks.push(Block::Note(
            Tone::Warning,
            format!(
                "Two administrators agreed that they lost their passkeys. At {} their passkeys and sessions end, and a link to make \
                 new ones goes to their first mail address; they were told on every address.",
                due.for_people()
            )
            .into(),
        ));
        super::form(
            "stop-recovery",
            "Stop the replacement of their passkeys",
            "Their passkeys go on working. They and all administrators are told.",
            &format!("{base}/recovery/stop"),
            forms,
            Vec::new(),
        )
    } else {
        let mut lost = super::form(
            "lost-passkeys",
            "Propose that they begin with new passkeys",
            "For somebody who lost theirs. Make sure by a call or in person that it is they who ask. Another administrator agrees, \
             neither of the two may be the person, and after a wait in which anybody concerned can stop it they get a link.",
            &format!("{base}/recovery"),
            forms,
            vec![
                lost_entry
                    .area("reason", "Reason", "Whoever approves it reads this: how you made sure.", 3)
                    .required(),
            ],
        );
        lost.open = lost_entry.is_refused();
        lost
    };
    blocks.push(Block::Forms(vec![invite, recovery, change, data]));
    SheetPart::new("account", "Account", "", blocks)
}

/// Changes name and identities.
pub(super) async fn edit(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        let id: PersonId = visit.parameter("person")?;
        let done = async { visit.desk().edit_person_as(&visit.visitor.actor, id, person_of(&fields)?).await };
        outcome(&visit, "edit", &fields, done.await.map(|()| format!("{SECTION}/{id}?done=saved"))).await
    };
    visit.answer(page.await)
}

/// Makes a sign-in link and shows it once.
pub(super) async fn link(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        let id: PersonId = visit.parameter("person")?;
        match visit.desk().invite_person_as(&visit.visitor.actor, id).await {
            Ok(secret) => {
                let address = format!("{}/sign-in/{}", visit.desk().settings().public_url, secret.reveal());
                Ok(html(StatusCode::OK, &shown(&visit, None, Some(&address)).await?))
            }
            Err(error) => outcome(&visit, "invite", &fields, Err(error)).await,
        }
    };
    visit.answer(page.await)
}

/// Offers a role.
pub(super) async fn give(visit: Visit) -> Response {
    let page = async { change_role(&visit, true).await };
    visit.answer(page.await)
}

/// Ends a role.
pub(super) async fn end(visit: Visit) -> Response {
    let page = async { change_role(&visit, false).await };
    visit.answer(page.await)
}

async fn change_role(visit: &Visit, gives: bool) -> Result<Response, UseCaseError> {
    let fields = visit.fields()?;
    let id: PersonId = visit.parameter("person")?;
    let done = async {
        let (scope, change) = read_change(id, gives, &fields)?;
        let reason = fields.get("reason").map(String::as_str).unwrap_or_default();
        visit.desk().change_role_as(&visit.visitor.actor, &scope, change, reason, &key(&fields)?).await
    };
    let named = fields.get("form").map_or("give-role", String::as_str).to_owned();
    let done = done.await.map(|outcome| match outcome {
        RoleOutcome::Done => format!("{SECTION}/{id}?done={}", if gives { "offered" } else { "ended" }),
        RoleOutcome::Proposed(proposal) => format!("/admin/proposals/{proposal}"),
    });
    outcome(visit, &named, &fields, done).await
}

/// Reads what becomes of a role from a form.
pub(super) fn read_change(
    person: PersonId,
    gives: bool,
    fields: &BTreeMap<String, String>,
) -> Result<(Scope, RoleChange), UseCaseError> {
    let text = |name: &str| fields.get(name).map(|value| value.trim()).unwrap_or_default();
    let invalid = |field: &str, reason: &str| UseCaseError::Invalid {
        field: field.to_owned(),
        reason: reason.to_owned(),
        remedy: "Choose one of the list.".to_owned(),
    };
    let role = words::role_of(text("role")).ok_or_else(|| invalid("role", "this is no role"))?;
    let scope = match text("scope").strip_prefix("project:") {
        Some(name) => {
            Scope::Project(name.parse::<ProjectName>().map_err(|_| invalid("scope", "this is no project"))?)
        }
        None if text("scope") == "programme" => Scope::Programme,
        None => return Err(invalid("scope", "this is neither the programme nor a project")),
    };
    let moment = |name: &str, later: Span| match text(name) {
        "" => Ok(None),
        text => day_or_moment(text, later).map(Some).ok_or_else(|| UseCaseError::Invalid {
            field: name.to_owned(),
            reason: "this is no day".to_owned(),
            remedy: "Choose a day, or write it like 2027-01-31.".to_owned(),
        }),
    };
    // The day on which a role ends belongs to it.
    let (from, until) = (moment("from", Span::hours(0))?, moment("until", Span::days(1))?);
    Ok((scope, RoleChange { person, role, gives, from, until }))
}

/// A day as the date field of a browser sends it, its beginning moved by `later`; or an instant with its zone, as it is.
fn day_or_moment(text: &str, later: Span) -> Option<Instant> {
    let day = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if day { Some(format!("{text}T00:00:00Z").parse::<Instant>().ok()? + later) } else { text.parse().ok() }
}

/// What was done, for the page that is shown then.
fn done_in_words(done: &str) -> Option<&'static str> {
    Some(match done {
        "saved" => "Saved: name and addresses are as they stand below.",
        "added" => "Added. Give them a role next, and make a link that signs them in.",
        "offered" => {
            "Offered. The role begins when they take it on; mail tells them, where this desk sends any."
        }
        "ended" => "The role has ended, and with it their sessions, tokens and links.",
        "stopped" => "Stopped. Their passkeys go on working; they and all administrators are told.",
        _ => return None,
    })
}

/// Where to go after something was done, or the person's page with the form again.
async fn outcome(
    visit: &Visit,
    form: &str,
    fields: &BTreeMap<String, String>,
    done: Result<String, UseCaseError>,
) -> Result<Response, UseCaseError> {
    match done {
        Ok(address) => Ok(see(&address)),
        Err(error) if Trouble::shows(&error) => {
            let trouble = Trouble { form, values: fields, error: &error };
            Ok(html(crate::error::status(&error), &shown(visit, Some(&trouble), None).await?))
        }
        Err(error) => Err(error),
    }
}

/// Proposes to give out or to erase what is stored about somebody.
pub(super) async fn data(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        let person: PersonId = visit.parameter("person")?;
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let erases = text("act") == "erase";
        let change =
            if erases { Proposed::ErasePerson { person } } else { Proposed::ExportPerson { person } };
        let done = async {
            visit
                .desk()
                .propose(&visit.visitor.actor, change, text("reason"), None, Some(&key(&fields)?))
                .await
        };
        let done = done.await.map(|id| format!("/admin/proposals/{id}"));
        outcome(&visit, "data", &fields, done).await
    };
    visit.answer(page.await)
}

/// Proposes that somebody who lost their passkeys begins with new ones.
pub(super) async fn lost_passkeys(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        let person: PersonId = visit.parameter("person")?;
        let reason = fields.get("reason").map(String::as_str).unwrap_or_default();
        let change = Proposed::RecoverPasskeys { person };
        let done = async {
            visit.desk().propose(&visit.visitor.actor, change, reason, None, Some(&key(&fields)?)).await
        };
        let done = done.await.map(|id| format!("/admin/proposals/{id}"));
        outcome(&visit, "lost-passkeys", &fields, done).await
    };
    visit.answer(page.await)
}

/// Stops a replacement of passkeys that waits.
pub(super) async fn stop_recovery(visit: Visit) -> Response {
    let page = async {
        let person: PersonId = visit.parameter("person")?;
        visit.desk().stop_recovery(&visit.visitor.actor, person).await?;
        Ok(see(&format!("{SECTION}/{person}?done=stopped")))
    };
    visit.answer(page.await)
}

fn credential_word(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::ApiToken => "token for programs",
        CredentialKind::Session => "signed-in browser",
        CredentialKind::SignInLink => "link that signs in once",
        CredentialKind::ReporterLink => "link to a report",
    }
}

fn role_choice(role: Role) -> (String, String) {
    (words::role_name(role), words::capitalised(words::role(role)))
}

fn scope_choices(projects: &[ProjectRecord]) -> Vec<(String, String)> {
    let mut choices: Vec<(String, String)> =
        projects.iter().map(|project| (format!("project:{}", project.name), project.title.clone())).collect();
    choices.push(("programme".to_owned(), "The whole programme".to_owned()));
    choices
}

fn scope_value(scope: &Scope) -> String {
    match scope {
        Scope::Programme => "programme".to_owned(),
        Scope::Project(project) => format!("project:{project}"),
        Scope::Case(case) => format!("case:{case}"),
    }
}

fn scope_in_words(scope: &Scope, projects: &[ProjectRecord]) -> String {
    match scope {
        Scope::Programme => "The whole programme".to_owned(),
        Scope::Project(name) => {
            let found = projects.iter().find(|project| project.name == *name);
            found.map_or_else(|| name.to_string(), |project| project.title.clone())
        }
        Scope::Case(_) => "A case".to_owned(),
    }
}

/// How a role stands at this moment.
pub(super) fn standing(grant: &Grant, now: Instant) -> Badge {
    let ended = grant.until.is_some_and(|until| until <= now);
    let (words, tone) = match (grant.confirmed, ended, grant.from > now) {
        (_, true, _) => ("ended", Tone::Quiet),
        (false, ..) => ("offered, not taken on", Tone::Warning),
        (true, false, true) => ("begins later", Tone::Progress),
        (true, false, false) => ("in force", Tone::Good),
    };
    Badge::new(words, tone)
}

fn roles_in_words(grants: &[Grant], now: Instant) -> String {
    let words: Vec<String> = grants
        .iter()
        .map(|grant| {
            let place = match &grant.scope {
                Scope::Programme => String::new(),
                Scope::Project(project) => format!(" of {project}"),
                Scope::Case(_) => " of a case".to_owned(),
            };
            let note = if grant.holds(now) { "" } else { " (not in force)" };
            format!("{}{place}{note}", words::role(grant.role))
        })
        .collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}
