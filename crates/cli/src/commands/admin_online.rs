//! `bastide admin --desk URL`: the same administration over a running desk's API, in the name of whoever holds the token.
//!
//! What needs two persons becomes a proposal here, too; its id is printed, and another administrator approves it with
//! `bastide admin --desk URL proposal approve`.

use std::{
    fmt::Write as _,
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use bastide_model::{
    id::{CaseId, ChangeId},
    output::{Outcome, one_line},
    party::ProjectName,
};
use bastide_usecases::{NewPerson, shown_identity};
use clap::Subcommand;
use serde_json::{Value, json};

use super::admin::{AdminVerb, GrantArguments, PersonVerb, ProjectVerb, identities};
use crate::{
    connection::Connection,
    diagnostic::{Diagnostic, chain},
    http_client::RemoteDesk,
    terminal,
};

/// Changes that need two persons; only over a running desk.
#[derive(Debug, Subcommand)]
pub(crate) enum ProposalVerb {
    /// List what waits for a second person.
    List,
    /// Show one with old and new.
    Show {
        /// Which.
        #[arg(value_name = "PROPOSAL")]
        id: ChangeId,
    },
    /// Approve somebody else's proposal, which carries it out.
    Approve {
        /// Which.
        #[arg(value_name = "PROPOSAL")]
        id: ChangeId,
        /// A note.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Refuse somebody else's proposal.
    Refuse {
        /// Which.
        #[arg(value_name = "PROPOSAL")]
        id: ChangeId,
        /// Why; its proposer reads it.
        #[arg(long)]
        note: String,
    },
    /// Propose to give out a whole case.
    ExportCase {
        /// Which case.
        #[arg(value_name = "CASE")]
        case: CaseId,
        /// Why; the second person reads it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Fetch the archive of a case after the approval of one's own proposal: once, within a day.
    Fetch {
        /// Which proposal.
        #[arg(value_name = "PROPOSAL")]
        id: ChangeId,
        /// Where the archive goes, a tar file that is not there yet.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Take one's own proposal back.
    Withdraw {
        /// Which.
        #[arg(value_name = "PROPOSAL")]
        id: ChangeId,
    },
}

/// Does it at the desk; prints what came of it.
pub(super) async fn run(verb: AdminVerb, connection: &Connection) -> Result<Outcome, Diagnostic> {
    let desk = connection.open_signed_in()?;
    terminal::print(&done(verb, &desk).await?)?;
    Ok(Outcome::Clean)
}

async fn done(verb: AdminVerb, desk: &RemoteDesk) -> Result<String, Diagnostic> {
    match verb {
        AdminVerb::Person(PersonVerb::Add { name, mail, forge }) => {
            let person = NewPerson { name, identities: identities(mail, forge) };
            let written: Vec<String> = person.identities.iter().map(shown_identity).collect();
            let body = json!({ "name": person.name, "identities": written });
            Ok(format!("{}\n", text(&desk.post("/api/v1/admin/people", &body).await?["person"])))
        }
        AdminVerb::Person(PersonVerb::List) => {
            let mut out = String::new();
            for person in list(desk.get("/api/v1/admin/people").await?) {
                let roles: Vec<String> = list(person["roles"].clone()).iter().map(role_in_words).collect();
                let identities: Vec<String> = list(person["identities"].clone())
                    .iter()
                    .map(|identity| text(identity).to_owned())
                    .collect();
                let line = format!(
                    "{}  {}  {}  {}",
                    text(&person["person"]),
                    text(&person["name"]),
                    identities.join(", "),
                    roles.join(", ")
                );
                let _ = writeln!(out, "{}", one_line(&line));
            }
            Ok(out)
        }
        AdminVerb::Project(ProjectVerb::Add { name, title, policy, supports, product, mail }) => {
            let mut body = json!({ "name": name, "title": title, "policy": { "builtin": policy } });
            if let Some(supports) = supports {
                body["supports"] = json!({ "builtin": supports });
            }
            if let Some(mail) = mail {
                body["mail"] = json!(mail);
            }
            if let Some(product) = product {
                body["product"] = json!(product);
            }
            Ok(format!("{}\n", text(&desk.post("/api/v1/admin/projects", &body).await?["project"])))
        }
        AdminVerb::Project(ProjectVerb::List) => {
            let mut out = String::new();
            for project in list(desk.get("/api/v1/projects").await?) {
                let title = one_line(text(&project["title"]));
                let _ = writeln!(out, "{:<24} {title}", text(&project["name"]));
            }
            Ok(out)
        }
        AdminVerb::Grant(grant) => change_role(desk, &grant, true).await,
        AdminVerb::Revoke(grant) => change_role(desk, &grant, false).await,
        AdminVerb::SignInLink { person } => {
            let path = format!("/api/v1/admin/people/{person}/link");
            Ok(format!("{}\n", text(&desk.post(&path, &json!({})).await?["link"])))
        }
        AdminVerb::Token(_) => Err(Diagnostic::usage("a token is made by whoever it is for")
            .remedy("they make it on their account page; on the desk's own machine, leave `--desk` out")),
        AdminVerb::LostPasskeys { person, reason } => {
            let Some(reason) = reason else {
                return Err(Diagnostic::usage(
                    "whoever approves it reads how you made sure that it is they who ask",
                )
                .at("`lost-passkeys`")
                .remedy("say it with `--reason`"));
            };
            let body =
                json!({ "change": { "kind": "recover-passkeys", "person": person }, "reason": reason });
            let answer = desk.post("/api/v1/admin/proposals", &body).await?;
            terminal::say("This takes two persons; another administrator approves it:\n");
            Ok(format!("{}\n", text(&answer["proposal"])))
        }
        AdminVerb::StopRecovery { person } => {
            desk.post(&format!("/api/v1/admin/people/{person}/recovery/stop"), &json!({})).await?;
            Ok("Stopped: their passkeys go on working.\n".to_owned())
        }
        AdminVerb::Keys(_) => Err(Diagnostic::usage("keys lie on the desk's own machine and are replaced there")
            .at("`keys`")
            .remedy("leave `--desk` out, on that machine, while the desk is stopped; a desk shows its public keys at /keys")),
        AdminVerb::Proposal(verb) => proposal(verb, desk).await,
    }
}

async fn change_role(desk: &RemoteDesk, grant: &GrantArguments, gives: bool) -> Result<String, Diagnostic> {
    let mut body = json!({ "role": grant.role, "gives": gives });
    let project: Option<&ProjectName> = grant.project.as_ref();
    if let Some(project) = project {
        body["project"] = json!(project);
    }
    if let Some(until) = grant.until {
        body["until"] = json!(until);
    }
    if let Some(reason) = &grant.reason {
        body["reason"] = json!(reason);
    }
    let answer = desk.post(&format!("/api/v1/admin/people/{}/roles", grant.person), &body).await?;
    Ok(match answer["proposal"].as_str() {
        Some(id) => {
            terminal::say("This takes two persons; another administrator approves it:\n");
            format!("{id}\n")
        }
        None => String::new(),
    })
}

async fn proposal(verb: ProposalVerb, desk: &RemoteDesk) -> Result<String, Diagnostic> {
    let (id, act, note) = match verb {
        ProposalVerb::List => {
            let mut out = String::new();
            for line in list(desk.get("/api/v1/admin/proposals").await?) {
                let words = format!(
                    "{}  {} of {}, by {}, until {}",
                    text(&line["proposal"]),
                    text(&line["kind"]),
                    text(&line["object"]),
                    text(&line["proposer"]),
                    text(&line["expires"])
                );
                let _ = writeln!(out, "{}", one_line(&words));
            }
            return Ok(out);
        }
        ProposalVerb::Show { id } => {
            let shown = desk.get(&format!("/api/v1/admin/proposals/{id}")).await?;
            let mut out = format!(
                "{}\n{} of {}, by {}: {}\nreason: {}\n",
                id,
                text(&shown["kind"]),
                one_line(text(&shown["object"])),
                one_line(text(&shown["proposer"])),
                text(&shown["state"]),
                one_line(text(&shown["reason"])),
            );
            for part in list(shown["changes"].clone()) {
                let _ = writeln!(out, "\n{}", one_line(text(&part["part"])));
                for (mark, side) in [('-', "old"), ('+', "new")] {
                    for line in text(&part[side]).lines() {
                        let _ = writeln!(out, "{mark} {}", one_line(line));
                    }
                }
            }
            return Ok(out);
        }
        ProposalVerb::ExportCase { case, reason } => {
            let body = json!({ "change": { "kind": "export-case", "case": case }, "reason": reason });
            let answer = desk.post("/api/v1/admin/proposals", &body).await?;
            return Ok(format!("{}\n", text(&answer["proposal"])));
        }
        ProposalVerb::Fetch { id, output } => return fetch(id, &output, desk).await,
        ProposalVerb::Approve { id, note } => (id, "approve", note),
        ProposalVerb::Refuse { id, note } => (id, "refuse", note),
        ProposalVerb::Withdraw { id } => (id, "withdraw", String::new()),
    };
    let path = format!("/api/v1/admin/proposals/{id}/{act}");
    let answer = desk.post(&path, &json!({ "note": note })).await?;
    Ok(format!("{id}: {}\n", text(&answer["state"])))
}

async fn fetch(id: ChangeId, output: &Path, desk: &RemoteDesk) -> Result<String, Diagnostic> {
    let failed = |error: std::io::Error| {
        Diagnostic::cannot(format!("the archive cannot be written: {}", chain(&error)))
            .at(output.display().to_string())
            .remedy("name a file that is not there yet, in a directory where you may write")
    };
    // Made first, and for its owner only: the desk gives the archive once.
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(output);
    let mut file = made.map_err(failed)?;
    let path = format!("/api/v1/admin/proposals/{id}/archive");
    match desk.post_for_bytes(&path, &json!({})).await {
        Ok(bytes) => {
            file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(format!("{}: {} bytes\n", output.display(), bytes.len()))
        }
        Err(refused) => {
            let _ = std::fs::remove_file(output);
            Err(refused)
        }
    }
}

fn role_in_words(role: &Value) -> String {
    let place = role["project"].as_str().map(|project| format!(" of {project}")).unwrap_or_default();
    let open = if role["taken-on"] == json!(true) { "" } else { " (offered)" };
    format!("{}{place}{open}", text(&role["role"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}
