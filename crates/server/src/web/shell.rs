//! The frame of every page: name, navigation, who is signed in, what to know before reading on.

use bastide_authz::Scope;
use bastide_pages::{
    NavigationLink, Notice, Shell, SignedIn,
    part::{FormTokens, Link, Tone},
};

use bastide_usecases::proposal::{RecoveryAhead, Waiting};

use super::words;
use crate::{App, visitor::Visitor};

/// The frame for this visitor at this path.
pub(super) fn frame(app: &App, visitor: Option<&Visitor>, path: &str) -> Shell {
    let signed_in = visitor.and_then(|visitor| visitor.signed_in.as_ref());
    let reports = visitor.is_some_and(|visitor| visitor.report_link.is_some());
    let projects = if app.options().demo.is_some() { "/projects" } else { "/" };
    let mut places = vec![("Projects", projects), ("Advisories", "/advisories")];
    if signed_in.is_some() {
        places.push(("Inbox", "/inbox"));
        places.push(("Account", "/account"));
        places.push(("Your reports", "/reports"));
    }
    if visitor.is_some_and(|visitor| super::admin::administers(app, &visitor.actor)) {
        places.push(("Administration", "/admin"));
    }
    if reports {
        places.push(("Your report", "/status"));
    }
    if signed_in.is_none() {
        places.push(("Sign in", "/sign-in"));
    }
    let navigation = places
        .into_iter()
        .map(|(label, href)| NavigationLink {
            label: label.into(),
            href: href.into(),
            current: is_at(path, href),
        })
        .collect();
    let mut notices = Vec::new();
    if app.options().demo.is_some() {
        notices.push(Notice {
            tone: Tone::Progress,
            text: format!(
                "A demonstration: the clock is simulated and shows {}.",
                app.desk().now().for_people()
            )
            .into(),
            link: Some(Link::new("Be somebody else", "/")),
        });
    }
    let now = app.desk().now();
    let offered = |signed_in: &bastide_usecases::SignedIn| signed_in.actor.is_offered_a_role(now);
    if signed_in.is_some_and(offered) && path != "/roles" {
        notices.push(Notice {
            tone: Tone::Progress,
            text: "You were offered a role. It begins when you take it on.".into(),
            link: Some(Link::new("Look at it", "/roles")),
        });
    }
    if let Some(visitor) = visitor {
        notices.extend(of_proposals(&visitor.waiting, path));
    }
    Shell {
        site_name: app.desk().settings().programme.as_str().into(),
        person: signed_in.map(person),
        navigation,
        notices,
        footer: vec![
            Link::new("Security", "/security"),
            Link::new("Whom we thank", "/acknowledgements"),
            Link::new("Ledger", "/ledger"),
            Link::new("Feed", "/feed.atom"),
            Link::new("security.txt", "/.well-known/security.txt"),
            Link::new("Follow your report", "/status"),
        ],
    }
}

/// That somebody is asked to be the second person, and that somebody's passkeys are about to be replaced.
fn of_proposals(waiting: &Waiting, path: &str) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(recovery) = waiting.recovery.filter(|_| path != "/account") {
        let text = match recovery {
            RecoveryAhead::Proposed => {
                "An administrator proposed to replace your passkeys, because you lost them. If you did not, stop it."
                    .to_owned()
            }
            RecoveryAhead::Agreed(due) => format!(
                "Two administrators agreed that you lost your passkeys. At {} your passkeys and sessions end. If you did not \
                 ask for it, stop it now.",
                due.for_people()
            ),
        };
        let link = Link::new("Stop it", "/account#action-stop-recovery");
        notices.push(Notice { tone: Tone::Danger, text: text.into(), link: Some(link) });
    }
    let elsewhere = !path.starts_with("/admin/proposals") && !path.starts_with("/cases/");
    if let (Some(first), true) = (waiting.to_decide.first(), elsewhere) {
        let (text, link) = match waiting.to_decide.len() {
            1 => (
                "A change waits for a second person: you can approve or refuse it.".to_owned(),
                format!("/admin/proposals/{first}"),
            ),
            count => (
                format!("{count} changes wait for a second person: you can approve or refuse them."),
                "/admin/proposals".to_owned(),
            ),
        };
        let link = Link::new("Look at it", link);
        notices.push(Notice { tone: Tone::Progress, text: text.into(), link: Some(link) });
    }
    notices
}

fn person(signed_in: &bastide_usecases::SignedIn) -> SignedIn {
    let mut roles: Vec<String> = signed_in
        .actor
        .grants
        .iter()
        .filter(|grant| grant.confirmed)
        .map(|grant| match &grant.scope {
            Scope::Programme => words::role(grant.role).to_owned(),
            Scope::Project(project) => format!("{} of {project}", words::role(grant.role)),
            Scope::Case(_) => format!("{} of a case", words::role(grant.role)),
        })
        .collect();
    roles.dedup();
    let role = match roles.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, rest @ ..] => format!(
            "{first} and {} more",
            words::counted(u32::try_from(rest.len()).unwrap_or(u32::MAX), "role")
        ),
    };
    SignedIn {
        name: signed_in.name.as_str().into(),
        role: role.into(),
        sign_out: "/sign-out".into(),
        // Signing out twice is signing out; the key says nothing.
        tokens: FormTokens { idempotency_key: "sign-out".into() },
    }
}

fn is_at(path: &str, href: &str) -> bool {
    match href {
        "/" => path == "/" || path.starts_with("/projects"),
        "/inbox" => path.starts_with("/inbox") || path == "/board" || path.starts_with("/cases/"),
        other => path == other || path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/')),
    }
}
