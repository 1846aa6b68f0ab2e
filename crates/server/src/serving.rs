//! Connections: accepted up to a number, served with a time for each part of a request, ended in order.
//!
//! A client that sends its head letter by letter, or takes its answer so, is cut off; the times and numbers stand in
//! [`crate::Limits`].

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, body::Body, extract::Request};
use bastide_usecases::Desk;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulConnection, GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

use crate::{Limits, Network, Options, Peer, router};

/// A request's head has at most so many header lines.
const HEADER_LINES: usize = 64;

/// And at most so many bytes.
const HEAD_BYTES: usize = 32 * 1024;

/// How long requests under way may go on after the server was asked to end.
const ENDING: Duration = Duration::from_secs(30);

/// How long to wait when the system has no more sockets to give.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(200);

/// Serves the site until `shutdown` is done; requests under way are finished.
pub async fn serve(
    listener: TcpListener,
    desk: Desk,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limits = options.floods.clone();
    let times = (limits.head_time(), limits.stall_time());
    let router = router(desk, options);
    let places = Places::new(&limits);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, place) = tokio::select! {
            accepted = next(&listener, &places) => accepted,
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
        };
        // An address that holds all its places already: the connection is closed unheard.
        let Some(place) = place else { continue };
        let connection = connection(stream, peer.ip(), router.clone(), times);
        let watched = graceful.watch(connection);
        connections.spawn(async move {
            // How a connection ends is the client's business: broken off, too slow, not HTTP.
            let _ = watched.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(ENDING) => {
            tracing::warn!("requests under way took too long and were broken off");
        }
    }
    Ok(())
}

/// The next connection with its place. While all places are taken nobody is accepted: the system's queue holds them.
async fn next(listener: &TcpListener, places: &Places) -> (TcpStream, SocketAddr, Option<Place>) {
    let room = places.room().await;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, places.take(room, peer.ip())),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// A connection with its times: for a request's head, and for an answer that is not taken.
fn connection(
    stream: TcpStream,
    peer: IpAddr,
    router: Router,
    (head, stall): (Duration, Duration),
) -> impl GracefulConnection<Error = hyper::Error> {
    // Answers are small and written whole: waiting to fill a packet helps nobody.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(stall));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_headers(HEADER_LINES)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}

/// The places for connections, in all and for each address.
struct Places {
    all: Arc<Semaphore>,
    held: Arc<Mutex<HashMap<Network, u32>>>,
    of_address: u32,
    trusted: Vec<IpAddr>,
}

/// The place of one connection; it is given back when dropped.
struct Place {
    _room: OwnedSemaphorePermit,
    network: Network,
    held: Arc<Mutex<HashMap<Network, u32>>>,
}

impl Places {
    fn new(limits: &Limits) -> Self {
        let all = usize::try_from(limits.connections.max(1)).unwrap_or(usize::MAX);
        Self {
            all: Arc::new(Semaphore::new(all)),
            held: Arc::default(),
            of_address: limits.connections_of_address.max(1),
            trusted: limits.trusted_proxies.clone(),
        }
    }

    async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// The place for a connection from this address; none when it holds all that it may. A proxy, and the machine itself,
    /// bring everybody's connections and are not counted.
    fn take(&self, room: Option<OwnedSemaphorePermit>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let network = Network::of(address);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(network).or_default();
        if *count >= self.of_address && !address.is_loopback() && !self.trusted.contains(&address) {
            return None;
        }
        *count += 1;
        Some(Place { _room: room?, network, held: Arc::clone(&self.held) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_holds_so_many_places_and_gives_them_back() {
        let limits = Limits { connections: 4, connections_of_address: 2, ..Limits::default() };
        let places = Places::new(&limits);
        let take = async |address: &str| places.take(places.room().await, address.parse().unwrap());
        let first = take("192.0.2.1").await;
        let second = take("::ffff:192.0.2.1").await;
        assert!(first.is_some() && second.is_some());
        assert!(take("192.0.2.1").await.is_none(), "it has its two");
        let other = take("192.0.2.2").await;
        assert!(other.is_some());
        drop(first);
        assert!(take("192.0.2.1").await.is_some());
        drop((second, other));
        assert!(places.held.lock().unwrap().is_empty());
        assert_eq!(places.all.available_permits(), 4);
        let local: Vec<_> =
            [take("127.0.0.1").await, take("127.0.0.1").await, take("127.0.0.1").await].into();
        assert!(local.iter().all(Option::is_some), "a proxy on the machine brings everybody");
    }
}
