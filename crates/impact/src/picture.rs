//! A picture of who is reached and in which state: an SVG of at most [`MAX_NODES`] nodes, with a table that says the same.
//!
//! What is drawn is a tree, because each dependent is shown with one way to the package. So it needs no layout of graphs: a
//! column for each step, leaves below each other, whoever others are reached through at the middle of them; no line crosses
//! another. The same answer gives the same bytes. States are told by words and signs, not by colour alone; colours follow the
//! reader's light or dark setting.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    graph::Part,
    triage::{Impact, State},
};

/// The most nodes of a picture.
pub const MAX_NODES: usize = 150;

/// How many signs of a name are shown; the whole name stands in its tooltip and in the table.
const NAME_SIGNS: usize = 24;

const COLUMN: usize = 250;
const ROW: usize = 30;
const BOX: (usize, usize) = (210, 22);
const MARGIN: usize = 16;
const HEAD: usize = 84;

/// A node of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Its name.
    pub name: String,
    /// Its state; none for the package itself.
    pub state: Option<State>,
    /// Its column: how many steps lie between it and the package on the way that is shown.
    pub column: usize,
    /// What it asks of the node that it hangs on; empty for the package itself.
    pub asks: String,
    /// The place of the node that it hangs on.
    pub requires: Option<usize>,
    /// Where it is drawn, in halves of a row.
    row: usize,
}

/// A picture, before it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The nodes, each after the one that it hangs on; the first is the package.
    pub nodes: Vec<Drawn>,
    /// How many dependents found no room.
    pub left_out: usize,
}

impl Impact<'_> {
    /// The picture of the dependents that `wanted` lets through, the most pressing first.
    pub fn picture(&self, wanted: impl Fn(State, Part<'_>) -> bool) -> Picture {
        let package = Drawn {
            name: self.exposure().package.name().to_owned(),
            state: None,
            column: 0,
            asks: String::new(),
            requires: None,
            row: 0,
        };
        let mut places = BTreeMap::from([(package.name.clone(), 0)]);
        let mut picture = Picture { nodes: vec![package], left_out: 0 };
        let (dependents, count) = self.dependents(MAX_NODES, wanted);
        let mut shown = 0;
        for dependent in &dependents {
            let new = dependent.path.iter().filter(|name| !places.contains_key(**name)).count();
            if picture.nodes.len() + new > MAX_NODES {
                continue;
            }
            shown += 1;
            for (name, next) in dependent.path.iter().rev().skip(1).zip(dependent.path.iter().rev()) {
                if places.contains_key(*name) {
                    continue;
                }
                let requires = places.get(*next).copied().unwrap_or(0);
                let column = picture.nodes[requires].column + 1;
                let (state, asks) = self.of_name(name, next);
                places.insert((*name).to_owned(), picture.nodes.len());
                picture.nodes.push(Drawn {
                    name: (*name).to_owned(),
                    state: Some(state),
                    column,
                    asks,
                    requires: Some(requires),
                    row: 0,
                });
            }
        }
        picture.left_out = count - shown;
        picture.place();
        picture
    }
}

impl Picture {
    /// Puts leaves below each other and every other node at the middle of what hangs on it.
    fn place(&mut self) {
        let mut hanging: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate() {
            if let Some(requires) = node.requires {
                hanging[requires].push(place);
            }
        }
        // Depth first with a stack of its own: a way may be as long as there are nodes.
        let mut order = Vec::new();
        let mut stack = vec![0];
        while let Some(place) = stack.pop() {
            order.push(place);
            stack.extend(hanging[place].iter().rev());
        }
        let mut next = 0;
        for place in &order {
            if hanging[*place].is_empty() {
                self.nodes[*place].row = next;
                next += 2;
            }
        }
        for place in order.iter().rev() {
            if let (Some(first), Some(last)) = (hanging[*place].first(), hanging[*place].last()) {
                self.nodes[*place].row = usize::midpoint(self.nodes[*first].row, self.nodes[*last].row);
            }
        }
    }

    /// The picture as a document of its own.
    pub fn svg(&self, title: &str) -> String {
        let columns = self.nodes.iter().map(|node| node.column).max().unwrap_or(0) + 1;
        let rows = self.nodes.iter().map(|node| node.row).max().unwrap_or(0) / 2 + 1;
        let (width, height) =
            ((columns * COLUMN + 2 * MARGIN - (COLUMN - BOX.0)).max(560), HEAD + rows * ROW + MARGIN);
        let (title, summary) = (escape(title), escape(&self.summary()));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\" viewBox=\"0 0 {width} \
             {height}\" width=\"{width}\" height=\"{height}\">\n<title id=\"t\">{title}</title>\n<desc \
             id=\"d\">{summary}</desc>\n<style>{STYLE}</style>\n<rect class=\"ground\" width=\"{width}\" \
             height=\"{height}\"/>\n<text class=\"title\" x=\"{MARGIN}\" y=\"28\">{title}</text>\n<text x=\"{MARGIN}\" \
             y=\"50\">{summary}</text>\n"
        );
        let mut x = MARGIN;
        for state in State::ALL {
            let label = format!("{} {}", sign(Some(state)), words(state));
            let _ = writeln!(out, "<text class=\"key {}\" x=\"{x}\" y=\"72\">{label}</text>", state.name());
            x += label.chars().count() * 7 + 18;
        }
        for node in &self.nodes {
            if let Some(other) = node.requires.and_then(|place| self.nodes.get(place)) {
                let ((x1, y1), (x2, y2)) = (at(other), at(node));
                let (x1, y1, y2) = (x1 + BOX.0, y1 + BOX.1 / 2, y2 + BOX.1 / 2);
                let middle = usize::midpoint(x1, x2);
                let _ = writeln!(out, "<path d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>");
            }
        }
        for node in &self.nodes {
            let (x, y) = at(node);
            let class = node.state.map_or("package", State::name);
            let told = node.state.map_or_else(
                || node.name.clone(),
                |state| format!("{}: {}; asks for {}", node.name, words(state), node.asks),
            );
            let mut label: String = node.name.chars().take(NAME_SIGNS).collect();
            if label.len() < node.name.len() {
                label.push('…');
            }
            let _ = writeln!(
                out,
                "<g class=\"{class}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" \
                 rx=\"4\"/><text x=\"{}\" y=\"{}\">{}{}</text></g>",
                escape(&told),
                BOX.0,
                BOX.1,
                x + 7,
                y + 15,
                node.state.map_or_else(String::new, |state| format!("{} ", sign(Some(state)))),
                escape(&label),
            );
        }
        out.push_str("</svg>\n");
        out
    }

    /// What the picture shows and what it leaves out, in one sentence.
    pub fn summary(&self) -> String {
        let shown = self.nodes.len() - 1;
        let rest = match self.left_out {
            0 => "nobody is left out".to_owned(),
            count => format!("{count} more have no room here and stand in the table"),
        };
        format!("{shown} of those that depend on {}; {rest}.", self.nodes[0].name)
    }

    /// The same as rows: name, state, what it asks for, of whom.
    pub fn rows(&self) -> impl Iterator<Item = [&str; 4]> {
        self.nodes.iter().filter_map(|node| {
            let requires = &self.nodes.get(node.requires?)?.name;
            Some([node.name.as_str(), words(node.state?), node.asks.as_str(), requires.as_str()])
        })
    }
}

fn at(node: &Drawn) -> (usize, usize) {
    (MARGIN + node.column * COLUMN, HEAD + node.row * ROW / 2)
}

fn sign(state: Option<State>) -> &'static str {
    match state {
        Some(State::Blocked) => "✖",
        Some(State::NoFix) => "∅",
        Some(State::Unknown) => "?",
        Some(State::ReLock) => "↻",
        Some(State::Safe) => "✓",
        None => "",
    }
}

/// A state in words.
pub const fn words(state: State) -> &'static str {
    match state {
        State::Blocked => "must act",
        State::NoFix => "no fix yet",
        State::Unknown => "unknown",
        State::ReLock => "re-lock",
        State::Safe => "safe",
    }
}

/// Text between tags or in quotes; what no XML may hold is left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ if bastide_model::output::is_deceptive(character) => {}
            _ => out.push(character),
        }
    }
    out
}

/// Colours with at least 4.5:1 between text and what lies behind it, light and dark.
const STYLE: &str = "\
svg{--ground:#fff;--text:#1b1f24;--line:#6e7781;--act:#a40e26;--none:#6639ba;--ask:#6f4400;--lock:#0550ae;--safe:#116329}\
@media(prefers-color-scheme:dark){svg{--ground:#0d1117;--text:#e6edf3;--line:#8b949e;--act:#ff938a;--none:#d2a8ff;\
--ask:#e3b341;--lock:#79c0ff;--safe:#7ee787}}\
text{font:13px system-ui,sans-serif;fill:var(--text)}.title{font-size:17px;font-weight:600}\
.ground{fill:var(--ground);stroke:none}rect{fill:var(--ground);stroke:var(--line)}path{fill:none;stroke:var(--line)}\
.package rect{stroke:var(--text);stroke-width:2}.package text{font-weight:600}\
.blocked rect{stroke:var(--act);stroke-width:2}.blocked text,text.blocked{fill:var(--act)}\
.no-fix rect{stroke:var(--none);stroke-width:2}.no-fix text,text.no-fix{fill:var(--none)}\
.unknown rect{stroke:var(--ask);stroke-dasharray:4 2}.unknown text,text.unknown{fill:var(--ask)}\
.re-lock rect{stroke:var(--lock)}.re-lock text,text.re-lock{fill:var(--lock)}\
.safe rect{stroke:var(--safe)}.safe text,text.safe{fill:var(--safe)}";

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use bastide_model::{
        package::{Ecosystem, Package},
        specifier::Specifiers,
    };

    use super::*;
    use crate::{
        graph::{Graph, Parts, build::Builder},
        requirement::Requirement,
        triage::{Exposure, Scope, Triage},
    };

    fn picture(lines: &[(String, String)]) -> Picture {
        let mut builder = Builder::new();
        for (project, requirement) in lines {
            builder.require(project, &Requirement::parse(requirement).unwrap()).unwrap();
        }
        let graph = Graph::read(&mut Cursor::new(builder.finish()), Parts::ALL).unwrap();
        let exposure =
            Exposure::of_specifiers(&Package::new(Ecosystem::PyPi, "p"), &Specifiers::parse("<2").unwrap());
        Triage::new(&graph).impact(&exposure, Scope::default()).unwrap().picture(|_, _| true)
    }

    fn lines(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        lines.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
    }

    #[test]
    fn a_small_neighbourhood_is_drawn_with_its_table() {
        let picture = picture(&lines(&[
            ("pinner", "p==1.4"),
            ("open", "p>=1"),
            ("safe", "p>=2"),
            ("behind", "pinner<3"),
            ("a-project-with-a-name-that-is-too-long-to-show", "pinner"),
            ("addressed", "p @ https://example.org/p.whl"),
        ]));
        let rows: Vec<String> = picture.rows().map(|row| row.join(" | ")).collect();
        insta::assert_snapshot!("table", rows.join("\n"));
        insta::assert_snapshot!("picture", picture.svg("p <2 & \"more\""));
    }

    #[test]
    fn a_picture_never_has_more_nodes_than_it_may_and_says_what_is_left_out() {
        let chain = |number: usize| {
            (format!("c{number}"), if number == 0 { "p<2".to_owned() } else { format!("c{}<9", number - 1) })
        };
        let long = picture(&(0..400).map(chain).collect::<Vec<_>>());
        assert_eq!((long.nodes.len(), long.left_out), (MAX_NODES, 400 - (MAX_NODES - 1)));
        assert!(long.svg("long").contains("have no room here"));
        let wide =
            picture(&(0..400).map(|number| (format!("w{number}"), "p<2".to_owned())).collect::<Vec<_>>());
        assert_eq!((wide.nodes.len(), wide.left_out), (MAX_NODES, 400 - (MAX_NODES - 1)));
        let mut rows: Vec<usize> = wide.nodes.iter().skip(1).map(|node| node.row).collect();
        rows.dedup();
        assert_eq!(rows.len(), MAX_NODES - 1, "no two lie on each other");
    }
}
