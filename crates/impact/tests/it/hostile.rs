//! Documents that mean harm, in every format.

use bastide_impact::{
    inputs::{self, Kind, MAX_DOCUMENT_BYTES},
    inventory::Inventory,
};
use bastide_testkit::fuzz;

/// Every format that is read from the bytes of one document.
const KINDS: [Kind; 16] = [
    Kind::Requirements,
    Kind::Pyproject,
    Kind::UvLock,
    Kind::PoetryLock,
    Kind::PdmLock,
    Kind::Pylock,
    Kind::PipfileLock,
    Kind::CondaLock,
    Kind::PixiLock,
    Kind::CondaEnvironment,
    Kind::Installed,
    Kind::CycloneDx,
    Kind::Spdx,
    Kind::SpdxTagValue,
    Kind::Wheel,
    Kind::CycloneDxXml,
];

fn read(kind: Kind, bytes: &[u8]) -> Inventory {
    // Whatever is included is the document itself: a circle.
    let own = bytes.to_vec();
    inputs::read(kind, "document", bytes, &mut |_, target| Ok((target.to_owned(), own.clone())))
}

#[test]
fn too_large_a_document_is_unread_and_says_so() {
    let large = vec![b' '; MAX_DOCUMENT_BYTES + 1];
    for kind in KINDS {
        let inventory = inputs::read(kind, "large", &large, &mut |_, _| Err(String::new()));
        assert!(inventory.components.is_empty());
        let said = &inventory.unread[0].reason;
        assert!(said.contains("bytes") || kind == Kind::Wheel, "{kind:?}: {:?}", inventory.unread);
    }
}

#[test]
fn what_is_no_document_of_its_kind_is_unread_or_empty_and_never_a_panic() {
    let deep = "[".repeat(1_000_000);
    let xml = "<bom xmlns='http://cyclonedx.org/schema/bom/1.6'>";
    let deep_xml = format!("{xml}{}", "<components><component>".repeat(20_000));
    let entities = format!("<!DOCTYPE bom [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>{xml}&b;</bom>");
    for text in [
        "", "\0", "[]", "{}", "null", "a", "a: b", "a = 1", "\u{feff}", "- [", "\"", &deep, &deep_xml,
        &entities, xml,
    ] {
        for kind in KINDS {
            let inventory = read(kind, text.as_bytes());
            for unread in &inventory.unread {
                assert!(unread.reason.len() < 2_000 && unread.what.len() < 1_000, "{kind:?}: {unread:?}");
            }
        }
    }
}

#[test]
fn of_too_many_entries_the_first_are_read_and_the_rest_is_told() {
    let tags = "PackageName: a\n".repeat(200_001);
    let inventory = read(Kind::SpdxTagValue, tags.as_bytes());
    assert!(
        inventory.unread.iter().any(|one| one.what == "199802 more entries"),
        "{:?}",
        inventory.unread.last()
    );
    let lines = "a==1\n".repeat(500_001);
    assert!(read(Kind::Requirements, lines.as_bytes()).unread[0].reason.contains("500000 lines"));
}

#[test]
fn a_circle_of_dependencies_ends() {
    let lock = "version = 1\n[[package]]\nname = 'a'\nversion = '1'\ndependencies = [{name = 'b'}, {name = 'a'}]\n\
                [[package]]\nname = 'b'\nversion = '1'\ndependencies = [{name = 'a'}]\n";
    assert_eq!(read(Kind::UvLock, lock.as_bytes()).components.len(), 2);
    let bom = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"type": "library", "name": "a", "purl": "pkg:pypi/a@1", "bom-ref": "a"}],
        "dependencies": [{"ref": "a", "dependsOn": ["a", "ghost"]}, {"ref": "ghost", "dependsOn": ["a"]}]}"#;
    assert_eq!(read(Kind::CycloneDx, bom.as_bytes()).components[0].path, ["a"]);
    let including = read(Kind::Requirements, b"-r document\n-r other\na==1\n");
    assert!(including.components.len() == 2, "{:?}", including.components);
}

#[test]
fn strange_versions_and_names_are_told_with_their_reason() {
    let lock = "[[package]]\nname = 'good'\nversion = 'one'\n[[package]]\nname = 'b\u{202e}ad name'\nversion = '1'\n\
                [[package]]\nname = 'none'\n[[package]]\nversion = '1'\n[[package]]\nname = 7\n";
    let inventory = read(Kind::UvLock, format!("version = 1\n{lock}").as_bytes());
    let told: Vec<_> =
        inventory.components.iter().map(|one| one.version.as_ref().unwrap_err().to_string()).collect();
    assert!(told[0].contains("`one` is not a version") && told[1] == "no version is given", "{told:?}");
    assert_eq!(inventory.unread.len(), 3, "{:?}", inventory.unread);
    assert!(!format!("{:?}", inventory.unread).contains('\u{202e}'));
}

#[test]
fn twenty_thousand_bad_entries_are_counted_and_not_all_named() {
    let bad = "?\n".repeat(20_000);
    let inventory = read(Kind::Requirements, bad.as_bytes());
    assert_eq!(inventory.unread.len(), 201);
    assert_eq!(inventory.unread[200].what, "19800 more entries");
}

#[test]
fn changed_documents_break_no_reader() {
    let directory = format!("{}/tests/data", env!("CARGO_MANIFEST_DIR"));
    let mut corpus: Vec<Vec<u8>> = Vec::new();
    for file in std::fs::read_dir(directory).unwrap() {
        corpus.push(std::fs::read(file.unwrap().path()).unwrap());
    }
    corpus.sort();
    let words = [
        "[[package]]\n",
        "name = \"a\"\n",
        "version = \"1\"\n",
        "a.",
        "\\\n",
        "-r x\n",
        "==",
        "# via a\n",
        "&a ",
        "*a ",
        "- conda: ",
        "\"components\": [",
        "\"purl\": \"pkg:pypi/a@1\"",
        "Relationship: a CONTAINS b\n",
        "<text>",
        "; ",
        "[",
        "{\"a\":",
        ".whl",
    ];
    let mut turn = 0;
    fuzz::fuzz("inputs", &corpus, &words, |bytes| {
        turn = (turn + 1) % KINDS.len();
        // Each document goes to the reader it is for and to another.
        for kind in [Kind::of_content(bytes), Some(KINDS[turn])].into_iter().flatten() {
            let inventory = read(kind, bytes);
            for one in &inventory.components {
                assert!(!one.path.is_empty() && one.path.len() <= 13, "{one:?}");
                assert!(!one.package.name().is_empty());
            }
        }
    });
}

#[test]
fn changed_waivers_statements_and_maps_break_no_reader() {
    use bastide_impact::{
        audit::{vex::Vex, waiver::Waivers},
        inputs::NameMap,
    };
    let corpus = [
        b"[[waiver]]\nadvisory = 'CVE-2021-1'\npackage = 'a'\nreason = 'x'\nby = 'y'\nuntil = 2027-01-01\n".to_vec(),
        br#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "x", "statements": [{"vulnerability": {"name": "CVE-1"},
            "products": [{"@id": "pkg:pypi/a", "subcomponents": [{"@id": "pkg:pypi/b@1"}]}], "status": "fixed"}]}"#
            .to_vec(),
        br#"{"numpy": "numpy", "libgcc": null, "pytorch": ["torch"]}"#.to_vec(),
    ];
    let words = [
        "[[waiver]]\n",
        "until = ",
        "\"statements\": [",
        "\"status\": \"not_affected\"",
        "null",
        "[",
        "{\"a\":",
    ];
    fuzz::fuzz("audit-documents", &corpus, &words, |bytes| {
        // An error names the document and fits a screen.
        for error in [
            Waivers::read("x", bytes).err().map(|error| error.to_string()),
            Vex::read("x", bytes).err().map(|error| error.to_string()),
            NameMap::read("x", bytes).err().map(|error| error.to_string()),
        ]
        .into_iter()
        .flatten()
        {
            assert!(error.starts_with('x') && error.len() < 1_000, "{error}");
        }
    });
}
