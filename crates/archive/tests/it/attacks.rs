//! What is ambiguous, broken or too large is refused with its reason, and nothing panics.

use bastide_archive::{ErrorKind, Limits};
use proptest::prelude::*;

use crate::{open, open_within, packed};

/// The places where these bytes stand.
fn places(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|&place| bytes[place..].starts_with(wanted)).collect()
}

fn replaced(bytes: &[u8], place: usize, with: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[place..place + with.len()].copy_from_slice(with);
    changed
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let mut bytes = packed(&[("one.txt", b"good"), ("two.txt", b"evil")]);
    for place in places(&bytes, b"two.txt") {
        bytes = replaced(&bytes, place, b"one.txt");
    }
    let error = open(&bytes).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Ambiguous, "{error}");
}

#[test]
fn a_header_that_contradicts_the_directory_is_refused() {
    let bytes = packed(&[("one.txt", b"good")]);
    let [local, _directory] = places(&bytes, b"one.txt")[..] else { panic!("a name stands in two places") };
    let error = open(&replaced(&bytes, local, b"two.txt")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Ambiguous, "{error}");
}

#[test]
fn a_member_that_the_directory_leaves_out_is_refused() {
    let hidden = packed(&[("hidden.txt", b"evil")]);
    let shown = packed(&[("shown.txt", b"good")]);
    // The members of the first stand before the second, which is a whole archive by itself.
    let glued = [&hidden[..places(&hidden, b"PK\x01\x02")[0]], &shown[..]].concat();
    assert!(open(&glued).is_err());
    let behind = [&shown[..], b"more"].concat();
    assert_eq!(open(&behind).unwrap_err().kind, ErrorKind::Broken);
    let two = [&shown[..], &shown[..]].concat();
    assert!(open(&two).is_err(), "two archives in one file");
}

#[test]
fn two_end_records_are_two_archives() {
    let bytes = packed(&[("a.txt", b"good")]);
    let end = places(&bytes, b"PK\x05\x06")[0];
    let mut commented = bytes.clone();
    // The comment of the outer end record is an end record of its own.
    commented[end + 20] = 22;
    commented.extend(&bytes[end..]);
    assert_eq!(open(&commented).unwrap_err().kind, ErrorKind::Ambiguous);
}

#[test]
fn a_path_that_leaves_the_archive_is_refused() {
    for name in ["../a", "/a", "a/../../b", "a\\..\\b", "c:/a", "a//b", "./a", "a\0b", "a\nb"] {
        let bytes = packed(&[(name, b"evil")]);
        let error = open(&bytes).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Ambiguous, "{name:?}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let zeros = vec![0; 8 << 20];
    let bytes = packed(&[("zeros", &zeros)]);
    assert!(bytes.len() < 16 << 10);
    let error = open(&bytes).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge, "{error}");
    // The directory lies about the size: what comes out is counted.
    let open_wide = Limits { ratio: u64::MAX, ..Limits::WHEEL };
    let directory = places(&bytes, b"PK\x01\x02")[0];
    let mut lying = replaced(&bytes, directory + 24, &1000u32.to_le_bytes());
    lying = replaced(&lying, 22, &1000u32.to_le_bytes());
    match open_within(&lying, open_wide) {
        Err(error) => assert_ne!(error.kind, ErrorKind::Io, "{error}"),
        Ok(mut archive) => {
            let error = archive.read(0, u64::MAX).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Broken, "{error}");
        }
    }
}

/// Overlapping members (Fifield's bomb): two entries of the directory that point to one local header.
#[test]
fn members_that_overlap_are_refused() {
    let bytes = packed(&[("a", &[1; 300]), ("b", &[1; 300])]);
    let entries = places(&bytes, b"PK\x01\x02");
    let second = entries[1];
    let overlapping = replaced(&bytes, second + 42, &0u32.to_le_bytes());
    assert_eq!(open(&overlapping).unwrap_err().kind, ErrorKind::Ambiguous);
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    for bytes in [&b""[..], b"PK", b"{\"id\": 1}", &[0; 10_000]] {
        let error = open(bytes).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Broken);
        assert!(error.to_string().starts_with("test.zip: it does not end with"), "{error}");
    }
}

proptest! {
    /// Whatever bits flip: what is read is what was packed, or an error.
    #[test]
    fn flipped_bits_never_panic_and_never_change_a_member(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..8), 1..4),
    ) {
        let text = b"an advisory of some length, so that deflate has something to do, to do, to do";
        let mut bytes = packed(&[("a.json", text), ("b.json", text)]);
        for (place, bit) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if let Ok(mut archive) = open(&bytes) {
            for index in 0..archive.members().len() {
                if let Ok(member) = archive.read(index, 1000) {
                    prop_assert_eq!(&member[..], &text[..]);
                }
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(open(&bytes).is_err());
    }
}
