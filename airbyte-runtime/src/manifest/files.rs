//! Files of a manifest's records: a `FileUploader` lowered.

use std::sync::Arc;

use serde_json::{Map, Value};

use airbyte_manifest::model::{FileUploader, Requester as RequesterModel};

use super::home::Provenance;
use super::jobs::TARGET;
use super::lowering::Lowering;
use super::page_policy::refuse_page_actions;
use super::stream::default_interval_keys;
use crate::error::{Error, Result};
use crate::jinja::{self, Scope, Template};
use crate::plan::Slice;
use crate::plan::extract::Extractor;
use crate::plan::files::{FilePlan, FileSource, FindFile, MAX_SIZE};
use crate::plan::slice::Partition;

impl Lowering<'_> {
    /// A `FileUploader`.
    ///
    /// # Errors
    /// Components that cannot be lowered.
    pub(super) fn files(&self, model: &FileUploader, provenance: &Provenance) -> Result<FilePlan> {
        if model.file_extractor.is_some() {
            self.without_effect("`file_extractor` has no effect: the whole answer is the file", model.at);
        }
        let retriever = match &model.requester {
            RequesterModel::HttpRequester(http) => refuse_page_actions(http, "the requester of a `file_uploader`")
                .and_then(|()| self.http(http, Vec::new(), false, false, &default_interval_keys(), provenance))
                .map_err(|error| self.place(error, http.at))?,
            RequesterModel::CustomRequester(custom) => self.custom_http(custom)?,
        };
        let finder = ManifestFinder {
            target: self.lone_extractor(&model.download_target_extractor)?,
            name: self.optional(model.filename_extractor.as_ref(), &model.parameters()),
        };
        Ok(FilePlan { retriever, finder: Box::new(finder), max_size: MAX_SIZE })
    }
}

/// Finds a file as the CDK does.
struct ManifestFinder {
    target: Box<dyn Extractor>,
    name: Option<Template>,
}

impl FindFile for ManifestFinder {
    fn find(&self, record: Map<String, Value>, _slice: &Slice) -> Result<Option<FileSource>> {
        let record = Value::Object(record);
        let mut targets = Vec::new();
        self.target.extract(&|sink| sink(record.clone()).map(drop), &mut |part| {
            targets.extend(part.records);
            Ok(())
        })?;
        let target = match targets.into_iter().next().map(|target| target.into_record()).transpose()? {
            Some(Value::String(target)) => target,
            Some(_) => {
                return Err(Error::system("the `download_target_extractor` finds something that is not a text"));
            }
            None => return Err(Error::system("the `download_target_extractor` finds nothing in a record")),
        };
        let name = match &self.name {
            Some(template) => Some(template.eval(&Scope::new().with("record", jinja::record(&record)))?.to_text()),
            None => None,
        };
        // What the slice of the record is, the templates of the request do not see.
        let slice = Slice {
            partition: Arc::new(Partition::default()),
            interval: None,
            job: Some(Arc::new(Map::from_iter([(TARGET.to_owned(), target.into())]))),
            record: None,
        };
        Ok(Some(FileSource { slice, name }))
    }
}
