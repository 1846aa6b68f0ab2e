//! The machinery of the desk, for its administrators: what is held, how the jobs go, what could not be sent.

use askama::Template;

use crate::{
    Shell, Text,
    part::{ActionForm, Badge, EmptyState, Moment},
};

/// The page of the machinery.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/operations.html")]
pub struct Operations {
    /// The frame.
    pub shell: Shell,
    /// Since when and why everything outgoing is held, when it is.
    pub held: Option<Text>,
    /// The form that holds or lets go.
    pub hold: ActionForm,
    /// The jobs that run without a request.
    pub jobs: Vec<JobRow>,
    /// Counts: what, how much.
    pub facts: Vec<(Text, Text)>,
    /// When they were counted.
    pub read: Moment,
    /// What could not be sent.
    pub letters: Vec<DeadLetterRow>,
    /// What is said when there is none.
    pub no_letters: EmptyState,
}

/// A job.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// What it does.
    pub what: Text,
    /// How it goes.
    pub state: Badge,
    /// When a round last ended well.
    pub succeeded: Option<Moment>,
    /// When a round last failed.
    pub failed: Option<Moment>,
    /// How many rounds failed.
    pub failures: Text,
}

/// A message that could not be sent.
#[derive(Debug, Clone)]
pub struct DeadLetterRow {
    /// Its id.
    pub id: Text,
    /// Which text, by which channel.
    pub what: Text,
    /// Why it could not be sent.
    pub why: Text,
    /// How often it was tried.
    pub attempts: Text,
    /// When it was given up.
    pub given_up: Moment,
    /// The form that tries it again.
    pub retry: ActionForm,
    /// The form that gives it up for ever.
    pub drop: ActionForm,
}
