//! The page of all settings, made from their declarations.

use std::fmt::Write as _;

use crate::{Flag, Setting, Settings};

const BEGINNING: &str = "# Configuration

This page is made from the code (`crates/config`); `BASTIDE_BLESS=1 cargo test -p bastide-tidy configuration` writes it.

A setting can stand in a TOML file (`bastide serve --config bastide.toml`, or `BASTIDE_CONFIG`), in the environment, or be
given as a flag; the later of these wins. Every setting can be given as `--set KEY=VALUE`, some have a flag of their own. In
variables and flags the values of a list are separated by commas. A key that nobody knows is a mistake and is named with its
line; the desk does not start. `bastide serve --print-config` shows what holds and whence each value came, and ends.

Secrets stand in no setting: a setting whose value is a FILE with a secret names a file that only its owner can read, or
`credential:NAME` for a credential of systemd (`LoadCredential=NAME:…`).
";

/// The page `docs/configuration.md`.
pub fn reference() -> String {
    let mut page = BEGINNING.to_owned();
    for (name, about, settings) in Settings::sections() {
        let title = if name.is_empty() { "Before all sections".to_owned() } else { format!("`[{name}]`") };
        let about = about.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        let _ = write!(page, "\n## {title}\n\n{about}\n");
        for setting in settings {
            entry(&mut page, setting);
        }
    }
    page
}

fn entry(page: &mut String, setting: &Setting) {
    let _ = write!(page, "\n### `{}`\n\n{}\n\n", setting.key(), setting.sentence());
    let list = if setting.many { ", any number of them" } else { "" };
    let _ = writeln!(page, "* Value: {}{list}, such as `{}`", setting.kind, setting.example);
    match setting.default {
        Some(default) => {
            let _ = writeln!(page, "* Without it: `{default}`");
        }
        None if setting.needed => {
            let _ = writeln!(page, "* It has to be given where the section is");
        }
        None => {
            let _ = writeln!(page, "* Without it: nothing");
        }
    }
    if let Some(variable) = setting.variable() {
        let _ = writeln!(page, "* Variable: `{variable}`");
    }
    match setting.flag {
        Flag::None => {}
        Flag::Everywhere(flag) => {
            let _ = writeln!(page, "* Flag: `--{flag}`, of every command that opens the data");
        }
        Flag::Serve(flag) => {
            let _ = writeln!(page, "* Flag: `--{flag}`, of `bastide serve`");
        }
    }
}
