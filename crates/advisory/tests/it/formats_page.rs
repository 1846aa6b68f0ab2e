//! The page of formats: `docs/advisory-formats.md`, made from the tables of the formats.

use std::{fmt::Write as _, fs, path::Path};

use bastide_advisory::{Carried, FIELD_NAMES, FORMATS, Field};

const PAGE: &str = "docs/advisory-formats.md";

fn fresh() -> String {
    let mut page = "# What each format carries of an advisory\n\nMade from the tables in `crates/advisory`; a test keeps it \
        fresh. A field that a format carries whole is read back as it was; of the others the rest is said.\n\n| field |"
        .to_owned();
    for (format, _) in FORMATS {
        let _ = write!(page, " {format} |");
    }
    let _ = write!(page, "\n|---|{}", "---|".repeat(FORMATS.len()));
    for name in FIELD_NAMES {
        let _ = write!(page, "\n| `{name}` |");
        for (format, fields) in FORMATS {
            let _ = write!(page, " {} |", cell(format, fields, name));
        }
    }
    page.push('\n');
    page
}

fn cell(format: &str, fields: &[Field], name: &str) -> String {
    let field = fields
        .iter()
        .find(|field| field.name == name)
        .unwrap_or_else(|| panic!("{format} says nothing of {name}"));
    match field.carried {
        Carried::Yes => "whole".to_owned(),
        Carried::Partly(how) => format!("in part: {how}"),
        Carried::No(why) => format!("no: {why}"),
    }
}

#[test]
fn the_page_of_formats_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let page = fresh();
    #[allow(clippy::disallowed_methods, reason = "tests are configured by the environment")]
    if std::env::var_os("BASTIDE_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let stale = fs::read_to_string(&path).unwrap_or_default() != page;
    assert!(
        !stale,
        "{PAGE} is stale.\n\nWhat to do: BASTIDE_BLESS=1 cargo test -p bastide-advisory page_of_formats\n"
    );
}
