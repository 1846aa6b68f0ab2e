//! Good and hostile documents in all three syntaxes.

use super::*;

fn refusal(text: &str, syntax: Syntax) -> String {
    parse(text.as_bytes(), syntax).expect_err(&text.chars().take(80).collect::<String>())
}

#[test]
fn the_three_syntaxes_give_one_tree_with_lines() {
    let json = "{\n  \"packages\": [\n    {\"name\": \"a\",\n     \"n\": 1},\n    {\"name\": \"b\"}\n  ]\n}";
    let toml = "\n[[packages]]\nname = \"a\"\nn = 1\n[[packages]]\nname = \"b\"\n";
    let yaml = "\npackages:\n  - name: a\n    n: 1\n  - name: b\n";
    for (text, syntax, lines) in
        [(json, Syntax::Json, [3, 5]), (toml, Syntax::Toml, [2, 5]), (yaml, Syntax::Yaml, [3, 5])]
    {
        let tree = parse(text.as_bytes(), syntax).unwrap();
        let found: Vec<_> = tree
            .items("packages")
            .iter()
            .map(|item| (item.text_of("name").unwrap().to_owned(), item.word_of("n"), item.line))
            .collect();
        assert_eq!(
            found,
            [("a".to_owned(), Some("1".to_owned()), lines[0]), ("b".to_owned(), None, lines[1])],
            "{syntax:?}"
        );
    }
}

#[test]
fn what_is_nested_a_million_deep_is_refused() {
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000)] {
        assert!(refusal(&text, Syntax::Json).len() < 200);
        assert!(refusal(&text, Syntax::Yaml).len() < 200);
    }
    let inline = format!("a = {}", "[".repeat(1_000_000));
    assert!(refusal(&inline, Syntax::Toml).len() < 200);
    let dotted = format!("{} = 1", vec!["a"; 1_000].join("."));
    refusal(&dotted, Syntax::Toml);
    let heading = format!("[{}]\nb = 1", vec!["a"; 100_000].join("."));
    refusal(&heading, Syntax::Toml);
    let indented: String = (0..2_000).map(|depth| " ".repeat(depth) + "a:\n").collect();
    assert!(refusal(&indented, Syntax::Yaml).len() < 200);
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    assert!(refusal(&deep, Syntax::Json).contains("64 levels"), "{}", refusal(&deep, Syntax::Json));
}

#[test]
fn a_key_that_stands_twice_is_refused_with_its_line() {
    let json = refusal("{\n \"a\": {\"b\": 1,\n \"b\": 2}}", Syntax::Json);
    assert!(json.contains("`b` stands twice"), "{json}");
    assert!(json.contains("line"), "{json}");
    let many = (0..20).map(|key| format!("\"k{}\": 1", key % 19)).collect::<Vec<_>>().join(", ");
    assert!(refusal(&format!("{{{many}, \"z\": 1}}"), Syntax::Json).contains("`k0`"));
    assert!(refusal("a = 1\na = 2\n", Syntax::Toml).contains("line 2"));
    assert!(refusal("a: 1\na: 2\n", Syntax::Yaml).contains('a'));
}

#[test]
fn too_many_values_too_many_bytes_and_other_encodings_are_refused() {
    let many = format!("[{}1]", "1,".repeat(MAX_VALUES));
    assert!(refusal(&many, Syntax::Json).contains("more than 2000000 values"));
    let large = vec![b' '; MAX_DOCUMENT_BYTES + 1];
    for syntax in [Syntax::Json, Syntax::Toml, Syntax::Yaml] {
        assert!(parse(&large, syntax).unwrap_err().contains("bytes"));
        assert!(parse(b"\xff\xfe", syntax).unwrap_err().contains("UTF-8"));
    }
    assert!(refusal("{} {}", Syntax::Json).contains("trailing"));
    refusal("a: 1\n---\nb: 2\n", Syntax::Yaml);
}

/// Nine levels of ten aliases each: a thousand million values in 500 bytes.
#[test]
fn a_yaml_document_that_grows_out_of_its_aliases_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let names = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &["a", &level.to_string(), ": &a", &level.to_string(), " [", &names, "]\n"].concat();
    }
    assert!(refusal(&bomb, Syntax::Yaml).len() < 300);
    refusal("a: &a [*a]\n", Syntax::Yaml);
    let few = parse(b"a: &a [x]\nb: *a\n", Syntax::Yaml).unwrap();
    assert_eq!(few.texts_of("b").collect::<Vec<_>>(), ["x"]);
}

#[test]
fn the_line_of_a_byte_is_found_wherever_lines_end() {
    let text = format!("{}{}\n{}", "\n".repeat(700), "x".repeat(900), "y\n".repeat(300));
    let lines = Lines::of(&text);
    for byte in 0..=text.len() {
        let counted = 1 + text[..byte].matches('\n').count();
        assert_eq!(lines.line(byte) as usize, counted, "byte {byte}");
    }
    assert_eq!(lines.line(usize::MAX), lines.line(text.len()));
}

#[test]
fn a_million_values_of_toml_are_refused_before_they_are_there() {
    let many = format!("a = [{}1]", "1,".repeat(2 * MAX_VALUES));
    assert!(refusal(&many, Syntax::Toml).contains("more than 2000000 values"));
}
