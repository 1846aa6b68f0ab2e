//! SPDX 2.2 and 2.3, tag and value (section 4.4 of the specification): a line for each value, `<text>` around longer ones.

use super::{
    draft::Draft,
    spdx::{self, Document, Entry},
};

/// The most lines that are read.
const MAX_LINES: usize = 2_000_000;

pub(super) fn read(text: &str, draft: &mut Draft) {
    let mut document = Document::default();
    let mut package: Option<Entry> = None;
    let mut long = false;
    let mut version = "";
    for (number, line) in (1..).zip(text.lines().take(MAX_LINES)) {
        // Longer texts hold licences and comments; nothing here asks for them, but a line inside is no tag.
        if long {
            long = !line.contains("</text>");
            continue;
        }
        let Some((tag, value)) = line.split_once(':') else { continue };
        let (tag, value) = (tag.trim(), value.trim());
        long = value.starts_with("<text>") && !value.contains("</text>");
        match tag {
            "SPDXVersion" => version = value,
            "PackageName" => {
                package.take().into_iter().for_each(|entry| document.package(entry));
                package = Some(Entry { line: number, name: value.to_owned(), ..Entry::default() });
            }
            // A file or a snippet begins; what follows is not about the package.
            "FileName" | "SnippetSPDXID" => {
                package.take().into_iter().for_each(|entry| document.package(entry));
            }
            "Relationship" => {
                let mut words = value.split_whitespace();
                if let (Some(left), Some(kind), Some(right)) = (words.next(), words.next(), words.next()) {
                    document.relationship(left, kind, right);
                }
            }
            _ => {
                if let Some(entry) = &mut package {
                    of_package(entry, tag, value);
                }
            }
        }
    }
    package.take().into_iter().for_each(|entry| document.package(entry));
    spdx::version(1, version, draft);
    if text.lines().nth(MAX_LINES).is_some() {
        draft.unread(
            u32::try_from(MAX_LINES).unwrap_or(u32::MAX),
            "the lines from here on",
            "the document has too many",
        );
    }
    document.finish(draft);
}

fn of_package(entry: &mut Entry, tag: &str, value: &str) {
    match tag {
        "SPDXID" if entry.id.is_empty() => value.clone_into(&mut entry.id),
        "PackageVersion" => entry.version = Some(value.to_owned()),
        "PrimaryPackagePurpose" => entry.purpose = Some(value.to_owned()),
        "ExternalRef" => {
            let mut words = value.split_whitespace();
            if words.nth(1) == Some("purl") {
                entry.purl = words.next().map(str::to_owned);
            }
        }
        _ => {}
    }
}
