//! `bastide graph import SOURCE...`: who depends on whom, from what people have.

use std::{
    fs::{self, File},
    io::{BufReader, Read, Write as _},
    path::{Path, PathBuf},
};

use bastide_impact::graph::{
    Graph, Parts,
    import::{Import, MAX_RECORD_BYTES, csv, edges, json, metadata},
};
use bastide_model::output::Outcome;
use clap::{Args, ValueEnum};

use crate::{
    desk_place,
    diagnostic::{Diagnostic, chain},
    input, terminal,
};

/// The most bytes that one source unpacks to.
const MAX_SOURCE_BYTES: u64 = 4 << 30;
/// The deepest directory below a source that is looked into.
const MAX_DEPTH: usize = 16;
/// How many refusals are shown.
const SHOWN: usize = 10;

/// Read who depends on whom, for `bastide impact`: all sources together become one graph, in place of the one before.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  bastide graph import pypi-top8000-dependencies-2025-01.csv.xz\n  bastide graph import --as \
                  json requests.json    as https://pypi.org/pypi/requests/json gives it\n  bastide graph import \
                  metadata/ edges.tsv"
)]
pub(crate) struct GraphImport {
    /// A table (.csv), PyPI's JSON (.json, .jsonl), core metadata (METADATA, .metadata), a list of edges (.tsv, .edges), each
    /// also packed as .xz; or a directory of such files.
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,
    /// What the sources are, whatever their names say.
    #[arg(long = "as", value_name = "KIND")]
    kind: Option<Kind>,
    #[command(flatten)]
    place: GraphPlace,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A row for each project.
    Csv,
    /// PyPI's JSON.
    Json,
    /// Core metadata (PEP 658).
    Metadata,
    /// A line for each requirement.
    Edges,
}

/// Where the graph lies.
#[derive(Debug, Args)]
pub(crate) struct GraphPlace {
    /// The data directory; the graph lies in `graph` in it. Without it: `bastide` under `$XDG_DATA_HOME`, or `~/.local/share`.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl GraphPlace {
    /// The data directory.
    pub(crate) fn data(&self) -> Result<PathBuf, Diagnostic> {
        self.data.clone().map_or_else(desk_place::home, Ok)
    }

    fn snapshot(&self) -> Result<PathBuf, Diagnostic> {
        Ok(self.data()?.join("graph").join("snapshot"))
    }

    /// Reads the graph.
    pub(crate) fn read(&self, parts: Parts) -> Result<Graph, Diagnostic> {
        let path = self.snapshot()?;
        let mut file = File::open(&path).map_err(|error| {
            Diagnostic::cannot(format!("there is no graph to be read here: {error}"))
                .at(path.display().to_string())
                .remedy("make one with `bastide graph import SOURCE`, or name where it is with `--data DIR`")
        })?;
        Graph::read(&mut file, parts)
            .map_err(|error| Diagnostic::cannot(chain(&error)).at(path.display().to_string()))
    }

    /// Writes a graph beside its name, makes it durable and renames it: a graph of this name is whole.
    fn write(&self, bytes: &[u8]) -> Result<PathBuf, Diagnostic> {
        let path = self.snapshot()?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let written = || -> std::io::Result<()> {
            fs::create_dir_all(directory)?;
            let mut beside = tempfile::Builder::new().prefix("snapshot.").tempfile_in(directory)?;
            beside.write_all(bytes)?;
            beside.as_file().sync_all()?;
            beside.persist(&path)?;
            File::open(directory)?.sync_all()
        };
        written().map_err(|error| {
            Diagnostic::cannot(format!("the graph cannot be written: {error}"))
                .at(path.display().to_string())
                .remedy("name a directory where you may write with `--data DIR`")
        })?;
        Ok(path)
    }
}

impl GraphImport {
    pub(crate) fn run(&self) -> Result<Outcome, Diagnostic> {
        let mut import = Import::default();
        for source in &self.sources {
            if source.is_dir() {
                let mut files = Vec::new();
                walk(source, 0, &mut files)?;
                for file in files {
                    Self::read(&file, self.kind.or_else(|| kind_of(&file)), &mut import)?;
                }
            } else {
                let kind = self.kind.or_else(|| kind_of(source)).ok_or_else(|| {
                    Diagnostic::usage("its name does not say what it is")
                        .at(input::shown(source))
                        .remedy("say it with `--as csv`, `--as json`, `--as metadata` or `--as edges`")
                })?;
                Self::read(source, Some(kind), &mut import)?;
            }
        }
        let Import { builder, report } = import;
        if report.projects == 0 {
            return Err(Diagnostic::cannot(
                "no project was found in these sources, so the graph stays as it was",
            )
            .at(self.sources.iter().map(|source| input::shown(source)).collect::<Vec<_>>().join(", "))
            .remedy("check that they are what you mean; `bastide graph import --help` names what is read"));
        }
        let loops = builder.loops();
        let bytes = builder.finish();
        let graph = Graph::read(&mut std::io::Cursor::new(&bytes), Parts::REACH)
            .map_err(|error| Diagnostic::cannot(chain(&error)))?;
        let path = self.place.write(&bytes)?;
        let mut lines = vec![format!(
            "{} projects; with what they require {} packages and extras, {} edges between them. The graph is in {}.",
            graph.projects(),
            graph.nodes(),
            graph.edges(),
            path.display()
        )];
        let mut told = |count: usize, what: &str| {
            if count > 0 {
                lines.push(format!("{count} {what}"));
            }
        };
        told(report.requirements, "requirements were read.");
        told(report.amended, "of them are written against PEP 508 and were read as everybody reads them.");
        told(loops, "requirements of a package on itself are no edges.");
        told(
            report.unreadable,
            "requirements could be read by their name only: which versions they want is unknown.",
        );
        told(report.refused, "requirements or projects were left out.");
        for refusal in report.refusals.iter().take(SHOWN) {
            lines.push(format!("  {}: {}", refusal.place, refusal.reason));
        }
        let more = (report.refused + report.unreadable).saturating_sub(SHOWN);
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
        lines.push(format!("Content hash: sha256:{}", graph.content_hash()));
        terminal::print(&(lines.join("\n") + "\n"))?;
        let clean = report.refused == 0 && report.unreadable == 0;
        Ok(if clean { Outcome::Clean } else { Outcome::Findings })
    }

    fn read(path: &Path, kind: Option<Kind>, into: &mut Import) -> Result<(), Diagnostic> {
        let name = input::shown(path);
        let cannot = |error: std::io::Error| {
            Diagnostic::cannot(format!("it cannot be read: {}", chain(&error)))
                .at(name.clone())
                .remedy("name a file that exists and that you may read")
        };
        let Some(kind) = kind else { return Ok(()) };
        let file: Box<dyn Read> = if path == Path::new("-") {
            Box::new(std::io::stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(path).map_err(cannot)?))
        };
        let packed = path.extension().is_some_and(|ending| ending == "xz");
        let stream: Box<dyn Read> =
            if packed { Box::new(lzma_rust2::XzReader::new(file, true)) } else { file };
        let mut stream = stream.take(MAX_SOURCE_BYTES);
        let read = match kind {
            Kind::Csv => csv(&mut stream, &name, into),
            Kind::Edges => edges(&mut stream, &name, into),
            Kind::Json | Kind::Metadata => {
                // Documents lie in memory while they are read; many of them come as many files.
                let most = if kind == Kind::Metadata { MAX_RECORD_BYTES } else { 1 << 30 };
                let mut bytes = Vec::new();
                stream.by_ref().take(most + 1).read_to_end(&mut bytes).map_err(cannot)?;
                if bytes.len() as u64 > most {
                    return Err(Diagnostic::usage(format!("it has more than {} MiB", most >> 20))
                        .at(name)
                        .remedy("split it into several files"));
                }
                if kind == Kind::Json { json(&bytes, &name, into) } else { metadata(&bytes, &name, into) }
            }
        };
        read.map_err(|error| Diagnostic::usage(chain(&error)))?;
        if stream.limit() == 0 {
            return Err(Diagnostic::usage(format!("it has more than {} GiB", MAX_SOURCE_BYTES >> 30))
                .at(name)
                .remedy("split it into several sources"));
        }
        Ok(())
    }
}

/// What a file is, by its name.
fn kind_of(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".xz").unwrap_or(&name);
    match name.rsplit_once('.').map_or(name, |(_, ending)| ending) {
        "csv" => Some(Kind::Csv),
        "json" | "jsonl" | "ndjson" => Some(Kind::Json),
        "metadata" => Some(Kind::Metadata),
        "tsv" | "edges" => Some(Kind::Edges),
        _ => None,
    }
}

/// The files of a directory that are named like a source, in the order of their names.
fn walk(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Diagnostic> {
    let cannot = |error: &std::io::Error| {
        Diagnostic::cannot(format!("the directory cannot be read: {error}"))
            .at(directory.display().to_string())
    };
    if depth > MAX_DEPTH {
        return Err(Diagnostic::usage(format!("directories are nested more than {MAX_DEPTH} deep"))
            .at(directory.display().to_string())
            .remedy("name the directories that hold the sources"));
    }
    let mut entries = fs::read_dir(directory)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| cannot(&error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link may lead in a circle: links to directories are not followed.
        let kind = entry.file_type().map_err(|error| cannot(&error))?;
        if kind.is_dir() {
            walk(&path, depth + 1, files)?;
        } else if kind_of(&path).is_some() {
            files.push(path);
        }
    }
    Ok(())
}
