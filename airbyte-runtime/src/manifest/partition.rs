//! Partition routers of a manifest.

use std::sync::Arc;

use serde_json::{Map, Value};

use airbyte_manifest::model::{
    InnerPartitionRouter, ListPartitionRouter, OneOrMany, ParentStreamConfig, PartitionRouter, RequestOption,
    SubstreamPartitionRouter, Text, UnionPartitionRouter,
};

use super::home::Provenance;
use super::lowering::Lowering;
use super::requester::SliceValue;
use super::stream::Streams;
use crate::error::{Error, Result};
use crate::jinja::Parameters;
use crate::json::JsonPath;
use crate::plan::dpath::Dpath;
use crate::plan::partition::List;
use crate::plan::request::Inject;
use crate::plan::slice::Part;
use crate::plan::{ParentKey, ParentPlan, Partition, PartitionPlan, Take, TakePart};
use crate::python::PyValue;

/// The partitions of a stream, and where their values go in a request.
#[derive(Default)]
pub(super) struct LoweredRouter {
    pub(super) plan: Option<PartitionPlan>,
    pub(super) options: Vec<(SliceValue, Inject)>,
    /// What of the partitions comes from records.
    pub(super) provenance: Provenance,
    /// Whether the records of parents hold the first page of their children.
    pub(super) holds_first_page: bool,
}

/// What routers have besides their partitions, while they are lowered.
#[derive(Default)]
struct Found {
    options: Vec<(SliceValue, Inject)>,
    provenance: Provenance,
}

/// The name under which a partition holds the first page that its parent brought along.
pub(super) const FIRST_PAGE: &str = "child_response";

impl Lowering<'_> {
    /// The partitions of a retriever.
    ///
    /// # Errors
    /// A router that cannot be lowered, or one of its parent streams.
    pub(super) fn partitions(
        &self,
        routers: Option<&OneOrMany<PartitionRouter>>,
        incremental: bool,
        streams: &mut Streams,
    ) -> Result<LoweredRouter> {
        let mut found = Found::default();
        let plan = match routers {
            None => None,
            Some(OneOrMany::One(router)) => Some(self.router(router, incremental, streams, &mut found)?),
            Some(OneOrMany::Many(routers)) if routers.is_empty() => None,
            Some(OneOrMany::Many(routers)) => {
                let mut members = Vec::with_capacity(routers.len());
                for router in routers {
                    members.push(self.router(router, incremental, streams, &mut found)?);
                }
                Some(PartitionPlan::Product(members))
            }
        };
        let holds_first_page = match routers {
            Some(OneOrMany::One(PartitionRouter::SubstreamPartitionRouter(model))) => {
                model.parent_stream_configs.iter().any(|parent| !parent.lazy_read_pointer.is_empty())
            }
            _ => false,
        };
        let Found { options, provenance } = found;
        Ok(LoweredRouter { plan, options, provenance, holds_first_page })
    }

    fn router(
        &self,
        router: &PartitionRouter,
        incremental: bool,
        streams: &mut Streams,
        found: &mut Found,
    ) -> Result<PartitionPlan> {
        match router {
            PartitionRouter::ListPartitionRouter(model) => self.list(model, found),
            PartitionRouter::SubstreamPartitionRouter(model) => self.substream(model, incremental, streams, found),
            PartitionRouter::UnionPartitionRouter(model) => self.union(model, incremental, streams, found),
            PartitionRouter::GroupingPartitionRouter(model) => {
                let mut inner = Found::default();
                let member = self.inner_router(&model.underlying_partition_router, incremental, streams, &mut inner)?;
                found.take_in(inner, "GroupingPartitionRouter")?;
                let size = usize::try_from(model.group_size).ok().filter(|size| *size > 0).ok_or_else(|| {
                    Error::system(format!("`group_size` is {}, but a group needs at least one value", model.group_size))
                })?;
                Ok(PartitionPlan::Group { size, deduplicate: model.deduplicate, member: Box::new(member) })
            }
            PartitionRouter::CustomPartitionRouter(custom) => {
                Ok(PartitionPlan::Routed(self.registry.make_partition_router(custom, self.config)?))
            }
        }
    }

    fn inner_router(
        &self,
        router: &InnerPartitionRouter,
        incremental: bool,
        streams: &mut Streams,
        found: &mut Found,
    ) -> Result<PartitionPlan> {
        match router {
            InnerPartitionRouter::ListPartitionRouter(model) => self.list(model, found),
            InnerPartitionRouter::SubstreamPartitionRouter(model) => self.substream(model, incremental, streams, found),
            InnerPartitionRouter::UnionPartitionRouter(model) => self.union(model, incremental, streams, found),
            InnerPartitionRouter::CustomPartitionRouter(custom) => {
                Ok(PartitionPlan::Routed(self.registry.make_partition_router(custom, self.config)?))
            }
        }
    }

    fn list(&self, model: &ListPartitionRouter, found: &mut Found) -> Result<PartitionPlan> {
        let parameters = model.parameters();
        let key = self.text(&model.cursor_field, &parameters)?;
        self.option(model.request_option.as_ref(), &key, &parameters, found)?;
        let values = match &model.values {
            OneOrMany::Many(values) => values.iter().map(|value| Value::from(value.text.as_str())).collect(),
            OneOrMany::One(template) => match self.list_value(template, &parameters) {
                PyValue::List(items) | PyValue::Tuple(items) | PyValue::Set(items) => items
                    .iter()
                    .map(|item| item.to_json().ok_or_else(|| Error::system("a partition value is no JSON value")))
                    .collect::<Result<_>>()?,
                // Python goes through text character by character; one value is what was meant.
                PyValue::Str(text) => text.chars().map(|character| Value::from(character.to_string())).collect(),
                PyValue::Dict(pairs) => pairs.iter().filter_map(|(key, _)| key.to_json()).collect(),
                other => {
                    self.defer(Error::config(format!(
                        "`{}` gives {}, where a list of partition values is needed",
                        template.text,
                        kind_of(&other)
                    )));
                    Vec::new()
                }
            },
        };
        Ok(PartitionPlan::Routed(Arc::new(List { key, values })))
    }

    /// The value of a template of partition values; one that fails is told when the stream is read.
    fn list_value(&self, template: &Text, parameters: &Parameters) -> PyValue {
        self.value(template, parameters).unwrap_or_else(|error| {
            self.defer(error);
            PyValue::List(Vec::new())
        })
    }

    fn substream(
        &self,
        model: &SubstreamPartitionRouter,
        incremental: bool,
        streams: &mut Streams,
        found: &mut Found,
    ) -> Result<PartitionPlan> {
        let mut parents = Vec::with_capacity(model.parent_stream_configs.len());
        for parent in &model.parent_stream_configs {
            let lowered = self.parent(parent, incremental, streams, found);
            parents.push(lowered.map_err(|error| self.place(error, parent.at))?);
        }
        Ok(PartitionPlan::Parents(parents))
    }

    fn parent(
        &self,
        model: &ParentStreamConfig,
        incremental: bool,
        streams: &mut Streams,
        found: &mut Found,
    ) -> Result<ParentPlan> {
        let parameters = model.parameters();
        let field = self.text(&model.partition_field, &parameters)?;
        self.option(model.request_option.as_ref(), &field, &parameters, found)?;
        let key = Dpath::parse_slashed(&self.text(&model.parent_key, &parameters)?);
        let mut extra = Vec::with_capacity(model.extra_fields.len());
        for path in &model.extra_fields {
            let texts = self.texts(path, &parameters)?;
            extra.push((texts.join("."), Dpath::of_texts(texts)));
        }
        if model.lazy_read_pointer.iter().any(|segment| segment.text.contains('*')) {
            return Err(Error::system("a `lazy_read_pointer` has no `*`: the first page is in one place"));
        }
        let first_page = match model.lazy_read_pointer.as_slice() {
            [] => None,
            pointer => Some(self.dpath(pointer, &parameters)?),
        };
        let stream = streams.parent(self, &model.stream)?;
        found.provenance.add(&field, streams.get(stream));
        let take = match key.as_plain_path() {
            Some(path) if extra.is_empty() && first_page.is_none() => Take::Keys(Arc::new([ParentKey {
                name: field.clone(),
                partition_key: Some(field),
                path: Some(JsonPath::from_segments(path.iter().map(String::as_str))),
            }])),
            _ => Take::Record(Arc::new(TakeRecord { field, key, extra, first_page })),
        };
        Ok(ParentPlan { stream, take, incremental: incremental && model.incremental_dependency })
    }

    fn union(
        &self,
        model: &UnionPartitionRouter,
        incremental: bool,
        streams: &mut Streams,
        found: &mut Found,
    ) -> Result<PartitionPlan> {
        let parameters = model.parameters();
        let field = self.text(&model.partition_field, &parameters)?;
        let mut members = Vec::with_capacity(model.partition_routers.len());
        let mut inner = Found::default();
        for router in &model.partition_routers {
            self.require_field(router, &field, &parameters)?;
            members.push(self.inner_router(router, incremental, streams, &mut inner)?);
        }
        found.take_in(inner, "UnionPartitionRouter")?;
        Ok(PartitionPlan::Union { field, members })
    }

    /// Every member of a union has to give the union's field.
    fn require_field(&self, router: &InnerPartitionRouter, field: &str, own: &Parameters) -> Result<()> {
        let fields = match router {
            InnerPartitionRouter::ListPartitionRouter(list) => {
                vec![self.text(&list.cursor_field, &list.parameters())?]
            }
            InnerPartitionRouter::SubstreamPartitionRouter(substream) => substream
                .parent_stream_configs
                .iter()
                .map(|parent| self.text(&parent.partition_field, &parent.parameters()))
                .collect::<Result<_>>()?,
            InnerPartitionRouter::UnionPartitionRouter(union) => vec![self.text(&union.partition_field, own)?],
            InnerPartitionRouter::CustomPartitionRouter(_) => return Ok(()),
        };
        match fields.into_iter().find(|found| found != field) {
            None => Ok(()),
            Some(found) => Err(Error::system(format!(
                "the union's partitions are named by `{field}`, but one of its routers names them by `{found}`"
            ))),
        }
    }

    fn option(
        &self,
        option: Option<&RequestOption>,
        key: &str,
        parameters: &Parameters,
        found: &mut Found,
    ) -> Result<()> {
        if let Some(option) = option {
            found.options.push((SliceValue::Partition(key.to_owned()), self.inject(option, parameters)?));
        }
        Ok(())
    }
}

/// What a value is, without showing it: it may come from the configuration.
fn kind_of(value: &PyValue) -> &'static str {
    match value {
        PyValue::None => "nothing",
        PyValue::Bool(_) => "a boolean",
        PyValue::Int(_) | PyValue::Float(_) => "a number",
        _ => "something else",
    }
}

impl Found {
    /// Takes in what routers inside of `outer` have.
    ///
    /// # Errors
    /// A place for their values: they are not those of the partitions.
    fn take_in(&mut self, inner: Self, outer: &str) -> Result<()> {
        if !inner.options.is_empty() {
            return Err(Error::system(format!(
                "a router inside of {outer} has a `request_option`, which would not know the outer value; use \
                 `stream_partition` in the requester instead"
            )));
        }
        self.provenance.extend(inner.provenance);
        Ok(())
    }
}

/// What a parent's record gives a child, where paths have patterns or more than one value is taken.
struct TakeRecord {
    field: String,
    key: Dpath,
    extra: Vec<(String, Dpath)>,
    first_page: Option<Dpath>,
}

impl TakePart for TakeRecord {
    fn take(&self, record: &Value, parent: &Partition) -> Result<Option<Part>> {
        let Some(value) = self.key.get(record)?.filter(|value| !value.is_null()) else { return Ok(None) };
        let keys = Map::from_iter([
            (self.field.clone(), value.clone()),
            ("parent_slice".to_owned(), Value::Object(parent.keys.clone())),
        ]);
        let mut extra = self
            .extra
            .iter()
            .map(|(name, path)| Ok((name.clone(), path.get(record)?.cloned().unwrap_or(Value::Null))))
            .collect::<Result<Map<_, _>>>()?;
        if let Some(path) = &self.first_page {
            let page = path.get(record)?.cloned().unwrap_or_else(|| Value::Array(Vec::new()));
            extra.entry(FIRST_PAGE).or_insert(page);
        }
        Ok(Some(Part { keys, extra }))
    }
}
