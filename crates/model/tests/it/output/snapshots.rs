//! Each format, as people see it: one finding of each status.

use bastide_model::output::{Format, RuleFormat, explain, list_rules, render, render_brief};

use super::{one_of_each_status, registry};

#[test]
fn each_format_shows_one_finding_of_each_status() {
    for format in Format::ALL {
        insta::assert_snapshot!(format.name(), render(format, &one_of_each_status(), &registry()));
    }
}

#[test]
fn the_brief_form_puts_together_what_one_thing_mends() {
    let one = one_of_each_status();
    let failed = one.iter().find(|finding| finding.is_failure()).unwrap();
    let many = (1..=15).map(|number| {
        let mut finding = failed.clone();
        finding.subject = format!("jinja2 3.0.0: PYSEC-2021-{number}");
        finding.message = format!("PYSEC-2021-{number}: something.");
        finding
    });
    insta::assert_snapshot!("brief", render_brief(&one.iter().cloned().chain(many).collect::<Vec<_>>()));
    assert_eq!(render_brief(&[]), "0 failed, 0 unknown, 0 waived, 0 passed\n");
}

#[test]
fn no_findings_are_said_plainly_and_not_by_silence() {
    for format in Format::ALL {
        let rendered = render(format, &[], &registry());
        assert!(rendered.ends_with('\n') && rendered.len() > 10, "{format}: {rendered:?}");
    }
    assert_eq!(render(Format::Text, &[], &registry()), "0 failed, 0 unknown, 0 waived, 0 passed\n");
}

#[test]
fn the_rules_are_listed_and_each_explains_itself() {
    for format in RuleFormat::ALL {
        insta::assert_snapshot!(format!("rules {format}"), list_rules(format, &registry()));
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    insta::assert_snapshot!("explain", explain(registry().find("rep-p22").unwrap()));
    let error = "sarif".parse::<RuleFormat>().unwrap_err();
    assert_eq!(error.to_string(), "`sarif` is not an output format; use text, json or markdown");
}
