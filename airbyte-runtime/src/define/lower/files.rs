//! Files of records as attributes say them.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Parts, http_retriever, job, request_plan};
use crate::config::Config;
use crate::define::files::Download;
use crate::define::source::SourceDef;
use crate::define::stream::{Field, StreamDef};
use crate::error::Result;
use crate::plan::budget::Budget;
use crate::plan::files::{FilePlan, FileSource, FindFile};
use crate::plan::template::{Escape, Template};
use crate::plan::{Authenticator, Slice};

pub(super) fn plan(
    download: &Download,
    source: &SourceDef,
    def: &'static StreamDef,
    auth: &Arc<dyn Authenticator>,
    budget: Option<&Arc<Budget>>,
    config: &Config,
) -> Result<FilePlan> {
    let parts = Parts { base_url: download.base_url, ..job::parts(&download.request, def) };
    let request = request_plan(source, def, &parts, config)?;
    let finder = Finder {
        path: request.path.clone(),
        name: download.name.map(|name| Template::fill_required(name, config, Escape::Nothing)).transpose()?,
        fields: def.fields,
    };
    Ok(FilePlan {
        retriever: http_retriever(source, def, request, Arc::clone(auth), budget, config)?,
        finder: Box::new(finder),
        max_size: download.max_size,
    })
}

/// Finds the file by the fields of the record.
struct Finder {
    path: Template,
    name: Option<Template>,
    fields: &'static [Field],
}

impl FindFile for Finder {
    fn find(&self, mut record: Map<String, Value>, slice: &Slice) -> Result<Option<FileSource>> {
        // Templates know fields by their names in the struct.
        for field in self.fields.iter().filter(|field| field.name != field.key) {
            if let Some(value) = record.get(field.key).cloned() {
                record.insert(field.name.to_owned(), value);
            }
        }
        let slice = slice.with_record(record);
        let has_file = match self.path.evaluate(&slice)? {
            None | Some(Value::Null) => false,
            Some(Value::String(path)) => !path.is_empty(),
            Some(_) => true,
        };
        if !has_file {
            return Ok(None);
        }
        let name = self.name.as_ref().map(|name| name.render(&slice)).transpose()?.flatten();
        Ok(Some(FileSource { slice, name }))
    }
}
