//! pip's requirements files: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>.
//!
//! Included files are asked of the caller. A pin in a constraints file gives a requirement without one its version. Comments
//! of pip-compile and uv (`# via pandas`) tell who brings a package in.

use std::collections::{HashMap, HashSet};

use bastide_model::{package::Ecosystem, version::Version};

use super::{
    Includes,
    draft::{Draft, pypi_package, version_of, version_wanted},
    tree,
    wanted::{Wanted, wanted},
    web::Web,
};
use crate::inventory::{Component, NoVersion, Scope};

/// How deep files may include each other, and how many there may be.
const MAX_INCLUDE_DEPTH: usize = 16;
const MAX_INCLUDES: usize = 200;

/// The largest requirements file, in bytes, and the most lines of one. Ten thousand pins with their hashes have three megabytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
const MAX_LINES: usize = 500_000;

/// Options that stand alone on a line and say nothing of packages; their values follow `=` or a space.
const OPTIONS: [&str; 17] = [
    "-i",
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "--no-index",
    "-f",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--prefer-binary",
    "--require-hashes",
    "--pre",
    "--trusted-host",
    "--use-feature",
    "--process-dependency-links",
    "--always-unzip",
    "-Z",
];

pub(super) fn read(
    document: &str,
    bytes: &[u8],
    includes: &mut Includes<'_>,
    draft: &mut Draft,
) -> Result<(), String> {
    let mut reader = Reader {
        draft,
        includes,
        visited: HashSet::new(),
        web: Web::default(),
        vias: Vec::new(),
        pins: HashMap::new(),
        found: Vec::new(),
    };
    reader.file(document, bytes, false, 0)?;
    reader.finish();
    Ok(())
}

struct Reader<'a, 'b> {
    draft: &'a mut Draft,
    includes: &'a mut Includes<'b>,
    visited: HashSet<String>,
    web: Web,
    found: Vec<Component>,
    /// For each found component by its number: who brings it in, as comments tell.
    vias: Vec<(usize, String)>,
    /// Versions that constraints files pin.
    pins: HashMap<String, Version>,
}

/// Lines joined where they end in a backslash.
struct Logical<'text> {
    line: u32,
    text: String,
    /// Comments at its end and in the lines below.
    comments: Vec<&'text str>,
}

impl Reader<'_, '_> {
    fn file(&mut self, name: &str, bytes: &[u8], constraints: bool, depth: usize) -> Result<(), String> {
        self.visited.insert(name.to_owned());
        let text = tree::text(bytes)?;
        if text.len() > MAX_BYTES || text.lines().nth(MAX_LINES).is_some() {
            return Err(format!(
                "it has more than {MAX_BYTES} bytes or {MAX_LINES} lines, the most that is read"
            ));
        }
        for logical in logical_lines(text) {
            let line = logical.text.trim();
            if let Some((option, value)) = option(line) {
                self.option(name, logical.line, option, value, constraints, depth);
            } else if !line.is_empty() {
                self.requirement(name, &logical, constraints);
            }
        }
        Ok(())
    }

    fn unread(&mut self, file: &str, line: u32, what: &str, reason: impl Into<String>) {
        let mut place = self.draft.place(line);
        place.file = Some(file.to_owned());
        self.draft.unread_at(place, what, reason);
    }

    fn option(&mut self, file: &str, line: u32, option: &str, value: &str, constraints: bool, depth: usize) {
        match option {
            "-r" | "--requirement" | "-c" | "--constraint" => {
                let constraints = constraints || option == "-c" || option == "--constraint";
                self.include(file, line, value, constraints, depth);
            }
            "-e" | "--editable" => {
                self.unread(
                    file,
                    line,
                    value,
                    "a project in development has no version that an index knows; audit its own lockfile",
                );
            }
            known if OPTIONS.contains(&known) => {}
            unknown => {
                let what = format!("{unknown} {value}");
                self.unread(file, line, &what, "this option is not known; what it brings in is not read");
            }
        }
    }

    fn include(&mut self, from: &str, line: u32, target: &str, constraints: bool, depth: usize) {
        if depth >= MAX_INCLUDE_DEPTH || self.visited.len() >= MAX_INCLUDES {
            self.unread(from, line, target, "too many files include each other; the rest is not read");
            return;
        }
        match (self.includes)(from, target) {
            // A circle ends where it began; pip does the same.
            Ok((name, _)) if self.visited.contains(&name) => {}
            Ok((name, bytes)) => {
                if let Err(reason) = self.file(&name, &bytes, constraints, depth + 1) {
                    self.unread(&name, 1, "the whole document", reason);
                }
            }
            Err(reason) => self.unread(from, line, target, reason),
        }
    }

    fn requirement(&mut self, file: &str, logical: &Logical<'_>, constraints: bool) {
        // Options of one requirement, mostly hashes, stand behind it.
        let text = logical.text.split(" --").next().unwrap_or_default().trim();
        let want = match of_wheel(text).map_or_else(|| refuse_places(text).and_then(|()| wanted(text)), Ok) {
            Ok(want) => want,
            Err(reason) => return self.unread(file, logical.line, text, reason),
        };
        let package = pypi_package(&want.name);
        if constraints {
            self.constraint(file, logical.line, &want);
            return;
        }
        if want.exact.is_none() {
            self.draft.constrain_at(file, logical.line, package.clone(), &want.specifiers);
        }
        let version = version_wanted(&want);
        let Some(mut component) = self.draft.component(logical.line, package, &want.name, version) else {
            return;
        };
        component.place.file = Some(file.to_owned());
        let number = self.found.len();
        self.found.push(component);
        self.vias.extend(vias(&logical.comments).into_iter().map(|via| (number, via)));
    }

    fn constraint(&mut self, file: &str, line: u32, want: &Wanted) {
        let package = pypi_package(&want.name);
        if let (Some(version), Some(package)) = (&want.exact, &package)
            && let Ok(version) = version_of(&Ecosystem::PyPi, Some(version))
        {
            self.pins.insert(package.name().to_owned(), version);
        }
        self.draft.constrain_at(file, line, package, &want.specifiers);
    }

    fn finish(mut self) {
        for mut component in self.found {
            if let (Err(NoVersion::Range(_)), Some(pin)) =
                (&component.version, self.pins.get(component.package.name()))
            {
                component.version = Ok(pin.clone());
            }
            self.web.add(component);
        }
        for (number, via) in self.vias {
            let by = via.split([' ', '(', '[']).next().unwrap_or_default();
            match pypi_package(by).map(|by| self.web.find(by.name(), None)) {
                // `-r requirements.in`, `bastide (pyproject.toml)`: somebody asked for it.
                Some(found) if found.is_empty() => self.web.seed(Scope::Runtime, by, number),
                None => self.web.seed(Scope::Runtime, "", number),
                Some(found) => found.into_iter().for_each(|from| self.web.edge(from, number)),
            }
        }
        self.web.settle(self.draft);
    }
}

fn logical_lines(text: &str) -> Vec<Logical<'_>> {
    let mut all: Vec<Logical<'_>> = Vec::new();
    let mut open = false;
    for (number, physical) in (1..).zip(text.lines()) {
        let (code, comment) = split_comment(physical);
        let blank = code.trim().is_empty();
        if open && !physical.trim_start().starts_with('#') {
            if let Some(last) = all.last_mut() {
                last.text.push(' ');
                last.text.push_str(code.trim().trim_end_matches('\\'));
                last.comments.extend(comment);
            }
        } else if blank && comment.is_some() {
            // It belongs to the requirement above, or to nobody.
            if let Some(last) = all.last_mut() {
                last.comments.extend(comment);
            }
        } else {
            let text = code.trim().trim_end_matches('\\').to_owned();
            all.push(Logical { line: number, text, comments: comment.into_iter().collect() });
        }
        open = code.trim_end().ends_with('\\');
    }
    all
}

/// A comment begins the line, or follows a space (pip's `COMMENT_RE`).
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let start = line
        .char_indices()
        .find(|(at, sign)| *sign == '#' && (*at == 0 || line[..*at].ends_with(char::is_whitespace)));
    start.map_or((line, None), |(at, _)| (&line[..at], Some(line[at + 1..].trim())))
}

/// Who brings a package in, as comments below it tell.
fn vias(comments: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    let mut listing = false;
    for comment in comments.iter().take(10_000) {
        if let Some(rest) =
            comment.strip_prefix("via").filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            listing = true;
            all.extend(rest.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned));
        } else if listing && !comment.is_empty() {
            all.push((*comment).to_owned());
        } else {
            listing = false;
        }
    }
    all
}

/// An option and its value: `-r a.txt`, `-ra.txt`, `--requirement=a.txt`.
fn option(line: &str) -> Option<(&str, &str)> {
    if !line.starts_with('-') {
        return None;
    }
    if line.starts_with("--") {
        let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
        return Some((&line[..end], line[end..].trim_start_matches(['=', ' ', '\t']).trim()));
    }
    let end = line.char_indices().nth(2).map_or(line.len(), |(at, _)| at);
    Some((&line[..end], line[end..].trim()))
}

/// Refuses what is no name of a package but a place: a directory, an archive, an address.
fn refuse_places(text: &str) -> Result<(), String> {
    let before = text.split(['@', ';', ' ']).next().unwrap_or_default();
    let archive =
        [".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".whl"].iter().any(|end| before.ends_with(end));
    if before.contains("://") || before.starts_with("file:") {
        Err("an address without a name: nothing says which version it holds".to_owned())
    } else if before.starts_with('.') || before.contains('/') || before.contains('\\') || archive {
        Err("a directory or file: nothing says which version it holds".to_owned())
    } else {
        Ok(())
    }
}

/// The package and version in the name of a wheel (`PyPA` "Binary distribution format"), in a path or an address.
fn of_wheel(text: &str) -> Option<Wanted> {
    let address = text.split_once(" @ ").map_or(text, |(_, address)| address);
    let address = address.split([';', '#', '?', ' ']).next()?;
    let file = address.rsplit(['/', '\\']).next()?.strip_suffix(".whl")?;
    let parts: Vec<&str> = file.split('-').collect();
    let [name, version, _, ..] = parts[..] else { return None };
    let package = pypi_package(name)?;
    (5..=6).contains(&parts.len()).then(|| Wanted::exactly(&package, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_continuations_and_options_are_told_apart() {
        assert_eq!(split_comment("a==1 # why"), ("a==1 ", Some("why")));
        assert_eq!(split_comment("a @ https://x/#egg=a"), ("a @ https://x/#egg=a", None));
        assert_eq!(split_comment("# why"), ("", Some("why")));
        assert_eq!(option("--requirement=a.txt"), Some(("--requirement", "a.txt")));
        assert_eq!(option("-r  a.txt"), Some(("-r", "a.txt")));
        assert_eq!(option("-ra.txt"), Some(("-r", "a.txt")));
        assert_eq!(option("-é"), Some(("-é", "")));
        assert_eq!(option("a-b==1"), None);
        let lines = logical_lines("a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via b\nc");
        let told: Vec<_> = lines.iter().map(|one| (one.line, &*one.text, one.comments.len())).collect();
        assert_eq!(told, [(1, "a==1  --hash=sha256:00  --hash=sha256:01", 1), (5, "c", 0)]);
    }

    #[test]
    fn who_brings_it_in_is_read_from_comments_of_either_form() {
        assert_eq!(vias(&["via pandas"]), ["pandas"]);
        assert_eq!(vias(&["via", "-r requirements.in", "pandas"]), ["-r requirements.in", "pandas"]);
        assert_eq!(vias(&["via a, b", "", "a remark"]), ["a", "b"]);
        assert!(vias(&["viable"]).is_empty());
    }
}
