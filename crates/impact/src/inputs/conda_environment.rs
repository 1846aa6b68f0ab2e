//! conda's `environment.yml`: wishes, some of which are exact.
//!
//! <https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html>. A version is exact when it is
//! written with `==`, with a build (`numpy=1.26.4=py312_0`), or with one `=` and at least three numbers: conda reads that as
//! "begins with", and there is nothing finer than three numbers in practice.

use super::{
    draft::{Draft, conda_package, conda_version, pypi_package, shown, version_wanted},
    tree::{Node, Value},
    wanted::wanted,
};
use crate::inventory::NoVersion;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    if let Some(name) = tree.text_of("name") {
        draft.root(name);
    }
    let Some(list) = tree.get("dependencies").filter(|list| matches!(list.value, Value::List(_))) else {
        draft.unread(
            1,
            "dependencies",
            "there is no list of this name, so the document says nothing of its packages",
        );
        return;
    };
    for entry in list.list() {
        if let Some(text) = entry.text() {
            conda(entry.line, text, draft);
        } else if let Some(pip) = entry.get("pip") {
            for line in pip.list() {
                match line.text() {
                    Some(text) => pypi(line.line, text, draft),
                    None => draft.unread(line.line, "an entry under pip", "it is no text"),
                }
            }
        } else {
            draft.unread(entry.line, "an entry", "it is neither a package nor a list for pip");
        }
    }
}

fn conda(line: u32, text: &str, draft: &mut Draft) {
    let text = text.trim();
    // `conda-forge::numpy`, `numpy[version='1.2']`
    let (_, plain) = text.rsplit_once("::").unwrap_or(("", text));
    let (plain, brackets) = plain.split_once('[').unwrap_or((plain, ""));
    let end = plain.find(|sign: char| " <>=!~*".contains(sign)).unwrap_or(plain.len());
    let (name, wish) = plain.split_at(end);
    let named = conda_package(name);
    if named.is_none() {
        draft.unread(line, text, "this is not the name of a conda package");
        return;
    }
    let version = match exact(wish.trim()) {
        Some(version) if brackets.is_empty() => conda_version(None, Some(version)),
        _ if brackets.is_empty() => Err(NoVersion::Range(shown(wish))),
        _ => Err(NoVersion::Range(shown(&format!("{wish}[{brackets}")))),
    };
    if let Some(component) = draft.component(line, named, name, version) {
        draft.push(component);
    }
}

/// The one version that a wish means.
fn exact(wish: &str) -> Option<&str> {
    let plain = |version: &str| {
        !version.is_empty() && !version.contains(['*', ',', '|', '<', '>', '!', '~', ' ', '='])
    };
    if let Some(version) = wish.strip_prefix("==") {
        return Some(version.trim()).filter(|version| plain(version));
    }
    let rest = wish
        .strip_prefix('=')
        .or_else(|| wish.starts_with(|sign: char| sign.is_ascii_digit()).then_some(wish))?;
    let mut parts = rest.split(['=', ' ']).filter(|part| !part.is_empty());
    let (version, build) = (parts.next()?, parts.next());
    let fine = version.split('.').count() >= 3;
    Some(version).filter(|version| plain(version) && (build.is_some() || fine))
}

fn pypi(line: u32, text: &str, draft: &mut Draft) {
    if text.trim_start().starts_with('-') {
        draft.unread(
            line,
            text,
            "options of pip in an environment are not followed; audit the file that it names",
        );
        return;
    }
    match wanted(text) {
        Ok(want) => {
            let package = pypi_package(&want.name);
            draft.constrain(line, package.clone(), &want.specifiers, None);
            if let Some(component) = draft.component(line, package, &want.name, version_wanted(&want)) {
                draft.push(component);
            }
        }
        Err(reason) => draft.unread(line, text, reason),
    }
}

#[cfg(test)]
mod tests {
    use super::exact;

    #[test]
    fn a_wish_is_exact_or_it_is_not() {
        for (wish, version) in [
            ("==1.26", Some("1.26")),
            ("=1.26.4", Some("1.26.4")),
            ("=1.26=py312_0", Some("1.26")),
            (" 1.26.4 py312_0", None),
            ("1.26.4 py312_0", Some("1.26.4")),
            ("=1.26", None),
            ("=1.26.*", None),
            (">=1.26", None),
            ("==1.26,<2", None),
            ("", None),
        ] {
            assert_eq!(exact(wish), version, "{wish}");
        }
    }
}
