//! Why a request has no whole answer, and what to do about it.

use std::time::Duration;

use url::Url;

use super::pool::{Lost, MAX_HEAD, MAX_HEADERS};
use super::wire::{host, place, without_query};
use crate::error::Error;
use crate::plan::RequestDraft;

/// What hyper says of an answer over HTTP/1.1 whose head is too large. It has a method to ask for that, but only where
/// it is a server as well.
const LARGE_HEAD: &str = "message head is too large";
/// What is said of an answer over HTTP/2 whose head is too large, and of one that breaks the protocol.
const BROKEN_HTTP_2: &str = "stream error detected: unspecific protocol error detected";

/// Why no answer arrived.
pub(super) enum Failure {
    Again(Error),
    Fatal(Error),
}

impl Failure {
    /// What is said about a request without a whole answer.
    pub(super) fn unreachable(lost: &Lost, request: &RequestDraft) -> Self {
        let host = host(&request.url);
        let error = match lost {
            Lost::Connection(error) => error,
            Lost::Silent(patience) => {
                let detail = format!("{}: nothing has arrived for {} s", place(request), patience.as_secs_f64());
                return Self::Again(Error::transient(format!("`{host}` does not answer in time")).with_detail(detail));
            }
            Lost::Packed(error) => {
                let message = format!("`{host}` sent a body that is not whole, or no gzip as its headers say");
                return Self::Again(Error::transient(message).with_detail(format!("{}: {error}", place(request))));
            }
            Lost::Slow { waited, bytes } => return Self::Again(too_slow(&request.url, *waited, *bytes)),
        };
        let causes = causes(error);
        if let Some(large_head) = large_head(error, &request.url) {
            return Self::Again(large_head.with_detail(format!("{}: {causes}", place(request))));
        }
        let has = |words: &[&str]| words.iter().any(|word| causes.contains(word));
        let message = if has(&["dns error", "failed to lookup", "Name or service not known"]) {
            format!("the host `{host}` is unknown; check the URL and the network's name service")
        } else if has(&["certificate", "tls", "TLS", "handshake"]) {
            format!("no secure connection to `{host}`; check the URL, and the certificates if a proxy stands between")
        } else if error.is_connect() && !error.is_timeout() {
            format!("`{host}` refuses the connection; check the URL and whether the API is up")
        } else if error.is_timeout() {
            format!("`{host}` does not answer in time")
        } else if error.is_builder() {
            return Self::Fatal(Error::system("a request could not be put together").with_detail(causes));
        } else {
            format!("the connection to `{host}` broke off")
        };
        Self::Again(Error::transient(message).with_detail(format!("{}: {causes}", place(request))))
    }
}

/// The error of an answer whose head was larger than it may be.
pub(super) fn large_head(error: &reqwest::Error, url: &Url) -> Option<Error> {
    let (url, bytes) = (without_query(url), MAX_HEAD >> 10);
    let bound = if sources(error).any(|cause| cause.to_string() == LARGE_HEAD) {
        format!("the answer of {url} has more headers than this connector takes: {MAX_HEADERS}, or {bytes} KB together")
    } else if sources(error).any(|cause| cause.to_string() == BROKEN_HTTP_2) {
        format!("the answer of {url} is broken HTTP/2, or has more than {bytes} KB of headers")
    } else {
        return None;
    };
    let advice = "look at what the API, or a proxy before it, puts there: often it is cookies";
    Some(Error::transient(format!("{bound}; {advice}")))
}

/// The error of an answer that came too slowly.
pub(super) fn too_slow(url: &Url, waited: Duration, bytes: u64) -> Error {
    let (url, waited) = (without_query(url), waited.as_secs_f64());
    let message = format!(
        "the answer of {url} takes too long: {bytes} bytes of its body came in {waited} s of waiting; ask for less at a time, or in \
         code allow more time with `request_timeout`"
    );
    Error::transient(message)
}

/// The chain of causes without URLs, which may hold secrets.
fn causes(error: &reqwest::Error) -> String {
    sources(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}
