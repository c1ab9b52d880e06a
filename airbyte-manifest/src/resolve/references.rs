//! `$ref` and texts that begin with `#/`, replaced by what they point to.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::model::ROOT;
use crate::node::{DEPTH, Entry, Kind, Map, Node, Position};
use crate::suggest;

/// The key of a reference beside which other keys may stand.
const REFERENCE: &str = "$ref";

/// Holds values of a configuration: a text in it that looks like a reference is none.
const CONFIGURATION: &str = "config_overrides";

/// How large the document may become, in about bytes: far above any manifest, far below what references can ask for.
const BUDGET: usize = 128 << 20;

/// What a value costs beside its text.
const VALUE: usize = 32;

/// Replaces every reference of a document, and gives the document its type if it has none.
///
/// A reference is any text that begins with `#/`. Where it is the value of `$ref`, the keys beside it are laid over
/// the keys of the mapping that it points to, one level deep; if it points to no mapping, they are lost. What comes
/// from elsewhere keeps the position where it is written.
///
/// # Errors
///
/// All references to nothing together; references that lead back to themselves; a document that its references make
/// too deep or too large.
pub fn references(root: &Node) -> Result<Node, Vec<Diagnostic>> {
    let mut root = root.clone();
    if let Kind::Map(map) = &mut root.kind
        && map.get("type").is_none()
    {
        let value = Node::new(Kind::Text(ROOT.name.to_owned()), root.at);
        map.insert(Entry { key: "type".to_owned(), at: root.at, value });
    }
    let mut resolver = Resolver::new(&root);
    let resolved = resolver.evaluate(&root).node;
    let mut found = resolver.found;
    if found.is_empty() {
        return Ok(resolved.unwrap_or(root));
    }
    found.sort_by(|left, right| (left.at, &left.message).cmp(&(right.at, &right.message)));
    found.dedup();
    Err(found)
}

struct Resolver<'a> {
    root: &'a Node,
    /// What became of each mapping and list, by its identity: each is worked through once.
    known: HashMap<usize, State>,
    /// What each reference points to in the document as it is written.
    targets: HashMap<&'a str, Option<&'a Node>>,
    /// The references being followed.
    chain: Vec<&'a str>,
    /// How many mappings and lists are being worked through.
    open: usize,
    /// Whether the document became too large, which ends the work.
    full: bool,
    found: Vec<Diagnostic>,
}

#[derive(Clone)]
enum State {
    /// It is being worked through, since the chain had that many references.
    Open(usize),
    Done(Resolved),
}

/// A value without references.
#[derive(Clone)]
struct Resolved {
    /// The new value; none if the old one had no reference.
    node: Option<Node>,
    weight: usize,
    /// How many levels it has.
    depth: usize,
}

impl Resolved {
    fn leaf(text: usize) -> Self {
        Self { node: None, weight: VALUE.saturating_add(text), depth: 0 }
    }

    /// In place of what could not be resolved.
    fn broken() -> Self {
        Self { node: Some(Node::default()), weight: VALUE, depth: 0 }
    }

    /// Takes the size of a child in.
    fn hold(&mut self, child: &Self) {
        self.weight = self.weight.saturating_add(child.weight);
        self.depth = self.depth.max(child.depth.saturating_add(1));
    }
}

impl<'a> Resolver<'a> {
    fn new(root: &'a Node) -> Self {
        Self {
            root,
            known: HashMap::new(),
            targets: HashMap::new(),
            chain: Vec::new(),
            open: 0,
            full: false,
            found: Vec::new(),
        }
    }

    fn evaluate(&mut self, node: &'a Node) -> Resolved {
        if self.full {
            return Resolved::broken();
        }
        match &node.kind {
            Kind::Text(text) if text.starts_with("#/") => self.follow(text, node.at),
            Kind::Text(text) => Resolved::leaf(text.len()),
            Kind::Map(map) if !map.is_empty() => {
                self.once(map.identity(), node.at, |resolver| resolver.map(map, node.at))
            }
            Kind::List(items) if !items.is_empty() => {
                self.once(items.as_ptr().addr(), node.at, |resolver| resolver.list(items, node.at))
            }
            _ => Resolved::leaf(0),
        }
    }

    /// Works a mapping or list through, unless that was done; back in one that is not finished, references circle.
    fn once(&mut self, identity: usize, at: Position, work: impl FnOnce(&mut Self) -> Resolved) -> Resolved {
        match self.known.get(&identity) {
            Some(State::Done(resolved)) => return resolved.clone(),
            Some(State::Open(since)) => {
                let since = *since;
                return self.circle(since, at);
            }
            None => {}
        }
        // A mapping and the one that it refers to are open at once, and become one level.
        if self.open > 2 * DEPTH {
            return self.too_deep(at);
        }
        self.known.insert(identity, State::Open(self.chain.len()));
        self.open += 1;
        let mut resolved = work(self);
        self.open -= 1;
        if resolved.depth > DEPTH {
            resolved = self.too_deep(at);
        } else if resolved.weight > BUDGET {
            let message = format!("with its references this is larger than {} megabytes", BUDGET >> 20);
            self.found.push(Diagnostic::error(at, message));
            self.full = true;
            resolved = Resolved::broken();
        }
        self.known.insert(identity, State::Done(resolved.clone()));
        resolved
    }

    fn map(&mut self, map: &'a Map, at: Position) -> Resolved {
        let mut result = Resolved::leaf(0);
        let mut changes: Vec<(usize, Node)> = Vec::new();
        for (index, entry) in map.iter().enumerate().filter(|(_, entry)| entry.key != REFERENCE) {
            let child = match entry.key.as_str() {
                CONFIGURATION => verbatim(&entry.value),
                _ => self.evaluate(&entry.value),
            };
            result.hold(&child);
            result.weight = result.weight.saturating_add(entry.key.len());
            changes.extend(child.node.map(|node| (index, node)));
        }
        let Some(reference) = map.get(REFERENCE) else {
            if !changes.is_empty() {
                result.node = Some(Node::new(Kind::Map(changed(map, changes)), at));
            }
            return result;
        };
        let referenced = self.evaluate(reference);
        let target = referenced.node.clone().unwrap_or_else(|| reference.clone());
        let Kind::Map(base) = &target.kind else {
            return Resolved { node: Some(target), ..referenced };
        };
        if map.len() == 1 {
            return Resolved { node: Some(target), ..referenced };
        }
        result.weight = result.weight.saturating_add(referenced.weight);
        result.depth = result.depth.max(referenced.depth);
        let mut over = changed(map, changes);
        over.remove(REFERENCE);
        let merged = base.overlaid(over);
        result.node = Some(Node::new(Kind::Map(merged), at));
        result
    }

    fn list(&mut self, items: &'a [Node], at: Position) -> Resolved {
        let mut result = Resolved::leaf(0);
        let mut changes: Vec<(usize, Node)> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let child = self.evaluate(item);
            result.hold(&child);
            changes.extend(child.node.map(|node| (index, node)));
        }
        if !changes.is_empty() {
            let mut changes = changes.into_iter().peekable();
            let items = items.iter().enumerate().map(|(index, item)| {
                changes.next_if(|(at, _)| *at == index).map_or_else(|| item.clone(), |(_, node)| node)
            });
            result.node = Some(Node::new(Kind::List(items.collect()), at));
        }
        result
    }

    fn follow(&mut self, reference: &'a str, at: Position) -> Resolved {
        if let Some(since) = self.chain.iter().position(|followed| *followed == reference) {
            self.chain.push(reference);
            let circle = self.circle(since + 1, at);
            self.chain.pop();
            return circle;
        }
        // Texts that point to texts nest without a mapping or list between them.
        if self.chain.len() > DEPTH {
            let message = format!("more than {DEPTH} references lead from one to the next");
            self.found.push(Diagnostic::error(at, message));
            return Resolved::broken();
        }
        let root = self.root;
        let Some(target) = *self.targets.entry(reference).or_insert_with(|| target(root, reference)) else {
            self.found.push(dangling(root, reference, at));
            return Resolved::broken();
        };
        self.chain.push(reference);
        let resolved = self.evaluate(target);
        self.chain.pop();
        Resolved { node: Some(resolved.node.unwrap_or_else(|| target.clone())), ..resolved }
    }

    fn too_deep(&mut self, at: Position) -> Resolved {
        self.found.push(Diagnostic::error(at, format!("with its references this is more than {DEPTH} levels deep")));
        Resolved::broken()
    }

    /// The references followed since then lead back to where they began.
    fn circle(&mut self, since: usize, at: Position) -> Resolved {
        let circle = self.chain.get(since..).unwrap_or_default();
        let first = self.chain.last().copied().unwrap_or_default();
        let chain: Vec<String> = std::iter::once(&first).chain(circle).map(|name| format!("`{name}`")).collect();
        self.found.push(
            Diagnostic::error(at, format!("these references lead in a circle: {}", chain.join(" -> ")))
                .with_help("a referenced value cannot contain itself; write one of them out"),
        );
        Resolved::broken()
    }
}

/// The mapping with some of its values replaced.
fn changed(map: &Map, changes: Vec<(usize, Node)>) -> Map {
    let mut changes = changes.into_iter().peekable();
    let entries = map.iter().enumerate().map(|(index, entry)| match changes.next_if(|(at, _)| *at == index) {
        Some((_, value)) => Entry { key: entry.key.clone(), at: entry.at, value },
        None => entry.clone(),
    });
    entries.collect()
}

/// The size of a value that stays as it is.
fn verbatim(node: &Node) -> Resolved {
    let mut result = Resolved::leaf(0);
    match &node.kind {
        Kind::Text(text) | Kind::Date(text) => result = Resolved::leaf(text.len()),
        Kind::List(items) => items.iter().for_each(|item| result.hold(&verbatim(item))),
        Kind::Map(map) => map.iter().for_each(|entry| result.hold(&verbatim(&entry.value))),
        _ => {}
    }
    result
}

/// The path of a reference: it ends with the line.
fn path(reference: &str) -> &str {
    let path = reference.strip_prefix("#/").unwrap_or(reference);
    path.split('\n').next().unwrap_or(path)
}

/// The value that a reference points to in the document as it is written.
pub(crate) fn target<'a>(root: &'a Node, reference: &str) -> Option<&'a Node> {
    lookup(root, path(reference)).ok()
}

/// Where a path leads: the whole rest of a path may be one key, else its first segment is a key or an index. The
/// error is the value where it broke off and the rest of the path.
fn lookup<'a, 'p>(root: &'a Node, path: &'p str) -> Result<&'a Node, (&'a Node, &'p str)> {
    let (mut node, mut rest) = (root, path);
    while !rest.is_empty() {
        if let Some(whole) = node.get(rest) {
            return Ok(whole);
        }
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        node = child(node, segment).ok_or((node, rest))?;
        rest = after;
    }
    Ok(node)
}

fn child<'a>(node: &'a Node, segment: &str) -> Option<&'a Node> {
    let number = segment.trim().parse::<i64>().ok();
    match &node.kind {
        // A key may be a number in the file, which is text here.
        Kind::Map(map) => map.get(segment).or_else(|| map.get(&number?.to_string())),
        Kind::List(items) => {
            let index = number?;
            let back = usize::try_from(index.unsigned_abs()).ok()?;
            match index < 0 {
                true => items.get(items.len().checked_sub(back)?),
                false => items.get(back),
            }
        }
        _ => None,
    }
}

/// Says where a reference breaks off, and what it may have meant.
fn dangling(root: &Node, reference: &str, at: Position) -> Diagnostic {
    let message = format!("`{reference}` points to nothing");
    let Err((node, rest)) = lookup(root, path(reference)) else { return Diagnostic::error(at, message) };
    let before = reference.strip_suffix(rest).unwrap_or("#/");
    let place = before.trim_end_matches('/');
    let segment = rest.split('/').next().unwrap_or(rest);
    let place = if place == "#" { "the document".to_owned() } else { format!("`{place}`") };
    let Kind::Map(map) = &node.kind else {
        return Diagnostic::error(at, format!("{message}: {place} has no element `{segment}`"));
    };
    let diagnostic = Diagnostic::error(at, format!("{message}: {place} has no `{segment}`"));
    match suggest::nearest(segment, map.iter().map(|entry| entry.key.as_str())) {
        Some(near) => {
            let after = rest.strip_prefix(segment).unwrap_or_default();
            diagnostic.with_help(format!("did you mean `{before}{near}{after}`?"))
        }
        None => diagnostic,
    }
}
