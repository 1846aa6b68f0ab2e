//! Records in, a snapshot's bytes out.

use std::{
    collections::{BTreeMap, HashSet},
    io::Write as _,
};

use bastide_advisory::{
    Advisory,
    record::{Affected, Assessment, RangeKind},
};
use bastide_model::{finding::Finding, package::Ecosystem, time::Instant};
use sha2::{Digest as _, Sha256};

use super::{
    DatabaseError, ErrorKind,
    aliases::Groups,
    intervals::Affects,
    layout::{
        BLOCK_BYTES, HEADER_BYTES, Header, PAGE_BYTES, SECTIONS, Section, crc, hash, put_bytes, put_number,
        put_texts,
    },
    package::UNCLEAR,
    servable,
    snapshot::{NO_SCORE, WITHDRAWN, batch_line},
};
use crate::digestible::digestible;

/// What became of a record that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New,
    /// It took the place of an older version of itself.
    Newer,
    /// A version of it that is as new or newer was there already.
    Older,
}

/// Makes a snapshot. The same records in the same order make the same bytes, but for the instant.
#[derive(Debug, Default)]
pub struct Builder {
    /// Each record once, by id.
    records: BTreeMap<String, Stored>,
    /// The block that is being filled, and the finished ones.
    open: Vec<u8>,
    blocks: Vec<(Vec<u8>, u32)>,
}

#[derive(Debug)]
struct Stored {
    modified: Instant,
    withdrawn: bool,
    score: u8,
    summary: String,
    aliases: Vec<String>,
    /// OSV's names of the ecosystems, without suffix.
    ecosystems: Vec<String>,
    block: u32,
    in_block: u32,
    length: u32,
    /// By ecosystem and name as they are looked up.
    affects: BTreeMap<(String, String), Affects>,
}

impl Builder {
    /// No records yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Takes a record in, and says what clients of the OSV service could not digest of it. Of two records with one id the one
    /// that was modified later stays; of equals the first.
    pub fn add(&mut self, advisory: &Advisory) -> Result<(Added, Vec<Finding>), DatabaseError> {
        let added = match self.records.get(&advisory.id) {
            Some(known) if known.modified >= advisory.modified => return Ok((Added::Older, Vec::new())),
            Some(_) => Added::Newer,
            None => Added::New,
        };
        // Aliases are known when all records are: they are put into the document when it is read.
        let mut document = servable(advisory);
        document.aliases.clear();
        let rendered = bastide_advisory::osv::render(&document);
        let findings = digestible(&rendered);
        let json = rendered.to_string();
        let (block, in_block) = self.place()?;
        self.open.extend_from_slice(json.as_bytes());
        let too_large = |_| DatabaseError::new(ErrorKind::TooLarge, "a record has more than 4 GiB");
        let stored = Stored {
            modified: advisory.modified,
            withdrawn: advisory.withdrawn.is_some(),
            score: score(advisory),
            summary: advisory.summary.clone().or_else(|| advisory.title.clone()).unwrap_or_default(),
            aliases: advisory.aliases.clone(),
            ecosystems: ecosystems(advisory),
            block,
            in_block,
            length: u32::try_from(json.len()).map_err(too_large)?,
            affects: affects(advisory),
        };
        self.records.insert(advisory.id.clone(), stored);
        if self.open.len() >= BLOCK_BYTES {
            self.close_block()?;
        }
        Ok((added, findings))
    }

    /// The number of the open block and the place in it.
    fn place(&self) -> Result<(u32, u32), DatabaseError> {
        let too_many = |_| DatabaseError::new(ErrorKind::TooLarge, "there are too many records");
        Ok((
            u32::try_from(self.blocks.len()).map_err(too_many)?,
            u32::try_from(self.open.len()).map_err(too_many)?,
        ))
    }

    fn close_block(&mut self) -> Result<(), DatabaseError> {
        let failed = |error: std::io::Error| DatabaseError::new(ErrorKind::Io, error.to_string());
        let length = u32::try_from(self.open.len())
            .map_err(|_| DatabaseError::new(ErrorKind::TooLarge, "a block has more than 4 GiB"))?;
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
        packer.write_all(&self.open).map_err(failed)?;
        self.blocks.push((packer.finish().map_err(failed)?, length));
        self.open.clear();
        Ok(())
    }

    /// The snapshot of all records, made at this instant.
    pub fn finish(mut self, made_at: Instant) -> Result<Vec<u8>, DatabaseError> {
        if !self.open.is_empty() {
            self.close_block()?;
        }
        let too_many = |_| DatabaseError::new(ErrorKind::TooLarge, "there are too many records");
        let mut groups = Groups::default();
        for (id, stored) in self.records.iter().filter(|(_, stored)| !stored.withdrawn) {
            groups.join(id, &stored.aliases);
        }
        let groups = groups.finish();
        let mut body = Sections::default();
        let mut packages: BTreeMap<(String, String), Vec<(u32, Affects)>> = BTreeMap::new();
        let mut foreign: Vec<(u64, u32)> = Vec::new();
        let mut withdrawn = 0;
        let ids: HashSet<String> = self.records.keys().cloned().collect();
        for (number, (id, stored)) in self.records.into_iter().enumerate() {
            let number = u32::try_from(number).map_err(too_many)?;
            let mut aliases = stored.aliases;
            if let Some(group) = groups.get(&id) {
                let others = group.iter().filter(|other| **other != id && !aliases.contains(other));
                let others: Vec<String> = others.cloned().collect();
                aliases.extend(others);
            }
            for alias in aliases.iter().filter(|alias| !ids.contains(*alias)) {
                foreign.push((hash(["", alias]), number));
            }
            let words_at = body.of(Section::Words).len() as u64;
            let words = body.of(Section::Words);
            put_bytes(words, id.as_bytes());
            put_bytes(words, stored.summary.as_bytes());
            put_texts(words, aliases.iter().map(String::as_str));
            put_texts(words, stored.ecosystems.iter().map(String::as_str));
            put_bytes(words, batch_line(&id, stored.modified).as_bytes());
            let words_length = u32::try_from(words.len() as u64 - words_at).map_err(too_many)?;
            let flags = if stored.withdrawn { WITHDRAWN } else { 0 };
            let row = body.of(Section::Records);
            row.extend_from_slice(&stored.modified.as_micros().to_le_bytes());
            row.extend_from_slice(&words_at.to_le_bytes());
            for value in [words_length, stored.block, stored.in_block, stored.length] {
                row.extend_from_slice(&value.to_le_bytes());
            }
            row.extend_from_slice(&[flags, stored.score, 0, 0]);
            if stored.withdrawn {
                withdrawn += 1;
                continue;
            }
            for (package, affects) in stored.affects {
                packages.entry(package).or_default().push((number, affects));
            }
        }
        foreign.sort_unstable();
        foreign.dedup();
        for (hash, number) in &foreign {
            body.of(Section::Aliases).extend_from_slice(&hash.to_le_bytes());
            body.of(Section::Aliases).extend_from_slice(&number.to_le_bytes());
        }
        let (bucket_bits, entries) = body.put_packages(&packages).map_err(too_many)?;
        for (packed, length) in &self.blocks {
            let at = body.of(Section::Documents).len() as u64;
            let row = body.of(Section::Blocks);
            row.extend_from_slice(&at.to_le_bytes());
            row.extend_from_slice(&u32::try_from(packed.len()).map_err(too_many)?.to_le_bytes());
            row.extend_from_slice(&length.to_le_bytes());
            body.of(Section::Documents).extend_from_slice(packed);
        }
        let header = Header {
            bytes: 0,
            records: u32::try_from(body.of(Section::Records).len() / super::layout::RECORD_BYTES)
                .map_err(too_many)?,
            packages: u32::try_from(packages.len()).map_err(too_many)?,
            entries,
            withdrawn,
            blocks: u32::try_from(self.blocks.len()).map_err(too_many)?,
            aliases: u32::try_from(foreign.len()).map_err(too_many)?,
            bucket_bits,
            made_at: made_at.as_micros(),
            pages_check: 0,
            content_hash: [0; 32],
            sections: [(0, 0); SECTIONS],
        };
        Ok(body.assemble(header))
    }
}

/// The sections while they are filled.
#[derive(Default)]
struct Sections([Vec<u8>; SECTIONS]);

impl Sections {
    fn of(&mut self, section: Section) -> &mut Vec<u8> {
        &mut self.0[section as usize]
    }

    /// Writes entries, details, packages by hash, and buckets; gives the bits of a bucket and the count of entries.
    fn put_packages(
        &mut self,
        packages: &BTreeMap<(String, String), Vec<(u32, Affects)>>,
    ) -> Result<(u32, u32), std::num::TryFromIntError> {
        let mut rows: Vec<(u64, u64, u32)> = Vec::with_capacity(packages.len());
        let mut count = 0;
        for ((ecosystem, name), entries) in packages {
            let at = self.of(Section::Entries).len();
            put_bytes(self.of(Section::Entries), ecosystem.as_bytes());
            put_bytes(self.of(Section::Entries), name.as_bytes());
            put_number(self.of(Section::Entries), entries.len() as u64);
            for (record, affects) in entries {
                let details = self.of(Section::Details).len() as u64;
                let mut texts = Vec::new();
                put_texts(&mut texts, affects.fixed.iter().map(String::as_str));
                put_texts(&mut texts, affects.versions.iter().map(String::as_str));
                self.of(Section::Details).extend_from_slice(&u32::try_from(texts.len())?.to_le_bytes());
                self.of(Section::Details).extend_from_slice(&texts);
                let out = self.of(Section::Entries);
                put_number(out, u64::from(*record));
                out.push(if affects.unclear { UNCLEAR } else { 0 });
                put_number(out, details);
                affects.write_intervals(out);
                count += 1;
            }
            let length = u32::try_from(self.of(Section::Entries).len() - at)?;
            rows.push((hash([ecosystem, name]), at as u64, length));
        }
        rows.sort_unstable();
        let bits = u32::from(u16::try_from(rows.len().next_power_of_two().trailing_zeros().min(24))?);
        let mut next = 0;
        for bucket in 0..=(1u64 << bits) {
            while rows.get(next).is_some_and(|(hash, ..)| bucket_of(*hash, bits) < bucket) {
                next += 1;
            }
            self.of(Section::Buckets).extend_from_slice(&u32::try_from(next)?.to_le_bytes());
        }
        for (hash, at, length) in rows {
            let out = self.of(Section::Packages);
            out.extend_from_slice(&hash.to_le_bytes());
            out.extend_from_slice(&at.to_le_bytes());
            out.extend_from_slice(&length.to_le_bytes());
        }
        Ok((bits, count))
    }

    fn assemble(self, mut header: Header) -> Vec<u8> {
        let length: u64 = self.0.iter().map(|section| section.len() as u64).sum();
        header.bytes = HEADER_BYTES as u64 + length + 4 * length.div_ceil(PAGE_BYTES as u64);
        let mut at = 0;
        for (place, section) in header.sections.iter_mut().zip(&self.0) {
            *place = (at, section.len() as u64);
            at += section.len() as u64;
        }
        let body = self.0.concat();
        let checks: Vec<u8> = body.chunks(PAGE_BYTES).flat_map(|page| crc(page).to_le_bytes()).collect();
        header.pages_check = crc(&checks);
        header.content_hash = Sha256::digest(&body).into();
        [header.write(), checks, body].concat()
    }
}

/// The bucket of a hash: its first bits.
pub(crate) fn bucket_of(hash: u64, bits: u32) -> u64 {
    if bits == 0 { 0 } else { hash >> (64 - bits) }
}

/// The highest CVSS score of a record and of its packages, in tenths.
fn score(advisory: &Advisory) -> u8 {
    let packages = advisory.affected.iter().flat_map(|affected| &affected.severities);
    let tenths = advisory.severities.iter().chain(packages).filter_map(|assessment| match assessment {
        Assessment::Cvss { vector } => Some(vector.tenths()),
        Assessment::Other { .. } => None,
    });
    tenths.max().unwrap_or(NO_SCORE)
}

fn ecosystems(advisory: &Advisory) -> Vec<String> {
    let packages = advisory.affected.iter().filter_map(|affected| affected.package.as_ref());
    let mut names: Vec<String> = packages.map(|package| package.ecosystem().osv_name().to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What a record says of each package, by ecosystem and name as they are looked up: a suffix of the ecosystem (`Debian:12`)
/// with and without, a repository of commits as an ecosystem `GIT` of tags, a commit that is named as one of its own.
fn affects(advisory: &Advisory) -> BTreeMap<(String, String), Affects> {
    let mut all: BTreeMap<(String, String), Affects> = BTreeMap::new();
    let mut put = |ecosystem: &str, name: &str, one: Affects| match all
        .entry((ecosystem.to_owned(), name.to_owned()))
    {
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(one);
        }
        std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().join(one),
    };
    for affected in &advisory.affected {
        if let Some(package) = &affected.package {
            let base = package.ecosystem();
            let one = Affects::of(affected, &base);
            let package_name = package.package();
            if package.ecosystem != base.osv_name() {
                put(&package.ecosystem, package_name.name(), one.clone());
            }
            put(base.osv_name(), package_name.name(), one);
        }
        for (ecosystem, name, one) in commits(affected) {
            put(ecosystem, &name, one);
        }
    }
    all
}

/// The ecosystem under which repositories stand, as osv.dev calls it.
pub(crate) const GIT: &str = "GIT";
/// The ecosystem under which commits stand; no record can name it, since it is no word.
pub(crate) const COMMIT: &str = "\u{1}commit";

/// What stands under a repository and under commits. Without the repository itself only commits that the record names are
/// known to be affected: those that introduce it and the last ones that have it.
fn commits(affected: &Affected) -> Vec<(&'static str, String, Affects)> {
    use bastide_advisory::record::EventKind;
    let git = || affected.ranges.iter().filter(|range| range.kind == RangeKind::Git);
    let mut out = Vec::new();
    if let Some(repository) = git().find_map(|range| range.repo.as_deref()) {
        let tags = Affected { ranges: Vec::new(), ..affected.clone() };
        let mut one = Affects::of(&tags, &Ecosystem::Other(GIT.to_owned()));
        one.unclear = true;
        out.push((GIT, super::snapshot::repository_name(repository), one));
    }
    for event in git().flat_map(|range| &range.events) {
        let names_affected = matches!(event.kind, EventKind::Introduced | EventKind::LastAffected);
        if names_affected && event.version != "0" {
            out.push((COMMIT, event.version.to_ascii_lowercase(), Affects::default()));
        }
    }
    out
}
