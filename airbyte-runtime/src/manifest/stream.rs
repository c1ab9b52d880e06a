//! Streams of a manifest, and the parents that they are made of.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use serde_json::Value;

use airbyte_manifest::Node;
use airbyte_manifest::model::{
    Custom, DeclarativeStream, Decoder, IncrementalSync, OneOrMany, ParentStream, PartitionRouter, Requester,
    Retriever as RetrieverModel, SimpleRetriever, Text, UndeclaredFields,
};

use super::components::{CustomReader, ManifestStep};
use super::home::Provenance;
use super::lowering::Lowering;
use super::page_policy::Surroundings;
use super::partition::FIRST_PAGE;
use super::records::{ExtractorSource, SelectorSource};
use super::registry::{located, unwritable};
use super::requester::SliceValue;
use super::schema::{self, Asked};
use super::scope::IntervalKeys;
use crate::error::{Error, Result};
use crate::plan::record::ChangeRecord;
use crate::plan::tolerance::Tolerance;
use crate::plan::{Conduct, Hooks, HttpRetriever, PartitionPlan, Retriever, SchemaPlan, StreamPlan, Truth, Undeclared};

/// The names of a window's ends where no cursor says otherwise.
pub(super) fn default_interval_keys() -> IntervalKeys {
    Arc::new(("start_time".to_owned(), "end_time".to_owned()))
}

/// The streams of a plan while they are lowered. A parent that is one of the listed streams is that stream, so that it
/// is read once.
pub(super) struct Streams<'m> {
    /// The streams that the catalog lists, by the numbers that the plan will give them.
    listed: Vec<&'m DeclarativeStream>,
    /// Numbers of listed streams and parents by what they are.
    known: HashMap<u64, usize>,
    plans: Vec<Option<StreamPlan>>,
}

impl<'m> Streams<'m> {
    pub(super) fn new(listed: Vec<&'m DeclarativeStream>) -> Self {
        let known = listed.iter().enumerate().rev().map(|(number, stream)| (identity(&stream.node), number)).collect();
        let plans = listed.iter().map(|_| None).collect();
        Self { listed, known, plans }
    }

    /// Lowers a listed stream, and the parents that it needs.
    ///
    /// # Errors
    /// Whatever keeps it, or one of its parents, from being lowered.
    pub(super) fn lower(&mut self, lowering: &Lowering<'_>, number: usize) -> Result<()> {
        if self.plans.get(number).is_some_and(Option::is_some) {
            return Ok(());
        }
        let Some(stream) = self.listed.get(number).copied() else { return Ok(()) };
        let plan = lowering.stream(stream, false, self)?;
        if let Some(slot) = self.plans.get_mut(number) {
            *slot = Some(plan);
        }
        Ok(())
    }

    /// The number of a parent stream, which is lowered if it is not yet.
    pub(super) fn parent(&mut self, lowering: &Lowering<'_>, parent: &ParentStream) -> Result<usize> {
        let stream = match parent {
            ParentStream::DeclarativeStream(stream) => stream,
            // A parent that has no state of its own is read as in a first sync.
            ParentStream::StateDelegatingStream(stream) => &stream.full_refresh_stream,
        };
        let identity = identity(&stream.node);
        if let Some(number) = self.known.get(&identity).copied() {
            self.lower(lowering, number)?;
            return Ok(number);
        }
        let plan = lowering.stream(stream, true, self)?;
        let number = self.plans.len();
        self.plans.push(Some(plan));
        self.known.insert(identity, number);
        Ok(number)
    }

    /// A stream that has been lowered.
    pub(super) fn get(&self, number: usize) -> Option<&StreamPlan> {
        self.plans.get(number)?.as_ref()
    }

    /// The plans; a stream that cannot run, or that nobody asked for, leaves its place empty.
    pub(super) fn into_plans(self) -> Vec<Option<StreamPlan>> {
        self.plans
    }

    /// The plans where all have been lowered.
    pub(super) fn finish(self) -> Vec<StreamPlan> {
        self.plans.into_iter().flatten().collect()
    }
}

/// Two definitions that say the same are the same, wherever they stand.
pub(super) fn identity(node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    node.hash(&mut hasher);
    hasher.finish()
}

impl Lowering<'_> {
    /// A stream.
    ///
    /// # Errors
    /// Components that cannot be lowered; the error names the stream.
    pub(super) fn stream(
        &self,
        model: &DeclarativeStream,
        hidden: bool,
        streams: &mut Streams<'_>,
    ) -> Result<StreamPlan> {
        self.apart(|| self.unnamed_stream(model, hidden, streams))
            .map_err(|error| located(error, self.file).within(format!("stream `{}`", model.name.text)))
    }

    fn unnamed_stream(&self, model: &DeclarativeStream, hidden: bool, streams: &mut Streams<'_>) -> Result<StreamPlan> {
        if model.name.text.is_empty() {
            return Err(self.place(Error::system("the stream has no `name`"), model.at));
        }
        if let RetrieverModel::CustomRetriever(custom) = &model.retriever {
            return self.custom_stream(model, custom, hidden);
        }
        let routers = routers(&model.retriever)?;
        let is_partitioned = routers.is_some_and(|routers| !routers.as_slice().is_empty());
        let mut cursor = model.incremental_sync.as_ref().map(|sync| self.cursor(sync, is_partitioned)).transpose()?;
        let interval_keys = cursor.as_ref().map_or_else(default_interval_keys, |cursor| cursor.interval_keys());
        let router = self.partitions(routers, cursor.is_some(), streams)?;
        if let (Some(cursor), Some(PartitionPlan::Group { .. })) = (&mut cursor, &router.plan) {
            // Groups are no partitions that would come again.
            cursor.cursor.global_only = true;
        }
        let mut options = router.options;
        let mut client_side = false;
        if let Some(cursor) = &cursor {
            client_side = cursor.cursor.record_range == crate::plan::cursor::RecordRange::Whole;
            options.extend(cursor.start_option.clone().map(|place| (SliceValue::Start, place)));
            options.extend(cursor.end_option.clone().map(|place| (SliceValue::End, place)));
        }
        let schema = self.schema(model)?;
        let document = match &schema {
            SchemaPlan::Document(document) => Some(Arc::clone(document)),
            _ => None,
        };
        let retrieval = Retrieval {
            transformations: &model.transformations,
            client_side,
            schema: document.as_deref(),
            options,
            provenance: router.provenance,
            interval_keys,
            around: Surroundings { cursor: model.incremental_sync.as_ref(), has_files: model.file_uploader.is_some() },
        };
        let mut retriever = self.any_retriever(&model.retriever, &retrieval)?;
        let files =
            model.file_uploader.as_ref().map(|uploader| self.files(uploader, &retrieval.provenance)).transpose()?;
        if router.holds_first_page {
            let (RetrieverModel::SimpleRetriever(simple), Retriever::Http(http)) = (&model.retriever, &mut retriever)
            else {
                let error = Error::system("`lazy_read_pointer` is for children with a SimpleRetriever");
                return Err(self.place(error, model.at));
            };
            require_embeddable(simple, model.incremental_sync.as_ref())
                .map_err(|error| self.place(error, simple.at))?;
            http.first_page = Some(FIRST_PAGE.to_owned());
        }
        Ok(StreamPlan {
            cursor: cursor.map(|cursor| cursor.cursor),
            partitions: router.plan.unwrap_or(PartitionPlan::Whole),
            files,
            migrate_state: self.migration(model, routers)?,
            ..self.described(model, hidden, schema, retriever)?
        })
    }

    /// A stream that a class of the registry reads: its cursor, schema and transformations are the manifest's.
    fn custom_stream(&self, model: &DeclarativeStream, custom: &Custom, hidden: bool) -> Result<StreamPlan> {
        if let Some(uploader) = &model.file_uploader {
            self.without_effect("a CustomRetriever brings no files along", uploader.at);
        }
        let retriever = self.registry.make_retriever(custom, self.config)?;
        let cursor = model.incremental_sync.as_ref().map(|sync| self.cursor(sync, false)).transpose()?;
        let interval_keys = cursor.as_ref().map_or_else(default_interval_keys, |cursor| cursor.interval_keys());
        let transform = model.transformations.iter().map(|model| {
            let transformation = self.transformation(model)?;
            let interval_keys = Arc::clone(&interval_keys);
            Ok(Arc::new(ManifestStep { transformation, interval_keys }) as Arc<dyn ChangeRecord>)
        });
        let reader = Retriever::Function(Arc::new(CustomReader(retriever)));
        Ok(StreamPlan {
            cursor: cursor.map(|cursor| cursor.cursor),
            hooks: Hooks { transform: transform.collect::<Result<_>>()?, ..Hooks::default() },
            migrate_state: self.migration(model, None)?,
            ..self.described(model, hidden, self.schema(model)?, reader)?
        })
    }

    /// What a stream's definition says whoever reads it.
    fn described(
        &self,
        model: &DeclarativeStream,
        hidden: bool,
        schema: SchemaPlan,
        retriever: Retriever,
    ) -> Result<StreamPlan> {
        let name = &model.name.text;
        Ok(StreamPlan {
            hidden,
            truth: Truth { undeclared: undeclared(model), declared: None },
            primary_key: schema::primary_key(model.primary_key.as_ref())?,
            unsound: self.deferred.take(),
            tolerance: model.failure_tolerance.as_ref().map(tolerance).transpose()?,
            group: self.groups.get(name).cloned(),
            ..StreamPlan::new(name.clone(), schema, retriever, Conduct::MANIFEST)
        })
    }

    /// The schema of a stream, or what asks for it.
    fn schema(&self, model: &DeclarativeStream) -> Result<SchemaPlan> {
        schema::load(model, &self.environment, self.directory, &mut |asked| match asked {
            Asked::Dynamic(loader) => Ok(Arc::new(self.described_schema(loader)?)),
            Asked::Custom(custom) => self.registry.make_schema_loader(custom, self.config),
        })
    }

    /// A retriever of any kind.
    ///
    /// # Errors
    /// Components that cannot be lowered.
    pub(super) fn any_retriever(&self, model: &RetrieverModel, retrieval: &Retrieval<'_>) -> Result<Retriever> {
        match model {
            RetrieverModel::SimpleRetriever(model) => {
                self.retriever(model, retrieval).map(|retriever| Retriever::Http(Box::new(retriever)))
            }
            RetrieverModel::AsyncRetriever(model) => {
                self.jobs(model, retrieval).map(|jobs| Retriever::Jobs(Box::new(jobs)))
            }
            RetrieverModel::CustomRetriever(custom) => Err(unwritable(custom, "a CustomRetriever")),
        }
    }

    /// A retriever: requester, pages, records.
    ///
    /// # Errors
    /// Components that cannot be lowered.
    pub(super) fn retriever(&self, model: &SimpleRetriever, retrieval: &Retrieval<'_>) -> Result<HttpRetriever> {
        let keys = &retrieval.interval_keys;
        let (records, decoder) = self.selector(&SelectorSource {
            selector: &model.record_selector,
            decoder: model.decoder.as_ref(),
            extractor: ExtractorSource::OfSelector,
            transformations: retrieval.transformations,
            client_side: retrieval.client_side,
            schema: retrieval.schema,
            interval_keys: Arc::clone(keys),
        })?;
        let pages = self.paginator(model.paginator.as_ref(), &decoder, keys)?;
        let options = retrieval.options.clone();
        let once = model.ignore_stream_slicer_parameters_on_paginated_requests;
        let http = match &model.requester {
            Requester::HttpRequester(requester) => {
                let http = self.http(requester, options, once, pages.token_is_path, keys, &retrieval.provenance);
                http.map_err(|error| self.place(error, requester.at))?
            }
            Requester::CustomRequester(custom) => self.custom_http(custom)?,
        };
        let policy = self.page_policy(model, retrieval.around)?;
        Ok(HttpRetriever { paginator: pages.paginator, pages: policy, records, ..http })
    }
}

/// A first page that the parent brings along is JSON, is all of its slice's beginning, and cannot be asked for again.
fn require_embeddable(model: &SimpleRetriever, cursor: Option<&IncrementalSync>) -> Result<()> {
    let refuse = |what: &str| Err(Error::system(format!("`lazy_read_pointer` does not go with {what}")));
    if model.page_size_reduction.is_some() {
        return refuse("`page_size_reduction`: the first page is not asked for");
    }
    if model.request_window_splitting.is_some() {
        return refuse("`request_window_splitting`: the first page is not asked for");
    }
    match cursor {
        Some(IncrementalSync::IncrementingCountCursor(_)) => return refuse("an IncrementingCountCursor"),
        Some(IncrementalSync::DatetimeBasedCursor(cursor))
            if cursor.step.is_some() || cursor.cursor_granularity.is_some() =>
        {
            return refuse("a `step` of the cursor: each parent brings one page, not one for each window");
        }
        _ => {}
    }
    match &model.decoder {
        None | Some(Decoder::JsonDecoder(_)) => Ok(()),
        Some(_) => refuse("a decoder other than JsonDecoder"),
    }
}

fn undeclared(model: &DeclarativeStream) -> Undeclared {
    match model.undeclared {
        UndeclaredFields::Keep => Undeclared::Keep,
        UndeclaredFields::Drop => Undeclared::Drop,
        UndeclaredFields::Reject => Undeclared::Reject,
    }
}

/// The partition routers of a retriever.
///
/// # Errors
/// A retriever of a class that cannot be registered.
pub(super) fn routers(model: &RetrieverModel) -> Result<Option<&OneOrMany<PartitionRouter>>> {
    match model {
        RetrieverModel::SimpleRetriever(simple) => Ok(simple.partition_router.as_ref()),
        RetrieverModel::AsyncRetriever(jobs) => Ok(Some(&jobs.partition_router)),
        RetrieverModel::CustomRetriever(custom) => Err(unwritable(custom, "a CustomRetriever")),
    }
}

/// `5%` of the partitions, or `3` of them.
fn tolerance(text: &Text) -> Result<Tolerance> {
    let found = text.text.trim();
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    let tolerance = match found.strip_suffix('%') {
        Some(share) => number(share).filter(|share| *share <= 100).map(Tolerance::Percent),
        None => number(found).map(Tolerance::Partitions),
    };
    tolerance.ok_or_else(|| {
        Error::system(format!("`failure_tolerance: {found}` is not a share such as `5%`, or a number of partitions"))
    })
}

/// What a stream adds to its retriever.
pub(super) struct Retrieval<'m> {
    pub(super) transformations: &'m [airbyte_manifest::model::Transformation],
    pub(super) client_side: bool,
    pub(super) schema: Option<&'m Value>,
    pub(super) options: Vec<(SliceValue, crate::plan::request::Inject)>,
    /// What of the slices comes from records.
    pub(super) provenance: Provenance,
    pub(super) interval_keys: IntervalKeys,
    pub(super) around: Surroundings<'m>,
}
