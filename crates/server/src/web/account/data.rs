//! What the desk holds about whoever is signed in: to take home, and to erase.

use axum::{http::StatusCode, response::Response};
use bastide_pages::{
    admin::{Block, Sheet, SheetPart},
    part::{ActionForm, Control, Field, Link},
};
use bastide_usecases::{UseCaseError, WHAT_STAYS, pseudonym};

use crate::{
    visitor::Cookie,
    web::{
        forms::Forms,
        request::{Visit, download, html, key, see, with_cookie},
    },
};

/// What is held, and what can be done with it.
pub(in crate::web) async fn show(visit: Visit) -> Response {
    let page = sheet(&visit, "").map(|page| html(StatusCode::OK, &page));
    visit.answer(page)
}

fn sheet(visit: &Visit, trouble: &str) -> Result<Sheet, UseCaseError> {
    let actor = &visit.visitor.actor;
    let person = actor.person.ok_or(UseCaseError::NotSignedIn)?;
    let links = vec![Link::new("Everything as one document (JSON)", "/account/data/everything.json")];
    let intro = "Name and addresses, roles, passkeys, sessions, tokens, what you did and when, mail, and what you wrote in cases \
                 that you may still read.";
    let take = SheetPart::new("take", "Take it home", intro, vec![Block::Links(links)]);
    let goes = [
        format!(
            "Your name and addresses: \u{201c}{}\u{201d} stands where your name stood.",
            pseudonym(person)
        ),
        "Your roles, and your seats in cases.".to_owned(),
        "Your passkeys, sessions, tokens and linked accounts: you cannot sign in any more.".to_owned(),
        "Mail to you that waits, your saved filters, and the reasons that administrators wrote for changes about you."
            .to_owned(),
    ];
    let goes = Block::Points(goes.into_iter().map(Into::into).collect());
    let stays = Block::Points(WHAT_STAYS.iter().map(|text| (*text).into()).collect());
    let may = visit.desk().may_erase_own_data(actor).is_ok();
    let sure = Field::new("sure", "Yes, erase my data for good", Control::Check { ticked: false }).required();
    let mut erase = ActionForm::new("erase", "Erase my data", "/account/data/erase", Forms::fresh().tokens())
        .asking(vec![sure]);
    erase.why = "At once, and nobody can take it back.".into();
    erase.grave = true;
    if !may {
        erase.disabled = Some(if actor.confined {
            "Make a passkey first: your role asks for one before anything else.".into()
        } else {
            "You hold an office whose acts stand in the records of others. Give it back first, or ask two administrators.".into()
        });
    }
    let goes = SheetPart::new("goes", "What goes when you erase it", "", vec![goes]);
    let stays = SheetPart::new("stays", "What stays, and why", "", vec![stays]);
    let all = SheetPart::new("erase-all", "Erase it", "", vec![Block::Forms(vec![erase])]);
    Ok(Sheet {
        shell: visit.shell(),
        sections: Vec::new(),
        heading: "What the desk holds about you".into(),
        lead: "".into(),
        back: Some(Link::new("Your account", "/account")),
        trouble: trouble.into(),
        parts: vec![take, goes, stays, all],
    })
}

/// Everything as one document.
pub(in crate::web) async fn everything(visit: Visit) -> Response {
    let page = async {
        let data = visit.desk().export_own_data(&visit.visitor.actor).await?;
        Ok(download(&data, "my-data.json"))
    };
    visit.answer(page.await)
}

/// Erases it.
pub(in crate::web) async fn erase(visit: Visit) -> Response {
    let page = async {
        let fields = visit.fields()?;
        key(&fields)?;
        if !fields.contains_key("sure") {
            let trouble = "Nothing was erased. Tick that you are sure, then send it again.";
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &sheet(&visit, trouble)?));
        }
        visit.desk().erase_own_data(&visit.visitor.actor).await?;
        Ok(with_cookie(see("/"), Some(Cookie::Session.clear(&visit.app))))
    };
    visit.answer(page.await)
}
