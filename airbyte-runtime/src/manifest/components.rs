//! What classes of a manifest are in Rust where no struct's stream needs the like, and how they become parts of a plan.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::scope::{IntervalKeys, slice_value};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::plan::record::{ChangeRecord, ReadSlice, RecordCell};
use crate::plan::transform::{TransformScope, Transformation};
use crate::plan::{LocalBoxFuture, MigrateState, Records, Slice};

/// Finds the records in a decoded answer, for a `CustomRecordExtractor`.
pub trait RecordExtractor: Send + Sync + 'static {
    /// The records of one element that the decoder gives.
    ///
    /// # Errors
    /// An answer that cannot be understood.
    fn extract(&self, element: Value) -> Result<Vec<Value>>;
}

/// Decodes the body of an answer, for a `CustomDecoder`.
pub trait BodyDecoder: Send + Sync + 'static {
    /// The elements of a body.
    ///
    /// # Errors
    /// A body that cannot be understood.
    fn decode(&self, body: &[u8]) -> Result<Vec<Value>>;
}

/// Reads a stream in its own way, for a `CustomRetriever`.
///
/// The stream's cursor and transformations are the manifest's; requester, selector and paginator are its own.
///
/// ```
/// use airbyte_runtime::manifest::RecordRetriever;
/// use airbyte_runtime::plan::{LocalBoxFuture, Map, Records, Slice, Value};
/// use airbyte_runtime::Result;
///
/// struct Countdown { from: u64 }
///
/// impl RecordRetriever for Countdown {
///     fn read<'a>(
///         &'a self,
///         _slice: &'a Slice,
///         records: &'a mut Records<'_, Map<String, Value>>,
///     ) -> LocalBoxFuture<'a, Result<()>> {
///         Box::pin(async move {
///             for n in (0..self.from).rev() {
///                 records.push(Map::from_iter([("n".to_owned(), n.into())])).await?;
///             }
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait RecordRetriever: Send + Sync + 'static {
    /// Reads one slice: all of the stream, or the window of its cursor.
    ///
    /// # Errors
    /// Whatever keeps the slice from being read; its records so far are kept, and its state does not move.
    fn read<'a>(
        &'a self,
        slice: &'a Slice,
        records: &'a mut Records<'_, Map<String, Value>>,
    ) -> LocalBoxFuture<'a, Result<()>>;
}

/// Brings the values of records into shape, for a `CustomSchemaNormalization`.
pub trait SchemaNormalizer: Send + Sync + 'static {
    /// Changes a record in place, by the schema of its stream.
    ///
    /// # Errors
    /// A record that cannot be brought into shape fails the partition.
    fn normalize(&self, record: &mut Map<String, Value>, schema: &Value) -> Result<()>;
}

/// Changes the configuration before anything else sees it, for a `CustomConfigTransformation`.
pub trait ConfigTransformation: Send + Sync + 'static {
    /// Changes the configuration in place. In `config_migrations` the result is written back to the user's
    /// configuration, and must come out the same when it is changed again.
    ///
    /// # Errors
    /// A configuration that cannot be changed.
    fn transform(&self, config: &mut Map<String, Value>) -> Result<()>;
}

/// Checks a value of the configuration, for a `CustomValidationStrategy`.
pub trait ConfigValidation: Send + Sync + 'static {
    /// Whether the value is what the connector needs.
    ///
    /// # Errors
    /// What is wrong, in words for the user, without the value.
    fn validate(&self, value: &Value) -> Result<()>;
}

/// A retriever of the registry as the engine runs it.
pub(super) struct CustomReader(pub(super) Arc<dyn RecordRetriever>);

impl ReadSlice for CustomReader {
    fn read<'a>(&'a self, _: &'a Config, slice: &'a Slice, records: Records<'a, ()>) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut records = records.of();
            self.0.read(slice, &mut records).await?;
            records.finish().await
        })
    }
}

/// A transformation of the manifest where records do not come from a selector.
pub(super) struct ManifestStep {
    pub(super) transformation: Box<dyn Transformation>,
    pub(super) interval_keys: IntervalKeys,
}

impl ChangeRecord for ManifestStep {
    fn transform(&self, record: &mut RecordCell<'_>, slice: &Slice) -> Result<()> {
        let scope = TransformScope::of_slice(slice_value(slice, &self.interval_keys));
        record.change_value(|value| self.transformation.transform(value, &scope))
    }
}

/// A change of the configuration as the manifest's own are.
pub(super) struct CustomConfigTransformation(pub(super) Box<dyn ConfigTransformation>);

impl Transformation for CustomConfigTransformation {
    fn transform(&self, config: &mut Value, _: &TransformScope) -> Result<()> {
        match config {
            Value::Object(config) => self.0.transform(config),
            _ => Err(Error::config("the configuration is not an object")),
        }
    }
}

/// Migrations of a state, one after the other.
pub(super) struct Migrations(pub(super) Vec<Arc<dyn MigrateState>>);

impl MigrateState for Migrations {
    fn migrate(&self, state: &Value) -> Option<Value> {
        let mut migrated = None;
        for migration in &self.0 {
            migrated = migration.migrate(migrated.as_ref().unwrap_or(state)).or(migrated);
        }
        migrated
    }
}
