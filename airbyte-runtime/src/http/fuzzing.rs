//! The headers of answers and the certificates of clients, for the harness of bad input.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use regex_lite::Regex;
use tokio::time::Instant;

use super::cookies::CookieJar;
use super::link;
use super::pace::Announced;
use super::send::api_message;
use super::tls::{Encryption, Identity};
use crate::fuzzing::{parts, require_unsaid};
use crate::json::JsonPath;
use crate::plan::backoff::{Backoff, Exponential, FailedTry, WaitFromBody, WaitFromHeader};

/// Headers, one on each line, and a body.
pub(crate) fn headers(data: &[u8]) {
    let Some([lines, body]) = parts(data) else { return };
    let mut headers = HeaderMap::new();
    for line in lines.lines().take(64) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value.trim())) else { continue };
        headers.append(name, value);
    }
    if let Some(next) = link::next_link(&headers) {
        assert!(link::links(&headers).iter().any(|link| link.target == next));
    }
    let jar = CookieJar::default();
    jar.store(&headers);
    let mut request = HeaderMap::new();
    jar.show(&mut request);
    let now = Instant::now();
    if let Some(announced) = Announced::read(&headers, now) {
        let _ = announced.resets_within(Duration::from_secs(7_200), now);
    }
    let attempt = u32::try_from(body.len()).unwrap_or(1);
    for rate_limited in [false, true] {
        wait(&FailedTry { attempt, headers: Some(&headers), body: Some(body.as_bytes()), rate_limited });
    }
    let _ = api_message(body.as_bytes());
}

fn wait(failed: &FailedTry<'_>) {
    let until = |until| WaitFromHeader { until, ..WaitFromHeader::retry_after() };
    let found = WaitFromHeader { regex: Regex::new("[0-9.e]+").ok(), max: None, ..until(false) };
    let doubled = Exponential { base: Duration::from_secs(1), max: Duration::from_secs(60), jitter: None };
    let of_body = WaitFromBody { path: JsonPath::parse("retry_after"), max: None };
    let strategies: [&dyn Backoff; 5] = [&until(false), &until(true), &found, &doubled, &of_body];
    for strategy in strategies {
        let _ = strategy.wait(failed);
    }
}

/// A certificate, and its private key.
pub(crate) fn certificate(data: &[u8]) {
    let Some([certificate, key]) = parts(data) else { return };
    if let Err(error) = Identity::parse(certificate, key).and_then(|identity| Encryption::new(Some(&identity))) {
        require_unsaid(key, &error);
    }
}
