use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    CombineMode, CombinedExtractor, DpathExtractor, ExpanderOptions, Extracted, Extraction, Extractor, OnNoRecords,
    ParentField, RecordExpander,
};
use crate::error::Result;
use crate::plan::dpath::Dpath;

fn path<const N: usize>(segments: [&str; N]) -> Dpath {
    Dpath::of_texts(segments)
}

fn at<const N: usize>(segments: [&str; N]) -> DpathExtractor {
    DpathExtractor::new(path(segments), None)
}

fn expanding<const N: usize>(segments: [&str; N], options: ExpanderOptions) -> DpathExtractor {
    let expander = RecordExpander::new(path(segments), options).unwrap();
    DpathExtractor::new(path([]), Some(Arc::new(expander)))
}

/// All that is found in an answer of these elements.
fn extract(extractor: &dyn Extractor, elements: &[Value]) -> Result<Extraction> {
    let mut all = Extraction::default();
    extractor.extract(
        &|sink| elements.iter().try_for_each(|element| sink(element.clone()).map(drop)),
        &mut |mut part| {
            all.records.append(&mut part.records);
            all.left_out += part.left_out;
            all.warnings.append(&mut part.warnings);
            Ok(())
        },
    )?;
    Ok(all)
}

fn values(extraction: Extraction) -> Result<Vec<Value>> {
    extraction.records.into_iter().map(Extracted::into_record).collect()
}

fn records(extractor: &dyn Extractor, element: Value) -> Value {
    json!(values(extract(extractor, &[element]).unwrap()).unwrap())
}

#[test]
fn records_are_what_is_at_the_path() {
    let cases = [
        (at([]), json!({"a": 1}), json!([{"a": 1}])),
        (at([]), json!([1, null]), json!([1, null])),
        (at([]), json!({}), json!([])),
        (at(["d"]), json!({"d": [{"x": 1}, {"x": 2}]}), json!([{"x": 1}, {"x": 2}])),
        (at(["d"]), json!({"d": {"x": 1}}), json!([{"x": 1}])),
        (at(["d"]), json!({"d": "text"}), json!(["text"])),
        (at(["d"]), json!({"e": 1}), json!([])),
        (at(["d"]), json!({"d": null}), json!([])),
        (at(["d"]), json!({"d": 0}), json!([])),
        (at(["d"]), json!({"d": false}), json!([])),
        (at(["d"]), json!([{"d": 1}]), json!([])),
        (at(["items", "*"]), json!({"items": {"k1": {"x": 1}, "k2": 0}}), json!([{"x": 1}, 0])),
        (at(["*", "x"]), json!([{"x": [1]}, {"y": 2}, {"x": 3}]), json!([[1], 3])),
        (at(["d?ta"]), json!({"data": [{"x": 1}]}), json!([{"x": 1}])),
    ];
    for (extractor, element, expected) in cases {
        assert_eq!(records(&extractor, element.clone()), expected, "{element}");
    }
    assert!(extract(&at(["d?"]), &[json!({"d1": 1, "d2": 2})]).is_err());
    let page = extract(&at(["d"]), &[json!({"d": [1]}), json!({}), json!({"d": [2]})]).unwrap();
    assert_eq!(values(page).unwrap(), [json!(1), json!(2)]);
}

fn parents() -> Value {
    json!([{"id": 1, "lines": [{"x": 1}, 5]}, {"id": 2, "lines": []}, {"id": 3}, 4])
}

#[test]
fn expanded_records_are_the_items() {
    assert_eq!(records(&expanding(["lines"], ExpanderOptions::default()), parents()), json!([{"x": 1}, 5, 4]));

    let original =
        ExpanderOptions { remain_original_record: true, on_no_records: OnNoRecords::EmitParent, ..Default::default() };
    let parent = &parents()[0];
    let expected = json!([
        {"x": 1, "original_record": parent}, {"value": 5, "original_record": parent},
        {"id": 2, "lines": []}, {"id": 3}, 4,
    ]);
    assert_eq!(records(&expanding(["lines"], original), parents()), expected);

    let sections = json!({"s": [{"i": [1]}, {"i": [2, 3]}, {"i": "no list"}]});
    assert_eq!(records(&expanding(["s", "*", "i"], ExpanderOptions::default()), sections), json!([1, 2, 3]));
    assert_eq!(records(&expanding([], ExpanderOptions::default()), json!({"a": 1})), json!([{"a": 1}]));
}

#[test]
fn parents_lend_their_fields() {
    let field = |from: &[&str], to: &[&str]| {
        ParentField::new(Dpath::of_texts(from.iter().copied()), Dpath::of_texts(to.iter().copied())).unwrap()
    };
    let parent = json!({"id": 7, "o": {"k": [1]}, "l": {"more": 1, "data": [{"id": 1, "x": 2}]}});
    let cases = [
        (vec![field(&["id"], &["parent"])], false, json!({"id": 1, "x": 2, "parent": 7})),
        (vec![field(&["o", "k", "0"], &["p", "k"])], false, json!({"id": 1, "x": 2, "p": {"k": 1}})),
        (vec![field(&["none"], &["x"])], false, json!({"id": 1, "x": null})),
        (vec![], true, json!({"id": 1, "o": {"k": [1]}, "l": {"more": 1}, "x": 2})),
        (vec![field(&["id"], &["id"])], true, json!({"id": 7, "o": {"k": [1]}, "l": {"more": 1}, "x": 2})),
    ];
    for (parent_fields, merge_parent, expected) in cases {
        let options = ExpanderOptions { parent_fields: parent_fields.into(), merge_parent, ..Default::default() };
        assert_eq!(records(&expanding(["l", "data"], options), parent.clone()), json!([expected]));
    }
    let blocked = ExpanderOptions { parent_fields: [field(&["id"], &["x", "y"])].into(), ..Default::default() };
    assert!(values(extract(&expanding(["l", "data"], blocked), &[parent]).unwrap()).is_err());
    assert!(ParentField::new(path(["*"]), path(["a"])).is_err());
    assert!(ParentField::new(path(["a"]), path([])).is_err());
}

#[test]
fn truncated_lists_are_told() {
    let indicator = || Some(path(["l", "has_more"]));
    let parent = |more: bool| json!({"l": {"data": [{"x": 1}], "has_more": more, "total_count": 3}});
    let options = ExpanderOptions { truncation_indicator_path: indicator(), ..Default::default() };
    let expander = expanding(["l", "data"], options);
    let first = extract(&expander, &[json!([parent(false), parent(true), parent(true)])]).unwrap();
    assert_eq!(first.records.len(), 3);
    assert_eq!(first.warnings.len(), 1);
    assert!(first.warnings[0].contains("only the 1 of 3 items"), "{}", first.warnings[0]);
    assert!(extract(&expander, &[parent(true)]).unwrap().warnings.is_empty());

    let globs = ExpanderOptions { truncation_indicator_path: Some(path(["*"])), ..Default::default() };
    assert!(RecordExpander::new(path(["l"]), globs).is_err());
}

fn combined(mode: CombineMode, skip_empty_records: bool) -> CombinedExtractor {
    let extractors: Vec<Box<dyn Extractor>> = vec![Box::new(at(["a"])), Box::new(at(["b"]))];
    CombinedExtractor::new(extractors, mode, skip_empty_records).unwrap()
}

#[test]
fn extractors_combine() {
    let both = || json!({"a": [1, null], "b": [2]});
    assert_eq!(records(&combined(CombineMode::Union, false), both()), json!([1, null, 2]));
    assert_eq!(records(&combined(CombineMode::FirstMatch, false), both()), json!([1, null]));
    assert_eq!(records(&combined(CombineMode::FirstMatch, false), json!({"b": [2]})), json!([2]));

    // All elements of an answer count as one.
    let elements = [json!({"b": [2]}), json!({"a": [1]})];
    let page = extract(&combined(CombineMode::FirstMatch, false), &elements).unwrap();
    assert_eq!(values(page).unwrap(), [json!(1)]);
    let page = extract(&combined(CombineMode::Union, false), &elements).unwrap();
    assert_eq!(values(page).unwrap(), [json!(1), json!(2)]);

    let skipped = extract(&combined(CombineMode::Union, true), &[both()]).unwrap();
    assert_eq!((skipped.left_out, skipped.records.len(), skipped.warnings.len()), (1, 2, 1));
    assert_eq!(values(skipped).unwrap(), [json!(1), json!(2)]);
    let first = combined(CombineMode::FirstMatch, true);
    let found = extract(&first, &[json!({"a": [null, {}], "b": [2]})]).unwrap();
    assert_eq!(found.left_out, 0, "what did not match does not count");
    assert_eq!(values(found).unwrap(), [json!(2)]);
    let found = extract(&first, &[json!({"a": [null]}), json!({"a": [1, {}]})]).unwrap();
    assert_eq!((found.left_out, values(found).unwrap()), (2, vec![json!(1)]));

    assert!(CombinedExtractor::new(vec![], CombineMode::Union, false).is_err());
    assert_eq!(extract(&combined(CombineMode::Union, true), &[json!({})]).unwrap(), Extraction::default());
}
