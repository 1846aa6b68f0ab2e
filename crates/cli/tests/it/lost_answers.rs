//! A network that loses answers: the same request is sent again, with the same key.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::bastide::Bastide;

/// Reads a request's head and body; gives the head.
fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        if body.len() >= length || read == 0 {
            return head.to_owned();
        }
    }
}

/// A desk that takes each request and loses `losses` answers before it gives one.
fn forgetful(losses: usize) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heads = thread::spawn(move || {
        let mut heads = Vec::new();
        for number in 0..=losses {
            let (mut stream, _) = listener.accept().unwrap();
            heads.push(request(&mut stream));
            if number == losses {
                let body = r#"{"case":"case-60w6h81xn9sby4a754eg2e1wt8","events":["closed"],"lifecycle":"closed","advisory":null}"#;
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                )
                .unwrap();
            }
        }
        heads
    });
    (address, heads)
}

fn key(head: &str) -> String {
    head.lines()
        .find_map(|line| line.to_lowercase().strip_prefix("idempotency-key: ").map(str::to_owned))
        .unwrap()
}

const CASE: &str = "case-60w6h81xn9sby4a754eg2e1wt8";

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let bastide = Bastide::new();
    bastide.file("token.txt", "a-token\n");
    let (address, heads) = forgetful(2);
    let ended = bastide.run(&["case", "close", CASE, "--desk", &address, "--token-file", "token.txt"]);
    let heads = heads.join().unwrap();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(heads.len(), 3);
    assert!(heads.iter().all(|head| key(head) == key(&heads[0])), "one request, one key: {heads:?}");
    let (address, again) = forgetful(0);
    bastide.run(&["case", "close", CASE, "--desk", &address, "--token-file", "token.txt"]);
    assert_ne!(key(&again.join().unwrap()[0]), key(&heads[0]), "another request, another key");
}

#[test]
fn after_three_lost_answers_it_says_so_and_what_to_do() {
    let bastide = Bastide::new();
    bastide.file("token.txt", "a-token\n");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let ended = bastide.run(&["case", "close", CASE, "--desk", &address, "--token-file", "token.txt"]);
    assert_eq!((ended.code, ended.out.as_str()), (3, ""));
    assert!(ended.err.contains("what to do: check the address and the network"), "{}", ended.err);
    assert!(!ended.err.contains("a-token"), "the token is in no message");
}
