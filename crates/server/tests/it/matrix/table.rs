//! The table of roles and what each route does, as people wrote them down.

use std::collections::{BTreeMap, BTreeSet};

use bastide_server::RouteRow;
use bastide_usecases::step::StepKind;
use serde::Deserialize;

const ROLES: &str = include_str!("roles.csv");
const ROUTES: &str = include_str!("routes.toml");

/// What a route is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    Everybody,
    Project,
    Case,
    Kept,
    Report,
    Account,
    Programme,
    Proposal,
}

/// What a cell of the table of roles says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) may: bool,
    pub(crate) after_confirming: bool,
    pub(crate) after_purpose: bool,
    /// Only once the advisory is out or the case is over.
    pub(crate) at_the_end: bool,
    /// Only about one's own.
    pub(crate) own: bool,
}

impl Cell {
    pub(crate) const NO: Self =
        Self { may: false, after_confirming: false, after_purpose: false, own: false, at_the_end: false };
    pub(crate) const YES: Self = Self { may: true, ..Self::NO };
}

/// One route as the test's own list has it.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) about: About,
    /// The row of the table of roles.
    pub(crate) row: String,
    /// Statuses that an allowed request may meet.
    pub(crate) also: Vec<u16>,
    /// Whether an empty body is enough to change something.
    pub(crate) acts: bool,
}

/// The two sources, read.
pub(crate) struct Tables {
    cells: BTreeMap<(String, String), Cell>,
    pub(crate) routes: Vec<Route>,
    pub(crate) parameters: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    routes: BTreeMap<String, String>,
    steps: BTreeMap<String, String>,
    reporter_steps: BTreeMap<String, String>,
    parameters: BTreeMap<String, String>,
}

impl Tables {
    pub(crate) fn read() -> Self {
        let written: Written = toml::from_str(ROUTES).expect("matrix/routes.toml reads");
        let mut routes: Vec<Route> = written.routes.iter().map(|(key, value)| route(key, value)).collect();
        for (doors, steps, about) in [
            (&["/cases/{case}/steps", "/api/v1/cases/{case}/steps"][..], &written.steps, About::Case),
            (&["/status/steps", "/api/v1/report/steps"], &written.reporter_steps, About::Report),
            (&["/reports/{case}/steps"], &written.reporter_steps, About::Kept),
        ] {
            for door in doors {
                routes.extend(steps.iter().map(|(name, row)| Route {
                    method: "POST".to_owned(),
                    path: format!("{door}/{name}"),
                    about,
                    row: row.clone(),
                    also: Vec::new(),
                    acts: false,
                }));
            }
        }
        let cells = cells();
        let rows: BTreeSet<&str> = cells.keys().map(|(row, _)| row.as_str()).collect();
        for route in routes.iter().filter(|route| route.about != About::Proposal) {
            assert!(
                rows.contains(route.row.as_str()),
                "matrix/routes.toml: {} {} does `{}`, which is no row of matrix/roles.csv",
                route.method,
                route.path,
                route.row
            );
        }
        Self { cells, routes, parameters: written.parameters }
    }

    /// The cell of this row and column.
    pub(crate) fn cell(&self, row: &str, column: &str) -> Cell {
        let cell = self.cells.get(&(row.to_owned(), column.to_owned()));
        *cell.unwrap_or_else(|| panic!("matrix/roles.csv has no cell for {row} and {column}"))
    }

    /// Every route of the code has a line here, and every line a route.
    pub(crate) fn compare(&self, table: &[RouteRow]) {
        let name = |method: &str, path: &str| format!("{method} {}", asset(path));
        let code: BTreeSet<String> = table.iter().map(|row| name(row.method.as_str(), &row.path)).collect();
        let here: BTreeSet<String> =
            self.routes.iter().map(|route| name(&route.method, &route.path)).collect();
        let new: Vec<&String> = code.difference(&here).collect();
        assert!(
            new.is_empty(),
            "say in crates/server/tests/it/matrix/routes.toml what these routes do, with a row of roles.csv \
             (a step's name under [steps], a reporter's also under [reporter-steps]):\n{new:#?}"
        );
        let gone: Vec<&String> = here.difference(&code).collect();
        assert!(gone.is_empty(), "matrix/routes.toml names routes that are no more:\n{gone:#?}");
        let steps: BTreeSet<&str> = StepKind::ALL.iter().map(|kind| kind.name).collect();
        assert!(steps.iter().all(|step| here.contains(&format!("POST /cases/{{case}}/steps/{step}"))));
    }
}

/// Assets have their content's digest in their name; one line stands for all.
fn asset(path: &str) -> String {
    if path.starts_with("/assets/") { "/assets/{style}".to_owned() } else { path.to_owned() }
}

fn route(key: &str, value: &str) -> Route {
    let wrong = format!("matrix/routes.toml: cannot read \"{key}\" = \"{value}\"");
    let (method, path) = key.split_once(' ').expect(&wrong);
    let (about, rest) = value.split_once(':').expect(&wrong);
    let (row, also) = rest.split_once('|').unwrap_or((rest, ""));
    let about = match about.trim() {
        "everybody" => About::Everybody,
        "project" => About::Project,
        "case" => About::Case,
        "kept" => About::Kept,
        "report" => About::Report,
        "account" => About::Account,
        "programme" => About::Programme,
        "proposal" if matches!(row.trim(), "read" | "decide") => About::Proposal,
        _ => panic!("{wrong}"),
    };
    Route {
        method: method.to_owned(),
        path: path.to_owned(),
        about,
        row: row.trim().to_owned(),
        also: also
            .split_whitespace()
            .filter(|word| *word != "acts")
            .map(|status| status.parse().expect("a status"))
            .collect(),
        acts: also.split_whitespace().any(|word| word == "acts"),
    }
}

fn cells() -> BTreeMap<(String, String), Cell> {
    let mut lines = ROLES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let columns: Vec<&str> = lines.next().expect("a head").split(';').skip(1).collect();
    let mut cells = BTreeMap::new();
    for line in lines {
        let mut parts = line.split(';');
        let row = parts.next().expect("a row's name");
        let written: Vec<&str> = parts.collect();
        assert_eq!(written.len(), columns.len(), "matrix/roles.csv: {row}");
        for (column, text) in columns.iter().zip(written) {
            let cell = match text {
                "-" => Cell::NO,
                "o" => Cell { own: true, ..Cell::YES },
                "o e" => Cell { own: true, at_the_end: true, ..Cell::YES },
                "y" | "2" => Cell::YES,
                "y s" | "2 s" => Cell { after_confirming: true, ..Cell::YES },
                "o p" | "y p" => Cell { after_purpose: true, ..Cell::YES },
                other => panic!("matrix/roles.csv: {row}, {column}: {other:?} is no cell"),
            };
            cells.insert((row.to_owned(), (*column).to_owned()), cell);
        }
    }
    cells
}
