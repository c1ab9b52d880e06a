use serde_json::{Value, json};

use super::parse;
use crate::node::{Kind, Node, Position};

fn value(text: &str) -> Value {
    parse(text).map(|node| node.to_json()).unwrap_or_else(|error| panic!("{text:?}: {}", error.message))
}

fn refused(text: &str) -> String {
    match parse(text) {
        Ok(node) => panic!("{text:?} is {:?}", node.kind),
        Err(error) => format!("{}:{} {}", error.at.line, error.at.column, error.message),
    }
}

#[test]
fn scalars_have_the_types_of_yaml_1_1() {
    for (text, expected) in [
        ("yes", json!(true)),
        ("No", json!(false)),
        ("ON", json!(true)),
        ("tRUE", json!("tRUE")),
        ("y", json!("y")),
        ("~", json!(null)),
        ("Null", json!(null)),
        ("'no'", json!("no")),
        ("010", json!(8)),
        ("08", json!("08")),
        ("0o17", json!("0o17")),
        ("0x1F", json!(31)),
        ("-0b11", json!(-3)),
        ("1_000", json!(1000)),
        ("-0", json!(0)),
        ("1:30", json!(90)),
        ("12:30:45", json!(45045)),
        ("190:20:30.15", json!(685_230.15)),
        ("1e3", json!("1e3")),
        ("1.0e+3", json!(1000.0)),
        ("1.e+3", json!(1000.0)),
        (".5", json!(0.5)),
        ("-.5", json!("-.5")),
        ("1.", json!(1.0)),
        ("0.1_0", json!(0.1)),
        ("7.0.0", json!("7.0.0")),
        (".inf", json!(null)),
        ("9223372036854775808", json!(9_223_372_036_854_775_808_u64)),
        ("99999999999999999999", json!(1e20)),
        ("! 12", json!(12)),
        ("!!str 12", json!("12")),
        ("!!float 1e3", json!(1000.0)),
        ("!!int '0x10'", json!(16)),
        ("2020-1-1", json!("2020-1-1")),
        ("2020-01-01", json!("2020-01-01")),
        ("2020-01-01T00:00:00Z", json!("2020-01-01T00:00:00+00:00")),
        ("2020-01-01 10:00:00.5 +02:00", json!("2020-01-01T10:00:00.500000+02:00")),
        ("2020-1-2 3:04:05", json!("2020-01-02T03:04:05")),
        ("2020-01-01T00:00", json!("2020-01-01T00:00")),
        ("", json!(null)),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    assert_eq!(parse("2020-01-01").map(|node| node.kind), Ok(Kind::Date("2020-01-01".to_owned())));
    assert_eq!(parse("-.inf").map(|node| node.kind), Ok(Kind::Float(f64::NEG_INFINITY)));
}

#[test]
fn mappings_merge_repeat_and_have_text_keys() {
    for (text, expected) in [
        ("a: 1\nb: 2\na: 3", r#"{"a":3,"b":2}"#),
        ("a: &x {b: 1}\nc: {e: 2, <<: *x}", r#"{"a":{"b":1},"c":{"b":1,"e":2}}"#),
        ("a: {<<: [{b: 1, c: 2}, {b: 3, d: 4}], d: 5}", r#"{"a":{"b":1,"d":5,"c":2}}"#),
        ("'<<': 1\n=: 2", r#"{"<<":1,"=":2}"#),
        (
            "{200: a, true: b, null: c, 1.5: d, 1.0e+20: e}",
            r#"{"200":"a","true":"b","null":"c","1.5":"d","1e+20":"e"}"#,
        ),
        ("{\"a\": [1, {\"b\": null}], \"c\": \"x\\/y\"}", r#"{"a":[1,{"b":null}],"c":"x/y"}"#),
        ("a: {\nb: 1\n}\nc:\n  d: [1,\n2]", r#"{"a":{"b":1},"c":{"d":[1,2]}}"#),
        ("---\na: 1\n...\n", r#"{"a":1}"#),
    ] {
        assert_eq!(value(text).to_string(), expected, "{text}");
    }
}

#[test]
fn repeated_keys_are_told() {
    let warnings = |text| -> Vec<String> {
        let warnings = super::read(text).map(|document| document.warnings).unwrap_or_default();
        warnings.iter().map(|found| format!("{}:{} {}", found.at.line, found.at.column, found.message)).collect()
    };
    let told = "4:3 the key `b` stands on line 2 and on line 4: only the value on line 4 counts";
    assert_eq!(warnings("a:\n  b: 1\n  c: 2\n  b: 3"), [told]);
    assert_eq!(warnings("a: {b: 1, b: 2, b: 3}").len(), 2);
    assert_eq!(warnings("a: &x {b: 1}\nc: {<<: *x, b: 2}\nd: *x"), [""; 0], "what is merged may be replaced");
    assert_eq!(warnings("a: {1: x, '1': y}").len(), 1, "both are text here");
}

#[test]
fn what_pyyaml_refuses() {
    for (text, expected) in [
        ("version: 1\nstreams:\n\t- a", "3:1 a tab"),
        ("a:\n  - {\n\t\"b\": 1}", "3:1 a tab"),
        ("a: 1\n---\nb: 2", "2:1 a second document"),
        ("x: !!python/object/apply:os.getcwd []", "1:4 the tag `!!python/object/apply:os.getcwd`"),
        ("x: !!binary aGk=", "1:4 the tag"),
        ("x: !!int abc", "1:4 this is no value for the tag `!!int`"),
        ("x: {{ config.y }}", "1:5 a mapping or a list cannot be a key"),
        ("x: &a [*a]", "1:8 this alias stands inside"),
        ("x: *a", "1:4 `*a` names no anchor"),
        ("x: {<<: 1}", "1:9 `<<` wants a mapping"),
        ("x: =", "1:4 `=`"),
        ("x: 2020-02-30", "1:4 there is no such date"),
        ("a: \u{1}", "1:4 a control character"),
        ("a: b: c", "1:5 there is a second `:` in the value of `a`"),
    ] {
        let message = refused(text);
        assert!(message.starts_with(expected), "{text:?}: {message}");
    }
}

#[test]
fn hostile_documents_end() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        let aliases = vec![format!("*a{}", at - 1); 9].join(", ");
        bomb.push_str(&format!("a{at}: &a{at} [{aliases}]\n"));
    }
    assert!(refused(&bomb).contains("too large"));
    assert!(refused(&"[".repeat(100_000)).contains("recursion limit"));
    assert!(refused(&"- ".repeat(300)).contains("deep"));
    let mut chain = "a0: &a0 [1]\n".to_owned();
    for at in 1..500 {
        chain.push_str(&format!("a{at}: &a{at} [*a{}]\n", at - 1));
    }
    assert!(refused(&chain).contains("deep"));
}

#[test]
fn values_and_keys_know_their_places() {
    let node = parse("a: 1\nb:\n  - c:  x\n    d: {\ne: é, f: y}\n").unwrap_or_default();
    let at = |line, column| Position { line, column };
    let entry = |node: &Node, key: &str| {
        let entry = node.as_map().and_then(|map| map.entry(key)).unwrap_or_else(|| panic!("{key}"));
        (entry.at, entry.value.at)
    };
    assert_eq!(entry(&node, "a"), (at(1, 1), at(1, 4)));
    assert_eq!(entry(&node, "b").0, at(2, 1));
    let item = node.get("b").and_then(|list| list.as_list()?.first()).cloned().unwrap_or_default();
    assert_eq!(item.at, at(3, 5));
    assert_eq!(entry(&item, "c"), (at(3, 5), at(3, 9)));
    let inner = item.get("d").cloned().unwrap_or_default();
    assert_eq!(entry(&inner, "e"), (at(5, 1), at(5, 4)));
    assert_eq!(entry(&inner, "f"), (at(5, 7), at(5, 10)));
}

/// What the parser says of these mistakes is often said of a later line, and seldom what is wrong.
#[test]
fn broken_text_is_told_where_it_is_broken() {
    const TEXT: &str = "version: 1
type: Source
streams:
  - type: Stream
    name: types
    retriever:
      requester:
        url: x
      selector:
        field_path: []
";
    for (from, to, expected) in [
        ("      requester:", "\trequester:", "7:1 a tab indents this line"),
        ("      requester:", "      \trequester:", "7:7 a tab indents this line"),
        ("  - type", "\t- type", "4:1 a tab indents this line"),
        ("url: x", "url:\tx", "8:13 a tab stands here"),
        ("name: types", "name types", "5:5 `name types` has no `:`"),
        ("type: Stream", "type Stream", "4:5 `type Stream` has no `:`"),
        ("requester:", "requester", "7:7 `requester` has no `:`"),
        ("url: x", "type: x\n        url:https://a.b", "9:9 `url:https://a.b` has no space after its colon"),
        ("url: x", "url: a: b", "8:15 there is a second `:` in the value of `url`"),
        ("    retriever:", "      retriever:", "6:7 this line is indented below `name`, which has a value already"),
        ("type: Source", "type: [", "2:7 this `[` is not closed"),
        ("url: x", "url: {a: b", "8:14 this `{` is not closed"),
        ("[]", "[", "10:21 this `[` is not closed"),
        (
            "url: x",
            "url: {\n            a: 1\n            b: 2\n        }",
            "10:14 a `,` or `}` is missing before this",
        ),
        ("url: x", "url: x]\n        a: ]", "9:12 nothing opens what this bracket closes"),
        ("url: x", "url: \"x", "8:14 the quote that begins here is not closed"),
        ("url: x", "url: \"x\" y", "8:18 something follows the closing quote"),
        ("url: x", "url: \"\\d\"", "8:14 a `\\` in these double quotes"),
        ("url: x", "url: %x", "8:14 a value without quotes cannot begin with `%`"),
        ("url: x", "url: |x\n", "8:14 something follows the `|` or `>`"),
        ("      selector", "       selector", "9:8 this line is not indented like any"),
        ("    name", "    - name", "5:7 an item of a list stands among the keys"),
    ] {
        assert!(TEXT.contains(from), "{from}");
        let text = TEXT.replacen(from, to, 1);
        let message = refused(&text);
        assert!(message.starts_with(expected), "{text}: {message}");
        assert!(!message.contains("no YAML"), "{message}");
    }
    let help = parse("a: 1\nname types\nb: 2").err().and_then(|finding| finding.help);
    assert_eq!(help.as_deref(), Some("write `name: types`"));
}
