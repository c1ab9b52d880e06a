//! Compares the scanner with serde_json over generated documents, whole and in pieces.

use std::fmt::Write as _;

use serde_json::Value;

use super::compact::{compact_into, repair_into, without_nulls_into};
use super::error::ScanErrorKind;
use super::members::{members, nulls, string_value, unescape};
use super::oracle::{Owned, expected_records, matches, scan, segments, serde_accepts};
use super::path::JsonPath;
use super::plan::ScanPlan;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn space(&mut self, out: &mut String) {
        if self.below(8) == 0 {
            out.push_str(self.of(&[" ", "\n", "\r\n\t", "            ", "\n                    "]));
        }
    }

    fn value(&mut self, depth: usize, unique_keys: bool, out: &mut String) {
        self.space(out);
        match self.below(if depth == 0 { 7 } else { 13 }) {
            0..3 => self.string(out),
            3..5 => out.push_str(self.of(&[
                "0",
                "-0",
                "1",
                "12",
                "-7.25",
                "0.0",
                "1e5",
                "1E-2",
                "2.5e+10",
                "12345678901234567890123",
                "0e1",
                "1e999",
            ])),
            5..7 => out.push_str(self.of(&["true", "false", "null"])),
            7..11 => {
                out.push('{');
                let mut keys =
                    vec![r#""a""#, r#""b""#, r#""\u0062\u0063""#, r#""0""#, r#""""#, r#""x.y""#, r#""é""#, r#""c\"""#];
                let count = self.below(5);
                for member in 0..count {
                    self.comma(member, out);
                    let key = self.below(keys.len());
                    out.push_str(if unique_keys { keys.remove(key) } else { keys[key] });
                    self.space(out);
                    out.push(':');
                    self.value(depth - 1, unique_keys, out);
                }
                self.space(out);
                out.push('}');
            }
            _ => {
                out.push('[');
                let count = self.below(4);
                for element in 0..count {
                    self.comma(element, out);
                    self.value(depth - 1, unique_keys, out);
                }
                self.space(out);
                out.push(']');
            }
        }
        self.space(out);
    }

    fn comma(&mut self, index: usize, out: &mut String) {
        if index > 0 {
            out.push(',');
        }
        self.space(out);
    }

    fn string(&mut self, out: &mut String) {
        out.push('"');
        for _ in 0..self.below(6) {
            match self.below(10) {
                0 => out.push_str(self.of(&["\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude00"])),
                1 => out.push_str(self.of(&["é", "😀", "\u{2028}", "\u{7f}", "{", "]", ",", ":"])),
                2 if self.below(4) == 0 => out.push_str(self.of(&["\\ud800", "\\udc00", "\\ud800\\u0041"])),
                _ => {
                    let _ = write!(out, "{}", "abc DEF 0123456789".get(..self.below(18)).unwrap());
                }
            }
        }
        out.push('"');
    }

    /// Breaks a document a little, or leaves it valid by luck.
    fn mutate(&mut self, body: &mut Vec<u8>) {
        for _ in 0..=self.below(2) {
            let at = self.below(body.len().max(1)).min(body.len());
            match self.below(4) {
                0 => body.truncate(at),
                1 if at < body.len() => {
                    body.remove(at);
                }
                2 if at < body.len() => {
                    body[at] = self.of(b"\"\\{}[],:0123456789.eE+-truefalsnu \n\x01\x7f\x80\xc3\xffxNI")
                }
                _ => {
                    let inserted = self.of(&[
                        "\"", "\\", "\\u12", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", "NaN", "null", " ",
                        "\n", "\t", "é",
                    ]);
                    body.splice(at..at, inserted.bytes());
                }
            }
        }
    }

    fn path(&mut self, choices: &[&str]) -> JsonPath {
        let length = self.below(4);
        let segments: Vec<_> = (0..length).map(|_| self.of(choices)).collect();
        JsonPath::from_segments(segments)
    }
}

const SEGMENTS: &[&str] = &["a", "b", "bc", "0", "1", "-1", "", "x.y", "é", "*"];
const WITHOUT_WILDCARD: &[&str] = &["a", "b", "bc", "0", "1", "-1", "", "x.y", "é"];

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn nothing() -> ScanPlan {
    ScanPlan::new(JsonPath::parse("nowhere.at.all"), Vec::new(), Vec::new())
}

fn accepts(bytes: &[u8]) -> bool {
    matches!(scan(&nothing(), bytes, || usize::MAX / 2).end, Some(Ok(_)))
}

#[test]
fn accepts_what_serde_json_accepts() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut valid, mut invalid) = (0, 0);
    for round in 0..30_000 {
        let mut text = String::new();
        random.value(4, false, &mut text);
        let mut body = text.into_bytes();
        if round % 4 != 0 {
            random.mutate(&mut body);
        }
        let expected = serde_accepts(&body);
        *(if expected { &mut valid } else { &mut invalid }) += 1;
        assert_eq!(accepts(&body), expected, "{:?}", String::from_utf8_lossy(&body));
    }
    assert!(valid > 5_000 && invalid > 5_000, "{valid} valid, {invalid} invalid");
}

#[test]
fn finds_the_records_and_values_that_a_tree_has() {
    let mut random = Random(0xfeed_beef_1234_0001);
    let (mut records, mut fields, mut captures, mut refused) = (0, 0, 0, 0);
    for _ in 0..40_000 {
        let mut text = String::new();
        random.value(5, true, &mut text);
        let Ok(body) = serde_json::from_str::<Value>(&text) else { continue };
        let paths: Vec<_> = (0..5).map(|_| random.path(SEGMENTS)).collect();
        let plan = ScanPlan::new(paths[0].clone(), paths[1..3].to_vec(), paths[3..].to_vec()).noting_nulls(true);
        let outcome = scan(&plan, text.as_bytes(), || usize::MAX / 2);
        let expected = match expected_records(&body, &paths[0]) {
            Ok(expected) => expected,
            Err(index) => {
                refused += 1;
                assert!(
                    matches!(outcome.end, Some(Err((ScanErrorKind::NotAnObject { index: at, .. }, _))) if at == index),
                    "{text} at {paths:?}: {outcome:?}"
                );
                continue;
            }
        };
        let captured = outcome.end.unwrap().unwrap();
        let found: Vec<_> = outcome.records.iter().map(|record| parse(&record.bytes)).collect();
        assert_eq!(found, expected, "{text} at {}", paths[0]);
        assert_eq!(captured.records(), expected.len());
        records += found.len();
        let first = |value, path: &JsonPath| {
            let mut found = Vec::new();
            matches(value, &segments(path), &mut found);
            found.first().map(|value| (*value).clone())
        };
        for (path, position) in paths[3..].iter().zip(0..) {
            let expected = first(&body, path);
            captures += usize::from(expected.is_some());
            assert_eq!(captured.get(position).map(parse), expected, "capture {path} of {text}");
            assert_eq!(path.get(text.as_bytes()).map(parse), expected, "{path} of {text}");
        }
        for (owned, record) in outcome.records.iter().zip(&found) {
            assert_eq!(owned.flags.3, record.as_object().unwrap().is_empty());
            for (path, raw) in paths[1..3].iter().zip(&owned.fields) {
                let expected = first(record, path);
                fields += usize::from(expected.is_some());
                assert_eq!(raw.as_deref().map(parse), expected, "field {path} of {record}");
            }
            check_copies(owned, record);
        }
    }
    assert!(
        records > 2_000 && fields > 1_000 && captures > 10_000 && refused > 1_000,
        "{records} {fields} {captures} {refused}"
    );
}

/// Compacting must keep the value and be needed exactly if the scan says so.
fn check_copies(owned: &Owned, record: &Value) {
    let mut compact = Vec::new();
    compact_into(&owned.bytes, &mut compact);
    assert_eq!(&parse(&compact), record);
    assert_eq!(owned.flags.0, compact.len() < owned.bytes.len());
    assert!(!owned.flags.1, "serde_json refuses unpaired surrogates");
    assert_eq!(owned.nulls, nulls(&owned.bytes).collect::<Vec<_>>());
    let mut short = Vec::new();
    without_nulls_into(&owned.bytes, &owned.nulls, &mut short);
    let mut expected = record.clone();
    expected.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(parse(&short), expected, "{record}");
}

#[test]
fn the_last_of_equal_keys_counts_for_values() {
    let mut random = Random(0xdada_0000_1111_2223);
    let mut captures = 0;
    for _ in 0..20_000 {
        let mut text = String::new();
        random.value(5, false, &mut text);
        let Ok(body) = serde_json::from_str::<Value>(&text) else { continue };
        let path = random.path(WITHOUT_WILDCARD);
        let plan = ScanPlan::new(JsonPath::parse("nowhere.at.all"), Vec::new(), vec![path.clone()]);
        let captured = scan(&plan, text.as_bytes(), || usize::MAX / 2).end.unwrap().unwrap();
        let mut found = Vec::new();
        matches(&body, &segments(&path), &mut found);
        captures += found.len();
        assert_eq!(captured.get(0).map(parse).as_ref(), found.first().copied(), "{path} of {text}");
        assert_eq!(path.get(text.as_bytes()).map(parse).as_ref(), found.first().copied(), "{path} of {text}");
    }
    assert!(captures > 4_000, "{captures}");
}

#[test]
fn pieces_make_no_difference() {
    let mut random = Random(0xabcd_ef01_2345_6789);
    for round in 0..20_000 {
        let mut text = String::from(random.of(&["", "\u{feff}", " "]));
        random.value(5, false, &mut text);
        let mut body = text.into_bytes();
        if round % 3 == 0 {
            random.mutate(&mut body);
        }
        let paths: Vec<_> = (0..5).map(|_| random.path(SEGMENTS)).collect();
        let plan = ScanPlan::new(paths[0].clone(), paths[1..3].to_vec(), paths[3..].to_vec()).noting_nulls(true);
        let whole = scan(&plan, &body, || usize::MAX / 2);
        let largest = random.of(&[1, 2, 7, 40]);
        let pieces = scan(&plan, &body, || 1 + random.below(largest));
        assert_eq!(pieces, whole, "{:?} at {paths:?}", String::from_utf8_lossy(&body));
    }
}

#[test]
fn broken_text_does_no_harm() {
    let mut random = Random(0x5555_aaaa_5555_aaab);
    for _ in 0..20_000 {
        let mut text = String::new();
        random.value(4, false, &mut text);
        let mut body = text.into_bytes();
        random.mutate(&mut body);
        let mut out = Vec::new();
        compact_into(&body, &mut out);
        repair_into(&body, &mut out);
        let _ = random.path(SEGMENTS).get(&body);
        for (key, value) in members(&body) {
            out.extend_from_slice(unescape(key).as_bytes());
            out.extend_from_slice(string_value(value).unwrap_or_default().as_bytes());
        }
    }
}

#[test]
fn repaired_records_are_accepted_by_strict_readers() {
    let mut random = Random(0x0bad_cafe_0bad_cafe);
    let plan = ScanPlan::new(JsonPath::parse("records"), Vec::new(), Vec::new());
    let mut repaired = 0;
    for _ in 0..5_000 {
        let mut text = String::from(r#"{"records":[{"value":"#);
        random.value(3, false, &mut text);
        text.push_str("}]}");
        if text.contains("1e999") {
            continue;
        }
        for record in scan(&plan, text.as_bytes(), || usize::MAX / 2).records {
            let accepted = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).is_ok();
            assert_eq!(record.flags.1, !accepted(&record.bytes), "{text}");
            let mut out = Vec::new();
            repair_into(&record.bytes, &mut out);
            assert!(accepted(&out), "{text}");
            repaired += usize::from(record.flags.1);
        }
    }
    assert!(repaired > 100, "{repaired}");
}
