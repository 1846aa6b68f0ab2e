//! C2SP tlog-tiles: the addresses and bytes of a log's static files.
//!
//! A hash tile `tile/<L>/<N>[.p/<W>]` holds up to 256 hashes of level 8·L; an entry bundle
//! `tile/entries/<N>[.p/<W>]` up to 256 leaves, each after its length in two bytes. `N` is written in groups of
//! three digits, `x001/x234/067`.

use std::{fmt, str::FromStr};

use tlog_tiles::{HashReader, Tile};

use crate::{
    LedgerError,
    tree::{self, MAX_SIZE},
};

/// A tile holds this many hashes or leaves when it is full.
pub const FULL: u32 = 256;
/// `tlog_tiles`' tile height for 256.
const HEIGHT: u8 = 8;
/// Above this level no tree within the size bound has hashes.
const MAX_LEVEL: u8 = 5;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TileKind {
    /// Hashes of level 8·`level`.
    Hashes {
        /// The tile level, from 0.
        level: u8,
    },
    /// Leaves.
    Entries,
}

/// The address of one tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TilePath {
    kind: TileKind,
    number: u64,
    width: u32,
}

impl TilePath {
    /// The tile `number` of this kind as a log of `size` leaves has it: full, partial, or none.
    pub fn in_log(kind: TileKind, number: u64, size: u64) -> Option<Self> {
        let level = match kind {
            TileKind::Hashes { level } => level,
            TileKind::Entries => 0,
        };
        if level > MAX_LEVEL || size > MAX_SIZE {
            return None;
        }
        let available = (size >> (HEIGHT * level)).checked_sub(number.checked_mul(u64::from(FULL))?)?;
        let width = u32::try_from(available.min(u64::from(FULL))).ok()?;
        (width > 0).then_some(Self { kind, number, width })
    }

    /// Whether a log of `size` leaves can serve this very tile (a narrower one of a tile that has grown, too).
    pub fn exists_in(&self, size: u64) -> bool {
        Self::in_log(self.kind, self.number, size).is_some_and(|tile| self.width <= tile.width)
    }

    /// What the tile holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// For an entry bundle: the indexes of its leaves.
    pub fn leaves(&self) -> std::ops::Range<u64> {
        let first = self.number * u64::from(FULL);
        first..first + u64::from(self.width)
    }

    /// The bytes of a hash tile: its hashes one after the other.
    pub fn hash_bytes<R: HashReader>(&self, reader: &R) -> Result<Vec<u8>, LedgerError> {
        match self.kind {
            TileKind::Hashes { .. } => self.tile().read_data(reader).map_err(|error| tree::storage(&error)),
            TileKind::Entries => {
                Err(LedgerError::malformed("tile", self.to_string(), "an entry bundle holds no hashes"))
            }
        }
    }

    fn tile(&self) -> Tile {
        match self.kind {
            TileKind::Hashes { level } => Tile::new(HEIGHT, level, self.number, self.width, false),
            TileKind::Entries => Tile::new(HEIGHT, 0, self.number, self.width, true),
        }
    }
}

/// The bytes of an entry bundle. A leaf longer than 65,535 bytes is refused: log digests, not documents.
pub fn entry_bundle<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, LedgerError> {
    let mut bundle = Vec::new();
    for leaf in leaves {
        let length = u16::try_from(leaf.len())
            .map_err(|_| LedgerError::malformed("entry bundle", "a leaf", "longer than 65,535 bytes"))?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(leaf);
    }
    Ok(bundle)
}

impl fmt::Display for TilePath {
    /// Without the leading slash.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.tile().path();
        let rest = path.strip_prefix("tile/8/").unwrap_or(&path);
        match rest.strip_prefix("data/") {
            Some(number) => write!(out, "tile/entries/{number}"),
            None => write!(out, "tile/{rest}"),
        }
    }
}

impl FromStr for TilePath {
    type Err = LedgerError;

    /// Reads `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`, with or without a leading slash.
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let refuse = || {
            let place = text.chars().take(64).collect::<String>();
            LedgerError::malformed(
                "tile path",
                place,
                "expected tile/<level or entries>/<number>[.p/<width>]",
            )
        };
        let rest = text.strip_prefix('/').unwrap_or(text).strip_prefix("tile/").ok_or_else(refuse)?;
        let (kind, number) = rest.split_once('/').ok_or_else(refuse)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes { level: level.parse().map_err(|_| refuse())? },
        };
        let (number, width) = match number.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| refuse())?),
            None => (number, FULL),
        };
        let level_known = !matches!(kind, TileKind::Hashes { level } if level > MAX_LEVEL);
        let digits: String = number.split('/').map(|group| group.trim_start_matches('x')).collect();
        let number: u64 = digits.parse().map_err(|_| refuse())?;
        if !level_known || number > MAX_SIZE || !(1..=FULL).contains(&width) {
            return Err(refuse());
        }
        let read = Self { kind, number, width };
        // The one way to write it is the one that is accepted: no leading zeros, no `.p/256`.
        if read.to_string() == text.strip_prefix('/').unwrap_or(text) { Ok(read) } else { Err(refuse()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Stored;

    #[test]
    fn paths_are_those_of_the_specification() {
        let full = TilePath::in_log(TileKind::Hashes { level: 0 }, 1_234_067, 1 << 35).unwrap();
        assert_eq!(full.to_string(), "tile/0/x001/x234/067");
        let partial = TilePath::in_log(TileKind::Entries, 1, 300).unwrap();
        assert_eq!(partial.to_string(), "tile/entries/001.p/44");
        for path in ["tile/0/x001/x234/067", "/tile/entries/001.p/44", "tile/1/000.p/1"] {
            let read: TilePath = path.parse().unwrap();
            assert_eq!(read.to_string(), path.trim_start_matches('/'));
        }
        assert!(partial.exists_in(300) && partial.exists_in(512) && !partial.exists_in(299));
    }

    #[test]
    fn hostile_paths_are_refused_without_a_panic() {
        let hostile = [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/255/000",
            "tile/-1/000",
            "tile/0/1",
            "tile/0/0001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/999999999999",
            "tile/8/0/000",
            "tile/data/000",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "tile/0/../000",
            "tile/0/x001",
            "tile/0/é",
        ];
        for path in hostile {
            assert!(path.parse::<TilePath>().is_err(), "{path}");
        }
    }

    #[test]
    fn tiles_hold_the_stored_hashes_and_bundles_the_leaves() {
        let mut log = Stored::default();
        let leaves: Vec<Vec<u8>> = (0..600_u64).map(|number| number.to_be_bytes().to_vec()).collect();
        for (number, leaf) in (0..).zip(&leaves) {
            let hashes = tree::append(number, leaf, &log).unwrap();
            log.0.extend(hashes);
        }
        let tile = TilePath::in_log(TileKind::Hashes { level: 0 }, 2, 600).unwrap();
        let bytes = tile.hash_bytes(&log).unwrap();
        assert_eq!(bytes.len(), 88 * 32);
        assert_eq!(bytes[..32], tree::leaf_hash(&leaves[512]).0);
        let upper = TilePath::in_log(TileKind::Hashes { level: 1 }, 0, 600).unwrap();
        assert_eq!(upper.hash_bytes(&log).unwrap().len(), 2 * 32);
        let range = TilePath::in_log(TileKind::Entries, 2, 600).unwrap().leaves();
        assert_eq!(range, 512..600);
        let bundle = entry_bundle(leaves[512..600].iter().map(Vec::as_slice)).unwrap();
        assert_eq!(bundle.len(), 88 * 10);
        assert_eq!(bundle[..2], [0, 8]);
        assert!(entry_bundle([vec![0; 65_536].as_slice()]).is_err());
    }
}
