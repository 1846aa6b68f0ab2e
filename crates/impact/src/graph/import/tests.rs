use std::io::Cursor;

use super::*;
use crate::graph::{Graph, Parts};

fn import(read: impl FnOnce(&mut Import) -> Result<(), ImportError>) -> (Graph, Report) {
    let mut import = Import::default();
    read(&mut import).unwrap();
    let Import { builder, report } = import;
    (Graph::read(&mut Cursor::new(builder.finish()), Parts::ALL).unwrap(), report)
}

/// Every edge as a line.
fn lines(graph: &Graph) -> Vec<String> {
    graph
        .all()
        .flat_map(|from| {
            graph.requirements(from).map(move |(to, terms)| {
                format!("{} -> {}{}", graph.name(from), graph.name(to), terms.unwrap())
            })
        })
        .collect()
}

const EXPECTED: [&str; 3] = [
    "boto -> botocore<1.37,>=1.36",
    "boto[crt] -> awscrt==0.23.4; extra == \"crt\"",
    "boto[crt] -> botocore[crt]<2; extra == \"crt\"",
];

#[test]
fn the_same_project_is_read_from_every_source() {
    let requirements =
        ["botocore<1.37,>=1.36", "awscrt==0.23.4; extra == 'crt'", "botocore[crt]<2; extra == 'crt'"];
    let table = format!("downloads,project,dependencies_raw\n1,Boto,\"{}\"\n", requirements.join("; "));
    let document =
        serde_json::json!({"info": {"name": "boto", "version": "1", "requires_dist": requirements}});
    let document = format!("{document}\n{{\"info\": {{\"name\": \"lonely\", \"requires_dist\": null}}}}");
    let headers = format!(
        "Metadata-Version: 2.1\r\nName: boto\r\nRequires-Dist: {}\r\nRequires-Dist: {}\r\nRequires-Dist: \
         botocore[crt]<2;\r\n  extra == 'crt'\r\n\r\nRequires-Dist: no>=1\r\n",
        requirements[0], requirements[1]
    );
    let list = requirements.join("\nboto\t");
    let list = format!("# who\twhat\n\nboto\t{list}\nlonely\nwheel\tbotocore>=1\tbuild\n");
    for (graph, extra) in [
        (import(|into| csv(table.as_bytes(), "t", into)), vec![]),
        (import(|into| json(document.as_bytes(), "j", into)), vec![]),
        (import(|into| metadata(headers.as_bytes(), "m", into)), vec![]),
        (import(|into| edges(list.as_bytes(), "e", into)), vec!["wheel{build} -> botocore>=1"]),
    ]
    .map(|((graph, report), extra)| {
        assert_eq!(report.refusals, []);
        (graph, extra)
    }) {
        // `botocore[crt]` is required as `botocore` too.
        let mut expected: Vec<&str> =
            EXPECTED.into_iter().chain(["boto[crt] -> botocore<2; extra == \"crt\""]).collect();
        expected.extend(extra);
        expected.sort_unstable();
        let mut found = lines(&graph);
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}

#[test]
fn what_cannot_be_read_is_kept_as_unknown_or_refused_and_the_rest_is_taken() {
    let table = "name,requires_dist\na,b>=one; c\nx y,b\nd,???\n\u{e9},b\n";
    let (graph, report) = import(|into| csv(table.as_bytes(), "table", into));
    assert_eq!(lines(&graph), ["a -> b (versions that cannot be read)", "a -> c (any version)"]);
    assert_eq!((report.projects, report.requirements, report.unreadable, report.refused), (2, 1, 1, 3));
    assert_eq!(report.refusals.len(), 4);
    assert!(report.refusals[0].place.contains("table: a") && report.refusals[0].reason.contains(">=one"));
    let (graph, report) = import(|into| csv(&b"name,requirements\n\xff,a\nb,c\n"[..], "t", into));
    assert_eq!((lines(&graph).len(), report.refused), (1, 1));
}

#[test]
fn a_source_that_is_something_else_is_refused_with_what_it_should_be() {
    let mut into = Import::default();
    for (error, part) in [
        (csv(&b"a,b\n1,2\n"[..], "f", &mut into), "no column `project`"),
        (csv(&b""[..], "f", &mut into), "no column"),
        (json(b"[]", "f", &mut into), "info.name"),
        (json(b"", "f", &mut into), "empty"),
        (json(b"{\"info\": {\"name\": 3}}", "f", &mut into), "string"),
        (metadata(b"Version: 1\n", "f", &mut into), "Name:"),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("f: ") && error.contains(part), "{error}");
    }
}

#[test]
fn a_row_without_end_is_refused() {
    let endless = b"name,requirements\na,\"".chain(io::repeat(b'x').take(MAX_RECORD_BYTES * 3));
    let error = csv(endless, "f", &mut Import::default()).unwrap_err().to_string();
    assert!(error.contains("16 MiB"), "{error}");
    let error = edges(io::repeat(b'x').take(MAX_RECORD_BYTES * 3), "f", &mut Import::default()).unwrap_err();
    assert!(error.to_string().contains("16 MiB"));
}

/// The requirement strings of the 8,000 most used projects, January 2025. `packaging` reads all but one of them, which is
/// mended here (`extract-msg (<=0.29.*)`).
#[test]
fn the_real_table_is_read_whole() {
    let Some(table) = bastide_testkit::data::unpacked("pypi-top8000-dependencies-2025-01.csv.xz") else {
        return;
    };
    let (graph, report) = import(|into| csv(&table[..], "table", into));
    println!("{report:?}, {graph:?}");
    assert_eq!((report.projects, report.requirements, report.amended), (8000, 66_623, 1));
    assert_eq!((report.unreadable, report.refused), (0, 0), "{:?}", report.refusals);
}
