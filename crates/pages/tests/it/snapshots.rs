//! What every page looks like as HTML.

use bastide_pages::assets;

use crate::samples::{self, Ink};

#[test]
fn every_page_looks_as_it_was_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for sample in samples::all(Ink::Plain) {
            let html = sample.html.replace(assets::style_path(), "/assets/style.css");
            let html = html.replace(assets::script_path(), "/assets/script.js");
            insta::assert_snapshot!(sample.name, html.replace(assets::icon_path(), "/assets/icon.svg"));
        }
    });
}
