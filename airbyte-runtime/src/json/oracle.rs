//! What a scan must find, by way of serde_json's trees: for the tests here and the harness of bad input.

use std::ops::ControlFlow;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::error::ScanErrorKind;
use super::path::{JsonPath, Segment};
use super::plan::ScanPlan;
use super::record::{Captured, Record};
use super::scan::Scanner;

/// Everything that a scan reports.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) records: Vec<Owned>,
    pub(crate) end: Option<Result<Captured, (ScanErrorKind, usize)>>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Owned {
    pub(crate) bytes: Vec<u8>,
    pub(crate) fields: Vec<Option<Vec<u8>>>,
    pub(crate) flags: (bool, bool, bool, bool),
    pub(crate) nulls: Vec<usize>,
}

/// Feeds `body` in pieces whose lengths `piece` gives.
pub(crate) fn scan(plan: &ScanPlan, body: &[u8], mut piece: impl FnMut() -> usize) -> Outcome {
    let mut outcome = Outcome::default();
    let mut scanner = Scanner::new(plan);
    let (mut start, mut end) = (0, 0);
    while end < body.len() || end == 0 {
        end = body.len().min(end + piece().max(1));
        let records = &mut outcome.records;
        let mut on_record = |record: Record<'_>| {
            records.push(Owned {
                bytes: record.bytes.to_vec(),
                fields: record.fields.iter().map(|field| field.map(<[u8]>::to_vec)).collect(),
                flags: (record.whitespace, record.lone_surrogate, record.wide_integer, record.empty),
                nulls: record.nulls.to_vec(),
            });
            ControlFlow::Continue(())
        };
        match scanner.feed(&body[start..end], end == body.len(), &mut on_record) {
            Ok(consumed) => start += consumed,
            Err(error) => {
                outcome.end = Some(Err((error.kind(), error.offset())));
                return outcome;
            }
        }
        if body.is_empty() {
            break;
        }
    }
    assert_eq!(start, body.len(), "everything is consumed at the end");
    outcome.end = Some(scanner.finish().map_err(|error| (error.kind(), error.offset())));
    outcome
}

/// The values at `path` in order, by the rules of dpath.
pub(crate) fn matches<'v>(value: &'v Value, path: &[String], found: &mut Vec<&'v Value>) {
    let Some((segment, rest)) = path.split_first() else { return found.push(value) };
    match value {
        Value::Object(members) if segment == "*" => members.values().for_each(|member| matches(member, rest, found)),
        Value::Object(members) => members.get(segment).into_iter().for_each(|member| matches(member, rest, found)),
        Value::Array(elements) if segment == "*" => elements.iter().for_each(|element| matches(element, rest, found)),
        Value::Array(elements) => {
            let index = if segment == "-1" { elements.len().checked_sub(1) } else { segment.parse().ok() };
            index.and_then(|index| elements.get(index)).into_iter().for_each(|element| matches(element, rest, found));
        }
        _ => {}
    }
}

pub(crate) fn segments(path: &JsonPath) -> Vec<String> {
    path.segments()
        .iter()
        .map(|segment| match segment {
            Segment::Any => "*".to_owned(),
            Segment::Key(name) => name.to_string(),
        })
        .collect()
}

fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// The records of `body`, or how many come before something that is no record.
pub(crate) fn expected_records(body: &Value, path: &JsonPath) -> Result<Vec<Value>, usize> {
    let segments = segments(path);
    let starts_with_index = segments.first().is_some_and(|first| ["0", "1", "-1"].contains(&first.as_str()));
    let roots = match body {
        Value::Array(elements) if !starts_with_index => elements.iter().collect(),
        _ => vec![body],
    };
    let wildcard = segments.iter().any(|segment| segment == "*");
    let mut records = Vec::new();
    for root in roots {
        let mut found = Vec::new();
        matches(root, &segments, &mut found);
        for value in found {
            match value {
                Value::Array(elements) => {
                    for element in elements {
                        if !element.is_object() {
                            return Err(records.len());
                        }
                        records.push(element.clone());
                    }
                }
                Value::Object(members) if members.is_empty() && !wildcard => {}
                Value::Object(_) => records.push(value.clone()),
                _ if is_falsy(value) => {}
                _ => return Err(records.len()),
            }
        }
    }
    Ok(records)
}

/// Reading into nothing makes serde_json accept unpaired surrogates and huge exponents, as the scanner does.
pub(crate) fn serde_accepts(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}
