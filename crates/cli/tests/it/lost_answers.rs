//! A network that loses answers: the same request is sent again, with the same key.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::{
    bastide::Bastide,
    serve::{REPORT, serve, set_up},
};

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

/// A network in front of a desk: it carries each request there, and loses the first `losses` answers on the way back.
fn losing(desk: &str, losses: usize) -> (String, thread::JoinHandle<()>) {
    let (listener, desk) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), desk.replace("http://localhost", "127.0.0.1"));
    let address = format!("http://{}", listener.local_addr().unwrap());
    let carried = thread::spawn(move || {
        for number in 0..=losses {
            let (mut near, _) = listener.accept().unwrap();
            let mut far = TcpStream::connect(&desk).unwrap();
            let (mut to, mut from) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            thread::spawn(move || {
                // When the reader hangs up, the desk is told, or it would keep the connection open.
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Write);
            });
            let mut first = [0; 1];
            // The desk has answered, so it has stored what it was asked to.
            far.read_exact(&mut first).unwrap();
            if number == losses {
                near.write_all(&first).unwrap();
                // The reader hangs up when it has what it wants.
                let _ = std::io::copy(&mut far, &mut near);
            }
            let _ = near.shutdown(std::net::Shutdown::Both);
        }
    });
    (address, carried)
}

/// Proves: O01.
#[test]
fn a_report_whose_answers_are_lost_is_stored_once() {
    let bastide = Bastide::new();
    set_up(&bastide);
    let (running, address) = serve(&bastide);
    bastide.file("report.txt", REPORT);
    let (network, carried) = losing(&address, 2);
    let sent = bastide.run(&["report", "send", "--desk", &network, "--project", "jupyterlab", "report.txt"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    carried.join().unwrap();
    let inbox = bastide.done(&["inbox", "--desk", &address, "--token-file", "token.txt", "--format", "json"]);
    let inbox: serde_json::Value = serde_json::from_str(&inbox).unwrap();
    assert_eq!(inbox.as_array().map(Vec::len), Some(1), "one report: {inbox}");
    bastide.file("link.txt", sent.out.lines().last().unwrap().rsplit('/').next().unwrap());
    let status = bastide.run(&["report", "status", "--desk", &address, "--link-file", "link.txt"]);
    assert_eq!(status.code, 0, "the link of the answer that came through works: {status:?}");
    assert!(running.end().success());
}
