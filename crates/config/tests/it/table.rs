use std::collections::BTreeSet;

use bastide_config::{Flag, Settings, Sources};

#[test]
fn every_setting_has_a_sentence_an_example_that_is_taken_and_names_of_its_own() {
    let mut names = BTreeSet::new();
    for setting in Settings::all() {
        let key = setting.key();
        assert!(
            setting.sentence().ends_with('.') && setting.sentence().len() > 15,
            "{key}: {}",
            setting.sentence()
        );
        assert!(names.insert(key.clone()), "{key} is declared twice");
        assert!(setting.variable().is_none_or(|variable| names.insert(variable)), "{key}");
        if let Flag::Everywhere(flag) | Flag::Serve(flag) = setting.flag {
            assert!(names.insert(format!("--{flag}")), "{key}");
        }
        let given = key.replace('*', "example");
        let flags = vec![(given, "set".to_owned(), setting.example.to_owned())];
        let read = Sources { flags, ..Sources::default() }.load();
        assert!(read.is_ok() || key.contains('*'), "{key}: the example is refused: {read:?}");
    }
    println!("{} settings in {} sections", Settings::all().len(), Settings::sections().len());
}

#[test]
fn the_built_in_values_are_a_whole_configuration() {
    let loaded = Sources::default().load().unwrap();
    assert_eq!(loaded.settings.desk.listens().to_string(), "127.0.0.1:8080");
    assert!(loaded.settings.desk.public_url.is_none());
}

#[test]
fn the_example_that_we_ship_is_a_whole_configuration() {
    let text = include_str!("../../../../packaging/bastide.toml");
    let file = Some(("packaging/bastide.toml".to_owned(), text.to_owned()));
    let loaded = Sources { file, ..Sources::default() }.load().unwrap();
    assert!(loaded.settings.desk.public_url.is_some());
}
