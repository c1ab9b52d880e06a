//! What templates see of a slice, an answer and its headers.

use std::sync::Arc;

use http::HeaderMap;
use minijinja::value::{Enumerator, Object};
use serde_json::{Map, Value};

use crate::http::link::links;
use crate::jinja::{self, Scope};
use crate::plan::{PageToken, Slice};

/// The names of a window's ends in a slice.
pub(super) type IntervalKeys = Arc<(String, String)>;

/// A slice as `stream_slice`.
pub(super) fn slice_value(slice: &Slice, keys: &IntervalKeys) -> minijinja::Value {
    let mut cursor = Map::new();
    if let Some(interval) = slice.interval() {
        cursor.insert(keys.0.clone(), interval.start.clone().into());
        cursor.insert(keys.1.clone(), interval.end.clone().into());
    }
    let Some(job) = &slice.job else {
        return jinja::stream_slice(&slice.partition.keys, &cursor, &slice.partition.extra);
    };
    let mut extra = slice.partition.extra.clone();
    extra.extend(job.iter().map(|(name, value)| (name.clone(), value.clone())));
    jinja::stream_slice(&slice.partition.keys, &cursor, &extra)
}

/// `stream_slice`, and its two aliases.
pub(super) fn of_slice(slice: &Slice, keys: &IntervalKeys) -> Scope {
    let value = slice_value(slice, keys);
    Scope::new()
        .with("stream_slice", value.clone())
        .with("stream_interval", value.clone())
        .with("stream_partition", value)
}

/// The slice, the token of the page, and the slice's extra fields under their own names.
pub(super) fn of_request(slice: &Slice, keys: &IntervalKeys, token: Option<&PageToken>) -> Scope {
    let token = token.map_or(Value::Null, |token| {
        Value::Object(Map::from_iter([("next_page_token".to_owned(), token_value(token))]))
    });
    let scope = of_slice(slice, keys).with("next_page_token", jinja::json(&token));
    let extra = slice.partition.extra.iter();
    let scope = extra.fold(scope, |scope, (name, value)| scope.with(name.as_str(), jinja::json(value)));
    let job = slice.job.iter().flat_map(|job| job.iter());
    job.fold(scope, |scope, (name, value)| scope.with(name.as_str(), answer(value)))
}

/// What an answer about a job tells; the names of its headers match in any case.
fn answer(value: &Value) -> minijinja::Value {
    let (Some(object), Some(Value::Object(headers))) = (value.as_object(), value.get("headers")) else {
        return jinja::json(value);
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = headers.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let headers = minijinja::Value::from_object(Headers { pairs, links: None });
    let member = |(name, value): (&String, &Value)| {
        let value = if name == "headers" { headers.clone() } else { jinja::json(value) };
        (minijinja::Value::from(name.as_str()), value)
    };
    jinja::mapping(object.iter().map(member))
}

/// A token as JSON.
pub(super) fn token_value(token: &PageToken) -> Value {
    match token {
        PageToken::Value(value) => value.clone(),
        PageToken::Url(url) => url.as_str().into(),
    }
}

/// The headers of an answer; their names match in any case.
pub(super) fn headers(headers: &HeaderMap) -> minijinja::Value {
    minijinja::Value::from_object(Headers { pairs: pairs(headers), links: None })
}

/// The same, where `link` is the parsed header, by relation.
pub(super) fn headers_with_links(headers: &HeaderMap) -> minijinja::Value {
    let links: Map<String, Value> = links(headers)
        .into_iter()
        .map(|link| {
            let mut entry = Map::from_iter([("url".to_owned(), Value::from(link.target.as_str()))]);
            entry.extend(link.parameters.into_iter().map(|(name, value)| (name, Value::from(value))));
            let key = entry.get("rel").and_then(Value::as_str).unwrap_or(&link.target).to_owned();
            (key, Value::Object(entry))
        })
        .collect();
    let links = Some(jinja::json(&Value::Object(links)));
    minijinja::Value::from_object(Headers { pairs: pairs(headers), links })
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        match pairs.iter_mut().find(|(known, _)| known == name.as_str()) {
            // Python's client joins the values of equal headers.
            Some((_, joined)) => {
                joined.push_str(", ");
                joined.push_str(&value);
            }
            None => pairs.push((name.as_str().to_owned(), value.into_owned())),
        }
    }
    pairs
}

#[derive(Debug)]
struct Headers {
    pairs: Vec<(String, String)>,
    links: Option<minijinja::Value>,
}

impl Object for Headers {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        let name = key.as_str()?;
        if let ("link", Some(links)) = (name, &self.links) {
            return Some(links.clone());
        }
        let found = self.pairs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| minijinja::Value::from(value.as_str()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.pairs.iter().map(|(name, _)| minijinja::Value::from(name.as_str())).collect())
    }
}
