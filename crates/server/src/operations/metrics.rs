//! What is counted and measured, in the text format of `OpenMetrics`.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bastide_usecases::Measured;
use prometheus_client::{
    collector::Collector,
    encoding::{
        DescriptorEncoder, EncodeLabelSet, EncodeMetric,
        text::{encode_eof, encode_registry},
    },
    metrics::{
        counter::ConstCounter, counter::Counter, family::Family, gauge::ConstGauge, histogram::Histogram,
    },
    registry::{Registry, Unit},
};
use tokio::time::Instant;

/// The media type of what [`Metrics::render`] writes.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the classes of durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The class of the route that answered: what it is about, in a word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RouteClass(pub(crate) &'static str);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    class: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Class {
    class: &'static str,
}

/// Where requests are counted. Cheap to clone; all clones are the same counts.
#[derive(Clone)]
pub struct Metrics {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    answers: Family<Answered, Counter<u64, AtomicU64>>,
    durations: Family<Class, Histogram, fn() -> Histogram>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("bastide");
        let answers = Family::<Answered, Counter<u64, AtomicU64>>::default();
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let durations = Family::new_with_constructor(histogram);
        registry.register(
            "requests",
            "Requests by the class of their route and the answer's status",
            answers.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time until an answer began, by the class of the route",
            Unit::Seconds,
            durations.clone(),
        );
        Self { inner: Arc::new(Inner { registry, answers, durations }) }
    }
}

/// Counts a request when its answer begins. Stands outside of everything else.
pub(crate) async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    // What no route took, or a layer refused, has no class.
    let class = response.extensions().get::<RouteClass>().map_or("none", |class| class.0);
    let status = response.status().as_u16();
    metrics.inner.answers.get_or_create(&Answered { class, status }).inc();
    metrics.inner.durations.get_or_create(&Class { class }).observe(begun.elapsed().as_secs_f64());
    response
}

impl Metrics {
    /// Everything as text: the counts, and what was measured just now.
    pub(crate) fn render(&self, measured: &Measured) -> Result<String, fmt::Error> {
        let mut present = Registry::with_prefix("bastide");
        present.register_collector(Box::new(Present(measured.clone())));
        let mut text = String::new();
        encode_registry(&mut text, &self.inner.registry)?;
        encode_registry(&mut text, &present)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

/// What was measured, as metrics.
#[derive(Debug)]
struct Present(Measured);

impl Collector for Present {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let measured = &self.0;
        let age = |since: Option<bastide_model::time::Instant>| {
            since.map_or(0, |since| (measured.now.as_micros() - since.as_micros()).max(0) / 1_000_000)
        };
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let waiting = i64::try_from(measured.queue.waiting).unwrap_or(i64::MAX);
        let mut gauges: Vec<(&str, &str, Option<Unit>, i64)> = vec![
            ("writer_queue_jobs", "Jobs that wait for the writer", None, waiting),
            (
                "outbox_oldest_due",
                "How long the oldest due message waits",
                Some(Unit::Seconds),
                age(measured.counts.oldest_message),
            ),
            (
                "clock_oldest_due",
                "How long the oldest due case waits for the clock",
                Some(Unit::Seconds),
                age(measured.counts.oldest_wake),
            ),
            (
                "overdue_cases",
                "Open cases whose next deadline has passed",
                None,
                number(measured.counts.overdue_cases),
            ),
            ("outbound_held", "Whether everything outgoing is held", None, i64::from(measured.held)),
        ];
        if let Some(free) = measured.free_bytes {
            gauges.push(("free_space", "Room left where the database lies", Some(Unit::Bytes), number(free)));
        }
        if let Some(resident) = resident_bytes() {
            gauges.push((
                "resident_memory",
                "Memory that the process holds",
                Some(Unit::Bytes),
                number(resident),
            ));
        }
        for (name, help, unit, value) in gauges {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?)?;
        }
        let counters = [
            ("store_jobs", "Jobs that the writer took", measured.figures.jobs),
            (
                "store_commits",
                "Transactions that held them; jobs by commits is the size of a group",
                measured.figures.commits,
            ),
            (
                "store_reopened",
                "How often a failed database connection was replaced",
                measured.figures.reopened,
            ),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let kind = ConstGauge::new(0_i64).metric_type();
        let mut messages = encoder.encode_descriptor(
            "outbox_messages",
            "Messages by what has become of them",
            None,
            kind,
        )?;
        for (state, count) in &measured.counts.messages {
            let state = state_name(*state);
            ConstGauge::new(number(*count)).encode(messages.encode_family(&[("state", state)])?)?;
        }
        let mut rounds = encoder.encode_descriptor(
            "job_last_success_timestamp",
            "When a round of this job last ended well",
            Some(&Unit::Seconds),
            kind,
        )?;
        for (job, round) in &measured.jobs {
            if let Some(at) = round.succeeded {
                let seconds = at.as_micros() / 1_000_000;
                ConstGauge::new(seconds).encode(rounds.encode_family(&[("job", job.name())])?)?;
            }
        }
        let kind = ConstCounter::new(0_u64).metric_type();
        let mut failures =
            encoder.encode_descriptor("job_failures", "Rounds of this job that failed", None, kind)?;
        for (job, round) in &measured.jobs {
            ConstCounter::new(round.failures).encode(failures.encode_family(&[("job", job.name())])?)?;
        }
        Ok(())
    }
}

const fn state_name(state: bastide_store::OutboxState) -> &'static str {
    match state {
        bastide_store::OutboxState::Waiting => "waiting",
        bastide_store::OutboxState::Sent => "sent",
        bastide_store::OutboxState::GivenUp => "given-up",
        bastide_store::OutboxState::Dropped => "dropped",
    }
}

/// The memory that this process holds, where the system says it.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
