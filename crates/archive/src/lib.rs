//! Archives of strangers, read as bounded streams and never unpacked to disk.
//!
//! [`Archive::open`] looks at the whole directory before the first member is read; [`Archive::read`] and
//! [`Archive::read_member`] give the bytes of one member. The zip format is read by the `zip` crate.
//!
//! Invariant: what is ambiguous is refused, because an installer might see another archive than we do: a name that stands
//! twice, a header that contradicts the directory, members that overlap or that the directory leaves out, bytes before or
//! behind the archive, a path that leaves it, a link. Invariant: every read has a budget in bytes, members and ratio, counted on
//! what comes out and not on what a header claims.

mod directory_end;
mod error;
mod packing;
mod zip_archive;

pub use error::{ArchiveError, ErrorKind};
pub use packing::Packer;
pub use zip_archive::{Archive, Member};

/// What an archive may cost. All sizes are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The archive itself.
    pub archive_bytes: u64,
    /// Members, directories among them.
    pub members: u64,
    /// One member, unpacked.
    pub member_bytes: u64,
    /// All members that are read, unpacked, over the life of the [`Archive`].
    pub total_bytes: u64,
    /// How many times larger than packed a member may be. Small members are exempt: below [`SMALL_MEMBER_BYTES`] a ratio says
    /// nothing about harm.
    pub ratio: u64,
}

/// Members up to this size are not held to a ratio, in bytes.
pub const SMALL_MEMBER_BYTES: u64 = 1 << 20;

impl Limits {
    /// For a wheel: the largest on PyPI have about 1 GiB packed and some ten thousand members. Deflate cannot pack better than
    /// 1032 to 1; honest text stays below 100.
    pub const WHEEL: Self = Self {
        archive_bytes: 2 << 30,
        members: 200_000,
        member_bytes: 64 << 20,
        total_bytes: 256 << 20,
        ratio: 200,
    };

    /// For a database of advisories: all of osv.dev is some hundred thousand records of some kilobytes.
    pub const ADVISORIES: Self = Self {
        archive_bytes: 4 << 30,
        members: 2_000_000,
        member_bytes: 4 << 20,
        total_bytes: 16 << 30,
        ratio: 200,
    };
}
