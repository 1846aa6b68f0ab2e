//! The two clocks: the system's, and one that a test or the demo moves.

use std::sync::atomic::{AtomicI64, Ordering};

use bastide_model::time::{Clock, Instant, Span};

/// The system's clock. Read here and nowhere else.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the system clock")]
    fn now(&self) -> Instant {
        Instant::from_micros(jiff::Timestamp::now().as_microsecond())
    }
}

/// A clock that stands still until it is moved; it never goes back.
#[derive(Debug)]
pub struct SimulatedClock {
    micros: AtomicI64,
}

impl SimulatedClock {
    /// A clock that shows this instant.
    pub fn at(instant: Instant) -> Self {
        Self { micros: AtomicI64::new(instant.as_micros()) }
    }

    /// Lets this much time pass.
    pub fn pass(&self, span: Span) {
        self.micros.fetch_add(span.as_micros().max(0), Ordering::SeqCst);
    }

    /// Moves on to this instant; an earlier one changes nothing.
    pub fn move_to(&self, instant: Instant) {
        self.micros.fetch_max(instant.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.micros.load(Ordering::SeqCst))
    }
}
