//! An installed environment, by the metadata of its packages: `*.dist-info/METADATA`, `*.egg-info/PKG-INFO`.
//!
//! The headers follow "Core metadata specifications" (`PyPA`). The caller lists the files, because only it may look into
//! directories; `REQUESTED` beside a file says that a person asked for this package (`PyPA` "Recording installed projects").

use super::{
    Kind,
    draft::{Draft, pypi_package},
    wanted::{Wanted, wanted},
    web::Web,
};
use crate::inventory::{Inventory, Scope};

/// The most bytes of one metadata file that matter: the headers; the description behind them may be long.
pub(crate) const MAX_METADATA_BYTES: usize = 512 * 1024;

/// The metadata of one installed package.
#[derive(Debug, Clone)]
pub struct MetadataFile {
    /// The file's name, as the caller gives it.
    pub name: String,
    /// Its bytes, or at least the first 512 KiB.
    pub bytes: Vec<u8>,
    /// Whether a person asked for it.
    pub requested: bool,
}

/// What an environment holds.
pub fn read_installed(environment: &str, files: &[MetadataFile]) -> Inventory {
    let mut draft = Draft::new(environment, Kind::Installed);
    let mut web = Web::default();
    let mut needs = Vec::new();
    for file in files {
        let bytes = &file.bytes[..file.bytes.len().min(MAX_METADATA_BYTES)];
        let text = String::from_utf8_lossy(bytes);
        let headers = Headers::of(&text);
        let mut place = draft.place(1);
        place.file = Some(file.name.clone());
        let name = headers.first("Name").unwrap_or_default();
        if pypi_package(name).is_none() {
            draft.unread_at(place, "the metadata of a package", "they have no name that is one");
            continue;
        }
        let Some(mut component) = draft.pypi(1, name, headers.first("Version")) else { continue };
        component.place = place;
        let number = web.add(component);
        let wants: Vec<Wanted> = headers.all("Requires-Dist").filter_map(|text| wanted(text).ok()).collect();
        needs.push((number, name.to_owned(), file, wants));
    }
    for (number, by, file, wants) in needs {
        if file.requested {
            web.seed(Scope::Runtime, "", number);
        }
        for want in wants.into_iter().filter(|want| !want.extra) {
            let Some(package) = pypi_package(&want.name) else { continue };
            for to in web.find(package.name(), None) {
                web.edge(number, to);
            }
            if !want.marked {
                draft.constrain_in(&file.name, Some(package), &want.specifiers, &by);
            }
        }
    }
    web.settle(&mut draft);
    draft.finish()
}

/// The metadata of one package as a document of its own: what it is, and what it asks for.
pub(super) fn read_one(text: &str, draft: &mut Draft) {
    let headers = Headers::of(text);
    let Some(component) = draft.pypi(1, headers.first("Name").unwrap_or_default(), headers.first("Version"))
    else {
        return;
    };
    let by = component.package.name().to_owned();
    draft.push(component);
    for text in headers.all("Requires-Dist") {
        match wanted(text) {
            Ok(want) if !want.marked => {
                draft.constrain(1, pypi_package(&want.name), &want.specifiers, Some(&by));
            }
            Ok(_) => {}
            Err(reason) => draft.unread(1, text, reason),
        }
    }
}

/// The headers of a metadata file; continued lines are of no interest here and are skipped.
struct Headers<'text>(Vec<(&'text str, &'text str)>);

impl<'text> Headers<'text> {
    fn of(text: &'text str) -> Self {
        let lines = text.lines().take_while(|line| !line.trim().is_empty());
        let header = |line: &'text str| {
            let (name, value) = line.split_once(':')?;
            (!name.starts_with([' ', '\t'])).then(|| (name.trim(), value.trim()))
        };
        Self(lines.filter_map(header).collect())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'text str> {
        self.0.iter().filter(move |(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    fn first(&self, name: &str) -> Option<&'text str> {
        self.all(name).next()
    }
}
