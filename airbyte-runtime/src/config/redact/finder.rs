//! Finds secrets in texts.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::patterns::{Margin, Pattern};
use super::view::{ESCAPES, View, original};

/// How many layers of escapes are undone: a URL in JSON in JSON.
const MAX_LAYERS: usize = 3;

/// Finds every pattern of all known secrets.
#[derive(Default)]
pub(super) struct Finder(pub(super) Vec<Arc<Part>>);

/// Finds every pattern of some secrets.
pub(super) enum Part {
    Nothing,
    Patterns {
        automaton: AhoCorasick,
        margins: Vec<Margin>,
    },
    /// The secrets are too large to search for, so that no text is safe.
    Everything,
}

impl Part {
    pub(super) fn new(patterns: &BTreeSet<Pattern>) -> Self {
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

    /// Adds the places in the original text of all matches in `bytes`.
    fn search(&self, bytes: &[u8], view: Option<&View>, found: &mut Vec<Range<usize>>) {
        let all = || original(view, 0)..original(view, bytes.len());
        match self {
            Self::Nothing => {}
            Self::Everything => found.push(all()),
            Self::Patterns { automaton, margins } => match automaton.try_find_overlapping_iter(bytes) {
                Ok(matches) => found.extend(matches.map(|hit| {
                    let margin = margins.get(hit.pattern().as_usize()).copied().unwrap_or_default();
                    let range = widen(bytes, hit.range(), margin);
                    original(view, range.start)..original(view, range.end)
                })),
                Err(_) => found.push(all()),
            },
        }
    }
}

impl Finder {
    /// The places of all secrets, by their beginnings.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if !self.0.is_empty() {
            self.search(text.as_bytes(), None, 0, &mut found);
            found.sort_unstable_by_key(|range| range.start);
        }
        found
    }

    /// Adds the places in the original text of all matches in `bytes` and in `bytes` with its escapes undone.
    fn search(&self, bytes: &[u8], view: Option<&View>, layer: usize, found: &mut Vec<Range<usize>>) {
        self.0.iter().for_each(|part| part.search(bytes, view, found));
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
