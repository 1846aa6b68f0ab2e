//! The client against a world that lies: names that change, redirects inwards, answers without end.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bastide_connect_web::{Answering, GuardedClient, Limits, Names, Origin, Refused, Web, WebError};

/// A server on loopback that answers as told and counts who came.
struct Server {
    address: SocketAddr,
    visits: Arc<AtomicUsize>,
}

impl Server {
    async fn new(answer: impl Fn(Request) -> Response + Clone + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        let router = Router::new().fallback(move |request: Request| {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = answer(request);
            async move { answer }
        });
        drop(tokio::task::spawn(async move { axum::serve(listener, router).await }));
        Self { address, visits }
    }

    fn origin(&self) -> Origin {
        self.at("").parse().unwrap()
    }

    fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

/// A resolver that gives another answer each time it is asked.
#[derive(Debug)]
struct Flipping {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Flipping {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let read = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self { answers: answers.iter().map(read).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Names for Flipping {
    fn lookup(&self, _name: String) -> Answering<'static, io::Result<Vec<IpAddr>>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[number % self.answers.len()].clone();
        Box::pin(async move { Ok(answer) })
    }
}

fn limits() -> Limits {
    Limits { time: Duration::from_secs(2), connect: Duration::from_secs(1), body: 1000, redirects: 3 }
}

#[allow(clippy::needless_pass_by_value, reason = "a test hands its resolver over")]
fn client(named: &[Origin], names: Arc<Flipping>) -> GuardedClient {
    let names: Arc<dyn Names> = names;
    GuardedClient::with(named.iter().cloned().collect::<BTreeSet<_>>(), &names, limits())
}

async fn get(client: &GuardedClient, address: &str) -> Result<http::Response<Vec<u8>>, WebError> {
    client.send(http::Request::get(address).body(Vec::new()).unwrap()).await
}

fn why(answer: Result<http::Response<Vec<u8>>, WebError>) -> Refused {
    match answer {
        Err(WebError::Refused { why, .. }) => why,
        other => panic!("not refused: {other:?}"),
    }
}

fn to(location: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, location.to_owned())]).into_response()
}

#[tokio::test]
async fn a_name_is_resolved_once_and_each_of_its_addresses_looked_at() {
    for hidden in [
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "169.254.169.254",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fd00::1",
        "0.0.0.0",
        "192.168.1.1",
    ] {
        // The public one stands first, in the middle, last: one bad address spoils the name.
        for answer in [
            vec![hidden],
            vec!["9.9.9.9", hidden],
            vec![hidden, "9.9.9.9"],
            vec!["9.9.9.9", hidden, "1.1.1.1"],
        ] {
            let names = Flipping::new(&[&answer]);
            let client = client(&[], names.clone());
            let refused = why(get(&client, "https://rebinding.example/").await);
            assert!(matches!(refused, Refused::NotPublic(_)), "{answer:?}: {refused:?}");
            assert_eq!(names.asked.load(Ordering::SeqCst), 1, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_resolver_that_flips_per_query_reaches_nothing_inside() {
    let inside = Server::new(|_| "secret".into_response()).await;
    // A check that asked once, and a connection that asked again, would see two different answers. 2000::1 is given to
    // nobody: public for the guard, and connecting to it fails.
    let names = Flipping::new(&[&["2000::1"], &["127.0.0.1"]]);
    let client = client(&[], names.clone());
    for number in 0..4 {
        let answer = get(&client, "https://rebinding.example/").await;
        match answer {
            Err(WebError::Refused { .. }) => assert_eq!(number % 2, 1),
            Err(WebError::TimedOut { .. } | WebError::Unreachable { .. }) => assert_eq!(number % 2, 0),
            other => panic!("{other:?}"),
        }
        assert_eq!(names.asked.load(Ordering::SeqCst), number + 1, "asked once for each connection");
    }
    assert_eq!(inside.visits(), 0);
}

#[tokio::test]
async fn a_redirect_chain_into_loopback_ends_before_it() {
    let inside = Server::new(|_| "secret".into_response()).await;
    for target in [
        inside.at("/"),
        format!("https://127.0.0.1:{}/", inside.address.port()),
        "https://2130706433/".to_owned(),
        "https://[::1]/".to_owned(),
        "https://localhost/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "https://0x7f.1/".to_owned(),
        "https://user@example.org/".to_owned(),
        "//169.254.169.254/latest".to_owned(),
    ] {
        let next = target.clone();
        let outside = Server::new(move |request| match request.uri().path() {
            "/one" => to("/two"),
            "/two" => to("three"),
            _ => to(&next),
        })
        .await;
        // Whatever name the chain leads to has a loopback address here.
        let client = client(&[outside.origin()], Flipping::new(&[&["127.0.0.1"]]));
        let refused = why(get(&client, &outside.at("/one")).await);
        assert!(!matches!(refused, Refused::Redirects { .. }), "{target}: {refused:?}");
        assert_eq!(outside.visits(), 3, "{target}");
    }
    assert_eq!(inside.visits(), 0);
}

#[tokio::test]
async fn a_redirect_does_not_use_what_the_operator_named() {
    let inner = Server::new(|_| "secret".into_response()).await;
    let target = inner.at("/");
    let outer = Server::new(move |_| to(&target)).await;
    let client = client(&[outer.origin(), inner.origin()], Flipping::new(&[&["127.0.0.1"]]));
    assert_eq!(why(get(&client, &outer.at("/")).await), Refused::NotHttps);
    assert_eq!(inner.visits(), 0);
    assert_eq!(get(&client, &inner.at("/")).await.unwrap().body(), b"secret");
}

#[tokio::test]
async fn redirects_are_few_and_only_reads_follow_them() {
    let round = Server::new(|_| to("/again")).await;
    let client = client(&[round.origin()], Flipping::new(&[&["127.0.0.1"]]));
    assert_eq!(why(get(&client, &round.at("/")).await), Refused::Redirects { most: 3 });
    assert_eq!(round.visits(), 4);
    let post = http::Request::post(round.at("/")).body(b"secret".to_vec()).unwrap();
    assert_eq!(why(client.send(post).await), Refused::Redirect);
    assert_eq!(round.visits(), 5);
}

#[tokio::test]
async fn an_answer_is_bounded_in_length_and_time() {
    let server = Server::new(|request| match request.uri().path() {
        "/long" => vec![b'x'; 1001].into_response(),
        "/just" => vec![b'x'; 1000].into_response(),
        "/endless" => {
            let chunk = axum::body::Bytes::from_static(&[b'x'; 100]);
            let chunks = std::iter::repeat_with(move || Ok::<_, io::Error>(chunk.clone()));
            Response::new(Body::from_stream(Forever(chunks)))
        }
        _ => Response::new(Body::from_stream(Never)),
    })
    .await;
    let client = client(&[server.origin()], Flipping::new(&[&["127.0.0.1"]]));
    assert_eq!(get(&client, &server.at("/just")).await.unwrap().body().len(), 1000);
    for path in ["/long", "/endless"] {
        let answer = get(&client, &server.at(path)).await;
        assert!(matches!(answer, Err(WebError::TooLong { most: 1000, .. })), "{path}: {answer:?}");
    }
    let answer = get(&client, &server.at("/slow?code=secret")).await;
    assert!(matches!(answer, Err(WebError::TimedOut { .. })), "{answer:?}");
    let said = format!("{answer:?} {}", answer.as_ref().unwrap_err());
    assert!(!said.contains("secret") && !said.contains("/slow"), "{said}");
}

#[tokio::test]
async fn what_an_error_status_says_is_an_answer() {
    let server = Server::new(|_| (StatusCode::INTERNAL_SERVER_ERROR, "no").into_response()).await;
    let client = client(&[server.origin()], Flipping::new(&[&["127.0.0.1"]]));
    assert_eq!(get(&client, &server.at("/")).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
}

/// A stream without end.
struct Forever<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Forever<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}

/// A stream that says nothing.
struct Never;

impl futures_core::Stream for Never {
    type Item = io::Result<axum::body::Bytes>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Pending
    }
}
