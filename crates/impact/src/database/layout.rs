//! What stands where in a snapshot.
//!
//! ```text
//! header      512 bytes: magic, version, counts, where each section is, content hash, check value of all of this
//! pages       4 bytes for each page of the body: its CRC-32
//! body        in sections:
//!   buckets     4 bytes each, one more than there are: the first package of a bucket; a bucket is the first bits of a hash
//!   packages    20 bytes each, by hash: hash, where its entries are, how long they are
//!   entries     of each package: ecosystem, name, and for each record its number, what is known, and sorted intervals
//!   details     of each entry: the fixing versions and the listed versions, as written
//!   records     36 bytes each, by id: modified, where its words are, where its document is, score, withdrawn
//!   words       of each record: id, summary, aliases, ecosystems, and its line in the answer to a batch
//!   aliases     12 bytes each, by hash: an id that is no record's own, and a record that gives it
//!   blocks      16 bytes each: where a block is, its packed and unpacked length
//!   documents   the records as OSV JSON without `aliases`, deflated in blocks
//! ```
//!
//! Numbers are little endian; those inside entries, details and words have variable length (LEB128). A change of this or of
//! the sort keys is a new [`FORMAT`].

use super::{DatabaseError, ErrorKind};

/// How a snapshot begins.
pub const MAGIC: &[u8; 8] = b"bstd-adv";
/// The version of the layout.
pub const FORMAT: u32 = 1;
/// The header's length in bytes.
pub const HEADER_BYTES: usize = 512;
/// The length of a page in bytes; the last one may be shorter.
pub const PAGE_BYTES: usize = 8 * 1024;
/// The largest unpacked block: one record of the largest size that is read, and what stood before it.
pub(crate) const MAX_BLOCK_BYTES: usize = 12 << 20;
/// A block is closed when it has this many bytes.
pub(crate) const BLOCK_BYTES: usize = 32 << 10;

pub(crate) const BUCKET_BYTES: usize = 4;
pub(crate) const PACKAGE_BYTES: usize = 20;
pub(crate) const RECORD_BYTES: usize = 36;
pub(crate) const ALIAS_BYTES: usize = 12;
pub(crate) const BLOCK_ROW_BYTES: usize = 16;

/// A section of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Buckets,
    Packages,
    Entries,
    Details,
    Records,
    Words,
    Aliases,
    Blocks,
    Documents,
}

/// How many sections there are.
pub(crate) const SECTIONS: usize = 9;

/// The header as values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The whole snapshot, in bytes.
    pub(crate) bytes: u64,
    pub(crate) records: u32,
    pub(crate) packages: u32,
    pub(crate) entries: u32,
    pub(crate) withdrawn: u32,
    pub(crate) blocks: u32,
    pub(crate) aliases: u32,
    /// How many bits of a hash choose the bucket.
    pub(crate) bucket_bits: u32,
    /// When it was made, in microseconds since the epoch.
    pub(crate) made_at: i64,
    /// The CRC-32 of the pages' check values.
    pub(crate) pages_check: u32,
    /// SHA-256 of the body.
    pub(crate) content_hash: [u8; 32],
    /// Where each section is from the beginning of the body, and its length.
    pub(crate) sections: [(u64, u64); SECTIONS],
}

impl Header {
    /// Where the body begins.
    pub(crate) fn body_start(&self) -> u64 {
        HEADER_BYTES as u64 + 4 * self.pages()
    }

    /// How many pages the body has, from the whole length: a page and its check value take `PAGE_BYTES + 4`.
    pub(crate) fn pages(&self) -> u64 {
        self.bytes.saturating_sub(HEADER_BYTES as u64).div_ceil(PAGE_BYTES as u64 + 4)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&self.bytes.to_le_bytes());
        let counts = [
            self.records,
            self.packages,
            self.entries,
            self.withdrawn,
            self.blocks,
            self.aliases,
            self.bucket_bits,
        ];
        for count in counts {
            out.extend_from_slice(&count.to_le_bytes());
        }
        out.extend_from_slice(&self.made_at.to_le_bytes());
        out.extend_from_slice(&self.pages_check.to_le_bytes());
        out.extend_from_slice(&self.content_hash);
        for (offset, length) in self.sections {
            out.extend_from_slice(&offset.to_le_bytes());
            out.extend_from_slice(&length.to_le_bytes());
        }
        out.resize(HEADER_BYTES - 4, 0);
        let check = crc(&out);
        out.extend_from_slice(&check.to_le_bytes());
        out
    }

    pub(crate) fn read(bytes: &[u8], length: u64) -> Result<Self, DatabaseError> {
        if !bytes.starts_with(MAGIC) {
            let reason = "it does not begin as one does";
            return Err(DatabaseError::new(ErrorKind::NotASnapshot, reason));
        }
        let mut cursor = Cursor::new(&bytes[MAGIC.len()..]);
        let format = cursor.u32()?;
        if format != FORMAT {
            let reason = format!("its layout has number {format}, and this program reads number {FORMAT}");
            return Err(DatabaseError::new(ErrorKind::OtherVersion, reason));
        }
        let (content, check) = bytes.split_at_checked(HEADER_BYTES - 4).ok_or_else(cut_short)?;
        if check != crc(content).to_le_bytes() {
            return Err(DatabaseError::damaged("its header does not have its check value"));
        }
        let whole = cursor.u64()?;
        if whole != length {
            return Err(DatabaseError::damaged(format!("it has {length} bytes and was made with {whole}")));
        }
        let header = Self {
            bytes: whole,
            records: cursor.u32()?,
            packages: cursor.u32()?,
            entries: cursor.u32()?,
            withdrawn: cursor.u32()?,
            blocks: cursor.u32()?,
            aliases: cursor.u32()?,
            bucket_bits: cursor.u32()?,
            made_at: cursor.u64()?.cast_signed(),
            pages_check: cursor.u32()?,
            content_hash: cursor.take(32)?.try_into().map_err(|_| cut_short())?,
            sections: {
                let mut sections = [(0, 0); SECTIONS];
                for section in &mut sections {
                    *section = (cursor.u64()?, cursor.u64()?);
                }
                sections
            },
        };
        header
            .is_consistent()
            .then_some(header)
            .ok_or_else(|| DatabaseError::damaged("its counts contradict each other"))
    }

    /// Whether the sections lie in the body and are as long as the counts say: what reading relies on.
    fn is_consistent(&self) -> bool {
        let body = self.bytes.saturating_sub(self.body_start());
        let inside = |(offset, length): (u64, u64)| offset.checked_add(length).is_some_and(|end| end <= body);
        let rows = |section: Section, count: u64, bytes: usize| {
            self.sections[section as usize].1 == count.saturating_mul(bytes as u64)
        };
        self.bytes >= self.body_start()
            && self.bucket_bits <= 24
            && self.sections.iter().all(|section| inside(*section))
            && rows(Section::Buckets, (1u64 << self.bucket_bits) + 1, BUCKET_BYTES)
            && rows(Section::Packages, u64::from(self.packages), PACKAGE_BYTES)
            && rows(Section::Records, u64::from(self.records), RECORD_BYTES)
            && rows(Section::Aliases, u64::from(self.aliases), ALIAS_BYTES)
            && rows(Section::Blocks, u64::from(self.blocks), BLOCK_ROW_BYTES)
    }
}

fn cut_short() -> DatabaseError {
    DatabaseError::damaged("it ends too early")
}

/// CRC-32 as zip and gzip have it.
pub(crate) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The hash by which packages and aliases are found: FNV-1a of 64 bits, its bits mixed. It spreads; it protects from nothing.
pub(crate) fn hash(parts: [&str; 2]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let separated = parts[0].bytes().chain([0xff]).chain(parts[1].bytes());
    for byte in separated {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// Appends a number of variable length.
pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Appends bytes with their length before them.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends texts with their count before them.
pub(crate) fn put_texts<'text>(out: &mut Vec<u8>, texts: impl ExactSizeIterator<Item = &'text str>) {
    put_number(out, texts.len() as u64);
    for text in texts {
        put_bytes(out, text.as_bytes());
    }
}

/// Reads values one after the other, and says where bytes are missing instead of running past them.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'bytes> {
    rest: &'bytes [u8],
}

impl<'bytes> Cursor<'bytes> {
    pub(crate) fn new(bytes: &'bytes [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'bytes [u8], DatabaseError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DatabaseError> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DatabaseError> {
        let four = self.take(4)?.try_into().map_err(|_| cut_short())?;
        Ok(u32::from_le_bytes(four))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DatabaseError> {
        let eight = self.take(8)?.try_into().map_err(|_| cut_short())?;
        Ok(u64::from_le_bytes(eight))
    }

    /// A number of variable length.
    pub(crate) fn number(&mut self) -> Result<u64, DatabaseError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DatabaseError::damaged("a number does not end"))
    }

    /// A count of what follows: each thing takes a byte at least, so a larger count is a lie.
    pub(crate) fn count(&mut self) -> Result<usize, DatabaseError> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > self.rest.len() { Err(cut_short()) } else { Ok(count) }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'bytes [u8], DatabaseError> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<&'bytes str, DatabaseError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| DatabaseError::damaged("a text is no UTF-8"))
    }

    pub(crate) fn texts(&mut self) -> Result<Vec<&'bytes str>, DatabaseError> {
        let count = self.count()?;
        (0..count).map(|_| self.text()).collect()
    }
}

/// Gives changed bytes the check values that they would have, for tests of what then happens.
#[cfg(test)]
pub(crate) fn sign_again(bytes: &mut [u8]) {
    bytes[..MAGIC.len()].copy_from_slice(MAGIC);
    let length = bytes.len() as u64;
    bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    bytes[12..20].copy_from_slice(&length.to_le_bytes());
    let pages = length.saturating_sub(HEADER_BYTES as u64).div_ceil(PAGE_BYTES as u64 + 4);
    let start = HEADER_BYTES + 4 * usize::try_from(pages).unwrap();
    let checks: Vec<u8> =
        bytes[start..].chunks(PAGE_BYTES).flat_map(|page| crc(page).to_le_bytes()).collect();
    bytes[HEADER_BYTES..start].copy_from_slice(&checks);
    // Behind magic, format, length, seven counts and the instant.
    bytes[56..60].copy_from_slice(&crc(&checks).to_le_bytes());
    let check = crc(&bytes[..HEADER_BYTES - 4]);
    bytes[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&check.to_le_bytes());
}
