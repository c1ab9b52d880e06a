//! Reading a tree into the model: all findings are kept, one broken part does not hide the others.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map as Parameters, Value};

use crate::diagnostic::Diagnostic;
use crate::node::{Entry, Kind, Map, Node, Position};
use crate::suggest::nearest;

use super::definition::{Definition, Others, Tag};

/// Components nest at most this deep: a manifest is no place for more, and the reader is recursive.
const MAX_DEPTH: usize = 128;

/// How many components are read at most. References share what they lead to, so that a small file can describe more
/// than any machine holds.
const MAX_COMPONENTS: usize = 200_000;

/// Keys that people put beside the fields on purpose: notes, and what the builder's `$parameters` leave behind.
const NOTES: [&str; 6] = ["description", "title", "name", "path", "primary_key", "$parameters"];

/// A type that a field may have.
pub(crate) trait Parse: Sized {
    /// Whether the field must be there.
    const REQUIRED: bool = true;

    /// What may stand there, for messages: "text", "a list of text".
    fn expected() -> String;

    /// Reads it; whatever is wrong goes to the reader.
    fn parse(node: &Node, place: Place, reader: &mut Reader) -> Option<Self>;

    /// What a field holds that is not there.
    fn absent() -> Option<Self> {
        None
    }
}

/// The field that is being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) component: &'static str,
    pub(crate) field: &'static str,
}

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) findings: Vec<Diagnostic>,
    /// The definitions met so far.
    pub(crate) met: BTreeSet<&'static str>,
    depth: usize,
    components: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { f.write_str(self.component) } else { write!(f, "{}.{}", self.component, self.field) }
    }
}

impl Reader {
    pub(crate) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// A value of the wrong type.
    pub(crate) fn mismatch(&mut self, node: &Node, place: impl fmt::Display, expected: &str) {
        let mut finding =
            Diagnostic::error(node.at, format!("{place} is {}, expected {expected}", describe(&node.kind)));
        if expected.contains("text")
            && let Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Date(_) = node.kind
        {
            finding = finding.with_help("put it in quotes");
        } else if matches!(node.kind, Kind::Null) {
            finding = finding.with_help("leave the key out if it has no value");
        }
        self.report(finding);
    }

    /// A component: its `type` and its keys are checked, then `read` takes the fields.
    pub(crate) fn component<T>(
        &mut self,
        node: &Node,
        place: Place,
        definition: &'static Definition,
        read: impl FnOnce(&mut Self, &Map) -> Option<T>,
    ) -> Option<T> {
        let Some(map) = node.as_map() else {
            self.mismatch(node, place, &format!("a {}", definition.name));
            return None;
        };
        self.met.insert(definition.name);
        self.components += 1;
        if self.components > MAX_COMPONENTS {
            // Said once: there may be a great many more.
            if self.components == MAX_COMPONENTS + 1 {
                let message = format!("the manifest has more than {MAX_COMPONENTS} components");
                self.report(Diagnostic::error(node.at, message));
            }
            return None;
        }
        if self.depth >= MAX_DEPTH {
            self.report(Diagnostic::error(node.at, format!("components nest more than {MAX_DEPTH} deep")));
            return None;
        }
        let tagged = self.check_tag(node, map, place, definition);
        let known = self.check_keys(map, definition);
        self.depth += 1;
        let component = read(self, map);
        self.depth -= 1;
        component.filter(|_| tagged && known)
    }

    /// One field of a component.
    pub(crate) fn field<T: Parse>(
        &mut self,
        map: &Map,
        at: Position,
        definition: &'static Definition,
        name: &'static str,
        default: Option<T>,
    ) -> Option<T> {
        let place = Place { component: definition.name, field: name };
        let Some(value) = map.get(name) else {
            let absent = default.or_else(T::absent);
            // A misspelt key is one mistake, told where it stands.
            if absent.is_none() && !is_misspelt(name, map, definition) {
                let finding = Diagnostic::error(at, format!("{} needs `{name}`", definition.name));
                self.report(finding.with_help(format!("add `{name}`: {}", T::expected())));
            }
            return absent;
        };
        let parsed = T::parse(value, place, self);
        let sound = match definition.field(name).and_then(|field| field.check) {
            Some(check) if parsed.is_some() => check(value, place, self),
            _ => true,
        };
        parsed.filter(|_| sound)
    }

    fn check_tag(&mut self, node: &Node, map: &Map, place: Place, definition: &Definition) -> bool {
        let (word, required) = match definition.tag {
            Tag::Required(word) => (word, true),
            Tag::Optional(word) => (word, false),
            Tag::None => return true,
        };
        match map.get("type") {
            Some(found) if found.as_str() == Some(word) => true,
            Some(found) => {
                let shown = found.as_str().map_or_else(|| describe(&found.kind).to_owned(), |text| format!("`{text}`"));
                self.report(
                    Diagnostic::error(found.at, format!("{place} has the type {shown}, only `{word}` may stand here"))
                        .with_help(format!("write `type: {word}`")),
                );
                false
            }
            None if required => {
                self.report(
                    Diagnostic::error(node.at, format!("{place} has no `type`"))
                        .with_help(format!("write `type: {word}`")),
                );
                false
            }
            None => true,
        }
    }

    fn check_keys(&mut self, map: &Map, definition: &Definition) -> bool {
        for entry in map {
            let key = entry.key.as_str();
            let deprecated = definition.field(key).and_then(|field| field.deprecated);
            if let Some(instead) = deprecated.filter(|_| !is_inherited(key, map)) {
                let message = format!("{}.{key} is deprecated", definition.name);
                self.report(Diagnostic::note(entry.at, message).with_help(instead));
            }
        }
        for entry in unknown(map, definition) {
            self.report(unknown_key(&entry.key, entry.at, map, definition));
        }
        definition.others != Others::Refused || unknown(map, definition).next().is_none()
    }
}

/// The keys of a component that mean nothing there.
pub(crate) fn unknown<'m>(map: &'m Map, definition: &Definition) -> impl Iterator<Item = &'m Entry> {
    let closed = definition.others == Others::Refused;
    let tagged = definition.tag != Tag::None || !closed;
    let used = definition.others == Others::Used;
    map.iter().filter(move |entry| {
        let key = entry.key.as_str();
        let beside = !closed && (NOTES.contains(&key) || is_inherited(key, map));
        !(used || beside || tagged && key == "type" || definition.field(key).is_some())
    })
}

/// Whether the component has the key only from its `$parameters`.
fn is_inherited(key: &str, map: &Map) -> bool {
    map.get("$parameters").and_then(Node::as_map).is_some_and(|parameters| parameters.get(key).is_some())
}

/// Whether a component lacks a field, and has an unknown key that was most likely meant to be it.
pub(crate) fn is_misspelt(field: &str, map: &Map, definition: &Definition) -> bool {
    map.get(field).is_none() && unknown(map, definition).any(|entry| meant(&entry.key, definition) == Some(field))
}

/// The field that was most likely meant.
fn meant(key: &str, definition: &Definition) -> Option<&'static str> {
    nearest(key, definition.fields.iter().map(|field| field.name))
}

fn unknown_key(key: &str, at: Position, map: &Map, definition: &Definition) -> Diagnostic {
    let message = format!("{} has no field `{key}`", definition.name);
    let meant = meant(key, definition);
    let field = meant.and_then(|name| definition.field(name));
    let is_missed = field.is_some_and(|field| field.required && map.get(field.name).is_none());
    let finding = if definition.others == Others::Refused || is_missed {
        Diagnostic::error(at, message)
    } else {
        Diagnostic::warning(at, format!("{message}, it is ignored"))
    };
    match meant {
        Some(name) => finding.with_help(format!("did you mean `{name}`?")),
        None if definition.fields.len() <= 16 && !definition.fields.is_empty() => {
            let names: Vec<_> = definition.fields.iter().map(|field| format!("`{}`", field.name)).collect();
            finding.with_help(format!("its fields are {}", names.join(", ")))
        }
        None => finding.with_help("remove it"),
    }
}

/// What a value is, for messages.
pub(crate) fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Int(_) => "a whole number",
        Kind::Float(_) => "a number",
        Kind::Text(_) => "text",
        Kind::Date(_) => "a date (an unquoted date is not text)",
        Kind::List(_) => "a list",
        Kind::Map(_) => "a mapping",
    }
}

/// The effective `$parameters` of a component, to be shared by its templates.
pub(crate) fn parameters(component: &Node) -> Arc<Parameters<String, Value>> {
    match component.get("$parameters").map(Node::to_json) {
        Some(Value::Object(parameters)) => Arc::new(parameters),
        _ => Arc::default(),
    }
}
