//! The machinery of the desk: the hold, the jobs, what waits, dead letters.

use axum::{http::StatusCode, response::Response};
use bastide_model::time::{Instant, Span};
use bastide_pages::{
    admin::{Block, Cell, Fact, SheetPart},
    part::{ActionForm, Badge, Choice, Control, EmptyState, Field, Moment, Tone},
};
use bastide_usecases::{DeadLetter, Job, LetterDecision, Operations, Round, UseCaseError};

use super::{sheet, table};
use crate::web::{
    forms::Forms,
    request::{Visit, html, key, see},
};

const SECTION: &str = "/admin/operations";

/// How long a hold may be ordered for, by the words of the form.
const TERMS: [(&str, &str, Option<Span>); 4] = [
    ("1h", "an hour", Some(Span::hours(1))),
    ("1d", "a day", Some(Span::hours(24))),
    ("7d", "a week", Some(Span::days(7))),
    ("open", "until somebody ends it", None),
];

/// Shows it.
pub(super) async fn show(visit: Visit) -> Response {
    let page = async {
        let operations = visit.desk().operations(&visit.visitor.actor).await?;
        let lead = "What runs without anybody asking for it, what waits, and what could not be sent. No page here shows a \
                    word of a case.";
        let mut page = sheet(&visit, SECTION, "Operations", lead);
        let forms = Forms::fresh();
        page.parts = vec![
            outgoing(&operations, &forms),
            jobs(&operations),
            waiting(&operations, visit.now()),
            dead_letters(&operations, &forms),
        ];
        Ok(html(StatusCode::OK, &page))
    };
    visit.answer(page.await)
}

/// Holds everything outgoing.
pub(super) async fn hold(visit: Visit) -> Response {
    let done = async {
        let fields = visit.fields()?;
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let term =
            TERMS.iter().find(|(name, ..)| *name == field("term")).ok_or_else(|| UseCaseError::Invalid {
                field: "term".to_owned(),
                reason: "nobody knows how long this is".to_owned(),
                remedy: "Choose one of the terms.".to_owned(),
            })?;
        let until = term.2.map(|span| visit.now() + span);
        visit.desk().hold_outbound(&visit.visitor.actor, &key(&fields)?, field("reason"), until).await?;
        Ok(see(SECTION))
    };
    visit.answer(done.await)
}

/// Lets everything outgoing go again.
pub(super) async fn release(visit: Visit) -> Response {
    let done = async {
        visit.desk().release_outbound(&visit.visitor.actor, &key(&visit.fields()?)?).await?;
        Ok(see(SECTION))
    };
    visit.answer(done.await)
}

/// Decides about a dead letter.
pub(super) async fn decide(visit: Visit) -> Response {
    let done = async {
        let fields = visit.fields()?;
        let decision = match fields.get("decision").map(String::as_str) {
            Some("retry") => LetterDecision::Retry,
            Some("drop") => LetterDecision::Drop,
            _ => {
                return Err(UseCaseError::Invalid {
                    field: "decision".to_owned(),
                    reason: "it is neither `retry` nor `drop`".to_owned(),
                    remedy: "Use one of the two buttons.".to_owned(),
                });
            }
        };
        let id: String = visit.parameter("message")?;
        visit.desk().decide_dead_letter(&visit.visitor.actor, &key(&fields)?, &id, decision).await?;
        Ok(see(SECTION))
    };
    visit.answer(done.await)
}

fn outgoing(operations: &Operations, forms: &Forms) -> SheetPart {
    let blocks = match &operations.hold {
        Some(hold) => {
            let end = hold.until.map_or_else(
                || "until somebody ends it".to_owned(),
                |until| format!("until {}", until.for_people()),
            );
            let since = hold.since.for_people();
            let text = format!(
                "Nothing leaves this desk: an administrator holds everything outgoing, since {since}, {end}. Reason: {}",
                hold.reason
            );
            vec![Block::Note(Tone::Danger, text.into()), Block::Form(Box::new(release_form(forms)))]
        }
        None => vec![
            Block::Note(Tone::Good, "Mail leaves as it comes.".into()),
            Block::Forms(vec![hold_form(forms)]),
        ],
    };
    SheetPart::new("outgoing", "Everything outgoing", "", blocks)
}

fn hold_form(forms: &Forms) -> ActionForm {
    let why = "Nothing leaves the desk while it is held: what happens meanwhile waits and is sent afterwards, to whoever \
               may hear of it then. Use it when something is wrong with what goes out.";
    let choices = TERMS.iter().map(|(name, words, _)| Choice::new(name, words, "1d")).collect();
    ActionForm::new("hold", "Hold everything outgoing", format!("{SECTION}/hold"), forms.tokens())
        .because(why)
        .asking(vec![
            Field::line("reason", "Reason", "")
                .because(
                    "In a sentence, for the other administrators. It stands in the history; name no case.",
                )
                .required(),
            Field::new("term", "For how long", Control::Select(choices)).required(),
        ])
}

fn release_form(forms: &Forms) -> ActionForm {
    ActionForm::new("release", "Let mail go again", format!("{SECTION}/release"), forms.tokens())
        .because("What has waited is sent in the next seconds.")
}

fn jobs(operations: &Operations) -> SheetPart {
    let held = operations.hold.is_some();
    let rows: Vec<Vec<Cell>> =
        operations.jobs.iter().map(|(job, round)| job_row(*job, round, held)).collect();
    let blocks = if rows.is_empty() {
        vec![Block::Empty(EmptyState {
            what: "No job runs.".into(),
            why: "This desk was started without its clock; ask whoever runs the machine to start it with `bastide serve`."
                .into(),
            next: Vec::new(),
        })]
    } else {
        let columns = ["Job", "State", "Last good round", "Last failure", "Failures"];
        vec![table("Since the program was started", &columns, rows)]
    };
    SheetPart::new("jobs", "Jobs", "", blocks)
}

fn job_row(job: Job, round: &Round, held: bool) -> Vec<Cell> {
    let what = match job {
        Job::Clock => "Looks at cases whose time has come",
        Job::Outbox => "Sends what waits",
        Job::Announcements => "Finds out whom published advisories concern",
        Job::Webhooks => "Calls the addresses that subscribers named",
        Job::Retention => "Forgets answers kept for retries",
        Job::Backup => "Writes backups",
    };
    let state = match (round.succeeded, round.failed) {
        _ if held && job == Job::Outbox => Badge::new("held", Tone::Warning),
        (Some(good), Some(bad)) if bad > good => Badge::new("failed", Tone::Danger),
        (None, Some(_)) => Badge::new("failed", Tone::Danger),
        (Some(_), _) => Badge::new("works", Tone::Good),
        (None, None) => Badge::new("no round yet", Tone::Neutral),
    };
    let moment = |at: Option<Instant>, never: &str| {
        at.map_or_else(|| Cell::Text(never.into()), |at| Cell::Moment(Moment::of(at)))
    };
    vec![
        Cell::Text(what.into()),
        Cell::Badge(state),
        moment(round.succeeded, "none yet"),
        moment(round.failed, "none"),
        Cell::Text(round.failures.to_string().into()),
    ]
}

fn waiting(operations: &Operations, now: Instant) -> SheetPart {
    let since = |waits: Option<Instant>| match waits {
        Some(since) => format!("the oldest since {}", since.for_people()),
        None => "nothing is late".to_owned(),
    };
    let outgoing = |waits: Option<Instant>| match (&operations.hold, waits) {
        (Some(_), Some(since)) => {
            format!("they wait until the hold ends; the oldest since {}", since.for_people())
        }
        (Some(_), None) => "everything outgoing is held".to_owned(),
        (None, waits) => since(waits),
    };
    let counts = &operations.counts;
    let messages = counts.messages.get(&bastide_store::OutboxState::Waiting).copied().unwrap_or(0);
    let queue = &operations.queue;
    let mut facts = vec![
        Fact::text("Messages to send", format!("{messages}; {}", outgoing(counts.oldest_message))),
        Fact::text("Cases that the clock should look at", since(counts.oldest_wake)),
        Fact::text("Jobs that wait for the database", format!("{} of at most {}", queue.waiting, queue.most)),
    ];
    if let Some(free) = operations.free_bytes {
        facts.push(Fact::text("Room on the disk", format!("{} MiB", free / (1024 * 1024))));
    }
    facts.push(Fact::new("Counted", Cell::Moment(Moment::of(now))));
    SheetPart::new("waits", "What waits", "", vec![Block::Facts(facts)])
}

fn dead_letters(operations: &Operations, forms: &Forms) -> SheetPart {
    let rows: Vec<Vec<Cell>> =
        operations.dead_letters.iter().map(|letter| dead_letter(letter, forms)).collect();
    let mut blocks = Vec::new();
    if rows.is_empty() {
        blocks.push(Block::Empty(EmptyState {
            what: "No message waits for a decision.".into(),
            why: "A message comes here when sending it failed eight times over hours, or when the mail server refused it for good."
                .into(),
            next: Vec::new(),
        }));
    } else {
        let columns = ["What it tells", "Why it was not sent", "Given up", "Again", "Never"];
        blocks.push(table("Messages that could not be sent, the newest first", &columns, rows));
    }
    SheetPart::new("letters", "Dead letters", "", blocks)
}

fn dead_letter(letter: &DeadLetter, forms: &Forms) -> Vec<Cell> {
    let form = |name: &str, title: &str, decision: &str| {
        let action = format!("{SECTION}/dead-letters/{}", letter.id);
        ActionForm::new(format!("{name}-{}", letter.id), title, action, forms.tokens())
            .asking(vec![Field::hidden("decision", decision)])
    };
    let tries = if letter.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", letter.attempts) };
    vec![
        Cell::Text(told(&letter.template).into()),
        Cell::Text(format!("{} ({tries})", crate::web::words::capitalised(&letter.why)).into()),
        Cell::Moment(Moment::of(letter.given_up)),
        Cell::Form(Box::new(form("retry", "Try it again", "retry"))),
        Cell::Form(Box::new(form("drop", "Never send it", "drop").grave())),
    ]
}

/// What a message tells, from the name of its text.
fn told(template: &str) -> &'static str {
    match template {
        "new-report" => "A new report",
        "invitation" => "An invitation to a case",
        "embargo" => "A change of an embargo",
        "dates" => "Dates of a case",
        "published" => "A published advisory",
        "deadline" | "escalation" => "A deadline",
        "clock-failed" => "Something due that could not be done",
        "assigned" => "A case that was given to somebody",
        "proposal" | "proposal-decided" => "A change that needs two persons",
        "role-offered" => "The offer of a role",
        "conduct" => "A decision about conduct",
        "new-browser" => "A sign-in from a new browser",
        "account-link" | "recovery-link" => "A link that was asked for",
        "recovery-requested" | "recovery-agreed" | "recovery-stopped" | "passkeys-replaced" => {
            "Lost passkeys"
        }
        template if template.starts_with("passkey") => "A passkey of somebody",
        template if template.starts_with("identity") => "An account elsewhere of somebody",
        "token-issued" => "A token for programs",
        _ => "News in a case",
    }
}
