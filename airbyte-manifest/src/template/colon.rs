//! The colon that Jinja allows at the end of a tag that opens a block, as Python has it; minijinja does not.

use std::borrow::Cow;

/// The tags that may end with a colon.
const TAGS: &[&str] = &["for", "if", "elif", "else", "block", "macro", "call", "filter", "autoescape", "set"];

/// The template with a blank for each colon at the end of a tag that opens a block, so that places in it stay the same.
///
/// Jinja allows such a colon, as Python has it; minijinja's parser, which is to be given this, does not.
#[must_use]
pub fn blanked(source: &str) -> Cow<'_, str> {
    let mut colons = Vec::new();
    let mut at = 0;
    while let Some(start) = source.get(at..).and_then(|rest| rest.find('{')).map(|found| at + found) {
        let rest = source.get(start..).unwrap_or_default();
        at = start + 1;
        if rest.starts_with("{#") {
            at = after(source, start + 2, "#}");
        } else if rest.starts_with("{{") {
            at = start + 2 + expression_length(source.get(start + 2..).unwrap_or_default(), "}}");
        } else if rest.starts_with("{%") {
            let tag = source.get(start + 2..).unwrap_or_default();
            let tag = tag.get(..expression_length(tag, "%}")).unwrap_or_default();
            at = start + 2 + tag.len();
            colons.extend(closing_colon(tag).map(|colon| start + 2 + colon));
            if word(tag) == "raw" {
                at = after_raw(source, at);
            }
        }
    }
    if colons.is_empty() {
        return Cow::Borrowed(source);
    }
    let mut blanked = String::with_capacity(source.len());
    let mut copied = 0;
    for colon in colons {
        blanked.push_str(source.get(copied..colon).unwrap_or_default());
        blanked.push(' ');
        copied = colon + 1;
    }
    blanked.push_str(source.get(copied..).unwrap_or_default());
    Cow::Owned(blanked)
}

/// Where a tag that may have one has its colon.
fn closing_colon(tag: &str) -> Option<usize> {
    let body = tag.strip_suffix(['-', '+']).unwrap_or(tag).trim_end();
    let without = body.strip_suffix(':')?;
    let word = word(tag);
    // An assignment opens no block.
    (TAGS.contains(&word) && !(word == "set" && without.contains('='))).then_some(without.len())
}

fn word(tag: &str) -> &str {
    let tag = tag.strip_prefix(['-', '+']).unwrap_or(tag).trim_start();
    tag.split(|char: char| !char.is_alphanumeric() && char != '_').next().unwrap_or_default()
}

/// How much text stands before the end of a tag, which does not count within texts and brackets.
fn expression_length(text: &str, end: &str) -> usize {
    let mut quote = None;
    let mut is_escaped = false;
    let mut depth = 0_usize;
    for (at, char) in text.char_indices() {
        match (quote, char) {
            _ if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), _) if char == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(char),
            (None, _) if depth == 0 && text.get(at..).is_some_and(|rest| rest.starts_with(end)) => return at,
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}' | ']' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// The place behind the next occurrence, or the end.
fn after(source: &str, at: usize, what: &str) -> usize {
    let found = source.get(at..).and_then(|rest| rest.find(what));
    found.map_or(source.len(), |found| at + found + what.len())
}

/// The place of the tag that ends raw text, or the end.
fn after_raw(source: &str, mut at: usize) -> usize {
    while let Some(found) = source.get(at..).and_then(|rest| rest.find("{%")) {
        at += found + 2;
        if word(source.get(at..).unwrap_or_default()) == "endraw" {
            return at;
        }
    }
    source.len()
}
