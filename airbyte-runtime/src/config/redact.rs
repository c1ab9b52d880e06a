//! Masks secrets in the text that a connector writes, in whatever encoding they appear there.

mod finder;
mod obtained;
mod patterns;
mod view;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde_json::Value;

use self::finder::{Finder, Part};
use self::obtained::Obtained;
pub(crate) use self::patterns::one_line;
use self::patterns::{is_maskable, patterns};
use crate::error::Result;

/// What stands in place of a secret.
pub(crate) const MASK: &str = "****";

/// As much of a long text is searched at least when its beginning is shown.
const LOOKED_AT: usize = 1 << 20;

/// The longest that an encoded secret is believed to be.
const LONGEST_FOUND: usize = 256 << 10;

/// The secrets of one run, shared by all that write. Clones share their secrets.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    /// Those that are never forgotten.
    secrets: BTreeSet<String>,
    /// Finds them. Built when the first text is searched after a change: that takes milliseconds for a private key.
    part: OnceLock<Arc<Part>>,
    obtained: Obtained,
    /// Finds what is a secret for a while.
    passing: Option<Arc<Part>>,
    /// Finds all of them.
    finder: OnceLock<Arc<Finder>>,
}

impl Redactor {
    /// Masks these secrets. The ones of fewer than three characters are left visible.
    #[cfg(test)]
    pub(crate) fn new(secrets: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let redactor = Self::default();
        redactor.extend(secrets);
        redactor
    }

    /// Masks one more secret from now on.
    pub(crate) fn add(&self, secret: &str) {
        self.extend([secret]);
    }

    /// Masks what was obtained or computed in the run, such as an access token, until many others have followed.
    ///
    /// Whoever shows it to the API says so each time, so that nothing is forgotten that is still in use.
    pub(crate) fn add_obtained(&self, secret: &str) {
        let is_known = |known: &Known| known.secrets.contains(secret) || known.obtained.has(secret);
        if !is_maskable(secret) || is_known(&self.known.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.obtained.add(secret);
        known.finder = OnceLock::new();
    }

    /// Masks every text and number of a document while something is done with it, also in the error that comes of it.
    pub(crate) fn masking<T>(&self, document: &Value, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut texts = Vec::new();
        leaves(document, &mut texts);
        texts.retain(|text| is_maskable(text));
        self.pass(Some(Arc::new(Part::new(&patterns(&texts)))));
        let done = work().map_err(|error| error.masked(|text| self.redact(text).into_owned()));
        self.pass(None);
        done
    }

    fn pass(&self, passing: Option<Arc<Part>>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.passing = passing;
        known.finder = OnceLock::new();
    }

    /// Replaces every occurrence of a secret in `text` by `****`; overlapping and adjacent ones together by one.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let found = self.finder().find(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        // `position` is the end of what is written or masked so far, `open` whether a mask ends there.
        let (mut position, mut open) = (0, false);
        for range in found {
            let start = text.floor_char_boundary(range.start);
            if start > position || !open {
                masked.push_str(text.get(position..start).unwrap_or_default());
                masked.push_str(MASK);
                open = true;
            }
            position = position.max(text.ceil_char_boundary(range.end));
        }
        masked.push_str(text.get(position..).unwrap_or_default());
        Cow::Owned(masked)
    }

    /// The masked text, or so many bytes of its beginning. What is far behind the cut is not even looked at.
    pub(crate) fn redact_start<'t>(&self, text: &'t str, most: usize) -> Cow<'t, str> {
        let looked_at = text.floor_char_boundary(text.len().min(most.saturating_mul(8).max(LOOKED_AT)));
        let head = text.get(..looked_at).unwrap_or_default();
        let masked = self.redact(head);
        if masked.len() <= most && head.len() == text.len() {
            return masked;
        }
        // A secret across the end of what was looked at is not found; it may not come so far to the front.
        if masked.len() < most.saturating_add(LONGEST_FOUND) && head.len() < text.len() {
            return Cow::Borrowed(MASK);
        }
        let cut = masked.floor_char_boundary(most);
        match masked {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(..cut).unwrap_or_default()),
            Cow::Owned(mut text) => {
                text.truncate(cut);
                Cow::Owned(text)
            }
        }
    }

    fn extend(&self, secrets: impl IntoIterator<Item = impl AsRef<str>>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let before = known.secrets.len();
        for secret in secrets {
            let secret = secret.as_ref();
            if is_maskable(secret) && !known.secrets.contains(secret) {
                known.secrets.insert(secret.to_owned());
            }
        }
        if known.secrets.len() > before {
            (known.part, known.finder) = (OnceLock::new(), OnceLock::new());
        }
    }

    fn finder(&self) -> Arc<Finder> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.finder.get_or_init(|| Arc::new(known.make_finder())))
    }
}

impl Known {
    fn make_finder(&self) -> Finder {
        let own = self.part.get_or_init(|| Arc::new(Part::new(&patterns(&self.secrets))));
        let parts = [own].into_iter().chain(&self.passing).cloned().chain(self.obtained.parts());
        Finder(parts.filter(|part| !matches!(**part, Part::Nothing)).collect())
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

/// References to other places of a specification that are followed one after the other, at most.
const MAX_REFERENCES: usize = 32;

/// The values of `config` that `spec` marks with `airbyte_secret`, in every option of every choice, whether it applies
/// or not: to mask too much does no harm.
///
/// A number is given by its text. Inside a marked list or object, every string and number is a secret.
pub(crate) fn secrets_in(spec: &Value, config: &Value) -> Vec<String> {
    let mut search = Search { spec, seen: HashMap::new(), secrets: Vec::new() };
    search.collect(spec, config, MAX_REFERENCES);
    search.secrets
}

struct Search<'a> {
    spec: &'a Value,
    /// How many references were left when a value was held against a schema: schemas that refer to each other would
    /// meet the same value twice as often at every level.
    seen: HashMap<(*const Value, *const Value), usize>,
    secrets: Vec<String>,
}

impl<'a> Search<'a> {
    fn collect(&mut self, schema: &'a Value, value: &'a Value, references: usize) {
        let meeting = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        if self.seen.get(&meeting).is_some_and(|left| *left >= references) {
            return;
        }
        self.seen.insert(meeting, references);
        if schema.get("airbyte_secret").and_then(Value::as_bool) == Some(true) {
            return leaves(value, &mut self.secrets);
        }
        let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|pointer| pointer.strip_prefix('#'));
        if let (Some(target), Some(left)) =
            (pointer.and_then(|pointer| self.spec.pointer(pointer)), references.checked_sub(1))
        {
            self.collect(target, value, left);
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            for option in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.collect(option, value, references);
            }
        }
        for option in ["if", "then", "else"].iter().filter_map(|keyword| schema.get(keyword)) {
            self.collect(option, value, references);
        }
        match value {
            Value::Array(items) => {
                for schema in ["items", "prefixItems", "additionalItems"].iter().filter_map(|name| schema.get(name)) {
                    for (place, item) in items.iter().enumerate() {
                        // A list of schemas has one for each place.
                        let schema = schema.as_array().map_or(Some(schema), |schemas| schemas.get(place));
                        self.collect(schema.unwrap_or(&Value::Null), item, references);
                    }
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    match schema.get("properties").and_then(|properties| properties.get(name)) {
                        Some(schema) => self.collect(schema, member, references),
                        None => {
                            self.collect(schema.get("additionalProperties").unwrap_or(&Value::Null), member, references)
                        }
                    }
                    for schema in schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                        self.collect(schema.1, member, references);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn leaves(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::String(text) => secrets.push(text.clone()),
        Value::Number(number) => secrets.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, secrets)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, secrets)),
        // Masking `true` or `null` would hide nothing and spoil every text.
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod generated;
