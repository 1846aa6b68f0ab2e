//! Changes that need two persons: the list, one of them with old and new, the decision.

use axum::{http::StatusCode, response::Response};
use bastide_model::{id::ChangeId, time::Instant};
use bastide_pages::{
    admin::{Block, Cell, Fact, Sheet, SheetPart},
    desk::Difference,
    part::{ActionForm, EmptyState, Field, Link, Moment, Tone},
};
use bastide_store::ProposalState;
use bastide_usecases::{
    UseCaseError,
    proposal::{About, Decision, Effect, ProposalLine, ProposalView},
};

use super::{SECTIONS, proposal_words, sees, sheet, table};
use crate::web::{
    difference,
    forms::Forms,
    message,
    request::{Visit, download, html, key, see},
    words,
};

const SECTION: &str = "/admin/proposals";

/// Leads to the first section that the visitor has.
pub(super) async fn start(visit: Visit) -> Response {
    let first = SECTIONS.iter().find(|(_, _, whose)| sees(&visit.app, &visit.visitor.actor, *whose));
    match first {
        Some((_, href, _)) => see(href),
        None => visit.fail(&UseCaseError::NotFound),
    }
}

/// What waits and what was decided, for those who may be asked.
pub(super) async fn list(visit: Visit) -> Response {
    let page = async {
        let waiting = visit.desk().proposals(&visit.visitor.actor, true).await?;
        let decided = visit.desk().proposals(&visit.visitor.actor, false).await?;
        let asked = SECTIONS
            .iter()
            .any(|(_, href, whose)| *href == SECTION && sees(&visit.app, &visit.visitor.actor, *whose));
        if !asked && waiting.is_empty() && decided.is_empty() {
            return Err(UseCaseError::NotFound);
        }
        let frame = sheet(
            &visit,
            SECTION,
            "Changes that need two persons",
            "One proposes, another with the same right reads what would change and approves. Only what was proposed is \
             carried out, and only if nothing has changed since.",
        );
        Ok(html(StatusCode::OK, &listed(frame, &waiting, &decided)))
    };
    visit.answer(page.await)
}

/// One proposal.
pub(super) async fn show(visit: Visit) -> Response {
    let page = async {
        let id: ChangeId = visit.parameter("proposal")?;
        let view = visit.desk().proposal(&visit.visitor.actor, id).await?;
        Ok(html(StatusCode::OK, &shown(&visit, &view, None)))
    };
    visit.answer(page.await)
}

/// The decision about one.
pub(super) async fn decide(decision: Decision, visit: Visit) -> Response {
    let page = async {
        let id: ChangeId = visit.parameter("proposal")?;
        let fields = visit.fields()?;
        let note = fields.get("note").map(String::as_str).unwrap_or_default();
        let actor = &visit.visitor.actor;
        match visit.desk().decide_proposal(actor, id, decision, note, Some(&key(&fields)?)).await {
            Ok(_) => Ok(see(&format!("{SECTION}/{id}"))),
            Err(error @ (UseCaseError::Refused(_) | UseCaseError::Invalid { .. })) => {
                let view = visit.desk().proposal(actor, id).await?;
                let refused = Refused { decision, note, error: &error };
                Ok(html(crate::error::status(&error), &shown(&visit, &view, Some(&refused))))
            }
            Err(error) => Err(error),
        }
    };
    visit.answer(page.await)
}

/// What an approved proposal gives to whoever made it.
pub(super) async fn outcome(visit: Visit) -> Response {
    let page = async {
        let id: ChangeId = visit.parameter("proposal")?;
        let data = visit.desk().proposal_outcome(&visit.visitor.actor, id).await?;
        Ok(download(&data, &format!("{id}.json")))
    };
    visit.answer(page.await)
}

struct Refused<'a> {
    decision: Decision,
    note: &'a str,
    error: &'a UseCaseError,
}

fn listed(mut page: Sheet, waiting: &[ProposalLine], decided: &[ProposalLine]) -> Sheet {
    let blocks = if waiting.is_empty() {
        vec![Block::Empty(EmptyState {
            what: "Nothing waits for a second person.".into(),
            why: "Proposals appear here when somebody makes one and you have the right to approve it.".into(),
            next: Vec::new(),
        })]
    } else {
        let rows = waiting.iter().map(|line| {
            vec![
                Cell::Link(Link::new(line.kind.title, format!("{SECTION}/{}", line.id))),
                Cell::Text(line.object.as_str().into()),
                Cell::Text(proposer(line).into()),
                Cell::Moment(Moment::of(line.expires)),
            ]
        });
        vec![table(
            "Waiting for a second person",
            &["Change", "Of what", "Proposed by", "Ends"],
            rows.collect(),
        )]
    };
    page.parts.push(SheetPart::new("waiting", "Waiting", "", blocks));
    if !decided.is_empty() {
        let rows = decided.iter().map(|line| {
            vec![
                Cell::Link(Link::new(line.kind.title, format!("{SECTION}/{}", line.id))),
                Cell::Text(line.object.as_str().into()),
                Cell::Text(proposer(line).into()),
                Cell::Badge(proposal_words::state(line)),
                Cell::Text(line.decided_by.as_deref().unwrap_or("nobody").into()),
                line.decided_at.map_or(Cell::Text("".into()), |at| Cell::Moment(Moment::of(at))),
            ]
        });
        let columns = ["Change", "Of what", "Proposed by", "Outcome", "Decided by", "When"];
        let blocks = vec![table("Decided", &columns, rows.collect())];
        page.parts.push(SheetPart::new("decided", "Decided", "", blocks));
    }
    page
}

fn proposer(line: &ProposalLine) -> String {
    if line.own { format!("{} (you)", line.proposer) } else { line.proposer.clone() }
}

fn shown(visit: &Visit, view: &ProposalView, refused: Option<&Refused<'_>>) -> Sheet {
    let line = &view.line;
    let mut page = sheet(visit, SECTION, &format!("{}: {}", line.kind.title, line.object), line.kind.why);
    page.back = Some(Link::new("All proposals", SECTION));
    page.trouble =
        refused.map_or("", |_| "Nothing was changed. What is the matter stands at the form below.").into();
    page.parts.push(SheetPart::new("about", "Who and when", "", vec![Block::Facts(facts(view))]));
    let differences = view.comparison.iter().map(|part| {
        let lines = difference::lines(&part.old, &part.new);
        Block::Difference(Difference { title: part.part.as_str().into(), lines })
    });
    let intro = "Lines that go are marked with a minus, lines that come with a plus.";
    page.parts.push(SheetPart::new("change", "What would change", intro, differences.collect()));
    if !view.stays.is_empty() {
        let stays = view.stays.iter().map(|text| (*text).into()).collect();
        page.parts.push(SheetPart::new("stays", "What stays, and why", "", vec![Block::Points(stays)]));
    }
    let mut blocks = state_notes(view, visit.now());
    let forms = forms(view, &Forms::fresh(), refused);
    if !forms.is_empty() {
        blocks.push(Block::Forms(forms));
    }
    if view.archive {
        blocks.push(Block::Forms(vec![crate::web::whole_case::fetch_form(line.id).unfolded()]));
    }
    if view.gives {
        let link = Link::new("Fetch the document", format!("{SECTION}/{}/outcome", line.id));
        blocks.push(Block::Links(vec![link]));
    }
    if !blocks.is_empty() {
        page.parts.push(SheetPart::new("decide", "Decide", "", blocks));
    }
    page
}

fn facts(view: &ProposalView) -> Vec<Fact> {
    let line = &view.line;
    let mut facts = vec![
        Fact::text("Proposed by", proposer(line)),
        Fact::new("On", Cell::Moment(Moment::of(line.created))),
        Fact::text("Reason", view.reason.as_str()),
        Fact::new("State", Cell::Badge(proposal_words::state(line))),
    ];
    if line.state == ProposalState::Waiting {
        facts.push(Fact::new("Ends", Cell::Moment(Moment::of(line.expires))));
    }
    if let Some(then) = proposal_words::afterwards(line) {
        facts.push(Fact::text("Since then", then));
    }
    if let About::Account(person) = &view.about {
        let link = Link::new("Their page, where it can be stopped", format!("/admin/people/{person}"));
        facts.push(Fact::new("Person", Cell::Link(link)));
    }
    if let Some(by) = &line.decided_by {
        facts.push(Fact::text("Decided by", by.as_str()));
    }
    if let Some(at) = line.decided_at {
        facts.push(Fact::new("Decided on", Cell::Moment(Moment::of(at))));
    }
    if let Some(note) = &view.note {
        facts.push(Fact::text("What they wrote", note.as_str()));
    }
    facts
}

fn state_notes(view: &ProposalView, now: Instant) -> Vec<Block> {
    let line = &view.line;
    let mut notes = Vec::new();
    if line.state == ProposalState::Waiting && line.expires <= now {
        notes.push(Block::Note(Tone::Warning, "The time for this proposal is over.".into()));
    }
    if view.stale {
        let text = "What this is about has changed since it was proposed, so it can no longer be approved. Refuse it or \
                    take it back, and propose it anew.";
        notes.push(Block::Note(Tone::Warning, text.into()));
    }
    if view.may_withdraw {
        let text = match view.others {
            0 => "Nobody else has the right to approve this now. Give a second person the role first."
                .to_owned(),
            1 => "One other person can approve this and was told by mail.".to_owned(),
            count => format!("{count} other people can approve this and were told by mail."),
        };
        let tone = if view.others == 0 { Tone::Warning } else { Tone::Progress };
        notes.push(Block::Note(tone, text.into()));
    }
    notes
}

fn forms(view: &ProposalView, tokens: &Forms, refused: Option<&Refused<'_>>) -> Vec<ActionForm> {
    let form = |decision: Decision, title: &str, why: &str, label: &str, needed: bool, grave: bool| {
        let refused = refused.filter(|refused| refused.decision == decision);
        let mut note = Field::area("note", label, refused.map_or("", |refused| refused.note));
        note.required = needed;
        note.findings = refused.and_then(|refused| message::at_fields(refused.error)).unwrap_or_default();
        // A note about somebody who is erased would outlive them, so none is asked for.
        let noteless = label.is_empty() && note.findings.is_empty();
        let fields = if noteless { Vec::new() } else { vec![note] };
        let action = format!("{SECTION}/{}/{}", view.line.id, decision.name());
        ActionForm {
            rule: words::rule(view.line.kind.rule),
            grave,
            open: refused.is_some() || decision == Decision::Approve,
            ..ActionForm::new(decision.name(), title, action, tokens.tokens()).because(why).asking(fields)
        }
    };
    let mut forms = Vec::new();
    if view.may_decide {
        if !view.stale {
            let (title, why) = proposal_words::approving(&view.line);
            let grave = view.line.kind.effect == Effect::ForGood;
            let label = if view.stays.is_empty() { "A note, if you like" } else { "" };
            forms.push(form(Decision::Approve, title, &why, label, false, grave));
        }
        let why = "Nothing changes. Whoever proposed it reads why.";
        forms.push(form(Decision::Refuse, "Refuse", why, "Why", true, false));
    }
    if view.may_withdraw {
        let why = "Nothing changes, and nobody can approve it any more.";
        forms.push(form(Decision::Withdraw, "Take it back", why, "A note, if you like", false, false));
    }
    forms
}
