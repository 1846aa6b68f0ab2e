//! Where a snapshot's bytes come from: a file of which only the needed pages are read, or memory.

use std::{
    borrow::Cow,
    fmt, io,
    sync::{Mutex, PoisonError},
};

use super::{
    DatabaseError, ErrorKind,
    layout::{HEADER_BYTES, Header, PAGE_BYTES, crc},
};

/// Something that bytes can be read from at any place: a file.
pub trait Source: Send + Sync {
    /// The whole length in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Fills `into` with the bytes from `offset` on; an error if there are fewer.
    fn read(&self, offset: u64, into: &mut [u8]) -> io::Result<()>;
}

/// How many pages of a file are kept in memory; a page replaces the one that its number shares a place with.
const KEPT_PAGES: usize = 384;

/// The body of a snapshot, each byte of which was checked before it is given out.
pub(crate) enum Body {
    Memory { bytes: Vec<u8>, start: usize },
    Paged(Paged),
}

/// A page and its number.
type KeptPage = (u64, Box<[u8]>);

pub(crate) struct Paged {
    source: Box<dyn Source>,
    start: u64,
    end: u64,
    checks: Vec<u8>,
    kept: Mutex<Vec<Option<KeptPage>>>,
}

impl fmt::Debug for Body {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { bytes, .. } => write!(out, "Body({} bytes in memory)", bytes.len()),
            Self::Paged(paged) => write!(out, "Body({} bytes in a file)", paged.end),
        }
    }
}

fn io_error(error: &io::Error) -> DatabaseError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => DatabaseError::damaged("it ends too early"),
        _ => DatabaseError::new(ErrorKind::Io, error.to_string()),
    }
}

impl Body {
    /// Checks every page.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Result<(Header, Self), DatabaseError> {
        let header = Header::read(bytes.get(..HEADER_BYTES).unwrap_or(&bytes), bytes.len() as u64)?;
        let start = usize::try_from(header.body_start()).unwrap_or(usize::MAX);
        let checks = bytes.get(HEADER_BYTES..start).unwrap_or_default();
        check_table(&header, checks)?;
        for (number, page) in bytes[start..].chunks(PAGE_BYTES).enumerate() {
            check_page(checks, number, page)?;
        }
        Ok((header, Self::Memory { bytes, start }))
    }

    /// Reads the header and the check values; pages are checked when they are read.
    pub(crate) fn of_source(source: Box<dyn Source>) -> Result<(Header, Self), DatabaseError> {
        let length = source.length().map_err(|error| io_error(&error))?;
        let mut head = vec![0; HEADER_BYTES.min(usize::try_from(length).unwrap_or(HEADER_BYTES))];
        source.read(0, &mut head).map_err(|error| io_error(&error))?;
        let header = Header::read(&head, length)?;
        let start = header.body_start();
        let mut checks = vec![0; usize::try_from(start).unwrap_or(usize::MAX).saturating_sub(HEADER_BYTES)];
        source.read(HEADER_BYTES as u64, &mut checks).map_err(|error| io_error(&error))?;
        check_table(&header, &checks)?;
        let kept = Mutex::new((0..KEPT_PAGES).map(|_| None).collect());
        let paged = Paged { source, start, end: length, checks, kept };
        Ok((header, Self::Paged(paged)))
    }

    /// Bytes of the body.
    pub(crate) fn get(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, DatabaseError> {
        let beyond = || DatabaseError::damaged("a place in it lies beyond its end");
        match self {
            Self::Memory { bytes, start } => {
                let from = usize::try_from(offset).ok().and_then(|offset| start.checked_add(offset));
                let range = from.and_then(|from| Some(from..from.checked_add(length)?));
                range.and_then(|range| bytes.get(range)).map(Cow::Borrowed).ok_or_else(beyond)
            }
            Self::Paged(paged) => paged.get(offset, length).map(Cow::Owned),
        }
    }
}

impl Paged {
    fn get(&self, offset: u64, length: usize) -> Result<Vec<u8>, DatabaseError> {
        let beyond = || DatabaseError::damaged("a place in it lies beyond its end");
        let end = offset.checked_add(length as u64).filter(|end| *end <= self.end - self.start);
        let end = end.ok_or_else(beyond)?;
        let mut out = Vec::with_capacity(length);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = offset;
        while at < end {
            let number = at / PAGE_BYTES as u64;
            let place = usize::try_from(number % KEPT_PAGES as u64).unwrap_or(0);
            if kept[place].as_ref().is_none_or(|(kept, _)| *kept != number) {
                kept[place] = Some((number, self.page(number)?));
            }
            let page = kept[place].as_ref().map_or(&[][..], |(_, page)| page);
            let from = usize::try_from(at % PAGE_BYTES as u64).unwrap_or(0);
            let wanted = usize::try_from(end - at).unwrap_or(usize::MAX).saturating_add(from);
            let piece = page.get(from..wanted.min(page.len())).filter(|piece| !piece.is_empty());
            let piece = piece.ok_or_else(beyond)?;
            out.extend_from_slice(piece);
            at += piece.len() as u64;
        }
        Ok(out)
    }

    /// A page from the file, checked.
    fn page(&self, number: u64) -> Result<Box<[u8]>, DatabaseError> {
        let offset = self.start + number * PAGE_BYTES as u64;
        let length = usize::try_from(self.end - offset).unwrap_or(usize::MAX).min(PAGE_BYTES);
        let mut page = vec![0; length].into_boxed_slice();
        self.source.read(offset, &mut page).map_err(|error| io_error(&error))?;
        check_page(&self.checks, usize::try_from(number).unwrap_or(usize::MAX), &page)?;
        Ok(page)
    }
}

fn check_table(header: &Header, checks: &[u8]) -> Result<(), DatabaseError> {
    if crc(checks) == header.pages_check {
        Ok(())
    } else {
        Err(DatabaseError::damaged("the table of its pages does not have its check value"))
    }
}

fn check_page(checks: &[u8], number: usize, page: &[u8]) -> Result<(), DatabaseError> {
    let expected = checks.chunks_exact(4).nth(number);
    if expected == Some(crc(page).to_le_bytes().as_slice()) {
        Ok(())
    } else {
        Err(DatabaseError::damaged(format!("page {number} does not have its check value")))
    }
}
