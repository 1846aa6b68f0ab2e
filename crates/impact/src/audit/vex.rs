//! OpenVEX documents: what somebody found out about whether a vulnerability matters.
//!
//! <https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>, versions 0.0.1 to 0.2.0. A statement clears an issue when
//! it names the vulnerability by any of its names, and the package either as its product, or as a subcomponent, or when its product is the
//! project whose environment is looked at. Of several statements the one with the latest instant counts.

use bastide_model::{package::Package, version::Version};

pub use super::document::DocumentError;
use super::{Issue, Standing, held::Group};
use crate::{
    inputs::{
        purl,
        tree::{self, Node, Syntax},
    },
    inventory::Inventory,
};

const REMEDY: &str = "give a JSON document of OpenVEX, with @context, author and statements";
/// The most statements of one document.
const MAX_STATEMENTS: usize = 100_000;

/// A document of statements.
#[derive(Debug, Clone, PartialEq)]
pub struct Vex {
    statements: Vec<Statement>,
}

/// What is the case with a vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does not matter here.
    NotAffected,
    /// It is fixed here.
    Fixed,
    /// It matters.
    Affected,
    /// Nobody knows yet.
    UnderInvestigation,
}

impl Status {
    /// As `OpenVEX` writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::Affected => "affected",
            Self::UnderInvestigation => "under_investigation",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Statement {
    names: Vec<String>,
    products: Vec<Product>,
    status: Status,
    reason: String,
    by: String,
    at: String,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq)]
struct Product {
    named: Option<(Package, Option<Version>)>,
    /// The identifier as written, for products that no package URL names.
    id: String,
    /// Nothing said: all of the product.
    parts: Vec<(Package, Option<Version>)>,
}

impl Vex {
    /// Reads a document.
    pub fn read(document: &str, bytes: &[u8]) -> Result<Self, DocumentError> {
        let refuse = |line, reason: String| DocumentError {
            document: document.to_owned(),
            line,
            reason,
            remedy: REMEDY,
        };
        let tree = tree::parse(bytes, Syntax::Json).map_err(|reason| refuse(None, reason))?;
        let context = tree.text_of("@context").unwrap_or_default();
        if !context.starts_with("https://openvex.dev/ns") {
            return Err(refuse(None, "it does not say that it is OpenVEX (`@context`)".to_owned()));
        }
        let list = tree.items("statements");
        if list.len() > MAX_STATEMENTS {
            return Err(refuse(None, format!("there are more than {MAX_STATEMENTS} statements")));
        }
        let statements = list
            .iter()
            .map(|node| statement(node, &tree).map_err(|reason| refuse(Some(node.line), reason)))
            .collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }
}

fn statement(node: &Node, document: &Node) -> Result<Statement, String> {
    let vulnerability = node.get("vulnerability").ok_or("`vulnerability` is missing")?;
    // Before 0.2.0 it was a text.
    let mut names: Vec<String> = vulnerability.text().map(str::to_owned).into_iter().collect();
    names.extend(vulnerability.text_of("name").map(str::to_owned));
    names.extend(vulnerability.texts_of("aliases").map(str::to_owned));
    if names.is_empty() {
        return Err("the vulnerability has no name".to_owned());
    }
    let status = match node.text_of("status") {
        Some("not_affected") => Status::NotAffected,
        Some("fixed") => Status::Fixed,
        Some("affected") => Status::Affected,
        Some("under_investigation") => Status::UnderInvestigation,
        _ => return Err("`status` is none of not_affected, affected, fixed, under_investigation".to_owned()),
    };
    let words: Vec<&str> =
        ["justification", "impact_statement"].iter().filter_map(|key| node.text_of(key)).collect();
    if status == Status::NotAffected && words.is_empty() {
        return Err("not_affected needs a justification or an impact_statement".to_owned());
    }
    let text = |key: &str| node.text_of(key).or_else(|| document.text_of(key)).unwrap_or_default().to_owned();
    Ok(Statement {
        names,
        products: node.items("products").iter().map(product).collect(),
        status,
        reason: words.join(": "),
        by: match text("supplier") {
            supplier if supplier.is_empty() => text("author"),
            supplier => supplier,
        },
        at: text("timestamp"),
    })
}

fn product(node: &Node) -> Product {
    let id = node.text().or_else(|| node.text_of("@id")).unwrap_or_default().to_owned();
    Product { named: named(node), id, parts: node.items("subcomponents").iter().filter_map(named).collect() }
}

fn named(node: &Node) -> Option<(Package, Option<Version>)> {
    let identifier = node.get("identifiers").and_then(|identifiers| identifiers.text_of("purl"));
    let text = identifier.or_else(|| node.text()).or_else(|| node.text_of("@id"))?;
    let named = purl::read(text)?;
    let version =
        named.version.as_deref().and_then(|text| Version::parse(named.package.ecosystem(), text).ok());
    Some((named.package, version))
}

/// Whether it is this package, in this version or in any.
fn is(named: &(Package, Option<Version>), group: &Group) -> bool {
    (named.0 == group.package || named.0 == group.advised_as)
        && named
            .1
            .as_ref()
            .is_none_or(|version| *version == group.version || version.as_str() == group.version.as_str())
}

/// Clears an issue where a statement does.
pub(super) fn judge(issue: &mut Issue, group: &Group, inventories: &[Inventory], documents: &[Vex]) {
    let names: Vec<&str> = issue.names().collect();
    let roots: Vec<&str> = inventories
        .iter()
        .filter(|inventory| super::held::directory(&inventory.document) == group.directory)
        .flat_map(|inventory| inventory.roots.iter().map(String::as_str))
        .collect();
    let about = |product: &Product| {
        if product.parts.is_empty() {
            let root = product.named.as_ref().map_or(product.id.as_str(), |(package, _)| package.name());
            product.named.as_ref().is_some_and(|named| is(named, group)) || roots.contains(&root)
        } else {
            product.parts.iter().any(|part| is(part, group))
        }
    };
    let said = documents.iter().flat_map(|vex| &vex.statements).filter(|statement| {
        statement.names.iter().any(|name| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
            && statement.products.iter().any(about)
    });
    // Instants of one form sort as texts; the later of two equal ones counts.
    let Some(last) = said.max_by(|left, right| left.at.cmp(&right.at)) else { return };
    if matches!(last.status, Status::NotAffected | Status::Fixed) {
        issue.standing =
            Standing::Cleared { status: last.status, by: last.by.clone(), reason: last.reason.clone() };
    }
}
