//! The rules of an audit. Their examples are documents; they are judged by one advisory that this file makes up.

use bastide_model::{
    finding::{Finding, Level},
    package::{Ecosystem, Package},
    rule::Rule,
    time::Instant,
    version::{Verdict, Version},
};

use super::{GapKind, Options};
use crate::{
    inputs::{self, Kind},
    matching::{Advisories, Match},
};

/// The id of the rule about packages that an advisory speaks of.
pub(super) const KNOWN: &str = "AUD-KNOWN";

/// All rules of an audit.
pub const RULES: &[Rule] = &[
    Rule {
        id: KNOWN,
        title: "No package has a published vulnerability",
        why: "Attackers read advisories too: what is published is tried against everybody who has not upgraded, often within \
              days.",
        sources: &["OSV schema 1.7, \"Evaluation\"", "PEP 440"],
        severity: Level::Medium,
        remedy: "Upgrade to the version that the finding names; where a constraint keeps it out, change that first.",
        failing: "jinja2==2.11.2\n",
        passing: "jinja2==3.1.6\n",
        run: |example| run(Kind::Requirements, KNOWN, example),
    },
    Rule {
        id: "AUD-VERSION",
        title: "Every package has an exact version",
        why: "A range says what may be installed, not what is: whether the installed version is affected cannot be told.",
        sources: &["PEP 440, \"Version specifiers\"", "PEP 751"],
        severity: Level::Low,
        remedy: "Audit a lockfile (uv, Poetry, PDM, pip-compile, pixi, conda-lock) or the installed environment instead.",
        failing: "jinja2>=3\n",
        passing: "jinja2==3.1.6\n",
        run: |example| run(Kind::Requirements, "AUD-VERSION", example),
    },
    Rule {
        id: "AUD-CONDA",
        title: "It is known which PyPI package a conda package is made from",
        why: "Advisories name packages of PyPI; conda packages of the same name need not be the same, and nobody publishes \
              advisories for conda. Without a name to look up nothing was checked.",
        sources: &["CEP 26, names of conda packages"],
        severity: Level::Low,
        remedy: "Give a map of names (`--conda-map FILE`, JSON: {\"pytorch\": \"torch\"}), or lock with pixi, which writes \
                 the names into its lockfile.",
        failing: "dependencies:\n  - libexample=1.2.3\n",
        passing: "dependencies:\n  - pip:\n      - jinja2==3.1.6\n",
        run: |example| run(Kind::CondaEnvironment, "AUD-CONDA", example),
    },
    Rule {
        id: "AUD-ECOSYSTEM",
        title: "Advisories are kept for the ecosystem of every package",
        why: "The database holds advisories of some ecosystems only, as a rule of PyPI. Packages of an operating system or of \
              another language were not looked up.",
        sources: &["purl specification, types"],
        severity: Level::Low,
        remedy: "Check these packages with a tool of their ecosystem, and waive the finding for them.",
        failing: "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": [{\"type\": \"library\", \
                  \"name\": \"zlib\", \"purl\": \"pkg:deb/debian/zlib1g@1.2.13\"}]}",
        passing: "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": [{\"type\": \"library\", \
                  \"name\": \"jinja2\", \"purl\": \"pkg:pypi/jinja2@3.1.6\"}]}",
        run: |example| run(Kind::CycloneDx, "AUD-ECOSYSTEM", example),
    },
    Rule {
        id: "AUD-UNREAD",
        title: "Every entry of a document can be read",
        why: "What cannot be read may hold anything: a package from an address, a project in development, a broken line.",
        sources: &["PEP 508", "pip, \"Requirements File Format\""],
        severity: Level::Low,
        remedy: "Mend the entry, or audit what it stands for (its own lockfile, the installed environment).",
        failing: "-e ./local\n",
        passing: "jinja2==3.1.6\n",
        run: |example| run(Kind::Requirements, "AUD-UNREAD", example),
    },
];

/// The id of the rule that a gap of this kind breaks.
pub(super) const fn of_gap(kind: GapKind) -> &'static str {
    match kind {
        GapKind::NoVersion => "AUD-VERSION",
        GapKind::Conda => "AUD-CONDA",
        GapKind::Ecosystem => "AUD-ECOSYSTEM",
        GapKind::Unread => "AUD-UNREAD",
    }
}

/// The rule that a gap of this kind breaks.
pub(super) fn rule(kind: GapKind) -> &'static Rule {
    RULES
        .iter()
        .find(|rule| rule.id == of_gap(kind))
        .expect("each kind of gap has its rule; a test looks at them")
}

/// What a finding of a gap says.
pub(super) fn sentence(kind: GapKind, count: usize) -> String {
    let (one, many) = match kind {
        GapKind::NoVersion => (
            "1 package has no exact version, so nobody can say whether it is affected.",
            "packages have no exact version, so nobody can say whether they are affected.",
        ),
        GapKind::Conda => (
            "1 conda package could not be looked up: no PyPI name is known for it.",
            "conda packages could not be looked up: no PyPI name is known for them.",
        ),
        GapKind::Ecosystem => (
            "1 package is of an ecosystem for which no advisories are kept.",
            "packages are of ecosystems for which no advisories are kept.",
        ),
        GapKind::Unread => ("1 entry could not be read.", "entries could not be read."),
    };
    if count == 1 { one.to_owned() } else { format!("{count} {many}") }
}

/// The one advisory of the examples: jinja2 before 2.11.3.
struct Example;

impl Advisories for Example {
    type Error = std::convert::Infallible;

    fn matches(&self, package: &Package, version: &Version) -> Result<Vec<Match>, Self::Error> {
        let fixed = Version::parse(&Ecosystem::PyPi, "2.11.3").ok();
        let affected = package.name() == "jinja2" && fixed.as_ref().is_some_and(|fixed| version < fixed);
        Ok(affected
            .then(|| Match {
                id: "PYSEC-2021-66".to_owned(),
                aliases: vec!["CVE-2020-28493".to_owned()],
                summary: "Regular expression denial of service in urlize".to_owned(),
                modified: Instant::EPOCH,
                score: Some(5.3),
                verdict: Verdict::Yes,
                fixed: fixed.into_iter().collect(),
            })
            .into_iter()
            .collect())
    }
}

fn run(kind: Kind, rule: &str, example: &str) -> Vec<Finding> {
    let inventory = inputs::read(kind, "example", example.as_bytes(), &mut |_, _| Err(String::new()));
    let audit = match super::audit(&[inventory], &Example, &Options::new(Instant::EPOCH)) {
        Ok(audit) => audit,
        Err(never) => match never {},
    };
    super::findings(&audit).into_iter().filter(|finding| finding.rule == rule).collect()
}
