//! Every kind of source, and what is said of what cannot be read.

use std::{
    fs,
    io::{Cursor, Write as _},
};

use bastide_connect_feeds::{ErrorKind, FeedSource, Options, Place, Watch};
use bastide_testkit::data;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{bring, directory, ids, record, source};

fn zip(files: &[(&str, String)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_directory_a_zip_and_a_file_become_one_database() {
    let yaml = "id: PYSEC-2024-2\nmodified: 2024-05-01T00:00:00Z\n".to_owned();
    let files = directory(&[
        ("vulns/a/PYSEC-2024-1.json", record("PYSEC-2024-1", 1).to_string()),
        ("vulns/b/PYSEC-2024-2.yaml", yaml),
        (".git/PYSEC-2024-9.json", record("PYSEC-2024-9", 1).to_string()),
        ("package.json", "{\"name\": \"not a record\"}".to_owned()),
        ("README.md", "text".to_owned()),
        ("one.json", record("PYSEC-2024-4", 1).to_string()),
    ]);
    let archive = files.path().join("all.zip");
    let newer = record("PYSEC-2024-1", 2).to_string();
    fs::write(
        &archive,
        zip(&[("PYSEC-2024-3.json", record("PYSEC-2024-3", 1).to_string()), ("x.json", newer)]),
    )
    .unwrap();
    let data = tempfile::tempdir().unwrap();
    let sources = [source(files.path()), source(&archive), source(&files.path().join("one.json"))];
    let summary = bring(&data, &sources, Options::default()).await.unwrap();
    assert_eq!(ids(&data), ["PYSEC-2024-1", "PYSEC-2024-2", "PYSEC-2024-3", "PYSEC-2024-4"]);
    assert_eq!((summary.documents, summary.doubled, summary.passed_over.0), (7, 2, 1));
    assert!(summary.findings.is_empty(), "{:?}", summary.findings);
    let snapshot = Place::in_data(data.path()).load().unwrap();
    let modified = snapshot.record("PYSEC-2024-1").unwrap().unwrap().modified.to_string();
    assert_eq!(modified, "2024-05-02T00:00:00Z", "the newer of two stays");
    let again = bring(&data, &sources, Options::default()).await.unwrap();
    assert_eq!((again.content_hash, again.news), (summary.content_hash, 0));
}

#[tokio::test]
async fn a_broken_record_is_told_with_file_field_and_reason_and_costs_no_other() {
    let files = directory(&[
        ("good.json", record("PYSEC-2024-1", 1).to_string()),
        ("broken.json", "{\"id\": \"PYSEC-2024-2\"}".to_owned()),
        ("cut.json", "{\"id\": \"PYSEC-2024-3\", \"modif".to_owned()),
        ("deep.json", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))),
        ("alias-bomb.yaml", "a: &a [x]\nb: &b [*a, *a]\nid: *b\n".to_owned()),
    ]);
    std::os::unix::fs::symlink("/etc/passwd", files.path().join("link.json")).unwrap();
    let data = tempfile::tempdir().unwrap();
    let summary = bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    assert_eq!(ids(&data), ["PYSEC-2024-1"]);
    let told: Vec<_> = summary.findings.iter().map(|finding| (&finding.subject, &finding.message)).collect();
    let broken = summary.findings.iter().find(|finding| finding.subject.ends_with("broken.json")).unwrap();
    assert_eq!(broken.evidence[0].place.field.as_deref(), Some("modified"), "{told:?}");
    assert!(summary.findings.len() >= 3 && told.iter().all(|(_, message)| message.len() < 500), "{told:?}");
}

#[tokio::test]
async fn what_is_no_source_is_refused_with_what_to_do() {
    let bare = directory(&[("HEAD", String::new()), ("objects/x", String::new()), ("refs/x", String::new())]);
    let text = directory(&[("records.txt", String::new())]);
    for (given, reason) in [
        (bare.path().to_str().unwrap().to_owned(), "bare git repository"),
        (text.path().join("records.txt").to_str().unwrap().to_owned(), ".zip, .json"),
        ("git://example.org/a".to_owned(), "git://"),
        ("/nowhere/at/all".to_owned(), "No such file"),
        ("https://".to_owned(), "no address"),
    ] {
        let error = FeedSource::read(&given).unwrap_err();
        assert!(error.reason.contains(reason) && !error.remedy.is_empty(), "{given}: {error:?}");
        assert_eq!(error.kind, ErrorKind::Source);
    }
    let data = tempfile::tempdir().unwrap();
    let error = bring(&data, &[source(text.path())], Options::default()).await.unwrap_err();
    assert!(error.reason.starts_with("no record was found"), "{error}");
    assert_eq!(Place::in_data(data.path()).open().unwrap_err().kind, ErrorKind::Absent);
    fs::write(text.path().join("broken.zip"), "PK no zip").unwrap();
    let error =
        bring(&data, &[source(&text.path().join("broken.zip"))], Options::default()).await.unwrap_err();
    assert!(error.to_string().contains("broken.zip: it does not end with"), "{error}");
}

/// Answers requests one after the other: with the body and a tag, or with 304 to whoever has it.
async fn serve(listener: TcpListener, body: Vec<u8>, answers: usize) -> Vec<String> {
    let mut asked = Vec::new();
    for _ in 0..answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let head = if request.to_ascii_lowercase().contains("if-none-match: \"tag\"") {
            "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned()
        } else {
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\netag: \"tag\"\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            )
        };
        let is_whole = head.contains("200");
        stream.write_all(head.as_bytes()).await.unwrap();
        if is_whole {
            stream.write_all(&body).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        asked.push(request);
    }
    asked
}

#[tokio::test]
async fn an_address_is_fetched_once_and_then_asked_whether_it_changed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/PyPI/all.zip?token=secret", listener.local_addr().unwrap());
    let body = zip(&[("PYSEC-2024-1.json", record("PYSEC-2024-1", 1).to_string())]);
    let server = tokio::spawn(serve(listener, body, 2));
    let data = tempfile::tempdir().unwrap();
    let feed = FeedSource::read(&address).unwrap();
    assert!(!feed.name().contains("secret"), "{}", feed.name());
    let first = bring(&data, std::slice::from_ref(&feed), Options::default()).await.unwrap();
    assert_eq!((first.unchanged_sources, ids(&data)), (0, vec!["PYSEC-2024-1".to_owned()]));
    let second = bring(&data, std::slice::from_ref(&feed), Options::default()).await.unwrap();
    assert_eq!((second.unchanged_sources, second.news), (1, 0));
    assert_eq!(server.await.unwrap().len(), 2);
    let error = bring(&data, &[feed], Options::default()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Failed);
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(ids(&data).len(), 1, "what was there stays");
}

#[tokio::test]
async fn a_server_takes_up_a_new_snapshot_and_keeps_the_old_one_where_the_new_is_broken() {
    let data = tempfile::tempdir().unwrap();
    let watch = Watch::new(Place::in_data(data.path()));
    assert!(!watch.refresh().unwrap() && watch.current().is_none());
    let files = directory(&[("a.json", record("PYSEC-2024-1", 1).to_string())]);
    bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    assert!(watch.refresh().unwrap());
    assert_eq!(watch.current().unwrap().counts().records, 1);
    assert!(!watch.refresh().unwrap(), "the same snapshot is not loaded twice");
    fs::write(files.path().join("b.json"), record("PYSEC-2024-2", 1).to_string()).unwrap();
    bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    assert!(watch.refresh().unwrap());
    assert_eq!(watch.current().unwrap().counts().records, 2);
    fs::write(Place::in_data(data.path()).snapshot(), "no snapshot").unwrap();
    assert!(watch.refresh().is_err());
    assert!(!watch.refresh().unwrap(), "a broken one is complained about once");
    assert_eq!(watch.current().unwrap().counts().records, 2);
}

#[tokio::test]
async fn everything_that_pypa_and_the_psf_published_is_taken_but_seven_broken_records() {
    let (Some(pypa), Some(psf)) = (
        data::archive("pypa-advisories-2024-10-10.tar.xz"),
        data::archive("psf-advisories-2024-09-08.tar.xz"),
    ) else {
        return;
    };
    let files = tempfile::tempdir().unwrap();
    for file in pypa.into_iter().chain(psf) {
        let path = files.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
    let data = tempfile::tempdir().unwrap();
    let summary = bring(&data, &[source(files.path())], Options::default()).await.unwrap();
    let refused: Vec<_> = summary.findings.iter().filter(|finding| finding.rule == "OSV-READABLE").collect();
    assert_eq!(refused.len(), 7, "{refused:?}");
    assert_eq!((summary.counts.records, summary.passed_over.0), (2786, 0));
    println!("{summary:?}");
}
