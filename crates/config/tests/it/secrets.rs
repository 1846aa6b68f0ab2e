use std::os::unix::fs::PermissionsExt;

use bastide_config::{SecretFile, Sources, Value};

fn database(url: &str) -> Sources {
    let file = format!("database = '{url}'\n");
    Sources { file: Some(("bastide.toml".to_owned(), file)), ..Sources::default() }
}

#[test]
fn a_password_in_an_address_is_refused_and_quoted_nowhere() {
    for url in ["postgres://desk:canary@localhost/desk", "postgres://localhost/desk?password=canary"] {
        let error = database(url).load().unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains("database-password-file") && !told.contains("canary"), "{told}");
    }
}

#[test]
fn the_password_comes_from_a_file_that_only_its_owner_reads_and_is_not_printed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    std::fs::write(&path, "can/ary\n").unwrap();
    let mut sources = database("postgres://desk@localhost/desk");
    sources.flags.push(("database-password-file".to_owned(), "set".to_owned(), path.display().to_string()));
    let loaded = sources.load().unwrap();
    let desk = &loaded.settings.desk;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let refused = desk.database_with_password().unwrap_err().to_string();
    assert!(refused.contains("chmod 600") && !refused.contains("can/ary"), "{refused}");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let address = desk.database_with_password().unwrap().unwrap();
    assert_eq!(address.as_str(), "postgres://desk:can%2Fary@localhost/desk");
    assert!(!loaded.text().contains("can") && !format!("{loaded:?}").contains("can/ary"));
    for (content, told) in [("", "0 bytes"), (&"x".repeat(70_000), "bytes")] {
        std::fs::write(&path, content).unwrap();
        assert!(desk.database_with_password().unwrap_err().to_string().contains(told));
    }
}

#[test]
fn a_credential_is_a_plain_name_and_needs_a_service_manager() {
    for wrong in ["", "credential:", "credential:../x", "credential:a/b", "credential:.x"] {
        assert!(SecretFile::parse(&[wrong.to_owned()]).is_err(), "{wrong}");
    }
    let credential = SecretFile::parse(&["credential:database-password".to_owned()]).unwrap();
    let told = credential.read().unwrap_err().to_string();
    assert!(told.contains("LoadCredential=database-password"), "{told}");
}
