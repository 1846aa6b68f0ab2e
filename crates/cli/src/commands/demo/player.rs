//! Whoever plays the story: moves the clock, takes steps by the API in somebody's name, prints what happens.

use std::{collections::BTreeMap, sync::Arc};

use bastide_connect_mail::Spool;
use bastide_desk::lint::{Kind, LintReport, ReportDraft};
use bastide_model::{
    id::{CaseId, PersonId},
    output::one_line,
    time::InstantError,
};
use bastide_server::DemoStep;
use bastide_usecases::{
    Desk, Done, Secret, SimulatedClock, Submitted,
    step::{Entry, StepKind},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::world::World;
use crate::{
    diagnostic::{Diagnostic, chain},
    http_client::{Credential, RemoteDesk},
    terminal,
};

/// Plays the story.
pub(super) struct Player {
    /// What was played.
    pub(super) played: Vec<DemoStep>,
    /// How many mails were written.
    pub(super) mails: usize,
    desk: Desk,
    clock: Arc<SimulatedClock>,
    spool: Spool,
    address: String,
    persons: BTreeMap<&'static str, (PersonId, RemoteDesk)>,
    reporter: Option<RemoteDesk>,
    case: Option<CaseId>,
    finished: Option<(CaseId, String, String)>,
    link: Option<String>,
}

impl Player {
    /// A player on this stage, at the address of the server that plays along.
    pub(super) fn new(world: &World, address: &str) -> Result<Self, Diagnostic> {
        let mut persons = BTreeMap::new();
        for (name, (person, token)) in &world.persons {
            persons.insert(*name, (*person, RemoteDesk::new(address, Credential::Token(token.clone()))?));
        }
        Ok(Self {
            played: Vec::new(),
            mails: 0,
            desk: world.desk.clone(),
            clock: Arc::clone(&world.clock),
            spool: world.spool(),
            address: address.to_owned(),
            persons,
            reporter: None,
            case: None,
            finished: None,
            link: None,
        })
    }

    /// A person of the story.
    pub(super) fn person(&self, name: &str) -> Result<PersonId, Diagnostic> {
        Ok(self.remote(name)?.0)
    }

    fn remote(&self, name: &str) -> Result<&(PersonId, RemoteDesk), Diagnostic> {
        self.persons.get(name).ok_or_else(|| Diagnostic::cannot(format!("the story knows no {name}")))
    }

    /// Moves the clock only: somebody acts on the minute, before the clock has looked at the cases.
    pub(super) fn before_the_clock_looks(&self, instant: &str) -> Result<(), Diagnostic> {
        self.clock.move_to(instant.parse().map_err(|error: InstantError| Diagnostic::cannot(chain(&error)))?);
        Ok(())
    }

    /// Moves the clock and lets it look at the cases, as the desk does every minute.
    pub(super) async fn at(&mut self, instant: &str) -> Result<(), Diagnostic> {
        self.before_the_clock_looks(instant)?;
        let before = self.advisories().await?;
        let changed = self.desk.tick().await?;
        if changed > 0 {
            let published: Vec<String> =
                self.advisories().await?.into_iter().filter(|id| !before.contains(id)).collect();
            match (published.first(), self.case) {
                (Some(id), Some(case)) => {
                    self.tell("the clock", &format!("Publish the advisory {id} on its date"), "J28")?;
                    self.finished = Some((case, id.clone(), self.link.clone().unwrap_or_default()));
                }
                _ => self.tell("the clock", &format!("Note what is due in {changed} cases"), "J04")?,
            }
        }
        self.mail().await
    }

    async fn advisories(&self) -> Result<Vec<String>, Diagnostic> {
        let anybody = RemoteDesk::new(&self.address, Credential::Anonymous)?;
        let records = anybody.get("/api/v1/advisories").await?;
        let ids = records.as_array().into_iter().flatten().filter_map(|record| record["id"].as_str());
        Ok(ids.map(str::to_owned).collect())
    }

    async fn mail(&mut self) -> Result<(), Diagnostic> {
        loop {
            let delivered = self.desk.deliver(&self.spool).await?;
            self.mails += delivered.sent;
            if delivered.sent + delivered.dropped + delivered.failed + delivered.given_up == 0 {
                return Ok(());
            }
        }
    }

    /// The reporter asks what the lint says of a report; nothing is sent yet.
    pub(super) async fn lint(&mut self, project: &str, report: &str) -> Result<(), Diagnostic> {
        let draft = serde_json::to_value(read(report)?).map_err(|error| Diagnostic::cannot(chain(&error)))?;
        let anybody = RemoteDesk::new(&self.address, Credential::Anonymous)?;
        let answer = anybody.ask(&format!("/api/v1/projects/{project}/lint"), &draft).await?;
        let report: LintReport = understood(answer)?;
        let rules: std::collections::BTreeSet<&str> =
            report.findings.iter().map(|judged| judged.finding.rule.as_str()).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        let what = match rules.len() {
            0 => "Check the report: nothing to mend".to_owned(),
            count => format!("Check the report: {count} rules have something to say ({})", rules.join(", ")),
        };
        self.tell("reporter-a", &what, "O06")
    }

    /// The reporter sends a report; the steps that follow are about its case.
    pub(super) async fn report(&mut self, who: &str, project: &str, report: &str) -> Result<(), Diagnostic> {
        let anybody = RemoteDesk::new(&self.address, Credential::Anonymous)?;
        let body = json!({ "report": read(report)? });
        let submitted: Submitted =
            understood(anybody.post(&format!("/api/v1/projects/{project}/reports"), &body).await?)?;
        let state = submitted.lifecycle.as_str();
        self.reporter =
            Some(RemoteDesk::new(&self.address, Credential::ReportLink(Secret::given(&submitted.link)))?);
        self.case = Some(submitted.case);
        self.link = Some(submitted.link);
        self.tell(who, &format!("Send a report to {project}: {state}, {}", submitted.reference), "O01")?;
        self.mail().await
    }

    /// Somebody takes a step in the present case.
    pub(super) async fn step(&mut self, who: &str, step: &str, fields: Value) -> Result<Done, Diagnostic> {
        let kind =
            StepKind::find(step).ok_or_else(|| Diagnostic::cannot(format!("there is no step {step}")))?;
        let answer = match (&self.reporter, who.starts_with("reporter"), self.case) {
            (Some(reporter), true, _) => {
                reporter.post(&format!("/api/v1/report/steps/{step}"), &fields).await
            }
            (_, _, Some(case)) => {
                let remote = &self.remote(who)?.1;
                remote.post(&format!("/api/v1/cases/{case}/steps/{step}"), &fields).await
            }
            _ => return Err(Diagnostic::cannot("the story has no report yet")),
        };
        let done = understood(answer.map_err(|diagnostic| diagnostic.at(format!("{who}, step `{step}`")))?)?;
        let about = described(kind, &fields);
        self.tell(who, &about, kind.rule)?;
        self.mail().await?;
        Ok(done)
    }

    /// The present case as somebody sees it.
    pub(super) async fn look(&self, who: &str) -> Result<Value, Diagnostic> {
        let case = self.case.ok_or_else(|| Diagnostic::cannot("the story has no report yet"))?;
        self.remote(who)?.1.get(&format!("/api/v1/cases/{case}")).await
    }

    fn tell(&mut self, actor: &str, what: &str, rule: &str) -> Result<(), Diagnostic> {
        let at = self.desk.now();
        let line = format!("{}  {actor:<16} {:<5} {}\n", at.for_people(), rule, one_line(what));
        self.played.push(DemoStep {
            at,
            actor: actor.to_owned(),
            what: what.to_owned(),
            rule: rule.to_owned(),
        });
        terminal::print(&line)
    }

    fn ended(&self) -> Result<&(CaseId, String, String), Diagnostic> {
        self.finished
            .as_ref()
            .ok_or_else(|| Diagnostic::refused("the story ended without a published advisory"))
    }

    /// The case that was published.
    pub(super) fn finished(&self) -> Result<CaseId, Diagnostic> {
        Ok(self.ended()?.0)
    }

    /// Its advisory.
    pub(super) fn advisory(&self) -> Result<&str, Diagnostic> {
        Ok(&self.ended()?.1)
    }

    /// Its reporter's secret link.
    pub(super) fn link(&self) -> Result<&str, Diagnostic> {
        Ok(&self.ended()?.2)
    }

    /// Closes the connections, so that the server that played along can end.
    pub(super) fn hang_up(&mut self) {
        self.persons.clear();
        self.reporter = None;
    }
}

/// A step as the story tells it: its title, with what was chosen and for which project.
fn described(kind: &StepKind, fields: &Value) -> String {
    let chosen = kind.fields.iter().filter_map(|field| {
        let word = fields[field.name].as_str()?;
        match field.entry {
            Entry::Choice(choices) => {
                let label = choices.iter().find(|(known, _)| *known == word).map_or(word, |(_, label)| label);
                Some(label.split(':').next().unwrap_or(label).to_owned())
            }
            Entry::Project | Entry::CaseProject | Entry::Clause => Some(word.to_owned()),
            Entry::Line if field.required && word.len() < 40 => Some(word.to_owned()),
            _ => None,
        }
    });
    let chosen: Vec<String> = chosen.collect();
    if chosen.is_empty() { kind.title.to_owned() } else { format!("{}: {}", kind.title, chosen.join(", ")) }
}

fn read(report: &str) -> Result<ReportDraft, Diagnostic> {
    ReportDraft::from_text(report.as_bytes(), Kind::Text).map_err(|error| Diagnostic::cannot(chain(&error)))
}

fn understood<T: DeserializeOwned>(answer: Value) -> Result<T, Diagnostic> {
    serde_json::from_value(answer).map_err(|error| {
        Diagnostic::cannot(format!("the desk's answer is not understood: {}", chain(&error)))
    })
}
