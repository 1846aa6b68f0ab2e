//! Which documents a path holds: the path itself, or what stands under it, within bounds and without following links.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bastide_impact::inputs::Kind;

use super::source::Source;
use crate::{
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// How deep directories are looked into.
const MAX_DEPTH: usize = 32;
/// How many entries of directories are looked at.
const MAX_ENTRIES: usize = 500_000;
/// How many documents are read.
const MAX_SOURCES: usize = 5_000;
/// How much of a file is looked at to find out what it is, in bytes.
const HEAD_BYTES: u64 = 4096;

/// Directories that hold no project of one's own.
const SKIPPED: [&str; 9] =
    [".git", ".hg", ".svn", "node_modules", "__pycache__", ".tox", ".nox", ".pixi", "site-packages"];

/// What was found under a path.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What can be read.
    pub(super) sources: Vec<Source>,
    /// What people should know.
    pub(super) notes: Vec<String>,
}

/// Finds what can be audited at a path.
#[allow(clippy::disallowed_methods, reason = "the command line reads what it is given")]
pub(super) fn find(path: &Path, environments: bool) -> Result<Found, Diagnostic> {
    let cannot = |error: &std::io::Error| {
        Diagnostic::cannot(format!("it cannot be read: {}", chain(error)))
            .at(input::shown(path))
            .remedy("name a file or directory that exists and that you may read")
    };
    let mut found = Found::default();
    let metadata = fs::metadata(path).map_err(|error| cannot(&error))?;
    if !metadata.is_dir() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kind = match Kind::of_name(&name) {
            Some(kind) => kind,
            None => of_head(path).map_err(|error| cannot(&error))?.ok_or_else(|| unknown(path))?,
        };
        found.sources.push(Source::Document(path.to_owned(), kind));
        return Ok(found);
    }
    if let Some(packages) = packages_of(path) {
        found.sources.push(Source::Environment(path.to_owned(), packages));
        return Ok(found);
    }
    let mut walk = Walk { environments, entries: 0, skipped: 0, full: false, found };
    walk.directory(path, MAX_DEPTH).map_err(|error| cannot(&error))?;
    let Walk { mut found, skipped, full, .. } = walk;
    if skipped > 0 {
        let skipped = terminal::counted(
            skipped,
            "virtual environment was not looked into",
            "virtual environments were not looked into",
        );
        found.notes.push(format!("{skipped} (--environments, or name one as PATH)"));
    }
    if full {
        found.notes.push(format!(
            "{} is too large to be searched whole: it was stopped at {MAX_ENTRIES} entries or {MAX_SOURCES} documents; audit its parts",
            input::shown(path)
        ));
    }
    Ok(found)
}

fn unknown(path: &Path) -> Diagnostic {
    Diagnostic::usage("neither its name nor how it begins tells what it is").at(input::shown(path)).remedy(
        "name it as its tool does (requirements*.txt, pyproject.toml, uv.lock, poetry.lock, pdm.lock, pylock.*.toml, Pipfile.lock, \
         pixi.lock, *conda-lock.yml, environment*.yml, *.cdx.json, *.spdx.json, *.spdx, *.whl)",
    )
}

fn of_head(path: &Path) -> std::io::Result<Option<Kind>> {
    use std::io::Read as _;
    let mut head = Vec::new();
    fs::File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(Kind::of_content(&head))
}

/// The directories of packages of an environment, if this is one.
fn packages_of(path: &Path) -> Option<Vec<PathBuf>> {
    if has_metadata(path) {
        return Some(vec![path.to_owned()]);
    }
    let mut all = Vec::new();
    let libraries = [path.join("Lib/site-packages")].into_iter().chain(
        ["lib", "lib64"].iter().flat_map(|lib| entries(&path.join(lib))).filter_map(|entry| {
            let python = entry.file_name()?.to_string_lossy().starts_with("python");
            python.then(|| entry.join("site-packages"))
        }),
    );
    for library in libraries {
        // lib64 is a link to lib as a rule.
        let real = fs::canonicalize(&library).ok();
        let known = |one: &PathBuf| fs::canonicalize(one).ok() == real;
        if real.is_some() && !all.iter().any(known) {
            all.push(library);
        }
    }
    (!all.is_empty()).then_some(all)
}

fn has_metadata(path: &Path) -> bool {
    entries(path).iter().any(|entry| {
        let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.ends_with(".dist-info") && entry.join("METADATA").exists()
    })
}

/// What a directory holds, sorted; nothing where it cannot be read.
fn entries(path: &Path) -> Vec<PathBuf> {
    let Ok(read) = fs::read_dir(path) else { return Vec::new() };
    let mut all: Vec<PathBuf> = read.take(MAX_ENTRIES).flatten().map(|entry| entry.path()).collect();
    all.sort();
    all
}

struct Walk {
    environments: bool,
    entries: usize,
    skipped: usize,
    full: bool,
    found: Found,
}

impl Walk {
    fn directory(&mut self, path: &Path, depth: usize) -> std::io::Result<()> {
        // The first directory must be readable; what lies deeper is told.
        fs::read_dir(path)?;
        for entry in entries(path) {
            self.entries += 1;
            if self.entries > MAX_ENTRIES || self.found.sources.len() >= MAX_SOURCES {
                self.full = true;
                return Ok(());
            }
            let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let Ok(metadata) = fs::symlink_metadata(&entry) else { continue };
            if metadata.is_dir() {
                self.inner(&entry, &name, depth);
            } else if metadata.is_file()
                && let Some(kind) = Kind::of_name(&name).filter(|kind| *kind != Kind::Wheel)
            {
                self.found.sources.push(Source::Document(entry, kind));
            }
        }
        Ok(())
    }

    fn inner(&mut self, path: &Path, name: &str, depth: usize) {
        if path.join("pyvenv.cfg").exists() || path.join("conda-meta").is_dir() {
            match packages_of(path).filter(|_| self.environments) {
                Some(packages) => self.found.sources.push(Source::Environment(path.to_owned(), packages)),
                None => self.skipped += 1,
            }
        } else if SKIPPED.contains(&name) {
        } else if depth == 0 {
            self.full = true;
        } else if let Err(error) = self.directory(path, depth - 1) {
            self.found.notes.push(format!("{} was not looked into: {error}", input::shown(path)));
        }
    }
}
