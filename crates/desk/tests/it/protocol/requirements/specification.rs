//! The part of Vultron's specification format that the oracle reads.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Specification {
    pub(super) groups: Vec<Group>,
}

#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) trigger: Option<Trigger>,
    pub(super) specs: Vec<Requirement>,
}

/// What sets a group's requirements off.
#[derive(Deserialize)]
pub(super) struct Trigger {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct Requirement {
    pub(super) id: String,
    pub(super) priority: String,
    #[serde(default)]
    pub(super) preconditions: Vec<Precondition>,
    #[serde(default)]
    pub(super) steps: Vec<Step>,
    #[serde(default)]
    pub(super) postconditions: Vec<Postcondition>,
}

/// All named parts must be met; several preconditions are alternatives.
#[derive(Deserialize)]
pub(super) struct Precondition {
    pub(super) rm_state: Option<Vec<String>>,
    pub(super) em_state: Option<Vec<String>>,
    pub(super) cs_pattern: Option<String>,
    pub(super) role: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct Step {
    pub(super) actor: String,
    pub(super) action: String,
}

#[derive(Deserialize)]
pub(super) struct Postcondition {
    pub(super) description: String,
}
