use bastide_config::{ConfigError, Loaded, Origin, Sources};

fn load(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    Sources {
        file: Some(("bastide.toml".to_owned(), file.to_owned())),
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        flags: flags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), "set".to_owned(), (*value).to_owned()))
            .collect(),
    }
    .load()
}

fn told(result: Result<Loaded, ConfigError>) -> Vec<String> {
    let problems = result.unwrap_err().problems;
    problems
        .iter()
        .map(|problem| format!("{}: {}; {}", problem.place, problem.what, problem.remedy))
        .collect()
}

#[test]
fn a_later_source_wins_and_every_value_says_whence_it_came() {
    let file = "programme = 'of the file'\nlisten = '127.0.0.1:1'\ndata = '/file'\n";
    let environment = [("BASTIDE_LISTEN", "127.0.0.1:2"), ("BASTIDE_DATA", "/variable"), ("HOME", "/root")];
    let loaded = load(file, &environment, &[("data", "/flag")]).unwrap();
    let desk = &loaded.settings.desk;
    assert_eq!(desk.programme, "of the file");
    assert_eq!(desk.listens().port(), 2);
    assert_eq!(desk.data.as_ref().unwrap().to_str(), Some("/flag"));
    assert_eq!(loaded.origin("programme"), Origin::File { name: "bastide.toml".to_owned(), line: 1 });
    assert_eq!(loaded.origin("listen"), Origin::Variable("BASTIDE_LISTEN".to_owned()));
    assert_eq!(loaded.origin("data"), Origin::Flag("set".to_owned()));
    assert_eq!(loaded.origin("mail-spool"), Origin::Default);
    assert!(loaded.text().contains("programme = \"of the file\" # bastide.toml:1\n"), "{}", loaded.text());
    assert!(loaded.text().contains("# mail-spool: not given\n"), "{}", loaded.text());
}

#[test]
fn what_is_printed_is_a_file_that_says_the_same() {
    let loaded =
        load("public-url = 'https://desk.example.org/'\nprogramme = 'a \"b\" \\ c'", &[], &[]).unwrap();
    let again = load(&loaded.text(), &[], &[]).unwrap();
    assert_eq!(again.settings, loaded.settings);
}

#[test]
fn every_mistake_is_named_at_once_with_its_line_and_a_near_name() {
    let file = "\nlisen = '127.0.0.1:1'\nlisten = 'here'\n[nothing]\nlike-it = 3\n";
    let told = told(load(file, &[("BASTIDE_PUBLC_URL", "x")], &[("programe", "x")]));
    assert_eq!(
        told,
        [
            "bastide.toml:2: there is no setting `lisen`; did you mean `listen`?",
            "bastide.toml:5: there is no setting `nothing.like-it`; docs/configuration.md lists the settings",
            "BASTIDE_PUBLC_URL: no setting has this variable; did you mean `BASTIDE_PUBLIC_URL`? Otherwise take it out \
             of the environment",
            "--set: there is no setting `programe`; did you mean `programme`?",
            "bastide.toml:3: `listen` cannot be this; write an address and a port, such as `127.0.0.1:8080`",
        ]
    );
}

#[test]
fn a_file_that_is_no_toml_or_holds_other_kinds_is_told_by_its_line() {
    for (file, beginning) in [
        ("a = 1\nlisten = ", "bastide.toml:2: this is no TOML"),
        ("a = 1\na = 2", "bastide.toml:2: this is no TOML"),
        ("\nlisten = 1.5", "bastide.toml:2: `listen` holds a value of a kind"),
        ("listen = 0x10", "bastide.toml:1: `listen` holds a value of a kind"),
        ("listen = ['127.0.0.1:1', '127.0.0.1:2']", "bastide.toml:1: `listen` takes one value"),
        ("a.b.c.d.e.f.g = 1", "bastide.toml:1: "),
    ] {
        let told = told(load(file, &[], &[]));
        assert!(told[0].starts_with(beginning), "{file:?}: {told:?}");
    }
    let long = "#".repeat(1024 * 1024 + 1);
    assert!(told(load(&long, &[], &[]))[0].contains("longer"));
}

#[test]
fn a_public_address_is_http_or_https_with_a_host_and_loses_its_last_slash() {
    let loaded = load("public-url = 'https://desk.example.org/'", &[], &[]).unwrap();
    assert_eq!(loaded.settings.desk.public_url.unwrap().as_str(), "https://desk.example.org");
    for wrong in
        ["desk.example.org", "ftp://x.example", "https://", "https://a@b.example", "https://x.example?y"]
    {
        assert!(load(&format!("public-url = '{wrong}'"), &[], &[]).is_err(), "{wrong}");
    }
}
