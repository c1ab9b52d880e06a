//! Where the records are in what a decoder yields.

mod child;
mod combined;
mod dpath;
mod expander;
#[cfg(all(test, feature = "manifest"))]
mod tests;

use super::decoder::Sink;
use crate::error::Result;

pub(crate) use child::Extracted;
pub(crate) use combined::{CombineMode, CombinedExtractor};
pub(crate) use dpath::DpathExtractor;
#[cfg(feature = "manifest")]
pub(crate) use expander::FetchList;
pub(crate) use expander::{ExpanderOptions, OnNoRecords, ParentField, RecordExpander};

/// Takes the records out of an answer.
pub(crate) trait Extractor: Send + Sync {
    /// Hands what it finds to `found`, in the order of the answer and in parts, so that a large answer is never held
    /// in memory as a whole.
    ///
    /// # Errors
    /// Those of `answer` and `found`, unchanged. A path that matches more than one value where only one may be.
    fn extract(&self, answer: &Elements<'_>, found: &mut Found<'_>) -> Result<()>;

    /// Whether it asks for the elements only once, so that they may come from a body that is not held.
    fn reads_once(&self) -> bool {
        true
    }
}

/// The elements of an answer: every call decodes the answer anew and hands over one element after the other.
/// See [`Extractor::reads_once`] for those of a body that is not held.
pub(crate) type Elements<'a> = dyn Fn(&mut Sink<'_>) -> Result<()> + 'a;

/// Takes the parts of what an extractor finds; an error ends the extraction with that error.
pub(crate) type Found<'f> = dyn FnMut(Extraction) -> Result<()> + 'f;

/// A part of what an extractor found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Extraction {
    /// The records.
    pub(crate) records: Vec<Extracted>,
    /// How many empty records were left out; they count for the size of the page.
    pub(crate) left_out: usize,
    /// What to log, at most once per stream each.
    pub(crate) warnings: Vec<String>,
}
