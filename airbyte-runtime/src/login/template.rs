//! The templates of `advanced_auth`, as Airbyte's platform fills them in: names, texts, `~` and four filters.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::config::closest;
use crate::error::{Error, Result};

/// What the names in templates stand for.
pub(super) struct Names(BTreeMap<String, String>);

/// Each of them has a `_key`, a `_value` and a `_param`; behind it is how it is called unless the connector says otherwise.
const PARAMETERS: [(&str, &str); 6] = [
    ("client_id", "client_id"),
    ("client_secret", "client_secret"),
    ("redirect_uri", "redirect_uri"),
    ("scope", "scope"),
    ("state", "state"),
    ("auth_code", "code"),
];
const FILTERS: [&str; 3] = ["urlencode", "b64encode", "codechallengeS256"];

/// How a parameter is called.
pub(super) fn key<'i>(input: &'i Value, parameter: &'i str) -> &'i str {
    let default = PARAMETERS.iter().find(|(name, _)| *name == parameter).map_or(parameter, |(_, key)| key);
    input.get(format!("{parameter}_key")).and_then(Value::as_str).unwrap_or(default)
}

impl Names {
    /// The names of what the user configured.
    pub(super) fn new(user_input: BTreeMap<String, String>) -> Self {
        Self(user_input)
    }

    /// Adds a parameter with its value.
    pub(super) fn learn(&mut self, input: &Value, parameter: &str, value: &str) {
        let key = key(input, parameter).to_owned();
        // Only these two are encoded by the platform.
        let sent = match parameter {
            "redirect_uri" | "scope" => encode(value),
            _ => value.to_owned(),
        };
        self.0.insert(format!("{parameter}_param"), format!("{key}={sent}"));
        self.0.insert(format!("{parameter}_value"), value.to_owned());
        self.0.insert(format!("{parameter}_key"), key.clone());
        self.0.insert(key, value.to_owned());
    }

    /// Whether a template may show that value.
    pub(super) fn knows(&self, value: &str) -> bool {
        self.0.values().any(|known| known == value)
    }

    /// Fills in a template.
    ///
    /// # Errors
    /// What the platform would not understand either is a system error.
    pub(super) fn render(&self, template: &str) -> Result<String> {
        if template.contains("{%") {
            return Err(Error::system(format!("the template `{template}` of `advanced_auth` has a statement")));
        }
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            let (expression, after) = after
                .split_once("}}")
                .ok_or_else(|| Error::system(format!("a placeholder is not closed in `{template}`")))?;
            text.push_str(before);
            text.push_str(&self.evaluate(expression)?);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn evaluate(&self, expression: &str) -> Result<String> {
        let mut parts = split(expression, '|').into_iter();
        let first = parts.next().unwrap_or_default().trim();
        let inner = first.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(first);
        let mut value = String::new();
        for term in split(inner, '~') {
            value.push_str(self.term(term.trim())?);
        }
        for filter in parts {
            value = match filter.trim() {
                "urlencode" => encode(&value),
                "b64encode" => BASE64_STANDARD.encode(&value),
                "codechallengeS256" => challenge(&value),
                other => return Err(unknown("filter", other, FILTERS.into_iter())),
            };
        }
        Ok(value)
    }

    fn term<'t>(&'t self, term: &'t str) -> Result<&'t str> {
        let quoted = ['\'', '"'].iter().find_map(|quote| term.strip_prefix(*quote)?.strip_suffix(*quote));
        match quoted {
            Some(text) => Ok(text),
            None => self
                .0
                .get(term)
                .map(String::as_str)
                .ok_or_else(|| unknown("name", term, self.0.keys().map(String::as_str))),
        }
    }
}

/// Splits at a character outside of quotes and parentheses.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut parts, mut begin, mut quote, mut depth) = (Vec::new(), 0, None, 0_usize);
    for (place, character) in text.char_indices() {
        match (character, quote) {
            (end, Some(open)) if end == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(character),
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            (found, None) if found == at && depth == 0 => {
                parts.push(text.get(begin..place).unwrap_or_default());
                begin = place + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(begin..).unwrap_or_default());
    parts
}

fn encode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// What a server keeps of a verifier, so that only who knows it gets the tokens: RFC 7636, 4.2.
fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()))
}

fn unknown<'k>(what: &str, found: &str, known: impl Iterator<Item = &'k str>) -> Error {
    let help = closest(found, known).map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
    Error::system(format!("unknown {what} `{found}` in a template of `advanced_auth`{help}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::Names;

    #[test]
    fn templates_are_those_of_the_platform() {
        let mut names = Names::new(BTreeMap::from([("domain".to_owned(), "acme".to_owned())]));
        let input = json!({"client_id_key": "app"});
        for (name, value) in [
            ("client_id", "id_123"),
            ("client_secret", "secret_456"),
            ("redirect_uri", "http://localhost:1/"),
            ("auth_code", "a|b"),
        ] {
            names.learn(&input, name, value);
        }
        for (template, expected) in [
            ("https://{{domain}}.example.com/", "https://acme.example.com/"),
            ("{{ client_id_key }} {{client_id_param}} {{ app }}", "app app=id_123 id_123"),
            ("{{redirect_uri_param}}", "redirect_uri=http%3A%2F%2Flocalhost%3A1%2F"),
            ("{{ redirect_uri_value | urlencode }}", "http%3A%2F%2Flocalhost%3A1%2F"),
            ("{{ 'hello' | b64encode }}", "aGVsbG8="),
            ("Basic {{ (client_id_value ~ ':' ~ client_secret_value) | b64encode }}", "Basic aWRfMTIzOnNlY3JldF80NTY="),
            ("{{ 'id_123:secret_456'|codechallengeS256 }}", "kdlBQTTftIOzHnzQoqp3dQ5jBsSehFTjg1meg1gL3OY"),
            ("{{ auth_code_value }}", "a|b"),
        ] {
            assert_eq!(names.render(template).expect(template), expected, "{template}");
        }
        for (template, expected) in [
            ("{{ client_id_valu }}", "did you mean `client_id_value`?"),
            ("{{ domain | codeChallengeS256 }}", "did you mean `codechallengeS256`?"),
            ("{{ domain", "not closed"),
            ("{% if domain %}x{% endif %}", "has a statement"),
        ] {
            let error = names.render(template).expect_err(template);
            assert!(error.message().contains(expected), "{error}");
        }
    }
}
