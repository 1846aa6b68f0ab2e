//! The entries of one package: what each record says of it.

use std::borrow::Cow;

use super::{DatabaseError, intervals, layout::Cursor};

/// Something of the entry could not be read or compared.
pub(crate) const UNCLEAR: u8 = 1;

/// The entries of one package, by the ids of their records.
#[derive(Debug)]
pub struct PackageEntries<'snapshot> {
    bytes: Cow<'snapshot, [u8]>,
    /// Where the first entry begins, behind the package's name.
    start: usize,
    count: usize,
}

/// What one record says of a package, asked about one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The number of the record, in the order of ids.
    pub(crate) record: u32,
    /// Whether the version lies in one of its intervals; false where no version was asked.
    pub(crate) hit: bool,
    /// Whether something of it could not be read or compared, so that no hit is not "not affected".
    pub(crate) unclear: bool,
    /// Where its details are.
    pub(crate) details: u64,
}

impl<'snapshot> PackageEntries<'snapshot> {
    /// The entries if these bytes are of this package: two names may share a hash.
    pub(crate) fn of(
        bytes: Cow<'snapshot, [u8]>,
        ecosystem: &str,
        name: &str,
    ) -> Result<Option<Self>, DatabaseError> {
        let mut cursor = Cursor::new(&bytes);
        if cursor.bytes()? != ecosystem.as_bytes() || cursor.bytes()? != name.as_bytes() {
            return Ok(None);
        }
        let count = cursor.count()?;
        let start = bytes.len() - cursor.left();
        Ok(Some(Self { bytes, start, count }))
    }

    /// How many records speak of the package.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Each entry, asked about the version of this key; see [`crate::database`] for what a key is.
    pub(crate) fn ask(&self, key: Option<&[u8]>) -> impl Iterator<Item = Result<Entry, DatabaseError>> {
        let mut cursor = Cursor::new(self.bytes.get(self.start..).unwrap_or_default());
        let mut failed = false;
        (0..self.count).map_while(move |_| {
            if failed {
                return None;
            }
            let entry = Self::read(&mut cursor, key);
            failed = entry.is_err();
            Some(entry)
        })
    }

    fn read(cursor: &mut Cursor<'_>, key: Option<&[u8]>) -> Result<Entry, DatabaseError> {
        let record = u32::try_from(cursor.number()?);
        let record = record.map_err(|_| DatabaseError::damaged("a number of a record is too large"))?;
        let unclear = cursor.u8()? & UNCLEAR != 0;
        let details = cursor.number()?;
        let hit = intervals::contains(cursor, key)?;
        Ok(Entry { record, hit, unclear, details })
    }
}
