//! pixi's `pixi.lock`, versions 4 to 7: <https://pixi.sh/latest/workspace/lockfile/>.
//!
//! conda packages carry `purls` where pixi knows which PyPI package they are made from. Since version 6 name and version
//! of a conda package stand in the name of its file only.

use super::{
    draft::{Draft, conda_package, conda_version, pypi_package, shown, version_of},
    purl,
    tree::Node,
    wanted::{Wanted, wanted},
    web::Web,
};
use crate::inventory::{Component, NoVersion};
use bastide_model::package::{Ecosystem, Package};

/// The versions of the format that are known here.
const VERSIONS: std::ops::RangeInclusive<i64> = 4..=7;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    let version = tree.word_of("version").unwrap_or_default();
    if !version.parse().is_ok_and(|number: i64| VERSIONS.contains(&number)) {
        let known = "versions 4 to 7 of the format are known; it is read as version 7";
        draft.unread(1, &format!("version: {}", shown(&version)), known);
    }
    let mut web = Web::default();
    let mut numbers = Vec::new();
    for package in tree.items("packages") {
        if let Some(source) = package.text_of("conda_source") {
            draft.unread(
                package.line,
                source,
                "a package that is built from its source has no version that an index knows",
            );
            continue;
        }
        let component = match (package.text_of("pypi"), package.text_of("conda")) {
            (Some(_), _) => pypi(package, draft),
            (None, Some(address)) => conda(package, address, draft),
            (None, None) if package.text_of("kind") == Some("pypi") => pypi(package, draft),
            (None, None) => conda(package, package.text_of("url").unwrap_or_default(), draft),
        };
        if let Some(component) = component {
            let conda = component.is_conda();
            numbers.push((package, conda, web.add(component)));
        }
    }
    for (package, conda, number) in numbers {
        for text in package.texts_of("depends").filter(|_| conda) {
            // `numpy >=1.22,<2.0a0`: what stands behind the name is conda's own language.
            let name = text.split([' ', '<', '>', '=', '!', '~', '[']).next().unwrap_or_default();
            for to in web.find(name, None) {
                web.edge(number, to);
            }
        }
        let by = package.text_of("name").unwrap_or_default().to_owned();
        for text in package.texts_of("requires_dist").filter(|_| !conda) {
            let Ok(Wanted { name, specifiers, marked, .. }) = wanted(text) else { continue };
            let Some(needed) = pypi_package(&name) else { continue };
            for to in web.find(needed.name(), None) {
                web.edge(number, to);
            }
            if !marked {
                draft.constrain(package.line, Some(needed), &specifiers, Some(&by));
            }
        }
    }
    web.settle(draft);
}

fn pypi(package: &Node, draft: &mut Draft) -> Option<Component> {
    let name = package.text_of("name").unwrap_or_default();
    let version = version_of(&Ecosystem::PyPi, package.word_of("version").as_deref());
    draft.component(package.line, pypi_package(name), name, version)
}

fn conda(package: &Node, address: &str, draft: &mut Draft) -> Option<Component> {
    let file = file_parts(address);
    let name = package.text_of("name").or(file.map(|(name, _)| name)).unwrap_or_default();
    let told = package.word_of("version").or(file.map(|(_, version)| version.to_owned()));
    let pypi: Option<Package> = package
        .texts_of("purls")
        .filter_map(purl::read)
        .map(|named| named.package)
        .find(|named| matches!(named.ecosystem(), Ecosystem::PyPi));
    let unquoted = package.get("version").is_some() && package.word_of("version").is_none();
    let version = if unquoted {
        Err(NoVersion::Invalid("the version is written as a number; it has to be quoted".to_owned()))
    } else {
        conda_version(pypi.as_ref(), told.as_deref())
    };
    let mut component = draft.component(package.line, conda_package(name), name, version)?;
    component.pypi = pypi;
    Some(component)
}

/// Name and version in a conda package's file name, `numpy-1.26.4-py312heda63a1_0.conda` (CEP 26).
pub(super) fn file_parts(address: &str) -> Option<(&str, &str)> {
    let file = address.rsplit('/').next()?;
    let stem = file.strip_suffix(".conda").or_else(|| file.strip_suffix(".tar.bz2"))?;
    let (rest, _build) = stem.rsplit_once('-')?;
    rest.rsplit_once('-')
}

#[cfg(test)]
mod tests {
    use super::file_parts;

    #[test]
    fn the_name_of_a_conda_file_tells_name_and_version() {
        let address =
            "https://conda.anaconda.org/conda-forge/noarch/typing-extensions-4.12.2-hd8ed1ab_0.conda";
        assert_eq!(file_parts(address), Some(("typing-extensions", "4.12.2")));
        assert_eq!(file_parts("ca-certificates-2024.7.4-h.tar.bz2"), Some(("ca-certificates", "2024.7.4")));
        assert_eq!(file_parts("."), None);
        assert_eq!(file_parts("a.conda"), None);
    }
}
