//! Policies by name, and what they inherit from each other.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use bastide_model::party::Slug;
use serde_json::{Map, Value, json};

use super::{
    field::FIELDS,
    nearest::nearest,
    problem::{PolicyProblem, Problems},
    read::{Statements, read},
    value::{Policy, SourceNote},
};

/// The longest chain of inheritance.
const LONGEST_LINEAGE: usize = 8;

/// The built-in policies: name and text of the file under `policies/`.
const BUILTIN_FILES: &[(&str, &str)] = &[
    ("default", include_str!("../../../../policies/default.toml")),
    ("jupyter", include_str!("../../../../policies/jupyter.toml")),
    ("cpython", include_str!("../../../../policies/cpython.toml")),
    ("numpy", include_str!("../../../../policies/numpy.toml")),
    ("scipy", include_str!("../../../../policies/scipy.toml")),
];

/// The names of the built-in policies.
pub const BUILTIN_NAMES: &[&str] = &["default", "jupyter", "cpython", "numpy", "scipy"];

/// The built-in policy of this name.
pub fn builtin(name: &str) -> Option<Policy> {
    static RESOLVED: LazyLock<BTreeMap<&str, Policy>> = LazyLock::new(|| {
        let library = Library::builtin();
        BUILTIN_FILES
            .iter()
            .filter_map(|(name, text)| Some((*name, library.check(text, &format!("{name}.toml")).ok()?)))
            .collect()
    });
    RESOLVED.get(name).cloned()
}

/// Checks a policy file that may inherit the built-in policies. Returns the resolved policy or every problem.
pub fn check(text: &str, file_name: &str) -> Result<Policy, Vec<PolicyProblem>> {
    Library::builtin().check(text, file_name)
}

/// The text of the built-in policy file of this name, comments and all.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    BUILTIN_FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Policy files by name: those that a policy may inherit.
#[derive(Debug, Clone, Default)]
pub struct Library {
    files: BTreeMap<String, String>,
}

impl Library {
    /// A library without any policy.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The built-in policies.
    pub fn builtin() -> Self {
        let files =
            BUILTIN_FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self { files }
    }

    /// The library with one more file under this name, which hides a file that had the name before.
    #[must_use]
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    /// The names of the policies in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Checks a file and resolves what it inherits from this library.
    pub fn check(&self, text: &str, file_name: &str) -> Result<Policy, Vec<PolicyProblem>> {
        let mut problems = Problems::new(file_name, text);
        let own = read(text, &mut problems);
        let ancestors = self.ancestors(&own, &mut problems);
        let Some(ancestors) = ancestors else { return Err(problems.into_sorted()) };
        let mut resolution = Resolution::default();
        for (name, statements) in ancestors.iter().rev() {
            resolution.apply(name, statements);
        }
        resolution.apply(own.text("name").unwrap_or_default(), &own);
        resolution.complain_about_missing(&own, &mut problems);
        resolution.check_together(&own, &mut problems);
        if !problems.is_empty() {
            return Err(problems.into_sorted());
        }
        match resolution.finish(&own, &ancestors) {
            Ok(policy) => Ok(policy),
            Err(error) => {
                problems.add(
                    &(0..0),
                    "",
                    format!("this policy cannot be put together: {error}"),
                    "report this",
                );
                Err(problems.into_sorted())
            }
        }
    }

    /// The policies that `own` inherits, nearest first. None after a problem that makes later checks pointless.
    fn ancestors(&self, own: &Statements, problems: &mut Problems<'_>) -> Option<Vec<(String, Statements)>> {
        let mut found: Vec<(String, Statements)> = Vec::new();
        let mut chain: Vec<String> = own.text("name").map(str::to_owned).into_iter().collect();
        let mut next = own.text("inherits").map(str::to_owned);
        let span = own.span("inherits");
        while let Some(name) = next {
            if chain.contains(&name) {
                chain.push(name);
                let message = format!("the inheritance runs in a circle: {}", chain.join(" inherits "));
                problems.add(&span, "inherits", message, "let one of them inherit `default`, or nothing");
                return None;
            }
            if found.len() == LONGEST_LINEAGE {
                let message = format!("the chain of inheritance is longer than {LONGEST_LINEAGE}");
                problems.add(&span, "inherits", message, "inherit a policy nearer to `default`");
                return None;
            }
            let Some(text) = self.files.get(&name) else {
                let remedy = match nearest(&name, self.names()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known policies: {}", self.names().collect::<Vec<_>>().join(", ")),
                };
                problems.add(&span, "inherits", format!("there is no policy `{name}`"), remedy);
                return None;
            };
            let mut theirs = Problems::new(&name, text);
            let statements = read(text, &mut theirs);
            if let Some(first) = theirs.into_sorted().first() {
                let message = format!("the inherited policy has problems, the first: {first}");
                problems.add(&span, "inherits", message, format!("mend the policy `{name}` first"));
                return None;
            }
            next = statements.text("inherits").map(str::to_owned);
            chain.push(name.clone());
            found.push((name, statements));
        }
        Some(found)
    }
}

/// The fields as they are filled, from the oldest ancestor to the file itself.
#[derive(Default)]
struct Resolution {
    values: BTreeMap<String, Value>,
    dispositions: BTreeMap<String, Value>,
    sources: BTreeMap<String, (String, Option<String>)>,
}

impl Resolution {
    fn apply(&mut self, policy: &str, statements: &Statements) {
        for field in FIELDS {
            let source = statements.sources.get(field.path).cloned();
            if let Some(statement) = statements.fields.get(field.path) {
                self.values.insert(field.path.to_owned(), statement.value.clone());
                self.sources.insert(field.path.to_owned(), (policy.to_owned(), source));
            } else if let (Some(entry), Some(source)) = (self.sources.get_mut(field.path), source) {
                // A child may confirm an inherited value with a source of its own.
                entry.1 = Some(source);
            }
        }
        for (rule, statement) in &statements.dispositions {
            self.dispositions.insert(rule.clone(), statement.value.clone());
        }
    }

    fn complain_about_missing(&self, own: &Statements, problems: &mut Problems<'_>) {
        if own.fields.contains_key("inherits") {
            return;
        }
        for field in FIELDS.iter().filter(|field| field.required && !self.values.contains_key(field.path)) {
            let message = format!("`{}` is missing ({})", field.path, field.meaning);
            let remedy = format!("write {}, or `inherits = \"default\"`", field.form.in_words());
            problems.add(&own.span("name"), field.path, message, remedy);
        }
    }

    /// What no field shows alone: bounds that must fit together.
    fn check_together(&self, own: &Statements, problems: &mut Problems<'_>) {
        let number = |path: &str| self.values.get(path).and_then(Value::as_i64);
        let mut at_most = |small: &str, large: &str, remedy: &str| {
            if let (Some(less), Some(more)) = (number(small), number(large))
                && less > more
            {
                let place = place_of(own, &[small, large]);
                problems.add(&place, small, format!("{small} is {less}, {large} is only {more}"), remedy);
            }
        };
        at_most("embargo.minimum-days", "embargo.maximum-days", "lower the minimum or raise the maximum");
        at_most("embargo.minimum-days", "embargo.default-days", "lower the minimum or raise the default");
        at_most("embargo.default-days", "embargo.maximum-days", "lower the default or raise the maximum");
        at_most(
            "deadlines.acknowledge-days",
            "deadlines.disclosure-days",
            "acknowledge a report before it is disclosed",
        );
        at_most(
            "deadlines.notice-days",
            "deadlines.disclosure-days",
            "shorten the notice or lengthen the disclosure",
        );
        at_most(
            "lint.attachment-bytes",
            "lint.report-bytes",
            "an attachment is a part of the report: raise report-bytes",
        );
        if let (Some(hours), Some(days)) =
            (number("embargo.invitation-floor-hours"), number("embargo.invitation-days"))
            && hours > days * 24
        {
            let paths = ["embargo.invitation-floor-hours", "embargo.invitation-days"];
            let message = format!("invitations give {days} days, yet the floor is {hours} hours");
            problems.add(
                &place_of(own, &paths),
                paths[0],
                message,
                "lower the floor or lengthen the invitation",
            );
        }
        // `default` is the one template: it serves nobody by itself, so it alone may name no contact.
        let reachable = ["contact.mail", "contact.form"].iter().any(|path| self.values.contains_key(*path));
        if !reachable && own.text("name") != Some("default") {
            let message = "nobody can send a report: neither contact.mail nor contact.form is set";
            let remedy = "write `mail = [\"security@example.org\"]` with your address under [contact]";
            problems.add(&own.span("name"), "contact.mail", message, remedy);
        }
        let first_reminder =
            self.values.get("deadlines.reminder-days").and_then(|list| list.get(0)).and_then(Value::as_i64);
        if let (Some(first), Some(days)) = (first_reminder, number("deadlines.disclosure-days"))
            && first >= days
        {
            let paths = ["deadlines.reminder-days", "deadlines.disclosure-days"];
            let message =
                format!("the first reminder is {first} days before a disclosure that is due after {days}");
            problems.add(&place_of(own, &paths), paths[0], message, "name fewer days than disclosure-days");
        }
    }

    fn finish(
        self,
        own: &Statements,
        ancestors: &[(String, Statements)],
    ) -> Result<Policy, serde_json::Error> {
        let mut root = Map::new();
        for path in ["schema", "name", "title", "version"] {
            if let Some(statement) = own.fields.get(path) {
                root.insert(path.to_owned(), statement.value.clone());
            }
        }
        let lineage: Vec<&str> =
            own.text("name").into_iter().chain(ancestors.iter().map(|(name, _)| name.as_str())).collect();
        root.insert("lineage".to_owned(), json!(lineage));
        for (path, value) in self.values {
            match path.split_once('.') {
                None => {
                    root.insert(path, value);
                }
                Some((table, key)) => {
                    root.entry(table.to_owned()).or_insert_with(|| json!({}))[key] = value;
                }
            }
        }
        root.entry("lint").or_insert_with(|| json!({}))["dispositions"] = json!(self.dispositions);
        let sources: BTreeMap<String, SourceNote> = self
            .sources
            .into_iter()
            .filter_map(|(path, (policy, source))| {
                let policy: Slug = policy.parse().ok()?;
                Some((path, SourceNote { policy, source }))
            })
            .collect();
        root.insert("sources".to_owned(), serde_json::to_value(sources)?);
        serde_json::from_value(Value::Object(root))
    }
}

/// The place of the first of these fields that the file sets itself, or of what it inherits.
fn place_of(own: &Statements, paths: &[&str]) -> Range<usize> {
    paths
        .iter()
        .find(|path| own.fields.contains_key(**path))
        .map_or_else(|| own.span("inherits"), |path| own.span(path))
}
