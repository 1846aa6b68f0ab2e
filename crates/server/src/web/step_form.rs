//! Forms made from the table of steps: what is offered in a case, each field with a fitting control.

use std::collections::BTreeMap;

use bastide_authz::Role;
use bastide_model::{id::PersonId, time::Span};
use bastide_pages::part::{ActionForm, ActionGroup, Choice, Control, Field, FindingNote};
use bastide_usecases::{
    CaseView, Offer, PersonRecord, ProjectRecord,
    step::{Entry, FieldSpec},
};

use super::{forms::Forms, ready_text, words};

/// Steps that cannot be taken back: pages say so.
const GRAVE: [&str; 6] = ["take-back", "end-embargo", "fix-merge", "cve-reject", "publish", "close"];

/// A form that was sent and refused: it is shown open, with its values and with what is wrong.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused {
    /// The step.
    pub(super) step: String,
    /// What was sent.
    pub(super) values: BTreeMap<String, String>,
    /// What is wrong.
    pub(super) findings: Vec<FindingNote>,
}

/// What forms of a case's steps are made from.
pub(super) struct StepForms<'a> {
    /// The case as its reader sees it.
    pub(super) view: &'a CaseView,
    /// Everybody who can be chosen.
    pub(super) directory: &'a [(PersonId, PersonRecord)],
    /// Every project of the programme.
    pub(super) projects: &'a [ProjectRecord],
    /// Where forms go: the step's name follows.
    pub(super) base: String,
    /// The tokens.
    pub(super) forms: &'a Forms,
    /// A form to show again.
    pub(super) refused: Option<&'a Refused>,
    /// The present, for examples of dates.
    pub(super) now: bastide_model::time::Instant,
}

impl StepForms<'_> {
    /// The form of one offered step.
    pub(super) fn form(&self, offer: &Offer) -> ActionForm {
        let kind = offer.kind;
        let refused = self.refused.filter(|refused| refused.step == kind.name);
        let why = if offer.needs_step_up {
            format!(
                "{} This step asks you to confirm that it is you; what you fill in is kept while you do.",
                kind.why
            )
        } else {
            kind.why.to_owned()
        };
        let action = format!("{}/{}", self.base, kind.name);
        ActionForm {
            rule: words::rule(kind.rule),
            disabled: offer
                .not_now
                .as_ref()
                .map(|refusal| format!("{}. {}", words::capitalised(&refusal.what), refusal.remedy).into()),
            grave: GRAVE.contains(&kind.name),
            open: refused.is_some(),
            ..ActionForm::new(kind.name, kind.title, action, self.forms.tokens())
                .because(why)
                .asking(self.fields(kind.name, kind.fields, refused))
        }
    }

    /// The form of the step with this name, when it is offered.
    pub(super) fn find(&self, name: &str) -> Option<ActionForm> {
        self.view.offers.iter().find(|offer| offer.kind.name == name).map(|offer| self.form(offer))
    }

    /// All offered steps but those named, by the role whose they are; possible ones first.
    pub(super) fn groups(&self, elsewhere: &[&str]) -> Vec<ActionGroup> {
        let mut groups: Vec<(Role, Vec<&Offer>)> = Vec::new();
        for offer in self.view.offers.iter().filter(|offer| !elsewhere.contains(&offer.kind.name)) {
            let roles = offer.kind.roles;
            let held = roles.iter().find(|role| self.view.roles.contains(role));
            let Some(role) = held.or(roles.first()) else { continue };
            match groups.iter_mut().find(|(known, _)| known == role) {
                Some((_, offers)) => offers.push(offer),
                None => groups.push((*role, vec![offer])),
            }
        }
        groups
            .into_iter()
            .map(|(role, mut offers)| {
                offers.sort_by_key(|offer| offer.not_now.is_some());
                ActionGroup {
                    role: format!("As {}", words::role(role)).into(),
                    explanation: explanation(role).into(),
                    actions: offers.into_iter().map(|offer| self.form(offer)).collect(),
                }
            })
            .collect()
    }

    fn fields(&self, step: &str, specs: &[FieldSpec], refused: Option<&Refused>) -> Vec<Field> {
        let mut fields: Vec<Field> =
            specs.iter().filter_map(|spec| self.field(step, spec, refused)).collect();
        if let Some(refused) = refused {
            let unplaced: Vec<FindingNote> = refused
                .findings
                .iter()
                .filter(|found| !fields.iter().any(|field| names(found, &field.name)))
                .cloned()
                .collect();
            for field in &mut fields {
                field.findings =
                    refused.findings.iter().filter(|found| names(found, &field.name)).cloned().collect();
            }
            // What names no field is most often about what was written at length.
            let written = fields.iter().rposition(|field| matches!(field.control, Control::Area { .. }));
            let shown = fields.iter().position(|field| !matches!(field.control, Control::Hidden(_)));
            if let Some(first) = written.or(shown).map(|at| &mut fields[at]) {
                first.findings.extend(unplaced);
            }
        }
        fields
    }

    fn field(&self, step: &str, spec: &FieldSpec, refused: Option<&Refused>) -> Option<Field> {
        let sent = refused.and_then(|refused| refused.values.get(spec.name)).map_or("", String::as_str);
        let (control, help) = self.control(step, spec, sent)?;
        let mut field = Field::new(spec.name, spec.label, control);
        field.required = spec.required && !matches!(field.control, Control::Hidden(_));
        Some(if help.is_empty() { field } else { field.because(help) })
    }

    fn control(&self, step: &str, spec: &FieldSpec, sent: &str) -> Option<(Control, String)> {
        let line =
            |value: &str| Control::Line { value: value.into(), kind: bastide_pages::part::TextKind::Plain };
        Some(match spec.entry {
            Entry::Line => (line(sent), String::new()),
            Entry::Text | Entry::Json => {
                let value = if sent.is_empty() { self.ready_text(step, spec) } else { sent.to_owned() };
                let help = if value.is_empty() || !sent.is_empty() {
                    ""
                } else {
                    "A text that you can use; change it as you like."
                };
                (
                    Control::Area { value: value.into(), rows: 5, code: spec.entry == Entry::Json },
                    help.to_owned(),
                )
            }
            Entry::Instant => {
                let example = self.now + Span::days(30);
                let example: String = example.date();
                (
                    line(sent),
                    format!("With its zone, for example {example}T15:00:00Z or {example}T17:00:00+02:00."),
                )
            }
            Entry::Choice(options) => {
                // The team alone is the safe reader of a message; any other choice is for people to make.
                let first =
                    if spec.name == "tier" { options.first().map_or("", |(value, _)| value) } else { "" };
                let current = if sent.is_empty() { first } else { sent };
                let choices =
                    options.iter().map(|(value, label)| Choice::new(value, label, current)).collect();
                (Control::Radio(choices), String::new())
            }
            Entry::YesNo if spec.required => {
                let choices = vec![Choice::new("yes", "Yes", sent), Choice::new("no", "No", sent)];
                (Control::Radio(choices), String::new())
            }
            Entry::YesNo => (Control::Check { ticked: sent == "yes" }, String::new()),
            Entry::Person => (self.persons(spec, sent), String::new()),
            Entry::Project => (self.all_projects(spec, sent), String::new()),
            Entry::CaseProject => (self.case_projects(sent)?, String::new()),
            Entry::Vulnerability => (self.vulnerabilities(sent)?, String::new()),
            Entry::Clause => self.clauses(sent),
            Entry::DraftDigest => {
                let digest =
                    self.view.case.advisory.digest.map(|digest| digest.to_string()).unwrap_or_default();
                (Control::Hidden(digest.into()), String::new())
            }
        })
    }

    /// A text to start from: filled in from the case, or the open task's.
    fn ready_text(&self, step: &str, spec: &FieldSpec) -> String {
        let filled = ready_text::of_field(self.view, step, spec.name);
        if !filled.is_empty() || spec.name != "text" {
            return filled;
        }
        let task = self.view.tasks.iter().find(|task| task.command == step);
        task.and_then(|task| task.ready_text).unwrap_or_default().to_owned()
    }

    fn persons(&self, spec: &FieldSpec, sent: &str) -> Control {
        let mut choices: Vec<Choice> =
            if spec.required { Vec::new() } else { vec![Choice::new("", "Yourself", sent)] };
        choices.extend(
            self.directory
                .iter()
                .map(|(person, record)| Choice::new(&person.to_string(), &record.name, sent)),
        );
        Control::Select(choices)
    }

    fn all_projects(&self, spec: &FieldSpec, sent: &str) -> Control {
        let mut choices: Vec<Choice> =
            if spec.required { Vec::new() } else { vec![Choice::new("", "None", sent)] };
        let others =
            self.projects.iter().filter(|project| !self.view.case.projects.contains_key(&project.name));
        choices.extend(others.map(|project| Choice::new(project.name.as_str(), &project.title, sent)));
        Control::Select(choices)
    }

    /// Only where there are several; a case with one needs no question.
    fn case_projects(&self, sent: &str) -> Option<Control> {
        let projects = &self.view.case.projects;
        (projects.len() > 1).then(|| {
            Control::Select(
                projects
                    .keys()
                    .map(|name| Choice::new(name.as_str(), &self.title(name.as_str()), sent))
                    .collect(),
            )
        })
    }

    fn title(&self, name: &str) -> String {
        let found = self.projects.iter().find(|project| project.name.as_str() == name);
        found.map_or(name, |project| project.title.as_str()).to_owned()
    }

    fn vulnerabilities(&self, sent: &str) -> Option<Control> {
        let ids: Vec<_> = self.view.case.vulnerabilities.keys().collect();
        (ids.len() > 1).then(|| {
            let label = |number: usize, id| match self.view.cve_numbers.get(id) {
                Some(cve) => format!("Vulnerability {}: {cve}", number + 1),
                None => format!("Vulnerability {}", number + 1),
            };
            let choices = ids
                .iter()
                .enumerate()
                .map(|(number, id)| Choice::new(&id.to_string(), &label(number, *id), sent));
            Control::Select(choices.collect())
        })
    }

    /// Suggested clauses first: people decide, the suggestion only saves the search.
    fn clauses(&self, sent: &str) -> (Control, String) {
        let mut choices = vec![Choice::new("", "None", sent)];
        let suggested: Vec<&str> =
            self.view.suggestions.iter().map(|suggestion| suggestion.clause.as_str()).collect();
        let is_suggested = |id: &str| suggested.contains(&id);
        let mut clauses: Vec<_> = self.view.threat_model.clauses.iter().collect();
        clauses.sort_by_key(|clause| !is_suggested(clause.id.as_str()));
        choices.extend(clauses.into_iter().map(|clause| {
            let mark = if is_suggested(clause.id.as_str()) { "Suggested: " } else { "" };
            let label = format!("{mark}{} ({}; {})", clause.title, clause.id, clause.ruling.in_words());
            Choice::new(clause.id.as_str(), &label, sent)
        }));
        let help = match suggested.len() {
            0 => "Every decision on the merits cites a clause.".to_owned(),
            _ => format!("Answers and names in the report suggest: {}. You decide.", suggested.join(", ")),
        };
        (Control::Select(choices), help)
    }
}

fn names(found: &FindingNote, field: &bastide_pages::Text) -> bool {
    found.field.as_ref().is_some_and(|name| name == field)
}

fn explanation(role: Role) -> &'static str {
    match role {
        Role::Coordinator => {
            "Carries the case: answers the reporter, judges, keeps the dates. Needs no security expertise."
        }
        Role::Developer => "Reproduces and mends it, and decides the dates together with the coordinator.",
        Role::Observer => "Takes part without deciding.",
        Role::Reporter => "Found it, and hears of every step.",
        Role::Cna => "Reserves and publishes CVE numbers.",
        _ => "",
    }
}
