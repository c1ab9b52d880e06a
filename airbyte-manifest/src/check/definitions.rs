//! Definitions that nothing refers to.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Kind, Node};
use crate::resolve::target;

/// Definitions that no stream, nor anything else that runs, leads to.
pub(super) fn unused(text: &str, written: &Node) -> Vec<Diagnostic> {
    let Some(map) = written.as_map() else { return Vec::new() };
    let mut used = BTreeSet::new();
    let mut open = Vec::new();
    for entry in map.iter().filter(|entry| !matches!(entry.key.as_str(), "definitions" | "metadata")) {
        references(&entry.value, &mut open);
    }
    while let Some(reference) = open.pop() {
        if used.insert(reference)
            && let Some(node) = target(written, reference)
        {
            references(node, &mut open);
        }
    }
    let mut findings = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for entry in map.get("definitions").and_then(Node::as_map).into_iter().flatten() {
        unused_entry(entry, &format!("#/definitions/{}", entry.key), &used, &lines, 0, &mut findings);
    }
    findings
}

fn unused_entry(
    entry: &Entry,
    path: &str,
    used: &BTreeSet<&str>,
    lines: &[&str],
    depth: usize,
    findings: &mut Vec<Diagnostic>,
) {
    let below = format!("{path}/");
    if used.contains(path) {
        return;
    }
    let mut from = used.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded));
    let part = from.next().is_some_and(|reference| reference.starts_with(&below));
    if part {
        // A folder of definitions: each of them counts for itself.
        if let Some(map) = entry.value.as_map().filter(|map| map.get("type").is_none() && depth < 3) {
            for inner in map {
                unused_entry(inner, &format!("{below}{}", inner.key), used, lines, depth + 1, findings);
            }
        }
        return;
    }
    let line = usize::try_from(entry.at.line).ok().and_then(|line| lines.get(line.checked_sub(1)?));
    let anchored = line.is_some_and(|line| line.contains('&'));
    let empty = match &entry.value.kind {
        Kind::Map(map) => map.is_empty(),
        Kind::List(items) => items.is_empty(),
        _ => false,
    };
    if !anchored && !empty && entry.key != "$parameters" {
        findings.push(Diagnostic::warning(entry.at, format!("nothing refers to `{path}`")).with_help("remove it"));
    }
}

/// All references in a value.
fn references<'a>(node: &'a Node, found: &mut Vec<&'a str>) {
    match &node.kind {
        Kind::Text(text) if text.starts_with("#/") => found.push(text),
        Kind::List(items) => items.iter().for_each(|item| references(item, found)),
        Kind::Map(map) => map.iter().for_each(|entry| references(&entry.value, found)),
        _ => {}
    }
}
