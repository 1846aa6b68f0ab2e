//! Conduct told as stories, and the export held against its promise.

use bastide_authz::Tier;
use bastide_model::{
    digest::Sha256Digest,
    id::{CaseId, Id, PersonId},
    time::{Instant, Span},
};
use proptest::prelude::*;

use super::{
    Actor, Command, Content, Entry, EntryKind, Event, Matter, Office, REMOVED, Recorded, State, Subject,
    Verdict, decide, evolve, fold, redacted_export,
};
use crate::{case::RefusalKind, machine::Machine as _};

const COORDINATOR: Actor = person(1, Office::Coordinator);
const SECOND: Actor = person(2, Office::Coordinator);
const ADMINISTRATOR: Actor = person(3, Office::ProgrammeAdmin);
const CONDUCT: Actor = person(4, Office::ConductTeam);
const CASE: CaseId = Id::from_bytes([9; 16]);

const fn person(number: u8, office: Office) -> Actor {
    Actor::Person { id: Id::from_bytes([number; 16]), office }
}

fn by_mail() -> Subject {
    Subject::Mail { digest: Sha256Digest::of(b"a keyed digest") }
}

fn reason() -> String {
    "Three reports with invented functions, after two warnings.".into()
}

fn strike() -> Command {
    Command::Strike { subject: by_mail(), case: CASE, reason: reason() }
}

#[derive(Default)]
struct Desk {
    matter: Option<Matter>,
    history: Vec<(Instant, Event)>,
    contents: Vec<Content>,
}

impl Desk {
    fn now(&self) -> Instant {
        Instant::EPOCH + Span::hours(i64::try_from(self.history.len()).expect("a short story"))
    }

    fn ask(&self, actor: Actor, command: &Command) -> Result<Vec<Recorded>, crate::case::Refusal> {
        decide(self.matter.as_ref(), command, actor, self.now())
    }

    #[allow(clippy::needless_pass_by_value, reason = "stories read better with commands written in place")]
    fn does(&mut self, actor: Actor, command: Command) -> &mut Self {
        let now = self.now();
        let recorded = self.ask(actor, &command).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
        for Recorded { event, content } in recorded {
            self.matter = Some(evolve(self.matter.take(), now, &event).expect("what decide emits folds"));
            self.history.push((now, event));
            self.contents.extend(content);
        }
        self
    }

    fn refused(&self, actor: Actor, command: &Command) -> RefusalKind {
        let refusal = self.ask(actor, command).expect_err("this is refused");
        assert_eq!(refusal.rule, "P01");
        assert!(!refusal.remedy.is_empty());
        refusal.kind
    }

    fn state(&self) -> State {
        self.matter.as_ref().map_or(State::Clear, |matter| matter.state)
    }

    /// A reporter who was banned by a coordinator and the conduct team.
    fn banned() -> Self {
        let mut desk = Self::default();
        desk.does(COORDINATOR, strike())
            .does(COORDINATOR, Command::ProposeBan { reason: reason() })
            .does(CONDUCT, Command::Second { accept: true, reason: reason() });
        desk
    }
}

/// Proves: P01.
#[test]
fn strikes_warn_then_reports_are_rejected_on_arrival_whatever_their_merit() {
    let mut desk = Desk::default();
    assert!(!desk.state().rejects_reports());
    desk.does(COORDINATOR, strike()).does(SECOND, strike());
    assert_eq!(desk.state(), State::Warned(2));
    assert!(!desk.state().rejects_reports(), "a warning is a warning");
    desk.does(COORDINATOR, Command::RejectFuture { reason: reason() });
    assert!(desk.state().rejects_reports());
    assert_eq!(desk.matter.as_ref().map(|matter| matter.strikes.len()), Some(2));
    let told = desk.contents.iter().all(|content| content.tier == Tier::TeamAndReporter);
    assert!(told, "the reporter reads why");
}

/// Proves: P01.
#[test]
fn nobody_is_rejected_or_banned_without_a_warning() {
    let desk = Desk::default();
    for command in [
        Command::RejectFuture { reason: reason() },
        Command::ProposeBan { reason: reason() },
        Command::ProposeLift { wholly: true, reason: reason() },
        Command::Second { accept: true, reason: reason() },
        Command::DecideAppeal { verdict: Verdict::Cleared, reason: reason() },
    ] {
        assert_eq!(desk.refused(COORDINATOR, &command), RefusalKind::NotNow, "{command:?}");
    }
    assert_eq!(desk.refused(Actor::Reporter, &Command::Appeal { text: "Why?".into() }), RefusalKind::NotNow);
}

/// Proves: P01, J09.
#[test]
fn a_ban_is_the_word_of_two_people() {
    let mut desk = Desk::default();
    desk.does(COORDINATOR, strike()).does(COORDINATOR, Command::ProposeBan { reason: reason() });
    let confirm = Command::Second { accept: true, reason: reason() };
    assert_eq!(desk.refused(COORDINATOR, &confirm), RefusalKind::SecondPerson);
    let same_person_other_office = person(1, Office::ConductTeam);
    assert_eq!(desk.refused(same_person_other_office, &confirm), RefusalKind::SecondPerson);
    assert_eq!(desk.refused(Actor::Reporter, &confirm), RefusalKind::NotYourRole);
    assert_eq!(desk.refused(SECOND, &Command::ProposeBan { reason: reason() }), RefusalKind::NotNow);
    for second in [SECOND, ADMINISTRATOR, CONDUCT] {
        assert!(desk.ask(second, &confirm).is_ok(), "{second:?}");
    }
    desk.does(SECOND, Command::Second { accept: false, reason: reason() });
    assert_eq!(desk.state(), State::Warned(1));
    assert_eq!(Desk::banned().state(), State::Banned);
}

/// Proves: P01.
#[test]
fn a_ban_is_lifted_by_two_people_in_part_or_wholly() {
    for (wholly, after) in [(false, State::RejectOnArrival), (true, State::Clear)] {
        let mut desk = Desk::banned();
        let appeal = Command::Appeal { text: "The functions exist in 2.1.".into() };
        desk.does(Actor::Reporter, appeal.clone());
        assert_eq!(desk.refused(Actor::Reporter, &appeal), RefusalKind::NotNow, "one appeal at a time");
        let alone = Command::DecideAppeal { verdict: Verdict::Cleared, reason: reason() };
        assert_eq!(desk.refused(ADMINISTRATOR, &alone), RefusalKind::SecondPerson);
        desk.does(ADMINISTRATOR, Command::ProposeLift { wholly, reason: reason() });
        let confirm = Command::Second { accept: true, reason: reason() };
        assert_eq!(desk.refused(ADMINISTRATOR, &confirm), RefusalKind::SecondPerson);
        desk.does(SECOND, confirm);
        assert_eq!(desk.state(), after);
        assert_eq!(desk.matter.as_ref().and_then(|matter| matter.appealed), None, "the appeal is answered");
    }
}

/// Proves: P01.
#[test]
fn an_appeal_is_heard_by_somebody_else_than_who_took_the_measure() {
    for (verdict, after) in [
        (Verdict::Dismissed, State::RejectOnArrival),
        (Verdict::Eased, State::Warned(1)),
        (Verdict::Cleared, State::Clear),
    ] {
        let mut desk = Desk::default();
        desk.does(SECOND, strike()).does(COORDINATOR, Command::RejectFuture { reason: reason() });
        let decision = Command::DecideAppeal { verdict, reason: reason() };
        assert_eq!(desk.refused(SECOND, &decision), RefusalKind::NotNow, "nobody appealed");
        let appeal = Command::Appeal { text: "They exist.".into() };
        assert_eq!(desk.refused(SECOND, &appeal), RefusalKind::NotYourRole);
        desk.does(Actor::Reporter, appeal);
        assert_eq!(desk.refused(COORDINATOR, &decision), RefusalKind::SecondPerson);
        desk.does(SECOND, decision);
        assert_eq!(desk.state(), after);
    }
}

/// Proves: P01.
#[test]
fn strikes_are_a_coordinators_and_nobody_decides_about_themselves() {
    let desk = Desk::default();
    for actor in [ADMINISTRATOR, CONDUCT, Actor::Reporter] {
        assert_eq!(desk.refused(actor, &strike()), RefusalKind::NotYourRole, "{actor:?}");
    }
    let themselves: PersonId = Id::from_bytes([1; 16]);
    let subject = Subject::Person { id: themselves };
    let about_me = Command::Strike { subject, case: CASE, reason: reason() };
    assert_eq!(desk.refused(COORDINATOR, &about_me), RefusalKind::SecondPerson);
    let mut desk = Desk::default();
    desk.does(SECOND, about_me.clone()).does(Actor::Reporter, Command::Appeal { text: "No.".into() });
    let decision = Command::DecideAppeal { verdict: Verdict::Cleared, reason: reason() };
    assert_eq!(desk.refused(COORDINATOR, &decision), RefusalKind::SecondPerson);
    assert_eq!(desk.refused(SECOND, &strike()), RefusalKind::Invalid, "another reporter's matter");
    let wordless = Command::Strike { subject, case: CASE, reason: " ".into() };
    assert_eq!(desk.refused(SECOND, &wordless), RefusalKind::Invalid);
}

#[test]
fn a_history_folds_and_its_words_do_not_show() {
    let desk = Desk::banned();
    let folded = fold(desk.history.iter().map(|(at, event)| (*at, event))).expect("it folds");
    assert_eq!(folded, desk.matter);
    for (_, event) in &desk.history {
        let json = serde_json::to_string(event).expect("an event is JSON");
        assert_eq!(&serde_json::from_str::<Event>(&json).expect("and is read back"), event);
        assert!(!json.contains("invented"), "a header holds no words: {json}");
    }
    assert!(!format!("{:?}", desk.contents).contains("invented"));
    let opened = &desk.history[0].1;
    assert!(evolve(desk.matter.clone(), Instant::EPOCH, opened).is_err(), "a matter begins once");
    assert!(evolve(None, Instant::EPOCH, &Event::Appealed).is_err());
}

/// Every command in every state: an answer or a refusal, and the machine's table is never left.
///
/// Proves: P01.
#[test]
fn random_steps_never_panic_and_every_ban_has_two_people() {
    let actors = [COORDINATOR, SECOND, ADMINISTRATOR, CONDUCT, Actor::Reporter];
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) },
        |(steps in proptest::collection::vec((0..actors.len(), 0..9_u8), 1..60))| {
        let mut desk = Desk::default();
        for (actor, command) in steps {
            let command = match command {
                0 => strike(),
                1 => Command::RejectFuture { reason: reason() },
                2 => Command::ProposeBan { reason: reason() },
                3 => Command::ProposeLift { wholly: actor % 2 == 0, reason: reason() },
                4 | 5 => Command::Second { accept: command == 4, reason: reason() },
                6 => Command::Appeal { text: "No.".into() },
                7 => Command::DecideAppeal { verdict: Verdict::Eased, reason: reason() },
                _ => Command::DecideAppeal { verdict: Verdict::Dismissed, reason: reason() },
            };
            let before = desk.matter.clone();
            if desk.ask(actors[actor], &command).is_ok() {
                desk.does(actors[actor], command);
            } else {
                prop_assert_eq!(&desk.matter, &before);
            }
            prop_assert!(State::STATES.contains(&desk.state()));
        }
        for (index, (_, event)) in desk.history.iter().enumerate() {
            if let Event::Banned { by } = event {
                let proposer = desk.history[..index].iter().rev().find_map(|(_, event)| match event {
                    Event::BanProposed { by } => Some(*by),
                    _ => None,
                });
                prop_assert!(proposer.is_some_and(|proposer| proposer != *by));
            }
        }
    });
}

fn entry(kind: EntryKind, text: &str) -> Entry {
    Entry { at: Instant::EPOCH, kind, author: "the reporter".into(), text: text.into() }
}

/// Proves: P30.
#[test]
fn the_export_keeps_the_tone_and_removes_the_vulnerability() {
    let entries = [
        entry(EntryKind::Title, "Path traversal in the file manager"),
        entry(EntryKind::Report, "The handler joins paths unchecked.\nUse ../../etc to read files."),
        entry(
            EntryKind::Message,
            "You fools! The handler JOINS  paths\nunchecked. Fix CVE-2026-12345 in 4.2.4rc1 now.",
        ),
        entry(
            EntryKind::Message,
            "As I said: path traversal in the file manager. cve 2026 12345, GHSA-abcd-1234-wxyz.",
        ),
        entry(EntryKind::Measure, "Insults after a warning, about contents\u{200b}manager.save in v1.2."),
    ];
    insta::assert_snapshot!(redacted_export(&entries, &["ContentsManager.save".into()]));
}

fn folded(text: &str) -> String {
    let letters = text.chars().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// The same letters in other cases and with spaces strewn in.
fn disguised(phrase: &str, seed: u64) -> String {
    let mut out = String::new();
    for (index, letter) in phrase.chars().enumerate() {
        let bit = seed >> (index % 60);
        if bit & 1 == 1 {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
        if bit & 6 == 6 {
            out.push_str(if bit & 8 == 8 { "\n " } else { " " });
        }
    }
    out
}

/// Proves: P30.
#[test]
fn no_secret_phrase_is_in_the_export_in_whatever_case_and_spacing() {
    let frame = folded(&redacted_export(
        &[
            entry(EntryKind::Report, ""),
            entry(EntryKind::Title, ""),
            entry(EntryKind::Message, ""),
            entry(EntryKind::Measure, ""),
        ],
        &[],
    )) + &folded(REMOVED);
    let cases = 2_000;
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) },
        |(secrets in proptest::collection::vec("[a-zA-Zäßİ0-9_.()/ \\[-]{6,24}", 1..5),
          texts in proptest::collection::vec(("[a-zA-Z ,.\\[]{0,20}", 0..5_usize, any::<u64>(), 0..4_u8), 1..6))| {
        let entries: Vec<Entry> = texts.iter().map(|(words, which, seed, kind)| {
            let secret = disguised(&secrets[which % secrets.len()], *seed);
            let again = disguised(&secrets[seed.to_le_bytes()[0] as usize % secrets.len()], seed.rotate_left(7));
            let kind = [EntryKind::Message, EntryKind::Measure, EntryKind::Report, EntryKind::Message][usize::from(*kind)];
            entry(kind, &format!("{words}{secret}{again}{words}"))
        }).collect();
        let export = folded(&redacted_export(&entries, &secrets));
        for secret in &secrets {
            let phrase = folded(secret);
            if phrase.chars().count() >= 6 && !frame.contains(&phrase) {
                prop_assert!(!export.contains(&phrase), "{secret:?} is in {export:?}");
            }
        }
    });
    println!("{cases} exports");
}

/// Proves: P30.
#[test]
fn identifiers_and_versions_are_removed_in_every_spelling() {
    for undisclosed in [
        "CVE-2026-12345",
        "cve 2026 12345",
        "CVE\u{2011}2026\u{2011}12345",
        "CVE_2026_1234567",
        "GHSA-9q39-rmj3-p4r2",
        "PYSEC-2026-12",
        "CWE-79",
        "1.2",
        "v1.2.3",
        "4.2.4rc1",
        "3.15.0a1",
        "2.0.0-beta.1",
        "1.2.post3",
        "1. 2. 3",
        "3.14.x",
        "1.0+local.7",
    ] {
        let text = format!("Look at {undisclosed} now");
        let export = redacted_export(&[entry(EntryKind::Message, &text)], &[]);
        assert!(export.contains(&format!("Look at {REMOVED} now")), "{undisclosed}: {export}");
    }
    let plain = "Please answer by 5 March, we are 12 volunteers.";
    assert!(redacted_export(&[entry(EntryKind::Message, plain)], &[]).contains(plain));
}
