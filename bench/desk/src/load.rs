//! A client that asks over kept connections and writes down how long each answer took.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A request that can be made again for each number.
pub(crate) type Make = Arc<dyn Fn(u64) -> Request<Full<Bytes>> + Send + Sync>;

/// What many answers took.
pub(crate) struct Taken {
    /// How many were good.
    pub(crate) answers: u64,
    /// From the first request to the last answer.
    pub(crate) whole: Duration,
    micros: Histogram<u64>,
}

impl Taken {
    /// Answers a second.
    #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(crate) fn rate(&self) -> f64 {
        self.answers as f64 / self.whole.as_secs_f64()
    }

    /// The time within which this share of the answers came, in milliseconds.
    #[allow(clippy::cast_precision_loss, reason = "microseconds of a request are far below 2^52")]
    pub(crate) fn within(&self, share: f64) -> f64 {
        self.micros.value_at_quantile(share) as f64 / 1000.0
    }
}

/// One kept connection.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Connects to a port of this machine.
    pub(crate) async fn open(port: u16) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// Asks and reads the whole answer.
    pub(crate) async fn ask(&mut self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
        self.sender.ready().await.map_err(|error| error.to_string())?;
        let answer = self.sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| error.to_string())?;
        Ok((status, body.to_bytes()))
    }
}

/// Asks `count` times over `connections` at once. An answer that is no success ends it with its text.
pub(crate) async fn ask(port: u16, connections: usize, count: u64, make: Make) -> Result<Taken, String> {
    let next = Arc::new(AtomicU64::new(0));
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Connection::open(port).await?);
    }
    let begun = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let (next, make) = (Arc::clone(&next), Arc::clone(&make));
            tokio::spawn(async move {
                let mut micros = histogram()?;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok::<_, String>(micros);
                    }
                    let asked = Instant::now();
                    let (status, body) = client.ask(make(number)).await?;
                    if !status.is_success() {
                        return Err(format!(
                            "request {number}: {status}: {}",
                            String::from_utf8_lossy(&body)
                        ));
                    }
                    let taken = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
                    micros.saturating_record(taken);
                }
            })
        })
        .collect();
    let mut micros = histogram()?;
    for task in tasks {
        let part = task.await.map_err(|error| error.to_string())??;
        micros.add(part).map_err(|error| error.to_string())?;
    }
    Ok(Taken { answers: micros.len(), whole: begun.elapsed(), micros })
}

fn histogram() -> Result<Histogram<u64>, String> {
    // From a microsecond to two minutes, three digits.
    Histogram::new_with_bounds(1, 120_000_000, 3).map_err(|error| error.to_string())
}
