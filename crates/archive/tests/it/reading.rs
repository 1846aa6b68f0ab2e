//! What is sound is read.

use std::{io::Write as _, process::Command};

use bastide_archive::{ErrorKind, Limits};

use crate::{open, open_within, packed};

#[test]
fn members_come_out_as_they_went_in() {
    let large = b"advisory ".repeat(10_000);
    let bytes = packed(&[("a.json", b"{}"), ("deep/er/b.json", &large), ("empty", b"")]);
    let mut archive = open(&bytes).unwrap();
    let names: Vec<_> = archive.members().iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["a.json", "deep/er/b.json", "empty"]);
    assert_eq!(archive.members()[1].size, large.len() as u64);
    assert_eq!(archive.read_member("a.json", 10).unwrap(), b"{}");
    assert_eq!(archive.read(1, u64::MAX).unwrap(), large);
    assert_eq!(archive.read_member("empty", 0).unwrap(), b"");
    let error = archive.read_member("c.json", 10).unwrap_err();
    assert_eq!(
        (error.kind, error.to_string().as_str()),
        (ErrorKind::Absent, "test.zip: member `c.json`: there is no such member")
    );
    assert!(open(&packed(&[])).unwrap().members().is_empty());
}

#[test]
fn a_budget_counts_what_comes_out() {
    let bytes = packed(&[("a", &[7; 1000]), ("b", &[7; 1000])]);
    let mut archive = open_within(&bytes, Limits { total_bytes: 1500, ..Limits::WHEEL }).unwrap();
    assert_eq!(archive.read_member("a", 999).unwrap_err().kind, ErrorKind::TooLarge);
    archive.read_member("a", 1000).unwrap();
    let error = archive.read_member("b", 1000).unwrap_err();
    assert_eq!(error.to_string(), "test.zip: member `b`: it has 1000 bytes unpacked; at most 500 are read");
    let small = Limits { archive_bytes: 10, ..Limits::WHEEL };
    assert_eq!(open_within(&bytes, small).unwrap_err().kind, ErrorKind::TooLarge);
    let few = Limits { members: 1, ..Limits::WHEEL };
    assert_eq!(open_within(&bytes, few).unwrap_err().reason, "it has 2 members; at most 1 are read");
}

/// Archives of another writer, in the ways in which it writes them: with a data descriptor behind each member (as Go's
/// writer, which makes osv.dev's `all.zip`), as ZIP64, with a comment, with a directory as a member.
#[test]
fn archives_of_another_writer_are_read() {
    const SCRIPT: &str = r"
import io, sys, zipfile
class Pipe(io.RawIOBase):
    def __init__(self): self.out = io.BytesIO()
    def writable(self): return True
    def write(self, data): return self.out.write(data)
streamed, plain = Pipe(), io.BytesIO()
for target in (streamed, plain):
    with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
        if target is plain:
            archive.comment = b'a comment'
            archive.writestr('directory/', b'')
        with archive.open('a.json', 'w', force_zip64=True) as member: member.write(b'{}' * 1000)
        archive.writestr('b.json', b'[]')
out = streamed.out if sys.argv[1] == 'streamed' else plain
sys.stdout.buffer.write(out.getvalue())
";
    for (kind, members) in [("streamed", 2), ("plain", 3)] {
        let made = match Command::new("python3").args(["-c", SCRIPT, kind]).output() {
            Ok(made) => made,
            Err(error) => return println!("SKIPPED: python3 is not here: {error}"),
        };
        std::io::stderr().write_all(&made.stderr).unwrap();
        let mut archive = open(&made.stdout).unwrap();
        assert_eq!(archive.members().len(), members, "{kind}");
        assert_eq!(archive.read_member("a.json", 5000).unwrap(), b"{}".repeat(1000));
        assert_eq!(archive.read_member("b.json", 5000).unwrap(), b"[]");
    }
}
