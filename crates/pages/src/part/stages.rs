//! The stages of a process as a picture and, always, as a list.

use askama::Template;

use crate::{Text, part::Moment};

/// Where one stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageState {
    /// It is over.
    Passed,
    /// It is now.
    Current,
    /// It comes later.
    Ahead,
    /// It will not come: the process ended before.
    Skipped,
}

/// One stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// What it is called: `Acknowledged`.
    pub name: Text,
    /// What it means for the reader. May be empty.
    pub meaning: Text,
    /// Where it stands.
    pub state: StageState,
    /// When it was passed, or is due.
    pub at: Option<Moment>,
}

impl Stage {
    fn state_words(&self) -> &'static str {
        match self.state {
            StageState::Passed => "passed",
            StageState::Current => "next",
            StageState::Ahead => "still to come",
            StageState::Skipped => "will not come",
        }
    }

    fn class(&self) -> &'static str {
        match self.state {
            StageState::Passed => "passed",
            StageState::Current => "current",
            StageState::Ahead => "ahead",
            StageState::Skipped => "skipped",
        }
    }

    /// What the time beside the stage means.
    fn time_words(&self) -> &'static str {
        match self.state {
            StageState::Passed => "",
            StageState::Current => "since ",
            StageState::Ahead | StageState::Skipped => "by ",
        }
    }
}

/// The stages of a process in order. The picture is decoration; the list says everything.
#[derive(Debug, Clone, Template)]
#[template(path = "part/stages.html")]
pub struct Stages(pub Vec<Stage>);

impl askama::filters::HtmlSafe for Stages {}

/// Horizontal distance between two dots of the picture, in its own units.
const STEP: usize = 100;

impl Stages {
    fn width(&self) -> usize {
        self.0.len().max(1) * STEP
    }

    /// Each stage with the place of its dot.
    fn dots(&self) -> Vec<(usize, &Stage)> {
        self.0.iter().enumerate().map(|(index, stage)| (dot(index), stage)).collect()
    }

    /// How far the line is drawn strong: to the last stage that is passed or current.
    fn reached(&self) -> usize {
        let begun = |stage: &Stage| matches!(stage.state, StageState::Passed | StageState::Current);
        dot(self.0.iter().rposition(begun).unwrap_or(0))
    }

    fn end(&self) -> usize {
        self.width() - STEP / 2
    }
}

fn dot(index: usize) -> usize {
    STEP / 2 + index * STEP
}
