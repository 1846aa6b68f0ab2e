//! A published advisory for its readers: am I affected, what to do, what it says, and how all of it is proved.

use bastide_advisory::{
    Advisory,
    answer::{self, Answer},
    cwe,
    markdown::{to_html, to_plain},
    mend,
    record::{Affected, Credit},
};
use bastide_model::version::Verdict;
use bastide_pages::{
    SafeHtml, Shell,
    desk::{
        AdvisoryHistory, AdvisoryProof, AdvisoryPublic, AffectedAnswer, AffectedRow, CreditRow, FormatLink,
        TimelineMoment, VersionChange,
    },
    part::{Badge, Choice, Command, Control, Field, Link, Moment, Tone},
};
use bastide_usecases::{DocumentKind, PublicPage, PublishedDocument};

use super::{advisories::address, difference, words};

/// What somebody asked about: the package and the version that they have. Both empty when nothing was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The package, as `ECOSYSTEM:NAME` or its bare name.
    pub(super) package: String,
    /// The version that is installed.
    pub(super) installed: String,
}

/// The page of one version of an advisory. `title` is the project's.
pub(super) fn page(shell: Shell, public: &PublicPage, title: &str, asked: &Asked) -> AdvisoryPublic {
    let record = &public.record;
    let headline = record.headline();
    let own = address(record);
    let affected = |entry: &Affected| AffectedRow {
        package: entry.package.as_ref().map_or("source repository", |package| &package.name).into(),
        ecosystem: entry.package.as_ref().map_or("", |package| &package.ecosystem).into(),
        affected: match entry.affected_for_people() {
            lines if lines.is_empty() => "given as commits; see the OSV document".into(),
            lines => lines.join("; ").into(),
        },
        fixed: entry.fixed_versions().join(", ").into(),
    };
    AdvisoryPublic {
        shell,
        id: record.id.as_str().into(),
        aliases: record.aliases.iter().map(|alias| alias.as_str().into()).collect(),
        title: to_plain(&headline).into(),
        project: Link::new(title, format!("/projects/{}", public.project)),
        impact: record
            .summary
            .as_deref()
            .filter(|summary| *summary != headline)
            .map(to_plain)
            .unwrap_or_default()
            .into(),
        severity: match record.severity() {
            Some(severity) => {
                let badge = words::rating(Some(severity.rating()));
                Badge::new(format!("{}, {:.1} of 10", badge.words, severity.score()), badge.tone)
            }
            None => words::rating(None),
        },
        vector: record.severity().map(ToString::to_string).unwrap_or_default().into(),
        published: Moment::of(record.published.unwrap_or(record.modified)),
        revised: (record.version > 1).then(|| Moment::of(record.modified)),
        withdrawn: record.withdrawn.map(|at| {
            let reason = record.withdrawal_reason.as_deref().unwrap_or("No reason is recorded.");
            format!("{} It was withdrawn on {}.", to_plain(reason), at.for_people()).into()
        }),
        affected: record.affected.iter().map(affected).collect(),
        question_action: own.as_str().into(),
        question_check: format!("{own}/affected").into(),
        question: question(record, asked),
        answer: (!asked.installed.trim().is_empty()).then(|| answered(record, asked)),
        am_i_affected: installed(record),
        mend: record
            .affected
            .iter()
            .flat_map(mend::commands)
            .map(|command| Command {
                label: format!("{} with {}", command.to, command.tool).into(),
                command: command.line.into(),
            })
            .collect(),
        workaround: record.workaround.as_deref().map(to_plain).unwrap_or_default().into(),
        details: record
            .details
            .as_deref()
            .map(|details| SafeHtml::sanitise(&to_html(details)))
            .unwrap_or_default(),
        timeline: timeline(record),
        credits: record.shown_credits().map(credit).collect(),
        weaknesses: record.cwe_ids.iter().map(|id| weakness(id)).collect(),
        references: record
            .references
            .iter()
            .map(|reference| {
                let label = format!("{}: {}", reference.kind.plain_name(), reference.url);
                Link::new(label, reference.url.as_str())
            })
            .collect(),
        formats: public.documents.iter().map(|found| format(record, found)).collect(),
        versions: versions(record, public),
        proof: Some(format!("{own}/proof?version={}", record.version).into()),
        history: (public.versions.len() > 1).then(|| format!("{own}/history").into()),
        imported: public.source.as_deref().map(|source| {
            let is_address = source.starts_with("https://") || source.starts_with("http://");
            let home = format!("https://osv.dev/vulnerability/{}", record.id);
            Link::new(source, if is_address { source } else { &home })
        }),
    }
}

fn question(record: &Advisory, asked: &Asked) -> Vec<Field> {
    let packages = answer::packages(record);
    if packages.is_empty() {
        return Vec::new();
    }
    let current = if packages.contains(&asked.package) { asked.package.clone() } else { packages[0].clone() };
    let choices = packages.iter().map(|name| {
        let label = name.split_once(':').map_or(name.clone(), |(place, name)| format!("{name} from {place}"));
        Choice::new(name, &label, &current)
    });
    vec![
        Field::new("package", "Package", Control::Select(choices.collect())),
        Field::line("installed", "The version that you have", asked.installed.as_str())
            .because("As your tool shows it, such as 4.2.4.")
            .required(),
    ]
}

/// The answer to what was asked, in words.
pub(super) fn answered(record: &Advisory, asked: &Asked) -> AffectedAnswer {
    let Answer { verdict, because, fixed } = answer::answer(record, &asked.package, &asked.installed);
    let (badge, advice) = match verdict {
        Verdict::Yes if fixed.is_empty() => (
            Badge::new("affected", Tone::Danger),
            "There is no release with a fix yet; see below what to do until then.".to_owned(),
        ),
        Verdict::Yes => (
            Badge::new("affected", Tone::Danger),
            format!("Update to {} or later; the commands stand below.", fixed.join(" or ")),
        ),
        Verdict::No => (
            Badge::new("not affected", Tone::Good),
            "You need not do anything because of this advisory.".to_owned(),
        ),
        Verdict::Unknown => (
            Badge::new("cannot be told", Tone::Warning),
            "Take it as affected until you know: compare with the table above, or ask the project."
                .to_owned(),
        ),
    };
    let name = asked.package.split_once(':').map_or(asked.package.as_str(), |(_, name)| name);
    let cut = |text: &str| text.trim().chars().take(100).collect::<String>();
    AffectedAnswer {
        verdict: badge,
        asked: format!("{} {}", cut(name), cut(&asked.installed)).into(),
        because: because.into_iter().map(Into::into).collect(),
        advice: advice.into(),
    }
}

/// How one learns which version is installed; only for names that no shell reads as anything else.
fn installed(record: &Advisory) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for package in record.affected.iter().filter_map(|entry| entry.package.as_ref()) {
        let plain = package.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@/._-".contains(&byte));
        let starts_well = !package.name.starts_with(['-', '.', '/']);
        let line = match package.ecosystem.as_str() {
            "PyPI" if plain && starts_well => format!("python -m pip show {}", package.name),
            "npm" if plain && starts_well => format!("npm ls {}", package.name),
            _ => continue,
        };
        let tool = if package.ecosystem == "npm" { "npm" } else { "pip" };
        let label = format!("{} with {tool}", package.name);
        let found = Command { label: label.into(), command: line.into() };
        if !commands.iter().any(|known| known.command == found.command) {
            commands.push(found);
        }
    }
    commands
}

fn timeline(record: &Advisory) -> Vec<TimelineMoment> {
    let told = record.timeline.iter().map(|event| (event.at, to_plain(&event.text)));
    let revised = record.revisions.iter().map(|revision| {
        (revision.at, format!("Version {}: {}", revision.version, to_plain(&revision.summary)))
    });
    let mut moments: Vec<_> = told.chain(revised).collect();
    moments.sort_by_key(|(at, _)| *at);
    moments.into_iter().map(|(at, what)| TimelineMoment { at: Moment::of(at), what: what.into() }).collect()
}

fn credit(credit: &Credit) -> CreditRow {
    let page = credit
        .contact
        .iter()
        .find(|contact| contact.starts_with("https://") || contact.starts_with("http://"));
    CreditRow {
        name: credit.name.as_str().into(),
        role: credit.kind.map_or("", |kind| kind.plain_name()).into(),
        page: page.map(|page| Link::new(page.as_str(), page.as_str())),
    }
}

fn weakness(id: &str) -> Link {
    let number = id.trim_start_matches("CWE-");
    let label = format!("{id} {}", cwe::name(id).unwrap_or_default());
    Link::new(label.trim_end(), format!("https://cwe.mitre.org/data/definitions/{number}.html"))
}

fn format(record: &Advisory, found: &PublishedDocument) -> FormatLink {
    let audience = match found.kind {
        DocumentKind::Osv => "scanners and package managers",
        DocumentKind::Csaf => "operators with many products, and authorities",
        DocumentKind::Cve => "the CVE list",
        DocumentKind::Text => "people and mailing lists",
        DocumentKind::Html => "keeping: a page without links to style or script",
        DocumentKind::Record => "whoever wants all of it: what the other formats are made from",
    };
    let own = address(record);
    let (kind, version) = (found.kind.as_str(), found.version);
    FormatLink {
        name: found.kind.title().into(),
        href: format!("{own}/{kind}?version={version}").into(),
        audience: audience.into(),
        digest: found.digest.to_string().into(),
        proof: Some(format!("{own}/proof/{kind}?version={version}").into()),
    }
}

fn versions(record: &Advisory, public: &PublicPage) -> Vec<Link> {
    if public.versions.len() < 2 {
        return Vec::new();
    }
    let own = address(record);
    let link = |number: u32, day: &str| {
        let label = if number == record.version {
            format!("Version {number} of {day} (shown)")
        } else {
            format!("Version {number} of {day}")
        };
        Link::new(label, format!("{own}?version={number}"))
    };
    public.versions.iter().map(|version| link(version.number, &version.at.date())).collect()
}

/// How the documents of a version are proved. `url` is the desk's address, `key` the public log's.
pub(super) fn proof(shell: Shell, public: &PublicPage, url: &str, key: &str) -> AdvisoryProof {
    let record = &public.record;
    let own = address(record);
    let version = record.version;
    let check = "bastide ledger verify --proof proof.json --document osv.json";
    AdvisoryProof {
        shell,
        id: record.id.as_str().into(),
        title: to_plain(&record.headline()).into(),
        page: format!("{own}?version={version}").into(),
        version: format!("version {version}").into(),
        documents: public.documents.iter().map(|found| format(record, found)).collect(),
        verification: vec![
            Command {
                label: "Fetch a document and its proof".into(),
                command: format!(
                    "curl -o osv.json '{url}{own}/osv?version={version}' -o proof.json '{url}{own}/proof/osv?version={version}'"
                )
                .into(),
            },
            Command { label: "Check them, without the desk".into(), command: format!("{check} --key '{key}'").into() },
        ],
        ledger: "/ledger".into(),
    }
}

/// What changed from version to version.
pub(super) fn history(shell: Shell, public: &PublicPage) -> AdvisoryHistory {
    let record = &public.record;
    let own = address(record);
    let older = public.versions.iter().skip(1).map(Some).chain([None]);
    let changes = public.versions.iter().zip(older).map(|(version, older)| VersionChange {
        number: format!("Version {}", version.number).into(),
        at: Moment::of(version.at),
        summary: record
            .revisions
            .iter()
            .find(|revision| revision.version == version.number)
            .map(|revision| to_plain(&revision.summary))
            .unwrap_or_default()
            .into(),
        page: format!("{own}?version={}", version.number).into(),
        difference: older.map(|older| difference::lines(&older.text, &version.text)).unwrap_or_default(),
    });
    AdvisoryHistory {
        shell,
        id: record.id.as_str().into(),
        title: to_plain(&record.headline()).into(),
        page: own.as_str().into(),
        versions: changes.collect(),
    }
}
