//! Retrievers that are read outside of any stream: for the components of dynamic streams, and for schemas.

use std::sync::Arc;

use serde_json::{Map, Value};

use airbyte_manifest::model::{DynamicSchemaLoader, RecordFilterDefinition, Retriever as RetrieverModel};

use super::lowering::Lowering;
use super::registry::{unsupported, unwritable};
use super::schema::{DescribedSchema, DynamicSchema, FirstRecord};
use super::stream::{Retrieval, Streams, default_interval_keys};
use crate::config::Config;
use crate::error::Result;
use crate::http::HttpClient;
use crate::output::Output;
use crate::plan::slice::Part;
use crate::plan::transform::RecordFilter;
use crate::plan::{Conduct, Hooks, LocalBoxFuture, PartitionPlan, Plan, Retriever, SchemaPlan, StreamPlan};
use crate::read::{Context, RECORD, records};

/// A retriever with its parents, ready to be read as often as wanted.
pub(super) struct LoneRetriever {
    streams: Vec<Arc<StreamPlan>>,
    config: Arc<Config>,
    client: HttpClient,
    output: Output,
}

impl LoneRetriever {
    /// Reads the records, each with the keys of its partition; at most `limit` of them.
    ///
    /// # Errors
    /// Whatever keeps a page from being read.
    pub(super) async fn read(&self, limit: Option<usize>) -> Result<Vec<(Value, Map<String, Value>)>> {
        let plan = Plan {
            streams: self.streams.clone(),
            check: Vec::new(),
            concurrency: 1,
            config: Arc::clone(&self.config),
            left_out: Vec::new(),
        };
        let last = self.streams.len().saturating_sub(1);
        let context = Context::new(plan, self.client.clone(), self.output.clone());
        let parts = records(&context, last, limit).await?;
        let record = |Part { keys, mut extra }: Part| (extra.remove(RECORD).unwrap_or(Value::Null), keys);
        Ok(parts.into_iter().map(record).collect())
    }
}

impl FirstRecord for LoneRetriever {
    fn first_record(&self) -> LocalBoxFuture<'_, Result<Option<Value>>> {
        Box::pin(async { Ok(self.read(Some(1)).await?.into_iter().next().map(|(record, _)| record)) })
    }
}

impl Lowering<'_> {
    /// A retriever that belongs to no stream; `name` is for messages.
    ///
    /// # Errors
    /// Components that cannot be lowered.
    pub(super) fn lone_retriever(&self, model: &RetrieverModel, name: &str) -> Result<LoneRetriever> {
        self.apart(|| self.retriever_alone(model, name))
    }

    fn retriever_alone(&self, model: &RetrieverModel, name: &str) -> Result<LoneRetriever> {
        let simple = match model {
            RetrieverModel::SimpleRetriever(simple) => simple,
            RetrieverModel::AsyncRetriever(model) => return Err(unsupported("`AsyncRetriever`", model.at)),
            RetrieverModel::CustomRetriever(custom) => return Err(unwritable(custom, "a CustomRetriever")),
        };
        let mut streams = Streams::new(Vec::new());
        let router = self.partitions(simple.partition_router.as_ref(), false, &mut streams)?;
        let retrieval = Retrieval {
            transformations: &[],
            client_side: false,
            schema: None,
            options: router.options,
            interval_keys: default_interval_keys(),
        };
        let retriever = self.retriever(simple, &retrieval)?;
        let mut plans = streams.finish();
        plans.push(StreamPlan {
            name: name.to_owned(),
            namespace: None,
            hidden: true,
            schema: SchemaPlan::Document(Arc::new(Value::Object(Map::new()))),
            primary_key: Vec::new(),
            cursor: None,
            partitions: router.plan.unwrap_or(PartitionPlan::Whole),
            retriever: Retriever::Http(Box::new(retriever)),
            hooks: Hooks::default(),
            conduct: Conduct::MANIFEST,
            unsound: self.deferred.take(),
            is_file_based: false,
            forgets_state: false,
            migrate_state: None,
        });
        Ok(LoneRetriever {
            streams: plans.into_iter().map(Arc::new).collect(),
            config: Arc::new(Config::document(self.config.clone(), self.redactor.clone())),
            client: self.client.clone(),
            output: self.output.clone(),
        })
    }

    /// A schema that the API describes.
    ///
    /// # Errors
    /// Components that cannot be lowered.
    pub(super) fn described_schema(&self, model: &DynamicSchemaLoader) -> Result<DescribedSchema> {
        let filter = match &model.schema_filter {
            None => None,
            Some(RecordFilterDefinition::RecordFilter(filter)) => {
                Some(RecordFilter::new(self.template(&filter.condition, &filter.parameters())))
            }
            Some(RecordFilterDefinition::CustomRecordFilter(custom)) => {
                return Err(unwritable(custom, "the filter of a schema"));
            }
        };
        let transformations =
            model.schema_transformations.iter().map(|model| self.transformation(model)).collect::<Result<_>>()?;
        let schema = DynamicSchema::new(model, &self.environment, filter, transformations)?;
        let retriever = self.lone_retriever(&model.retriever, "dynamic_properties")?;
        Ok(DescribedSchema::new(schema, Box::new(retriever)))
    }
}
