//! A graph as bytes, and back.
//!
//! ```text
//! header     496 bytes: magic, layout, counts, of each section where it is, its length and its SHA-256; then the SHA-256 of
//!            all of this, which is the content hash: it covers every byte of the snapshot
//! sections   name starts, names, reverse starts, reverse nodes, reverse terms, forward starts, forward nodes, forward terms,
//!            terms (lines of versions, a tab, and a marker)
//! ```
//!
//! Numbers are `u32`, little endian. A section is read alone and checked by its own hash, so who asks only who is reached
//! reads neither terms nor the forward direction ([`Parts`]). Every number is checked against the counts when it is read:
//! whoever made the file, what was read is a graph. A change of this is a new [`FORMAT`].

use std::io::{self, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use super::{Adjacency, Graph, Terms};

/// How a snapshot begins.
pub const MAGIC: &[u8; 8] = b"bstd-gra";
/// The number of the layout.
pub const FORMAT: u32 = 1;
/// How many sections there are.
const SECTIONS: usize = 9;
/// Of a section: where it is, its length, its hash.
const SECTION_BYTES: usize = 8 + 8 + 32;
const HEADER_BYTES: usize = 8 + 4 + 5 * 4 + SECTIONS * SECTION_BYTES + 32;
/// How much is read at once.
const CHUNK_BYTES: usize = 256 << 10;
/// The most bytes of all different terms.
const MAX_TERMS_BYTES: u64 = 1 << 30;

/// What of a snapshot is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// What edges ask for.
    pub terms: bool,
    /// The edges from a node to what it requires.
    pub forward: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self { terms: true, forward: true };
    /// Names and who is reached.
    pub const REACH: Self = Self { terms: false, forward: false };
}

/// Why a snapshot cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file cannot be read.
    #[error("the graph cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no graph: it does not begin as one does; make one with `bastide graph import`")]
    NotAGraph,
    /// It was made by another version of the program.
    #[error(
        "this graph has layout {found}, and this program reads layout {FORMAT}; make it again with `bastide graph import`"
    )]
    OtherFormat {
        /// Its layout.
        found: u32,
    },
    /// It is damaged.
    #[error("the graph is damaged: {reason}; make it again with `bastide graph import`")]
    Damaged {
        /// What is wrong with it.
        reason: &'static str,
    },
}

fn damaged(reason: &'static str) -> SnapshotError {
    SnapshotError::Damaged { reason }
}

/// Everything that a snapshot holds, before it is bytes.
#[derive(Debug, Default)]
pub(crate) struct Arrays {
    pub(crate) projects: u32,
    pub(crate) name_starts: Vec<u32>,
    pub(crate) names: String,
    pub(crate) reverse: Adjacency,
    pub(crate) forward: Adjacency,
    pub(crate) terms: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    NameStarts,
    Names,
    ReverseStarts,
    ReverseNodes,
    ReverseTerms,
    ForwardStarts,
    ForwardNodes,
    ForwardTerms,
    Terms,
}

/// Where a section is.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    offset: u64,
    length: u64,
    hash: [u8; 32],
}

/// What stands at the beginning.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub(crate) nodes: u32,
    pub(crate) projects: u32,
    pub(crate) edges: u32,
    terms: u32,
    places: [Place; SECTIONS],
}

impl Header {
    fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(MAGIC);
        for number in [FORMAT, self.nodes, self.projects, self.edges, self.terms, 0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for place in &self.places {
            out.extend_from_slice(&place.offset.to_le_bytes());
            out.extend_from_slice(&place.length.to_le_bytes());
            out.extend_from_slice(&place.hash);
        }
        let hash = Sha256::digest(&out);
        out.extend_from_slice(&hash);
        out
    }

    /// The hash of everything.
    pub(crate) fn content_hash(&self) -> [u8; 32] {
        let bytes = self.write();
        let mut hash = [0; 32];
        hash.copy_from_slice(&bytes[HEADER_BYTES - 32..]);
        hash
    }

    fn read(bytes: &[u8; HEADER_BYTES], file_length: u64) -> Result<Self, SnapshotError> {
        if !bytes.starts_with(MAGIC) {
            return Err(SnapshotError::NotAGraph);
        }
        let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let found = number(8);
        if found != FORMAT {
            return Err(SnapshotError::OtherFormat { found });
        }
        let (content, hash) = bytes.split_at(HEADER_BYTES - 32);
        if Sha256::digest(content).as_slice() != hash {
            return Err(damaged("its header was changed"));
        }
        let mut places = [Place::default(); SECTIONS];
        for (index, place) in places.iter_mut().enumerate() {
            let at = 32 + index * SECTION_BYTES;
            let long = |at: usize| u64::from(number(at)) | u64::from(number(at + 4)) << 32;
            *place = Place { offset: long(at), length: long(at + 8), hash: [0; 32] };
            place.hash.copy_from_slice(&bytes[at + 16..at + SECTION_BYTES]);
            let inside = place.offset.checked_add(place.length).is_some_and(|end| end <= file_length);
            if !inside {
                return Err(damaged("it ends too early"));
            }
        }
        let header =
            Self { nodes: number(12), projects: number(16), edges: number(20), terms: number(24), places };
        if header.is_consistent() { Ok(header) } else { Err(damaged("its counts contradict each other")) }
    }

    fn is_consistent(&self) -> bool {
        let length = |section: Section| self.places[section as usize].length;
        let (starts, edges) = (4 * (u64::from(self.nodes) + 1), 4 * u64::from(self.edges));
        [Section::NameStarts, Section::ReverseStarts, Section::ForwardStarts]
            .into_iter()
            .all(|section| length(section) == starts)
            && [Section::ReverseNodes, Section::ReverseTerms, Section::ForwardNodes, Section::ForwardTerms]
                .into_iter()
                .all(|section| length(section) == edges)
            && u32::try_from(length(Section::Names)).is_ok()
            && length(Section::Terms) <= MAX_TERMS_BYTES
    }
}

fn number_bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The snapshot's bytes.
pub(crate) fn write(arrays: &Arrays) -> Vec<u8> {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let mut terms = String::new();
    for (wanted, marker) in &arrays.terms {
        terms.extend([wanted.as_str(), "\t", marker, "\n"]);
    }
    let numbers = number_bytes;
    let mut header = Header {
        nodes: count(arrays.name_starts.len().saturating_sub(1)),
        projects: arrays.projects,
        edges: count(arrays.reverse.nodes.len()),
        terms: count(arrays.terms.len()),
        places: [Place::default(); SECTIONS],
    };
    let mut out = vec![0; HEADER_BYTES];
    for section in ALL_SECTIONS {
        let bytes = match section {
            Section::NameStarts => numbers(&arrays.name_starts),
            Section::Names => arrays.names.as_bytes().to_vec(),
            Section::ReverseStarts => numbers(&arrays.reverse.starts),
            Section::ReverseNodes => numbers(&arrays.reverse.nodes),
            Section::ReverseTerms => numbers(&arrays.reverse.terms),
            Section::ForwardStarts => numbers(&arrays.forward.starts),
            Section::ForwardNodes => numbers(&arrays.forward.nodes),
            Section::ForwardTerms => numbers(&arrays.forward.terms),
            Section::Terms => terms.as_bytes().to_vec(),
        };
        header.places[section as usize] = Place {
            offset: out.len() as u64,
            length: bytes.len() as u64,
            hash: Sha256::digest(&bytes).into(),
        };
        out.extend_from_slice(&bytes);
    }
    out[..HEADER_BYTES].copy_from_slice(&header.write());
    out
}

const ALL_SECTIONS: [Section; SECTIONS] = [
    Section::NameStarts,
    Section::Names,
    Section::ReverseStarts,
    Section::ReverseNodes,
    Section::ReverseTerms,
    Section::ForwardStarts,
    Section::ForwardNodes,
    Section::ForwardTerms,
    Section::Terms,
];

/// Reads sections of a source.
struct Reader<'source, S> {
    source: &'source mut S,
    header: Header,
    chunk: Vec<u8>,
}

impl<S: Read + Seek> Reader<'_, S> {
    /// Hands the bytes of a section on, piece by piece, each but the last a multiple of four; checks its hash at the end.
    fn section(&mut self, section: Section, mut take: impl FnMut(&[u8])) -> Result<(), SnapshotError> {
        let place = self.header.places[section as usize];
        self.source.seek(SeekFrom::Start(place.offset))?;
        let mut hash = Sha256::new();
        let mut left = place.length;
        while left > 0 {
            let size = usize::try_from(left).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
            let chunk = &mut self.chunk[..size];
            self.source.read_exact(chunk)?;
            hash.update(&*chunk);
            take(chunk);
            left -= size as u64;
        }
        if hash.finalize().as_slice() == place.hash {
            Ok(())
        } else {
            Err(damaged("a part of it was changed"))
        }
    }

    fn numbers(&mut self, section: Section) -> Result<Vec<u32>, SnapshotError> {
        let length = usize::try_from(self.header.places[section as usize].length / 4).unwrap_or_default();
        let mut numbers = Vec::with_capacity(length);
        self.section(section, |chunk| {
            numbers.extend(
                chunk.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])),
            );
        })?;
        Ok(numbers)
    }

    fn text(&mut self, section: Section) -> Result<String, SnapshotError> {
        let length = usize::try_from(self.header.places[section as usize].length).unwrap_or_default();
        let mut bytes = Vec::with_capacity(length);
        self.section(section, |chunk| bytes.extend_from_slice(chunk))?;
        String::from_utf8(bytes).map_err(|_| damaged("a text in it is no text"))
    }

    fn adjacency(
        &mut self,
        [starts, nodes, terms]: [Section; 3],
        with_terms: bool,
    ) -> Result<Adjacency, SnapshotError> {
        let read = Adjacency {
            starts: self.numbers(starts)?,
            nodes: self.numbers(nodes)?,
            terms: if with_terms { self.numbers(terms)? } else { Vec::new() },
        };
        let fits = is_ascending_to(&read.starts, self.header.edges)
            && read.nodes.iter().all(|node| *node < self.header.nodes)
            && read.terms.iter().all(|number| *number < self.header.terms);
        if fits { Ok(read) } else { Err(damaged("an edge of it leads nowhere")) }
    }
}

/// Whether these are starts of as many pieces as there are numbers but one, of something that long.
fn is_ascending_to(starts: &[u32], length: u32) -> bool {
    starts.first() == Some(&0)
        && starts.last() == Some(&length)
        && starts.windows(2).all(|pair| pair[0] <= pair[1])
}

impl Graph {
    /// Reads a snapshot, or those parts of it that are asked for.
    pub fn read(source: &mut (impl Read + Seek), parts: Parts) -> Result<Self, SnapshotError> {
        let file_length = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        let mut bytes = [0; HEADER_BYTES];
        source.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => SnapshotError::NotAGraph,
            _ => error.into(),
        })?;
        let header = Header::read(&bytes, file_length)?;
        let mut reader = Reader { source, header, chunk: vec![0; CHUNK_BYTES] };
        let name_starts = reader.numbers(Section::NameStarts)?;
        let names = reader.text(Section::Names)?;
        check_names(&name_starts, &names)?;
        let reverse = [Section::ReverseStarts, Section::ReverseNodes, Section::ReverseTerms];
        let reverse = reader.adjacency(reverse, parts.terms)?;
        let forward = [Section::ForwardStarts, Section::ForwardNodes, Section::ForwardTerms];
        let forward = if parts.forward { Some(reader.adjacency(forward, parts.terms)?) } else { None };
        let terms = if parts.terms { read_terms(&reader.text(Section::Terms)?) } else { Vec::new() };
        if parts.terms && terms.len() != reader.header.terms as usize {
            return Err(damaged("its counts contradict each other"));
        }
        Ok(Self { name_starts, names, reverse, forward, terms, header: reader.header })
    }
}

fn check_names(starts: &[u32], names: &str) -> Result<(), SnapshotError> {
    let whole = u32::try_from(names.len()).map_err(|_| damaged("its names are too long"))?;
    let cut =
        is_ascending_to(starts, whole) && starts.iter().all(|start| names.is_char_boundary(*start as usize));
    let name = |pair: &[u32]| &names[pair[0] as usize..pair[1] as usize];
    if cut && starts.windows(3).all(|three| name(&three[..2]) < name(&three[1..])) {
        Ok(())
    } else {
        Err(damaged("its names are not in order"))
    }
}

fn read_terms(text: &str) -> Vec<Terms> {
    text.lines()
        .map(|line| {
            let (wanted, marker) = line.split_once('\t').unwrap_or((line, ""));
            Terms::read(wanted, marker)
        })
        .collect()
}
