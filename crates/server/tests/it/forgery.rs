//! Requests that somebody else's page, link or proxy makes in a person's name, and what they are refused.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use bastide_server::{Options, Peer, route_table, router};

use crate::{
    browser::Browser,
    site::{Answer, Site},
};

/// Any value for each of a path's parameters.
fn somewhere(path: &str) -> String {
    let mut out = String::new();
    for segment in path.split('/').skip(1) {
        out.push('/');
        match segment {
            "{project}" => out.push_str("jupyterlab"),
            "{case}" => out.push_str("case-00000000000000000000000000"),
            word if word.starts_with('{') => out.push_str("something"),
            word => out.push_str(word),
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

async fn session(site: &Site) -> String {
    let link = site.desk.issue_sign_in_link(site.coordinator.0).await.unwrap();
    let session = site.desk.sign_in(&link, &bastide_usecases::Browser::default()).await.unwrap();
    format!("session={}", session.secret.reveal())
}

fn changing(site: &Site) -> Vec<(Method, String)> {
    let rows = route_table(site.desk.clone()).into_iter().filter(|row| row.method != Method::GET);
    rows.map(|row| (row.method, somewhere(&row.path))).collect()
}

/// Proves: J16.
#[tokio::test]
async fn no_changing_route_listens_to_a_page_of_somebody_else() {
    let site = Site::open().await;
    let cookie = session(&site).await;
    let routes = changing(&site);
    assert!(routes.len() > 80, "{}", routes.len());
    let origins: [&[(&str, &str)]; 7] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site")],
        &[("origin", "http://localhost:2")],
    ];
    let mut asked = 0;
    for (method, path) in &routes {
        for headers in origins {
            let mut request = Request::builder().method(method).uri(path).header("cookie", &cookie);
            request = request.header("host", "localhost:1");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = site.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path} {headers:?}: {}", answer.text);
            asked += 1;
        }
        for own in [("sec-fetch-site", "same-origin"), ("origin", "http://localhost:1")] {
            let request = Request::builder().method(method).uri(path).header("host", "localhost:1");
            let request = request.header("cookie", &cookie).header(own.0, own.1);
            let answer = site.send(request.body(Body::empty()).unwrap()).await;
            let forged = answer.status == StatusCode::FORBIDDEN && !answer.text.contains("confirm");
            assert!(!forged, "the desk's own page is heard: {method} {path} {own:?}: {}", answer.text);
        }
    }
    println!("{} changing routes, {asked} forged requests: 0 heard", routes.len());
}

/// A program has no page that it could be misled by: it shows a token, and no cookie.
#[tokio::test]
async fn a_program_with_a_token_says_no_origin_and_a_cookie_opens_nothing_without_one() {
    let site = Site::open().await;
    let path = "/api/v1/cases/case-00000000000000000000000000/steps/take";
    let with = async |name: &str, value: &str| {
        let request = Request::post(path).header(name, value).body(Body::empty()).unwrap();
        site.send(request).await.status
    };
    assert_eq!(with("authorization", &format!("Bearer {}", site.coordinator.1)).await, StatusCode::NOT_FOUND);
    assert_eq!(with("cookie", &session(&site).await).await, StatusCode::FORBIDDEN);
}

/// No answer can be framed, sniffed as something else, or read by another site: pages, documents, refusals and failures.
#[tokio::test]
async fn every_answer_forbids_frames_and_foreign_scripts() {
    let site = Site::open().await;
    let mut paths: Vec<String> =
        route_table(site.desk.clone()).into_iter().map(|row| somewhere(&row.path)).collect();
    paths.extend(["/nowhere".to_owned(), "/api/v1/nowhere".to_owned(), "/%00".to_owned(), "//".to_owned()]);
    for path in &paths {
        for method in [Method::GET, Method::POST, Method::PUT, Method::OPTIONS] {
            let request = Request::builder().method(&method).uri(path).body(Body::empty()).unwrap();
            let Answer { headers, status, .. } = site.send(request).await;
            let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
            let policy = header("content-security-policy");
            for part in
                ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]
            {
                assert!(policy.contains(part), "{method} {path} ({status}): {policy}");
            }
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(header("x-frame-options"), "DENY", "{method} {path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{method} {path}");
            assert_eq!(header("referrer-policy"), "no-referrer", "{method} {path}");
            assert_eq!(header("access-control-allow-origin"), "", "{method} {path}");
            assert!(!header("cache-control").is_empty(), "{method} {path}");
        }
    }
}

/// Proves: J10.
#[tokio::test]
async fn a_session_that_somebody_planted_is_nobodys() {
    let site = Site::open().await;
    let link = site.desk.issue_sign_in_link(site.coordinator.0).await.unwrap();
    let planted = "a-session-that-an-attacker-chose-beforehand";
    let request = Request::post(format!("/sign-in/{}", link.reveal()))
        .header("cookie", format!("session={planted}"))
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty())
        .unwrap();
    let answer = site.send(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let set = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(!set.contains(planted), "{set}");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    let inbox = async |cookie: &str| {
        let request = Request::get("/inbox").header("cookie", cookie).body(Body::empty()).unwrap();
        site.send(request).await.status
    };
    assert_eq!(inbox(&format!("session={planted}")).await, StatusCode::UNAUTHORIZED);
    let fresh = set.split(';').next().unwrap();
    assert_eq!(inbox(fresh).await, StatusCode::OK);

    // A second sign-in in the same browser gives a second secret, and signing out ends the one that was shown.
    let link = site.desk.issue_sign_in_link(site.coordinator.0).await.unwrap();
    let second = site.desk.sign_in(&link, &bastide_usecases::Browser::default()).await.unwrap();
    assert!(!fresh.contains(second.secret.reveal()));
    let leave = Request::post("/sign-out").header("cookie", fresh).header("sec-fetch-site", "same-origin");
    site.send(leave.body(Body::empty()).unwrap()).await;
    assert_eq!(inbox(fresh).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn over_tls_cookies_are_pinned_to_this_host_and_others_are_not_read() {
    let mut site = Site::open().await;
    site.service = router(site.desk.clone(), Options { secure_cookies: true, ..Options::default() });
    let link = site.desk.issue_sign_in_link(site.coordinator.0).await.unwrap();
    let request =
        Request::post(format!("/sign-in/{}", link.reveal())).header("sec-fetch-site", "same-origin");
    let answer = site.send(request.body(Body::empty()).unwrap()).await;
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("__Host-session=") && set.contains("; Secure"), "{set}");
    assert!(answer.headers.contains_key("strict-transport-security"));
    let secret = set.split(['=', ';']).nth(1).unwrap();
    // A cookie without the prefix could have been set by a neighbour under the same domain.
    let planted = Request::get("/inbox").header("cookie", format!("session={secret}"));
    let answer = site.send(planted.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_address_in_a_request_sends_a_browser_elsewhere() {
    let site = Site::open().await;
    let elsewhere = [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "\t//evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "/\r\nset-cookie: session=planted",
        "http:evil.example",
        "///evil.example",
        "/%2f/../\\evil.example",
        "@evil.example",
        "/inbox\u{0}",
    ];
    for next in elsewhere {
        let link = site.desk.issue_token(site.coordinator.0, bastide_model::time::Span::days(1), true);
        let token = link.await.unwrap();
        let body = serde_urlencoded::to_string([("token", token.reveal()), ("next", next)]).unwrap();
        let request = Request::post("/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{next:?}: {}", answer.text);
        let place = answer.headers["location"].to_str().unwrap();
        let local = place.starts_with('/') && !place[1..].starts_with(['/', '\\']);
        assert!(
            local && place.chars().all(|symbol| symbol.is_ascii_graphic()),
            "{next:?} leads to {place:?}"
        );
        let resolved = url_of(place);
        assert!(resolved.starts_with("http://localhost:1/"), "{next:?} leads to {resolved}");
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        let own = |cookie: &str| cookie.starts_with("session=") || cookie.starts_with("device=");
        assert!(cookies.len() == 2 && cookies.iter().all(|set| own(set.to_str().unwrap())), "{cookies:?}");
    }
}

/// Where a browser at the desk would go.
fn url_of(place: &str) -> String {
    // Browsers drop tabs and line ends and read a backslash as a slash.
    let read: String = place.chars().filter(|symbol| !symbol.is_ascii_control()).collect();
    let read = read.replace('\\', "/");
    if read.starts_with("//") { format!("http:{read}") } else { format!("http://localhost:1{read}") }
}

#[tokio::test]
async fn the_host_that_a_request_names_stands_in_no_answer_and_changes_nothing() {
    let site = Site::open().await;
    let evil = "evil.example:8080";
    for path in
        ["/", "/sign-in", "/projects/jupyterlab", "/feed.atom", "/.well-known/security.txt", "/nowhere"]
    {
        let forwarded =
            [("x-forwarded-host", evil), ("forwarded", "host=evil.example"), ("x-original-url", "/inbox")];
        let mut request = Request::get(path).header("host", evil);
        for (name, value) in forwarded {
            request = request.header(name, value);
        }
        let answer = site.send(request.body(Body::empty()).unwrap()).await;
        let said = format!("{:?} {}", answer.headers, answer.text);
        assert!(!said.contains("evil"), "{path}: {said}");
    }
    let ask = async |host: &str| {
        let mut request = Request::post("/sign-out")
            .header("host", host)
            .header("sec-fetch-site", "same-origin")
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(Peer("192.0.2.1".parse().unwrap()));
        site.send(request).await.status
    };
    // A name of somebody else's that leads here makes their page and this desk one origin to a browser.
    for host in
        [evil, "", "localhost.evil.example", "desk.example.org:80:80", "localhost:1@evil.example", "[::1"]
    {
        assert_eq!(ask(host).await, StatusCode::MISDIRECTED_REQUEST, "{host:?}");
    }
    for host in ["localhost:1", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "localhost"] {
        assert_eq!(ask(host).await, StatusCode::SEE_OTHER, "{host}");
    }
}

#[tokio::test]
async fn line_ends_in_addresses_and_fields_make_no_header() {
    let site = Site::open().await;
    let torn = "%0d%0aset-cookie:%20planted=1%0d%0a%0d%0a%3Cscript%3E";
    for path in [
        format!("/projects/{torn}"),
        format!("/advisories/{torn}"),
        format!("/status/{torn}"),
        format!("/sign-in/{torn}"),
        format!("/cases/{torn}"),
        format!("/?done={torn}"),
        format!("/inbox?project={torn}"),
        format!("/ledger/{torn}/checkpoint"),
    ] {
        for token in [None, Some(site.coordinator.1.as_str())] {
            let answer = site.get(&path, token).await;
            let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
            assert!(cookies.is_empty(), "{path}: {cookies:?}");
            assert!(!answer.text.contains("<script>"), "{path}: {}", answer.text);
        }
    }
    let mut browser = Browser::new(&site);
    browser.post("/status", &[("link".to_owned(), "x\r\nset-cookie: planted=1".to_owned())]).await;
    assert!(!browser.headers.contains_key("set-cookie"));
}
