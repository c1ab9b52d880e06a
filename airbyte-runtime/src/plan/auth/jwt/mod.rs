//! JSON web tokens that the connector signs itself.

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod key;
mod pem;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use self::key::Algorithm;
use self::key::SigningKey;
use super::placement::Placement;
use super::setting::{Setting, SettingMapping, Told};
use super::{Authenticator, done};
use crate::config::Redactor;
use crate::error::{Error, Result};
use crate::plan::request::RequestDraft;
use crate::time::Moment;

const RESERVED_HEADERS: [&str; 4] = ["kid", "alg", "typ", "cty"];
const RESERVED_CLAIMS: [&str; 6] = ["iss", "sub", "aud", "iat", "exp", "nbf"];
const NANOS_PER_SECOND: i128 = 1_000_000_000;
/// How long a token with unchanged claims is shown again, in seconds, if it lives long enough.
/// Every token is a secret to be masked, and only so many of them are known at a time.
const MAX_REUSE: i64 = 30;

/// What is said about a token. An empty text counts as absent.
pub(crate) struct JwtSettings {
    pub(crate) algorithm: Algorithm,
    /// The text of an HMAC secret, or a private key in PEM.
    pub(crate) secret_key: Setting,
    /// Whether the base64 form of the key's text is the key.
    pub(crate) base64_encode_secret_key: bool,
    /// Decrypts the key.
    pub(crate) passphrase: Option<Setting>,
    /// How long a token is valid, in seconds.
    pub(crate) token_duration: i64,
    /// What stands before the token, separated by a blank.
    pub(crate) header_prefix: Option<Setting>,
    pub(crate) kid: Option<Setting>,
    pub(crate) typ: Option<Setting>,
    pub(crate) cty: Option<Setting>,
    pub(crate) iss: Option<Setting>,
    pub(crate) sub: Option<Setting>,
    pub(crate) aud: Option<Setting>,
    pub(crate) additional_headers: SettingMapping,
    pub(crate) additional_payload: SettingMapping,
}

/// Signs tokens.
pub(crate) struct JwtSigner {
    settings: JwtSettings,
    redactor: Redactor,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// The parsed key and the text that it was parsed from, since parsing takes longer than signing.
    key: Option<(String, Arc<SigningKey>)>,
    signed: Option<Signed>,
}

/// A token, with what it was made from and the time in epoch seconds.
struct Signed {
    key: String,
    headers: BTreeMap<String, Value>,
    claims: Map<String, Value>,
    at: i64,
    token: String,
}

/// Shows a token with every request.
pub(crate) struct JwtAuth {
    signer: Arc<JwtSigner>,
    placement: Placement,
}

impl JwtAuth {
    pub(crate) fn new(signer: Arc<JwtSigner>, placement: Placement) -> Self {
        Self { signer, placement }
    }
}

impl Authenticator for JwtAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(self.signer.credentials().and_then(|credentials| self.placement.write(request, &credentials)))
    }
}

impl JwtSigner {
    pub(crate) fn new(settings: JwtSettings, redactor: Redactor) -> Self {
        Self { settings, redactor, memory: Mutex::default() }
    }

    /// The prefix and the token.
    ///
    /// # Errors
    /// A key that cannot be used, reserved claims, and templates without a value are system errors.
    pub(super) fn credentials(&self) -> Result<String> {
        let seconds = Moment::now().epoch_nanos().div_euclid(NANOS_PER_SECOND);
        self.credentials_at(i64::try_from(seconds).unwrap_or_default())
    }

    fn credentials_at(&self, now: i64) -> Result<String> {
        let token = self.token(now).map_err(|error| error.within("the JWT could not be signed"))?;
        let prefix = evaluate(self.settings.header_prefix.as_ref())?.filter(Told::is_truthy);
        Ok(match prefix {
            Some(prefix) => format!("{} {token}", prefix.to_text()),
            None => token,
        })
    }

    fn token(&self, now: i64) -> Result<String> {
        let claims = self.claims()?;
        let key = self.key_text()?;
        let headers = self.headers()?;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let reuse = MAX_REUSE.min(self.settings.token_duration / 4);
        let known = memory.signed.as_ref().filter(|signed| {
            (0..reuse).contains(&now.saturating_sub(signed.at))
                && (&signed.key, &signed.headers, &signed.claims) == (&key, &headers, &claims)
        });
        if let Some(known) = known {
            self.redactor.add_obtained(&known.token);
            return Ok(known.token.clone());
        }
        let mut dated = claims.clone();
        dated.insert("iat".to_owned(), now.into());
        dated.insert("exp".to_owned(), now.saturating_add(self.settings.token_duration).into());
        dated.insert("nbf".to_owned(), now.into());
        let signed_part =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(compact(&headers)?), URL_SAFE_NO_PAD.encode(compact(&dated)?));
        let signing_key = self.signing_key(&mut memory, &key)?;
        let signature = signing_key.sign(signed_part.as_bytes())?;
        let token = format!("{signed_part}.{}", URL_SAFE_NO_PAD.encode(signature));
        self.redactor.add_obtained(&token);
        memory.signed = Some(Signed { key, headers, claims, at: now, token: token.clone() });
        Ok(token)
    }

    /// The headers by name: the order in which they are signed.
    fn headers(&self) -> Result<BTreeMap<String, Value>> {
        let settings = &self.settings;
        let mut headers = BTreeMap::from([("typ".to_owned(), Told::text("JWT"))]);
        headers.extend(additional(
            &settings.additional_headers,
            &RESERVED_HEADERS,
            "additional_jwt_headers",
            "jwt_headers",
        )?);
        for (name, template) in [("kid", &settings.kid), ("typ", &settings.typ), ("cty", &settings.cty)] {
            if let Some(value) = evaluate(template.as_ref())? {
                headers.insert(name.to_owned(), value);
            }
        }
        headers.retain(|name, value| name != "typ" || value.is_truthy());
        headers.insert("alg".to_owned(), Told::text(settings.algorithm.name()));
        headers
            .into_iter()
            .map(|(name, value)| {
                let value = as_json(&name, value)?;
                Ok((name, value))
            })
            .collect()
    }

    /// The claims without the times.
    fn claims(&self) -> Result<Map<String, Value>> {
        let settings = &self.settings;
        let mut claims = Map::new();
        let additional =
            additional(&settings.additional_payload, &RESERVED_CLAIMS, "additional_jwt_payload", "jwt_payload")?;
        for (name, value) in additional {
            let value = as_json(&name, value)?;
            claims.insert(name, value);
        }
        for (name, template) in [("iss", &settings.iss), ("sub", &settings.sub), ("aud", &settings.aud)] {
            if let Some(value) = evaluate(template.as_ref())? {
                claims.insert(name.to_owned(), as_json(name, value)?);
            }
        }
        Ok(claims)
    }

    fn key_text(&self) -> Result<String> {
        let text = self.settings.secret_key.text()?;
        let passphrase = evaluate(self.settings.passphrase.as_ref())?.is_some_and(|value| value.is_truthy());
        // A key that is decrypted is never encoded.
        Ok(match self.settings.base64_encode_secret_key && !passphrase {
            true => STANDARD.encode(text),
            false => text,
        })
    }

    fn signing_key(&self, memory: &mut Memory, text: &str) -> Result<Arc<SigningKey>> {
        match &memory.key {
            Some((known, key)) if known == text => Ok(Arc::clone(key)),
            _ => {
                let key = Arc::new(SigningKey::parse(self.settings.algorithm, text)?);
                memory.key = Some((text.to_owned(), Arc::clone(&key)));
                Ok(key)
            }
        }
    }
}

fn evaluate(setting: Option<&Setting>) -> Result<Option<Told>> {
    setting.filter(|setting| !setting.is_empty()).map(Setting::evaluate).transpose()
}

fn additional(mapping: &SettingMapping, reserved: &[&str], field: &str, instead: &str) -> Result<Vec<(String, Told)>> {
    let entries = mapping.evaluate()?;
    match entries.iter().find(|(name, _)| reserved.contains(&name.as_str())) {
        None => Ok(entries),
        Some((name, _)) => Err(Error::system(format!(
            "`{name}` is reserved ({}) and must not stand in `{field}`; use `{instead}` or leave it out",
            reserved.join(", ")
        ))),
    }
}

fn as_json(name: &str, value: Told) -> Result<Value> {
    value.into_json().ok_or_else(|| Error::system(format!("the value of `{name}` cannot be written as JSON")))
}

/// JSON without blanks and beyond ASCII escaped, as Python writes it.
fn compact(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(value)
        .map_err(|error| Error::system("the token cannot be written as JSON").with_source(error))?;
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Ok(ascii)
}

#[cfg(all(test, feature = "manifest"))]
mod tests;
