use serde_json::{Value, json};

use super::{parameters, propagate, references};
use crate::node::Node;
use crate::yaml;

fn resolved(text: &str) -> Result<Value, Vec<String>> {
    let root = yaml::parse(text).map_err(|error| vec![error.message])?;
    references(&root).map(|node| node.to_json()).map_err(|errors| {
        let place = |error: crate::Diagnostic| {
            format!("{}:{} {} {}", error.at.line, error.at.column, error.message, error.help.unwrap_or_default())
        };
        errors.into_iter().map(place).collect()
    })
}

#[test]
fn references_are_replaced() {
    for (text, expected) in [
        ("a: 1\nb: '#/a'", json!({"a": 1, "b": 1, "type": "DeclarativeSource"})),
        (
            "type: x\na: {k: 1, m: {x: 1, y: 2}}\nb: {m: {z: 3}, n: 4, $ref: '#/a'}",
            json!({"type": "x", "a": {"k": 1, "m": {"x": 1, "y": 2}}, "b": {"k": 1, "m": {"z": 3}, "n": 4}}),
        ),
        ("type: x\na: [1]\nb: {$ref: '#/a', c: 2}", json!({"type": "x", "a": [1], "b": [1]})),
        ("type: x\na: {b/c: 1, b: {c: 2}}\nd: '#/a/b/c'", json!({"type": "x", "a": {"b/c": 1, "b": {"c": 2}}, "d": 1})),
        ("type: x\na: [{b: 1}, 2]\nd: ['#/a/0/b', '#/a/-1']", json!({"type": "x", "a": [{"b": 1}, 2], "d": [1, 2]})),
        ("type: x\na: {200: ok}\nd: '#/a/200'", json!({"type": "x", "a": {"200": "ok"}, "d": "ok"})),
        ("type: x\na: {config_overrides: {p: '#/no'}}", json!({"type": "x", "a": {"config_overrides": {"p": "#/no"}}})),
        ("type: x\na: {$ref: b, c: 1}", json!({"type": "x", "a": "b"})),
        (
            "type: x\na: {$parameters: {p: 1, q: 2}}\nb: {$ref: '#/a', $parameters: {p: 3}}",
            json!({"type": "x", "a": {"$parameters": {"p": 1, "q": 2}}, "b": {"$parameters": {"p": 3}}}),
        ),
    ] {
        assert_eq!(resolved(text).map(|value| value.to_string()), Ok(expected.to_string()), "{text}");
    }
}

#[test]
fn all_references_to_nothing_are_found_together() {
    let text = "definitions: {requester: {}, list: [1]}\na: {$ref: '#/definitions/requestor'}\nb: ['#/definitions/list/4', '#/x/y']\nc: '#/a'\n";
    assert_eq!(
        resolved(text),
        Err(vec![
            "2:11 `#/definitions/requestor` points to nothing: `#/definitions` has no `requestor` did you mean `#/definitions/requester`?"
                .to_owned(),
            "3:5 `#/definitions/list/4` points to nothing: `#/definitions/list` has no element `4` ".to_owned(),
            "3:29 `#/x/y` points to nothing: the document has no `x` ".to_owned(),
        ])
    );
}

#[test]
fn circles_are_named() {
    for (text, expected) in [
        (
            "definitions:\n  a: {$ref: '#/definitions/b'}\n  b: {$ref: '#/definitions/a'}",
            "`#/definitions/a` -> `#/definitions/b` -> `#/definitions/a`",
        ),
        ("a: '#/b'\nb: '#/a'", "`#/b` -> `#/a` -> `#/b`"),
        ("a: {b: '#/a'}", "`#/a` -> `#/a`"),
        ("a: '#/'", "`#/`"),
    ] {
        let errors = resolved(text).expect_err(text);
        assert!(errors.iter().any(|error| error.contains(expected)), "{text}: {errors:?}");
    }
}

#[test]
fn hostile_references_end() {
    let mut bomb = "d:\n  a0: {x: y}\n".to_owned();
    for at in 1..40 {
        bomb.push_str(&format!("  a{at}: ['#/d/a{0}', '#/d/a{0}', '#/d/a{0}']\n", at - 1));
    }
    assert!(resolved(&bomb).expect_err("bomb").iter().any(|error| error.contains("larger than")));
    let mut deep = "d:\n  a0: {x: y}\n".to_owned();
    for at in 1..2000 {
        deep.push_str(&format!("  a{at}: {{x: '#/d/a{}'}}\n", at - 1));
    }
    assert!(resolved(&deep).expect_err("deep").iter().any(|error| error.contains("deep")));
    let mut last_first = "d:\n".to_owned();
    for at in 1..2000 {
        last_first.push_str(&format!("  a{at}: {{$ref: '#/d/a{}'}}\n", at + 1));
    }
    last_first.push_str("  a2000: {x: y}\n");
    assert!(resolved(&last_first).expect_err("chain").iter().any(|error| error.contains("lead from one to the next")));
}

#[test]
fn values_keep_the_place_where_they_are_written() {
    let root = yaml::parse("a:\n  b: 1\nc: {$ref: '#/a', d: 2}\n").unwrap_or_default();
    let resolved = references(&root).unwrap_or_default();
    let line = |key: &str| resolved.get("c").and_then(|c| c.get(key)).map(|node| node.at.line);
    assert_eq!((line("b"), line("d")), (Some(2), Some(3)));
}

fn given(component: Value, parent: &str, inherited: Value, use_parent: bool) -> Value {
    let inherited = inherited.as_object().cloned().unwrap_or_default();
    propagate(&Node::from_json(&component), parent, &inherited, use_parent).unwrap_or_default().to_json()
}

#[test]
fn parameters_reach_every_component() {
    let stream = json!({
        "type": "DeclarativeStream",
        "$parameters": {"name": "n", "path": "/p", "inject_on_first_request": true},
        "name": "",
        "retriever": {
            "requester": {"type": "HttpRequester", "path": "/own"},
            "paginator": {"type": "DefaultPaginator", "pagination_strategy": {"type": "PageIncrement", "inject_on_first_request": false}},
        },
    });
    let given_stream = parameters(&Node::from_json(&stream)).unwrap_or_default().to_json();
    let at = |pointer: &str| given_stream.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/name"), "n");
    assert_eq!(at("/retriever/type"), "SimpleRetriever");
    assert_eq!(at("/retriever/requester/path"), "/own");
    assert_eq!(at("/retriever/paginator/pagination_strategy/inject_on_first_request"), true);
    assert_eq!(at("/retriever/requester/$parameters/path"), "/p");

    let component = json!({
        "type": "A", "$parameters": {"x": 1},
        "b": {"type": "B", "$parameters": {"x": 2}, "c": {"type": "C"}},
        "plain": {"k": 1, "$parameters": {"z": 1}},
        "req": {"nested": {"type": "N"}},
        "lst": [{"type": "L"}, {"no": 1}, [{"type": "LL"}]],
    });
    for (use_parent, x) in [(false, 2), (true, 1)] {
        let expected = json!({
            "type": "A",
            "b": {"type": "B", "c": {"type": "C", "x": x, "$parameters": {"x": x}}, "x": x, "$parameters": {"x": x}},
            "plain": {"k": 1},
            "req": {"nested": {"type": "N", "x": 1, "$parameters": {"x": 1}}},
            "lst": [{"type": "L", "x": 1, "$parameters": {"x": 1}}, {"no": 1}, [{"type": "LL"}]],
            "x": 1,
            "$parameters": {"x": 1},
        });
        assert_eq!(given(component.clone(), "", json!({}), use_parent), expected);
    }
}

#[test]
fn missing_types_and_schemas() {
    let x = json!({"x": 1});
    for (component, parent, expected) in [
        (json!({}), "SimpleRetriever.requester", json!({"type": "HttpRequester", "x": 1, "$parameters": {"x": 1}})),
        (
            json!({"class_name": "c"}),
            "RecordSelector.extractor",
            json!({"class_name": "c", "type": "CustomRecordExtractor", "x": 1, "$parameters": {"x": 1}}),
        ),
        (json!({"class_name": "c"}), "SimpleRetriever.requester", json!({"class_name": "c"})),
        (json!({"type": "object", "p": {"type": "A"}}), "", json!({"type": "object", "p": {"type": "A"}})),
        (json!({"type": ["null", "object"], "a": 1}), "", json!({"type": ["null", "object"], "a": 1})),
        (json!({"type": {"type": "string"}}), "", json!({"type": {"type": "string"}})),
        (json!({"type": "A", "x": 0}), "", json!({"type": "A", "x": 1, "$parameters": {"x": 1}})),
        (json!({"type": "A", "$parameters": null}), "", json!({"type": "A", "x": 1, "$parameters": {"x": 1}})),
    ] {
        assert_eq!(given(component.clone(), parent, x.clone(), false), expected, "{component}");
    }
}

#[test]
fn parameters_that_multiply_end() {
    let many: serde_json::Map<String, Value> = (0..30).map(|at| (format!("p{at}"), json!({"type": "X"}))).collect();
    let excess = propagate(&Node::from_json(&json!({"type": "A"})), "", &many, false).expect_err("too many");
    assert_eq!(excess.message, "`$parameters` give components more than 2000000 values");
}
