//! Outgoing text before the announcement: what would give the vulnerability away (J16, J19, J22, J23, J27).

use bastide_advisory::Advisory;
use bastide_authz::{Action, Actor, Permit};
use bastide_desk::{
    case::{Content, Event, Notice},
    lint::{CveSecrecy, OutgoingKind, Secrets, leak_lint},
};
use bastide_model::{finding::Finding, id::CaseId};

use crate::{Desk, UseCaseError, desk::Loaded, step::Step};

/// Sentences shorter than this say too little to be recognised as the report's.
const SHORTEST_PHRASE: usize = 24;

/// No more phrases than this are looked for.
const MOST_PHRASES: usize = 500;

impl Desk {
    /// What a text that is about to go out would give away. For the team of the case.
    pub async fn leak_lint(
        &self,
        actor: &Actor,
        case: CaseId,
        text: &str,
        kind: OutgoingKind,
    ) -> Result<Vec<Finding>, UseCaseError> {
        let (loaded, permit) = self.open_case(actor, case, Action::ReadTeamOnly).await?;
        self.leaks(&loaded, &permit, text, kind).await
    }

    /// Refuses a step whose text goes out and would give the vulnerability away.
    pub(crate) async fn refuse_leaks(
        &self,
        step: &Step,
        loaded: &Loaded,
        permit: &Permit,
    ) -> Result<(), UseCaseError> {
        let (text, kind) = match step {
            Step::PostNotice { text } => (text, OutgoingKind::PublicText),
            Step::FixRelease { notes: Some(notes), .. } => (notes, OutgoingKind::ReleaseNotes),
            _ => return Ok(()),
        };
        let findings = self.leaks(loaded, permit, text, kind).await?;
        if findings.iter().any(Finding::is_failure) { Err(UseCaseError::Leaks { findings }) } else { Ok(()) }
    }

    async fn leaks(
        &self,
        loaded: &Loaded,
        permit: &Permit,
        text: &str,
        kind: OutgoingKind,
    ) -> Result<Vec<Finding>, UseCaseError> {
        let case = &loaded.case;
        let secrecy = if case.advisory.published.is_some() {
            CveSecrecy::Published
        } else if case.reporter.told.contains_key(&Notice::CveNumber) {
            CveSecrecy::Mentionable
        } else {
            CveSecrecy::Private
        };
        let mut secrets = secrets(loaded, permit);
        for project in case.projects.keys() {
            let facts = self.project(project).await?;
            secrets.software.push(facts.record.title.clone());
            secrets.software.push(project.to_string());
        }
        Ok(leak_lint(text, &secrets, kind, secrecy))
    }
}

/// What must not be said, taken from everything in the case that the permit opens.
fn secrets(loaded: &Loaded, permit: &Permit) -> Secrets {
    let mut secrets = Secrets::default();
    for event in &loaded.events {
        let Some(embargoed) = event.content() else { continue };
        let Ok(content) = embargoed.open(permit) else { continue };
        match (&event.event, content) {
            (_, Content::Report(report)) => {
                let draft = &report.draft;
                secrets.versions.extend(draft.vulnerable_versions().into_iter().map(str::to_owned));
                secrets.phrases.push(draft.title.clone());
                let answers = [&draft.answers.attack_vector, &draft.proof_of_concept, &draft.patch];
                for text in answers.into_iter().flatten().chain([&draft.body]) {
                    secrets.phrases.extend(phrases(text));
                }
            }
            (_, Content::Cve { number }) => secrets.cve_numbers.push(number.clone()),
            // The released version is what everybody will see; the private fork is not.
            (Event::FixChanged { trigger, .. }, Content::Fix { reference, .. })
                if *trigger == bastide_desk::machine::fix::Trigger::Start =>
            {
                secrets.phrases.push(reference.clone());
            }
            (_, Content::Advisory { record, .. }) => {
                if let Ok(record) = serde_json::from_value::<Advisory>(record.clone()) {
                    secrets.cve_numbers.extend(record.ids().map(str::to_owned));
                    let fixed = record.affected.iter().flat_map(|affected| affected.fixed_versions());
                    secrets.versions.extend(fixed.map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    secrets.phrases.retain(|phrase| phrase.chars().count() >= SHORTEST_PHRASE);
    secrets.phrases.truncate(MOST_PHRASES);
    secrets
}

/// The sentences and lines of a text that are long enough to be recognised.
fn phrases(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().flat_map(|line| line.split(". ")).map(|part| part.trim().to_owned())
}
