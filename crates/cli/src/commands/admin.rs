//! `bastide admin`: the operator's use cases, on the machine where the desk's data lie, or with `--desk` over the API of
//! a running desk. Every one is in the ledger.

use std::fmt::Write as _;

use bastide_authz::{Role, Scope};
use bastide_model::{
    id::PersonId,
    output::{Outcome, one_line},
    party::{Identity, ProjectName},
    time::{Instant, Span},
};
use bastide_usecases::{Desk, NewPerson, ProjectSetup, Secret};
use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{admin_keys::KeysVerb, admin_online::ProposalVerb};
use crate::{
    connection::Connection,
    desk_place::{DeskPlace, Missing, named},
    diagnostic::{Diagnostic, chain},
    setting_flags::SettingFlags,
    terminal,
};

/// The roles that the operator gives. Reporter and service are given by the desk itself.
const ROLES: [&str; 9] = [
    "coordinator",
    "developer",
    "project-admin",
    "programme-admin",
    "auditor",
    "conduct-team",
    "cna",
    "observer",
    "board",
];

/// Runs the desk from the machine it stands on.
#[derive(Debug, Args)]
#[command(
    after_help = "With --desk these commands talk to a running desk in the name of whoever holds the token. Without it they \
                  open the data directory themselves, so the desk must be stopped. Each leaves an event in the \
                  ledger.\n\nExamples:\n  bastide admin project add jupyterlab --title JupyterLab --policy jupyter \
                  --supports jupyter --product jupyterlab\n  bastide admin person add 'Coordinator A' --mail \
                  coordinator-a@example.org\n  bastide admin grant person-… coordinator --project jupyterlab\n  \
                  bastide admin sign-in-link person-…\n  bastide admin --desk https://desk.example.org proposal list"
)]
pub(crate) struct Admin {
    #[command(flatten)]
    settings: SettingFlags<false>,
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: AdminVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminVerb {
    /// The directory of persons.
    #[command(subcommand)]
    Person(PersonVerb),
    /// The projects of the programme.
    #[command(subcommand)]
    Project(ProjectVerb),
    /// Give somebody a role.
    Grant(GrantArguments),
    /// End somebody's role, and their sessions, at once.
    Revoke(GrantArguments),
    /// Tokens for the API and the command line.
    #[command(subcommand)]
    Token(TokenVerb),
    /// Let somebody begin anew who lost their passkeys: the old ones and their sessions end, and a link is printed that
    /// signs them in once, to make a new passkey. They and the administrators are told by mail. With --desk it is a proposal
    /// that another administrator approves; the link then goes to them by mail after a wait.
    LostPasskeys {
        /// Who. Make sure that it is they who ask: by a call, or in person.
        #[arg(value_name = "PERSON")]
        person: PersonId,
        /// How you made sure; whoever approves it reads this. (Only with --desk, and needed there.)
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Stop a replacement of somebody's passkeys that two administrators agreed on and that waits; at a running desk only.
    StopRecovery {
        /// Whose.
        #[arg(value_name = "PERSON")]
        person: PersonId,
    },
    /// Make a link that signs somebody in once, within a day. Send it to them on a way you trust.
    SignInLink {
        /// Who.
        #[arg(value_name = "PERSON")]
        person: PersonId,
    },
    /// The desk's own keys: which there are, and new ones in place of old ones.
    #[command(subcommand)]
    Keys(KeysVerb),
    /// Changes that need two persons; at a running desk only.
    #[command(subcommand)]
    Proposal(ProposalVerb),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonVerb {
    /// Add somebody; prints their id.
    Add {
        /// The name they want to be shown by.
        name: String,
        /// A mail address; it receives links, never content. Repeatable.
        #[arg(long, value_name = "ADDRESS")]
        mail: Vec<String>,
        /// A handle on a forge, `github.com/handle`. Repeatable.
        #[arg(long, value_name = "HOST/HANDLE", value_parser = forge)]
        forge: Vec<Identity>,
    },
    /// List everybody.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectVerb {
    /// Take a project in, or change its rules. Open cases keep the rules they were opened under.
    Add {
        /// The name in addresses and commands.
        name: ProjectName,
        /// The name that people read.
        #[arg(long)]
        title: String,
        /// The built-in disclosure policy.
        #[arg(long, value_name = "NAME")]
        policy: String,
        /// The built-in file of supported versions.
        #[arg(long, value_name = "NAME")]
        supports: Option<String>,
        /// The product in that file.
        #[arg(long, value_name = "NAME", requires = "supports")]
        product: Option<String>,
        /// The mail address that takes reports, where it is another than the policy's. (Only with --desk.)
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<String>,
    },
    /// List the projects.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Make a token in somebody's name; it is printed once.
    Issue {
        /// Who.
        #[arg(value_name = "PERSON")]
        person: PersonId,
        /// For how many days it works.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=366))]
        days: u16,
        /// Let it do the steps for which pages ask to sign in afresh, such as approving an advisory.
        #[arg(long)]
        may_confirm: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GrantArguments {
    /// Who.
    #[arg(value_name = "PERSON")]
    pub(super) person: PersonId,
    /// The role.
    #[arg(value_name = "ROLE", value_parser = PossibleValuesParser::new(ROLES).try_map(|name| role(&name)))]
    pub(super) role: Role,
    /// In which project; in the whole programme without it.
    #[arg(long, value_name = "NAME")]
    pub(super) project: Option<ProjectName>,
    /// Until when, as `2027-01-31T00:00:00Z`; open without it. (Only for a grant.)
    #[arg(long, value_name = "INSTANT")]
    pub(super) until: Option<Instant>,
    /// Why, for whoever approves it where that takes two persons. (Only with --desk.)
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
}

impl GrantArguments {
    fn scope(&self) -> Scope {
        self.project.clone().map_or(Scope::Programme, Scope::Project)
    }
}

fn role(name: &str) -> Result<Role, serde_json::Error> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
}

fn forge(text: &str) -> Result<Identity, String> {
    match text.split_once('/') {
        Some((host, handle)) if host.contains('.') && !handle.is_empty() && !handle.contains('/') => {
            Ok(Identity::Forge { host: host.to_owned(), handle: handle.trim_start_matches('@').to_owned() })
        }
        _ => Err("write HOST/HANDLE, such as github.com/maintainer-a".to_owned()),
    }
}

/// The address that signs somebody in.
pub(crate) fn sign_in_address(desk: &Desk, secret: &Secret) -> String {
    format!("{}/sign-in/{}", desk.settings().public_url, secret.reveal())
}

impl Admin {
    pub(crate) async fn run(self) -> Result<Outcome, Diagnostic> {
        if self.connection.names_desk() {
            return super::admin_online::run(self.verb, &self.connection).await;
        }
        let makes =
            !matches!(self.verb, AdminVerb::Person(PersonVerb::List) | AdminVerb::Project(ProjectVerb::List));
        let missing = if makes { Missing::Make } else { Missing::Refuse };
        let settings = self.settings.load()?.settings.desk;
        if let AdminVerb::Keys(verb) = self.verb {
            return verb.run(&DeskPlace::of(&settings)?).await;
        }
        let desk = DeskPlace::of(&settings)?.desk(named(&settings, "http://localhost:8080"), missing).await?;
        let done = self.verb.run(&desk).await;
        desk.store().close().await;
        terminal::print(&done?)?;
        Ok(Outcome::Clean)
    }
}

impl AdminVerb {
    /// Does it; gives what is printed.
    async fn run(self, desk: &Desk) -> Result<String, Diagnostic> {
        match self {
            Self::Person(PersonVerb::Add { name, mail, forge }) => {
                let identities = identities(mail, forge);
                Ok(format!("{}\n", desk.add_person(NewPerson { name, identities }).await?))
            }
            Self::Person(PersonVerb::List) => persons(desk).await,
            Self::Project(ProjectVerb::Add { mail: Some(_), .. }) => {
                Err(Diagnostic::usage("an address of its own is set over a running desk only")
                    .at("`--mail`")
                    .remedy("name the desk, `bastide admin --desk URL project add …`, or leave it out"))
            }
            Self::Project(ProjectVerb::Add { name, title, policy, supports, product, mail: None }) => {
                let setup = ProjectSetup::builtin(
                    name.clone(),
                    &title,
                    &policy,
                    supports.as_deref(),
                    product.as_deref(),
                )?;
                desk.set_up_project(setup).await?;
                Ok(format!("{name}\n"))
            }
            Self::Project(ProjectVerb::List) => {
                let mut text = String::new();
                for project in desk.projects().await? {
                    let facts = desk.project(&project.name).await?;
                    let title = one_line(&project.title);
                    let _ = writeln!(
                        text,
                        "{:<24} {title} (policy {})",
                        project.name.as_str(),
                        facts.policy.name
                    );
                }
                Ok(text)
            }
            Self::Grant(grant) => {
                desk.grant(grant.person, grant.role, grant.scope(), grant.until).await?;
                Ok(String::new())
            }
            Self::Revoke(grant) => {
                if grant.until.is_some() {
                    return Err(Diagnostic::usage("`revoke` ends a role now")
                        .at("`--until`")
                        .remedy("leave it out"));
                }
                desk.end_grant(grant.person, grant.role, grant.scope()).await?;
                Ok(String::new())
            }
            Self::Token(TokenVerb::Issue { person, days, may_confirm }) => {
                let token = desk.issue_token(person, Span::days(i64::from(days)), may_confirm).await?;
                terminal::say("The token is shown once; `bastide login` takes it on standard input.\n");
                Ok(format!("{}\n", token.reveal()))
            }
            Self::Keys(_) => Err(Diagnostic::usage("keys are not a matter of an open desk").at("`keys`")),
            Self::Proposal(_) => {
                Err(Diagnostic::usage("proposals are decided by persons, at a running desk")
                    .at("`proposal`")
                    .remedy("name the desk: --desk URL, with a token of whoever decides"))
            }
            Self::StopRecovery { .. } => Err(Diagnostic::usage(
                "a replacement of passkeys is stopped by an administrator, at a running desk",
            )
            .at("`stop-recovery`")
            .remedy("name the desk: --desk URL, with an administrator's token")),
            Self::LostPasskeys { person, .. } => {
                let secret = desk.replace_passkeys(person).await?;
                Ok(format!("{}\n", sign_in_address(desk, &secret)))
            }
            Self::SignInLink { person } => {
                let secret = desk.issue_sign_in_link(person).await?;
                Ok(format!("{}\n", sign_in_address(desk, &secret)))
            }
        }
    }
}

/// A person's identities as the options name them.
pub(super) fn identities(mail: Vec<String>, forge: Vec<Identity>) -> Vec<Identity> {
    mail.into_iter().map(|address| Identity::Mail { address }).chain(forge).collect()
}

async fn persons(desk: &Desk) -> Result<String, Diagnostic> {
    let mut text = String::new();
    for (id, person) in desk.persons().await? {
        let identities: Vec<String> = person
            .identities
            .iter()
            .map(|identity| match identity {
                Identity::Mail { address } => address.clone(),
                Identity::Forge { host, handle } => format!("{host}/{handle}"),
                Identity::Outside { issuer, subject, shown } => format!("{shown} ({issuer}#{subject})"),
            })
            .collect();
        let grants = desk.store().grants_of(id).await?;
        let now = desk.now();
        let roles: Result<Vec<String>, Diagnostic> =
            grants.iter().filter(|grant| grant.holds(now)).map(described).collect();
        let line = format!("{id}  {}  {}  {}", person.name, identities.join(", "), roles?.join(", "));
        let _ = writeln!(text, "{}", one_line(&line));
    }
    Ok(text)
}

fn described(grant: &bastide_authz::Grant) -> Result<String, Diagnostic> {
    let role = serde_json::to_value(grant.role).map_err(|error| Diagnostic::cannot(chain(&error)))?;
    let role = role.as_str().unwrap_or_default().to_owned();
    Ok(match &grant.scope {
        Scope::Programme => role,
        Scope::Project(project) => format!("{role} of {project}"),
        Scope::Case(case) => format!("{role} in {case}"),
    })
}
