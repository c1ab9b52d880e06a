//! The scanner, held against serde_json's trees.

use serde_json::Value;

use super::parts;
use crate::json::oracle::{expected_records, matches, scan as scanned, segments, serde_accepts};
use crate::json::{
    JsonPath, ScanErrorKind, ScanPlan, compact_into, members, narrow_into, repair_into, string_value,
    without_nulls_into,
};
use crate::plan::decoder::Decoder;

/// How deep a tree of serde_json may be.
const SERDE_DEPTH: usize = 120;

/// The paths of the records, of a field and of a captured value, the lengths of the pieces, and the body.
pub(super) fn scan(data: &[u8]) {
    let Some((paths, body)) = super::first_line(data) else { return };
    let mut paths = paths.split(' ');
    let mut path = || JsonPath::parse(paths.next().unwrap_or_default());
    let (records, field, capture) = (path(), path(), path());
    let mut lengths = paths.filter_map(|length| length.parse().ok()).cycle();
    let plan = ScanPlan::new(records.clone(), vec![field], vec![capture.clone()]);
    let whole = scanned(&plan, body, || usize::MAX / 2);
    let pieces = scanned(&plan, body, || lengths.next().unwrap_or(1));
    assert_eq!(pieces, whole, "pieces make a difference");
    let lines = ScanPlan::new(records.clone(), Vec::new(), Vec::new()).in_sequence();
    assert_eq!(scanned(&lines, body, || 3), scanned(&lines, body, || usize::MAX / 2));
    if let Some(Ok(captured)) = &whole.end
        && !capture.is_empty()
    {
        let found = capture.get(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
        assert_eq!(found, captured.get(0), "two ways to one value");
    }
    if opened(body) < SERDE_DEPTH {
        hold_against_trees(&records, &plan, body);
    }
    touch(body);
}

/// What serde_json says about the same body.
fn hold_against_trees(records: &JsonPath, plan: &ScanPlan, body: &[u8]) {
    let outcome = scanned(plan, body, || usize::MAX / 2);
    for record in &outcome.records {
        without_nulls_into(&record.bytes, &record.nulls, &mut Vec::new());
    }
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let is_record_fault = matches!(outcome.end, Some(Err((ScanErrorKind::NotAnObject { .. }, _))));
    assert!(is_record_fault || matches!(outcome.end, Some(Ok(_))) == serde_accepts(text), "{:?}", outcome.end);
    let Ok(tree) = serde_json::from_slice::<Value>(text) else { return };
    assert!(Decoder::json(text).is_some(), "a decoder refuses what is JSON");
    let mut compact = Vec::new();
    compact_into(text, &mut compact);
    // Of equal keys a tree has one, and indexes are read by another rule there.
    let is_same = compact == tree.to_string().as_bytes();
    let is_plain =
        segments(records).iter().all(|segment| matches!(segment.as_str(), "0" | "1" | "-1") || !is_index(segment));
    if !is_same || !is_plain {
        return;
    }
    match expected_records(&tree, records) {
        Ok(expected) => {
            let found: Result<Vec<Value>, _> =
                outcome.records.iter().map(|record| serde_json::from_slice(&record.bytes)).collect();
            assert_eq!(found.ok(), Some(expected), "{records}");
        }
        Err(_) => assert!(is_record_fault, "what is no object is taken for a record"),
    }
}

fn is_index(segment: &str) -> bool {
    segment.starts_with(|first: char| first.is_ascii_digit() || first == '-' || first == '+')
}

/// At most as many containers as this lie in each other.
fn opened(body: &[u8]) -> usize {
    body.iter().filter(|byte| matches!(byte, b'{' | b'[')).count()
}

/// What is done to bytes that need not be JSON.
fn touch(body: &[u8]) {
    let mut out = Vec::new();
    compact_into(body, &mut out);
    repair_into(body, &mut out);
    narrow_into(body, &mut out);
    for (key, value) in members(body) {
        let _ = (string_value(key), string_value(value));
    }
    let _ = Decoder::json(body);
}

/// A path, and a body that it is followed in.
pub(super) fn path(data: &[u8]) {
    let Some([path, body]) = parts(data) else { return };
    let is_plain = path.split('.').all(|segment| !segment.is_empty());
    let path = JsonPath::parse(path);
    assert!(!is_plain || JsonPath::parse(&path.to_string()) == path, "a path changes when it is written");
    let found = path.get(body.as_bytes());
    let Ok(tree) = serde_json::from_str::<Value>(body) else { return };
    let segments = segments(&path);
    let (mut compact, mut all) = (Vec::new(), Vec::new());
    compact_into(body.as_bytes(), &mut compact);
    matches(&tree, &segments, &mut all);
    if compact == tree.to_string().as_bytes() && !segments.iter().any(|segment| is_index(segment)) {
        let found = found.and_then(|raw| serde_json::from_slice::<Value>(raw).ok());
        assert_eq!(found.as_ref(), all.first().copied(), "{path} in {tree}");
    }
}
