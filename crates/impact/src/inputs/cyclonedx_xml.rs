//! `CycloneDX` as XML, turned into the tree that its JSON would have given: <https://cyclonedx.org/docs/1.6/xml/>.
//!
//! Only what [`super::cyclonedx`] asks for is taken over. A document type declaration is refused, and with it every entity.

use roxmltree::{Document, Node as Element, ParsingOptions};

use super::tree::{Lines, MAX_DEPTH, MAX_VALUES, Node, Value};

/// Where the namespace of every version begins; its version follows.
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// The tree of a document, or why it cannot be read.
pub(super) fn tree(text: &str) -> Result<Node, String> {
    let limit = u32::try_from(MAX_VALUES).unwrap_or(u32::MAX);
    let options = ParsingOptions { allow_dtd: false, nodes_limit: limit, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| error.to_string())?;
    let root = document.root_element();
    let version = root.tag_name().namespace().and_then(|namespace| namespace.strip_prefix(NAMESPACE));
    let Some(version) = version.filter(|_| root.tag_name().name() == "bom") else {
        return Err("it is no <bom> of CycloneDX".to_owned());
    };
    let reader = Reader { lines: Lines::of(text) };
    let mut entries = vec![
        reader.text("bomFormat", "CycloneDX", root),
        reader.text("specVersion", version, root),
        ("components".to_owned(), reader.components(root, 0)?),
    ];
    if let Some(described) = child(root, "metadata").and_then(|metadata| child(metadata, "component")) {
        let described = vec![("component".to_owned(), reader.component(described, 0)?)];
        entries.push(("metadata".to_owned(), reader.at(root, Value::Table(described))));
    }
    let dependencies = child(root, "dependencies").map(elements).unwrap_or_default();
    let dependencies = dependencies.into_iter().map(|one| reader.dependency(one)).collect();
    entries.push(("dependencies".to_owned(), reader.at(root, Value::List(dependencies))));
    Ok(reader.at(root, Value::Table(entries)))
}

struct Reader<'text> {
    lines: Lines<'text>,
}

impl Reader<'_> {
    fn at(&self, element: Element<'_, '_>, value: Value) -> Node {
        Node { line: self.lines.line(element.range().start), value }
    }

    fn text(&self, name: &str, text: &str, element: Element<'_, '_>) -> (String, Node) {
        (name.to_owned(), self.at(element, Value::Text(text.trim().to_owned())))
    }

    fn components(&self, element: Element<'_, '_>, depth: usize) -> Result<Node, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} levels deep, the most that is read"));
        }
        let all = child(element, "components").map(elements).unwrap_or_default();
        let all = all.into_iter().map(|one| self.component(one, depth + 1)).collect::<Result<_, _>>()?;
        Ok(self.at(element, Value::List(all)))
    }

    fn component(&self, element: Element<'_, '_>, depth: usize) -> Result<Node, String> {
        let mut entries = vec![("components".to_owned(), self.components(element, depth)?)];
        for name in ["type", "bom-ref"] {
            entries.extend(element.attribute(name).map(|text| self.text(name, text, element)));
        }
        for name in ["name", "version", "purl", "scope", "versionRange"] {
            let text = child(element, name).and_then(|child| child.text());
            entries.extend(text.map(|text| self.text(name, text, element)));
        }
        Ok(self.at(element, Value::Table(entries)))
    }

    fn dependency(&self, element: Element<'_, '_>) -> Node {
        let needed = elements(element).into_iter().filter_map(|child| child.attribute("ref"));
        let needed = needed.map(|text| self.at(element, Value::Text(text.to_owned()))).collect();
        let mut entries = vec![("dependsOn".to_owned(), self.at(element, Value::List(needed)))];
        entries.extend(element.attribute("ref").map(|text| self.text("ref", text, element)));
        self.at(element, Value::Table(entries))
    }
}

fn elements<'a, 'input>(element: Element<'a, 'input>) -> Vec<Element<'a, 'input>> {
    element.children().filter(Element::is_element).collect()
}

fn child<'a, 'input>(element: Element<'a, 'input>, name: &str) -> Option<Element<'a, 'input>> {
    element.children().find(|child| child.is_element() && child.tag_name().name() == name)
}
