//! Something that a person can do, as a form that explains itself.

use askama::Template;

use crate::{
    Href, Text,
    part::{Control, Field, FormTokens, RuleReference, field::FieldInForm},
};

/// One action: what it does, why and by which rule one may, the fields it needs, and a button.
///
/// The server can offer any command of the desk in this shape. A disabled action is shown with its reason, so that
/// people learn what is missing instead of guessing.
#[derive(Debug, Clone, Template)]
#[template(path = "part/action.html")]
pub struct ActionForm {
    /// Unique on the page; letters, digits and dashes: `acknowledge`, `approve-advisory`.
    pub id: Text,
    /// What it does, in the imperative: `Acknowledge the report`.
    pub title: Text,
    /// Why one would do it now. May be empty.
    pub why: Text,
    /// The rule that asks for it or allows it.
    pub rule: Option<RuleReference>,
    /// Where the form is sent (always POST).
    pub action: Href,
    /// Its tokens.
    pub tokens: FormTokens,
    /// What it needs.
    pub fields: Vec<Field>,
    /// The words on the button.
    pub submit: Text,
    /// Another button, before it: a look at what would happen. Return in a field presses this one.
    pub before: Option<Button>,
    /// Why it cannot be done now; then there is no form.
    pub disabled: Option<Text>,
    /// Whether it cannot be taken back: said in words and by colour.
    pub grave: bool,
    /// Whether it is shown unfolded.
    pub open: bool,
}

impl askama::filters::HtmlSafe for ActionForm {}

impl ActionForm {
    /// A folded form with one button that carries the title, and nothing to fill in; what differs is set after.
    #[must_use]
    pub fn new(
        id: impl Into<Text>,
        title: impl Into<Text>,
        action: impl Into<Href>,
        tokens: FormTokens,
    ) -> Self {
        let title = title.into();
        Self {
            id: id.into(),
            submit: title.clone(),
            title,
            why: Text::default(),
            rule: None,
            action: action.into(),
            tokens,
            fields: Vec::new(),
            before: None,
            disabled: None,
            grave: false,
            open: false,
        }
    }

    /// The same with the reason for doing it now.
    #[must_use]
    pub fn because(self, why: impl Into<Text>) -> Self {
        Self { why: why.into(), ..self }
    }

    /// The same with what it needs.
    #[must_use]
    pub fn asking(self, fields: Vec<Field>) -> Self {
        Self { fields, ..self }
    }

    /// The same, shown unfolded.
    #[must_use]
    pub fn unfolded(self) -> Self {
        Self { open: true, ..self }
    }

    /// The same, marked as what cannot be taken back.
    #[must_use]
    pub fn grave(self) -> Self {
        Self { grave: true, ..self }
    }

    fn has_file(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.control, Control::File))
    }

    fn form_id(&self) -> String {
        format!("do-{}", self.id.for_id())
    }

    fn placed<'a>(&self, form: &'a str, field: &'a Field) -> FieldInForm<'a> {
        let _ = self;
        field.within(form)
    }

    /// The same action as a bare form, for a page that is about nothing else.
    pub(crate) fn bare(&self) -> BareAction<'_> {
        BareAction { form: self }
    }
}

/// A further button of a form, with what it sends.
#[derive(Debug, Clone)]
pub struct Button {
    name: Text,
    value: Text,
    label: Text,
}

impl Button {
    /// A button that sends `name=value`.
    pub fn new(name: impl Into<Text>, value: impl Into<Text>, label: impl Into<Text>) -> Self {
        Self { name: name.into(), value: value.into(), label: label.into() }
    }
}

/// The form of an action without the fold around it.
#[derive(Debug, Template)]
#[template(path = "part/action_form.html")]
pub(crate) struct BareAction<'a> {
    form: &'a ActionForm,
}

impl askama::filters::HtmlSafe for BareAction<'_> {}

/// Actions that belong to one role.
#[derive(Debug, Clone)]
pub struct ActionGroup {
    /// The role, as people say it: `As coordinator`.
    pub role: Text,
    /// What this role is for in the process (J08, J10). May be empty.
    pub explanation: Text,
    /// What it can do here.
    pub actions: Vec<ActionForm>,
}

impl ActionGroup {
    /// What can be done now.
    pub(crate) fn now(&self) -> impl Iterator<Item = &ActionForm> {
        self.actions.iter().filter(|action| action.disabled.is_none())
    }

    /// What waits for something else.
    pub(crate) fn later(&self) -> impl Iterator<Item = &ActionForm> {
        self.actions.iter().filter(|action| action.disabled.is_some())
    }
}
