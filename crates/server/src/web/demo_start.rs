//! Where the demo begins: whom to be, what was played, what to look at first.

use bastide_model::time::Instant;
use bastide_pages::{
    Shell,
    desk::{DemoRole, DemoStart, PlayedStep},
    part::{Link, Moment},
};

use super::{forms::Forms, words};
use crate::Demo;

/// The demo's first page.
pub(super) fn page(shell: Shell, demo: &Demo, now: Instant, forms: &Forms) -> DemoStart {
    let first = if demo.first.is_empty() {
        Link::new("The front page of the desk", "/projects")
    } else {
        Link::new("The advisory at the end of the case that was played", demo.first.as_str())
    };
    DemoStart {
        shell,
        summary: "A desk that runs on this machine with made-up reports. Its clock was simulated while the case was played, and runs on from there."
            .into(),
        clock: Moment::of(now),
        first,
        roles: demo
            .roles
            .iter()
            .map(|role| DemoRole {
                name: role.name.as_str().into(),
                role: role.role.as_str().into(),
                sees: role.sees.as_str().into(),
                action: format!("/{}/{}", if role.reporter { "status" } else { "sign-in" }, role.secret)
                    .into(),
                tokens: forms.tokens(),
            })
            .collect(),
        played: demo
            .played
            .iter()
            .map(|step| PlayedStep {
                at: Moment::of(step.at),
                actor: step.actor.as_str().into(),
                what: step.what.as_str().into(),
                rule: words::rule(&step.rule),
            })
            .collect(),
        more: vec![
            Link::new("The projects and how to report", "/projects"),
            Link::new("All advisories", "/advisories"),
            Link::new("Whom we thank", "/acknowledgements"),
            Link::new("The ledger", "/ledger"),
        ],
    }
}
