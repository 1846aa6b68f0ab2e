//! Reading a snapshot.

use std::{borrow::Cow, collections::BTreeSet, fmt, io::Read as _, sync::OnceLock};

use bastide_model::{package::Package, time::Instant};

use super::{
    DatabaseError, PackageEntries, Source,
    builder::bucket_of,
    layout::{
        ALIAS_BYTES, BLOCK_ROW_BYTES, BUCKET_BYTES, Cursor, Header, MAX_BLOCK_BYTES, PACKAGE_BYTES,
        RECORD_BYTES, Section, hash,
    },
    source::Body,
};

/// The record is withdrawn.
pub(crate) const WITHDRAWN: u8 = 1;
/// In place of a score in tenths: there is none.
pub(crate) const NO_SCORE: u8 = 255;

/// A snapshot of advisories, open for reading.
pub struct Snapshot {
    header: Header,
    body: Body,
    ecosystems: OnceLock<Vec<String>>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Snapshot({} records, {:?})", self.header.records, self.body)
    }
}

/// How much a snapshot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Records, withdrawn ones among them.
    pub records: u32,
    /// Withdrawn records.
    pub withdrawn: u32,
    /// Packages that a record speaks of.
    pub packages: u32,
    /// Pairs of package and record.
    pub entries: u32,
}

/// A record without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number, in the order of ids.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// When it was last modified.
    pub modified: Instant,
    /// Whether it is withdrawn.
    pub withdrawn: bool,
    /// The highest CVSS score in tenths.
    pub score: Option<u8>,
    /// One line about it; empty where it has none.
    pub summary: String,
    /// Its aliases as written, then the rest of its alias group.
    pub aliases: Vec<String>,
    /// OSV's names of the ecosystems that it speaks of, without suffix.
    pub ecosystems: Vec<String>,
}

/// A record's row: all numbers.
struct Row {
    modified: Instant,
    words: u64,
    words_length: u32,
    block: u32,
    in_block: u32,
    length: u32,
    flags: u8,
    score: u8,
}

impl Snapshot {
    /// A snapshot in memory; every byte is checked now.
    pub fn of_bytes(bytes: Vec<u8>) -> Result<Self, DatabaseError> {
        let (header, body) = Body::of_bytes(bytes)?;
        Ok(Self { header, body, ecosystems: OnceLock::new() })
    }

    /// A snapshot in a file; bytes are read and checked when they are needed.
    pub fn open(source: impl Source + 'static) -> Result<Self, DatabaseError> {
        let (header, body) = Body::of_source(Box::new(source))?;
        Ok(Self { header, body, ecosystems: OnceLock::new() })
    }

    /// How much it holds.
    pub fn counts(&self) -> Counts {
        let Header { records, withdrawn, packages, entries, .. } = self.header;
        Counts { records, withdrawn, packages, entries }
    }

    /// When it was made.
    pub fn made_at(&self) -> Instant {
        Instant::from_micros(self.header.made_at)
    }

    /// SHA-256 of what it holds, whenever it was made, in hexadecimal.
    pub fn content_hash(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.header.content_hash)
    }

    /// The ecosystems that records speak of, without suffixes, sorted; found out once by looking at each record.
    pub fn ecosystems(&self) -> Result<&[String], DatabaseError> {
        if let Some(known) = self.ecosystems.get() {
            return Ok(known);
        }
        let mut all = BTreeSet::new();
        for record in self.records() {
            all.extend(record?.ecosystems);
        }
        Ok(self.ecosystems.get_or_init(|| all.into_iter().collect()))
    }

    /// The entries of a package, if a record speaks of it.
    pub fn package(&self, package: &Package) -> Result<Option<PackageEntries<'_>>, DatabaseError> {
        self.named(package.ecosystem().osv_name(), package.name())
    }

    /// The entries under an ecosystem and a name, both as the index has them.
    pub(crate) fn named(
        &self,
        ecosystem: &str,
        name: &str,
    ) -> Result<Option<PackageEntries<'_>>, DatabaseError> {
        let wanted = hash([ecosystem, name]);
        let bucket = bucket_of(wanted, self.header.bucket_bits);
        let bounds = self.get(Section::Buckets, bucket * BUCKET_BYTES as u64, 2 * BUCKET_BYTES)?;
        let mut bounds = Cursor::new(&bounds);
        let (from, to) = (u64::from(bounds.u32()?), u64::from(bounds.u32()?));
        let rows =
            usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX).saturating_mul(PACKAGE_BYTES);
        let rows = self.get(Section::Packages, from * PACKAGE_BYTES as u64, rows)?;
        for row in rows.chunks_exact(PACKAGE_BYTES) {
            let mut row = Cursor::new(row);
            if row.u64()? == wanted {
                let (at, length) = (row.u64()?, row.u32()? as usize);
                let bytes = self.get(Section::Entries, at, length)?;
                if let Some(entries) = PackageEntries::of(bytes, ecosystem, name)? {
                    return Ok(Some(entries));
                }
            }
        }
        Ok(None)
    }

    /// The record with this id, withdrawn or not.
    pub fn record(&self, id: &str) -> Result<Option<Record>, DatabaseError> {
        let (mut low, mut high) = (0, self.header.records);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = self.id(middle)?;
            match found.as_str().cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.numbered(middle).map(Some),
            }
        }
        Ok(None)
    }

    /// Every record, by id.
    pub fn records(&self) -> impl Iterator<Item = Result<Record, DatabaseError>> {
        (0..self.header.records).map(|number| self.numbered(number))
    }

    /// The record with this number.
    pub fn numbered(&self, number: u32) -> Result<Record, DatabaseError> {
        let row = self.row(number)?;
        let words = self.words(&row)?;
        let mut words = Cursor::new(&words);
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        Ok(Record {
            number,
            id: words.text()?.to_owned(),
            modified: row.modified,
            withdrawn: row.flags & WITHDRAWN != 0,
            score: Some(row.score).filter(|score| *score != NO_SCORE),
            summary: words.text()?.to_owned(),
            aliases: owned(words.texts()?),
            ecosystems: owned(words.texts()?),
        })
    }

    /// The id of the record with this number.
    pub(crate) fn id(&self, number: u32) -> Result<String, DatabaseError> {
        let words = self.words(&self.row(number)?)?;
        Ok(Cursor::new(&words).text()?.to_owned())
    }

    /// The record's line in the answer to a batch: its id and when it was modified, as JSON.
    pub(crate) fn batch_line(&self, number: u32) -> Result<String, DatabaseError> {
        let words = self.words(&self.row(number)?)?;
        let mut words = Cursor::new(&words);
        words.bytes()?;
        words.bytes()?;
        for _ in 0..2 {
            for _ in 0..words.count()? {
                words.bytes()?;
            }
        }
        Ok(words.text()?.to_owned())
    }

    /// The document of the record with this number: OSV JSON on one line, with the aliases of its group.
    pub fn document(&self, number: u32) -> Result<String, DatabaseError> {
        let row = self.row(number)?;
        let block =
            self.get(Section::Blocks, u64::from(row.block) * BLOCK_ROW_BYTES as u64, BLOCK_ROW_BYTES)?;
        let mut block = Cursor::new(&block);
        let (at, packed, unpacked) = (block.u64()?, block.u32()? as usize, block.u32()? as usize);
        let (from, to) = (row.in_block as usize, row.in_block as usize + row.length as usize);
        if unpacked > MAX_BLOCK_BYTES || to > unpacked {
            return Err(DatabaseError::damaged("a document lies beyond its block"));
        }
        let packed = self.get(Section::Documents, at, packed)?;
        let mut text = vec![0; to];
        flate2::read::DeflateDecoder::new(&packed[..])
            .read_exact(&mut text)
            .map_err(|_| DatabaseError::damaged("a block of documents cannot be unpacked"))?;
        let json = text.get(from..).and_then(|json| std::str::from_utf8(json).ok());
        let json = json.ok_or_else(|| DatabaseError::damaged("a document is no UTF-8"))?;
        let aliases = self.numbered(number)?.aliases;
        if aliases.is_empty() {
            return Ok(json.to_owned());
        }
        let rest = json.strip_prefix('{').ok_or_else(|| DatabaseError::damaged("a document is no object"))?;
        Ok(format!("{{\"aliases\":{},{rest}", serde_json::Value::from(aliases)))
    }

    /// The records that give an id which is no record's own as an alias.
    pub fn by_alias(&self, alias: &str) -> Result<Vec<Record>, DatabaseError> {
        let wanted = hash(["", alias]);
        let row = |number: u32| {
            let row = self.get(Section::Aliases, u64::from(number) * ALIAS_BYTES as u64, ALIAS_BYTES)?;
            let mut row = Cursor::new(&row);
            Ok::<_, DatabaseError>((row.u64()?, row.u32()?))
        };
        let (mut low, mut high) = (0, self.header.aliases);
        while low < high {
            let middle = low + (high - low) / 2;
            if row(middle)?.0 < wanted { low = middle + 1 } else { high = middle }
        }
        let mut found = Vec::new();
        while low < self.header.aliases {
            let (hash, number) = row(low)?;
            if hash != wanted {
                break;
            }
            let record = self.numbered(number)?;
            if record.aliases.iter().any(|known| known == alias) {
                found.push(record);
            }
            low += 1;
        }
        Ok(found)
    }

    /// The fixing versions and the listed versions of an entry, as written.
    pub(crate) fn details(&self, at: u64) -> Result<(Vec<String>, Vec<String>), DatabaseError> {
        let length = Cursor::new(&self.get(Section::Details, at, 4)?).u32()?;
        let bytes = self.get(Section::Details, at.saturating_add(4), length as usize)?;
        let mut cursor = Cursor::new(&bytes);
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        Ok((owned(cursor.texts()?), owned(cursor.texts()?)))
    }

    fn row(&self, number: u32) -> Result<Row, DatabaseError> {
        let row = self.get(Section::Records, u64::from(number) * RECORD_BYTES as u64, RECORD_BYTES)?;
        let mut row = Cursor::new(&row);
        Ok(Row {
            modified: Instant::from_micros(row.u64()?.cast_signed()),
            words: row.u64()?,
            words_length: row.u32()?,
            block: row.u32()?,
            in_block: row.u32()?,
            length: row.u32()?,
            flags: row.u8()?,
            score: row.u8()?,
        })
    }

    fn words(&self, row: &Row) -> Result<Cow<'_, [u8]>, DatabaseError> {
        self.get(Section::Words, row.words, row.words_length as usize)
    }

    fn get(&self, section: Section, at: u64, length: usize) -> Result<Cow<'_, [u8]>, DatabaseError> {
        let (start, bytes) = self.header.sections[section as usize];
        if at.checked_add(length as u64).is_none_or(|end| end > bytes) {
            return Err(DatabaseError::damaged("a place in it lies beyond its section"));
        }
        self.body.get(start + at, length)
    }
}

/// What the answer to a batch says of a record, as JSON.
pub(crate) fn batch_line(id: &str, modified: Instant) -> String {
    let id = serde_json::Value::from(id);
    format!("{{\"id\":{id},\"modified\":\"{}\"}}", protobuf_time(modified))
}

/// An instant as protocol buffers write it in JSON: no fraction of a second, or three or six digits of it.
pub(crate) fn protobuf_time(instant: Instant) -> String {
    let digits = match instant.as_micros().rem_euclid(1_000_000) {
        0 => 0,
        micros if micros % 1000 == 0 => 3,
        _ => 6,
    };
    format!("{:.digits$}", instant.timestamp())
}

/// A repository as osv.dev names it: host and path, without scheme, `.git` and slashes at the end.
pub(crate) fn repository_name(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    // The user before the host is no part of the name.
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let whole = if path.is_empty() { host.to_owned() } else { format!("{host}/{path}") };
    let whole = whole.trim_end_matches('/');
    whole.strip_suffix(".git").unwrap_or(whole).to_owned()
}
