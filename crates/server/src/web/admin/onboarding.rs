//! Taking a project in: one form, a preview of what reporters will see, then the project's page with what is left.

use axum::{http::StatusCode, response::Response};
use bastide_desk::{policy, project, threat};
use bastide_model::party::{ProjectName, Slug};
use bastide_pages::{
    admin::{Block, Fact, Sheet, SheetPart},
    part::{ActionForm, Button, Choice, Control, Field, Tone},
};
use bastide_usecases::{Coordinator, NewProject, RuleSource, UseCaseError};
use std::collections::BTreeMap;

use super::{Entry, Trouble, sheet};
use crate::web::{
    forms::Forms,
    handlers::public::security_txt_text,
    policy as policy_words,
    request::{Visit, html, key, see},
};

const SECTION: &str = "/admin/projects";
const HERE: &str = "/admin/onboarding";

/// The empty form.
pub(super) async fn form(visit: Visit) -> Response {
    let page = async {
        let page = filled(&visit, &Fields::default(), None, None).await?;
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// Shows what would be, or takes the project in.
pub(super) async fn send(visit: Visit) -> Response {
    let page = async {
        let fields = Fields(visit.pairs()?);
        let values: BTreeMap<String, String> = fields.0.iter().cloned().collect();
        let creates = fields.text("go") != "preview";
        let actor = &visit.visitor.actor;
        let done = async {
            let new = fields.read()?;
            if creates {
                let name = visit.desk().create_project(actor, &new, &key(&values)?).await?;
                return Ok(Err(name));
            }
            Ok(Ok(preview(&visit, &new)?))
        };
        match done.await {
            Ok(Err(name)) => Ok(see(&format!("{SECTION}/{name}"))),
            Ok(Ok(parts)) => Ok(html(StatusCode::OK, &filled(&visit, &fields, None, Some(parts)).await?)),
            Err(error) if Trouble::shows(&error) => {
                let trouble = Trouble { form: "project", values: &values, error: &error };
                Ok(html(crate::error::status(&error), &filled(&visit, &fields, Some(&trouble), None).await?))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(page.await)
}

/// The fields as they were sent; a name may come several times.
#[derive(Debug, Default)]
struct Fields(Vec<(String, String)>);

impl Fields {
    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A written file where there is one, else the chosen built-in one.
    fn source(&self, name: &str) -> Option<RuleSource> {
        let written = self.text(&format!("{name}-file"));
        if written.is_empty() {
            self.some(name).map(RuleSource::Builtin)
        } else {
            Some(RuleSource::Written(format!("{}\n", written.replace("\r\n", "\n"))))
        }
    }

    fn read(&self) -> Result<NewProject, UseCaseError> {
        let invalid = |field: &str, reason: &str, remedy: &str| UseCaseError::Invalid {
            field: field.to_owned(),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        };
        let name: ProjectName = self.text("name").parse().map_err(|_| {
            invalid("name", "this is no short name", "Use 1 to 64 small letters, digits and inner dashes.")
        })?;
        let product: Option<Slug> = match self.text("product") {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                invalid("product", "this is no short name", "Write the product's name of the file.")
            })?),
        };
        let mut coordinators = Vec::new();
        for (_, value) in self.0.iter().filter(|(key, value)| key == "coordinator" && !value.is_empty()) {
            let person = value.parse().map_err(|_| {
                invalid("coordinator", "this is no person of the list", "Choose somebody of the list.")
            })?;
            coordinators.push(Coordinator::Person(person));
        }
        for line in self.text("invited").lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, identity) = line.rsplit_once([' ', ',', '\t']).ok_or_else(|| {
                invalid(
                    "invited",
                    "a line holds no name before the address",
                    "Write a name and then an address: Maintainer A, maintainer-a@example.org.",
                )
            })?;
            let identity = identity.trim_matches(['<', '>']).to_owned();
            if !identity.contains(['@', '/']) {
                return Err(invalid(
                    "invited",
                    &format!(
                        "\u{201c}{identity}\u{201d} is neither a mail address nor an account on a forge"
                    ),
                    "End the line with one of them: maintainer-a@example.org or github.com/maintainer-a.",
                ));
            }
            let name = name.trim().trim_end_matches(',').to_owned();
            coordinators.push(Coordinator::New { name, identities: vec![identity] });
        }
        Ok(NewProject {
            name,
            title: self.text("title").to_owned(),
            packages: self.text("packages").lines().map(|line| line.trim().to_owned()).collect(),
            policy: self.source("policy").unwrap_or(RuleSource::Builtin("default".to_owned())),
            threat_model: self.source("threat-model"),
            supports: self.source("supports"),
            product,
            mail: self.some("mail"),
            key: self.some("key"),
            cve_authority: self.some("cve-authority"),
            conduct_contact: self.some("conduct-contact"),
            coordinators,
        })
    }
}

fn preview(visit: &Visit, new: &NewProject) -> Result<Vec<SheetPart>, UseCaseError> {
    let facts = visit.desk().preview_project(&visit.visitor.actor, new)?;
    let summary = policy_words::summary(&new.name, &facts.policy);
    let points =
        summary.points.into_iter().map(|point| Fact::text(point.topic.as_str(), point.text.as_str()));
    let clauses = facts
        .threat_model
        .clauses
        .iter()
        .map(|clause| Fact::text(clause.title.as_str(), clause.ruling.in_words()));
    let url = &visit.desk().settings().public_url;
    let text = security_txt_text(&facts, url, visit.now()).unwrap_or_default();
    Ok(vec![
        SheetPart::new(
            "preview",
            "What reporters will see",
            "Nothing is stored yet.",
            vec![
                Block::Note(
                    Tone::Good,
                    "The rules read without a mistake. Nothing is stored before you take the project in."
                        .into(),
                ),
                Block::Button { action: "project".into(), label: "Take the project in".into() },
                Block::Facts(points.collect()),
            ],
        ),
        SheetPart::new(
            "preview-threat-model",
            "What will count as a vulnerability",
            "",
            vec![Block::Facts(clauses.collect())],
        ),
        SheetPart::new("preview-security-txt", "security.txt", "", vec![Block::Verbatim(text.into())]),
    ])
}

async fn filled(
    visit: &Visit,
    fields: &Fields,
    trouble: Option<&Trouble<'_>>,
    preview: Option<Vec<SheetPart>>,
) -> Result<Sheet, UseCaseError> {
    let people = visit.desk().people(&visit.visitor.actor, "").await?;
    let mut page = sheet(
        visit,
        SECTION,
        "Take a project in",
        "One page: fill in what you know, look at what reporters will see, and take it in. All of it can be changed later, by \
         two persons.",
    );
    page.trouble = Trouble::words(trouble);
    page.parts.extend(preview.unwrap_or_default());
    let values: BTreeMap<String, String> = fields.0.iter().cloned().collect();
    let entry = Entry::sent(trouble, "project", &values);
    let names = |names: &[&str], none: Option<&str>| {
        let first = none.map(|label| (String::new(), label.to_owned()));
        first
            .into_iter()
            .chain(names.iter().map(|name| ((*name).to_owned(), (*name).to_owned())))
            .collect::<Vec<_>>()
    };
    let chosen: Vec<&str> =
        fields.0.iter().filter(|(key, _)| key == "coordinator").map(|(_, id)| id.as_str()).collect();
    let directory = people
        .iter()
        .map(|line| {
            let id = line.id.to_string();
            let mut choice = Choice::new(&id, &line.record.name, "");
            choice.chosen = chosen.contains(&id.as_str());
            choice
        })
        .collect::<Vec<_>>();
    let authorities = vec![
        (String::new(), "As the policy says".to_owned()),
        ("github".to_owned(), "GitHub, through a draft advisory".to_owned()),
        ("psf".to_owned(), "The Python Software Foundation".to_owned()),
        ("none".to_owned(), "Nobody yet: somebody asks by hand".to_owned()),
    ];
    let mut form_fields = vec![
        entry.line("name", "Short name", "Stands in addresses and does not change: small letters, digits, dashes.").required(),
        entry.line("title", "Title", "The name that people read.").required(),
        entry.area("packages", "Packages", "One a line: pkg:pypi/example, pkg:npm/example. Empty if you write a file of \
            versions below.", 3),
        entry.select_of("policy", "Disclosure policy", &names(policy::BUILTIN_NAMES, None))
            .because("How soon people answer and publish. \u{201c}default\u{201d} fits who has none: an answer within 3 days, \
                      disclosure within 90."),
        entry.select_of("threat-model", "Threat model", &names(threat::BUILTIN_NAMES, Some("The one of the policy")))
            .because("What counts as a vulnerability. Every decision about a report cites a clause of it."),
        entry.select_of(
            "supports",
            "Supported versions and platforms",
            &names(project::BUILTIN_NAMES, Some("Not known yet; the packages above")),
        ),
        entry.line("mail", "Mail address for reports", "For those who do not like forms. Empty for the policy's own."),
        entry.line("key", "Key for encrypted mail", "Its https address."),
        entry.select_of("cve-authority", "CVE numbers come from", &authorities),
        entry.line("conduct-contact", "Contact for conduct", "A mail address or an https address."),
    ];
    if !directory.is_empty() {
        let field = Field::new(
            "coordinator",
            "Coordinators among the people here",
            Control::Checks(directory),
        )
        .because("They are offered the role and take it on after they signed in. Two are needed to publish.");
        form_fields.push(entry.noted(field));
    }
    form_fields.push(entry.area(
        "invited",
        "Coordinators who are new here",
        "One a line, name and then address: Maintainer A, maintainer-a@example.org. Afterwards make a sign-in link for each \
         under People; mail tells them, too, where this desk sends any.",
        3,
    ));
    form_fields.extend([
        entry.code_empty("policy-file", "A policy of your own, in place of the one above", "TOML; it may inherit a built-in \
            one. It says who takes reports, so leave \u{201c}Mail address for reports\u{201d} and \u{201c}Key\u{201d} empty. \
            May stay empty, as may the two below.", 4),
        entry.code_empty("threat-model-file", "A threat model of your own", "TOML; it may inherit a built-in one.", 4),
        entry.code_empty("supports-file", "A file of supported versions of your own", "TOML with products, lines of releases, \
            platforms.", 4),
        entry.line("product", "Product of the file of versions", "Where the file lists several."),
    ]);
    let form = ActionForm {
        before: Some(Button::new("go", "preview", "Look first at what reporters will see")),
        ..super::form("project", "Take the project in", "", HERE, &Forms::fresh(), form_fields)
    };
    page.parts.push(SheetPart::new("form", "The project", "", vec![Block::Form(Box::new(form))]));
    Ok(page)
}
