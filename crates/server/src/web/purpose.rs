//! The page that asks an auditor why they read a case.

use bastide_model::id::CaseId;
use bastide_pages::{
    Shell,
    desk::OneForm,
    part::{ActionForm, Control, Field, FindingNote, Link},
};

use super::forms::Forms;

/// The page; `sent` is what was written already and `wrong` what is wrong with it.
pub(super) fn page(shell: Shell, case: CaseId, sent: &str, wrong: Option<Vec<FindingNote>>) -> OneForm {
    let control = Control::Area { value: sent.into(), rows: 3, code: false };
    let mut field = Field::new("purpose", "What you look for, and on whose behalf", control)
        .required()
        .because("10 to 500 characters, for example: quarterly review of missed deadlines, for the board.");
    field.findings = wrong.unwrap_or_default();
    let action = format!("/cases/{case}/purpose");
    OneForm {
        shell,
        heading: "Why do you read this case?".into(),
        lead: "Auditors read cases for a purpose. What you write is kept with the case; its team sees who read it, \
               when and why. It holds for one hour, then you are asked again."
            .into(),
        form: ActionForm {
            submit: "State it and read the case".into(),
            ..ActionForm::new("state-purpose", "State your purpose", action, Forms::fresh().tokens())
                .asking(vec![field])
                .unfolded()
        },
        next: vec![Link::new("Go to the front page", "/")],
    }
}
