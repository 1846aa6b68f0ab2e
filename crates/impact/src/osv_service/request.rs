//! What a client asks: JSON as protocol buffers read it, then osv.dev's rules.
//!
//! A field that is null is a field that is not there. One that nobody knows is refused, as osv.dev's gateway does: a query with
//! a misspelt `version` would be answered with every record of the package otherwise.

use bastide_model::package::{Ecosystem, Package};
use packageurl::PackageUrl;
use serde_json::{Map, Value};

use super::{FIRST_PAGE_TOKEN, ServiceError};
use crate::database::{COMMIT, GIT, repository_name};

/// One query as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Query {
    commit: Option<String>,
    version: Option<String>,
    package: Option<QueryPackage>,
    page_token: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct QueryPackage {
    name: String,
    ecosystem: String,
    purl: String,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    /// The ecosystem as the index has it; without one the name is looked for in all of them.
    pub(super) ecosystem: Option<String>,
    /// The name as the index has it.
    pub(super) name: String,
    /// The version; without one every record of the package is meant.
    pub(super) version: Option<String>,
    /// Only ids behind this one.
    pub(super) after: Option<String>,
}

/// The body of `POST /v1/query`.
pub(super) fn single(body: &[u8]) -> Result<Query, ServiceError> {
    Query::read(&tree(body)?, "")
}

/// The queries of the body of `POST /v1/querybatch`.
pub(super) fn batch(body: &[u8]) -> Result<Vec<Query>, ServiceError> {
    let tree = tree(body)?;
    let mut queries = Vec::new();
    for (key, value) in fields(&tree, "")? {
        match (key, value) {
            ("queries", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    queries.push(Query::read(item, &format!("queries[{index}]"))?);
                }
            }
            ("queries", _) => return Err(wrong("queries", "a list")),
            (other, _) => return Err(unknown("", other)),
        }
    }
    Ok(queries)
}

fn tree(body: &[u8]) -> Result<Value, ServiceError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    // serde_json stops at 128 levels by itself.
    serde_json::from_slice(body)
        .map_err(|error| ServiceError::invalid(format!("the body is not JSON: {error}")))
}

/// The fields of an object that are not null.
fn fields<'tree>(
    value: &'tree Value,
    place: &str,
) -> Result<impl Iterator<Item = (&'tree str, &'tree Value)>, ServiceError> {
    let object = value.as_object().ok_or_else(|| wrong(place, "an object"))?;
    Ok(object.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.as_str(), value)))
}

fn wrong(place: &str, wanted: &str) -> ServiceError {
    let place = if place.is_empty() { "the body" } else { place };
    ServiceError::invalid(format!("{place}: must be {wanted}"))
}

fn unknown(place: &str, key: &str) -> ServiceError {
    let key: String = key.chars().take(64).collect();
    let place = if place.is_empty() { key } else { format!("{place}.{key}") };
    ServiceError::invalid(format!("{place}: Cannot find field."))
}

fn text(place: &str, key: &str, value: &Value) -> Result<String, ServiceError> {
    let place = if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    value.as_str().map(str::to_owned).ok_or_else(|| wrong(&place, "a text"))
}

impl Query {
    fn read(value: &Value, place: &str) -> Result<Self, ServiceError> {
        let mut query = Self::default();
        for (key, value) in fields(value, place)? {
            match key {
                "commit" => query.commit = Some(text(place, key, value)?),
                "version" => query.version = Some(text(place, key, value)?),
                "page_token" | "pageToken" => query.page_token = text(place, key, value)?,
                "package" => {
                    let place = if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
                    let mut package = QueryPackage::default();
                    for (key, value) in fields(value, &place)? {
                        match key {
                            "name" => package.name = text(&place, key, value)?,
                            "ecosystem" => package.ecosystem = text(&place, key, value)?,
                            "purl" => package.purl = text(&place, key, value)?,
                            other => return Err(unknown(&place, other)),
                        }
                    }
                    query.package = Some(package);
                }
                other => return Err(unknown(place, other)),
            }
        }
        Ok(query)
    }

    /// What is looked for; nothing for a package URL of a type that no record has, which is answered with nothing.
    pub(super) fn asked(&self) -> Result<Option<Asked>, ServiceError> {
        let after = after(&self.page_token)?;
        if let Some(commit) = &self.commit {
            return self.commit(commit, after).map(Some);
        }
        let package = self.package.as_ref().ok_or_else(|| ServiceError::invalid("invalid query"))?;
        let mut version = self.version.clone().filter(|version| !version.is_empty());
        let (mut ecosystem, mut name) = (package.ecosystem.clone(), package.name.clone());
        if !package.purl.is_empty() {
            if !name.is_empty() {
                return Err(ServiceError::invalid("name specified in a PURL query"));
            }
            if !ecosystem.is_empty() {
                return Err(ServiceError::invalid("ecosystem specified in a PURL query"));
            }
            let purl = purl(&package.purl)?;
            let Some((purl_ecosystem, purl_name, purl_version)) = purl else { return Ok(None) };
            if purl_version.is_some() && version.is_some() {
                return Err(ServiceError::invalid("version specified in params and PURL query"));
            }
            (ecosystem, name) = (purl_ecosystem, purl_name);
            version = version.or(purl_version);
        }
        let base = ecosystem.split(':').next().unwrap_or_default();
        if !ecosystem.is_empty() && base != GIT && !bastide_advisory::osv::is_ecosystem(base) {
            return Err(ServiceError::invalid("invalid ecosystem"));
        }
        // A name alone, of no ecosystem and no version, would be every record of every package that is called so.
        if name.is_empty() || (ecosystem.is_empty() && version.is_none()) {
            return Err(ServiceError::invalid("invalid query"));
        }
        if base == GIT {
            name = repository_name(&name);
        } else if !ecosystem.is_empty() {
            Package::new(Ecosystem::from_osv(base), &name).name().clone_into(&mut name);
        }
        let ecosystem = Some(ecosystem).filter(|ecosystem| !ecosystem.is_empty());
        Ok(Some(Asked { ecosystem, name, version, after }))
    }

    fn commit(&self, commit: &str, after: Option<String>) -> Result<Asked, ServiceError> {
        if self.version.is_some() {
            return Err(ServiceError::invalid("oneof field 'param' is already set. Cannot set 'version'"));
        }
        if commit.is_empty() {
            return Err(ServiceError::invalid("invalid query"));
        }
        let hexadecimal = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hexadecimal || commit.len() % 2 == 1 {
            return Err(ServiceError::invalid("invalid hash"));
        }
        let name = commit.to_ascii_lowercase();
        Ok(Asked { ecosystem: Some(COMMIT.to_owned()), name, version: None, after })
    }
}

/// The token of the page behind this id.
pub(super) fn page_token(after: Option<&str>) -> String {
    match after {
        Some(id) => format!("P:{}", data_encoding::BASE64URL.encode(id.as_bytes())),
        None => FIRST_PAGE_TOKEN.to_owned(),
    }
}

/// The id behind which a page begins.
fn after(token: &str) -> Result<Option<String>, ServiceError> {
    if token.is_empty() || token == FIRST_PAGE_TOKEN {
        return Ok(None);
    }
    let id = token.strip_prefix("P:").and_then(|rest| data_encoding::BASE64URL.decode(rest.as_bytes()).ok());
    let id = id.and_then(|bytes| String::from_utf8(bytes).ok());
    id.map(Some).ok_or_else(|| ServiceError::invalid("invalid cursor"))
}

/// Types of package URLs whose names are as they are, with the ecosystem of OSV.
const PURL_TYPES: [(&str, &str); 14] = [
    ("bitnami", "Bitnami"),
    ("cargo", "crates.io"),
    ("conan", "ConanCenter"),
    ("cran", "CRAN"),
    ("gem", "RubyGems"),
    ("generic", "OSS-Fuzz"),
    ("hackage", "Hackage"),
    ("hex", "Hex"),
    ("julia", "Julia"),
    ("npm", "npm"),
    ("nuget", "NuGet"),
    ("opam", "opam"),
    ("pub", "Pub"),
    ("pypi", "PyPI"),
];

/// Ecosystem, name and version of a package URL; nothing for a type that is not known.
fn purl(text: &str) -> Result<Option<(String, String, Option<String>)>, ServiceError> {
    let purl: PackageUrl<'_> = text
        .parse()
        .map_err(|error: packageurl::Error| ServiceError::invalid(format!("invalid PURL: {error}")))?;
    let (kind, namespace, name) = (purl.ty(), purl.namespace(), purl.name());
    let joined = |separator: &str| match namespace {
        Some(namespace) => format!("{namespace}{separator}{name}"),
        None => name.to_owned(),
    };
    let (ecosystem, name) = match (kind, namespace) {
        ("golang", _) => ("Go", joined("/")),
        ("maven", _) => ("Maven", joined(":")),
        ("composer", _) => ("Packagist", joined("/")),
        ("swift", _) => ("SwiftURL", joined("/")),
        ("deb", Some("debian")) => ("Debian", name.to_owned()),
        ("deb", Some("ubuntu")) => ("Ubuntu", name.to_owned()),
        ("apk", Some("alpine")) => ("Alpine", name.to_owned()),
        ("apk", Some("chainguard")) => ("Chainguard", name.to_owned()),
        ("apk", Some("wolfi")) => ("Wolfi", name.to_owned()),
        ("rpm", Some("almalinux")) => ("AlmaLinux", name.to_owned()),
        ("rpm", Some("redhat")) => ("Red Hat", name.to_owned()),
        ("rpm", Some("rocky-linux")) => ("Rocky Linux", name.to_owned()),
        ("rpm", Some("suse")) => ("SUSE", name.to_owned()),
        ("rpm", Some("opensuse")) => ("openSUSE", name.to_owned()),
        ("npm" | "hex", _) => (if kind == "npm" { "npm" } else { "Hex" }, joined("/")),
        _ => match PURL_TYPES.iter().find(|(known, _)| *known == kind) {
            Some((_, ecosystem)) => (*ecosystem, name.to_owned()),
            None => return Ok(None),
        },
    };
    let version = purl.version().filter(|version| !version.is_empty()).map(str::to_owned);
    Ok(Some((ecosystem.to_owned(), name, version)))
}
