//! One's own roles: what one holds, and what one was offered.

use axum::{http::StatusCode, response::Response};
use bastide_authz::{Grant, Role, Scope};
use bastide_pages::{
    desk::{Message, OneForm, Outcome},
    part::{ActionForm, Field, Link},
};
use bastide_usecases::UseCaseError;

use crate::web::{
    forms::Forms,
    request::{Visit, html, key, see},
    words,
};

/// The first role that waits for an answer, with what it means.
pub(super) async fn show(visit: Visit) -> Response {
    let page = async {
        let grants = visit.desk().own_roles(&visit.visitor.actor).await?;
        let offered = grants
            .iter()
            .find(|grant| !grant.confirmed && grant.until.is_none_or(|until| visit.now() < until));
        let taken = visit.query("taken");
        let taken = words::role_of(&taken)
            .and_then(|role| grants.iter().find(|grant| grant.role == role && grant.confirmed));
        let missing = visit.visitor.actor.confined;
        let grant = match (offered.filter(|_| !missing), taken) {
            (Some(grant), _) => grant,
            (None, Some(grant)) => return Ok(html(StatusCode::OK, &begun(&visit, grant, missing).await?)),
            (None, None) if missing => return Ok(see("/account/passkeys")),
            (None, None) => return Ok(see("/inbox")),
        };
        let place = place(&visit, &grant.scope).await?;
        let until = grant.until.map_or_else(
            || "It has no end; you can give it back at any time.".to_owned(),
            |until| format!("It ends on {}; you can give it back before.", until.for_people()),
        );
        let scope = match &grant.scope {
            Scope::Project(name) => format!("project:{name}"),
            _ => "programme".to_owned(),
        };
        let answers = vec![
            ("yes".to_owned(), "I take it on".to_owned()),
            ("no".to_owned(), "No, thank you".to_owned()),
        ];
        let page = OneForm {
            shell: visit.shell(),
            heading: format!("You are asked to be {} of {place}", words::role(grant.role)).into(),
            lead: format!(
                "{} Until you take it on you see nothing more than before. {until}",
                what_it_does(grant.role)
            )
            .into(),
            form: ActionForm {
                fields: vec![
                    Field::hidden("role", words::role_name(grant.role)),
                    Field::hidden("scope", scope),
                    super::Entry::new(None, "role").select_of("answer", "Your answer", &answers),
                ],
                ..super::form("role", "Answer", "", "/roles", &Forms::fresh(), Vec::new())
            },
            next: vec![Link::new("Later", "/inbox")],
        };
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

async fn place(visit: &Visit, scope: &Scope) -> Result<String, UseCaseError> {
    match scope {
        Scope::Programme => Ok("the whole programme".to_owned()),
        Scope::Project(name) => Ok(visit.desk().project(name).await?.record.title.clone()),
        Scope::Case(_) => Err(UseCaseError::NotFound),
    }
}

/// What a role is for, in a sentence or two, for whoever is asked to take it on.
fn what_it_does(role: Role) -> &'static str {
    match role {
        Role::Coordinator => {
            "A coordinator reads the reports that come in, answers their reporters, decides with the team and keeps the dates; \
             each case begins with what to do next. It needs no security expertise."
        }
        Role::Developer => {
            "A developer reproduces and mends what is reported, in the cases to which a coordinator calls them, and decides the \
             dates together with a coordinator."
        }
        Role::ProjectAdmin => {
            "A project's administrator changes its policy, threat model, versions and roles, together with a second person, and \
             reads no case."
        }
        Role::ProgrammeAdmin => {
            "A programme's administrator takes projects in, adds people, gives roles and looks after the mail. What reaches far \
             takes two. They read no case."
        }
        Role::Auditor => {
            "An auditor reads cases for a purpose that they state and that the case's team sees, and changes nothing."
        }
        Role::ConductTeam => {
            "The conduct team decides about conduct, and sees cases without what is not public yet."
        }
        Role::Cna => "A CNA reserves, publishes and rejects CVE numbers in the cases to which it is called.",
        Role::Board => "The board sees figures of the whole programme and no case.",
        Role::Subscriber => "A subscriber hears of what is published.",
        Role::Reporter | Role::Observer | Role::Service => "",
    }
}

/// What follows when a role was taken on.
async fn begun(visit: &Visit, grant: &Grant, missing: bool) -> Result<Message, UseCaseError> {
    let place = place(visit, &grant.scope).await?;
    let called = words::role(grant.role);
    let mut next = Vec::new();
    if missing {
        next.push(Link::new("Make a passkey", "/account/passkeys"));
    } else {
        if super::administers(&visit.app, &visit.visitor.actor) && grant.role != Role::Coordinator {
            next.push(Link::new("Administration", "/admin"));
        }
        next.push(Link::new("Your inbox", "/inbox"));
        if let Scope::Project(name) = &grant.scope {
            next.push(Link::new("The report form, for a first report", format!("/projects/{name}/report")));
        }
        next.push(Link::new("Your account", "/account"));
    }
    let later = (grant.from > visit.now()).then(|| format!(" It begins on {}.", grant.from.for_people()));
    let why = if missing {
        "One thing is missing: a passkey. The role lets you see or decide what others trust you with, so the desk asks that you \
         make one on this device first."
    } else {
        what_it_does(grant.role)
    };
    Ok(Message {
        shell: visit.shell(),
        outcome: Outcome::Done,
        heading: format!("You are {called} of {place} now").into(),
        what: format!("You took the role on.{}", later.unwrap_or_default()).into(),
        why: why.into(),
        rule: None,
        findings: Vec::new(),
        remedies: Vec::new(),
        next,
        reference: "".into(),
    })
}

/// The answer.
pub(super) async fn answer(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        key(&fields)?;
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let role = words::role_of(text("role")).ok_or(UseCaseError::NotFound)?;
        let scope = match text("scope").strip_prefix("project:") {
            Some(name) => Scope::Project(name.parse().map_err(|_| UseCaseError::NotFound)?),
            None => Scope::Programme,
        };
        let accepts = text("answer") == "yes";
        visit.desk().answer_role(&visit.visitor.actor, role, &scope, accepts).await?;
        Ok(see(&if accepts {
            format!("/roles?taken={}", words::role_name(role))
        } else {
            "/roles".to_owned()
        }))
    };
    visit.answer(page.await)
}
