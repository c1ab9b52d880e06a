//! Where the records are in what a decoder yields.

mod child;
mod combined;
mod dpath;
mod expander;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::error::Result;

pub(crate) use child::Extracted;
pub(crate) use combined::{CombineMode, CombinedExtractor};
pub(crate) use dpath::DpathExtractor;
pub(crate) use expander::{ExpanderOptions, OnNoRecords, ParentField, RecordExpander};

/// Takes the records out of an answer.
pub(crate) trait Extractor: Send + Sync {
    /// The records of one element that the decoder yields.
    ///
    /// # Errors
    /// A path that matches more than one value where only one may be.
    fn extract(&self, element: Value) -> Result<Extraction>;

    /// The records of all elements of an answer.
    ///
    /// # Errors
    /// See [`Extractor::extract`].
    fn extract_page(&self, elements: Vec<Value>) -> Result<Extraction> {
        let mut extraction = Extraction::default();
        for element in elements {
            extraction.append(self.extract(element)?);
        }
        Ok(extraction)
    }
}

/// What an extractor found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Extraction {
    /// The records.
    pub(crate) records: Vec<Extracted>,
    /// How many empty records were left out; they count for the size of the page.
    pub(crate) left_out: usize,
    /// Parents whose list has to be fetched; only where the expander says so.
    pub(crate) truncated: Vec<TruncatedParent>,
    /// What to log, at most once per stream each.
    pub(crate) warnings: Vec<String>,
}

/// A parent whose embedded list is not complete. What [`RecordExpander::expand_fetched`] makes of the fetched list
/// belongs before the record at `position`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TruncatedParent {
    /// An index into [`Extraction::records`].
    pub(crate) position: usize,
    /// What templates of the retriever see as `stream_slice['parent_record']`.
    pub(crate) parent: Value,
}

impl Extraction {
    #[cfg(test)]
    fn into_values(self) -> Result<Vec<Value>> {
        self.records.into_iter().map(Extracted::into_record).collect()
    }

    /// How many records the page counts as; what truncated parents become counts too, once it is there.
    pub(crate) fn count(&self) -> usize {
        self.records.len() + self.left_out
    }

    /// Whether there are records, or may be once truncated lists are fetched.
    fn has_records(&self) -> bool {
        !self.records.is_empty() || !self.truncated.is_empty()
    }

    fn append(&mut self, mut other: Self) {
        let offset = self.records.len();
        self.records.append(&mut other.records);
        self.left_out += other.left_out;
        self.truncated.extend(
            other
                .truncated
                .into_iter()
                .map(|truncated| TruncatedParent { position: truncated.position + offset, ..truncated }),
        );
        self.warnings.append(&mut other.warnings);
    }
}

/// Python's truth of a JSON value.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
    }
}
