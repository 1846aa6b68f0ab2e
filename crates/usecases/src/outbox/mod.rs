//! Messages: which event tells whom, and sending them.
//!
//! A message is written in the transaction of the event that it tells. Who receives it is decided when it is sent, by
//! the rights of that moment. Unencrypted mail about a case carries a link and nothing else: no title, no project, no
//! text of the case (VINCE's own test asserts the title in the subject; ours asserts that it is not there).
//!
//! Here stands which event tells whom; [`deliver`] sends, [`recipients`] says who receives it, [`text`] what it says.

mod deliver;
mod recipients;
mod text;

use bastide_authz::{Role, Tier};
use bastide_desk::case::{Case, Event, Notice};
use bastide_model::id::{CaseId, PersonId};
use bastide_store::{Append, NewOutbox, Stream};

pub use deliver::Delivery;
pub(crate) use deliver::{LEASE, Prepared, again};

/// For whom a message is, as a rule that is applied when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// The reporter.
    Reporter,
    /// The case's coordinators; those of its projects while it has none.
    Coordinators,
    /// Everybody with a role in the case.
    Members,
    /// The programme's administrators.
    Administrators,
    /// One person.
    Person(PersonId),
}

impl Audience {
    fn name(self) -> String {
        match self {
            Self::Reporter => "reporter".to_owned(),
            Self::Coordinators => "coordinators".to_owned(),
            Self::Members => "members".to_owned(),
            Self::Administrators => "administrators".to_owned(),
            Self::Person(person) => person.to_string(),
        }
    }

    fn read(name: &str) -> Option<Self> {
        match name {
            "reporter" => Some(Self::Reporter),
            "coordinators" => Some(Self::Coordinators),
            "members" => Some(Self::Members),
            "administrators" => Some(Self::Administrators),
            person => person.parse().ok().map(Self::Person),
        }
    }
}

/// Whom an event of `acting` tells, and by which text.
fn audiences(case: &Case, acting: Option<PersonId>, event: &Event) -> Vec<(Audience, &'static str)> {
    match event {
        Event::ReportSubmitted { .. } => vec![(Audience::Coordinators, "new-report")],
        Event::Acknowledged { .. } => vec![(Audience::Reporter, "news")],
        Event::MessageSent { tier, .. } => {
            let team = match tier {
                Tier::TeamOnly | Tier::TeamAndReporter => Audience::Coordinators,
                Tier::Participants | Tier::Public => Audience::Members,
            };
            let mut told = vec![(team, "news")];
            // A message of nobody that the desk knows was written by the reporter, through their secret link.
            if *tier != Tier::TeamOnly && acting.is_some() {
                told.push((Audience::Reporter, "news"));
            }
            told
        }
        // Nothing follows from the claim until a coordinator has looked.
        Event::PublicFactAsserted { .. } => vec![(Audience::Coordinators, "news")],
        Event::ReporterNotified { notice: Notice::Receipt } => Vec::new(),
        Event::ReporterNotified { .. } | Event::UpstreamConsent { .. } => vec![(Audience::Reporter, "news")],
        Event::ParticipantInvited { person, .. } => vec![(Audience::Person(*person), "invitation")],
        Event::EmbargoProposed { by, .. } if by.is_some() => {
            vec![(Audience::Members, "embargo"), (Audience::Reporter, "embargo")]
        }
        Event::EmbargoTerminated => vec![(Audience::Members, "embargo"), (Audience::Reporter, "embargo")],
        Event::DatesProposed { .. } | Event::DatesConfirmed { .. } => vec![(Audience::Members, "dates")],
        Event::AdvisoryPublished { .. } => {
            vec![(Audience::Members, "published"), (Audience::Reporter, "published")]
        }
        Event::DeadlineBreached { .. } | Event::Reminded { .. } => vec![(Audience::Coordinators, "deadline")],
        Event::Escalated { .. } => {
            vec![(Audience::Administrators, "escalation"), (Audience::Coordinators, "deadline")]
        }
        // Whoever takes a case knows it; the clock gives it to somebody.
        Event::RoleTaken { person, role: Role::Coordinator } if acting.is_none() && case.closed.is_none() => {
            vec![(Audience::Person(*person), "assigned")]
        }
        _ => Vec::new(),
    }
}

/// Adds the messages that an event sends.
pub(crate) fn add_messages(
    append: &mut Append,
    case: &Case,
    acting: Option<PersonId>,
    sequence: u64,
    event: &Event,
) {
    for (audience, template) in audiences(case, acting, event) {
        let mail = NewOutbox::mail(&Stream::case(case.id), sequence, audience.name(), template, append.at);
        append.outbox.push(mail.about(case.id));
    }
}

/// Adds the calls to a case that the clock cannot look at.
pub(crate) fn add_calls(append: &mut Append, stream: &Stream, sequence: u64, case: CaseId) {
    for audience in [Audience::Administrators, Audience::Coordinators] {
        let mail = NewOutbox::mail(stream, sequence, audience.name(), "clock-failed", append.at);
        append.outbox.push(mail.about(case));
    }
}
