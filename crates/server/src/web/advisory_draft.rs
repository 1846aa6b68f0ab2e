//! The page of a draft advisory: the form, what the checks say, how each format will look, versions, approval.

use bastide_advisory::{Advisory, Field as Carriage, lint};
use bastide_authz::Role;
use bastide_desk::{
    case::{Content, Event},
    machine::advisory,
};
use bastide_model::party::Slug;
use bastide_pages::{
    Shell,
    desk::{AdvisoryDraft, Approval, Difference, Preview, VersionEntry},
    part::{ActionForm, Badge, Choice, Control, Field, FindingNote, Link, Moment, Tone},
};
use bastide_usecases::{CaseView, DocumentKind, OpenedContent};

use super::{
    case::ON_THE_DRAFT_PAGE,
    difference,
    draft_form::{self, AffectedRow, CreditRow, DraftForm},
    finding,
    step_form::StepForms,
    words,
};

/// A draft that was sent and refused: the form is shown again as it was filled in.
pub(super) struct RefusedDraft {
    /// What was written.
    pub(super) form: DraftForm,
    /// The sentence about the change.
    pub(super) change: String,
    /// What is wrong.
    pub(super) findings: Vec<FindingNote>,
}

/// The page; `asked` are two versions to compare.
pub(super) fn page(
    shell: Shell,
    forms: &StepForms<'_>,
    previews: &[bastide_usecases::Preview],
    refused: Option<&RefusedDraft>,
    asked: Option<(u32, u32)>,
) -> AdvisoryDraft {
    let view = forms.view;
    let record = record(view);
    let judged = record.clone().or_else(|| suggested(forms));
    let mut findings: Vec<FindingNote> =
        judged.iter().flat_map(lint::lint).map(|found| finding::of_advisory(&found)).collect();
    let at_fields = match refused {
        Some(refused) => refused.findings.clone(),
        None => findings.clone(),
    };
    if let Some(refused) = refused {
        findings.splice(0..0, refused.findings.iter().cloned());
    }
    let (state, meaning) = words::advisory(view.case.advisory.working());
    let title = record.as_ref().map_or_else(|| "No draft yet".to_owned(), Advisory::headline);
    let task = view.tasks.iter().find(|task| ON_THE_DRAFT_PAGE.contains(&task.command));
    let next = task.map_or(meaning, |task| task.what.as_str());
    AdvisoryDraft {
        shell,
        title: title.into(),
        case: Link::new(view.reference.as_str(), format!("/cases/{}", view.case.id)),
        state,
        next: next.into(),
        edit: edit(forms, record.as_ref(), refused, &at_fields),
        findings,
        previews: previews.iter().map(|preview| format(preview, record.as_ref())).collect(),
        versions: versions(view),
        compare_action: format!("/cases/{}/advisory#versions", view.case.id).into(),
        compare: compare(view, asked),
        difference: difference(view, asked),
        approval_rule:
            "One approval is needed, by a coordinator or developer of this case who wrote none of the \
                        versions since the last publication."
                .into(),
        approvals: approvals(view),
        actions: ON_THE_DRAFT_PAGE
            .iter()
            .filter(|step| **step != "draft-advisory")
            .filter_map(|step| forms.find(step))
            .collect(),
    }
}

/// The newest draft as a record.
pub(super) fn record(view: &CaseView) -> Option<Advisory> {
    view.draft.as_ref().and_then(|draft| serde_json::from_value(draft.clone()).ok())
}

/// What a first draft begins with, as a record: the checks say what is still missing.
fn suggested(forms: &StepForms<'_>) -> Option<Advisory> {
    first_draft(forms).apply(&Advisory::draft("x_draft", forms.now)).ok()
}

/// What a first draft begins with: the report's title, the project's package, the number if there is one, the reporter
/// if they agreed.
fn first_draft(forms: &StepForms<'_>) -> DraftForm {
    let view = forms.view;
    let Some(report) = &view.report else { return DraftForm::default() };
    let credit = report.draft.credit.as_ref().filter(|credit| credit.consent);
    DraftForm {
        title: report.draft.title.clone(),
        affected: package(forms).into_iter().collect(),
        aliases: view.cve_numbers.values().cloned().collect::<Vec<_>>().join(" "),
        credits: credit
            .map(|credit| CreditRow {
                name: credit.name.clone(),
                kind: "REPORTER".to_owned(),
                consent: true,
                link: credit.link.clone().unwrap_or_default(),
            })
            .into_iter()
            .collect(),
        ..DraftForm::default()
    }
}

/// The first package of the project that the report was sent to.
fn package(forms: &StepForms<'_>) -> Option<AffectedRow> {
    let record = forms.projects.iter().find(|project| project.name == forms.view.case.project)?;
    let product = record.supports.as_ref()?.product(record.product.as_ref().map(Slug::as_str))?;
    let package = product.packages.first()?;
    Some(AffectedRow {
        ecosystem: package.ecosystem().osv_name().to_owned(),
        package: package.name().to_owned(),
        ..AffectedRow::default()
    })
}

fn edit(
    forms: &StepForms<'_>,
    record: Option<&Advisory>,
    refused: Option<&RefusedDraft>,
    findings: &[FindingNote],
) -> Option<ActionForm> {
    let view = forms.view;
    let offer = view.offers.iter().find(|offer| offer.kind.name == "draft-advisory")?;
    if offer.not_now.is_some() {
        return None;
    }
    let shown = match (refused, record) {
        (Some(refused), _) => refused.form.clone(),
        (None, Some(record)) => DraftForm::of(record),
        (None, None) => first_draft(forms),
    };
    let mut fields = shown.fields(findings);
    if view.case.advisory.published.is_some() {
        let change = refused.map_or("", |refused| refused.change.as_str());
        fields.push(
            Field::line("change", "What changed, or why it is withdrawn", change)
                .because("One sentence for the advisory's history.")
                .required(),
        );
        fields.push(Field::new(
            "withdraws",
            "This version withdraws the published advisory",
            Control::Check { ticked: false },
        ));
    }
    Some(ActionForm {
        fields,
        action: format!("/cases/{}/advisory", view.case.id).into(),
        submit: "Save this version".into(),
        ..forms.form(offer)
    })
}

fn format(preview: &bastide_usecases::Preview, record: Option<&Advisory>) -> Preview {
    let carriage: &[Carriage] = match preview.kind {
        DocumentKind::Osv => bastide_advisory::osv::FIELDS,
        DocumentKind::Csaf => bastide_advisory::csaf::FIELDS,
        DocumentKind::Cve => bastide_advisory::cve::FIELDS,
        DocumentKind::Text => bastide_advisory::text::FIELDS,
        DocumentKind::Html => bastide_advisory::html::FIELDS,
        DocumentKind::Record => &[],
    };
    let (validity, note, text) = match &preview.document {
        Ok(document) => {
            let left_out = record.map(|record| draft_form::left_out(carriage, record)).unwrap_or_default();
            (Badge::new("can be made", Tone::Good), left_out, document.clone())
        }
        Err(reason) => {
            (Badge::new("cannot be made yet", Tone::Warning), words::capitalised(reason), String::new())
        }
    };
    Preview {
        name: preview.kind.title().into(),
        validity,
        note: note.into(),
        text: text.into(),
        download: None,
        open: preview.kind == DocumentKind::Text,
    }
}

fn versions(view: &CaseView) -> Vec<VersionEntry> {
    let published = |number: u32| {
        view.entries
            .iter()
            .any(|entry| matches!(entry.event, Event::AdvisoryPublished { version, .. } if version == number))
    };
    let approved = |number: u32| {
        view.entries
            .iter()
            .any(|entry| matches!(entry.event, Event::AdvisoryApproved { version, .. } if version == number))
    };
    let mut rows: Vec<VersionEntry> = view
        .entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::AdvisoryDrafted { version, digest, by, .. } => {
                let state = if published(*version) {
                    Some(Badge::new("published", Tone::Good))
                } else {
                    approved(*version).then(|| Badge::new("approved", Tone::Good))
                };
                let digest: String = digest.to_string().chars().take(19).collect();
                Some(VersionEntry {
                    number: version.to_string().into(),
                    at: Moment::of(entry.at),
                    author: view.name(*by).into(),
                    digest: digest.into(),
                    state,
                    links: Vec::new(),
                })
            }
            _ => None,
        })
        .collect();
    rows.reverse();
    rows
}

/// What one version changes against another, as the plain text has it: those asked for, or the newest two.
fn difference(view: &CaseView, asked: Option<(u32, u32)>) -> Option<Difference> {
    let mut numbers = drafted(view).map(|(version, _)| version).collect::<Vec<_>>().into_iter().rev();
    let (old, new) = if let Some(asked) = asked {
        asked
    } else {
        let newest = numbers.next()?;
        (numbers.next()?, newest)
    };
    let text = |wanted: u32| {
        let (_, record) = drafted(view).find(|(version, _)| *version == wanted)?;
        let record: Advisory = serde_json::from_value(record.clone()).ok()?;
        Some(bastide_advisory::text::render(&record))
    };
    let title = format!("What version {new} changes against version {old}").into();
    Some(Difference { title, lines: difference::lines(&text(old)?, &text(new)?) })
}

/// Every version that the viewer may read, oldest first.
fn drafted(view: &CaseView) -> impl Iterator<Item = (u32, &serde_json::Value)> {
    view.entries.iter().filter_map(|entry| match (&entry.event, &entry.content) {
        (Event::AdvisoryDrafted { version, .. }, OpenedContent::Open(_, content)) => match content.as_ref() {
            Content::Advisory { record, .. } => Some((*version, record)),
            _ => None,
        },
        _ => None,
    })
}

/// The form that compares two versions; none while there are fewer.
fn compare(view: &CaseView, asked: Option<(u32, u32)>) -> Vec<Field> {
    let versions: Vec<u32> = drafted(view).map(|(version, _)| version).collect();
    let [.., before, newest] = versions.as_slice() else { return Vec::new() };
    let (old, new) = asked.unwrap_or((*before, *newest));
    let select = |name: &'static str, label: &'static str, chosen: u32| {
        let choices = versions.iter().rev().map(|version| {
            Choice::new(&version.to_string(), &format!("Version {version}"), &chosen.to_string())
        });
        Field::new(name, label, Control::Select(choices.collect()))
    };
    vec![select("old", "From", old), select("new", "To", new)]
}

fn approvals(view: &CaseView) -> Vec<Approval> {
    let current = view.case.advisory.version;
    let approved = matches!(view.case.advisory.working(), advisory::State::Draft | advisory::State::InReview);
    view.entries
        .iter()
        .filter(|_| !approved)
        .filter_map(|entry| match &entry.event {
            Event::AdvisoryApproved { version, by, .. } if *version == current => Some(Approval {
                person: view.name(*by).into(),
                role: if view.case.holds(*by, Role::Coordinator) { "as coordinator" } else { "as developer" }
                    .into(),
                at: Moment::of(entry.at),
                version: version.to_string().into(),
            }),
            _ => None,
        })
        .collect()
}
