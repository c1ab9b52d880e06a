//! A configured secret that cannot be printed by accident.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A secret of the configuration: a token, a password, a private key.
///
/// It cannot be printed or serialized: `Debug` and `Display` write `****`, and there is no `Serialize`.
/// [`expose`](Secret::expose) is the only way to the text, so that every use of a secret can be found by name.
///
/// It is read from a JSON string. A value of another type is refused without being repeated in the error.
///
/// ```
/// use airbyte_runtime::Secret;
///
/// let token = Secret::new("ghp_16C7e42F292c6912E7");
/// assert_eq!(format!("{token} {token:?}"), "**** ****");
/// assert_eq!(token.expose(), "ghp_16C7e42F292c6912E7");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the request that needs it.
    ///
    /// Keep it out of error messages and logs.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Asked for a string, serde_json itself answers a number with an error that repeats it.
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::new(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Secret, E> {
        Ok(Secret(text))
    }

    // Serde's own answers to the types below repeat the value, which may be a secret that lacks its quotes.

    fn visit_bool<E: Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom("invalid type: boolean, expected a string"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(not_a_number())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(not_a_number())
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Secret, E> {
        Err(not_a_number())
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Secret, E> {
        Err(not_a_number())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(not_a_number())
    }
}

fn not_a_number<E: Error>() -> E {
    E::custom("invalid type: number, expected a string; put the secret in quotes")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prints_as_asterisks_at_any_width() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {secret:#?} {:?}", Some(secret.clone())), "**** **** **** Some(****)");
    }

    #[test]
    fn reads_strings_only_and_never_repeats_the_value() {
        assert_eq!(serde_json::from_str::<Secret>("\"a\\nb\"").unwrap(), Secret::new("a\nb"));
        assert_eq!(serde_json::from_value::<Secret>(json!("x")).unwrap().expose(), "x");
        for refused in ["123456789", "-123456789", "1234567.89", "true", "null", "[\"hunter2\"]", "{\"k\":\"hunter2\"}"]
        {
            let error = serde_json::from_str::<Secret>(refused).unwrap_err().to_string();
            assert!(error.contains("expected a string"), "{error}");
            for part in ["1234567", "true", "hunter2"] {
                assert!(!error.contains(part), "{error}");
            }
        }
    }
}
