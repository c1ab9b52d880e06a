//! From an answer to records: decoder, extractor, filter, transformations, normalisation.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use airbyte_manifest::model::{
    CombineMode as CombineModeModel, CombinedExtractor as CombinedExtractorModel, Custom, Decoder as DecoderModel,
    DownloadExtractor, DpathExtractor as DpathExtractorModel, Extractor as ExtractorModel, InnerDecoder, Normalization,
    OnNoRecords as OnNoRecordsModel, PropertyRetriever, RecordExpander as RecordExpanderModel, RecordFilterDefinition,
    RecordSelector as RecordSelectorModel, SchemaNormalization, Transformation as TransformationModel, ValueType,
};

use super::components::{BodyDecoder, RecordExtractor, SchemaNormalizer};
use super::lowering::Lowering;
use super::registry::unwritable;
use super::response_file::ResponseFile;
use super::scope::{IntervalKeys, slice_value};
use crate::error::{Error, Result};
use crate::http::Response;
use crate::jinja::{Parameters, PyType, Template};
use crate::json::JsonPath;
use crate::plan::decoder::{Body, CsvOptions, CustomDecoder, Decoder, Sink};
use crate::plan::dpath::Dpath;
use crate::plan::extract::{
    CombineMode, CombinedExtractor, DpathExtractor, Elements, ExpanderOptions, Extracted, Extraction, Extractor, Found,
    OnNoRecords, ParentField, RecordExpander,
};
use crate::plan::normalize::Normalizer;
use crate::plan::record::{Arrival, Completion, SelectRecords};
use crate::plan::transform::{
    AddFields, AddedField, CustomTransformation, DpathFlattenFields, FlattenFields, KeyTransformation, KeysReplace,
    KeysToLower, KeysToSnakeCase, RecordFilter, RemoveFields, TransformScope, Transformation,
};
use crate::plan::{RecordSelector, Slice};

/// What a stream does with the records of an answer.
pub(super) struct ManifestSelector {
    pub(super) decoder: Arc<Decoder>,
    extractor: Box<dyn Extractor>,
    /// Where the extractor finds records, if it does nothing else.
    path: Option<JsonPath>,
    filter: Option<Filter>,
    transformations: Vec<Box<dyn Transformation>>,
    transform_first: bool,
    normalizer: Option<Normalize>,
    interval_keys: IntervalKeys,
    /// Whether records may hold only a part of the lists that they are expanded to.
    fetches_lists: bool,
}

enum Normalize {
    Default(Normalizer),
    Custom(Arc<dyn SchemaNormalizer>, Value),
}

enum Filter {
    Condition(RecordFilter),
    Custom(Arc<dyn crate::plan::RecordFilter>),
}

impl SelectRecords for ManifestSelector {
    fn select(
        &self,
        response: &Response,
        slice: &Slice,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        self.select_with(response, slice, &mut Vec::new, accept)
    }

    fn arrival(&self) -> Option<Arrival> {
        if self.fetches_lists {
            return None;
        }
        match self.decoder.unpacked() {
            Decoder::Json => {
                let is_plain = matches!(*self.decoder, Decoder::Json);
                let decoder = (!is_plain).then(|| Arc::clone(&self.decoder));
                self.path.clone().map(|path| Arrival::Text { path, decoder, refines: self.changes() })
            }
            Decoder::Xml | Decoder::Custom(_) => None,
            _ => self.extractor.reads_once().then(|| Arrival::Elements { at_once: self.decoder.at_once() }),
        }
    }

    fn refine(&self, record: &[u8], slice: &Slice) -> Result<Option<Map<String, Value>>> {
        let scope = TransformScope::of_slice(slice_value(slice, &self.interval_keys));
        let record = Decoder::json(record).ok_or_else(|| Error::system("a record of the answer is not JSON"))?;
        self.process(record, &scope)
    }

    fn select_from(
        &self,
        source: &mut dyn Read,
        slice: &Slice,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        let source = RefCell::new(source);
        let answer = |sink: &mut Sink<'_>| self.decoder.decode_from(&mut **source.borrow_mut(), sink);
        self.select_among(&answer, slice, &mut Vec::new, accept)
    }

    fn may_be_incomplete(&self) -> bool {
        self.fetches_lists
    }

    fn complete(&self, response: &Response) -> Result<Completion<'_>> {
        let mut truncated = Vec::new();
        self.extract(response, &mut |extraction| {
            truncated.extend(extraction.records.into_iter().filter_map(|record| match record {
                Extracted::Truncated { parent, expander } => Some((parent, expander)),
                _ => None,
            }));
            Ok(())
        })?;
        Ok(Box::pin(async move {
            let mut lists = VecDeque::with_capacity(truncated.len());
            for (parent, expander) in truncated {
                lists.push_back(expander.fetch(parent).await?);
            }
            let completed: Box<dyn SelectRecords> = Box::new(Completed { selector: self, lists: Mutex::new(lists) });
            Ok(Some(completed))
        }))
    }
}

/// The selector of an answer whose lists have been fetched.
struct Completed<'a> {
    selector: &'a ManifestSelector,
    /// The lists in the order in which their records stand in the answer.
    lists: Mutex<VecDeque<Vec<Value>>>,
}

impl SelectRecords for Completed<'_> {
    fn select(
        &self,
        response: &Response,
        slice: &Slice,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        self.selector.select_with(response, slice, &mut || lists.pop_front().unwrap_or_default(), accept)
    }
}

impl ManifestSelector {
    fn extract(&self, response: &Response, found: &mut Found<'_>) -> Result<()> {
        let answer =
            |sink: &mut Sink<'_>| self.decoder.decode(Body::new(&response.body, response.content_type()), sink);
        self.extractor.extract(&answer, found)
    }

    /// Hands over the records; each that has only a part of its list gets the next of the fetched ones.
    fn select_with(
        &self,
        response: &Response,
        slice: &Slice,
        next_list: &mut dyn FnMut() -> Vec<Value>,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        let answer =
            |sink: &mut Sink<'_>| self.decoder.decode(Body::new(&response.body, response.content_type()), sink);
        self.select_among(&answer, slice, next_list, accept)
    }

    fn select_among(
        &self,
        answer: &Elements<'_>,
        slice: &Slice,
        next_list: &mut dyn FnMut() -> Vec<Value>,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        let scope = TransformScope::of_slice(slice_value(slice, &self.interval_keys));
        let mut raw = 0;
        self.extractor.extract(answer, &mut |extraction| self.take(extraction, &scope, next_list, &mut raw, accept))?;
        Ok(raw)
    }

    fn take(
        &self,
        extraction: Extraction,
        scope: &TransformScope,
        next_list: &mut dyn FnMut() -> Vec<Value>,
        raw: &mut u64,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        for warning in &extraction.warnings {
            tracing::warn!("{warning}");
        }
        *raw += u64::try_from(extraction.left_out).unwrap_or(u64::MAX);
        for record in extraction.records {
            if let Extracted::Truncated { parent, expander } = record {
                self.take(expander.complete(parent, next_list())?, scope, next_list, raw, accept)?;
                continue;
            }
            *raw += 1;
            if let Some(record) = self.process(record.into_record()?, scope)? {
                accept(record)?;
            }
        }
        Ok(())
    }

    /// Whether a record may leave as something else than what the extractor finds.
    fn changes(&self) -> bool {
        self.filter.is_some() || !self.transformations.is_empty() || self.normalizer.is_some()
    }

    /// Filters, changes and normalises a record; `None` if it is dropped.
    fn process(&self, mut record: Value, scope: &TransformScope) -> Result<Option<Map<String, Value>>> {
        if self.transform_first {
            self.transform(&mut record, scope)?;
        }
        if let Some(filter) = &self.filter
            && !filter.keep(&record, scope)?
        {
            return Ok(None);
        }
        if !self.transform_first {
            self.transform(&mut record, scope)?;
        }
        match (&self.normalizer, &mut record) {
            (Some(Normalize::Default(normalizer)), record) => {
                for warning in normalizer.normalize(record) {
                    tracing::warn!("{}", warning.message);
                }
            }
            (Some(Normalize::Custom(custom, schema)), Value::Object(record)) => custom.normalize(record, schema)?,
            _ => {}
        }
        match record {
            Value::Object(record) => Ok(Some(record)),
            other => Err(Error::system("a record is not an object, so it has no columns")
                .with_detail(format!("the extractor found {}", kind_of(&other)))),
        }
    }

    fn transform(&self, record: &mut Value, scope: &TransformScope) -> Result<()> {
        self.transformations.iter().try_for_each(|transformation| transformation.transform(record, scope))
    }
}

impl Filter {
    fn keep(&self, record: &Value, scope: &TransformScope) -> Result<bool> {
        match (self, record) {
            (Self::Condition(filter), _) => filter.keep(record, scope),
            (Self::Custom(custom), Value::Object(record)) => custom.keep(record),
            (Self::Custom(_), _) => Ok(true),
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What a stream needs to make its selector.
pub(super) struct SelectorSource<'m> {
    pub(super) selector: &'m RecordSelectorModel,
    pub(super) decoder: Option<&'m DecoderModel>,
    pub(super) extractor: ExtractorSource<'m>,
    pub(super) transformations: &'m [TransformationModel],
    /// Whether old records are left out here, which is done after the transformations.
    pub(super) client_side: bool,
    /// The schema that values are brought into, if they are.
    pub(super) schema: Option<&'m Value>,
    pub(super) interval_keys: IntervalKeys,
}

/// What finds the records.
pub(super) enum ExtractorSource<'m> {
    /// The selector's extractor.
    OfSelector,
    /// That of a download; without one, the download is the records.
    OfDownload(Option<&'m DownloadExtractor>),
}

impl Lowering<'_> {
    /// The selector of a retriever, and where the scanner finds the records if their bytes may travel.
    ///
    /// # Errors
    /// Components that cannot be lowered.
    pub(super) fn selector(&self, source: &SelectorSource<'_>) -> Result<(RecordSelector, Arc<Decoder>)> {
        let model = source.selector;
        let (decoder, extractor) = match &source.extractor {
            ExtractorSource::OfSelector => (self.decoder(source.decoder)?, self.extractor(&model.extractor)?),
            ExtractorSource::OfDownload(download) => self.download_extractor(source.decoder, *download)?,
        };
        let decoder = Arc::new(decoder);
        let filter = match &model.record_filter {
            None => None,
            Some(RecordFilterDefinition::RecordFilter(filter)) if filter.condition.text.is_empty() => None,
            Some(RecordFilterDefinition::RecordFilter(filter)) => {
                let parameters = filter.parameters();
                Some(Filter::Condition(RecordFilter::new(self.template(&filter.condition, &parameters))))
            }
            Some(RecordFilterDefinition::CustomRecordFilter(custom)) => {
                Some(Filter::Custom(self.registry.make_filter(custom, self.config)?))
            }
        };
        let transformations =
            source.transformations.iter().map(|model| self.transformation(model)).collect::<Result<Vec<_>>>()?;
        let normalizer = match (&model.schema_normalization, source.schema) {
            (Some(Normalization::Named(SchemaNormalization::Default)), Some(schema)) => {
                Some(Normalize::Default(Normalizer::new(schema)))
            }
            (Some(Normalization::Custom(custom)), schema) => {
                let schema = schema.cloned().unwrap_or_else(|| Value::Object(Map::new()));
                Some(Normalize::Custom(self.registry.make_normalizer(custom, self.config)?, schema))
            }
            _ => None,
        };
        let path = extractor.plain_path.map(|path| JsonPath::from_segments(path.iter().map(String::as_str)));
        let selector = ManifestSelector {
            decoder: Arc::clone(&decoder),
            extractor: extractor.extractor,
            fetches_lists: extractor.fetches_lists,
            path,
            filter,
            transformations,
            transform_first: model.transform_before_filtering.unwrap_or(source.client_side),
            normalizer,
            interval_keys: Arc::clone(&source.interval_keys),
        };
        let is_plain = matches!(*decoder, Decoder::Json) && !selector.changes();
        let path = selector.path.clone().filter(|_| is_plain);
        Ok((RecordSelector { path, parsed: Some(Arc::new(selector)), decoder: None }, decoder))
    }

    /// The decoder of an answer; JSON where the manifest names none.
    pub(super) fn decoder(&self, model: Option<&DecoderModel>) -> Result<Decoder> {
        Ok(match model {
            None | Some(DecoderModel::JsonDecoder(_)) => Decoder::Json,
            Some(DecoderModel::JsonlDecoder(_)) => Decoder::Jsonl,
            Some(DecoderModel::IterableDecoder(_)) => Decoder::Iterable,
            Some(DecoderModel::XmlDecoder(_)) => Decoder::Xml,
            Some(DecoderModel::CsvDecoder(csv)) => Decoder::Csv(csv_options(csv)),
            Some(DecoderModel::JsonItemsDecoder(items)) => self.items(items)?,
            Some(DecoderModel::GzipDecoder(gzip)) => Decoder::Gzip(Box::new(self.inner_decoder(&gzip.decoder)?)),
            Some(DecoderModel::ZipfileDecoder(zip)) => Decoder::Zip(Box::new(self.inner_decoder(&zip.decoder)?)),
            Some(DecoderModel::CustomDecoder(custom)) => {
                Decoder::Custom(Arc::new(RegisteredDecoder(self.registry.make_decoder(custom, self.config)?)))
            }
        })
    }

    fn inner_decoder(&self, model: &InnerDecoder) -> Result<Decoder> {
        Ok(match model {
            InnerDecoder::JsonDecoder(_) => Decoder::Json,
            InnerDecoder::JsonlDecoder(_) => Decoder::Jsonl,
            InnerDecoder::CsvDecoder(csv) => Decoder::Csv(csv_options(csv)),
            InnerDecoder::JsonItemsDecoder(items) => self.items(items)?,
            InnerDecoder::GzipDecoder(gzip) => Decoder::Gzip(Box::new(self.inner_decoder(&gzip.decoder)?)),
        })
    }

    fn items(&self, model: &airbyte_manifest::model::JsonItemsDecoder) -> Result<Decoder> {
        let path = self.text(&model.items_path, &model.parameters())?;
        Ok(Decoder::JsonItems { path, encoding: model.encoding.text.clone() })
    }

    /// The extractor of a download, and the decoder that it works on.
    fn download_extractor(
        &self,
        decoder: Option<&DecoderModel>,
        model: Option<&DownloadExtractor>,
    ) -> Result<(Decoder, LoweredExtractor)> {
        let extractor = match model {
            None => LoweredExtractor::all(),
            Some(DownloadExtractor::DpathExtractor(model)) => self.dpath_extractor(model)?,
            Some(DownloadExtractor::CombinedExtractor(model)) => self.combined_extractor(model)?,
            Some(DownloadExtractor::CustomRecordExtractor(custom)) => self.custom_extractor(custom)?,
            Some(DownloadExtractor::ResponseToFileExtractor(model)) => {
                // It reads the body itself, whatever the decoder is.
                let file = ResponseFile { preserve_na_values: model.preserve_na_values };
                return Ok((Decoder::Own(Arc::new(file)), LoweredExtractor::all()));
            }
        };
        Ok((self.decoder(decoder)?, extractor))
    }

    /// An extractor of records.
    ///
    /// # Errors
    /// Components that cannot be lowered.
    pub(super) fn extractor(&self, model: &ExtractorModel) -> Result<LoweredExtractor> {
        match model {
            ExtractorModel::DpathExtractor(model) => self.dpath_extractor(model),
            ExtractorModel::CombinedExtractor(model) => self.combined_extractor(model),
            ExtractorModel::CustomRecordExtractor(custom) => self.custom_extractor(custom),
        }
    }

    fn dpath_extractor(&self, model: &DpathExtractorModel) -> Result<LoweredExtractor> {
        let parameters = model.parameters();
        let expander = match &model.record_expander {
            Some(expander) => Some(Arc::new(self.expander(expander)?)),
            None => None,
        };
        let path = self.dpath(&model.field_path, &parameters).unwrap_or_else(|error| {
            self.defer(error);
            Dpath::new([])
        });
        let fetches_lists =
            model.record_expander.as_ref().is_some_and(|expander| expander.truncated_list_retriever.is_some());
        Ok(LoweredExtractor { fetches_lists, ..LoweredExtractor::at(DpathExtractor::new(path, expander)) })
    }

    fn combined_extractor(&self, model: &CombinedExtractorModel) -> Result<LoweredExtractor> {
        let lowered = model.extractors.iter().map(|model| self.extractor(model));
        let lowered = lowered.collect::<Result<Vec<_>>>()?;
        let fetches_lists = lowered.iter().any(|lowered| lowered.fetches_lists);
        let extractors = lowered.into_iter().map(|lowered| lowered.extractor).collect();
        let mode = match model.mode {
            CombineModeModel::Union => CombineMode::Union,
            CombineModeModel::FirstMatch => CombineMode::FirstMatch,
        };
        let extractor = CombinedExtractor::new(extractors, mode, model.skip_empty_records)?;
        Ok(LoweredExtractor { plain_path: None, extractor: Box::new(extractor), fetches_lists })
    }

    fn custom_extractor(&self, custom: &Custom) -> Result<LoweredExtractor> {
        let custom = self.registry.make_extractor(custom, self.config)?;
        let extractor = Box::new(CustomExtractor(custom));
        Ok(LoweredExtractor { plain_path: None, extractor, fetches_lists: false })
    }

    fn expander(&self, model: &RecordExpanderModel) -> Result<RecordExpander> {
        let parameters = model.parameters();
        let whole_list = match &model.truncated_list_retriever {
            None => None,
            Some(PropertyRetriever::SimpleRetriever(retriever)) => Some(self.whole_list(retriever)?),
            Some(PropertyRetriever::CustomRetriever(custom)) => return Err(unwritable(custom, "a CustomRetriever")),
        };
        let parent_fields = model
            .parent_fields
            .iter()
            .map(|field| {
                let path = |texts| self.dpath(texts, &parameters);
                ParentField::new(path(&field.parent_path)?, path(&field.record_path)?)
            })
            .collect::<Result<_>>()?;
        let truncation = match model.truncation_indicator_path.as_slice() {
            [] => None,
            path => Some(self.dpath(path, &parameters)?),
        };
        RecordExpander::new(
            self.dpath(&model.expand_records_from_field, &parameters)?,
            ExpanderOptions {
                remain_original_record: model.remain_original_record,
                on_no_records: match model.on_no_records {
                    OnNoRecordsModel::Skip => OnNoRecords::Skip,
                    OnNoRecordsModel::EmitParent => OnNoRecords::EmitParent,
                },
                parent_fields,
                merge_parent: model.merge_parent,
                truncation_indicator_path: truncation,
                whole_list,
            },
        )
    }

    /// A transformation of records.
    ///
    /// # Errors
    /// Templates and paths that cannot be compiled.
    pub(super) fn transformation(&self, model: &TransformationModel) -> Result<Box<dyn Transformation>> {
        Ok(match model {
            TransformationModel::AddFields(model) => {
                let own = model.parameters();
                let mut fields = Vec::with_capacity(model.fields.len());
                for field in &model.fields {
                    let path = field.path.iter().map(|text| text.text.clone()).collect();
                    // A field without parameters of its own sees those of the transformation.
                    let value = self.template(&field.value, &own);
                    let added = AddedField::new(path, value, field.value_type.map(py_type));
                    fields.push(added.map_err(|error| self.place(error, field.at))?);
                }
                Box::new(AddFields::new(fields, self.condition(&model.condition, &own)?))
            }
            TransformationModel::RemoveFields(model) => {
                let parameters = model.parameters();
                let pointers = model
                    .field_pointers
                    .iter()
                    .map(|pointer| Dpath::of_texts(pointer.iter().map(|text| text.text.clone())));
                Box::new(RemoveFields::new(pointers.collect(), self.condition(&model.condition, &parameters)?))
            }
            TransformationModel::KeysToLower(_) => Box::new(KeysToLower),
            TransformationModel::KeysToSnakeCase(_) => Box::new(KeysToSnakeCase),
            TransformationModel::FlattenFields(model) => Box::new(FlattenFields::new(model.flatten_lists)),
            TransformationModel::KeysReplace(model) => {
                let parameters = model.parameters();
                Box::new(KeysReplace::new(
                    self.template(&model.old, &parameters),
                    self.template(&model.new, &parameters),
                ))
            }
            TransformationModel::DpathFlattenFields(model) => {
                let own = model.parameters();
                let keys = model.key_transformation.as_ref().map(|keys| {
                    let text = |text: &Option<_>| match text {
                        Some(text) => self.text(text, &own),
                        None => Ok(String::new()),
                    };
                    Ok::<_, Error>(KeyTransformation { prefix: text(&keys.prefix)?, suffix: text(&keys.suffix)? })
                });
                Box::new(DpathFlattenFields::new(
                    self.dpath(&model.field_path, &own)?,
                    model.delete_origin_value.unwrap_or(false),
                    model.replace_record.unwrap_or(false),
                    keys.transpose()?.unwrap_or_default(),
                ))
            }
            TransformationModel::CustomTransformation(custom) => {
                Box::new(CustomTransformation(self.registry.make_transformation(custom, self.config)?))
            }
        })
    }

    fn condition(&self, text: &airbyte_manifest::model::Text, parameters: &Parameters) -> Result<Option<Template>> {
        match text.text.is_empty() {
            true => Ok(None),
            false => Ok(Some(self.template(text, parameters))),
        }
    }
}

/// An extractor, and the path of plain keys that it follows if that is all it does.
pub(super) struct LoweredExtractor {
    pub(super) extractor: Box<dyn Extractor>,
    plain_path: Option<Vec<String>>,
    fetches_lists: bool,
}

impl LoweredExtractor {
    /// Takes all of an answer.
    fn all() -> Self {
        Self::at(DpathExtractor::new(Dpath::new([]), None))
    }

    fn at(extractor: DpathExtractor) -> Self {
        Self { plain_path: extractor.plain_path(), extractor: Box::new(extractor), fetches_lists: false }
    }
}

struct RegisteredDecoder(Arc<dyn BodyDecoder>);

impl CustomDecoder for RegisteredDecoder {
    fn decode(&self, body: Body<'_>, sink: &mut Sink<'_>) -> Result<()> {
        for element in self.0.decode(body.bytes)? {
            if sink(element)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

struct CustomExtractor(Box<dyn RecordExtractor>);

impl Extractor for CustomExtractor {
    fn extract(&self, answer: &Elements<'_>, found: &mut Found<'_>) -> Result<()> {
        answer(&mut |element| {
            let records = self.0.extract(element)?.into_iter().map(Extracted::Record).collect();
            found(Extraction { records, ..Extraction::default() }).map(ControlFlow::Continue)
        })
    }
}

/// The type that a value has to have.
pub(super) fn py_type(value_type: ValueType) -> PyType {
    match value_type {
        ValueType::String => PyType::Str,
        ValueType::Number => PyType::Float,
        ValueType::Integer => PyType::Int,
        ValueType::Boolean => PyType::Bool,
    }
}

fn csv_options(model: &airbyte_manifest::model::CsvDecoder) -> CsvOptions {
    CsvOptions {
        encoding: model.encoding.text.clone(),
        delimiter: model.delimiter.text.clone(),
        set_values_to_none: model.set_values_to_none.iter().map(|text| text.text.clone()).collect(),
        ..CsvOptions::default()
    }
}
