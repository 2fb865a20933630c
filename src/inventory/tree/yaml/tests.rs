use std::fmt::Write as _;

use super::*;

fn get<'n>(node: &'n Node, key: &str) -> &'n Value {
    let Value::Map(entries) = &node.value else { panic!("no map: {node:?}") };
    &entries.iter().find(|entry| &*entry.key == key).unwrap().node.value
}

#[test]
fn words_are_words_and_numbers_numbers() {
    let node = parse("a: no\nb: 0o17\nc: 1e3\nd: 1.2.3\ne: \"5\"\nf: !!str 5\ng:\nh: 'null'\n").unwrap();
    let expected = [
        ("a", Value::Str("no".into())),
        ("b", Value::Int(15)),
        ("c", Value::Float(1000.0)),
        ("d", Value::Str("1.2.3".into())),
        ("e", Value::Str("5".into())),
        ("f", Value::Str("5".into())),
        ("g", Value::Null),
        ("h", Value::Str("null".into())),
    ];
    for (key, value) in expected {
        assert_eq!(get(&node, key), &value, "{key}");
    }
}

#[test]
fn anchors_and_merge_keys_work() {
    let node = parse("base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nout:\n  <<: [*b, *m]\n  x: 9\n").unwrap();
    let Value::Map(out) = get(&node, "out") else { panic!("no map") };
    let seen: Vec<_> = out.iter().map(|entry| (&*entry.key, &entry.node.value)).collect();
    assert_eq!(seen, [("x", &Value::Int(9)), ("y", &Value::Int(2)), ("z", &Value::Int(4))]);
}

#[test]
fn a_billion_laughs_are_a_clear_error() {
    let mut bomb = "l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..10 {
        let below = vec![format!("*l{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "l{level}: &l{level} [{below}]");
    }
    let misread = parse(&bomb).unwrap_err();
    assert_eq!(misread.what, "aliases blow this file up beyond measure, write it out");
    assert_eq!(misread.line, 5);
}

#[test]
fn a_long_text_weighs_more_than_a_short_one() {
    let bomb = format!("a: &a \"{}\"\nb: [{}*a]\n", "x".repeat(1_000_000), "*a, ".repeat(10_000));
    assert_eq!(parse(&bomb).unwrap_err().what, "aliases blow this file up beyond measure, write it out");
}

#[test]
fn an_applications_own_tags_are_read_where_they_may_stand() {
    let text = "a: !reset null\nb: !reset [x]\nc: !override {d: 1}\ne: !own 5\nf: !!str 5\n";
    let node = parse_tagged(text).unwrap().pop().unwrap();
    assert_eq!((get(&node, "a"), get(&node, "b")), (&Value::Null, &Value::Null));
    assert!(matches!(get(&node, "c"), Value::Map(inner) if inner.len() == 1));
    assert_eq!((get(&node, "e"), get(&node, "f")), (&Value::Int(5), &Value::Str("5".into())));
    for strict in ["a: !reset null", "a: !override {d: 1}", "a: !own [5]"] {
        assert!(parse(strict).unwrap_err().what.ends_with("has no meaning here, leave it out"), "{strict}");
    }
}

#[test]
fn an_alias_of_itself_is_an_error() {
    assert_eq!(parse("a: &a\n  - *a\n").unwrap_err().line, 2);
}

#[test]
fn aliases_within_aliases_do_not_nest_beyond_measure() {
    let mut tower = "l0: &l0 [x]\n".to_owned();
    for level in 1..1_000 {
        let _ = writeln!(tower, "l{level}: &l{level} [*l{}]", level - 1);
    }
    assert_eq!(parse(&tower).unwrap_err().what, "this is nested too deep, flatten it");
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    assert!(parse(&"[".repeat(100_000)).is_err());
    assert!(parse(&"- ".repeat(100_000)).is_err());
}

#[test]
fn a_stream_is_each_document_with_its_lines() {
    let nodes = parse_all("# Source: a.yaml\n---\na: 1\n---\n# nothing\n---\r\nb: 2\r\n...\n---\n- c\n").unwrap();
    let lines: Vec<_> = nodes.iter().filter(|node| node.value != Value::Null).map(|node| node.line).collect();
    assert_eq!(lines, [3, 7, 10]);
    assert!(parse_all("# nothing\n").unwrap().iter().all(|node| node.value == Value::Null));
}

#[test]
fn an_anchor_ends_with_its_document() {
    assert_eq!(parse_all("a: &a 1\n---\nb: *a\n").unwrap_err().line, 3);
    assert_eq!(parse_all("a: &a 1\n---\nb: &a\n- *a\n").unwrap_err().line, 4);
}

#[test]
fn copies_are_counted_over_all_documents() {
    let list = vec!["x"; 1_000].join(", ");
    let document = format!("---\na: &a [{list}]\nb: [{}]\n", vec!["*a"; 90].join(", "));
    assert!(parse_all(&document).is_ok());
    assert_eq!(
        parse_all(&document.repeat(20)).unwrap_err().what,
        "aliases blow this file up beyond measure, write it out"
    );
}

#[test]
fn a_second_document_is_an_error() {
    assert_eq!(parse("a: 1\n---\nb: 2\n").unwrap_err().line, 2);
}
