//! Writes every sample page into a directory, to be looked at in a browser:
//! `cargo run -p bastide-pages --example gallery -- DIR`, and once more with every string hostile when `hostile`
//! follows, to see that a real browser runs none of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bastide_pages::assets;

#[path = "../tests/it/samples/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use more of the samples than the gallery")]
mod samples;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("name the directory to write to")?);
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("style.css"), assets::STYLESHEET)?;
    fs::write(directory.join("script.js"), assets::SCRIPT)?;
    fs::write(directory.join("icon.svg"), assets::ICON)?;
    write(&directory, "", samples::Ink::Plain)?;
    if std::env::args_os().nth(2).is_some_and(|word| word == "hostile") {
        for (number, ink) in samples::Ink::HOSTILE.into_iter().enumerate() {
            write(&directory, &format!("hostile-{number}-"), ink)?;
        }
    }
    Ok(())
}

fn write(directory: &Path, prefix: &str, ink: samples::Ink) -> std::io::Result<()> {
    for sample in samples::all(ink) {
        let html = sample.html.replace(assets::style_path(), "style.css");
        let html = html.replace(assets::script_path(), "script.js").replace(assets::icon_path(), "icon.svg");
        fs::write(directory.join(format!("{prefix}{}.html", sample.name)), html)?;
    }
    Ok(())
}
