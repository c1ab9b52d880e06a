//! What to look for in a body, compiled into a small automaton over keys and array indexes.

use super::compile::compile;
use super::path::JsonPath;

/// Where the records of a body are, and which values to hand over with them.
///
/// - `records`: where the records stand, found by these rules. An array there holds one record per element;
///   an object is one record; nothing, `null`, `false`, `0`, `""` and, unless the path holds `*`, `{}` are no record.
///   If the root of the body is an array, the path is followed from each of its elements,
///   unless its first segment is an index.
/// - `fields`: paths from each record, such as the cursor field.
/// - `captures`: paths from the root of the body, such as the token of the next page.
///
/// Of a key that occurs twice, the later value is taken; of the matches of a path with `*`, the first.
/// Records leave before the rest of the body is known, so equal keys on the way to the records all count.
#[derive(Clone, Debug)]
pub(crate) struct ScanPlan {
    records: JsonPath,
    fields: Vec<JsonPath>,
    captures: Vec<JsonPath>,
    nodes: Vec<Node>,
    /// Whether one document may follow another.
    pub(super) is_sequence: bool,
    /// Whether records are handed out with the places of their members that are `null`.
    pub(super) notes_nulls: bool,
}

/// A state of the automaton: what a value is to the plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Where the members go whose keys the plan names.
    pub(super) keys: Vec<(Box<str>, NodeId)>,
    /// Where all other members go.
    pub(super) other_key: NodeId,
    /// Where the elements of an array go.
    pub(super) elements: ElementNodes,
    /// Where the last element of an array goes, if that is not the same and must be known beforehand.
    pub(super) last_element: Option<ElementNodes>,
    pub(super) role: Role,
    /// The value shows that the record path exists.
    pub(super) shows_path: bool,
    /// The fields and captures whose value this is.
    pub(super) fields: Vec<Goal>,
    pub(super) captures: Vec<Goal>,
    /// The fields and captures that lose the value they had when such a value comes again.
    pub(super) stale_fields: Vec<usize>,
    pub(super) stale_captures: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct NodeId(pub(super) usize);

/// Where elements go by their index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ElementNodes {
    pub(super) indexed: Vec<(usize, NodeId)>,
    pub(super) other: NodeId,
}

/// What a value is to the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    None,
    /// What stands at the record path.
    Records,
    /// An element of an array at the record path.
    Element,
}

/// A path that ends at a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    /// Its position among the fields or the captures.
    pub(super) position: usize,
    /// The path holds `*`, so that the first match stays.
    pub(super) keep_first: bool,
}

impl NodeId {
    /// The node of values that nobody asked for.
    pub(super) const IGNORED: Self = Self(0);
    /// The root of the body, if it is no array.
    pub(super) const ROOT: Self = Self(1);
    /// The root of the body, if it is an array.
    pub(super) const ROOT_ARRAY: Self = Self(2);
}

impl ScanPlan {
    /// Compiles the paths; do it once per stream.
    pub(crate) fn new(records: JsonPath, fields: Vec<JsonPath>, captures: Vec<JsonPath>) -> Self {
        let nodes = compile(&records, &fields, &captures);
        Self { records, fields, captures, nodes, is_sequence: false, notes_nulls: false }
    }

    /// The same for a body of any number of documents, one after the other: JSON lines. The paths begin in each.
    pub(crate) fn in_sequence(self) -> Self {
        Self { is_sequence: true, ..self }
    }

    /// The same for who leaves out members of records that are `null`.
    pub(crate) fn noting_nulls(self, notes_nulls: bool) -> Self {
        Self { notes_nulls, ..self }
    }

    /// Where the records are.
    pub(crate) fn records(&self) -> &JsonPath {
        &self.records
    }

    pub(super) fn field_count(&self) -> usize {
        self.fields.len()
    }

    pub(super) fn capture_count(&self) -> usize {
        self.captures.len()
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        const IGNORED: &Node = &Node::IGNORED;
        self.nodes.get(id.0).unwrap_or(IGNORED)
    }
}

impl Node {
    const IGNORED: Self = Self {
        keys: Vec::new(),
        other_key: NodeId::IGNORED,
        elements: ElementNodes { indexed: Vec::new(), other: NodeId::IGNORED },
        last_element: None,
        role: Role::None,
        shows_path: false,
        fields: Vec::new(),
        captures: Vec::new(),
        stale_fields: Vec::new(),
        stale_captures: Vec::new(),
    };

    /// Whether nothing inside such an object or array is asked for.
    #[inline]
    pub(super) fn is_opaque(&self, object: bool) -> bool {
        if object {
            self.keys.is_empty() && self.other_key == NodeId::IGNORED
        } else {
            self.elements == Self::IGNORED.elements && self.last_element.is_none()
        }
    }

    /// Whether a field or capture ends here, so that the bytes of the value must stay until it is complete.
    #[inline]
    pub(super) fn has_goal(&self) -> bool {
        !self.fields.is_empty() || !self.captures.is_empty()
    }
}

impl ElementNodes {
    pub(super) fn at(&self, index: usize) -> NodeId {
        self.indexed.iter().find(|(at, _)| *at == index).map_or(self.other, |(_, node)| *node)
    }
}
