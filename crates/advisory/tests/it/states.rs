//! A record in every state and shape that a desk makes, before the published schemas.

use bastide_advisory::{
    Advisory, Changes, Format, csaf, cve, json_text, osv, publish, read_osv,
    record::{Affected, Assessment, Event, EventKind, Range},
    revise, withdraw,
};
use bastide_model::time::Span;
use bastide_testkit::judge::schemas::{Schemas, complaints};
use serde_json::{Value, json};

use crate::real_records::publisher;

/// Names what is wrong with a document.
type Judge = fn(&Schemas, &Value) -> Vec<String>;

fn draft() -> Advisory {
    let source = include_bytes!("../data/GHSA-rch3-82jr-f9w9.json");
    let mut record = read_osv(source, Format::Json, "GHSA").unwrap();
    (record.version, record.published) = (0, None);
    record.workaround = Some("Disable the help extension.".to_owned());
    let credit = json!({"name": "reporter-a", "consent": "given", "kind": "REPORTER", "contact": ["mailto:a@example.org"]});
    record.credits = vec![serde_json::from_value(credit).unwrap()];
    record.timeline =
        vec![serde_json::from_value(json!({"at": record.modified, "text": "Reported."})).unwrap()];
    record
}

/// Records by the name of their state.
pub(crate) fn all() -> Vec<(&'static str, Advisory)> {
    let draft = draft();
    let now = draft.modified;
    let first = publish(&draft, now + Span::days(1)).unwrap();
    let changes = Changes { content: draft.clone(), summary: "Names the fixed version.".to_owned() };
    let second = revise(&first, changes, now + Span::days(2)).unwrap();
    let last = withdraw(&second, "It was no vulnerability.", now + Span::days(3)).unwrap();
    let change = |edit: fn(&mut Advisory)| {
        let mut record = first.clone();
        edit(&mut record);
        record
    };
    let cvss = |vector: &str| Assessment::Cvss { vector: vector.parse().unwrap() };
    let mut scored = first.clone();
    scored.severities = vec![
        cvss("AV:N/AC:L/Au:N/C:N/I:N/A:C"),
        cvss("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:N/A:N"),
        cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:N/A:N/E:P/RL:O/RC:C"),
        cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:N"),
        cvss("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P"),
        cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"),
    ];
    vec![
        ("draft", draft.clone()),
        ("first", first.clone()),
        ("second", second),
        ("withdrawn", last),
        ("scored", scored),
        ("two-cves", change(|record| record.aliases.push("CVE-2026-40172".to_owned()))),
        ("no-cve", change(|record| record.aliases.clear())),
        (
            "no-fix",
            change(|record| {
                record.workaround = None;
                record.affected = vec![Affected {
                    package: record.affected[2].package.clone(),
                    ranges: vec![Range::ecosystem(vec![Event::new(EventKind::Introduced, "1!2.0+local")])],
                    ..Affected::default()
                }];
            }),
        ),
        (
            "bare",
            change(|record| {
                (record.summary, record.details, record.title) = (None, None, None);
                record.severities.clear();
                record.cwe_ids.clear();
                record.credits.clear();
                record.affected = vec![Affected::default()];
            }),
        ),
        ("long", change(|record| record.details = Some("A long story. ü ".repeat(2000)))),
    ]
}

#[test]
fn the_published_schemas_accept_a_record_in_every_state() {
    let Some(schemas) = Schemas::load() else { return };
    let assigner =
        cve::Assigner { org_id: "00000000-0000-4000-9000-000000000000".to_owned(), short_name: None };
    let judges: [Judge; 3] = [
        |schemas, document| complaints(&schemas.osv, document),
        |schemas, document| complaints(&schemas.csaf, document),
        |schemas, document| complaints(&schemas.cve, document),
    ];
    for (state, record) in all() {
        let cve = cve::render(&record, &assigner);
        assert_eq!(cve.is_ok(), record.cve_ids().len() == 1, "{state}: {cve:?}");
        let documents = [Some(osv::render(&record)), csaf::render(&record, &publisher()).ok(), cve.ok()];
        for (judge, document) in judges.iter().zip(documents) {
            let Some(document) = document else { continue };
            assert_eq!(judge(&schemas, &document), Vec::<String>::new(), "{state}: {document:#}");
        }
        let back = osv::read(json_text(&osv::render(&record)).as_bytes(), Format::Json, state).unwrap();
        assert_eq!(back, osv::carried(&record), "{state}");
        let back =
            csaf::read(json_text(&csaf::render(&record, &publisher()).unwrap()).as_bytes(), state).unwrap();
        assert_eq!(back, csaf::carried(&record), "{state}");
    }
}
