//! An inventory while its document is being read: bounded, each entry with its place.

use bastide_model::{
    finding::Place,
    output::one_line,
    package::{Ecosystem, Package},
    version::Version,
};

use super::{Kind, wanted::Wanted};
use crate::inventory::{Component, Constraint, Inventory, NoVersion, Scope, Unread};

/// The most packages that are read from one document.
pub(crate) const MAX_COMPONENTS: usize = 200_000;
/// The most constraints that are kept of one document.
const MAX_CONSTRAINTS: usize = 500_000;
/// The most entries that are named as unread; more are counted.
const MAX_UNREAD: usize = 200;
/// The longest package name that is read, in bytes; PyPI's longest has 80.
const MAX_NAME_BYTES: usize = 256;
/// The longest part of an unread entry that is repeated, in characters.
const SHOWN_CHARS: usize = 100;

/// The inventory of one document in the making.
pub(crate) struct Draft {
    inventory: Inventory,
    unread_more: usize,
    made: usize,
    full: bool,
}

impl Draft {
    pub(crate) fn new(document: &str, kind: Kind) -> Self {
        Self { inventory: Inventory::new(document, kind), unread_more: 0, made: 0, full: false }
    }

    /// A place in the document.
    pub(crate) fn place(&self, line: u32) -> Place {
        Place { file: Some(self.inventory.document.clone()), line: Some(line), ..Place::default() }
    }

    pub(crate) fn root(&mut self, name: &str) {
        self.inventory.roots.push(shown(name));
    }

    /// Something in this line could not be read.
    pub(crate) fn unread(&mut self, line: u32, what: &str, reason: impl Into<String>) {
        let place = self.place(line);
        self.unread_at(place, what, reason);
    }

    /// Something could not be read, at a place that may be in another document.
    pub(crate) fn unread_at(&mut self, place: Place, what: &str, reason: impl Into<String>) {
        let what = if what.trim().is_empty() { "an entry without a name" } else { what };
        if self.inventory.unread.len() < MAX_UNREAD {
            let what = shown(what);
            self.inventory.unread.push(Unread { place, what, reason: reason.into() });
        } else {
            self.unread_more += 1;
        }
    }

    /// A component; nothing where its name is none, or where there are too many.
    pub(crate) fn component(
        &mut self,
        line: u32,
        package: Option<Package>,
        name: &str,
        version: Result<Version, NoVersion>,
    ) -> Option<Component> {
        let Some(package) = package else {
            self.unread(line, name, "this is not the name of a package");
            return None;
        };
        self.made += 1;
        if self.made > MAX_COMPONENTS {
            self.full = true;
            return None;
        }
        let path = vec![package.name().to_owned()];
        let place = self.place(line);
        Some(Component { package, pypi: None, version, scope: Scope::Runtime, path, place })
    }

    /// A component of PyPI with this version.
    pub(crate) fn pypi(&mut self, line: u32, name: &str, version: Option<&str>) -> Option<Component> {
        self.component(line, pypi_package(name), name, version_of(&Ecosystem::PyPi, version))
    }

    pub(crate) fn push(&mut self, component: Component) {
        self.inventory.components.push(component);
    }

    /// A constraint of the document's author, or of a package.
    pub(crate) fn constrain(
        &mut self,
        line: u32,
        package: Option<Package>,
        specifiers: &str,
        by: Option<&str>,
    ) {
        let Some(package) = package else { return };
        let specifiers = specifiers.trim();
        if specifiers.is_empty() || specifiers == "*" || self.inventory.constraints.len() >= MAX_CONSTRAINTS {
            return;
        }
        let place = self.place(line);
        let specifiers = specifiers.chars().take(300).collect();
        self.inventory.constraints.push(Constraint { package, specifiers, by: by.map(shown), place });
    }

    /// A constraint of a package whose metadata are in a file of their own.
    pub(crate) fn constrain_in(&mut self, file: &str, package: Option<Package>, specifiers: &str, by: &str) {
        self.constrain_elsewhere(file, 1, package, specifiers, Some(by));
    }

    /// A constraint of the author in an included file.
    pub(crate) fn constrain_at(&mut self, file: &str, line: u32, package: Option<Package>, specifiers: &str) {
        self.constrain_elsewhere(file, line, package, specifiers, None);
    }

    fn constrain_elsewhere(
        &mut self,
        file: &str,
        line: u32,
        package: Option<Package>,
        specifiers: &str,
        by: Option<&str>,
    ) {
        let before = self.inventory.constraints.len();
        self.constrain(line, package, specifiers, by);
        if let Some(added) = self.inventory.constraints.get_mut(before) {
            added.place.file = Some(file.to_owned());
        }
    }

    pub(crate) fn finish(mut self) -> Inventory {
        let place = Place { file: Some(self.inventory.document.clone()), ..Place::default() };
        if self.unread_more > 0 {
            let what = format!("{} more entries", self.unread_more);
            let reason = "they could not be read either".to_owned();
            self.inventory.unread.push(Unread { place: place.clone(), what, reason });
        }
        if self.full {
            let what = "packages".to_owned();
            let reason = format!("there are more than {MAX_COMPONENTS}, the most that is read");
            self.inventory.unread.push(Unread { place, what, reason });
        }
        self.inventory
    }
}

/// A text of a document, short and on one line.
pub(crate) fn shown(text: &str) -> String {
    cut(text, SHOWN_CHARS)
}

/// The words of an error of ours that repeats a part of a document.
pub(crate) fn reason(error: &impl std::fmt::Display) -> String {
    cut(&error.to_string(), 4 * SHOWN_CHARS)
}

fn cut(text: &str, most: usize) -> String {
    let line = one_line(&text.chars().take(most * 4).collect::<String>());
    if line.chars().count() <= most && text.chars().nth(most * 4).is_none() {
        return line;
    }
    line.chars().take(most).chain(['…']).collect()
}

/// The PyPI package of this name, where it is a name (`PyPA` "Names and normalization").
pub(crate) fn pypi_package(name: &str) -> Option<Package> {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let (first, last) = (name.bytes().next()?, name.bytes().next_back()?);
    let good = name.len() <= MAX_NAME_BYTES
        && name.bytes().all(inner)
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric();
    good.then(|| Package::new(Ecosystem::PyPi, name))
}

/// The conda package of this name, where it is a name (CEP 26: lower case, digits, `-`, `_`, `.`).
pub(crate) fn conda_package(name: &str) -> Option<Package> {
    let name = name.to_ascii_lowercase();
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let named = !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.bytes().all(good);
    named.then(|| Package::new(Ecosystem::Other(crate::inventory::CONDA.to_owned()), &name))
}

/// A version, or why there is none.
pub(crate) fn version_of(ecosystem: &Ecosystem, text: Option<&str>) -> Result<Version, NoVersion> {
    let text = text.map(str::trim).filter(|text| !text.is_empty()).ok_or(NoVersion::Absent)?;
    Version::parse(ecosystem, text).map_err(|error| NoVersion::Invalid(reason(&error)))
}

/// The version that a requirement asks for, where it asks for one.
pub(crate) fn version_wanted(want: &Wanted) -> Result<Version, NoVersion> {
    match &want.exact {
        Some(version) => version_of(&Ecosystem::PyPi, Some(version)),
        None if want.addressed => {
            Err(NoVersion::Invalid("it comes from an address, not from an index".to_owned()))
        }
        None => Err(NoVersion::Range(want.specifiers.clone())),
    }
}

/// The version of a conda package: read as a PyPI version when it will be compared with PyPI's, else as it is.
pub(crate) fn conda_version(pypi: Option<&Package>, text: Option<&str>) -> Result<Version, NoVersion> {
    match pypi {
        Some(package) => version_of(package.ecosystem(), text),
        None => version_of(&Ecosystem::Other(crate::inventory::CONDA.to_owned()), text),
    }
}
