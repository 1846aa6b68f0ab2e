//! A mail address of one's own: asked for, and proved by the link that went there.

use axum::{http::StatusCode, response::Response};
use bastide_pages::{
    desk::{Message, OneForm, Outcome},
    part::{ActionForm, Control, Field, FindingNote, Link, TextKind},
};
use bastide_usecases::{Secret, SignedIn, UseCaseError};

use crate::web::{
    admin,
    forms::Forms,
    message,
    request::{Visit, html, key, see},
};

fn who(visit: &Visit) -> Result<&SignedIn, UseCaseError> {
    visit.visitor.signed_in.as_ref().ok_or(UseCaseError::NotSignedIn)
}

/// The form; where the desk sends no mail, who helps instead.
pub(in crate::web) async fn form(visit: Visit) -> Response {
    let page = who(&visit).map(|who| {
        if visit.desk().sends_mail() {
            html(StatusCode::OK, &asking(&visit, "", Vec::new()))
        } else {
            html(StatusCode::OK, &without_mail(&visit, who))
        }
    });
    visit.answer(page)
}

fn asking(visit: &Visit, address: &str, findings: Vec<FindingNote>) -> OneForm {
    let control = Control::Line { value: address.into(), kind: TextKind::Mail };
    let mut field = Field::new("address", "Mail address", control)
        .because("A link goes there that works once, within a day. Mails of this desk hold links and no word of a case.")
        .required();
    field.findings = findings;
    let tokens = Forms::fresh().tokens();
    OneForm {
        shell: visit.shell(),
        heading: "Add a mail address".into(),
        lead: "There the desk tells you what is due and what happens to your account. The first address is also where a link \
               goes when you lost your passkeys."
            .into(),
        form: ActionForm::new("address", "Send a link there", "/account/address", tokens)
            .asking(vec![field])
            .unfolded(),
        next: vec![Link::new("Your account", "/account")],
    }
}

fn without_mail(visit: &Visit, who: &SignedIn) -> Message {
    let own = who.actor.person.filter(|_| admin::runs_the_programme(visit));
    let mut next = vec![Link::new("Your account", "/account")];
    let remedy = match own {
        Some(person) => {
            next.insert(0, Link::new("Your own page under People", format!("/admin/people/{person}")));
            "You run the programme: write your address on your own page under People, at \u{201c}Change name or identities\u{201d}."
        }
        None => "Tell an administrator of the programme that you have no address here.",
    };
    Message {
        shell: visit.shell(),
        outcome: Outcome::Refused,
        heading: "This desk sends no mail yet".into(),
        what: "An address is added by a link that goes there, and this desk cannot send one.".into(),
        why: "Its operator names a mail server (mail.server) or a directory for mail (--mail-spool).".into(),
        rule: None,
        findings: Vec::new(),
        remedies: vec![remedy.into()],
        next,
        reference: "".into(),
    }
}

/// Sends the link.
pub(in crate::web) async fn ask(visit: Visit) -> Response {
    let answer = async {
        let fields = visit.fields()?;
        key(&fields)?;
        let address = fields.get("address").map(String::as_str).unwrap_or_default();
        match visit.desk().ask_for_own_address(who(&visit)?, address).await {
            Ok(()) => Ok(html(StatusCode::OK, &asked(&visit))),
            Err(error @ UseCaseError::Invalid { .. }) => {
                let findings = message::at_fields(&error).unwrap_or_default();
                Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &asking(&visit, address, findings)))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(answer.await)
}

fn asked(visit: &Visit) -> Message {
    Message {
        shell: visit.shell(),
        outcome: Outcome::Done,
        heading: "Look into your mail".into(),
        what: "A mail is on its way to that address.".into(),
        why: "The address is yours here once you opened the link in it and pressed the button.".into(),
        rule: None,
        findings: Vec::new(),
        remedies: vec![
            "Open it in this browser, where you are signed in.".into(),
            "No mail within a few minutes? Look among the unwanted mails. An address gets three links in an hour at most."
                .into(),
        ],
        next: vec![Link::new("Your account", "/account")],
        reference: "".into(),
    }
}

/// The link was followed: it asks for a press of the button, and spends nothing.
pub(in crate::web) async fn link(visit: Visit) -> Response {
    let tokens = Forms::fresh().tokens();
    let page = OneForm {
        shell: visit.shell(),
        heading: "Add this mail address".into(),
        lead: "Press the button in the browser in which you are signed in and asked for it. The link works once.".into(),
        form: ActionForm::new("add-address", "Add it to my account", visit.path.clone(), tokens).unfolded(),
        next: vec![Link::new("Sign in first", "/sign-in"), Link::new("Your account", "/account")],
    };
    html(StatusCode::OK, &page)
}

/// The button was pressed.
pub(in crate::web) async fn add(visit: Visit) -> Response {
    let answer = async {
        let secret = Secret::given(&visit.parameter::<String>("secret")?);
        visit.desk().add_own_address(who(&visit)?, &secret).await?;
        Ok(see("/account"))
    };
    visit.answer(answer.await)
}
