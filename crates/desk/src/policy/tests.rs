//! What the built-in policies say, and what a person sees who makes a mistake in a file of their own.

use bastide_model::{
    finding::Level,
    time::{Instant, Span},
};
use proptest::prelude::*;

use super::*;

/// Proves: J04, J06, J24, J28.
#[test]
fn jupyter_answers_in_three_days_discloses_in_ninety_and_announces_a_week_after_the_release() {
    let policy = builtin("jupyter").unwrap();
    assert_eq!(policy.acknowledge(), Span::days(3));
    assert_eq!(policy.disclosure(), Span::days(90));
    assert_eq!(policy.notice(), Span::days(7));
    assert_eq!(policy.publication.trigger, PublishTrigger::AnnouncementDate);
    assert!(policy.replies.to_noise);
    assert_eq!(policy.contact.mail, ["security@ipython.org"]);
}

/// Proves: P26, P29.
#[test]
fn cpython_discards_noise_without_a_reply_and_publishes_when_the_fix_is_merged() {
    let policy = builtin("cpython").unwrap();
    assert!(!policy.replies.to_noise);
    assert_eq!(policy.publication.trigger, PublishTrigger::FixMerged);
    assert_eq!(policy.publication.cve_authority, CveAuthority::Psf);
    assert!(!policy.fixes_in_private(Level::Medium));
    assert!(policy.fixes_in_private(Level::High));
    assert_eq!(policy.contact.fallback.as_deref(), Some("security@python.org"));
}

/// Proves: S01.
#[test]
fn scipy_inherits_numpy_which_inherits_the_default() {
    let policy = builtin("scipy").unwrap();
    let lineage: Vec<&str> = policy.lineage.iter().map(bastide_model::party::Slug::as_str).collect();
    assert_eq!(lineage, ["scipy", "numpy", "default"]);
    assert!(policy.descends_from("numpy"));
    assert_eq!(policy.sources["deadlines.notice-days"].policy.as_str(), "default");
    assert_eq!(policy.threat_model.as_str(), "scipy");
}

#[test]
fn every_built_in_policy_is_complete_and_names_the_source_of_what_it_sets_itself() {
    for name in BUILTIN_NAMES {
        let text = builtin_text(name).unwrap();
        let policy = check(text, name).unwrap_or_else(|problems| panic!("{name}: {}", problems[0]));
        assert_eq!(policy.name.as_str(), *name);
        for path in ["deadlines.acknowledge-days", "publication.trigger", "replies.to-noise"] {
            assert!(policy.sources[path].source.is_some(), "{name}: {path} names no source");
        }
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    }
}

#[test]
fn the_page_about_the_format_names_every_field() {
    let page = include_str!("../../../../policies/README.md");
    for field in field::OWN_FIELDS.iter().chain(field::FIELDS) {
        let row = format!("| `{}` | {} | {} |", field.path, field.form.in_words(), field.meaning);
        assert!(page.contains(&row), "policies/README.md lacks this row:\n{row}");
    }
}

#[test]
fn the_digest_is_of_the_content_and_not_of_the_file() {
    let text = builtin_text("jupyter").unwrap();
    let policy = check(text, "a").unwrap();
    let reworded = check(&format!("# a comment\n{text}"), "b").unwrap();
    assert_eq!(policy.digest(), reworded.digest());
    let changed = check(&text.replace("notice-days = 7", "notice-days = 8"), "c").unwrap();
    assert_ne!(policy.digest(), changed.digest());
}

#[test]
fn all_mistakes_of_a_file_are_named_at_once_with_line_and_remedy() {
    let text = r#"schema = 2
name = "Our Project"
version = 1
inherits = "jupiter"
colour = "red"

[deadlines]
acknowlege-days = 3
disclosure-days = 400
notice-days = "seven"

[publication]
trigger = "announcement-dat"

[lint.dispositions]
REP-P2 = "warn"
REP-P22 = "shout"

[contact]
mail = ["security@example.org\nContact: mailto:evil@example.org"]
key = "http://example.org/key"

[sources]
"deadlines.notice-day" = "somewhere"
"#;
    let problems = check(text, "ours.toml").unwrap_err();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn bounds_that_do_not_fit_together_are_refused() {
    let text = r#"schema = 1
name = "ours"
title = "Ours"
version = 1
inherits = "default"
[deadlines]
disclosure-days = 10
[embargo]
minimum-days = 100
maximum-days = 50
invitation-days = 3
invitation-floor-hours = 96
"#;
    let problems = check(text, "ours.toml").unwrap_err();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_circle_of_inheritance_and_a_policy_that_is_missing_fields_are_explained() {
    let own = "schema = 1\nname = \"numpy\"\ntitle = \"Ours\"\nversion = 1\ninherits = \"scipy\"\n";
    let problems = Library::builtin().with("numpy", own).check(own, "numpy.toml").unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("numpy inherits scipy inherits numpy"), "{}", problems[0]);

    let rootless = "schema = 1\nname = \"ours\"\ntitle = \"Ours\"\nversion = 1\n";
    let problems = check(rootless, "ours.toml").unwrap_err();
    let required = field::FIELDS.iter().filter(|field| field.required).count();
    assert_eq!(problems.len(), required + 1, "every required field and the contact");
    assert!(problems.iter().all(|problem| !problem.remedy.is_empty()));
}

#[test]
fn an_embargo_above_ninety_days_needs_a_justification_and_above_a_year_is_refused() {
    let embargo = builtin("default").unwrap().embargo;
    assert_eq!(embargo.judge(Span::days(90)), EmbargoLength::Fine);
    assert_eq!(embargo.judge(Span::days(91)), EmbargoLength::NeedsJustification);
    assert_eq!(embargo.judge(Span::days(366)), EmbargoLength::TooLong);
    assert_eq!(embargo.invitation(None), Span::days(7));
    assert_eq!(embargo.invitation(Some(Span::hours(1))), Span::hours(72));
}

/// Proves: J02.
#[test]
fn security_txt_follows_rfc_9116() {
    let policy = builtin("jupyter").unwrap();
    let expires: Instant = "2027-01-01T00:00:00.123456Z".parse().unwrap();
    let text = policy.security_txt(expires, &["https://jupyter.org/.well-known/security.txt"]).unwrap();
    insta::assert_snapshot!(text);
    assert!(builtin("default").unwrap().security_txt(expires, &[]).is_none());
}

#[test]
fn the_embargo_record_carries_the_fields_of_the_vultron_protocol() {
    let policy = builtin("cpython").unwrap();
    let record =
        policy.embargo_record("https://desk.example.org/actors/cpython", "https://desk.example.org/inbox");
    let json = serde_json::to_value(record).unwrap();
    assert_eq!(json["preferred_duration"], "P90D");
    assert_eq!(json["maximum_duration"], "P365D");
    assert_eq!(json["actor_id"], "https://desk.example.org/actors/cpython");
}

proptest! {
    #[test]
    fn no_text_makes_the_check_panic(text in "\\PC{0,300}") {
        let _ = check(&text, "any.toml");
    }

    #[test]
    fn a_built_in_file_with_a_piece_cut_out_is_checked_without_a_panic(from in 0usize..1500, length in 0usize..300) {
        let text = builtin_text("cpython").unwrap();
        let kept: String = text.chars().take(from).chain(text.chars().skip(from + length)).collect();
        if let Err(problems) = check(&kept, "cut.toml") {
            prop_assert!(problems.iter().all(|problem| problem.line >= 1 && !problem.remedy.is_empty()));
        }
    }
}
