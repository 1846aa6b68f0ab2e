//! Changes of the documents that pin versions: requirements files and `pyproject.toml`.
//!
//! Only the version behind a pin or a lower bound is replaced; comments, order and layout stay. A change is kept when the
//! changed document, read again, differs in nothing but the version that was to change; otherwise it is refused with a reason.

use std::collections::BTreeMap;

use bastide_model::{package::Package, specifier::Specifiers, version::Version};

use super::{Admits, Audit, Held};
use crate::{
    inputs::{self, Kind, pypi_package},
    inventory::{Component, Inventory},
};

/// A document with its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The document's name.
    pub document: String,
    /// What it says now.
    pub before: String,
    /// What it is to say.
    pub after: String,
    /// The changes, a sentence each.
    pub changes: Vec<String>,
}

/// What was found out about mending documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Documents that change.
    pub rewrites: Vec<Rewrite>,
    /// What cannot be changed here, and what to do instead: a sentence each.
    pub refused: Vec<String>,
}

/// Where a version is to change.
struct Target<'a> {
    file: String,
    line: u32,
    package: &'a Package,
    to: &'a Version,
    kind: Kind,
}

/// Plans the changes. `text` gives the text of a document by its name.
pub fn plan(audit: &Audit, text: &mut dyn FnMut(&str) -> Option<String>) -> Plan {
    let mut plan = Plan::default();
    let mut files: BTreeMap<String, Rewrite> = BTreeMap::new();
    for held in &audit.held {
        let Some(to) = &held.upgrade.to else {
            plan.refused.push(format!("{}: no fixed version is known", held.label()));
            continue;
        };
        if let Admits::No(constraints) = &held.upgrade.admits
            && let Some(other) = constraints.iter().find_map(|constraint| constraint.by.as_deref())
        {
            plan.refused.push(format!("{}: {other} keeps {to} out; upgrade {other} first", held.label()));
            continue;
        }
        let targets = targets(held, to);
        for target in &targets {
            let fresh = |before: String| Rewrite {
                document: target.file.clone(),
                after: before.clone(),
                before,
                changes: Vec::new(),
            };
            let Some(rewrite) = files.remove(&target.file).or_else(|| text(&target.file).map(fresh)) else {
                plan.refused.push(format!("{}: {} cannot be read again", held.label(), target.file));
                continue;
            };
            let changed = change(&rewrite.after, target);
            let rewrite = match changed {
                Ok((after, words)) => {
                    let mut changes = rewrite.changes;
                    changes.extend((after != rewrite.after).then_some(words));
                    Rewrite { after, changes, ..rewrite }
                }
                Err(reason) => {
                    plan.refused.push(format!(
                        "{} in {}:{}: {reason}",
                        held.label(),
                        target.file,
                        target.line
                    ));
                    rewrite
                }
            };
            files.insert(target.file.clone(), rewrite);
        }
        // What lockfiles hold is for their own tools.
        for command in held.upgrade.commands.iter().filter(|command| !command.line.starts_with("bastide ")) {
            plan.refused.push(format!("{} in {}: run `{}`", held.label(), command.document, command.line));
        }
    }
    plan.rewrites = files.into_values().filter(|rewrite| !rewrite.changes.is_empty()).collect();
    plan
}

/// The pins of a held package, and the author's own constraints that are in the way.
fn targets<'a>(held: &'a Held, to: &'a Version) -> Vec<Target<'a>> {
    let mut all: Vec<Target<'a>> = Vec::new();
    let mut add = |file: Option<&str>, line: Option<u32>, kind: Option<Kind>| {
        let (Some(file), Some(line), Some(kind)) = (file, line, kind) else { return };
        if !all.iter().any(|one| (one.file.as_str(), one.line) == (file, line)) {
            all.push(Target { file: file.to_owned(), line, package: &held.advised_as, to, kind });
        }
    };
    let written = |kind: Kind| matches!(kind, Kind::Requirements | Kind::Pyproject);
    for holder in held.holders.iter().filter(|holder| {
        written(holder.kind) && !(holder.kind == Kind::Requirements && holder.path.len() > 1)
    }) {
        add(holder.place.file.as_deref(), holder.place.line, Some(holder.kind));
    }
    if let Admits::No(constraints) = &held.upgrade.admits {
        for constraint in constraints {
            let file = constraint.place.file.as_deref();
            let kind = file.and_then(|file| Kind::of_name(file.rsplit('/').next().unwrap_or(file)));
            add(file, constraint.place.line, kind.filter(|kind| written(*kind)));
        }
    }
    all
}

/// The document with the version changed, and a sentence about it.
fn change(text: &str, target: &Target<'_>) -> Result<(String, String), String> {
    let number = usize::try_from(target.line).unwrap_or(usize::MAX).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(number).map(str::len).sum();
    let line = text[start..].split_inclusive('\n').next().unwrap_or_default();
    if target.kind == Kind::Requirements && has_hash(&text[start..]) {
        return Err("it has hashes, which only its tool can find out; lock it anew".to_owned());
    }
    let wish = match target.kind {
        Kind::Requirements => wish_in_line(line, target.package),
        _ => wish_in_strings(line, target.package),
    };
    let (from, until) =
        wish.ok_or("the requirement does not stand on this line in a form that can be rewritten")?;
    let old = &line[from..until];
    let new = raised(old, target.to)?;
    let changed = [&text[..start + from], &new, &text[start + until..]].concat();
    verify(text, &changed, target)?;
    let words = format!(
        "{}:{}: {} {} becomes {}",
        target.file,
        target.line,
        target.package.name(),
        old.trim(),
        new.trim()
    );
    Ok((changed, words))
}

/// Whether the logical line that begins here has hashes.
fn has_hash(text: &str) -> bool {
    let mut lines = text.lines();
    loop {
        let Some(line) = lines.next() else { return false };
        if line.contains("--hash") {
            return true;
        }
        if !line.trim_end().ends_with('\\') {
            return false;
        }
    }
}

/// The bytes of the specifiers in a line of a requirements file.
fn wish_in_line(line: &str, package: &Package) -> Option<(usize, usize)> {
    let indent = line.len() - line.trim_start().len();
    let (from, until) = wish(&line[indent..], package)?;
    Some((indent + from, indent + until))
}

/// The bytes of the specifiers in the first string of a line that asks for the package: `"requests>=2.25,<2.28"`, or the
/// value of `requests = "2.25"`.
fn wish_in_strings(line: &str, package: &Package) -> Option<(usize, usize)> {
    let mut at = 0;
    while let Some(open) = line[at..].find(['"', '\'']).map(|found| at + found) {
        let quote = line[open..].chars().next()?;
        let inside = open + 1;
        let close = inside + line[inside..].find(quote)?;
        if let Some((from, until)) = wish(&line[inside..close], package) {
            return Some((inside + from, inside + until));
        }
        at = close + 1;
    }
    None
}

/// The bytes of the specifiers of a requirement that begins with the package's name.
fn wish(text: &str, package: &Package) -> Option<(usize, usize)> {
    let name_end =
        text.find(|sign: char| !sign.is_ascii_alphanumeric() && !"._-".contains(sign)).unwrap_or(text.len());
    if pypi_package(&text[..name_end]).as_ref() != Some(package) {
        return None;
    }
    let mut from = name_end;
    if text[from..].trim_start().starts_with('[') {
        from += text[from..].find(']')? + 1;
    }
    let rest = &text[from..];
    let end = [";", " #", "\t#", " --", "\\", "\n", "\r"]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min()
        .unwrap_or(rest.len());
    let until = from + rest[..end].trim_end().len();
    (!rest[..end].contains('@')).then_some((from, until))
}

/// The specifiers with the version raised: of a pin the version, of a range its lower bound; where there is none, one is set.
fn raised(old: &str, to: &Version) -> Result<String, String> {
    let brackets = old.trim_start().starts_with('(');
    let specifiers =
        Specifiers::parse(old.trim().trim_matches(['(', ')'])).map_err(|error| error.to_string())?;
    let new = to.normalised();
    if brackets {
        return Err("versions in brackets are not rewritten".to_owned());
    }
    if specifiers.is_any() {
        return Ok(format!("{old}>={new}"));
    }
    let pinned = specifiers.pinned().is_some() && specifiers.clauses().len() == 1;
    if !pinned && !specifiers.contains(to) {
        return Err(format!(
            "`{}` keeps {new} out; whether the program works with it only you know",
            old.trim()
        ));
    }
    for sign in if pinned { &["===", "=="][..] } else { &[">=", "~="][..] } {
        if let Some(at) = old.find(sign) {
            let after = at + sign.len();
            let gap = old[after..].len() - old[after..].trim_start().len();
            let version =
                old[after + gap..].find([',', ' ', '\t']).map_or(old.len(), |end| after + gap + end);
            return Ok([&old[..after + gap], &new, &old[version..]].concat());
        }
    }
    Ok(format!("{old},>={new}"))
}

/// Reads both and looks whether nothing changed but the wish for this package.
fn verify(before: &str, after: &str, target: &Target<'_>) -> Result<(), String> {
    let read = |text: &str| -> Inventory {
        inputs::read(target.kind, &target.file, text.as_bytes(), &mut |_, _| Err("not followed".to_owned()))
    };
    let (before, after) = (read(before), read(after));
    let unsure = || Err("the change would touch more than this package; change it by hand".to_owned());
    if before.components.len() != after.components.len() || before.unread != after.unread {
        return unsure();
    }
    for (old, new) in before.components.iter().zip(&after.components) {
        let target_itself =
            old.place == new.place && old.place.line == Some(target.line) && old.package == *target.package;
        if old.package != new.package
            || old.scope != new.scope
            || (old.version != new.version && !target_itself)
        {
            return unsure();
        }
        let wanted = |version: &Version| version == target.to;
        if target_itself
            && old.version != new.version
            && !new.version.as_ref().is_ok_and(wanted)
            && old.version.is_ok()
        {
            return unsure();
        }
    }
    let changed = |one: &&Component| one.place.line == Some(target.line) && one.package == *target.package;
    let pinned = before.components.iter().filter(changed).any(|one| one.version.is_ok());
    if pinned
        && !after
            .components
            .iter()
            .filter(changed)
            .any(|one| one.version.as_ref().is_ok_and(|version| version == target.to))
    {
        return unsure();
    }
    Ok(())
}
