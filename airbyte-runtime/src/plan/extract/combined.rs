//! Several extractors as one.

use serde_json::Value;

use super::{Extraction, Extractor};
use crate::error::{Error, Result};

/// Applies several extractors to the same answer.
pub(crate) struct CombinedExtractor {
    extractors: Vec<Box<dyn Extractor>>,
    mode: CombineMode,
    skip_empty_records: bool,
}

/// Which of the extractors count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CombineMode {
    /// All of them, one after the other.
    #[default]
    Union,
    /// The first that finds a record.
    FirstMatch,
}

impl CombinedExtractor {
    /// Extractors in their order. With `skip_empty_records` null and empty records are left out, but still count for
    /// the size of the page.
    ///
    /// # Errors
    /// No extractors.
    pub(crate) fn new(
        extractors: Vec<Box<dyn Extractor>>,
        mode: CombineMode,
        skip_empty_records: bool,
    ) -> Result<Self> {
        if extractors.is_empty() {
            return Err(Error::config("a CombinedExtractor has no `extractors`; name at least one"));
        }
        Ok(Self { extractors, mode, skip_empty_records })
    }

    fn without_empty(&self, mut extraction: Extraction, extractor: usize) -> Extraction {
        let mut kept = Extraction { truncated: std::mem::take(&mut extraction.truncated), ..Extraction::default() };
        let mut truncated = kept.truncated.iter_mut().peekable();
        let before = extraction.records.len();
        for (position, record) in extraction.records.into_iter().enumerate() {
            while let Some(parent) = truncated.next_if(|parent| parent.position <= position) {
                parent.position = kept.records.len();
            }
            if !record.is_empty() {
                kept.records.push(record);
            }
        }
        truncated.for_each(|parent| parent.position = kept.records.len());
        let dropped = before - kept.records.len();
        kept.left_out = extraction.left_out + dropped;
        kept.warnings = extraction.warnings;
        if dropped > 0 {
            kept.warnings.push(format!(
                "extractor {extractor} of a CombinedExtractor yielded {dropped} empty records, which `skip_empty_records` \
                 left out; an API that answers so often gives the reason in an error field of the body"
            ));
        }
        kept
    }
}

impl Extractor for CombinedExtractor {
    fn extract(&self, element: Value) -> Result<Extraction> {
        self.extract_page(vec![element])
    }

    fn extract_page(&self, elements: Vec<Value>) -> Result<Extraction> {
        let mut combined = Extraction::default();
        let mut elements = elements;
        let last = self.extractors.len().saturating_sub(1);
        for (index, extractor) in self.extractors.iter().enumerate() {
            let page = if index == last { std::mem::take(&mut elements) } else { elements.clone() };
            let mut found = extractor.extract_page(page)?;
            if self.skip_empty_records {
                found = self.without_empty(found, index);
            }
            match self.mode {
                CombineMode::Union => combined.append(found),
                CombineMode::FirstMatch if found.has_records() => {
                    found.warnings.splice(..0, combined.warnings);
                    return Ok(found);
                }
                CombineMode::FirstMatch => combined.warnings.append(&mut found.warnings),
            }
        }
        Ok(combined)
    }
}
