//! Several cases at once: first a page that says what would happen to each, then the same page with what came of it.

use bastide_model::{
    id::{CaseId, PersonId},
    time::{Instant, Span},
};
use bastide_pages::{
    Shell,
    desk::{BulkRow, InboxBulk},
    part::{ActionForm, Badge, Choice, Control, Field, FindingNote, Link, Tone},
};
use bastide_usecases::{InboxRow, Offer, PersonRecord, UseCaseError, step::StepKind};
use serde_json::{Map, Value, json};

use super::{href, title};
use crate::web::{forms::Forms, words};

/// How many cases are changed together at most.
pub(in crate::web) const MOST: usize = 100;

/// What can be done with several cases, in the order of the menu.
pub(in crate::web) const CHOICES: [(&str, &str); 4] = [
    ("take", "Assign to me"),
    ("assign", "Assign to somebody else"),
    ("acknowledge", "Acknowledge"),
    ("snooze", "Put aside"),
];

/// What is done with several cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Bulk {
    /// The viewer takes the coordination.
    Take,
    /// Somebody is invited to coordinate.
    Assign,
    /// The reporters are answered.
    Acknowledge,
    /// The viewer's own inbox leaves them out for a while.
    Snooze,
}

impl Bulk {
    /// Reads the choice.
    pub(in crate::web) fn read(text: &str) -> Result<Self, UseCaseError> {
        match text {
            "take" => Ok(Self::Take),
            "assign" => Ok(Self::Assign),
            "acknowledge" => Ok(Self::Acknowledge),
            "snooze" => Ok(Self::Snooze),
            _ => Err(UseCaseError::Invalid {
                field: "do".to_owned(),
                reason: "this is nothing that can be done with several cases".to_owned(),
                remedy: "Choose what to do below the list of the inbox.".to_owned(),
            }),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Assign => "assign",
            Self::Acknowledge => "acknowledge",
            Self::Snooze => "snooze",
        }
    }

    fn label(self) -> &'static str {
        CHOICES.iter().find(|(value, _)| *value == self.as_str()).map_or("", |(_, label)| label)
    }

    /// The step of the process that it is; none for what concerns the viewer's own inbox only.
    pub(in crate::web) fn step(self) -> Option<&'static StepKind> {
        match self {
            Self::Take => StepKind::find("take"),
            Self::Assign => StepKind::find("invite"),
            Self::Acknowledge => StepKind::find("acknowledge"),
            Self::Snooze => None,
        }
    }

    /// The step's values from the form.
    pub(in crate::web) fn values(self, sent: impl Fn(&str) -> String) -> Map<String, Value> {
        let mut values = Map::new();
        match self {
            Self::Take | Self::Snooze => {}
            Self::Assign => {
                values.insert("person".to_owned(), json!(sent("person")));
                values.insert("seat".to_owned(), json!("coordinator"));
            }
            Self::Acknowledge => {
                values.insert("text".to_owned(), json!(sent("text").replace("\r\n", "\n")));
            }
        }
        values
    }

    fn what(self) -> &'static str {
        match self {
            Self::Take => "You become its coordinator.",
            Self::Assign => "The person whom you choose is invited to coordinate it.",
            Self::Acknowledge => "The reporter gets your answer, and the time for the first answer is met.",
            Self::Snooze => {
                "Your own inbox leaves it out until then. Nobody else's changes, and no deadline moves."
            }
        }
    }
}

/// What is known of one case before anything happens.
pub(in crate::web) enum Outlook {
    /// It will be done; this may stand in the way of some values.
    Possible {
        /// Whether a fresh sign-in is needed first.
        confirm: bool,
    },
    /// It cannot be done now, or not by the viewer.
    Not(String),
}

impl Outlook {
    /// From what the desk offers.
    pub(in crate::web) fn of(offer: Result<Option<Offer>, UseCaseError>) -> Result<Self, UseCaseError> {
        match offer {
            Ok(Some(Offer { not_now: Some(refusal), .. })) => {
                Ok(Self::Not(format!("{}. {}", words::capitalised(&refusal.what), refusal.remedy)))
            }
            Ok(Some(offer)) => Ok(Self::Possible { confirm: offer.needs_step_up }),
            Ok(None) | Err(UseCaseError::NotFound) => {
                Ok(Self::Not("This is for the case's coordinators. Ask one of them.".to_owned()))
            }
            Err(error) => Err(error),
        }
    }
}

/// The page that says what would happen; nothing has happened.
pub(in crate::web) fn confirm(
    shell: Shell,
    bulk: Bulk,
    rows: &[(InboxRow, Outlook)],
    directory: &[(PersonId, PersonRecord)],
    sent: &(dyn Fn(&str) -> String + Sync),
    findings: Vec<FindingNote>,
    now: Instant,
) -> InboxBulk {
    let possible: Vec<CaseId> = rows
        .iter()
        .filter(|(_, outlook)| matches!(outlook, Outlook::Possible { .. }))
        .map(|(row, _)| row.case)
        .collect();
    let count = words::counted(u32::try_from(possible.len()).unwrap_or(u32::MAX), "case");
    let form = (!possible.is_empty()).then(|| {
        let cases = possible.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let mut fields = vec![Field::hidden("do", bulk.as_str()), Field::hidden("cases", cases)];
        fields.extend(asked(bulk, directory, sent, now).map(|field| Field { findings, ..field }));
        ActionForm {
            submit: format!("{}: {count}", bulk.label()).into(),
            ..ActionForm::new("bulk", bulk.label(), "/inbox/bulk", Forms::fresh().tokens())
                .asking(fields)
                .unfolded()
        }
    });
    InboxBulk {
        shell,
        heading: bulk.label().into(),
        lead: if rows.is_empty() {
            "No case was chosen. Go back and tick the cases that you mean."
        } else if form.is_none() {
            "Nothing can be done with these cases; each says why."
        } else {
            "This is what would happen. Nothing has happened yet."
        }
        .into(),
        rows: rows
            .iter()
            .map(|(row, outlook)| {
                let (state, what) = match outlook {
                    Outlook::Possible { confirm: false } => {
                        (Badge::new("will be done", Tone::Progress), bulk.what().to_owned())
                    }
                    Outlook::Possible { confirm: true } => (
                        Badge::new("asks you to confirm", Tone::Warning),
                        format!("{} You are asked to confirm first that it is you.", bulk.what()),
                    ),
                    Outlook::Not(why) => (Badge::new("not possible", Tone::Quiet), why.clone()),
                };
                line(row, state, what)
            })
            .collect(),
        form,
        next: vec![Link::new("Back to the inbox", "/inbox")],
    }
}

/// The page that says what came of it, case by case.
pub(in crate::web) fn done(shell: Shell, bulk: Bulk, rows: &[(InboxRow, Result<(), String>)]) -> InboxBulk {
    let good = rows.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    InboxBulk {
        shell,
        heading: bulk.label().into(),
        lead: if good == rows.len() {
            "It was done for every case.".to_owned()
        } else {
            format!("It was done for {good} of {}. Each of the others says why not.", rows.len())
        }
        .into(),
        rows: rows
            .iter()
            .map(|(row, outcome)| match outcome {
                Ok(()) => line(row, Badge::new("done", Tone::Good), "Done.".to_owned()),
                Err(why) => line(row, Badge::new("not done", Tone::Warning), why.clone()),
            })
            .collect(),
        form: None,
        next: vec![Link::new("Back to the inbox", "/inbox")],
    }
}

fn line(row: &InboxRow, state: Badge, what: String) -> BulkRow {
    BulkRow {
        case: Link::new(title(row), href(row)),
        reference: row.reference.as_str().into(),
        state,
        what: what.into(),
    }
}

/// What the form asks beside the cases.
fn asked(
    bulk: Bulk,
    directory: &[(PersonId, PersonRecord)],
    sent: &(dyn Fn(&str) -> String + Sync),
    now: Instant,
) -> Option<Field> {
    match bulk {
        Bulk::Take => None,
        Bulk::Assign => {
            let chosen = sent("person");
            let people = directory
                .iter()
                .map(|(person, record)| Choice::new(&person.to_string(), &record.name, &chosen));
            Some(Field::new("person", "Who", Control::Select(people.collect())).required())
        }
        Bulk::Acknowledge => {
            let text = match sent("text") {
                text if text.is_empty() => ACKNOWLEDGEMENT.to_owned(),
                text => text,
            };
            Some(
                Field::new(
                    "text",
                    "Answer to each reporter",
                    Control::Area { value: text.into(), rows: 8, code: false },
                )
                .because(
                    "A text that you can use; change it as you like. Every reporter gets the same words.",
                )
                .required(),
            )
        }
        Bulk::Snooze => {
            let chosen = sent("until");
            let days = [(1, "day"), (3, "day"), (7, "day"), (14, "day"), (30, "day")];
            let mut choices: Vec<Choice> = days
                .into_iter()
                .map(|(count, noun)| {
                    let until = now + Span::days(i64::from(count));
                    let label = format!("In {}: {}", words::counted(count, noun), until.for_people());
                    Choice::new(&until.to_string(), &label, &chosen)
                })
                .collect();
            choices.push(Choice::new(&now.to_string(), "Not at all: show it again", &chosen));
            Some(Field::new("until", "Until", Control::Select(choices)).required())
        }
    }
}

/// The first answer to several reporters at once.
const ACKNOWLEDGEMENT: &str = "Thank you for your report. We have read it and look into it now. You will hear from us \
when we have judged it, or when we need to know more. Please keep it private until then.";
