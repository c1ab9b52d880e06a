//! Events of the parser put together: anchors, merge keys, repeated keys, and the limits of size and depth.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{ScalarStyle, Tag};

use super::Document;
use super::scalar::{self, Typed};
use crate::diagnostic::Diagnostic;
use crate::node::{DEPTH, Entry, Kind, Map, Node, Position};

/// How large the document may become through its aliases, in about bytes: far above any manifest, far below what a
/// few lines of nested aliases can ask for.
const BUDGET: usize = 64 << 20;

/// What a value costs beside its text.
const VALUE: usize = 32;

/// The document as far as it is read.
#[derive(Default)]
pub(super) struct Composer {
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    spent: usize,
    document: Document,
}

/// A list or mapping of which the end has not come.
struct Open {
    at: Position,
    anchor: usize,
    weight: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { key: Option<Key>, merged: Vec<Entry>, own: Vec<Entry> },
}

/// A key whose value has not come.
enum Key {
    Named {
        text: String,
        at: Position,
    },
    /// `<<`.
    Merge,
}

impl Composer {
    pub(super) fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<(), Diagnostic> {
        let weight = VALUE.saturating_add(text.len());
        let typed = scalar::typed(text, style, tag).map_err(|wrong| wrong.at(at))?;
        if self.expects_key() {
            let kind = match typed {
                Typed::Value(kind) => kind,
                Typed::Equals => Kind::Text("=".to_owned()),
                Typed::Merge => return self.key(Key::Merge),
            };
            let text = scalar::key(&kind).ok_or_else(|| unusable_key(at))?;
            self.remember(anchor, &Node::new(kind, at), weight);
            return self.key(Key::Named { text, at });
        }
        match typed {
            Typed::Value(kind) => self.value(Node::new(kind, at), anchor, weight),
            // PyYAML has types for these two, and makes no value of them.
            Typed::Merge => Err(Diagnostic::error(at, "`<<` without quotes is no value").with_help("quote it")),
            Typed::Equals => Err(Diagnostic::error(at, "`=` without quotes is no value").with_help("quote it")),
        }
    }

    pub(super) fn open_list(&mut self, anchor: usize, tag: Option<&Tag>, at: Position) -> Result<(), Diagnostic> {
        scalar::container(tag, "seq").map_err(|wrong| wrong.at(at))?;
        self.begin(anchor, at, Content::List(Vec::new()))
    }

    pub(super) fn open_map(&mut self, anchor: usize, tag: Option<&Tag>, at: Position) -> Result<(), Diagnostic> {
        scalar::container(tag, "map").map_err(|wrong| wrong.at(at))?;
        self.begin(anchor, at, Content::Map { key: None, merged: Vec::new(), own: Vec::new() })
    }

    fn begin(&mut self, anchor: usize, at: Position, content: Content) -> Result<(), Diagnostic> {
        if self.expects_key() {
            return Err(unusable_key(at));
        }
        if self.open.len() >= DEPTH {
            return Err(Diagnostic::error(at, format!("values lie more than {DEPTH} deep in each other")));
        }
        self.open.push(Open { at, anchor, weight: VALUE, content });
        Ok(())
    }

    pub(super) fn close(&mut self) -> Result<(), Diagnostic> {
        let Some(Open { at, anchor, weight, content }) = self.open.pop() else { return Ok(()) };
        let kind = match content {
            Content::List(items) => Kind::List(items),
            // What is merged comes first, and what the mapping says itself wins.
            Content::Map { merged, own, .. } => {
                self.warn_of_repeated(&own);
                Kind::Map(Map::from_pairs(merged.into_iter().chain(own)))
            }
        };
        self.value(Node::new(kind, at), anchor, weight)
    }

    pub(super) fn alias(&mut self, anchor: usize, at: Position) -> Result<(), Diagnostic> {
        let Some((node, weight)) = self.anchors.get(&anchor) else {
            return Err(Diagnostic::error(at, "this alias stands inside of the value that it names")
                .with_help("an alias can only repeat a value that has ended before it"));
        };
        self.spent = self.spent.saturating_add(*weight);
        if self.spent > BUDGET {
            return Err(Diagnostic::error(at, "the aliases make this document too large")
                .with_help(format!("their copies may hold {} megabytes together", BUDGET >> 20)));
        }
        let (node, weight) = (node.clone(), *weight);
        if depth(&node).saturating_add(self.open.len()) > DEPTH {
            return Err(Diagnostic::error(at, format!("values lie more than {DEPTH} deep in each other")));
        }
        if self.expects_key() {
            let text = scalar::key(&node.kind).ok_or_else(|| unusable_key(at))?;
            return self.key(Key::Named { text, at });
        }
        self.value(node, 0, weight)
    }

    /// Where the lists and mappings begin that are not over, outermost first.
    pub(super) fn open(&self) -> Vec<Position> {
        self.open.iter().map(|open| open.at).collect()
    }

    /// The document; null if there was nothing.
    pub(super) fn finish(self) -> Document {
        self.document
    }

    /// Of a key that is written twice the first value is lost without a word, also in Airbyte.
    fn warn_of_repeated(&mut self, own: &[Entry]) {
        let mut lines: HashMap<&str, u32> = HashMap::with_capacity(own.len());
        for entry in own {
            if let Some(first) = lines.insert(&entry.key, entry.at.line) {
                let Position { line, .. } = entry.at;
                let message = format!(
                    "the key `{}` stands on line {first} and on line {line}: only the value on line {line} counts",
                    entry.key
                );
                self.document.warnings.push(Diagnostic::warning(entry.at, message).with_help("remove one of them"));
            }
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, new: Key) -> Result<(), Diagnostic> {
        if let Some(Open { content: Content::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(new);
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, node: &Node, weight: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), weight));
        }
    }

    fn value(&mut self, node: Node, anchor: usize, weight: usize) -> Result<(), Diagnostic> {
        self.remember(anchor, &node, weight);
        let Some(open) = self.open.last_mut() else {
            self.document.root = node;
            return Ok(());
        };
        open.weight = open.weight.saturating_add(weight);
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { key, merged, own } => match key.take() {
                Some(Key::Named { text, at }) => own.push(Entry { key: text, at, value: node }),
                Some(Key::Merge) => merge(merged, node)?,
                None => {}
            },
        }
        Ok(())
    }
}

/// Of several mappings to merge the first wins: it comes last.
fn merge(merged: &mut Vec<Entry>, node: Node) -> Result<(), Diagnostic> {
    let wrong = |at| {
        Diagnostic::error(at, "`<<` wants a mapping or a list of mappings")
            .with_help("name an anchor as in `<<: *base`, or quote the key if it is a plain one")
    };
    match node.kind {
        Kind::Map(map) => merged.extend(map),
        Kind::List(items) => {
            for item in items.into_iter().rev() {
                match item.kind {
                    Kind::Map(map) => merged.extend(map),
                    _ => return Err(wrong(item.at)),
                }
            }
        }
        _ => return Err(wrong(node.at)),
    }
    Ok(())
}

/// How deep a value is in itself; it is never deeper than what the composer let through.
fn depth(node: &Node) -> usize {
    match &node.kind {
        Kind::List(items) => items.iter().map(depth).max().unwrap_or(0) + 1,
        Kind::Map(map) => map.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0) + 1,
        _ => 0,
    }
}

fn unusable_key(at: Position) -> Diagnostic {
    Diagnostic::error(at, "a mapping or a list cannot be a key")
        .with_help("a template that begins a line with `{{` or `[` needs quotes")
}
