//! The machinery of the desk: the hold, the jobs, what waits, dead letters.

use bastide_model::time::{Instant, Span};
use bastide_pages::{
    Shell,
    desk::{DeadLetterRow, JobRow, Operations as Page},
    part::{ActionForm, Badge, Choice, Control, EmptyState, Field, Moment, Tone},
};
use bastide_usecases::{DeadLetter, Job, Operations, Round};

use super::forms::Forms;

/// Where the page stands.
pub(super) const HERE: &str = "/admin/operations";

/// How long a hold may be ordered for, by the words of the form.
pub(super) const TERMS: [(&str, &str, Option<Span>); 4] = [
    ("1h", "an hour", Some(Span::hours(1))),
    ("1d", "a day", Some(Span::hours(24))),
    ("7d", "a week", Some(Span::days(7))),
    ("open", "until somebody ends it", None),
];

/// The page.
pub(super) fn page(shell: Shell, operations: &Operations, now: Instant, forms: &Forms) -> Page {
    let since = |waits: Option<Instant>| match waits {
        Some(since) => format!("the oldest since {}", since.for_people()),
        None => "nothing is late".to_owned(),
    };
    let waiting = operations.counts.messages.get(&bastide_store::OutboxState::Waiting).copied().unwrap_or(0);
    let mut facts = vec![
        ("Messages to send".into(), format!("{waiting}; {}", since(operations.counts.oldest_message)).into()),
        ("Cases that the clock should look at".into(), since(operations.counts.oldest_wake).into()),
        (
            "Jobs that wait for the database".into(),
            format!("{} of at most {}", operations.queue.waiting, operations.queue.most).into(),
        ),
    ];
    if let Some(free) = operations.free_bytes {
        facts.push(("Room on the disk".into(), format!("{} MiB", free / (1024 * 1024)).into()));
    }
    Page {
        shell,
        held: operations.hold.as_ref().map(|hold| {
            let end = hold.until.map_or_else(|| "until somebody ends it".to_owned(), |until| format!("until {}", until.for_people()));
            format!("Since {}, {end}. Reason: {}", hold.since.for_people(), hold.reason).into()
        }),
        hold: if operations.hold.is_some() { release_form(forms) } else { hold_form(forms) },
        jobs: operations.jobs.iter().map(|(job, round)| job_row(*job, round)).collect(),
        facts,
        read: Moment::of(now),
        letters: operations.dead_letters.iter().map(|letter| row(letter, forms)).collect(),
        no_letters: EmptyState {
            what: "No message waits for a decision.".into(),
            why: "A message comes here when it could not be sent eight times, or when nobody who may receive it has an \
                  address."
                .into(),
            next: Vec::new(),
        },
    }
}

fn job_row(job: Job, round: &Round) -> JobRow {
    let what = match job {
        Job::Clock => "Looks at cases whose time has come",
        Job::Outbox => "Sends what waits",
        Job::Retention => "Forgets answers kept for retries",
        Job::Backup => "Writes backups",
    };
    let state = match (round.succeeded, round.failed) {
        (Some(good), Some(bad)) if bad > good => Badge::new("failed", Tone::Danger),
        (None, Some(_)) => Badge::new("failed", Tone::Danger),
        (Some(_), _) => Badge::new("works", Tone::Good),
        (None, None) => Badge::new("no round yet", Tone::Neutral),
    };
    JobRow {
        what: what.into(),
        state,
        succeeded: round.succeeded.map(Moment::of),
        failed: round.failed.map(Moment::of),
        failures: round.failures.to_string().into(),
    }
}

fn form(id: &str, title: &str, why: &str, action: String, forms: &Forms) -> ActionForm {
    ActionForm {
        id: id.into(),
        title: title.into(),
        why: why.into(),
        rule: None,
        action: action.into(),
        tokens: forms.tokens(),
        fields: Vec::new(),
        submit: title.into(),
        disabled: None,
        grave: false,
        open: true,
    }
}

fn hold_form(forms: &Forms) -> ActionForm {
    let why = "Nothing leaves the desk while it is held: what happens meanwhile waits and is sent afterwards, to whoever \
               may hear of it then. Use it when something is wrong with what goes out.";
    let mut hold = form("hold", "Hold everything outgoing", why, format!("{HERE}/hold"), forms);
    let choices = TERMS.iter().map(|(name, words, _)| Choice::new(name, words, "1d")).collect();
    hold.fields = vec![
        Field::line("reason", "Reason", "")
            .because("In a sentence, for the other administrators. It stands in the history; name no case.")
            .required(),
        Field::new("term", "For how long", Control::Select(choices)).required(),
    ];
    hold.grave = true;
    hold
}

fn release_form(forms: &Forms) -> ActionForm {
    let why = "What has waited is sent in the next seconds.";
    form("release", "Let mail go again", why, format!("{HERE}/release"), forms)
}

fn row(letter: &DeadLetter, forms: &Forms) -> DeadLetterRow {
    let address = || format!("{HERE}/dead-letters/{}", letter.id);
    let mut retry = form(&format!("retry-{}", letter.id), "Try it again", "", address(), forms);
    retry.fields = vec![Field::hidden("decision", "retry")];
    let mut drop = form(&format!("drop-{}", letter.id), "Never send it", "", address(), forms);
    drop.fields = vec![Field::hidden("decision", "drop")];
    drop.grave = true;
    DeadLetterRow {
        id: letter.id.as_str().into(),
        what: format!("{} by {}", letter.template, letter.channel).into(),
        why: letter.why.as_str().into(),
        attempts: letter.attempts.to_string().into(),
        given_up: Moment::of(letter.given_up),
        retry,
        drop,
    }
}
