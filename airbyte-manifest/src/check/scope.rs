//! What templates of a component may name: variables, and the keys of slices.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::{ConfigNormalizationRules, Definition, FileUploader, ROOT, definitions, extensions};
use crate::node::{Kind, Node};

/// Attributes that every slice has: those of the slice, and the methods of a dictionary.
const SLICE: [&str; 13] = [
    "partition",
    "cursor_slice",
    "extra_fields",
    "parent_slice",
    "_partition",
    "get",
    "items",
    "keys",
    "values",
    "pop",
    "update",
    "copy",
    "setdefault",
];

static NAMELESS: [Definition; 2] = [FileUploader::DEFINITION, ConfigNormalizationRules::DEFINITION];

static BY_TAG: LazyLock<HashMap<&'static str, &'static Definition>> = LazyLock::new(|| {
    let mut by_tag: HashMap<_, _> = definitions()
        .iter()
        .chain(extensions())
        .filter_map(|definition| Some((definition.tag()?, definition)))
        .collect();
    // Those that have a type, and no name in the table.
    by_tag.extend(NAMELESS.iter().filter_map(|definition| Some((definition.tag()?, definition))));
    by_tag.insert(ROOT.name, &ROOT);
    by_tag
});

/// What is known where a template stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Variables beyond those of the field: extra fields of slices, and what job requesters see; `None` if unknown.
    pub(super) extra: Option<Vec<String>>,
    /// The keys that slices have; `None` if unknown.
    pub(super) keys: Option<Vec<String>>,
    /// The keys of windows in time; `None` where slices come from elsewhere.
    window: Option<Vec<String>>,
}

/// The definition that a mapping's `type` names.
pub(super) fn definition(node: &Node) -> Option<&'static Definition> {
    BY_TAG.get(node.get("type")?.as_str()?).copied()
}

/// Whether a field holds data rather than components: schemas, values, templates that are yet to be filled.
pub(super) fn is_opaque(definition: Option<&Definition>, key: &str) -> bool {
    key == "$parameters"
        || definition
            .is_some_and(|definition| definition.field(key).is_none_or(|field| field.data && field.sees.is_none()))
}

impl Scope {
    pub(super) fn root() -> Self {
        Self { extra: Some(Vec::new()), ..Self::default() }
    }

    /// The scope inside a component.
    pub(super) fn inside(&self, definition: &Definition, node: &Node) -> Self {
        match definition.name {
            "DeclarativeStream" => {
                let window = node.get("incremental_sync").map(window).unwrap_or_default();
                Self { window: Some(window), ..Self::root() }
            }
            "SimpleRetriever" | "AsyncRetriever" => self.inside_retriever(definition.name, node),
            "DynamicSchemaLoader" | "RecordExpander" | "HttpComponentsResolver" => {
                Self { keys: None, window: None, ..self.clone() }
            }
            "FileUploader" => self.with(["download_target"]),
            _ => self.clone(),
        }
    }

    fn inside_retriever(&self, name: &str, node: &Node) -> Self {
        let mut scope = match name {
            "AsyncRetriever" => self.with(["creation_response", "polling_response", "download_target"]),
            _ => self.with(["query_properties"]),
        };
        let mut keys = self.window.clone();
        if let Some(router) = node.get("partition_router") {
            collect(router, &mut keys, &mut scope.extra);
        }
        scope.keys = keys;
        scope
    }

    fn with<const N: usize>(&self, names: [&str; N]) -> Self {
        let mut scope = self.clone();
        if let Some(extra) = &mut scope.extra {
            extra.extend(names.map(str::to_owned));
        }
        scope
    }

    /// Whether slices may have the key.
    pub(super) fn has_key(&self, key: &str) -> bool {
        SLICE.contains(&key) || self.keys.as_ref().is_none_or(|keys| keys.iter().any(|known| known == key))
    }
}

/// The keys of a window; templates of keys count as text that matches nothing, so they make a key of their own.
fn window(cursor: &Node) -> Vec<String> {
    let text = |field: &str, default: &str| cursor.get(field).and_then(Node::as_str).unwrap_or(default).to_owned();
    match cursor.get("type").and_then(Node::as_str) {
        Some("IncrementingCountCursor") => vec!["start".to_owned(), "end".to_owned()],
        _ => vec![text("partition_field_start", "start_time"), text("partition_field_end", "end_time")],
    }
}

/// The keys and extra fields that routers give; one that cannot be known makes all of them unknown.
fn collect(router: &Node, keys: &mut Option<Vec<String>>, extra: &mut Option<Vec<String>>) {
    if let Some(routers) = router.as_list() {
        for router in routers {
            collect(router, keys, extra);
        }
        return;
    }
    let name = match router.get("type").and_then(Node::as_str) {
        Some("ListPartitionRouter") => "cursor_field",
        Some("UnionPartitionRouter") => {
            if let Some(routers) = router.get("partition_routers") {
                collect(routers, &mut Some(Vec::new()), extra);
            }
            "partition_field"
        }
        Some("SubstreamPartitionRouter") => {
            for parent in router.get("parent_stream_configs").and_then(Node::as_list).unwrap_or_default() {
                push(parent.get("partition_field"), keys);
                for path in parent.get("extra_fields").and_then(Node::as_list).unwrap_or_default() {
                    let segments: Vec<_> = path.as_list().unwrap_or_default().iter().filter_map(Node::as_str).collect();
                    if let Some(extra) = extra {
                        extra.push(segments.join("."));
                    }
                }
            }
            return;
        }
        Some("GroupingPartitionRouter") => {
            match router.get("underlying_partition_router") {
                Some(inner) => collect(inner, keys, extra),
                None => *keys = None,
            }
            return;
        }
        _ => {
            *keys = None;
            *extra = None;
            return;
        }
    };
    push(router.get(name), keys);
}

fn push(name: Option<&Node>, keys: &mut Option<Vec<String>>) {
    match name.map(|name| &name.kind) {
        Some(Kind::Text(name)) if !name.contains("{{") => {
            if let Some(keys) = keys {
                keys.push(name.clone());
            }
        }
        _ => *keys = None,
    }
}
