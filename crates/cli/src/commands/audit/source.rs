//! Reading what was found: a document with what it includes, or an environment.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use bastide_impact::{
    inputs::{self, Kind, MAX_DOCUMENT_BYTES, MetadataFile},
    inventory::Inventory,
};

/// The most packages of one environment.
const MAX_PACKAGES: usize = 20_000;
/// The part of a metadata file that holds its headers, in bytes.
const HEADER_BYTES: u64 = 512 * 1024;

/// Something that tells which packages there are.
#[derive(Debug)]
pub(super) enum Source {
    /// A file.
    Document(PathBuf, Kind),
    /// An environment and the directories of its packages.
    Environment(PathBuf, Vec<PathBuf>),
}

impl Source {
    /// What it tells. `root` is what the user named: files outside of its project are not included.
    pub(super) fn read(&self, root: &Path) -> Inventory {
        match self {
            Self::Document(path, Kind::Wheel) => {
                let name = name_of(path);
                match File::open(path) {
                    Ok(file) => inputs::read_wheel(&name, file),
                    Err(error) => Inventory::unreadable(name, Kind::Wheel, error.to_string()),
                }
            }
            Self::Document(path, kind) => {
                let name = name_of(path);
                let project = project_of(root);
                match bytes(path) {
                    Ok(bytes) => inputs::read(*kind, &name, &bytes, &mut |from, target| {
                        include(project.as_deref(), from, target)
                    }),
                    Err(reason) => Inventory::unreadable(name, *kind, reason),
                }
            }
            Self::Environment(path, directories) => environment(&name_of(path), directories),
        }
    }
}

/// A path as people know it: `./a/b` is `a/b`.
fn name_of(path: &Path) -> String {
    let plain = plain(path);
    if plain.as_os_str().is_empty() { ".".to_owned() } else { plain.display().to_string() }
}

/// The path without `.` and with `..` taken back where that is possible without looking at links.
fn plain(path: &Path) -> PathBuf {
    let mut all = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if all.file_name().is_some() => {
                all.pop();
            }
            other => all.push(other),
        }
    }
    all
}

/// The bytes of a document; a larger one is refused before it is read.
fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let too_large = || format!("it has more than {MAX_DOCUMENT_BYTES} bytes, the most that is read");
    let read = || -> io::Result<Option<Vec<u8>>> {
        let file = File::open(path)?;
        if file.metadata()?.len() > MAX_DOCUMENT_BYTES as u64 {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.take(MAX_DOCUMENT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes).filter(|bytes| bytes.len() <= MAX_DOCUMENT_BYTES))
    };
    read().map_err(|error| error.to_string())?.ok_or_else(too_large)
}

/// The directory that includes may come from: the repository around what was named, or its own directory.
fn project_of(root: &Path) -> Option<PathBuf> {
    let root = fs::canonicalize(root).ok()?;
    let directory = if root.is_dir() { root } else { root.parent()?.to_owned() };
    let repository = directory.ancestors().find(|directory| directory.join(".git").exists());
    Some(repository.map_or_else(|| directory.clone(), Path::to_owned))
}

/// A file that a requirements file names, by the directory of that file.
fn include(project: Option<&Path>, from: &str, target: &str) -> Result<(String, Vec<u8>), String> {
    if target.contains("://") {
        return Err(
            "an address is not fetched: nothing here uses a network; save the file and name that".to_owned()
        );
    }
    let directory = Path::new(from).parent().unwrap_or(Path::new(""));
    let path = plain(&directory.join(target));
    let real = fs::canonicalize(&path).map_err(|error| error.to_string())?;
    // A hostile repository could name any file of this machine, and its lines would stand in a public log.
    if !project.is_some_and(|project| real.starts_with(project)) {
        return Err("it lies outside of the project that is audited; name it as a path of its own".to_owned());
    }
    Ok((path.display().to_string(), bytes(&real)?))
}

/// What the metadata of installed packages tell.
fn environment(name: &str, directories: &[PathBuf]) -> Inventory {
    let mut files = Vec::new();
    let mut more = 0;
    for directory in directories {
        let Ok(read) = fs::read_dir(directory) else { continue };
        let mut packages: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
        packages.sort();
        for package in packages {
            let file = match package.extension().and_then(|ending| ending.to_str()) {
                Some("dist-info") => package.join("METADATA"),
                Some("egg-info") if package.is_dir() => package.join("PKG-INFO"),
                Some("egg-info") => package.clone(),
                _ => continue,
            };
            if files.len() >= MAX_PACKAGES {
                more += 1;
                continue;
            }
            let mut bytes = Vec::new();
            let opened =
                File::open(&file).and_then(|opened| opened.take(HEADER_BYTES).read_to_end(&mut bytes));
            if opened.is_err() {
                // It is told as metadata without a name.
                bytes.clear();
            }
            files.push(MetadataFile {
                name: name_of(&file),
                bytes,
                requested: package.join("REQUESTED").exists(),
            });
        }
    }
    let mut inventory = inputs::read_installed(name, &files);
    if more > 0 {
        let reason = format!("it holds {more} packages more than the {MAX_PACKAGES} that are read");
        inventory.unread.extend(Inventory::unreadable(name, Kind::Installed, reason).unread);
    }
    inventory
}
