//! Readers of what an environment holds, one file per format.
//!
//! A newcomer starts at [`Kind`]: it names every format and recognises it by the name of a file. [`read`] turns the bytes of
//! one document into an [`Inventory`]. No reader fails: what cannot be read stands in the inventory, with place and reason.
//! Documents come from strangers, so all of them are bounded in size, depth and count; see [`tree`].
//!
//! Invariant: no reader opens a file. What a document includes is asked of the caller ([`Includes`]).

mod conda_environment;
mod conda_lock;
mod cyclonedx;
mod cyclonedx_xml;
mod draft;
mod installed;
mod name_map;
mod pdm_lock;
mod pipfile_lock;
mod pixi_lock;
mod poetry_constraint;
mod poetry_lock;
pub(crate) mod purl;
mod pylock;
mod pyproject;
mod requirements;
mod spdx;
mod spdx_tag_value;
pub(crate) mod tree;
mod uv_lock;
mod wanted;
mod web;
mod wheel;

pub use installed::{MetadataFile, read_installed};
pub use name_map::{NameMap, NameMapError};
pub use tree::MAX_DOCUMENT_BYTES;
pub use wheel::read_wheel;

pub(crate) use draft::{pypi_package, shown};

use crate::inventory::Inventory;
use tree::Syntax;

/// A format of documents that say what an environment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// pip's `requirements.txt`, and the output of pip-compile and `uv pip compile`.
    Requirements,
    /// `pyproject.toml`.
    Pyproject,
    /// uv's `uv.lock`.
    UvLock,
    /// Poetry's `poetry.lock`.
    PoetryLock,
    /// PDM's `pdm.lock`.
    PdmLock,
    /// `pylock.toml` and `pylock.*.toml` (PEP 751).
    Pylock,
    /// Pipenv's `Pipfile.lock`.
    PipfileLock,
    /// `conda-lock.yml`, version 1.
    CondaLock,
    /// `pixi.lock`, versions 4 to 6.
    PixiLock,
    /// conda's `environment.yml`.
    CondaEnvironment,
    /// The metadata of an installed environment (`*.dist-info/METADATA`).
    Installed,
    /// A wheel with the SBOMs in it (PEP 770); read by [`read_wheel`].
    Wheel,
    /// `CycloneDX` 1.4 to 1.7, JSON.
    CycloneDx,
    /// The same as XML.
    CycloneDxXml,
    /// SPDX 2.2 and 2.3, JSON.
    Spdx,
    /// SPDX 2.2 and 2.3, tag and value.
    SpdxTagValue,
}

impl Kind {
    /// The name of the format, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requirements => "requirements file",
            Self::Pyproject => "pyproject.toml",
            Self::UvLock => "uv.lock",
            Self::PoetryLock => "poetry.lock",
            Self::PdmLock => "pdm.lock",
            Self::Pylock => "pylock.toml",
            Self::PipfileLock => "Pipfile.lock",
            Self::CondaLock => "conda-lock",
            Self::PixiLock => "pixi.lock",
            Self::CondaEnvironment => "conda environment",
            Self::Installed => "installed environment",
            Self::Wheel => "wheel",
            Self::CycloneDx | Self::CycloneDxXml => "CycloneDX",
            Self::Spdx | Self::SpdxTagValue => "SPDX",
        }
    }

    /// The format of a file of this name (without directories); nothing where the name tells none.
    pub fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
        Some(match name {
            "pyproject.toml" => Self::Pyproject,
            "uv.lock" => Self::UvLock,
            "poetry.lock" => Self::PoetryLock,
            "pdm.lock" => Self::PdmLock,
            "Pipfile.lock" => Self::PipfileLock,
            "pixi.lock" => Self::PixiLock,
            "pylock.toml" => Self::Pylock,
            _ if lower.starts_with("pylock.") && ends(&[".toml"]) => Self::Pylock,
            // `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, `requirements/test.in` by its directory.
            _ if lower.contains("requirements") && ends(&[".txt", ".in"]) => Self::Requirements,
            _ if ends(&["conda-lock.yml", "conda-lock.yaml"]) => Self::CondaLock,
            _ if lower.starts_with("environment") && ends(&[".yml", ".yaml"]) => Self::CondaEnvironment,
            _ if ends(&[".whl"]) => Self::Wheel,
            _ if ends(&[".cdx.json"]) || lower == "bom.json" => Self::CycloneDx,
            _ if ends(&[".cdx.xml"]) || lower == "bom.xml" => Self::CycloneDxXml,
            _ if ends(&[".spdx.json"]) => Self::Spdx,
            _ if ends(&[".spdx"]) => Self::SpdxTagValue,
            _ => return None,
        })
    }

    /// The format of a document whose name tells none, by how it begins.
    pub fn of_content(bytes: &[u8]) -> Option<Self> {
        let head = &bytes[..bytes.len().min(4096)];
        let has = |word: &str| head.windows(word.len()).any(|part| part == word.as_bytes());
        let json = head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        match () {
            () if json && has("\"bomFormat\"") => Some(Self::CycloneDx),
            () if json && has("\"spdxVersion\"") => Some(Self::Spdx),
            () if json && has("\"_meta\"") && has("\"pipfile-spec\"") => Some(Self::PipfileLock),
            () if has("<bom") && has("http://cyclonedx.org/schema/bom/") => Some(Self::CycloneDxXml),
            () if head.starts_with(b"SPDXVersion:") => Some(Self::SpdxTagValue),
            () => None,
        }
    }
}

/// Gives the name and the bytes of a file that a document names, or says why not: (the document, what it names).
pub type Includes<'a> = dyn FnMut(&str, &str) -> Result<(String, Vec<u8>), String> + 'a;

/// What one document tells. Files that it includes are asked of `includes`.
pub fn read(kind: Kind, document: &str, bytes: &[u8], includes: &mut Includes<'_>) -> Inventory {
    let mut draft = draft::Draft::new(document, kind);
    let parsed = |syntax| tree::parse(bytes, syntax);
    let done = match kind {
        Kind::Requirements => requirements::read(document, bytes, includes, &mut draft),
        Kind::Pyproject => parsed(Syntax::Toml).map(|tree| pyproject::read(&tree, &mut draft)),
        Kind::UvLock => parsed(Syntax::Toml).map(|tree| uv_lock::read(&tree, &mut draft)),
        Kind::PoetryLock => parsed(Syntax::Toml).map(|tree| poetry_lock::read(&tree, &mut draft)),
        Kind::PdmLock => parsed(Syntax::Toml).map(|tree| pdm_lock::read(&tree, &mut draft)),
        Kind::Pylock => parsed(Syntax::Toml).map(|tree| pylock::read(&tree, &mut draft)),
        Kind::PipfileLock => parsed(Syntax::Json).map(|tree| pipfile_lock::read(&tree, &mut draft)),
        Kind::CondaLock => parsed(Syntax::Yaml).map(|tree| conda_lock::read(&tree, &mut draft)),
        Kind::PixiLock => parsed(Syntax::Yaml).map(|tree| pixi_lock::read(&tree, &mut draft)),
        Kind::CondaEnvironment => parsed(Syntax::Yaml).map(|tree| conda_environment::read(&tree, &mut draft)),
        Kind::CycloneDx => parsed(Syntax::Json).map(|tree| cyclonedx::read(&tree, &mut draft)),
        Kind::CycloneDxXml => {
            let tree = tree::text(bytes).and_then(cyclonedx_xml::tree);
            tree.map(|tree| cyclonedx::read(&tree, &mut draft))
        }
        Kind::Spdx => parsed(Syntax::Json).map(|tree| spdx::read(&tree, &mut draft)),
        Kind::SpdxTagValue => tree::text(bytes).map(|text| spdx_tag_value::read(text, &mut draft)),
        Kind::Wheel => return read_wheel(document, std::io::Cursor::new(bytes)),
        Kind::Installed => tree::text(bytes).map(|text| installed::read_one(text, &mut draft)),
    };
    match done {
        Ok(()) => draft.finish(),
        Err(reason) => Inventory::unreadable(document, kind, reason),
    }
}
