//! Moments and the time left until them: always with a zone, always readable by machines too.

use askama::Template;
use bastide_model::time::{Instant, Span};

use crate::Text;

/// A point in time as people read it, and as `<time datetime>` says it.
#[derive(Debug, Clone, Template)]
#[template(source = r#"<time datetime="{{ datetime }}">{{ words }}</time>"#, ext = "html")]
pub struct Moment {
    datetime: Text,
    words: Text,
}

impl askama::filters::HtmlSafe for Moment {}

impl Moment {
    /// The moment of an instant, in UTC and to the minute.
    pub fn of(instant: Instant) -> Self {
        Self { datetime: instant.to_string().into(), words: instant.for_people().into() }
    }

    /// The calendar day of an instant in UTC, where the hour does not matter.
    pub fn day_of(instant: Instant) -> Self {
        Self { datetime: instant.date().into(), words: instant.date().into() }
    }

    /// The words alone, for attributes and plain text.
    pub fn words(&self) -> &Text {
        &self.words
    }
}

impl From<Instant> for Moment {
    fn from(instant: Instant) -> Self {
        Self::of(instant)
    }
}

/// How near a deadline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// More than seven days away.
    Calm,
    /// Within seven days.
    Soon,
    /// Within a day.
    Now,
    /// Past.
    Late,
}

/// A deadline: how long it is until then, and when that is.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<span class="countdown {{ self.class() }}"><strong>{{ words }}</strong> {{ at }}</span>"#,
    ext = "html"
)]
pub struct Countdown {
    at: Moment,
    words: Text,
    urgency: Urgency,
}

impl askama::filters::HtmlSafe for Countdown {}

impl Countdown {
    /// The time from `now` to `at`: `in 2 days 4 hours`, `3 hours late`.
    pub fn between(now: Instant, at: Instant) -> Self {
        let left = at.since(now);
        let (words, urgency) = if at < now {
            (format!("{left} late"), Urgency::Late)
        } else if left <= Span::days(1) {
            (format!("in {left}"), Urgency::Now)
        } else if left <= Span::days(7) {
            (format!("in {left}"), Urgency::Soon)
        } else {
            (format!("in {left}"), Urgency::Calm)
        };
        Self { at: Moment::of(at), words: words.into(), urgency }
    }

    /// How near it is.
    pub fn urgency(&self) -> Urgency {
        self.urgency
    }

    fn class(&self) -> &'static str {
        match self.urgency {
            Urgency::Calm => "calm",
            Urgency::Soon => "soon",
            Urgency::Now => "now",
            Urgency::Late => "late",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_says_how_long_and_when_and_whether_it_is_late() {
        let now: Instant = "2024-11-22T14:05:00Z".parse().unwrap();
        let soon = Countdown::between(now, now + Span::hours(52));
        assert_eq!(soon.urgency(), Urgency::Soon);
        assert_eq!(soon.words.as_str(), "in 2 days 4 hours");
        assert!(soon.to_string().contains("2024-11-24 18:05 UTC"));
        let late = Countdown::between(now, now - Span::hours(3));
        assert_eq!((late.urgency(), late.words.as_str()), (Urgency::Late, "3 hours late"));
    }
}
