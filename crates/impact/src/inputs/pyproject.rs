//! `pyproject.toml`: what a project asks for. PEP 621 and 735, and the tables of Poetry, PDM and uv from before them.
//!
//! These are wishes, not an environment: a package has a version only where the wish is exact. Build requirements are
//! installed apart and thrown away; they constrain nothing.

use std::collections::HashSet;

use super::{
    draft::{Draft, pypi_package, shown, version_wanted},
    poetry_constraint,
    tree::{Node, Value},
    wanted::{Wanted, wanted},
};
use crate::inventory::Scope;

pub(super) fn read(tree: &Node, draft: &mut Draft) {
    let project = tree.get("project");
    let poetry = tree.get("tool").and_then(|tool| tool.get("poetry"));
    let name = project.or(poetry).and_then(|table| table.text_of("name")).unwrap_or_default().to_owned();
    if !name.is_empty() {
        draft.root(&name);
    }
    let mut reader = Reader { draft, name };
    if let Some(project) = project {
        reader.project(project);
    }
    reader.groups(tree.get("dependency-groups"), Scope::Dev);
    if let Some(build) = tree.get("build-system") {
        reader.list(build.items("requires"), Scope::Build);
    }
    if let Some(tool) = tree.get("tool") {
        reader.tools(tool);
    }
    if let Some(poetry) = poetry {
        reader.poetry(poetry);
    }
}

struct Reader<'a> {
    draft: &'a mut Draft,
    name: String,
}

impl Reader<'_> {
    fn project(&mut self, project: &Node) {
        self.list(project.items("dependencies"), Scope::Runtime);
        self.groups(project.get("optional-dependencies"), Scope::Extra);
        for field in project.texts_of("dynamic").filter(|field| field.ends_with("dependencies")) {
            let reason =
                "the list is made when the project is built; audit a lockfile or the installed environment";
            self.draft.unread(project.line, &format!("dynamic {field}"), reason);
        }
    }

    fn tools(&mut self, tool: &Node) {
        if let Some(uv) = tool.get("uv") {
            self.list(uv.items("dev-dependencies"), Scope::Dev);
            for list in ["constraint-dependencies", "override-dependencies"] {
                for entry in uv.items(list) {
                    if let Some(Ok(want)) = entry.text().map(wanted) {
                        self.draft.constrain(entry.line, pypi_package(&want.name), &want.specifiers, None);
                    }
                }
            }
        }
        if let Some(pdm) = tool.get("pdm") {
            self.groups(pdm.get("dev-dependencies"), Scope::Dev);
        }
    }

    fn groups(&mut self, groups: Option<&Node>, scope: Scope) {
        for (_, group) in groups.map_or(&[][..], Node::entries) {
            self.list(group.list(), scope);
        }
    }

    fn list(&mut self, entries: &[Node], scope: Scope) {
        for entry in entries {
            match &entry.value {
                Value::Text(text) => match wanted(text) {
                    Ok(want) => self.want(entry.line, &want, scope),
                    Err(reason) => self.draft.unread(entry.line, text, reason),
                },
                // The group stands elsewhere in the document and is read there.
                Value::Table(_) if entry.get("include-group").is_some() => {}
                _ => self.draft.unread(entry.line, "an entry of a list of requirements", "it is no text"),
            }
        }
    }

    fn want(&mut self, line: u32, want: &Wanted, scope: Scope) {
        let package = pypi_package(&want.name);
        // `app[all]` in an extra of the project itself.
        if package.is_some() && package == pypi_package(&self.name) {
            return;
        }
        if scope != Scope::Build {
            self.draft.constrain(line, package.clone(), &want.specifiers, None);
        }
        let version = version_wanted(want);
        let Some(mut component) = self.draft.component(line, package, &want.name, version) else { return };
        component.scope = scope;
        if !self.name.is_empty() {
            component.path.insert(0, shown(&self.name));
        }
        self.draft.push(component);
    }

    fn poetry(&mut self, poetry: &Node) {
        self.poetry_table(poetry.get("dependencies"), Scope::Runtime);
        self.poetry_table(poetry.get("dev-dependencies"), Scope::Dev);
        for (_, group) in poetry.get("group").map_or(&[][..], Node::entries) {
            self.poetry_table(group.get("dependencies"), Scope::Dev);
        }
    }

    fn poetry_table(&mut self, table: Option<&Node>, scope: Scope) {
        let mut seen = HashSet::new();
        for (name, entry) in table.map_or(&[][..], Node::entries).iter().filter(|(name, _)| name != "python")
        {
            // A list holds the same package for several environments.
            let forms = if matches!(entry.value, Value::List(_)) {
                entry.list()
            } else {
                std::slice::from_ref(entry)
            };
            for form in forms {
                let text = form.text().or_else(|| form.text_of("version"));
                let scope =
                    if form.is_true("optional") && scope == Scope::Runtime { Scope::Extra } else { scope };
                match text {
                    Some(text) => self.poetry_want(form.line, name, text, scope),
                    None if ["git", "path", "url", "file"].iter().any(|key| form.get(key).is_some()) => {
                        if let Some(package) = pypi_package(name) {
                            let want = Wanted { addressed: true, ..Wanted::any(&package) };
                            self.want(form.line, &want, scope);
                        }
                    }
                    None if seen.insert(name) => {
                        self.draft.unread(form.line, name, "it is neither a constraint nor a table with one");
                    }
                    None => {}
                }
            }
        }
    }

    fn poetry_want(&mut self, line: u32, name: &str, text: &str, scope: Scope) {
        let (Some(specifiers), Some(package)) = (poetry_constraint::translate(text), pypi_package(name))
        else {
            return self.draft.unread(line, &format!("{name} = {text}"), "this constraint cannot be read");
        };
        let exact =
            specifiers.strip_prefix("==").filter(|rest| !rest.contains([',', '*'])).map(str::to_owned);
        let want = Wanted { specifiers, exact, ..Wanted::any(&package) };
        self.want(line, &want, scope);
    }
}
