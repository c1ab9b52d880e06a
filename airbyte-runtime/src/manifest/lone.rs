//! Retrievers that are read outside of any stream: for the components of dynamic streams, and for schemas.

use std::sync::Arc;

use serde_json::{Map, Value};

use airbyte_manifest::model::{
    DynamicSchemaLoader, OneOrMany, PartitionRouter, RecordFilterDefinition, Retriever as RetrieverModel,
    SimpleRetriever,
};

use super::lowering::Lowering;
use super::page_policy::Surroundings;
use super::registry::unwritable;
use super::schema::{DescribedSchema, DynamicSchema, FirstRecord};
use super::stream::{Retrieval, Streams, default_interval_keys, routers};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::HttpClient;
use crate::output::Output;
use crate::plan::extract::FetchList;
use crate::plan::slice::Part;
use crate::plan::transform::RecordFilter;
use crate::plan::{Concurrency, Conduct, LocalBoxFuture, PartitionPlan, Plan, Retriever, SchemaPlan, StreamPlan};
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
        self.read_part(None, limit).await
    }

    /// The same for one partition, in place of those that the retriever makes itself.
    async fn read_part(&self, part: Option<Part>, limit: Option<usize>) -> Result<Vec<(Value, Map<String, Value>)>> {
        let plan = Plan {
            streams: self.streams.clone(),
            check: Vec::new(),
            concurrency: Concurrency::of(1),
            config: Arc::clone(&self.config),
            left_out: Vec::new(),
        };
        let last = self.streams.len().saturating_sub(1);
        let context = Context::new(plan, self.client.clone(), self.output.clone());
        let parts = records(&context, last, part, limit).await?;
        let record = |Part { keys, mut extra }: Part| (extra.remove(RECORD).unwrap_or(Value::Null), keys);
        Ok(parts.into_iter().map(record).collect())
    }
}

impl std::fmt::Debug for LoneRetriever {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoneRetriever").finish_non_exhaustive()
    }
}

/// The key under which a retriever of lists knows the record.
pub(super) const PARENT_RECORD: &str = "parent_record";

impl FetchList for LoneRetriever {
    fn fetch(&self, parent: Value) -> LocalBoxFuture<'_, Result<Vec<Value>>> {
        Box::pin(async {
            let keys = Map::from_iter([(PARENT_RECORD.to_owned(), parent)]);
            let records = self.read_part(Some(Part { keys, extra: Map::new() }), None).await?;
            Ok(records.into_iter().map(|(record, _)| record).collect())
        })
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

    /// What fetches the whole of the lists that records hold only in part.
    ///
    /// # Errors
    /// Components that cannot be lowered, or that have no meaning here.
    pub(super) fn whole_list(&self, model: &SimpleRetriever) -> Result<Arc<dyn FetchList>> {
        let is_partitioned = model.partition_router.as_ref().is_some_and(|routers| !routers.as_slice().is_empty());
        let refused = [(is_partitioned, "partition_router"), (model.pagination_reset.is_some(), "pagination_reset")];
        if let Some((_, what)) = refused.into_iter().find(|(is_set, _)| *is_set) {
            return Err(self.place(Error::system(format!("a `truncated_list_retriever` has no `{what}`")), model.at));
        }
        let retriever = self.apart(|| {
            self.alone(model.partition_router.as_ref(), "record_expander_truncated_list", |retrieval| {
                self.retriever(model, retrieval).map(|retriever| Retriever::Http(Box::new(retriever)))
            })
        })?;
        Ok(Arc::new(retriever))
    }

    fn retriever_alone(&self, model: &RetrieverModel, name: &str) -> Result<LoneRetriever> {
        self.alone(routers(model)?, name, |retrieval| self.any_retriever(model, retrieval))
    }

    fn alone(
        &self,
        routers: Option<&OneOrMany<PartitionRouter>>,
        name: &str,
        lower: impl FnOnce(&Retrieval<'_>) -> Result<Retriever>,
    ) -> Result<LoneRetriever> {
        let mut streams = Streams::new(Vec::new());
        let router = self.partitions(routers, false, &mut streams)?;
        let retrieval = Retrieval {
            transformations: &[],
            client_side: false,
            schema: None,
            options: router.options,
            provenance: router.provenance,
            interval_keys: default_interval_keys(),
            around: Surroundings::default(),
        };
        let retriever = lower(&retrieval)?;
        let mut plans = streams.finish();
        let schema = SchemaPlan::Document(Arc::new(Value::Object(Map::new())));
        // Its records are not written, so that they keep all of their fields.
        let conduct = Conduct { drop_nulls: false, ..Conduct::MANIFEST };
        plans.push(StreamPlan {
            hidden: true,
            partitions: router.plan.unwrap_or(PartitionPlan::Whole),
            unsound: self.deferred.take(),
            ..StreamPlan::new(name.to_owned(), schema, retriever, conduct)
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
