//! Several extractors as one.

use super::{Elements, Extraction, Extractor, Found};
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

    /// Lets one of the extractors look for records, and hands over what counts.
    fn run(&self, index: usize, answer: &Elements<'_>, found: &mut Found<'_>) -> Result<()> {
        let Some(extractor) = self.extractors.get(index) else { return Ok(()) };
        if !self.skip_empty_records {
            return extractor.extract(answer, found);
        }
        let mut dropped: usize = 0;
        extractor.extract(answer, &mut |mut part| {
            let before = part.records.len();
            part.records.retain(|record| !record.is_empty());
            let empty = before.saturating_sub(part.records.len());
            dropped = dropped.saturating_add(empty);
            part.left_out = part.left_out.saturating_add(empty);
            found(part)
        })?;
        if dropped == 0 {
            return Ok(());
        }
        found(Extraction {
            warnings: vec![format!(
                "extractor {index} of a CombinedExtractor yielded {dropped} empty records, which `skip_empty_records` \
                 left out; an API that answers so often gives the reason in an error field of the body"
            )],
            ..Extraction::default()
        })
    }

    /// Whether the extractor found a record. What it left out counts only then.
    fn run_alone(&self, index: usize, answer: &Elements<'_>, found: &mut Found<'_>) -> Result<bool> {
        let mut has_matched = false;
        let mut left_out: usize = 0;
        self.run(index, answer, &mut |mut part| {
            has_matched |= !part.records.is_empty();
            left_out = left_out.saturating_add(part.left_out);
            part.left_out = if has_matched { std::mem::take(&mut left_out) } else { 0 };
            found(part)
        })?;
        Ok(has_matched)
    }
}

impl Extractor for CombinedExtractor {
    fn extract(&self, answer: &Elements<'_>, found: &mut Found<'_>) -> Result<()> {
        for index in 0..self.extractors.len() {
            match self.mode {
                CombineMode::Union => self.run(index, answer, found)?,
                CombineMode::FirstMatch if self.run_alone(index, answer, found)? => break,
                CombineMode::FirstMatch => {}
            }
        }
        Ok(())
    }

    fn reads_once(&self) -> bool {
        false
    }
}
