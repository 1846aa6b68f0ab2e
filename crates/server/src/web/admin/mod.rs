//! Administration: people, projects, the programme, and changes that need two persons. No page here shows anything of
//! a case.
//!
//! All pages are sheets (`bastide_pages::admin::Sheet`); [`sheet`] makes the frame with the sections that the visitor
//! may open. A new section stands in [`SECTIONS`] with who sees it.

mod onboarding;
mod operations;
mod people;
mod projects;
pub(super) mod proposal_words;
mod proposals;
mod roles;

use bastide_authz::{Action, Actor, Object, Role};
use bastide_pages::{
    NavigationLink, Text,
    admin::{Block, Cell, Sheet, SheetTable},
    part::{ActionForm, Choice, Control, Field, TextKind},
};
use bastide_usecases::UseCaseError;
use std::collections::BTreeMap;

use super::{forms::Forms, message, request::Visit};
use crate::{App, guard::Guard, routes::Routes};

/// Who sees a section at the side. The page behind it asks for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Whoever runs the programme.
    Programme,
    /// Whoever runs the programme or a project.
    Administrators,
    /// Everybody who may be asked to be the second person.
    Seconds,
}

/// The sections, in order: what people read, where it is, who sees it.
const SECTIONS: &[(&str, &str, For)] = &[
    ("Projects", "/admin/projects", For::Administrators),
    ("People", "/admin/people", For::Programme),
    ("Two persons", "/admin/proposals", For::Seconds),
    ("Operations", "/admin/operations", For::Programme),
];

/// Adds the pages of administration.
pub(super) fn add(routes: &mut Routes) {
    let own = Guard::Own(Action::OwnAccount);
    let (see, decide) = (Guard::Proposal { decides: false }, Guard::Proposal { decides: true });
    routes.get("/admin", own, proposals::start);
    let read = Guard::Programme(Action::ReadAdministration);
    let act = Guard::Programme(Action::Administer);
    routes.get("/admin/people", read, people::list);
    routes.post("/admin/people", act, people::add);
    routes.get("/admin/people/{person}", read, people::show);
    routes.post("/admin/people/{person}", act, people::edit);
    routes.post("/admin/people/{person}/link", act, people::link);
    routes.post("/admin/people/{person}/roles", act, people::give);
    routes.post("/admin/people/{person}/roles/end", act, people::end);
    routes.get("/admin/onboarding", read, onboarding::form);
    routes.post("/admin/onboarding", act, onboarding::send);
    routes.get("/admin/projects", own, projects::list);
    let people_data = Guard::Programme(Action::Administer);
    routes.post("/admin/people/{person}/recovery", people_data, people::lost_passkeys);
    routes.post("/admin/people/{person}/recovery/stop", people_data, people::stop_recovery);
    routes.post("/admin/people/{person}/data", people_data, people::data);
    let (read, edit) = (Guard::Project(Action::ReadAdministration), Guard::Project(Action::EditProject));
    routes.get("/admin/projects/{project}", read, projects::show);
    routes.post("/admin/projects/{project}/roles", edit, projects::change_role);
    routes.get("/admin/projects/{project}/edit", read, projects::edit_form);
    routes.post("/admin/projects/{project}/edit", edit, projects::edit);
    routes.get("/admin/proposals/{proposal}/outcome", decide, proposals::outcome);
    // Who has just taken a role on that asks for a passkey reads here that one is missing.
    routes.get("/roles", Guard::Account(Action::OwnAccount), roles::show);
    routes.post("/roles", own, roles::answer);
    routes.get("/admin/proposals", own, proposals::list);
    routes.get("/admin/proposals/{proposal}", see, proposals::show);
    for decision in bastide_usecases::proposal::Decision::ALL {
        let path = format!("/admin/proposals/{{proposal}}/{}", decision.name());
        routes.post(&path, decide, move |visit| proposals::decide(decision, visit));
    }
    let operator = Guard::Programme(Action::Operate);
    routes.get("/admin/operations", operator, operations::show);
    routes.post("/admin/operations/hold", operator, operations::hold);
    routes.post("/admin/operations/release", operator, operations::release);
    routes.post("/admin/operations/dead-letters/{message}", operator, operations::decide);
}

/// Whether somebody has pages of administration at all: then the navigation leads there.
pub(super) fn administers(app: &App, actor: &Actor) -> bool {
    SECTIONS.iter().any(|(_, _, whose)| sees(app, actor, *whose))
}

fn sees(app: &App, actor: &Actor, whose: For) -> bool {
    let programme = app.desk().permit(actor, Action::ReadAdministration, Object::Programme).is_ok();
    let now = app.desk().now();
    let holds =
        |wanted: &[Role]| actor.grants.iter().any(|grant| grant.holds(now) && wanted.contains(&grant.role));
    match whose {
        For::Programme => programme,
        For::Administrators => programme || holds(&[Role::ProjectAdmin]),
        For::Seconds => programme || holds(&[Role::ProjectAdmin, Role::Coordinator]),
    }
}

/// A sheet without parts, in the section at this address.
fn sheet(visit: &Visit, section: &str, heading: &str, lead: &str) -> Sheet {
    let shown = SECTIONS.iter().filter(|(_, _, whose)| sees(&visit.app, &visit.visitor.actor, *whose));
    Sheet {
        shell: visit.shell(),
        sections: shown
            .map(|(label, href, _)| NavigationLink {
                label: (*label).into(),
                href: (*href).into(),
                current: *href == section,
            })
            .collect(),
        heading: heading.into(),
        lead: lead.into(),
        back: None,
        trouble: "".into(),
        parts: Vec::new(),
    }
}

/// Whether the visitor runs the programme.
pub(super) fn runs_the_programme(visit: &Visit) -> bool {
    sees(&visit.app, &visit.visitor.actor, For::Programme)
}

/// A table.
pub(super) fn table(caption: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Block {
    let columns = columns.iter().map(|column| (*column).into()).collect();
    Block::Table(SheetTable { caption: caption.into(), columns, rows })
}

/// A form.
fn form(id: &str, title: &str, why: &str, action: &str, forms: &Forms, fields: Vec<Field>) -> ActionForm {
    ActionForm::new(id, title, action, forms.tokens()).because(why).asking(fields)
}

/// A form that was sent and refused.
#[derive(Debug)]
struct Trouble<'a> {
    /// Which form of the page.
    form: &'a str,
    /// What was sent.
    values: &'a BTreeMap<String, String>,
    /// What is wrong.
    error: &'a UseCaseError,
}

impl Trouble<'_> {
    /// Whether an error is about what was written, so that the form is shown again.
    fn shows(error: &UseCaseError) -> bool {
        message::at_fields(error).is_some()
    }

    /// What stands above the page; the fields say what is wrong. What is about no field stands here, too.
    fn words(trouble: Option<&Self>) -> Text {
        let Some(trouble) = trouble else { return "".into() };
        let remark = match trouble.error {
            UseCaseError::Rules { problems } => {
                format!(
                    "The rules have {}.",
                    super::words::counted(u32::try_from(problems.len()).unwrap_or(99), "mistake")
                )
            }
            error => format!("{}.", super::words::capitalised(error.to_string().trim_end_matches('.'))),
        };
        format!("Nothing was changed. {remark}").into()
    }
}

/// Makes the fields of one form: with what was sent and what is wrong with it, when it was refused.
#[derive(Debug)]
struct Entry<'a> {
    trouble: Option<&'a Trouble<'a>>,
    values: Option<&'a BTreeMap<String, String>>,
}

impl<'a> Entry<'a> {
    /// The fields of this form.
    fn new(trouble: Option<&'a Trouble<'a>>, form: &str) -> Self {
        let trouble = trouble.filter(|trouble| trouble.form == form);
        Self { trouble, values: trouble.map(|trouble| trouble.values) }
    }

    /// The fields of this form with what was sent, refused or not.
    fn sent(trouble: Option<&'a Trouble<'a>>, form: &str, values: &'a BTreeMap<String, String>) -> Self {
        Self { values: Some(values), ..Self::new(trouble, form) }
    }

    fn is_refused(&self) -> bool {
        self.trouble.is_some()
    }

    fn value(&self, name: &str) -> &str {
        self.values.and_then(|values| values.get(name)).map_or("", String::as_str)
    }

    fn or<'b>(&'b self, name: &str, current: &'b str) -> &'b str {
        self.values.and_then(|values| values.get(name)).map_or(current, String::as_str)
    }

    /// The field with what is wrong with it. Mistakes of a written file stand at the field that takes the file.
    fn noted(&self, mut field: Field) -> Field {
        let notes = self.trouble.and_then(|trouble| message::at_fields(trouble.error)).unwrap_or_default();
        let name = field.name.as_str().to_owned();
        let files = self.values.is_some_and(|values| values.contains_key(&format!("{name}-file")));
        field.findings = notes
            .into_iter()
            .filter(|note| {
                note.field.as_ref().is_some_and(|wrong| {
                    let wrong = wrong.as_str();
                    let own = wrong == name && (!files || self.value(&format!("{name}-file")).is_empty());
                    let file = name.strip_suffix("-file") == Some(wrong) && !self.value(&name).is_empty();
                    own || file
                        || (wrong == "coordinators" && name == "invited")
                        || (wrong == "identities" && name == "invited")
                })
            })
            .collect();
        field
    }

    fn line(&self, name: &str, label: &str, help: &str) -> Field {
        self.line_or(name, label, help, "")
    }

    fn line_or(&self, name: &str, label: &str, help: &str, current: &str) -> Field {
        self.noted(Field::line(name, label, self.or(name, current)).because(help))
    }

    fn date(&self, name: &str, label: &str, help: &str) -> Field {
        let control = Control::Line { value: self.value(name).into(), kind: TextKind::Date };
        self.noted(Field::new(name, label, control).because(help))
    }

    fn area(&self, name: &str, label: &str, help: &str, rows: u16) -> Field {
        self.area_or(name, label, help, rows, "")
    }

    fn area_or(&self, name: &str, label: &str, help: &str, rows: u16, current: &str) -> Field {
        let value = self.or(name, current).into();
        self.noted(Field::new(name, label, Control::Area { value, rows, code: false }).because(help))
    }

    fn code(&self, name: &str, label: &str, help: &str, rows: u16, current: &str) -> Field {
        let value = self.or(name, current).into();
        self.noted(Field::new(name, label, Control::Area { value, rows, code: true }).because(help))
    }

    fn code_empty(&self, name: &str, label: &str, help: &str, rows: u16) -> Field {
        self.code(name, label, help, rows, "")
    }

    fn select_of(&self, name: &str, label: &str, choices: &[(String, String)]) -> Field {
        let current = self.value(name);
        let choices = choices.iter().map(|(value, label)| Choice::new(value, label, current)).collect();
        self.noted(Field::new(name, label, Control::Select(choices)))
    }
}
