//! The report form: answers to a draft, and the page with its findings at the fields.

use bastide_desk::lint::{Answers, Attachment, Credit, LintReport, Posture, ReportDraft, TestedVersion};
use bastide_model::{finding::Finding, party::Slug};
use bastide_pages::{
    Shell,
    desk::{
        ReportForm, ReportPreview, ReportValues,
        report_form::field::{self},
    },
    part::{FindingNote, Verdict},
};
use bastide_usecases::ProjectFacts;

use super::{finding, forms::Forms, policy};

/// The form that is shown: one project's, or the one for whoever is not sure which project it is (P28).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// The reporter chose the project.
    Chosen,
    /// The reporter is not sure; a person finds out.
    Unsure,
}

/// The address under which the form for the unsure stands.
pub(super) const UNSURE: &str = "/report/unsure";

/// What the page says when it is shown again.
#[derive(Debug, Default)]
pub(super) struct Again {
    /// What happened.
    pub(super) outcome: Option<String>,
    /// What the lint says.
    pub(super) findings: Vec<FindingNote>,
}

impl Again {
    /// The lint was asked, and nothing was sent.
    pub(super) fn checked(report: &LintReport) -> Self {
        let findings: Vec<_> = report.findings.iter().map(finding::judged).collect();
        let outcome = if findings.is_empty() {
            "Nothing was sent. The checks found nothing to mend: you can send it."
        } else {
            "Nothing was sent yet. This is what the checks found:"
        };
        Self { outcome: Some(outcome.to_owned()), findings }
    }

    /// The same with what the form itself found.
    pub(super) fn and(mut self, found: Vec<FindingNote>) -> Self {
        if self.findings.is_empty() && !found.is_empty() {
            self.outcome = Some("Nothing was sent yet. This is what the checks found:".to_owned());
        }
        self.findings.extend(found);
        self
    }

    /// The lint refused the report.
    pub(super) fn blocked(findings: &[Finding], facts: &ProjectFacts) -> Self {
        Self {
            outcome: Some(
                "Your report was not sent. Mend what is marked below and send it again; nothing you wrote is lost."
                    .to_owned(),
            ),
            findings: findings.iter().map(|found| finding::of_report(found, Some(&facts.policy))).collect(),
        }
    }
}

/// The form of a project, empty or with what was answered.
pub(super) fn page(
    shell: Shell,
    facts: &ProjectFacts,
    lane: Lane,
    values: ReportValues,
    again: Again,
    forms: &Forms,
) -> ReportForm {
    let name = &facts.record.name;
    let title = &facts.record.title;
    ReportForm {
        shell,
        project: title.as_str().into(),
        heading: match lane {
            Lane::Chosen => format!("Report a vulnerability in {title}").into(),
            Lane::Unsure => "Report a vulnerability without choosing a project".into(),
        },
        lead: match lane {
            Lane::Chosen => "".into(),
            Lane::Unsure => readers(facts, lane).into(),
        },
        check: format!("/projects/{name}/report/check").into(),
        project_page: format!("/projects/{name}").into(),
        policy: policy::summary(name, &facts.policy),
        clauses: policy::clauses(&facts.threat_model),
        mail: policy::mail(&facts.policy),
        action: action(facts, lane).into(),
        tokens: forms.tokens(),
        values,
        findings: again.findings,
        outcome: again.outcome.map(Into::into),
    }
}

/// Where the form of a lane goes.
fn action(facts: &ProjectFacts, lane: Lane) -> String {
    match lane {
        Lane::Chosen => format!("/projects/{}/report", facts.record.name),
        Lane::Unsure => UNSURE.to_owned(),
    }
}

/// Who reads a report that comes this way, in a sentence.
pub(super) fn readers(facts: &ProjectFacts, lane: Lane) -> String {
    let title = &facts.record.title;
    match lane {
        Lane::Chosen => format!("The coordinators of {title} read it, and whom they ask for help."),
        Lane::Unsure => format!(
            "The coordinators of {title} read it first; they find out where it belongs, ask you before it goes to \
             anybody outside this desk, and tell you."
        ),
    }
}

/// The whole report, before it is sent.
pub(super) fn preview(
    shell: Shell,
    facts: &ProjectFacts,
    lane: Lane,
    values: ReportValues,
    report: &LintReport,
    forms: &Forms,
) -> ReportPreview {
    ReportPreview {
        shell,
        project: facts.record.title.as_str().into(),
        action: action(facts, lane).into(),
        tokens: forms.tokens(),
        values,
        findings: report.findings.iter().map(finding::judged).collect(),
        readers: readers(facts, lane).into(),
    }
}

/// The form of a report that is held, with what was sent: mended there, it is judged anew.
pub(super) fn mending(
    shell: Shell,
    facts: &ProjectFacts,
    values: ReportValues,
    again: Again,
    forms: &Forms,
) -> ReportForm {
    let page = page(shell, facts, Lane::Chosen, values, again, forms);
    ReportForm { action: "/status/report".into(), ..page }
}

/// The answers of a draft as the form has them. Files are sealed apart and not shown again.
pub(super) fn values(draft: &ReportDraft) -> ReportValues {
    let answers = &draft.answers;
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let given = |name: &str, value: &Option<String>| text(name, value.as_deref().unwrap_or_default());
    let decided = |name: &str, value: Option<bool>| {
        text(name, value.map_or("", |value| if value { "yes" } else { "no" }))
    };
    let ticked = |name: &str, value: bool| text(name, if value { "yes" } else { "" });
    let mut pairs = vec![
        text(field::TITLE, &draft.title),
        text(field::BODY, &draft.body),
        given(field::PRODUCT, &draft.product),
        given(field::THREAT_MODEL, &answers.threat_model),
        given(field::CITES, &answers.cites),
        given(field::REAL_WORLD, &answers.real_world),
        decided(field::REALISTIC, answers.realistic),
        decided(field::LAUNCH_CONDITIONS, answers.launch_conditions),
        decided(field::AVAILABILITY, answers.availability),
        given(field::INPUT_SIZE, &answers.input_size),
        given(field::USE_CASE, &answers.use_case),
        decided(field::REASONABLE_INPUT, answers.reasonable_input),
        text(
            field::POSTURE,
            match answers.posture {
                Some(Posture::Upward) => "upward",
                Some(Posture::Lateral) => "lateral",
                None => "",
            },
        ),
        given(field::DEPENDENCY, &answers.dependency),
        decided(field::FIXED_ON_MAIN, answers.fixed_on_main),
        decided(field::EXPERIMENTAL, answers.experimental),
        decided(field::PLATFORM_DEPENDENT, answers.platform_dependent),
        given(field::PLATFORM, &draft.platform),
        ticked(field::FOUND_WITH_LLM, draft.found_with_llm),
        ticked(field::BATCH, draft.batch),
        ticked(field::VERIFIED, answers.verified),
        given(field::ATTACK_VECTOR, &answers.attack_vector),
        decided(field::FREELY_EXECUTES, answers.freely_executes),
        decided(field::ESCAPES_SANDBOX, answers.escapes_sandbox),
        given(field::PROOF_OF_CONCEPT, &draft.proof_of_concept),
        given(field::PATCH, &draft.patch),
        given(field::CONTACT, &draft.contact),
    ];
    if let Some(credit) = &draft.credit {
        pairs.push(text(field::CREDIT_NAME, &credit.name));
        pairs.push(decided(field::CREDIT_CONSENT, Some(credit.consent)));
        pairs.push(given(field::CREDIT_LINK, &credit.link));
    }
    for (row, tested) in draft.tested_versions.iter().enumerate() {
        pairs.push((format!("{}.{row}.version", field::TESTED_VERSIONS), tested.version.clone()));
        pairs.push(decided(&format!("{}.{row}.vulnerable", field::TESTED_VERSIONS), Some(tested.vulnerable)));
    }
    ReportValues::from_pairs(pairs)
}

/// The draft that a filled form means. Empty answers are no answers.
pub(super) fn draft(values: &ReportValues, files: &[Attachment], facts: &ProjectFacts) -> ReportDraft {
    let mut draft = draft_of(values, facts.record.product.as_ref());
    let pasted = draft.attachments.len();
    let named = files.iter().enumerate().map(|(index, file)| match file.name.trim() {
        "" => {
            Attachment { name: format!("attachment-{}.txt", pasted + index + 1), bytes: file.bytes.clone() }
        }
        _ => file.clone(),
    });
    draft.attachments.extend(named);
    draft
}

fn draft_of(values: &ReportValues, product: Option<&Slug>) -> ReportDraft {
    let text = |name| values.answer(name).trim().to_owned();
    let given = |name| Some(text(name)).filter(|answer| !answer.is_empty());
    let decided = |name| match values.answer(name) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let ticked = |name| values.answer(name) == "yes";
    let answers = Answers {
        threat_model: given(field::THREAT_MODEL),
        cites: given(field::CITES),
        real_world: given(field::REAL_WORLD),
        realistic: decided(field::REALISTIC),
        launch_conditions: decided(field::LAUNCH_CONDITIONS),
        availability: decided(field::AVAILABILITY),
        input_size: given(field::INPUT_SIZE),
        use_case: given(field::USE_CASE),
        reasonable_input: decided(field::REASONABLE_INPUT),
        posture: match values.answer(field::POSTURE) {
            "upward" => Some(Posture::Upward),
            "lateral" => Some(Posture::Lateral),
            _ => None,
        },
        dependency: given(field::DEPENDENCY),
        fixed_on_main: decided(field::FIXED_ON_MAIN),
        experimental: decided(field::EXPERIMENTAL),
        platform_dependent: decided(field::PLATFORM_DEPENDENT),
        verified: ticked(field::VERIFIED),
        attack_vector: given(field::ATTACK_VECTOR),
        freely_executes: decided(field::FREELY_EXECUTES),
        escapes_sandbox: decided(field::ESCAPES_SANDBOX),
    };
    let product = given(field::PRODUCT).or_else(|| product.map(ToString::to_string));
    ReportDraft {
        title: text(field::TITLE),
        body: values.answer(field::BODY).replace("\r\n", "\n"),
        product,
        answers,
        tested_versions: versions(values),
        platform: given(field::PLATFORM),
        attachments: attachments(values),
        proof_of_concept: block(values, field::PROOF_OF_CONCEPT),
        patch: block(values, field::PATCH),
        batch: ticked(field::BATCH),
        found_with_llm: ticked(field::FOUND_WITH_LLM),
        credit: given(field::CREDIT_NAME).map(|name| Credit {
            name,
            consent: ticked(field::CREDIT_CONSENT),
            link: given(field::CREDIT_LINK),
        }),
        contact: given(field::CONTACT),
    }
}

/// What even the shortest report says. Browsers ask for it themselves; programs that fill in forms do not.
pub(super) fn missing(draft: &ReportDraft) -> Vec<FindingNote> {
    let needed = [
        (field::TITLE, &draft.title, "Write in one line what is wrong."),
        (field::BODY, &draft.body, "Write in a few sentences what happens."),
    ];
    let empty = needed.into_iter().filter(|(_, text, _)| text.trim().is_empty());
    empty.map(|(name, _, remedy)| finding::at_field("", name, "This is needed.", remedy)).collect()
}

/// A script or patch as it was pasted: browsers send other line ends than were typed, and spaces at its edges count.
fn block(values: &ReportValues, name: &str) -> Option<String> {
    let text = values.answer(name);
    (!text.trim().is_empty()).then(|| text.replace("\r\n", "\n"))
}

/// Rows of versions that say half of what they ask. They have no place in a draft, so the form comes back with them:
/// what somebody wrote is never left out in silence.
pub(super) fn half_said(values: &ReportValues) -> Vec<FindingNote> {
    let rows = values.versions.iter().enumerate();
    rows.filter_map(|(row, tested)| {
        let version = tested.version.as_str().trim();
        let name = format!("{}.{row}", field::TESTED_VERSIONS);
        match (version, tested.verdict) {
            ("", Verdict::Unsaid) => None,
            ("", _) => Some(finding::at_field(
                "",
                &name,
                &format!("In row {} a version is missing.", row + 1),
                "Write which version you tested, or choose “not said” in that row.",
            )),
            (version, Verdict::Unsaid) => Some(finding::at_field(
                "",
                &name,
                &format!("What did you see in {version}?"),
                "Choose “vulnerable” or “not vulnerable” beside it. If you did not test that version, empty its row.",
            )),
            _ => None,
        }
    })
    .collect()
}

/// Whole rows only: [`half_said`] asks for the rest before anything is sent.
fn versions(values: &ReportValues) -> Vec<TestedVersion> {
    let decided = |verdict| match verdict {
        Verdict::Vulnerable => Some(true),
        Verdict::NotVulnerable => Some(false),
        Verdict::Unsaid => None,
    };
    values
        .versions
        .iter()
        .filter_map(|row| {
            let version = row.version.as_str().trim();
            let vulnerable = decided(row.verdict)?;
            (!version.is_empty()).then(|| TestedVersion { version: version.to_owned(), vulnerable })
        })
        .collect()
}

fn attachments(values: &ReportValues) -> Vec<Attachment> {
    let filled = values.attachments.iter().enumerate().filter(|(_, file)| !file.text.is_empty());
    filled
        .map(|(row, file)| {
            let name = file.name.as_str().trim();
            let name = if name.is_empty() { format!("attachment-{}.txt", row + 1) } else { name.to_owned() };
            Attachment { name, bytes: file.text.as_str().replace("\r\n", "\n").into_bytes() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reporter wrote survives the way into the form and out again.
    #[test]
    fn a_draft_shown_in_the_form_and_sent_again_is_the_draft() {
        let answers = Answers {
            threat_model: Some("It says so.".to_owned()),
            cites: Some("untrusted-notebook".to_owned()),
            realistic: Some(true),
            launch_conditions: Some(false),
            posture: Some(Posture::Lateral),
            verified: true,
            ..Answers::default()
        };
        let draft = ReportDraft {
            title: "Title".to_owned(),
            body: "One\n\ntwo".to_owned(),
            product: Some("jupyterlab".to_owned()),
            answers,
            tested_versions: vec![TestedVersion { version: "4.2.4".to_owned(), vulnerable: true }],
            proof_of_concept: Some("import sys\n".to_owned()),
            batch: true,
            credit: Some(Credit {
                name: "reporter-a".to_owned(),
                consent: false,
                link: Some("https://example.org/a".to_owned()),
            }),
            ..ReportDraft::default()
        };
        assert_eq!(draft_of(&values(&draft), None), draft);
    }
}
