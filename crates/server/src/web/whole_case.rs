//! A whole case, given out by two coordinators: the page on which one proposes it, and the archive at the end.

use axum::{http::StatusCode, response::Response};
use bastide_model::id::{CaseId, ChangeId};
use bastide_pages::{
    admin::{Block, Cell, Fact, Sheet, SheetPart},
    part::{ActionForm, Field, Link, Moment},
};
use bastide_store::ProposalState;
use bastide_usecases::{
    UseCaseError,
    proposal::{Progress, ProposalLine, Proposed},
};

use super::{
    admin::{proposal_words, table},
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
        Ok(html(StatusCode::OK, &sheet(&visit, case, None).await?))
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
                Ok(html(crate::error::status(&error), &sheet(&visit, case, Some((reason, &error))).await?))
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

async fn sheet(
    visit: &Visit,
    case: CaseId,
    refused: Option<(&str, &UseCaseError)>,
) -> Result<Sheet, UseCaseError> {
    let before = visit.desk().exports_of(&visit.visitor.actor, case).await?;
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
    let waits = before.iter().any(|line| {
        line.state == ProposalState::Waiting || matches!(line.progress, Progress::ToFetch(_)) && line.own
    });
    let mut parts = Vec::new();
    if !before.is_empty() {
        parts.push(SheetPart::new("before", "What was proposed", "", proposed_before(&before)));
    }
    parts.push(SheetPart::new("holds", "What is in it", "", vec![Block::Facts(facts)]));
    let title = if waits { "Propose it once more" } else { "Propose it" };
    let form = if waits { Block::Forms(vec![form]) } else { Block::Form(Box::new(form)) };
    parts.push(SheetPart::new("propose", title, "", vec![form]));
    Ok(Sheet {
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
        parts,
    })
}

/// The proposals for this case with how far each is, and the archive where one can be fetched.
fn proposed_before(before: &[ProposalLine]) -> Vec<Block> {
    let mut blocks: Vec<Block> = before
        .iter()
        .filter(|line| line.own && matches!(line.progress, Progress::ToFetch(_)))
        .map(|line| Block::Forms(vec![fetch_form(line.id).unfolded()]))
        .collect();
    let rows = before.iter().map(|line| {
        vec![
            Cell::Link(Link::new(
                format!("Proposed by {}", line.proposer),
                format!("/admin/proposals/{}", line.id),
            )),
            Cell::Moment(Moment::of(line.created)),
            Cell::Badge(proposal_words::state(line)),
            Cell::Text(line.decided_by.as_deref().unwrap_or("nobody yet").into()),
        ]
    });
    let columns = ["Proposal", "On", "State", "Decided by"];
    blocks.push(table("Proposals to give out this case", &columns, rows.collect()));
    blocks
}

/// The form that fetches the archive of an approved proposal.
pub(super) fn fetch_form(proposal: ChangeId) -> ActionForm {
    let why = "Once, within a day of the approval. The ledger says that you fetched it, and its digest.";
    let action = format!("/admin/proposals/{proposal}/archive");
    ActionForm::new("archive", "Fetch the archive", action, Forms::fresh().tokens()).because(why)
}
