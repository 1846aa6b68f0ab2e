//! What `bench/impact/graph` measures of ours: each command is a process of its own, says what it took as one line of JSON,
//! and nothing else.
//!
//! ```text
//! make DIR PROJECTS REQUIREMENTS   a generated graph: DIR/graph (ours), DIR/pairs (u32 little endian, for the others)
//! closure DIR                      everybody who is reached backward from the package that most require
//! triage TABLE ADVISORIES          every pair of the real data
//! advisories ADVISORIES            the advisories as JSON, for the judge
//! ```

use std::{
    collections::HashSet,
    error::Error,
    fs::{self, File},
    io::{BufReader, BufWriter, Cursor, Read as _, Write as _},
    path::Path,
};

use bastide_advisory::{Advisory, Format, osv::render, read_osv};
use bastide_impact::{
    graph::{
        Graph, Node, Parts,
        build::Builder,
        generate::{Size, name, pairs},
        import::{Import, csv},
    },
    requirement::Requirement,
    triage::{CountsByPart, Exposure, State, Triage, packages},
};
use serde_json::{Value, json};

type Outcome = Result<Value, Box<dyn Error>>;

#[allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement says what it took")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = match arguments.as_slice() {
        ["make", directory, projects, requirements] => make(
            Path::new(directory),
            Size { projects: projects.parse()?, requirements: requirements.parse()? },
        )?,
        ["closure", directory] => closure(Path::new(directory))?,
        ["triage", table, records] => triage(Path::new(table), Path::new(records))?,
        ["advisories", records] => as_json(&advisories(Path::new(records))?),
        _ => return Err(
            "make DIR PROJECTS REQUIREMENTS, closure DIR, triage TABLE ADVISORIES, or advisories ADVISORIES"
                .into(),
        ),
    };
    println!("{said}");
    Ok(())
}

/// Seconds that this thread was on a processor: all of them, there is one thread.
fn cpu() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: u64 = text.split_whitespace().next().ok_or("no schedstat")?.parse()?;
    #[allow(clippy::cast_precision_loss, reason = "a process of a few seconds")]
    Ok(nanoseconds as f64 / 1e9)
}

/// The most memory that this process ever had, in KiB.
fn peak() -> Result<u64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Chance of a seed (xorshift64), the same in every run.
fn chance(seed: u64) -> impl FnMut(u32) -> u32 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |bound| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from(state % u64::from(bound.max(1))).unwrap_or(0)
    }
}

fn make(directory: &Path, size: Size) -> Outcome {
    fs::create_dir_all(directory)?;
    let pairs = pairs(size, &mut chance(1));
    let mut builder = Builder::new();
    for number in 0..size.projects {
        builder.project(&name(number))?;
    }
    // Others keep parallel edges, ours are one: all get each pair once.
    let mut seen = HashSet::with_capacity(pairs.len());
    let mut out = BufWriter::new(File::create(directory.join("pairs"))?);
    for (from, to) in &pairs {
        if seen.insert((*from, *to)) {
            builder.require(&name(*from), &Requirement::parse(&name(*to))?)?;
            out.write_all(&from.to_le_bytes())?;
            out.write_all(&to.to_le_bytes())?;
        }
    }
    out.flush()?;
    fs::write(directory.join("graph"), builder.finish())?;
    let graph = Graph::read(&mut File::open(directory.join("graph"))?, Parts::REACH)?;
    Ok(
        json!({"projects": graph.projects(), "edges": graph.edges(), "hub": hub(&graph).map(|hub| graph.name(hub)),
              "bytes": fs::metadata(directory.join("graph"))?.len()}),
    )
}

fn hub(graph: &Graph) -> Option<Node> {
    graph.all().max_by_key(|node| graph.dependents(*node).count())
}

fn closure(directory: &Path) -> Outcome {
    let begun = cpu()?;
    let graph = Graph::read(&mut File::open(directory.join("graph"))?, Parts::REACH)?;
    let loaded = cpu()?;
    let hub = hub(&graph).ok_or("an empty graph")?;
    let mut times = Vec::new();
    let mut reached = 0;
    for _ in 0..9 {
        let before = cpu()?;
        reached = graph.closure(hub, None).len();
        times.push(cpu()? - before);
    }
    times.sort_by(f64::total_cmp);
    Ok(
        json!({"load": loaded - begun, "closure": times[4], "first": times, "reached": reached, "peak_kib": peak()?}),
    )
}

/// The PYSEC records that can be read.
fn advisories(records: &Path) -> Result<Vec<Advisory>, Box<dyn Error>> {
    let packed = lzma_rust2::XzReader::new(BufReader::new(File::open(records)?), true);
    let mut archive = tar::Archive::new(packed);
    let mut found = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        if path.contains("/PYSEC-") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            found.extend(read_osv(&bytes, Format::Yaml, &path));
        }
    }
    Ok(found)
}

fn as_json(advisories: &[Advisory]) -> Value {
    let one = |advisory: &Advisory| json!({"id": advisory.id, "withdrawn": advisory.withdrawn.is_some(), "affected": render(advisory)["affected"]});
    advisories.iter().map(one).collect()
}

fn triage(table: &Path, records: &Path) -> Outcome {
    let mut rows = Vec::new();
    lzma_rust2::XzReader::new(BufReader::new(File::open(table)?), true).read_to_end(&mut rows)?;
    let advisories = advisories(records)?;
    let begun = cpu()?;
    let mut import = Import::default();
    csv(&rows[..], "table", &mut import)?;
    let graph = Graph::read(&mut Cursor::new(import.builder.finish()), Parts::ALL)?;
    let read = cpu()?;
    let mut exposures = Vec::new();
    for advisory in advisories.iter().filter(|advisory| advisory.withdrawn.is_none()) {
        exposures.extend(
            packages(advisory).iter().filter_map(|package| Exposure::of_advisory(advisory, package).ok()),
        );
    }
    let made = cpu()?;
    let mut times = Vec::new();
    let mut sum = CountsByPart::default();
    let triage = Triage::new(&graph);
    for _ in 0..10 {
        sum = CountsByPart::default();
        let before = cpu()?;
        for exposure in &exposures {
            let counts = triage.count(exposure);
            for (whole, one) in [(&mut sum.runtime, counts.runtime), (&mut sum.extras, counts.extras)] {
                for state in State::ALL {
                    for _ in 0..one.of(state) {
                        whole.add(state);
                    }
                }
            }
        }
        times.push(cpu()? - before);
    }
    // The first round also makes the sets of what requirements let in. The judge makes its sets when it reads the table: so the
    // first round counts as reading here too.
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    Ok(
        json!({"table": read - begun + first, "advisories": made - read, "triage": times[4], "exposures": exposures.len(),
              "counts": sum, "peak_kib": peak()?}),
    )
}
