//! Pages of HTML where data should be: so proxies say that they are busy, and portals that somebody has to log in, both
//! with status 200.

use crate::error::Error;

/// The error of a page of HTML that came instead of data.
pub(super) fn instead_of(expected: &str) -> Error {
    Error::transient(format!(
        "the API answered with HTML where {expected} was expected; if it does so again, check the base URL and the path"
    ))
}

/// Whether a text begins as pages of HTML do.
pub(super) fn is_page(text: &[u8]) -> bool {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"].iter().any(|start| {
        let begins = text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
        // `<html-report>` is something else.
        begins && text.get(start.len()).is_none_or(|next| next.is_ascii_whitespace() || *next == b'>')
    })
}
