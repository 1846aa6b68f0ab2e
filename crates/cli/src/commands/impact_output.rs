//! How `bastide impact` writes its answer: text, JSON, a table.

use std::fmt::Write as _;

use bastide_impact::{
    graph::{Graph, Part, Wanted},
    picture::words,
    triage::{Counts, CountsByPart, Dependent, Impact, State},
};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, chain};

/// What comes before the states of dependents: what is affected, what fixes it.
fn heading(answer: &Impact<'_>, graph: &Graph) -> String {
    let exposure = answer.exposure();
    let fixed: Vec<String> = exposure.fixed.iter().map(ToString::to_string).collect();
    let fix = match fixed.as_slice() {
        [] if exposure.is_unfixed() => "nothing fixes it yet".to_owned(),
        [] => "fixed after these versions".to_owned(),
        some => format!("fixed in {}", some.join(", ")),
    };
    let id =
        if exposure.ranges == [exposure.id.clone()] { String::new() } else { format!("{}: ", exposure.id) };
    let hash: String = graph.content_hash().chars().take(12).collect();
    format!(
        "{id}{} {}; {fix}\nGraph: {} projects, {} edges, {hash}\n",
        exposure.package.name(),
        exposure.ranges.join(" or "),
        graph.projects(),
        graph.edges()
    )
}

fn counts_table(answer: &Impact<'_>) -> String {
    let (all, direct) = (answer.all(), answer.direct());
    let mut out = format!("\n{:<22}", "");
    for state in State::ALL {
        let _ = write!(out, "{:>11}", words(state));
    }
    let _ = writeln!(out, "{:>11}", "together");
    let mut row = |name: &str, counts: &Counts| {
        if counts.total() == 0 && name != "dependents" {
            return;
        }
        let _ = write!(out, "{name:<22}");
        for state in State::ALL {
            let _ = write!(out, "{:>11}", counts.of(state));
        }
        let _ = writeln!(out, "{:>11}", counts.total());
    };
    row("dependents", &all.runtime);
    row("  of them direct", &direct.runtime);
    row("extras", &all.extras);
    row("  of them direct", &direct.extras);
    row("for building", &all.build);
    out
}

/// For people.
pub(crate) fn text(
    answer: &Impact<'_>,
    graph: &Graph,
    most: usize,
    named: impl Fn(State, Part<'_>) -> bool + Copy,
) -> String {
    let mut out = heading(answer, graph);
    out.push_str(&counts_table(answer));
    if answer.closure().is_cut() {
        out.push_str("There are more, farther away than --depth says.\n");
    }
    for state in [State::Blocked, State::NoFix, State::Unknown, State::ReLock] {
        let (dependents, count) = answer.dependents(most, |one, part| one == state && named(one, part));
        if count == 0 {
            continue;
        }
        let _ = writeln!(out, "\n{}", explained(state));
        for dependent in &dependents {
            out.push_str(&one(answer, dependent));
        }
        if count > dependents.len() {
            let _ = writeln!(out, "  and {} more; --most 0 names all", count - dependents.len());
        }
    }
    out
}

const fn explained(state: State) -> &'static str {
    match state {
        State::Blocked => "Must act: what they ask for keeps every fixed version out.",
        State::NoFix => "No fix yet: all that they could take is affected.",
        State::Unknown => "Unknown: which versions they want cannot be told. Look at each.",
        State::ReLock => "Re-lock: they let the fix in; take it, and nothing else.",
        State::Safe => "Safe: they ask for nothing that is affected.",
    }
}

fn one(answer: &Impact<'_>, dependent: &Dependent<'_>) -> String {
    let mut out = format!("  {}\n", dependent.name);
    let next = dependent.path.get(1).copied().unwrap_or_default();
    if let Some(terms) = dependent.terms {
        let _ = writeln!(out, "    asks for: {next}{terms}");
    }
    if dependent.state == State::Blocked {
        if !dependent.blocking.is_empty() {
            let _ = writeln!(out, "    kept out by: {}", dependent.blocking.join(", "));
        }
        let _ = writeln!(out, "    what to do: {}", advice(dependent, next));
    } else if dependent.state == State::ReLock
        && dependent.path.len() == 2
        && let Some(fix) = dependent.terms.and_then(|terms| answer.fix_for(terms))
    {
        let _ = writeln!(out, "    what to do: lock {next}=={fix} or later");
    }
    if dependent.path.len() > 2 {
        let _ = writeln!(out, "    path: {}", dependent.path.join(" > "));
    }
    out
}

/// What a blocked dependent has to do, in words.
fn advice(dependent: &Dependent<'_>, next: &str) -> String {
    match &dependent.change {
        Some(change) => format!("write {next}{} and release", change.specifiers),
        None if dependent.path.len() > 2 => {
            format!("let the next release of {next} in, which has to act first, and release")
        }
        None => format!("let a later version of {next} in and release"),
    }
}

#[derive(Serialize)]
struct Document<'answer> {
    schema: &'static str,
    package: &'answer str,
    affected: Affected<'answer>,
    graph: Source,
    counts: Both,
    dependents: Vec<Row>,
    left_out: usize,
}

#[derive(Serialize)]
struct Affected<'answer> {
    id: &'answer str,
    ranges: &'answer [String],
    fixed: Vec<String>,
    unfixed: bool,
}

#[derive(Serialize)]
struct Source {
    sha256: String,
    projects: usize,
    edges: usize,
}

#[derive(Serialize)]
struct Both {
    direct: CountsByPart,
    all: CountsByPart,
}

#[derive(Serialize)]
struct Row {
    name: String,
    package: String,
    part: &'static str,
    extra: Option<String>,
    depth: usize,
    state: State,
    asks: Option<String>,
    marker: Option<String>,
    kept_out_by: Vec<String>,
    write_instead: Option<String>,
    path: Vec<String>,
}

impl Row {
    fn of(dependent: &Dependent<'_>, graph: &Graph) -> Self {
        let next = dependent.path.get(1).copied().unwrap_or_default();
        let (part, extra) = match dependent.part {
            Part::Runtime => ("runtime", None),
            Part::Extra(extra) => ("extra", Some(extra.to_owned())),
            Part::Build => ("build", None),
        };
        let asks = dependent.terms.and_then(|terms| match &terms.wanted {
            Wanted::Versions(specifiers) => Some(format!("{next}{specifiers}")),
            Wanted::Address | Wanted::Unreadable => None,
        });
        Self {
            name: dependent.name.to_owned(),
            package: graph.package_name(dependent.node).to_owned(),
            part,
            extra,
            depth: dependent.depth,
            state: dependent.state,
            asks,
            marker: dependent.terms.map(|terms| terms.marker.clone()).filter(|marker| !marker.is_empty()),
            kept_out_by: dependent.blocking.clone(),
            write_instead: dependent.change.as_ref().map(|change| format!("{next}{}", change.specifiers)),
            path: dependent.path.iter().map(|name| (*name).to_owned()).collect(),
        }
    }
}

/// For programs.
pub(crate) fn json(
    answer: &Impact<'_>,
    graph: &Graph,
    most: usize,
    named: impl Fn(State, Part<'_>) -> bool,
) -> String {
    let exposure = answer.exposure();
    let (dependents, count) = answer.dependents(most, named);
    let document = Document {
        schema: "impact-1",
        package: exposure.package.name(),
        affected: Affected {
            id: &exposure.id,
            ranges: &exposure.ranges,
            fixed: exposure.fixed.iter().map(ToString::to_string).collect(),
            unfixed: exposure.is_unfixed(),
        },
        graph: Source { sha256: graph.content_hash(), projects: graph.projects(), edges: graph.edges() },
        counts: Both { direct: answer.direct(), all: answer.all() },
        left_out: count - dependents.len(),
        dependents: dependents.iter().map(|dependent| Row::of(dependent, graph)).collect(),
    };
    // Texts, numbers and lists of them: nothing in it can fail to be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// A table. What is asked for begins with a name, never with `=`, which a spreadsheet would take for a formula.
pub(crate) fn csv(
    answer: &Impact<'_>,
    most: usize,
    named: impl Fn(State, Part<'_>) -> bool,
) -> Result<Vec<u8>, Diagnostic> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let (dependents, _) = answer.dependents(most, named);
    let titles = ["dependent", "state", "depth", "asks for", "kept out by", "write instead", "path"];
    let mut written = out.write_record(titles);
    for dependent in &dependents {
        let next = dependent.path.get(1).copied().unwrap_or_default();
        let of_next = |text: &str| if text.is_empty() { String::new() } else { format!("{next} {text}") };
        let asks = dependent.terms.map_or_else(String::new, |terms| format!("{next}{terms}"));
        let instead = dependent
            .change
            .as_ref()
            .map_or_else(String::new, |change| format!("{next}{}", change.specifiers));
        written = written.and_then(|()| {
            out.write_record([
                dependent.name,
                dependent.state.name(),
                &dependent.depth.to_string(),
                &asks,
                &of_next(&dependent.blocking.join(",")),
                &instead,
                &dependent.path.join(" > "),
            ])
        });
    }
    let cannot = |error: &dyn std::error::Error| {
        Diagnostic::cannot(format!("the table cannot be made: {}", chain(error)))
    };
    written.map_err(|error| cannot(&error))?;
    out.into_inner().map_err(|error| cannot(error.error()))
}
