//! Requests as they stand on the wire: URLs, parameters, and what a log may show of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::plan::RequestDraft;

/// What a parameter keeps as it is; everything else is escaped.
pub(crate) const PARAM: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'*').remove(b',').remove(b':');

/// What a form keeps as it is, as Python writes forms; a space becomes a plus.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b' ');

/// The URL with the draft's parameters appended; one that the URL has already with the same value is not repeated.
pub(crate) fn full_url(request: &RequestDraft) -> Url {
    let mut url = request.url.clone();
    let is_new = |(name, value): &&(String, String)| {
        let mut same = request.url.query_pairs().filter(|(key, _)| key == name);
        same.next().is_none_or(|(_, first)| first != *value)
    };
    let query: Vec<(String, String)> = request.query.iter().filter(is_new).cloned().collect();
    if !query.is_empty() {
        let pairs = encode_query(&query);
        let query = match url.query() {
            Some(query) if !query.is_empty() => format!("{query}&{pairs}"),
            _ => pairs,
        };
        url.set_query(Some(&query));
    }
    url
}

pub(crate) fn encode_form(fields: &[(String, String)]) -> String {
    joined(fields, |text| utf8_percent_encode(text, FORM).to_string().replace(' ', "+"))
}

fn encode_query(pairs: &[(String, String)]) -> String {
    joined(pairs, |text| utf8_percent_encode(text, PARAM).to_string())
}

fn joined(pairs: &[(String, String)], encode: fn(&str) -> String) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// The same path and query on another host, for tests.
pub(super) fn elsewhere(url: &Url, origin: &Url) -> Url {
    let mut moved = origin.clone();
    moved.set_path(url.path());
    moved.set_query(url.query());
    moved
}

/// What is being asked for, in a log: the query is left out, since it may hold credentials.
pub(super) fn place(request: &RequestDraft) -> String {
    format!("{} {}", request.method, without_query(&request.url))
}

pub(crate) fn without_query(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// The host, with the port if it is an unusual one.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
