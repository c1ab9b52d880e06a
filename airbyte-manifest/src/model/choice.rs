//! Choosing by `type` or by word, and saying what may be chosen.

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::suggest::nearest;

use super::read::{Place, Reader, describe};

/// The allowed words, for messages.
pub(crate) fn expected(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [one] => one.clone(),
        _ => format!("one of {}", quoted.join(", ")),
    }
}

/// The `type` of a component, if it is one of those that may stand here.
pub(crate) fn tag(
    node: &Node,
    place: Place,
    tags: &'static [&'static str],
    reader: &mut Reader,
) -> Option<&'static str> {
    let Some(map) = node.as_map() else {
        reader.mismatch(node, place, &format!("a component, {}", expected(tags)));
        return None;
    };
    let Some(found) = map.get("type") else {
        let finding = Diagnostic::error(node.at, format!("{place} has no `type`"));
        reader.report(finding.with_help(format!("write `type:` and {}", expected(tags))));
        return None;
    };
    let Some(word) = found.as_str() else {
        let message = format!("the `type` of {place} is {}, expected text", describe(&found.kind));
        reader.report(Diagnostic::error(found.at, message).with_help(format!("it may be {}", expected(tags))));
        return None;
    };
    let chosen = tags.iter().find(|tag| **tag == word).copied();
    if chosen.is_none() {
        let mut definitions = super::definitions().iter().chain(super::extensions());
        let known = definitions.any(|definition| definition.tag() == Some(word));
        let message = if known {
            format!("a {word} cannot be used as {place}")
        } else {
            format!("{place} has the unknown type `{word}`")
        };
        reader.report(Diagnostic::error(found.at, message).with_help(suggestion(word, tags)));
    }
    chosen
}

/// One of a few words.
pub(crate) fn word(
    node: &Node,
    place: Place,
    words: &'static [&'static str],
    reader: &mut Reader,
) -> Option<&'static str> {
    let Some(text) = node.as_str() else {
        reader.mismatch(node, place, &format!("the text {}", expected(words)));
        return None;
    };
    let chosen = words.iter().find(|word| **word == text).copied();
    if chosen.is_none() {
        let finding = Diagnostic::error(node.at, format!("{place} is `{text}`"));
        reader.report(finding.with_help(suggestion(text, words)));
    }
    chosen
}

fn suggestion(word: &str, allowed: &'static [&'static str]) -> String {
    match nearest(word, allowed.iter().copied()) {
        Some(name) => format!("did you mean `{name}`? It may be {}", expected(allowed)),
        None => format!("it may be {}", expected(allowed)),
    }
}
