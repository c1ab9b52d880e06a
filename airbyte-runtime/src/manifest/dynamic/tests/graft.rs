use airbyte_manifest::{Kind, Position, yaml};
use serde_json::json;

use super::super::graft::graft;

#[test]
fn what_the_template_has_keeps_its_place() {
    let template = yaml::parse("a:\n  d: 2024-01-01\n  l: [x, y]\nb: 1\n").unwrap();
    let value = json!({"a": {"d": "2024-01-01", "l": ["x", "z", {"new": 1}], "n": 2}, "b": [3]});
    let grafted = graft(&value, &template);
    assert_eq!(grafted.to_json(), value);
    let at = |path: &[&str]| {
        let node = path.iter().try_fold(&grafted, |node, key| match key.parse::<usize>() {
            Ok(index) => node.as_list()?.get(index),
            Err(_) => node.get(key),
        });
        node.unwrap().at
    };
    let place = |line, column| Position { line, column };
    let cases = [
        (&["a", "d"][..], place(2, 6)),
        (&["a", "l", "1"], place(3, 10)),
        (&["a", "l", "2", "new"], place(3, 6)),
        (&["a", "n"], place(2, 3)),
        (&["b", "0"], place(4, 4)),
    ];
    for (path, expected) in cases {
        assert_eq!(at(path), expected, "{path:?}");
    }
    let date = grafted.get("a").and_then(|a| a.get("d")).unwrap();
    assert!(matches!(date.kind, Kind::Date(_)), "dates are not text");
}
