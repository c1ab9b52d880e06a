//! Records that are the items of a list in a record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::child::Parent;
use super::{Extracted, Extraction};
use crate::error::{Error, Result};
use crate::plan::LocalBoxFuture;
use crate::plan::dpath::Dpath;
use crate::python::is_truthy;

/// Replaces a record, the parent, by the items of the lists at a path.
#[derive(Debug)]
pub(crate) struct RecordExpander {
    path: Dpath,
    options: ExpanderOptions,
    warned_of_truncation: AtomicBool,
    warned_of_shortfall: AtomicBool,
}

/// Two expanders are the same if they are one.
impl PartialEq for RecordExpander {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// What an expander does besides taking the items.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExpanderOptions {
    /// Puts a copy of the parent into each item, as `original_record`.
    pub(crate) remain_original_record: bool,
    pub(crate) on_no_records: OnNoRecords,
    /// Values of the parent to copy into each item.
    pub(crate) parent_fields: Arc<[ParentField]>,
    /// Puts the other fields of the parent under those of each item.
    pub(crate) merge_parent: bool,
    /// Where the parent says that its list is not complete.
    pub(crate) truncation_indicator_path: Option<Dpath>,
    /// What fetches the complete list then.
    pub(crate) whole_list: Option<Arc<dyn FetchList>>,
}

/// Fetches the whole of a list that a record holds only in part.
pub(crate) trait FetchList: std::fmt::Debug + Send + Sync {
    /// The items of the list.
    ///
    /// # Errors
    /// Whatever kept the API from giving them.
    fn fetch(&self, parent: Value) -> LocalBoxFuture<'_, Result<Vec<Value>>>;
}

/// What becomes of a parent without items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnNoRecords {
    #[default]
    Skip,
    EmitParent,
}

/// One value of the parent that is copied into each item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ParentField {
    pub(super) parent_path: Dpath,
    pub(super) record_path: Dpath,
}

impl ParentField {
    /// Copies from a path in the parent to a path in the item; what the parent does not have is `null`.
    ///
    /// # Errors
    /// An empty path, a path with globs.
    pub(crate) fn new(parent_path: Dpath, record_path: Dpath) -> Result<Self> {
        for (path, name) in [(&parent_path, "parent_path"), (&record_path, "record_path")] {
            if path.is_empty() {
                return Err(Error::config(format!("a parent field has an empty `{name}`; name a field")));
            }
            refuse_globs(path, name)?;
        }
        Ok(Self { parent_path, record_path })
    }
}

impl RecordExpander {
    /// An expander of the lists at the path.
    ///
    /// # Errors
    /// An indicator's path with globs, and what a list that is fetched lacks.
    pub(crate) fn new(path: Dpath, options: ExpanderOptions) -> Result<Self> {
        if let Some(indicator) = &options.truncation_indicator_path {
            refuse_globs(indicator, "truncation_indicator_path")?;
        }
        if options.whole_list.is_some() {
            if options.truncation_indicator_path.as_ref().is_none_or(Dpath::is_empty) {
                return Err(Error::config(
                    "a `truncated_list_retriever` needs a `truncation_indicator_path`, which says when it is needed",
                ));
            }
            refuse_globs(&path, "expand_records_from_field")?;
        }
        let warned = || AtomicBool::new(false);
        Ok(Self { path, options, warned_of_truncation: warned(), warned_of_shortfall: warned() })
    }

    /// Adds what the parent becomes. What is not an object stays as it is. Returns a parent whose list has to be
    /// fetched.
    ///
    /// # Errors
    /// A path with two `**`.
    pub(crate) fn expand(&self, parent: Value, extraction: &mut Extraction) -> Result<Option<Value>> {
        if self.path.is_empty() || !parent.is_object() {
            extraction.records.push(Extracted::Record(parent));
            return Ok(None);
        }
        if self.is_truncated(&parent)? {
            if self.options.whole_list.is_some() {
                return Ok(Some(parent));
            }
            self.warn_of_truncation(&parent, extraction)?;
        }
        extraction.records.append(&mut self.expand_embedded(parent)?);
        Ok(None)
    }

    /// Fetches the list of a parent.
    ///
    /// # Errors
    /// Whatever kept the API from giving it.
    pub(crate) async fn fetch(&self, parent: Value) -> Result<Vec<Value>> {
        match &self.options.whole_list {
            Some(list) => list.fetch(parent).await,
            None => Ok(Vec::new()),
        }
    }

    /// What a parent becomes whose list was fetched; if nothing came, what it has of the list is as good.
    ///
    /// # Errors
    /// A path with two `**`.
    pub(crate) fn complete(&self, parent: Value, fetched: Vec<Value>) -> Result<Extraction> {
        let mut extraction = Extraction::default();
        self.warn_of_shortfall(&parent, fetched.len(), &mut extraction)?;
        extraction.records = match fetched.is_empty() {
            true => self.expand_embedded(parent)?,
            false => self.children(fetched, parent)?,
        };
        Ok(extraction)
    }

    fn expand_embedded(&self, mut parent: Value) -> Result<Vec<Extracted>> {
        let has_items =
            self.path.values(&parent)?.into_iter().any(|list| list.as_array().is_some_and(|l| !l.is_empty()));
        if !has_items {
            return Ok(match self.options.on_no_records {
                OnNoRecords::Skip => Vec::new(),
                OnNoRecords::EmitParent => vec![Extracted::Record(parent)],
            });
        }
        if !self.carries_parent() && !self.path.has_globs() {
            return Ok(match self.path.take(&mut parent)? {
                Some(Value::Array(items)) => items.into_iter().map(Extracted::Record).collect(),
                _ => Vec::new(),
            });
        }
        let items = self.path.values(&parent)?.into_iter().filter_map(Value::as_array).flatten().cloned().collect();
        self.children(items, parent)
    }

    fn carries_parent(&self) -> bool {
        let options = &self.options;
        options.remain_original_record || options.merge_parent || !options.parent_fields.is_empty()
    }

    fn children(&self, items: Vec<Value>, parent: Value) -> Result<Vec<Extracted>> {
        if !self.carries_parent() {
            return Ok(items.into_iter().map(Extracted::Record).collect());
        }
        let parent = Arc::new(Parent {
            base: self.merge_base(&parent)?,
            record: parent,
            fields: self.options.parent_fields.clone(),
            remain_original_record: self.options.remain_original_record,
        });
        Ok(items.into_iter().map(|item| Extracted::Child { item, parent: parent.clone() }).collect())
    }

    /// The parent without the lists that are expanded.
    fn merge_base(&self, parent: &Value) -> Result<Option<Map<String, Value>>> {
        if !self.options.merge_parent {
            return Ok(None);
        }
        let mut base = parent.clone();
        self.path.remove_lists(&mut base)?;
        Ok(match base {
            Value::Object(base) => Some(base),
            _ => None,
        })
    }

    fn is_truncated(&self, parent: &Value) -> Result<bool> {
        match &self.options.truncation_indicator_path {
            Some(indicator) if !indicator.is_empty() => Ok(indicator.get(parent)?.is_some_and(is_truthy)),
            _ => Ok(false),
        }
    }

    /// The number in `total_count` beside the indicator.
    fn total_count(&self, parent: &Value) -> Result<Option<u64>> {
        match &self.options.truncation_indicator_path {
            Some(indicator) => Ok(indicator.sibling("total_count").get(parent)?.and_then(Value::as_u64)),
            None => Ok(None),
        }
    }

    fn warn_of_shortfall(&self, parent: &Value, fetched: usize, extraction: &mut Extraction) -> Result<()> {
        let total =
            self.total_count(parent)?.filter(|total| u64::try_from(fetched).is_ok_and(|fetched| fetched < *total));
        let Some(total) = total else { return Ok(()) };
        if self.warned_of_shortfall.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        extraction.warnings.push(format!(
            "the `truncated_list_retriever` gave {fetched} items of the list at {}, which has {total}; check its \
             paginator and its path. Other lists may be short too.",
            self.path
        ));
        Ok(())
    }

    fn warn_of_truncation(&self, parent: &Value, extraction: &mut Extraction) -> Result<()> {
        if self.warned_of_truncation.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let items: usize = self.path.values(parent)?.into_iter().filter_map(Value::as_array).map(Vec::len).sum();
        let total = self.total_count(parent)?.map(|total| format!(" of {total}")).unwrap_or_default();
        extraction.warnings.push(format!(
            "a record says that its list at {} is truncated; only the {items}{total} items in it are read. Add a \
             `truncated_list_retriever` that fetches the whole list. Other records may be truncated too.",
            self.path
        ));
        Ok(())
    }
}

fn refuse_globs(path: &Dpath, name: &str) -> Result<()> {
    if path.has_globs() {
        return Err(Error::config(format!(
            "`{name}` is {path}, but it has to name one field: `*`, `?` and `[` are not allowed"
        )));
    }
    Ok(())
}
