//! Texts that try to run: a corpus of them in every field of every form, and then every page looked at in a real browser.
//!
//! Nothing may run, nothing may be asked of another site, and the content policy may find nothing to report: a policy that
//! had to stop something means that a text became markup. The corpus is our own, in the style of the well-known ones.

use std::collections::BTreeSet;

use bastide_testkit::chromium::Chromium;
use bastide_usecases::{NewPerson, ProjectSetup};
use serde_json::{Value, json};

use super::{
    Served,
    pages::{Fillings, everything, pages, wear},
};
use crate::browser::Browser;

/// One text for each way out of a place: element, attribute, script, style, address, comment, template, encoding.
const CORPUS: [&str; 22] = [
    r#""'><script>window.ran=1</script>"#,
    r#""><img src=x onerror=window.ran=2>"#,
    "<svg/onload=window.ran=3>",
    "' autofocus onfocus=window.ran=4 x='",
    r#"" autofocus onfocus="window.ran=5" x=""#,
    "</textarea></title></style></script><details open ontoggle=window.ran=6>",
    "javascript:window.ran=7//",
    "[a](javascript:window.ran=8) ![b](https://elsewhere.example/8.png) <https://elsewhere.example/8>",
    "{{constructor.constructor('window.ran=9')()}} ${window.ran=9} #{window.ran=9} <%= window.ran=9 %>",
    r#"<iframe srcdoc="<script>parent.ran=10</script>"></iframe>"#,
    "<base href=https://elsewhere.example/><meta http-equiv=refresh content='0;url=https://elsewhere.example/11'>",
    "<style>@import 'https://elsewhere.example/12.css';*{background:url(https://elsewhere.example/12)}</style>",
    "<form action=https://elsewhere.example/13><button formaction=javascript:window.ran=13 autofocus>go</button></form>",
    r#"<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=window.ran=14&gt;">"#,
    r#"<noscript><p title="</noscript><img src=x onerror=window.ran=15>">"#,
    "]]><![CDATA[--><script>window.ran=16</script><!--",
    "%3Cscript%3Ewindow.ran=17%3C/script%3E &lt;script&gt;window.ran=17&lt;/script&gt; &#60;script&#62;",
    r"\u003cscript\u003ewindow.ran=18\u003c/script\u003e '-(window.ran=18)-' \';window.ran=18;//",
    "<link rel=stylesheet href=//elsewhere.example/19.css><object data=//elsewhere.example/19><embed src=//elsewhere.example/19>",
    r#"<a href="data:text/html,<script>window.ran=20</script>" ping=https://elsewhere.example/20>open</a>"#,
    "<scr<script>ipt>window.ran=21</scr</script>ipt><sCrIpT/x>window.ran=21</sCrIpT>",
    "<xss-x onanimationstart=window.ran=22 style=animation:x>\u{202e}<!-- -- --!> <?php window.ran=22 ?>",
];

/// Watches whether the mark is set, in every page before anything else.
const WATCH: &str = "Object.defineProperty(window, 'ran', { set(by) { console.error('RAN ' + by); } });
    for (const name of ['alert', 'confirm', 'prompt', 'open'])
        window[name] = () => console.error('RAN ' + name);";

/// What has no business on a page of ours, whether it ran or not.
const OFFENCES: &str = r#"
    const found = [];
    for (const it of document.querySelectorAll("*")) {
        for (const { name, value } of it.attributes) {
            if (name.startsWith("on") || name === "srcdoc" || name === "ping" || name === "style")
                found.push(`<${it.localName} ${name}>`);
            if (["href", "src", "action", "formaction", "data"].includes(name)
                && /^\s*(javascript|data|vbscript):/i.test(value))
                found.push(`<${it.localName} ${name}="${value.slice(0, 40)}">`);
        }
        if (["base", "iframe", "object", "embed", "xss-x", "math"].includes(it.localName)) found.push(`<${it.localName}>`);
        if (it.localName === "script" && !new URL(it.src, location.href).pathname.startsWith("/assets/script-"))
            found.push("<script> that is not ours");
        if (it.localName === "form" && new URL(it.action).origin !== location.origin) found.push("<form> to elsewhere");
        if (it.localName === "img") found.push("<img>");
    }
    return found;
"#;

/// Where the forms of the page shown go.
async fn actions(browser: &Chromium) -> Vec<String> {
    let body = "return Array.from(document.forms, form => form.getAttribute('action') || '')";
    let found = browser.run(body, Vec::new()).await;
    found.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// Fills in a form with the corpus and sends it, past every check of the browser. With `valid` what must have a form of its
/// own (a date, a number) gets one, so that the rest is taken in.
const SEND: &str = r#"
    const [action, corpus, turn, valid] = arguments;
    const form = Array.from(document.forms).find(it => it.getAttribute("action") === action);
    let next = turn;
    for (const field of form.elements) {
        if (!field.name || field.type === "hidden" || field.disabled) continue;
        if (field.localName === "select") {
            const chosen = Array.from(field.options).findIndex(option => option.value !== "");
            if (field.value === "" && chosen >= 0) field.selectedIndex = chosen;
        } else if (field.type === "radio") {
            if (!form.querySelector(`[name="${field.name}"]:checked`)) field.checked = true;
        } else if (field.localName === "textarea") {
            field.value = corpus.join("\n\n");
        } else if (field.localName === "input" && field.type !== "checkbox") {
            const text = corpus[next++ % corpus.length];
            const dated = /^(end|release|announcement|until|.*-at|.*date)$/.test(field.name);
            if (valid && field.type === "date") field.value = "2026-04-01";
            else if (valid && dated) field.value = "2026-04-01T09:00:00Z";
            else if (valid && field.name === "number") field.value = "CVE-2026-54321";
            else { field.type = "text"; field.value = text; }
        }
    }
    HTMLFormElement.prototype.submit.call(form);
"#;

/// What speaks against the page shown.
async fn against(browser: &Chromium) -> Vec<String> {
    let mut found = browser.grievances().await;
    let offences = browser.run(OFFENCES, Vec::new()).await;
    found.extend(offences.as_array().into_iter().flatten().map(ToString::to_string));
    found
}

/// The corpus as the body of a report.
fn hostile_report(turn: usize) -> Value {
    let all = CORPUS.join("\n\n");
    let one = |place: usize| CORPUS[(turn * 7 + place) % CORPUS.len()];
    let mut sent = crate::api::report();
    let report = &mut sent["report"];
    report["title"] = json!(one(0));
    report["body"] = json!(all);
    for answer in ["threat-model", "real-world", "attack-vector"] {
        report["answers"][answer] = json!(all);
    }
    report["tested-versions"] = json!([{ "version": one(1), "vulnerable": true }]);
    report["proof-of-concept"] = json!(all);
    report["patch"] = json!(all);
    report["credit"] = json!({ "name": one(2), "consent": true });
    sent["origin"] = json!(one(3));
    sent
}

/// Hostile names, reports and an advisory that anybody may read.
async fn sow(served: &Served, fillings: &mut Fillings) {
    let site = &served.site;
    for name in CORPUS.iter().filter(|text| !text.contains('\u{202e}')).take(6) {
        let _ = site.desk.add_person(NewPerson { name: (*name).to_owned(), identities: Vec::new() }).await;
    }
    let project = "numpy".parse().unwrap();
    let setup = ProjectSetup::builtin(project, CORPUS[1], "numpy", Some("numpy"), Some("numpy"));
    site.desk.set_up_project(setup.unwrap()).await.unwrap();
    fillings.get_mut("project").unwrap().push("numpy".to_owned());
    let cases = fillings.get_mut("case").unwrap();
    cases.clear();
    for turn in 0..3 {
        let sent = site.post("/api/v1/projects/jupyterlab/reports", None, hostile_report(turn)).await;
        assert!(sent.status.is_success(), "{}", sent.text);
        cases.push(sent.json()["case"].as_str().unwrap().to_owned());
    }
    let case = cases[0].clone();
    // So many links and so much markup are held by the policy; a person lets the report in.
    served.step(&site.coordinator, &case, "take", json!({})).await;
    served.step(&site.coordinator, &case, "release-hold", json!({})).await;
    served.judged(&case).await;
    served.step(&site.developer, &case, "answer-invitation", json!({ "accept": true })).await;
    let all = CORPUS.join("\n\n");
    for tier in ["team-only", "team-and-reporter", "participants"] {
        served.step(&site.coordinator, &case, "message", json!({ "tier": tier, "text": all })).await;
    }
    let record = json!({
        "schema_version": "1.7.5",
        "summary": CORPUS[1],
        "details": all,
        "affected": [{
            "package": { "ecosystem": "PyPI", "name": "jupyterlab" },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "4.0.0" }, { "fixed": "4.2.5" }] }],
        }],
        "references": [{ "type": "FIX", "url": "https://example.org/'%22%3E%3Cscript%3Ewindow.ran=30" }],
        "credits": [{ "name": CORPUS[2], "type": "FINDER" }],
    });
    served.step(&site.coordinator, &case, "draft-advisory", json!({ "record": record })).await;
    served.step(&site.coordinator, &case, "submit-for-review", json!({})).await;
    served.approved(&site.developer, &case).await;
    let fact = json!({ "fact": "public", "evidence": CORPUS[0] });
    served.step(&site.coordinator, &case, "public-fact", fact).await;
    served.step(&site.coordinator, &case, "publish", json!({})).await;
    let advisories = site.get("/api/v1/advisories", None).await.json();
    let ids = advisories.as_array().unwrap().iter().filter_map(|one| one["id"].as_str());
    fillings.insert("advisory", ids.map(str::to_owned).collect());
}

/// Sends every form that somebody gets on these pages; the same form of another page once.
async fn fill_in_everything(
    browser: &Chromium,
    name: &str,
    pages: &[String],
    valid: bool,
) -> (usize, Vec<String>) {
    let mut sent = BTreeSet::new();
    let mut wrong = Vec::new();
    for address in pages {
        browser.go(address).await;
        for action in actions(browser).await {
            let kind = action.rsplit("/steps/").next().unwrap_or_default().to_owned();
            let ends = ["/sign-out", "/status/forget"].contains(&action.as_str());
            if ends || !sent.insert(kind) {
                continue;
            }
            browser.go(address).await;
            // What was sent before may have taken this step away.
            if !actions(browser).await.contains(&action) {
                continue;
            }
            let arguments = vec![json!(action), json!(CORPUS), json!(sent.len()), json!(valid)];
            browser.run_and_follow(SEND, arguments).await;
            let found = against(browser).await;
            wrong.extend(found.into_iter().map(|fault| format!("{action} of {address} by {name}: {fault}")));
        }
    }
    (sent.len(), wrong)
}

/// The addresses that this visitor gets a page at.
async fn own_pages(
    served: &Served,
    fillings: &Fillings,
    visitor: &mut (&'static str, Browser<'_>),
) -> Vec<String> {
    let found = pages(&served.site, fillings, std::slice::from_mut(visitor)).await;
    found.into_iter().map(|(_, address)| address).collect()
}

#[tokio::test]
async fn no_text_of_anybody_runs_in_a_browser() {
    let served = Served::open(None).await;
    let Some(browser) = served.browser(true).await else { return };
    let (mut fillings, mut visitors) = everything(&served).await;
    sow(&served, &mut fillings).await;
    browser.beforehand(WATCH).await;
    browser.call_itself(&format!("Browser {}", CORPUS[1])).await;

    // The watch sees what it is there for: the same corpus as markup is refused, and found out.
    browser.go("/").await;
    assert_eq!(against(&browser).await, Vec::<String>::new());
    let markup = "try { document.body.innerHTML = arguments[0]; return 'in' } catch (error) { return 'out' }";
    assert_eq!(browser.run(markup, vec![json!(CORPUS[1])]).await, "out");
    assert!(!against(&browser).await.is_empty(), "a refused text is not seen");
    browser.run("window.ran = 0", Vec::new()).await;
    assert!(against(&browser).await[0].contains("RAN 0"));

    let (mut forms, mut looks, mut wrong) = (0, 0, Vec::new());
    for valid in [false, true] {
        for visitor in &mut visitors {
            let addresses = own_pages(&served, &fillings, visitor).await;
            wear(&browser, &visitor.1).await;
            let (sent, found) = fill_in_everything(&browser, visitor.0, &addresses, valid).await;
            forms += sent;
            wrong.extend(found);
        }
    }
    for visitor in &mut visitors {
        let addresses = own_pages(&served, &fillings, visitor).await;
        wear(&browser, &visitor.1).await;
        for address in addresses {
            browser.go(&address).await;
            looks += 1;
            let found = against(&browser).await;
            wrong.extend(found.into_iter().map(|fault| format!("{address} for {}: {fault}", visitor.0)));
        }
    }
    println!(
        "{} texts in {forms} forms, {looks} pages looked at: {} of them ran or tried to",
        CORPUS.len(),
        wrong.len()
    );
    assert!(forms > 40 && looks > 30, "{forms} forms, {looks} pages");
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
