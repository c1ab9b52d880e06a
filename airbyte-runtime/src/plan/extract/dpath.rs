//! Records at a path.

use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use super::{Elements, Extracted, Extraction, Extractor, Found, RecordExpander};
use crate::error::Result;
use crate::plan::dpath::Dpath;
use crate::python::is_truthy;

/// Takes the list at a path, or the only record there.
#[derive(Clone, Debug)]
pub(crate) struct DpathExtractor {
    path: Dpath,
    expander: Option<Arc<RecordExpander>>,
}

impl DpathExtractor {
    /// Records at the path; with an expander each of them becomes the items of a list in it.
    pub(crate) fn new(path: Dpath, expander: Option<Arc<RecordExpander>>) -> Self {
        Self { path, expander }
    }

    /// The path, if records are what is there and nothing else has to be done.
    pub(crate) fn plain_path(&self) -> Option<Vec<String>> {
        if self.expander.is_some() { None } else { self.path.as_plain_path() }
    }

    fn at_path(&self, mut element: Value) -> Result<Vec<Value>> {
        if self.path.has_star() {
            return self.path.take_values(element);
        }
        Ok(match self.path.take(&mut element)? {
            Some(Value::Array(items)) => items,
            Some(single) if is_truthy(&single) => vec![single],
            _ => Vec::new(),
        })
    }

    fn of_element(&self, element: Value) -> Result<Extraction> {
        let records = self.at_path(element)?;
        let mut extraction = Extraction::default();
        let Some(expander) = &self.expander else {
            extraction.records = records.into_iter().map(Extracted::Record).collect();
            return Ok(extraction);
        };
        for record in records {
            if let Some(parent) = expander.expand(record, &mut extraction)? {
                extraction.records.push(Extracted::Truncated { parent, expander: Arc::clone(expander) });
            }
        }
        Ok(extraction)
    }
}

impl Extractor for DpathExtractor {
    fn extract(&self, answer: &Elements<'_>, found: &mut Found<'_>) -> Result<()> {
        answer(&mut |element| found(self.of_element(element)?).map(ControlFlow::Continue))
    }
}
