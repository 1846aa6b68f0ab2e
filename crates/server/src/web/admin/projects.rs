//! Projects: the list, one project with what is left to do, its people, its rules and their history.

use axum::{http::StatusCode, response::Response};
use bastide_desk::{policy, project, threat};
use bastide_model::{id::PersonId, party::ProjectName};
use bastide_pages::{
    admin::{Block, Cell, CheckItem, Sheet, SheetPart},
    desk::Difference,
    part::{EmptyState, Link, Moment, Tone},
};
use bastide_usecases::{
    ProjectVersion, SetUpStep, UseCaseError, WrittenRules,
    proposal::{Proposed, kind::RoleChange},
};
use std::{collections::BTreeMap, fmt::Write as _};

use super::{Entry, Trouble, people::standing, sheet, table};
use crate::web::{
    difference,
    forms::Forms,
    request::{Visit, html, key, see},
    words,
};

const SECTION: &str = "/admin/projects";

/// The projects that the visitor administers.
pub(super) async fn list(visit: Visit) -> Response {
    let page = async {
        let desk = visit.desk();
        let mut rows = Vec::new();
        for project in desk.projects().await? {
            match desk.project_steps(&visit.visitor.actor, &project.name).await {
                Ok(steps) => {
                    let left = steps.iter().filter(|(_, done)| !done).count();
                    let left = if left == 0 { "nothing".to_owned() } else { left.to_string() };
                    rows.push(vec![
                        Cell::Link(Link::new(project.title.as_str(), format!("{SECTION}/{}", project.name))),
                        Cell::Text(project.name.as_str().into()),
                        Cell::Text(left.into()),
                    ]);
                }
                Err(UseCaseError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let programme = super::runs_the_programme(&visit);
        if rows.is_empty() && !programme {
            return Err(UseCaseError::NotFound);
        }
        let mut page =
            sheet(&visit, SECTION, "Projects", "What each project promises, and who looks after it.");
        let blocks = if rows.is_empty() {
            vec![Block::Empty(EmptyState {
                what: "No project takes part yet.".into(),
                why: "Reports can be sent as soon as there is one. It takes one page and a few minutes."
                    .into(),
                next: Vec::new(),
            })]
        } else {
            vec![table("Projects", &["Project", "Name in addresses", "Left to do"], rows)]
        };
        page.parts.push(SheetPart::new("list", "Projects of the programme", "", blocks));
        if programme {
            let left = left_for_oneself(&visit).await?;
            if !left.is_empty() {
                page.parts.push(SheetPart::new(
                    "left",
                    "Left to do for you",
                    "",
                    vec![Block::Checklist(left)],
                ));
            }
            let links = vec![Link::new("Take a project in", "/admin/onboarding")];
            page.parts.push(SheetPart::new("new", "A new project", "", vec![Block::Links(links)]));
        }
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// What whoever runs the programme still has to do for themselves.
async fn left_for_oneself(visit: &Visit) -> Result<Vec<CheckItem>, UseCaseError> {
    let (reached, second) = visit.desk().own_steps(&visit.visitor.actor).await?;
    let mut left = Vec::new();
    if !reached {
        left.push(CheckItem {
            done: false,
            what: "A mail address of your own".into(),
            why: "Without one nobody can tell you what is due, and a link to new passkeys could go nowhere."
                .into(),
            link: Some(Link::new("Add it", "/account/address")),
        });
    }
    if !second {
        left.push(CheckItem {
            done: false,
            what: "A second administrator".into(),
            why: "What takes two persons cannot be done before. While you are the only one, lost passkeys are replaced on the \
                  desk's machine only: bastide admin lost-passkeys."
                .into(),
            link: Some(Link::new("People", "/admin/people")),
        });
    }
    Ok(left)
}

/// One project.
pub(super) async fn show(visit: Visit) -> Response {
    let page = async { shown(&visit, None).await.map(|page| html(StatusCode::OK, &page)) };
    visit.answer(page.await)
}

async fn shown(visit: &Visit, trouble: Option<&Trouble<'_>>) -> Result<Sheet, UseCaseError> {
    let name: ProjectName = visit.parameter("project")?;
    let (desk, actor) = (visit.desk(), &visit.visitor.actor);
    let steps = desk.project_steps(actor, &name).await?;
    let people = desk.project_people(actor, &name).await?;
    let versions = desk.project_versions(actor, &name).await?;
    let facts = desk.project(&name).await?;
    let now = visit.now();
    let mut page = sheet(visit, SECTION, &facts.record.title, "");
    page.back = Some(Link::new("All projects", SECTION));
    page.trouble = Trouble::words(trouble);
    let links = vec![
        Link::new("What reporters see", format!("/projects/{name}")),
        Link::new("The report form", format!("/projects/{name}/report")),
        Link::new("security.txt", format!("/projects/{name}/security.txt")),
        Link::new("Change the rules", format!("{SECTION}/{name}/edit")),
    ];
    let mut items: Vec<CheckItem> = steps.iter().map(|(step, done)| item(*step, *done, &name)).collect();
    items.push(CheckItem {
        done: false,
        what: "A test report".into(),
        why: "Send one as a reporter would, answer it and close it as no vulnerability. This list cannot tell when you did: \
              it knows nothing of cases."
            .into(),
        link: Some(Link::new("The report form", format!("/projects/{name}/report"))),
    });
    page.parts.push(SheetPart::new(
        "left",
        "What is left to do",
        "",
        vec![Block::Checklist(items), Block::Links(links)],
    ));
    let rows: Vec<Vec<Cell>> = people
        .iter()
        .map(|(person, called, grant)| {
            let who = if super::runs_the_programme(visit) {
                Cell::Link(Link::new(called.as_str(), format!("/admin/people/{person}")))
            } else {
                Cell::Text(called.as_str().into())
            };
            vec![
                who,
                Cell::Text(words::capitalised(words::role(grant.role)).into()),
                Cell::Badge(standing(grant, now)),
                grant.until.map_or(Cell::Text("no end".into()), |until| Cell::Moment(Moment::of(until))),
            ]
        })
        .collect();
    let mut blocks = if rows.is_empty() {
        vec![Block::Note(
            Tone::Warning,
            "Nobody holds a role in this project yet, so nobody reads its reports.".into(),
        )]
    } else {
        vec![table("Roles in this project", &["Name", "Role", "Now", "Until"], rows)]
    };
    blocks.push(Block::Forms(vec![role_form(&name, trouble)]));
    page.parts.push(SheetPart::new("people", "People", "", blocks));
    page.parts.push(history(&versions));
    Ok(page)
}

fn role_form(name: &ProjectName, trouble: Option<&Trouble<'_>>) -> bastide_pages::part::ActionForm {
    let entry = Entry::new(trouble, "role");
    let roles: Vec<(String, String)> = bastide_usecases::proposal::kind::GIVEN
        .iter()
        .filter(|(_, project, _)| *project)
        .map(|(role, ..)| (words::role_name(*role), words::capitalised(words::role(*role))))
        .collect();
    let acts = vec![("give".to_owned(), "Offer it".to_owned()), ("end".to_owned(), "End it".to_owned())];
    let mut form = super::form(
        "role",
        "Propose to change a role",
        "A second person with the same right approves it; whoever runs the programme assigns coordinators alone.",
        &format!("{SECTION}/{name}/roles"),
        &Forms::fresh(),
        vec![
            entry.select_of("act", "What", &acts),
            entry
                .line("person", "Person", "Their id, person-…, from their account page or an administrator.")
                .required(),
            entry.select_of("role", "Role", &roles),
            entry.date("until", "To which day", "To the end of that day (UTC). Empty for no end."),
            entry.line("reason", "Reason", "Whoever approves it reads this."),
        ],
    );
    form.open = entry.is_refused();
    form
}

/// Changes a role in the project, alone or by a proposal.
pub(super) async fn change_role(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        let name: ProjectName = visit.parameter("project")?;
        let text = |field: &str| fields.get(field).map(|value| value.trim()).unwrap_or_default();
        let done = async {
            let person: PersonId = text("person").parse().map_err(|_| UseCaseError::Invalid {
                field: "person".to_owned(),
                reason: "this is no person's id".to_owned(),
                remedy: "It begins with person- and stands on their account page.".to_owned(),
            })?;
            let mut fields = fields.clone();
            fields.insert("scope".to_owned(), format!("project:{name}"));
            let (scope, change): (_, RoleChange) =
                super::people::read_change(person, text("act") == "give", &fields)?;
            let actor = &visit.visitor.actor;
            visit.desk().change_role_as(actor, &scope, change, text("reason"), &key(&fields)?).await
        };
        match done.await {
            Ok(bastide_usecases::RoleOutcome::Done) => Ok(see(&format!("{SECTION}/{name}"))),
            Ok(bastide_usecases::RoleOutcome::Proposed(id)) => Ok(see(&format!("/admin/proposals/{id}"))),
            Err(error) if Trouble::shows(&error) => {
                let trouble = Trouble { form: "role", values: &fields, error: &error };
                Ok(html(crate::error::status(&error), &shown(&visit, Some(&trouble)).await?))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(page.await)
}

fn item(step: SetUpStep, done: bool, name: &ProjectName) -> CheckItem {
    let edit = || Some(Link::new("Change the rules", format!("{SECTION}/{name}/edit")));
    let people = || Some(Link::new("People", "/admin/people"));
    let (what, why, link) = match step {
        SetUpStep::Coordinator => (
            "A coordinator who has taken the role on",
            "Nobody reads reports until then. Somebody who was offered the role takes it on after signing in.",
            people(),
        ),
        SetUpStep::SecondCoordinator => {
            ("A second coordinator", "One person alone cannot publish, and goes on holiday.", people())
        }
        SetUpStep::Mail => ("A mail address for reports", "For those who do not like forms.", edit()),
        SetUpStep::Key => ("A key for encrypted mail", "At an address that does not change.", edit()),
        SetUpStep::Packages => {
            ("The packages it releases", "So that advisories name what people install.", edit())
        }
        SetUpStep::Versions => (
            "The versions it supports",
            "So that reporters learn before they write whether a version counts.",
            edit(),
        ),
        SetUpStep::ThreatModel => (
            "A threat model of its own",
            "What counts as a vulnerability here. Most reports that are none are about this.",
            edit(),
        ),
        SetUpStep::ConductContact => ("Somebody to write to about conduct", "", edit()),
    };
    CheckItem {
        done,
        what: what.into(),
        why: if done { "".into() } else { why.into() },
        link: link.filter(|_| !done),
    }
}

fn history(versions: &[ProjectVersion]) -> SheetPart {
    let mut blocks = Vec::new();
    for (index, version) in versions.iter().enumerate().rev() {
        let by = version.by.as_deref().unwrap_or("the operator of the machine");
        let who = match &version.proposed_by {
            Some(proposer) => format!("proposed by {proposer}, approved by {by}"),
            None => format!("by {by}"),
        };
        let title = format!("Version {} of {}, {who}", version.number, version.at.for_people());
        let Some(record) = &version.record else {
            blocks.push(Block::Note(Tone::Quiet, format!("{title}: its text was not kept.").into()));
            continue;
        };
        let earlier = index.checked_sub(1).and_then(|index| versions.get(index)?.record.as_ref());
        let Some(earlier) = earlier else {
            blocks.push(Block::Note(Tone::Quiet, format!("{title}: the first version.").into()));
            continue;
        };
        let lines = difference::lines(&whole(earlier), &whole(record))
            .into_iter()
            .filter(|line| line.change != bastide_pages::desk::LineChange::Same);
        blocks.push(Block::Difference(Difference { title: title.into(), lines: lines.collect() }));
    }
    let intro = "Each version is kept. A case keeps the rules of the day on which it began.";
    SheetPart::new("history", "Versions of the rules", intro, blocks)
}

/// Everything of a version as one text.
fn whole(record: &bastide_usecases::ProjectRecord) -> String {
    let rules = record.written.clone().unwrap_or_default();
    let mut text = format!("Title: {}\n", record.title);
    if let Some(contact) = &record.conduct_contact {
        let _ = writeln!(text, "Contact for conduct: {contact}");
    }
    if let Some(product) = &rules.product {
        let _ = writeln!(text, "Product: {product}");
    }
    text + &format!("{}\n{}\n{}\n", rules.policy, rules.threat_model, rules.supports)
}

/// The form in which the rules are changed.
pub(super) async fn edit_form(visit: Visit) -> Response {
    let page = async { editing(&visit, None).await.map(|page| html(StatusCode::OK, &page)) };
    visit.answer(page.await)
}

async fn editing(visit: &Visit, trouble: Option<&Trouble<'_>>) -> Result<Sheet, UseCaseError> {
    let name: ProjectName = visit.parameter("project")?;
    let facts = visit.desk().project(&name).await?;
    let rules = facts.written();
    let product = rules.product.as_ref().map(ToString::to_string).unwrap_or_default();
    let entry = Entry::new(trouble, "edit");
    let mut page = sheet(
        visit,
        SECTION,
        &format!("Change the rules of {}", facts.record.title),
        "Nothing changes before a second person has read and approved the difference. Open cases keep their rules.",
    );
    page.back = Some(Link::new(facts.record.title.as_str(), format!("{SECTION}/{name}")));
    page.trouble = Trouble::words(trouble);
    let conduct = facts.record.conduct_contact.clone().unwrap_or_default();
    let form = super::form(
        "edit",
        "Propose these rules",
        "",
        &format!("{SECTION}/{name}/edit"),
        &Forms::fresh(),
        vec![
            entry.line_or("title", "Title", "The name that people read.", &facts.record.title).required(),
            entry.line_or(
                "conduct-contact",
                "Contact for conduct",
                "A mail address or https address.",
                &conduct,
            ),
            entry.code(
                "policy",
                "Disclosure policy",
                "TOML. It may inherit a built-in policy.",
                18,
                &rules.policy,
            ),
            entry.code(
                "threat-model",
                "Threat model",
                "TOML. Its name is the one that the policy calls for.",
                18,
                &rules.threat_model,
            ),
            entry.code(
                "supports",
                "Supported versions and platforms",
                "TOML; empty where they are not known.",
                12,
                &rules.supports,
            ),
            entry.line_or(
                "product",
                "Product",
                "Which product of that file; empty where it has one.",
                &product,
            ),
            entry.area("reason", "Reason", "Whoever approves it reads this.", 3).required(),
        ],
    );
    page.parts.push(SheetPart::new("rules", "Rules", "", vec![Block::Form(Box::new(form))]));
    let intro = "Three built-in files, as examples of what can be said. A file of yours may inherit one of them and say only what \
                 is different.";
    let mut examples = Vec::new();
    let files = [
        ("A disclosure policy", policy::builtin_text("default")),
        ("A threat model", threat::builtin_text("default")),
        ("Supported versions", project::builtin_text("jupyter")),
    ];
    for (title, text) in files {
        let Some(text) = text else { continue };
        examples.push(Block::Note(Tone::Quiet, format!("{title}:").into()));
        examples.push(Block::Verbatim(text.into()));
    }
    page.parts.push(SheetPart::new("examples", "Examples", intro, examples));
    Ok(page)
}

/// Proposes changed rules.
pub(super) async fn edit(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        let name: ProjectName = visit.parameter("project")?;
        let done = async {
            let change = proposed(&name, &fields)?;
            let reason = fields.get("reason").map(String::as_str).unwrap_or_default();
            visit.desk().propose(&visit.visitor.actor, change, reason, None, Some(&key(&fields)?)).await
        };
        match done.await {
            Ok(id) => Ok(see(&format!("/admin/proposals/{id}"))),
            Err(error) if Trouble::shows(&error) => {
                let trouble = Trouble { form: "edit", values: &fields, error: &error };
                Ok(html(crate::error::status(&error), &editing(&visit, Some(&trouble)).await?))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(page.await)
}

fn proposed(name: &ProjectName, fields: &BTreeMap<String, String>) -> Result<Proposed, UseCaseError> {
    let text = |field: &str| fields.get(field).map(|value| value.replace("\r\n", "\n")).unwrap_or_default();
    let product = match text("product").trim() {
        "" => None,
        product => Some(product.parse().map_err(|_| UseCaseError::Invalid {
            field: "product".to_owned(),
            reason: "this is no short name".to_owned(),
            remedy: "Write the product's name of the file, in small letters.".to_owned(),
        })?),
    };
    let conduct = text("conduct-contact").trim().to_owned();
    Ok(Proposed::EditProject {
        project: name.clone(),
        title: text("title").trim().to_owned(),
        conduct_contact: (!conduct.is_empty()).then_some(conduct),
        rules: Box::new(WrittenRules {
            policy: text("policy"),
            threat_model: text("threat-model"),
            supports: text("supports"),
            product,
        }),
    })
}
