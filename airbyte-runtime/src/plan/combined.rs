//! Records at several places of a JSON body: at all of them, or at the first that has some.

use std::ops::ControlFlow;

use http::StatusCode;
use serde_json::{Map, Value};

use super::dpath::Dpath;
use super::extract::{CombineMode, CombinedExtractor, DpathExtractor, Extractor};
use super::record::SelectRecords;
use super::slice::Slice;
use crate::error::{Error, Result};
use crate::http::Response;

/// Finds records at several paths.
pub(crate) struct CombinedSelector {
    extractor: CombinedExtractor,
}

impl CombinedSelector {
    /// # Errors
    /// No paths.
    pub(crate) fn new(paths: &[&[&str]], mode: CombineMode) -> Result<Self> {
        let extractor = |path: &&[&str]| -> Box<dyn Extractor> {
            Box::new(DpathExtractor::new(Dpath::of_texts(path.iter().copied()), None))
        };
        Ok(Self { extractor: CombinedExtractor::new(paths.iter().map(extractor).collect(), mode, false)? })
    }
}

impl SelectRecords for CombinedSelector {
    fn select(
        &self,
        response: &Response,
        _slice: &Slice,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        if response.status == StatusCode::NO_CONTENT || response.body.is_empty() {
            return Ok(0);
        }
        let mut found = 0;
        // A decoder may make many documents of one body.
        let documents = |sink: &mut super::decoder::Sink<'_>| {
            for document in serde_json::Deserializer::from_slice(&response.body).into_iter::<Value>() {
                let document = document
                    .map_err(|error| Error::system("the API's answer is not JSON").with_detail(error.to_string()))?;
                if let ControlFlow::Break(()) = sink(document)? {
                    break;
                }
            }
            Ok(())
        };
        self.extractor.extract(&documents, &mut |part| {
            for record in part.records {
                found += 1;
                match record.into_record()? {
                    Value::Object(record) => accept(record)?,
                    _ => return Err(Error::system("a record that `records` leads to is not an object")),
                }
            }
            Ok(())
        })?;
        Ok(found)
    }
}
