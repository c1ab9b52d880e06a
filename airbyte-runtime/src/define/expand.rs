//! `expand = …`: records that are the items of a list within what a page holds.
//!
//! | form | the records are |
//! |---|---|
//! | [`items("lines.data")`](items) | the items of this list, each a record of its own |

use super::value::Map;
use crate::error::{Error, Result};
use crate::plan::dpath::Dpath;
use crate::plan::extract::{ExpanderOptions, OnNoRecords, ParentField, RecordExpander};

/// The items of a list in each record of a page: `items("lines.data", parent_fields = { order_id = "id" })`.
///
/// Keys are joined by dots; `*` is any key or position, `**` any number of levels.
/// The items take the parent's place: the columns, the cursor, the primary key, `filter` and `transform` are theirs.
/// A page counts as long as it has parents.
#[must_use]
#[track_caller]
pub const fn items(path: &'static str) -> Expand {
    if path.is_empty() {
        panic!("`items` names no list\nhelp: write the path of the list in a record, as in `items(\"lines.data\")`");
    }
    Expand { path, parent_fields: &[], merge_parent: false, remain_original_record: false, emit_parent: false }
}

/// See [`items`].
#[derive(Clone, Copy, Debug)]
pub struct Expand {
    path: &'static str,
    parent_fields: Map,
    merge_parent: bool,
    remain_original_record: bool,
    emit_parent: bool,
}

impl Expand {
    /// What of the parent each item gets: the item's field, and the path of the value in the parent.
    #[must_use]
    pub const fn parent_fields(mut self, fields: Map) -> Self {
        self.parent_fields = fields;
        self
    }

    /// Whether each item gets all fields of the parent that it has no own ones for, except the list.
    #[must_use]
    pub const fn merge_parent(mut self, merge: bool) -> Self {
        self.merge_parent = merge;
        self
    }

    /// Whether each item gets the whole parent, as `original_record`.
    #[must_use]
    pub const fn remain_original_record(mut self, remain: bool) -> Self {
        self.remain_original_record = remain;
        self
    }

    /// Whether a parent without items is a record itself; it is left out unless this is `true`.
    #[must_use]
    pub const fn emit_parent(mut self, emit: bool) -> Self {
        self.emit_parent = emit;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        let mut at = 0;
        while at < self.parent_fields.len() {
            if !matches!(self.parent_fields[at].1, super::Value::Template(_) | super::Value::Raw(_)) {
                panic!(
                    "a parent field is the path of a value, which is a text\nhelp: write `parent_fields = {{ order_id = \"id\" }}`"
                );
            }
            at += 1;
        }
        self
    }

    /// The component that the engine runs.
    pub(crate) fn plan(&self) -> Result<RecordExpander> {
        let dpath = |path: &str| Dpath::of_texts(path.split('.'));
        let fields = self.parent_fields.iter().map(|(field, path)| match path.to_json().as_str() {
            Some(path) => ParentField::new(dpath(path), Dpath::of_texts([*field])),
            None => Err(Error::system("a parent field is not a text")),
        });
        RecordExpander::new(
            dpath(self.path),
            ExpanderOptions {
                remain_original_record: self.remain_original_record,
                on_no_records: if self.emit_parent { OnNoRecords::EmitParent } else { OnNoRecords::Skip },
                parent_fields: fields.collect::<Result<_>>()?,
                merge_parent: self.merge_parent,
                truncation_indicator_path: None,
                whole_list: None,
            },
        )
    }
}
