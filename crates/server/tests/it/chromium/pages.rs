//! Every page of the site before the judge of accessibility: light and dark, at the standard width and twice as large.
//!
//! The pages come from the table of routes: each address that somebody may open is opened by everybody who gets a page
//! there. A new address that answers with a page is judged without being listed; one with a parameter that nothing here
//! fills in fails the test.

use std::collections::BTreeMap;

use bastide_authz::Actor;
use bastide_model::time::Span;
use bastide_testkit::chromium::{Chromium, Sight};

use super::Served;
use crate::{browser::Browser, site::Site, web::ANSWERS};

/// Addresses of one kind: what the parameters of routes stand for.
pub(super) type Fillings = BTreeMap<&'static str, Vec<String>>;

/// The address of a route with its parameters filled in, one for each value of each.
fn addresses(path: &str, fillings: &Fillings) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (name, after) = rest.split_once('}').expect("a parameter ends");
    let Some(values) = fillings.get(name.trim_start_matches('*')) else {
        panic!("the route {path} has the parameter {name:?}, which nothing fills in: add it in `everything`")
    };
    values.iter().flat_map(|value| addresses(&format!("{before}{value}{after}"), fillings)).collect()
}

/// A desk with something to see on every page: a closed case with its advisory, one in work, a fresh one.
pub(super) async fn everything(served: &Served) -> (Fillings, Vec<(&'static str, Browser<'_>)>) {
    let site = &served.site;
    let developer = Actor { person: Some(site.developer.0), ..Actor::default() };
    let key = "key-of-a-subscription".parse().unwrap();
    let watched = site.desk.subscribe(&developer, &key, &super::subscriber::watching()).await.unwrap().id;
    let secrets = site.desk.store().subscription(watched).await.unwrap().unwrap().secret;
    let (closed, _) = served.reported().await;
    served.accepted(&closed).await;
    served.mended(&closed, "CVE-2026-12345").await;
    served.drafted(&closed, "CVE-2026-12345").await;
    served.approved(&site.developer, &closed).await;
    served.closed(&closed).await;
    let (open, _) = served.reported().await;
    served.accepted(&open).await;
    let (reviewed, secret) = served.reported().await;
    served.accepted(&reviewed).await;
    served.mended(&reviewed, "CVE-2026-12346").await;
    served.drafted(&reviewed, "CVE-2026-12346").await;
    site.clock.pass(Span::hours(30));
    site.desk.announce_due().await.unwrap();
    let (fresh, _) = served.reported().await;
    let advisories = site.get("/api/v1/advisories", None).await.json();
    let advisory = advisories[0]["id"].as_str().unwrap_or_else(|| panic!("{advisories}")).to_owned();
    let link = site.desk.issue_sign_in_link(site.developer.0).await.unwrap();
    let mut administrator = Browser::signed_in(site, served.administrator().await).await;
    let proposal = proposed(&mut administrator).await;
    let fillings = BTreeMap::from([
        ("project", vec!["jupyterlab".to_owned()]),
        ("case", vec![closed, open, reviewed, fresh]),
        ("id", vec![advisory.clone()]),
        ("advisory", vec![advisory]),
        ("column", vec!["judging".to_owned(), "published".to_owned()]),
        ("kind", vec!["osv".to_owned()]),
        ("log", vec!["public".to_owned()]),
        ("path", vec!["0/000".to_owned()]),
        ("proposal", vec![proposal]),
        ("person", vec![site.stranger.0.to_string()]),
        ("secret", vec![link.reveal().to_owned()]),
        ("provider", vec!["nowhere".to_owned()]),
        ("index", vec!["0".to_owned()]),
        ("subscription", vec![watched.to_string()]),
        ("secrets", vec![secrets]),
    ]);
    let mut reporter = Browser::new(site);
    reporter.open(&format!("/status/{secret}")).await;
    let visitors = vec![
        ("anybody", Browser::new(site)),
        ("reporter", reporter),
        ("coordinator", Browser::signed_in(site, site.coordinator.0).await),
        ("developer", Browser::signed_in(site, site.developer.0).await),
        ("administrator", administrator),
    ];
    (fillings, visitors)
}

/// An administrator proposes other rules for a project; gives the proposal's id.
async fn proposed(administrator: &mut Browser<'_>) -> String {
    administrator.open("/admin/projects/jupyterlab/edit").await;
    let (_, pairs) = administrator.filled("do-edit", &[]);
    let policy = &pairs.iter().find(|(name, _)| name == "policy").unwrap().1;
    let changed = policy.replace("acknowledge-days = 3", "acknowledge-days = 5");
    administrator.send("do-edit", &[("policy", &changed), ("reason", "We are volunteers.")]).await;
    let place = administrator.place();
    let id = place.strip_prefix("/admin/proposals/");
    id.unwrap_or_else(|| panic!("{place}: {}", administrator.words())).to_owned()
}

/// Who gets a page where: of people who get the same words, the first.
pub(super) async fn pages(
    site: &Site,
    fillings: &Fillings,
    visitors: &mut [(&'static str, Browser<'_>)],
) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for row in bastide_server::route_table(site.desk.clone()) {
        if row.method != "GET" || row.path.starts_with("/api/") {
            continue;
        }
        for address in addresses(&row.path, fillings) {
            let mut seen: Vec<String> = Vec::new();
            for (who, (_, browser)) in visitors.iter_mut().enumerate() {
                browser.open(&address).await;
                let kind = browser.headers.get("content-type").and_then(|kind| kind.to_str().ok());
                let page = kind.is_some_and(|kind| kind.starts_with("text/html"));
                let words = browser.words();
                if page && browser.status.is_success() && !seen.contains(&words) {
                    found.push((who, address.clone()));
                    seen.push(words);
                }
            }
        }
    }
    // What everybody gets who asks for what is not there, and a refused form.
    found.push((0, "/nowhere".to_owned()));
    found
}

/// What is wrong with the page shown, in all its forms. What depends on colours is looked at in both schemes, what depends
/// on room in both sizes.
async fn faults(served: &Served, browser: &Chromium) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, dark, twice, sight) in [
        ("light", false, false, Sight::All),
        ("dark", true, false, Sight::Colours),
        ("dark at 200 %", true, true, Sight::Form),
    ] {
        browser.scheme(dark).await;
        browser.zoomed(twice).await;
        let found = served.faults(browser, sight).await;
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    browser.scheme(false).await;
    browser.zoomed(false).await;
    faults
}

/// Gives Chromium what somebody's browser keeps for the site.
pub(super) async fn wear(browser: &Chromium, visitor: &Browser<'_>) {
    browser.forget_cookies().await;
    for (cookie, value) in visitor.cookies() {
        browser.keep_cookie(cookie, value).await;
    }
}

/// What is wrong with pages that only a form leads to: findings, a preview, a receipt, a refused step.
async fn led_to_by_forms(served: &Served, browser: &Chromium) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut look = async |name: &str| {
        let found = faults(served, browser).await;
        wrong.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    };
    browser.forget_cookies().await;
    browser.go("/projects/jupyterlab/report").await;
    browser.fill("report", "title", "Bug").await;
    browser.press("Check it first, send nothing").await;
    look("a checked report").await;
    browser.fill_in("report", ANSWERS).await;
    browser.press("See the whole report first, send nothing").await;
    look("a report before it is sent").await;
    browser.send("report").await;
    browser.must_show("Your report was received").await;
    look("a receipt").await;
    browser.go("/sign-in").await;
    browser.run_and_follow("document.querySelector('form[action=\"/sign-in\"]').submit()", Vec::new()).await;
    look("a refused sign-in").await;
    wrong
}

#[tokio::test]
async fn every_page_is_sound_in_light_and_dark_and_twice_as_large() {
    let served = Served::open(None).await;
    let Some(browser) = served.browser(true).await else { return };
    let (fillings, mut visitors) = everything(&served).await;
    let pages = pages(&served.site, &fillings, &mut visitors).await;
    let mut wrong = Vec::new();
    for (who, (name, visitor)) in visitors.iter().enumerate() {
        wear(&browser, visitor).await;
        for (_, address) in pages.iter().filter(|(reader, _)| *reader == who) {
            browser.go(address).await;
            wrong.extend(
                faults(&served, &browser)
                    .await
                    .into_iter()
                    .map(|fault| format!("{address} for {name}: {fault}")),
            );
        }
    }
    wrong.extend(led_to_by_forms(&served, &browser).await);
    assert!(pages.len() > 25, "{pages:?}");
    println!("{} pages, each in 3 forms: {} faults", pages.len(), wrong.len());
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
