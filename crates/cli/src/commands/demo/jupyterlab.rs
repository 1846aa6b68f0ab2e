//! The story of CVE-2024-43805 in JupyterLab and Jupyter Notebook. Ids, versions, the day on which the number was reserved
//! and the day of publication are the public ones; persons, messages and the other dates are made up (`demo/README.md`).

use serde_json::{Value, json};

use super::player::Player;
use crate::diagnostic::{Diagnostic, chain};

const FIRST_REPORT: &str = include_str!("../../../demo/report-first.txt");
const REPORT: &str = include_str!("../../../demo/report.txt");
const ADVISORY: &str = include_str!("../../../demo/advisory.json");

const COORDINATOR: &str = "coordinator-a";
const DEVELOPER: &str = "developer-a";
const APPROVER: &str = "developer-b";
const REPORTER: &str = "reporter-a";
/// The projects, with the release that mends each.
const PROJECTS: [(&str, &str); 2] = [("jupyterlab", "4.2.5"), ("notebook", "7.2.2")];

/// Plays the whole story.
pub(super) async fn play(player: &mut Player) -> Result<(), Diagnostic> {
    reported_and_judged(player).await?;
    everybody_agrees(player).await?;
    mended(player).await?;
    dated(player).await?;
    written_and_approved(player).await?;
    released(player).await?;
    published_and_closed(player).await
}

async fn reported_and_judged(player: &mut Player) -> Result<(), Diagnostic> {
    player.at("2024-07-22T09:02:00Z").await?;
    player.lint("jupyterlab", FIRST_REPORT).await?;
    player.at("2024-07-22T09:40:00Z").await?;
    player.lint("jupyterlab", REPORT).await?;
    player.report(REPORTER, "jupyterlab", REPORT).await?;
    player.at("2024-07-23T08:15:00Z").await?;
    player.step(COORDINATOR, "take", json!({})).await?;
    let text = "Thank you for the clear report. We are looking at it and write again this week.";
    player.step(COORDINATOR, "acknowledge", json!({ "text": text })).await?;
    player.at("2024-07-24T13:30:00Z").await?;
    let reasoning =
        "Markup in Markdown cells is never trusted; here it takes effect when the notebook is opened.";
    let fields =
        json!({ "outcome": "vulnerability", "clause": "untrusted-notebook", "reasoning": reasoning });
    player.step(COORDINATOR, "triage", fields).await?;
    player.step(COORDINATOR, "accept", json!({})).await?;
    player.step(COORDINATOR, "add-project", json!({ "project": "notebook" })).await?;
    Ok(())
}

async fn everybody_agrees(player: &mut Player) -> Result<(), Diagnostic> {
    for developer in [DEVELOPER, APPROVER] {
        let person = player.person(developer)?;
        player.step(COORDINATOR, "invite", json!({ "person": person, "seat": "developer" })).await?;
    }
    player.at("2024-07-24T15:05:00Z").await?;
    player.step(DEVELOPER, "answer-invitation", json!({ "accept": true })).await?;
    player.at("2024-07-25T07:50:00Z").await?;
    player.step(APPROVER, "answer-invitation", json!({ "accept": true })).await?;
    for (project, _) in PROJECTS {
        let note = "The clobbered property is read on opening; no cell has to run.";
        let fields = json!({ "project": project, "result": "confirmed", "note": note });
        player.step(DEVELOPER, "replicate", fields).await?;
    }
    player.at("2024-07-26T10:00:00Z").await?;
    player
        .step(
            COORDINATOR,
            "propose-embargo",
            json!({ "end": "2024-09-06T00:00:00Z", "justification": "Two projects release together." }),
        )
        .await?;
    player.at("2024-07-26T18:20:00Z").await?;
    player.step(REPORTER, "decide-embargo", json!({ "accept": true })).await?;
    player.at("2024-07-29T08:00:00Z").await?;
    for developer in [DEVELOPER, APPROVER] {
        player.step(developer, "answer-invitation", json!({ "accept": true })).await?;
    }
    Ok(())
}

async fn mended(player: &mut Player) -> Result<(), Diagnostic> {
    player.at("2024-08-01T09:00:00Z").await?;
    for (project, _) in PROJECTS {
        let reference = format!("https://github.example/{project}-ghsa-9q39-rmj3-p4r2");
        player.step(DEVELOPER, "fix-start", json!({ "project": project, "reference": reference })).await?;
    }
    player.at("2024-08-09T16:00:00Z").await?;
    let text = "Does removing `id` and `name` break anchors in your material? We keep headings working.";
    let fields = json!({ "tier": "team-and-reporter", "text": text, "asks-reporter": true });
    player.step(DEVELOPER, "message", fields).await?;
    player.at("2024-08-10T11:00:00Z").await?;
    let text = "Headings are all that we link to. The fix holds against everything that I tried.";
    player.step(REPORTER, "message", json!({ "tier": "team-and-reporter", "text": text })).await?;
    player.at("2024-08-14T09:30:00Z").await?;
    player.step(DEVELOPER, "cve-request", json!({})).await?;
    for (project, _) in PROJECTS {
        player.step(DEVELOPER, "fix-agree", json!({ "project": project })).await?;
    }
    player.at("2024-08-16T14:20:00Z").await?;
    player.step(COORDINATOR, "cve-reserve", json!({ "number": "CVE-2024-43805" })).await?;
    let text = "The number is CVE-2024-43805. Until the announcement you may mention it with the software's name, without versions.";
    player.step(COORDINATOR, "notify", json!({ "notice": "cve-number", "text": text })).await?;
    Ok(())
}

async fn dated(player: &mut Player) -> Result<(), Diagnostic> {
    player.at("2024-08-17T10:00:00Z").await?;
    let dates = json!({ "release": "2024-08-21T10:00:00Z", "announcement": "2024-08-28T19:00:00Z" });
    player.step(DEVELOPER, "propose-dates", dates).await?;
    player.at("2024-08-17T12:10:00Z").await?;
    player.step(COORDINATOR, "confirm-dates", json!({})).await?;
    let text = "JupyterLab and Jupyter Notebook: releases on 21 August, announcement on 28 August 2024.";
    player.step(COORDINATOR, "post-notice", json!({ "text": text })).await?;
    let text = "The fix is released on 21 August and announced on 28 August 2024.";
    player.step(COORDINATOR, "notify", json!({ "notice": "dates", "text": text })).await?;
    Ok(())
}

async fn written_and_approved(player: &mut Player) -> Result<(), Diagnostic> {
    let record: Value = serde_json::from_str(ADVISORY).map_err(|error| Diagnostic::cannot(chain(&error)))?;
    let mut first = record.clone();
    first["details"] =
        json!("Opening a prepared notebook lets its author act in the name of whoever opened it.");
    player.at("2024-08-19T09:00:00Z").await?;
    player.step(COORDINATOR, "draft-advisory", json!({ "record": first })).await?;
    player.step(COORDINATOR, "submit-for-review", json!({})).await?;
    player.at("2024-08-19T14:00:00Z").await?;
    let text = "Say what people can do who cannot update at once.";
    player.step(APPROVER, "request-changes", json!({ "text": text })).await?;
    player.at("2024-08-20T08:30:00Z").await?;
    player.step(COORDINATOR, "draft-advisory", json!({ "record": record })).await?;
    player.step(COORDINATOR, "submit-for-review", json!({})).await?;
    player.at("2024-08-20T11:45:00Z").await?;
    let read = player.look(APPROVER).await?["state"]["advisory-digest"].clone();
    player.step(APPROVER, "approve", json!({ "digest": read })).await?;
    Ok(())
}

async fn released(player: &mut Player) -> Result<(), Diagnostic> {
    player.at("2024-08-20T15:00:00Z").await?;
    for (project, _) in PROJECTS {
        let note = "The tests pass on the fork; the report's script ends with 0.";
        player.step(APPROVER, "fix-test", json!({ "project": project, "note": note })).await?;
    }
    player.at("2024-08-21T09:45:00Z").await?;
    for (project, _) in PROJECTS {
        let reference =
            "https://github.com/jupyterlab/jupyterlab/commit/88e24baac551196f9cb3de16bd060a7ab1597674";
        player.step(DEVELOPER, "fix-merge", json!({ "project": project, "reference": reference })).await?;
    }
    player.before_the_clock_looks("2024-08-21T10:00:00Z")?;
    for (project, version) in PROJECTS {
        player.step(DEVELOPER, "fix-release", json!({ "project": project, "version": version })).await?;
    }
    Ok(())
}

async fn published_and_closed(player: &mut Player) -> Result<(), Diagnostic> {
    player.at("2024-08-28T19:00:00Z").await?;
    player.at("2024-08-28T19:43:00Z").await?;
    player.step(COORDINATOR, "cve-published", json!({})).await?;
    let text =
        "JupyterLab 3.6.8 and 4.2.5 and Notebook 7.2.2 are out, and the advisory thanks you. So do we.";
    player.step(COORDINATOR, "notify", json!({ "notice": "releases", "text": text })).await?;
    player.step(COORDINATOR, "close", json!({})).await?;
    Ok(())
}
