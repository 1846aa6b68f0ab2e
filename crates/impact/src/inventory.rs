//! What an environment holds, as a document tells it: packages with versions, who brings them in, and what could not be read.
//!
//! Every reader of [`crate::inputs`] answers with an [`Inventory`]. Nothing is left out in silence: what a reader does not
//! understand stands under [`Inventory::unread`] with its place and reason, and a package without a version is a component
//! that says why it has none.

use bastide_model::{
    finding::Place,
    package::{Ecosystem, Package},
    version::Version,
};

use crate::inputs::Kind;

/// The purl type of conda packages; advisories have no such ecosystem.
pub const CONDA: &str = "conda";

/// What one document tells of an environment.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// The document's name as the caller gave it, mostly a path.
    pub document: String,
    /// What kind of document it is.
    pub kind: Kind,
    /// The projects whose environment this is, where the document names them.
    pub roots: Vec<String>,
    /// What the environment holds.
    pub components: Vec<Component>,
    /// Which versions the document itself allows.
    pub constraints: Vec<Constraint>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

impl Inventory {
    /// Nothing yet, of this document.
    pub fn new(document: impl Into<String>, kind: Kind) -> Self {
        Self {
            document: document.into(),
            kind,
            roots: Vec::new(),
            components: Vec::new(),
            constraints: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// A document of which nothing could be read.
    pub fn unreadable(document: impl Into<String>, kind: Kind, reason: impl Into<String>) -> Self {
        let document = document.into();
        let place = Place { file: Some(document.clone()), ..Place::default() };
        let unread = Unread { place, what: "the whole document".to_owned(), reason: reason.into() };
        Self { unread: vec![unread], ..Self::new(document, kind) }
    }
}

/// A package that an environment holds, or wants.
#[derive(Debug, Clone)]
pub struct Component {
    /// The package, in the ecosystem from which it comes.
    pub package: Package,
    /// The PyPI package that a conda package is made from, where that is known.
    pub pypi: Option<Package>,
    /// Its version as read, or why there is none.
    pub version: Result<Version, NoVersion>,
    /// What it is needed for.
    pub scope: Scope,
    /// Who brings it in: from a root to the package itself, by name. It has one name where the document tells nothing, and
    /// `…` where the middle of a long chain was left out.
    pub path: Vec<String>,
    /// Where it stands.
    pub place: Place,
}

impl Component {
    /// The package by whose name advisories speak of it; nothing for a conda package that no PyPI name is known for.
    pub fn advised_as(&self) -> Option<&Package> {
        match self.package.ecosystem() {
            Ecosystem::PyPi | Ecosystem::Npm => Some(&self.package),
            Ecosystem::Other(_) => self.pypi.as_ref(),
        }
    }

    /// Whether it is a conda package.
    pub fn is_conda(&self) -> bool {
        matches!(self.package.ecosystem(), Ecosystem::Other(name) if name == CONDA)
    }
}

/// Why a component has no version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoVersion {
    /// The document allows several; this is how it says so (`>=1.20`, or empty for any).
    Range(String),
    /// The document names none.
    Absent,
    /// What stands there is no version: the parser's words.
    Invalid(String),
}

impl std::fmt::Display for NoVersion {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Range(range) if range.is_empty() => out.write_str("any version is allowed"),
            Self::Range(range) => write!(out, "several versions are allowed: {range}"),
            Self::Absent => out.write_str("no version is given"),
            Self::Invalid(reason) => out.write_str(reason),
        }
    }
}

/// What a package is needed for. The first that holds counts: a package of the running program that tests need too is runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The program runs with it.
    Runtime,
    /// An optional part of the program needs it.
    Extra,
    /// Those who work on the program need it: tests, documentation.
    Dev,
    /// It builds the program and is not installed with it.
    Build,
}

impl Scope {
    /// `runtime`, `extra`, `dev` or `build`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Extra => "extra",
            Self::Dev => "dev",
            Self::Build => "build",
        }
    }
}

/// Which versions of a package somebody in the document allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// The package.
    pub package: Package,
    /// The versions, as PEP 440 specifiers (`>=1.20,<2`).
    pub specifiers: String,
    /// The package that asks for it; nothing where the document's own author does.
    pub by: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Something in a document that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where it stands.
    pub place: Place,
    /// What it is: a line, an entry, the whole document. Short, on one line, without control characters.
    pub what: String,
    /// Why it could not be read.
    pub reason: String,
}
