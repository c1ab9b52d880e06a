//! Transformations and filters of records, and the transformations of configurations, as manifests name them.

#[cfg(feature = "manifest")]
mod add_fields;
#[cfg(feature = "manifest")]
mod filter;
mod flatten;
mod keys;
#[cfg(feature = "manifest")]
mod keys_replace;
#[cfg(feature = "manifest")]
mod remap_field;
#[cfg(feature = "manifest")]
mod remove_fields;
#[cfg(feature = "snake_case")]
mod snake_case;
#[cfg(all(test, feature = "manifest"))]
mod tests;
#[cfg(feature = "manifest")]
mod view;

use serde_json::{Map, Value};

#[cfg(feature = "manifest")]
use super::record::RecordTransformation;
use crate::error::{Error, Result};
#[cfg(feature = "manifest")]
use crate::jinja::{self, Scope};

#[cfg(feature = "manifest")]
pub(crate) use add_fields::{AddFields, AddedField};
#[cfg(feature = "manifest")]
pub(crate) use filter::RecordFilter;
pub(crate) use flatten::{DpathFlattenFields, FlattenFields, KeyTransformation};
#[cfg(feature = "snake_case")]
pub(crate) use keys::KeysToSnakeCase;
pub(crate) use keys::{KeysToLower, rename};
#[cfg(feature = "manifest")]
pub(crate) use keys_replace::KeysReplace;
#[cfg(feature = "manifest")]
pub(crate) use remap_field::{ConfigRemapField, MappedValue};
#[cfg(feature = "manifest")]
pub(crate) use remove_fields::{ConfigRemoveFields, RemoveFields};
#[cfg(feature = "manifest")]
use view::View;

/// Changes a record, or a configuration.
pub(crate) trait Transformation: Send + Sync {
    /// Changes the record in place.
    ///
    /// # Errors
    /// Templates that fail, values that JSON cannot hold, records that do not have the needed form.
    fn transform(&self, record: &mut Value, scope: &TransformScope) -> Result<()>;
}

/// What templates see while something is transformed, besides the thing itself.
#[derive(Clone, Debug)]
pub(crate) struct TransformScope {
    /// `None` while a configuration is transformed, and where no template looks at anything.
    #[cfg(feature = "manifest")]
    slice: Option<minijinja::Value>,
}

impl TransformScope {
    /// For what has no templates.
    pub(crate) fn nothing() -> Self {
        Self {
            #[cfg(feature = "manifest")]
            slice: None,
        }
    }
}

#[cfg(feature = "manifest")]
impl TransformScope {
    /// Records of a slice, as [`crate::jinja::stream_slice`] makes it: templates see `record` and `stream_slice`.
    pub(crate) fn of_slice(slice: minijinja::Value) -> Self {
        Self { slice: Some(slice) }
    }

    /// A configuration: templates see the current state of it as `config`.
    pub(crate) fn of_config() -> Self {
        Self { slice: None }
    }

    fn variables(&self) -> Scope {
        match &self.slice {
            Some(slice) => ["stream_slice", "stream_interval", "stream_partition"]
                .into_iter()
                .fold(Scope::new(), |scope, name| scope.with(name, slice.clone())),
            None => Scope::new(),
        }
    }

    /// The variables of templates that see of the record what the view says; a configuration is always seen whole.
    fn over(&self, subject: &Value, view: &View) -> Scope {
        if self.slice.is_none() {
            return self.variables().with("config", jinja::json(subject));
        }
        match view.take(subject) {
            Some(record) => self.variables().with("record", record),
            None => self.variables(),
        }
    }
}

/// A connector's own transformation.
#[cfg(feature = "manifest")]
pub(crate) struct CustomTransformation(pub(crate) Box<dyn RecordTransformation>);

#[cfg(feature = "manifest")]
impl Transformation for CustomTransformation {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        self.0.transform(object(record)?)
    }
}

fn object(record: &mut Value) -> Result<&mut Map<String, Value>> {
    let what = match record {
        Value::Object(object) => return Ok(object),
        Value::Array(_) => "a list",
        _ => "a single value",
    };
    Err(Error::system(format!(
        "a record is {what}; only objects can be transformed, so let the field path end at them"
    )))
}
