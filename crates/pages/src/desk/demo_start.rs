//! Where the demo begins: what was played, whom to be, what to look at first.

use askama::Template;

use crate::{
    Href, Shell, Text,
    part::{FormTokens, Link, Moment, RuleReference},
};

/// The first page of the demo.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/demo_start.html")]
pub struct DemoStart {
    /// The frame.
    pub shell: Shell,
    /// What this demo is, in a sentence or two.
    pub summary: Text,
    /// The simulated clock's time.
    pub clock: Moment,
    /// The page to open first.
    pub first: Link,
    /// Whom one can be.
    pub roles: Vec<DemoRole>,
    /// What was played, in order.
    pub played: Vec<PlayedStep>,
    /// Other pages worth a look.
    pub more: Vec<Link>,
}

/// Somebody that one can be in the demo.
#[derive(Debug, Clone)]
pub struct DemoRole {
    /// The name: `coordinator-a`.
    pub name: Text,
    /// The role in words.
    pub role: Text,
    /// What they see and can do.
    pub sees: Text,
    /// Where the form that becomes them goes (POST).
    pub action: Href,
    /// Its tokens.
    pub tokens: FormTokens,
}

/// A step that the demo played.
#[derive(Debug, Clone)]
pub struct PlayedStep {
    /// When, on the simulated clock.
    pub at: Moment,
    /// Who.
    pub actor: Text,
    /// What.
    pub what: Text,
    /// The rule behind it.
    pub rule: Option<RuleReference>,
}
