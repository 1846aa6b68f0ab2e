//! Each format, by a document that its tool made or that its specification describes (`tests/data/README.md`).

use std::fmt::Write as _;

use bastide_impact::{
    inputs::{self, Kind, MetadataFile, NameMap},
    inventory::Inventory,
};

/// The bytes of a document under test.
fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(name: &str) -> Inventory {
    let kind = Kind::of_name(name).unwrap_or_else(|| panic!("{name} tells no format"));
    inputs::read(kind, name, &data(name), &mut |_, target| Err(format!("{target} is not there")))
}

fn read_text(kind: Kind, text: &str) -> Inventory {
    inputs::read(kind, "document", text.as_bytes(), &mut |_, target| Err(format!("{target} is not there")))
}

/// An inventory as people can compare it.
fn told(inventory: &Inventory) -> String {
    let mut out = format!("{} ({})\n", inventory.document, inventory.kind.name());
    if !inventory.roots.is_empty() {
        writeln!(out, "roots: {}", inventory.roots.join(", ")).unwrap();
    }
    for one in &inventory.components {
        let version = one.version.as_ref().map_or_else(|why| format!("({why})"), ToString::to_string);
        let pypi = one.pypi.as_ref().map_or(String::new(), |pypi| format!(" = {pypi}"));
        let line = one.place.line.unwrap_or_default();
        let path = one.path.join(" > ");
        writeln!(out, "{line:>4} {} {version}{pypi} [{}] {path}", one.package, one.scope.name()).unwrap();
    }
    for one in &inventory.constraints {
        let by = one.by.as_deref().unwrap_or("the author");
        writeln!(out, "     {by} allows {} {}", one.package.name(), one.specifiers).unwrap();
    }
    for one in &inventory.unread {
        let line = one.place.line.unwrap_or_default();
        writeln!(out, "{line:>4} unread: {}: {}", one.what, one.reason).unwrap();
    }
    out
}

#[test]
fn the_documents_of_every_tool_are_read() {
    let names = [
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "pylock.toml",
        "Pipfile.lock",
        "requirements-uv.txt",
        "requirements-piptools.txt",
        "pyproject.toml",
        "conda-lock.yml",
        "pixi.lock",
        "pixi-5.lock",
        "environment.cdx.json",
        "environment.cdx.xml",
        "example.spdx.json",
        "example.spdx",
    ];
    for name in names {
        let inventory = match name {
            "pixi-5.lock" => inputs::read(Kind::PixiLock, name, &data(name), &mut |_, _| Err(String::new())),
            _ => read(name),
        };
        insta::assert_snapshot!(name, told(&inventory));
    }
}

/// One project, locked by seven tools: they agree on the versions, and so do we.
#[test]
fn one_project_has_the_same_packages_whichever_tool_locked_it() {
    let pins = |name: &str| {
        let mut all: Vec<String> = read(name)
            .components
            .iter()
            .filter(|one| !["pyyaml", "tornado"].contains(&one.package.name()))
            .map(|one| format!("{}=={}", one.package.name(), one.version.as_ref().unwrap()))
            .collect();
        all.sort();
        all
    };
    let expected = pins("uv.lock");
    assert_eq!(expected.len(), 7, "{expected:?}");
    for name in [
        "poetry.lock",
        "pylock.toml",
        "requirements-uv.txt",
        "requirements-piptools.txt",
        "environment.cdx.json",
        "environment.cdx.xml",
    ] {
        assert_eq!(pins(name), expected, "{name}");
    }
}

#[test]
fn a_requirements_file_is_read_with_what_it_includes() {
    let files = [
        (
            "requirements.txt",
            "\u{feff}--index-url https://example.org/simple\n-r base.txt\n-c constraints.txt\n-e ./local\n\
             Django == 4.2.1 ; python_version >= '3.8'  # kept\n\
             numpy>=1.20,<2\nlxml \\\n    ==4.9.1 \\\n    --hash=sha256:00\n\
             https://example.org/thing-1.0.tar.gz\nflask @ https://example.org/flask-2.0.1-py3-none-any.whl\n\
             pip @ git+https://example.org/pip.git\n./wheels/six-1.16.0-py2.py3-none-any.whl\n../dir\n\
             what is this\n--strange yes\nbad==1.0.x\nunpinned\n-r missing.txt\nattrs===21.1.0\n",
        ),
        ("base.txt", "-r requirements.txt\nrequests==2.25.0\n"),
        ("constraints.txt", "numpy==1.21.0\nunpinned==3\nnobody<4\n"),
    ];
    let mut find = |from: &str, target: &str| {
        let file = files.iter().find(|(name, _)| *name == target);
        file.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .ok_or_else(|| format!("{from} names {target}, which is not there"))
    };
    let inventory = inputs::read(Kind::Requirements, files[0].0, files[0].1.as_bytes(), &mut find);
    insta::assert_snapshot!("requirements", told(&inventory));
}

#[test]
fn the_tables_of_older_tools_in_a_pyproject_are_read() {
    let text = "[tool.poetry]\nname = 'old'\n[tool.poetry.dependencies]\npython = '^3.8'\nrequests = '^2.25'\n\
                jinja2 = '3.0.0'\nmany = [{version = '<2', python = '<3.8'}, {version = '>=2', python = '>=3.8'}]\n\
                git = {git = 'https://example.org/x.git'}\nextra = {version = '*', optional = true}\nodd = '1 || 2'\n\
                [tool.poetry.group.test.dependencies]\npytest = '~7.1'\n\
                [tool.pdm.dev-dependencies]\nlint = ['ruff==0.1.0']\n\
                [tool.uv]\ndev-dependencies = ['tox']\nconstraint-dependencies = ['urllib3<2']\n\
                [project]\ndynamic = ['dependencies', 'version']\n\
                [dependency-groups]\na = ['sphinx', {include-group = 'b'}, 7]\nb = []\n";
    insta::assert_snapshot!("pyproject_older", told(&read_text(Kind::Pyproject, text)));
}

#[test]
fn an_environment_of_conda_tells_what_is_exact_and_what_is_not() {
    let text = "name: science\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - numpy=1.21.0\n\
                \x20 - conda-forge::scipy==1.7\n  - tornado=6.1=py39_0\n  - pandas>=1.3,<2\n  - pip\n\
                \x20 - libgcc[version='>=12']\n  - pip:\n      - requests==2.25.0\n      - -r more.txt\n      - flask>=2\n\
                \x20     - 7\n  - 3.5\n  - \"näme\"\n";
    let mut inventory = read_text(Kind::CondaEnvironment, text);
    let map = NameMap::read(
        "map.json",
        br#"{"numpy": "numpy", "scipy": ["SciPy"], "libgcc": null, "tornado": "tornado"}"#,
    );
    map.unwrap().apply(&mut inventory);
    insta::assert_snapshot!("conda_environment", told(&inventory));
    for (bad, said) in [(&b"[]"[..], "no object"), (b"{\"a\": 1}", "line 1"), (b"{", "EOF")] {
        let error = NameMap::read("map.json", bad).unwrap_err().to_string();
        assert!(error.starts_with("map.json: ") && error.contains(said), "{error}");
    }
}

#[test]
fn an_installed_environment_is_read_by_the_metadata_of_its_packages() {
    let file = |name: &str, text: &str, requested| MetadataFile {
        name: format!("site-packages/{name}.dist-info/METADATA"),
        bytes: text.as_bytes().to_vec(),
        requested,
    };
    let files = [
        file(
            "app-1.0",
            "Metadata-Version: 2.1\nName: App\nVersion: 1.0\nRequires-Dist: Jinja2 (>=3.0,<3.1)\nRequires-Dist: \
                         lxml; extra == 'xml'\n\nName: not a header\n",
            true,
        ),
        file("jinja2-3.0.0", "Name: Jinja2\nVersion: 3.0.0\nDescription: x\n        Version: 9\n", false),
        file("lxml-4.9", "name: lxml\nversion: 4.9\n", false),
        file("broken", "Version: 1.0\n", false),
        file("odd", "Name: odd\nVersion: one\n", false),
    ];
    insta::assert_snapshot!("installed", told(&inputs::read_installed("site-packages", &files)));
}

#[test]
fn a_wheel_tells_what_it_installs_and_what_its_sboms_say_is_inside() {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let bom = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "app", "purl": "pkg:pypi/app@1.0"},
        {"type": "library", "name": "openssl", "purl": "pkg:generic/openssl@1.1.1w"},
        {"type": "library", "name": "d3", "purl": "pkg:npm/d3@7.0.0"}]}"#;
    for (name, text) in [
        ("app/__init__.py", ""),
        ("app-1.0.dist-info/METADATA", "Name: app\nVersion: 1.0\nRequires-Dist: jinja2<4\n\nA text.\n"),
        ("app-1.0.dist-info/sboms/vendored.json", bom),
        ("app-1.0.dist-info/sboms/notes.txt", "no SBOM"),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    insta::assert_snapshot!(
        "wheel",
        told(&inputs::read(Kind::Wheel, "app-1.0-py3-none-any.whl", &bytes, &mut |_, _| Err(String::new())))
    );
    let broken =
        inputs::read(Kind::Wheel, "broken.whl", &bytes[..bytes.len() / 2], &mut |_, _| Err(String::new()));
    assert!(broken.components.is_empty() && broken.unread.len() == 1, "{:?}", broken.unread);
}
