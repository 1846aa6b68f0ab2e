//! A page that is about one form: a sign-in link to press, a secret link to paste, an invitation to answer.

use askama::Template;

use crate::{
    Shell, Text,
    part::{ActionForm, Link},
};

/// A page with one form.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/one_form.html")]
pub struct OneForm {
    /// The frame.
    pub shell: Shell,
    /// The page's heading.
    pub heading: Text,
    /// What this is about, in a sentence or two.
    pub lead: Text,
    /// The form.
    pub form: ActionForm,
    /// Where to go instead.
    pub next: Vec<Link>,
}
