//! A whole case, given out by two coordinators: the page on which one proposes it, and the archive at the end.

use axum::{http::StatusCode, response::Response};
use bastide_model::id::{CaseId, ChangeId};
use bastide_pages::{
    admin::{Block, Fact, Sheet, SheetPart},
    part::{ActionForm, Field, Link},
};
use bastide_usecases::{UseCaseError, proposal::Proposed};

use super::{
    forms::Forms,
    message,
    request::{Visit, html, key, see},
};
use crate::download;

/// What is in the archive, as people read it before they ask for it.
const HOLDS: [(&str, &str); 5] = [
    ("Events", "everything that happened, with every text, also what only the team reads"),
    ("Messages and drafts", "once more by themselves"),
    ("Attachments", "byte for byte, under names of ours"),
    ("Readers", "who has read the case, and when last"),
    ("Proof", "the ledger's, which anybody checks offline, and the SHA-256 of every file"),
];

/// The page.
pub(super) async fn show(visit: Visit) -> Response {
    let page = async {
        let case: CaseId = visit.parameter("case")?;
        Ok(html(StatusCode::OK, &sheet(&visit, case, None)))
    };
    visit.answer(page.await)
}

/// Proposes it.
pub(super) async fn propose(visit: Visit) -> Response {
    let page = async {
        let case: CaseId = visit.parameter("case")?;
        let fields = visit.fields()?;
        let reason = fields.get("reason").map(String::as_str).unwrap_or_default();
        let proposed = Proposed::ExportCase { case };
        match visit.desk().propose(&visit.visitor.actor, proposed, reason, None, Some(&key(&fields)?)).await {
            Ok(id) => Ok(see(&format!("/admin/proposals/{id}"))),
            Err(error @ (UseCaseError::Refused(_) | UseCaseError::Invalid { .. })) => {
                Ok(html(crate::error::status(&error), &sheet(&visit, case, Some((reason, &error)))))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(page.await)
}

/// Gives the archive.
pub(super) async fn fetch(visit: Visit) -> Response {
    let page = async {
        let id: ChangeId = visit.parameter("proposal")?;
        let key = key(&visit.fields()?)?;
        let bytes = visit.desk().proposal_archive(&visit.visitor.actor, id, Some(&key)).await?;
        Ok(archive(id, bytes))
    };
    visit.answer(page.await)
}

/// An archive as a download.
fn archive(id: ChangeId, bytes: Vec<u8>) -> Response {
    download::file("application/x-tar", &format!("case-of-{id}.tar"), bytes)
}

fn sheet(visit: &Visit, case: CaseId, refused: Option<(&str, &UseCaseError)>) -> Sheet {
    let mut reason =
        Field::area("reason", "Why, for the second person", refused.map_or("", |(reason, _)| reason));
    reason.required = true;
    reason.findings = refused.and_then(|(_, error)| message::at_fields(error)).unwrap_or_default();
    let why = "Another coordinator of this case reads your reason and approves or refuses. Then you can fetch the archive once, \
               within a day. The ledger says who proposed, who approved, and when it was fetched.";
    let form = ActionForm::new(
        "export",
        "Propose to give out the whole case",
        format!("/cases/{case}/export"),
        Forms::fresh().tokens(),
    )
    .because(why)
    .asking(vec![reason]);
    let facts = HOLDS.iter().map(|(name, what)| Fact::text(*name, *what)).collect();
    Sheet {
        shell: visit.shell(),
        sections: Vec::new(),
        heading: "The whole case as one archive".into(),
        lead:
            "Once it has left the desk, the desk protects nothing of it any more. It takes two coordinators."
                .into(),
        back: Some(Link::new("The case", format!("/cases/{case}"))),
        trouble: refused
            .map_or("", |_| "Nothing was proposed. What is the matter stands at the form below.")
            .into(),
        parts: vec![
            SheetPart::new("holds", "What is in it", "", vec![Block::Facts(facts)]),
            SheetPart::new("propose", "Propose it", "", vec![Block::Form(Box::new(form))]),
        ],
    }
}
