//! What token services answer, for the harness of bad input.

use serde_json::Value;

use super::answer::TokenAnswer;
use super::expiry::{is_past, iso, may_be_past, parse_date};
use crate::config::Redactor;
use crate::fuzzing::first_line;

/// As many characters of a token tell nobody anything.
const SHOWN: usize = 8;

/// The names of the token and of its end, and the body.
pub(crate) fn token(data: &[u8]) {
    let Some((names, body)) = first_line(data) else { return };
    let mut names = names.split(' ');
    let mut name = |otherwise| names.next().filter(|name| !name.is_empty()).unwrap_or(otherwise);
    let (token, end) = (name("access_token"), name("expires_in"));
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
    let answer = TokenAnswer::new(&body);
    let redactor = Redactor::default();
    let found = answer.token(token).ok().filter(|token| token.len() > SHOWN);
    if let Some(token) = &found {
        // It is masked before anything else is looked at.
        redactor.add(token);
    }
    for is_a_date in [false, true] {
        match answer.expiry(end, is_a_date) {
            Ok(expires) => {
                let _ = (is_past(expires), may_be_past(expires));
                if let Some(expires) = expires {
                    assert!(parse_date(&iso(expires)).is_some(), "a date that was written cannot be read");
                }
            }
            Err(error) => {
                let said = redactor.redact(error.message());
                assert!(!found.as_ref().is_some_and(|token| said.contains(token)), "a token is said: {said}");
            }
        }
    }
}
