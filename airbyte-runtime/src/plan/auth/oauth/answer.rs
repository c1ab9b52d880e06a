//! What a token service answers.

use serde_json::Value;

use super::expiry::{after, parse_date};
use crate::error::{Error, Result};
use crate::http::{HttpClient, Response, without_query};
use crate::placeholder::as_text;
use crate::time::Moment;

/// How deep below the root of an answer a name is looked for.
const MAX_DEPTH: usize = 5;
/// How many characters a value may have to be shown.
const MAX_SHOWN: usize = 40;

/// Which answers mean that the user has to authenticate again.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    pub(crate) status_codes: Vec<u16>,
    /// The field at the root of the answer.
    pub(crate) key: String,
    /// Its values.
    pub(crate) values: Vec<String>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            status_codes: vec![400],
            key: "error".to_owned(),
            values: ["invalid_grant", "invalid_permissions"].map(str::to_owned).to_vec(),
        }
    }
}

impl Refusals {
    /// The error for an answer with a status of 400 or more. Statuses that may pass by themselves are transient errors.
    pub(super) fn error(&self, response: &Response, client: &HttpClient) -> Error {
        let status = response.status;
        let place = format!("POST {} answered {status}", without_query(&response.url));
        let said = client.api_message(&response.body);
        let detail = said.as_ref().map_or_else(|| place.clone(), |said| format!("{place}: {said}"));
        if status.as_u16() == 429 || status.is_server_error() {
            return Error::transient(format!("the token service answered {status}; try again later"))
                .with_detail(detail);
        }
        if let Some(reason) = self.reason(response) {
            return Error::config(format!(
                "the token service refused the refresh token ({reason}): it is invalid, expired or already used; \
                 authenticate again in the settings of this source"
            ))
            .with_detail(detail);
        }
        let said = said.map(|said| format!(" (it says: {said})")).unwrap_or_default();
        Error::system(format!(
            "the token service answered {status}{said}; check the client id, the client secret and \
             `token_refresh_endpoint`"
        ))
        .with_detail(detail)
    }

    fn reason(&self, response: &Response) -> Option<String> {
        if !self.status_codes.contains(&response.status.as_u16()) {
            return None;
        }
        let body: Value = serde_json::from_slice(&response.body).ok()?;
        let reason = body.get(&self.key)?.as_str()?;
        self.values.iter().find(|value| *value == reason).cloned()
    }
}

/// The JSON of an answer with a token.
pub(super) struct TokenAnswer<'a>(&'a Value);

impl<'a> TokenAnswer<'a> {
    pub(super) fn new(body: &'a Value) -> Self {
        Self(body)
    }

    /// The access token.
    ///
    /// # Errors
    /// An answer without one is a system error.
    pub(super) fn token(&self, name: &str) -> Result<String> {
        let token = self.optional(name).map(|token| as_text(&token).into_owned());
        token.filter(|token| !token.is_empty()).ok_or_else(|| {
            Error::system(format!(
                "the answer of the token service has no access token `{name}`; correct `access_token_name`"
            ))
        })
    }

    /// When the token ends, if the answer tells.
    ///
    /// # Errors
    /// A value that is no date, or no number of seconds, is a system error.
    pub(super) fn expiry(&self, name: &str, is_a_date: bool) -> Result<Option<Moment>> {
        let Some(value) = self.optional(name) else { return Ok(None) };
        let value = as_text(&value);
        let (expires, wanted) = match is_a_date {
            true => (parse_date(&value), "a date, as `token_expiry_date_format` promises"),
            false => (after(&value), "a number of seconds; set `token_expiry_date_format` if it is a date"),
        };
        expires.map(Some).ok_or_else(|| {
            // Of a token that stands there by mistake no part may be shown, so a long value is not cut.
            let shown = match value.chars().nth(MAX_SHOWN) {
                None => format!("`{value}`"),
                Some(_) => "a long text".to_owned(),
            };
            Error::system(format!("`{name}` in the answer of the token service is {shown}, not {wanted}"))
        })
    }

    /// The value of this name that is nearest to the root, in the order of the answer; `null` counts as absent.
    pub(super) fn optional(&self, name: &str) -> Option<Value> {
        find(self.0, name, 0).cloned()
    }
}

fn find<'v>(value: &'v Value, name: &str, depth: usize) -> Option<&'v Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::Object(object) => match object.get(name) {
            Some(found) => Some(found).filter(|found| !found.is_null()),
            None => object.values().find_map(|value| find(value, name, depth + 1)),
        },
        Value::Array(items) => items.iter().find_map(|item| find(item, name, depth + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_found_in_depth() {
        let table = [
            (json!({"t": "a", "n": {"t": "b"}}), Some("a")),
            (json!({"ok": true, "list": [{"a": 1}, {"deep": {"t": "b", "e": 9}}]}), Some("b")),
            (json!({"n": {"t": null}, "m": {"t": "c"}}), Some("c")),
            (json!({"t": null, "m": {"t": "c"}}), None),
            (json!({"a": {"b": {"c": {"d": {"e": {"t": "deep"}}}}}}), Some("deep")),
            (json!({"a": {"b": {"c": {"d": {"e": {"f": {"t": "deeper"}}}}}}}), None),
            (json!(["x", {"t": "d"}]), Some("d")),
            (json!({"t": 5}), Some("5")),
            (json!({"t": ""}), None),
        ];
        for (body, expected) in table {
            assert_eq!(TokenAnswer(&body).token("t").ok().as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn the_end_is_a_number_or_a_date() {
        let expiry = |value: Value, is_a_date| TokenAnswer(&json!({ "e": value })).expiry("e", is_a_date);
        assert!(expiry(json!("3600"), false).unwrap().is_some());
        assert!(expiry(json!(3600.5), false).unwrap().is_some());
        assert!(expiry(json!("2030-01-01T00:00:00Z"), true).unwrap().is_some());
        assert_eq!(expiry(json!(null), false).unwrap(), None);
        for (value, is_a_date) in [(json!("2030-01-01"), false), (json!("soon"), true), (json!([1]), false)] {
            let error = expiry(value.clone(), is_a_date).unwrap_err();
            assert!(error.message().starts_with("`e` in the answer of the token service is `"), "{value}: {error}");
        }
        let token = "no part of this token may be in a message: it cannot be masked any more";
        let error = expiry(json!(token), false).unwrap_err();
        assert!(error.message().contains("is a long text, not a number of seconds"), "{error}");
    }
}
