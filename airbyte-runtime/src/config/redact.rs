//! Masks secrets in the text that a connector writes, in whatever encoding they appear there.

mod patterns;
mod view;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde_json::Value;

pub(crate) use self::patterns::one_line;
use self::patterns::{Margin, Pattern, is_maskable, patterns};
use self::view::{ESCAPES, View, original};

/// What stands in place of a secret.
pub(crate) const MASK: &str = "****";

/// How many layers of escapes are undone: a URL in JSON in JSON.
const MAX_LAYERS: usize = 3;

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
    secrets: BTreeSet<String>,
    /// Built when the first text is searched after a change: that takes milliseconds for a private key.
    finder: OnceLock<Arc<Finder>>,
}

/// Finds every pattern of the known secrets.
enum Finder {
    Nothing,
    Patterns {
        automaton: AhoCorasick,
        margins: Vec<Margin>,
    },
    /// The secrets are too large to search for, so that no text is safe.
    Everything,
}

impl Redactor {
    /// Masks these secrets. The ones of fewer than three characters are left visible.
    #[cfg(test)]
    pub(crate) fn new(secrets: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let redactor = Self::default();
        redactor.extend(secrets);
        redactor
    }

    /// Masks one more secret from now on, such as an access token that was obtained in the run.
    pub(crate) fn add(&self, secret: &str) {
        self.extend([secret]);
    }

    /// Replaces every occurrence of a secret in `text` by `****`; overlapping and adjacent ones together by one.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.finder().redact(text)
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
            known.finder = OnceLock::new();
        }
    }

    fn finder(&self) -> Arc<Finder> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.finder.get_or_init(|| Arc::new(Finder::new(patterns(&known.secrets)))))
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

impl Finder {
    fn new(patterns: BTreeSet<Pattern>) -> Self {
        if patterns.is_empty() {
            return Self::Nothing;
        }
        // The kind that aho-corasick picks by itself takes tens of megabytes for a private key.
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        let automaton = AhoCorasick::builder().kind(kind).build(patterns.iter().map(|pattern| &pattern.text));
        match automaton {
            Ok(automaton) => {
                Self::Patterns { automaton, margins: patterns.iter().map(|pattern| pattern.margin).collect() }
            }
            Err(_) => Self::Everything,
        }
    }

    fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut found = Vec::new();
        self.search(text.as_bytes(), None, 0, &mut found);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_unstable_by_key(|range| range.start);
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

    /// Adds the places in the original text of all matches in `bytes` and in `bytes` with its escapes undone.
    fn search(&self, bytes: &[u8], view: Option<&View>, layer: usize, found: &mut Vec<Range<usize>>) {
        let Self::Patterns { automaton, margins } = self else {
            if matches!(self, Self::Everything) {
                found.push(0..bytes.len());
            }
            return;
        };
        match automaton.try_find_overlapping_iter(bytes) {
            Ok(matches) => found.extend(matches.map(|hit| {
                let margin = margins.get(hit.pattern().as_usize()).copied().unwrap_or_default();
                let range = widen(bytes, hit.range(), margin);
                original(view, range.start)..original(view, range.end)
            })),
            Err(_) => found.push(original(view, 0)..original(view, bytes.len())),
        }
        if layer < MAX_LAYERS {
            for escape in &ESCAPES {
                if let Some(decoded) = View::decode(escape, bytes, view) {
                    self.search(&decoded.bytes, Some(&decoded), layer + 1, found);
                }
            }
        }
    }
}

/// Takes in the base64 characters that hold the first and the last bits of a secret, and the padding.
fn widen(bytes: &[u8], range: Range<usize>, margin: Margin) -> Range<usize> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let Range { mut start, mut end } = range;
    if margin.before && start.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(is_base64) {
        start -= 1;
    }
    if margin.after && bytes.get(end).is_some_and(is_base64) {
        end += 1;
        end += bytes.iter().skip(end).take(2).take_while(|&&byte| byte == b'=').count();
    }
    start..end
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
