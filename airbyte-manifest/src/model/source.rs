//! The whole manifest.

use crate::diagnostic::Diagnostic;
use crate::node::{Kind, Node, Position};

use super::budget::HTTPAPIBudget;
use super::declare::{choice, component};
use super::definition::{Definition, Field, Others, Tag};
use super::read::{Parse, Place, Reader, is_misspelt};
use super::resolver::DynamicDeclarativeStream;
use super::rule::{at_least, mapping};
use super::spec::Spec;
use super::stream::{StreamDefinition, StreamGroup};
use super::value::{IntOrText, Text};
use super::variables::CONFIG;

/// A manifest.
#[derive(Clone, Debug)]
pub struct DeclarativeSource {
    /// How a configuration is tried.
    pub check: Check,
    /// The streams that could be read; those that are broken are missing.
    pub streams: Vec<StreamDefinition>,
    /// The streams from templates that could be read.
    pub dynamic_streams: Vec<DynamicDeclarativeStream>,
    /// What the connector asks its user for.
    pub spec: Option<Spec>,
    /// The version of the language, as written.
    pub version: Text,
    /// JSON Schemas to refer to; null where absent.
    pub schemas: Node,
    /// Parts to refer to; null where absent.
    pub definitions: Node,
    /// How many requests run at the same time.
    pub concurrency_level: Option<ConcurrencyLevel>,
    /// How often may be asked.
    pub api_budget: Option<HTTPAPIBudget>,
    /// Streams that are not read at the same time, by the name of the group.
    pub stream_groups: Vec<(String, StreamGroup)>,
    /// How many jobs run at the same time.
    pub max_concurrent_async_job_count: Option<IntOrText>,
    /// Notes of the builder; null where absent.
    pub metadata: Node,
    /// What it is.
    pub description: Option<Text>,
    /// Where it begins.
    pub at: Position,
}

choice! {
    /// How a configuration is tried.
    Check {
        CheckStream(CheckStream),
        CheckDynamicStream(CheckDynamicStream),
    }
}

component! {
    /// Reads a record of some streams.
    CheckStream {
        /// Their names.
        stream_names: Vec<Text> = Vec::new();
        /// Streams from templates.
        dynamic_streams_check_configs: Vec<DynamicStreamCheckConfig> = Vec::new();
        /// Values that take the place of those of the configuration.
        config_overrides: Option<Node>, holds(mapping);
    }
}

component! {
    /// Some streams of a template.
    DynamicStreamCheckConfig {
        /// The template's name.
        dynamic_stream_name: Text;
        /// How many of its streams; all where absent.
        stream_count: Option<i64>, check(at_least::<1>);
    }
}

component! {
    /// Reads a record of the first streams.
    CheckDynamicStream {
        /// How many.
        stream_count: i64;
        /// Whether a record is read at all.
        use_check_availability: bool = true;
        /// Values that take the place of those of the configuration.
        config_overrides: Option<Node>, holds(mapping);
    }
}

component! {
    /// How many requests run at the same time.
    ConcurrencyLevel[.optional_tag()] {
        /// So many.
        default_concurrency: IntOrText, sees(CONFIG);
        /// Never more.
        max_concurrency: Option<i64>;
    }
}

/// The root's fields.
pub(crate) static ROOT: Definition = Definition {
    name: "DeclarativeSource",
    tag: Tag::Required("DeclarativeSource"),
    others: Others::Refused,
    fields: &[
        Field::new("check", true),
        Field::new("streams", false),
        Field::new("dynamic_streams", false),
        Field::new("version", true),
        Field::new("schemas", false).holds(mapping),
        Field::new("definitions", false).holds(mapping),
        Field::new("spec", false),
        Field::new("concurrency_level", false),
        Field::new("api_budget", false),
        Field::new("stream_groups", false),
        Field::new("max_concurrent_async_job_count", false).sees(CONFIG),
        Field::new("metadata", false).holds(mapping),
        Field::new("description", false),
    ],
};

impl DeclarativeSource {
    pub(crate) fn parse(root: &Node, reader: &mut Reader) -> Option<Self> {
        let place = Place { component: ROOT.name, field: "" };
        reader.component(root, place, &ROOT, |reader, map| {
            let at = root.at;
            let lacks = |name| map.get(name).is_none() && !is_misspelt(name, map, &ROOT);
            if lacks("streams") && lacks("dynamic_streams") {
                let finding = Diagnostic::error(at, "the manifest has neither `streams` nor `dynamic_streams`");
                reader.report(finding.with_help("add `streams`: a list of streams"));
            }
            // All fields are read before any is missed, so that all mistakes are reported.
            let check = reader.field(map, at, &ROOT, "check", None);
            let version = reader.field(map, at, &ROOT, "version", None);
            let streams = sound_items(map.get("streams"), "streams", reader);
            let dynamic_streams = sound_items(map.get("dynamic_streams"), "dynamic_streams", reader);
            let spec = reader.field(map, at, &ROOT, "spec", None).flatten();
            let schemas = reader.field(map, at, &ROOT, "schemas", Some(Node::default()));
            let definitions = reader.field(map, at, &ROOT, "definitions", Some(Node::default()));
            let metadata = reader.field(map, at, &ROOT, "metadata", Some(Node::default()));
            let concurrency_level = reader.field(map, at, &ROOT, "concurrency_level", None).flatten();
            let api_budget = reader.field(map, at, &ROOT, "api_budget", None).flatten();
            let stream_groups = groups(map.get("stream_groups"), reader);
            let max_concurrent_async_job_count =
                reader.field(map, at, &ROOT, "max_concurrent_async_job_count", None).flatten();
            let description = reader.field(map, at, &ROOT, "description", None).flatten();
            Some(Self {
                check: check?,
                streams,
                dynamic_streams,
                spec,
                version: version?,
                schemas: schemas.unwrap_or_default(),
                definitions: definitions.unwrap_or_default(),
                concurrency_level,
                api_budget,
                stream_groups,
                max_concurrent_async_job_count,
                metadata: metadata.unwrap_or_default(),
                description,
                at,
            })
        })
    }
}

/// The items that can be read: a broken stream does not take the others with it.
fn sound_items<T: Parse>(list: Option<&Node>, field: &'static str, reader: &mut Reader) -> Vec<T> {
    let place = Place { component: ROOT.name, field };
    match list.map(|list| (list, &list.kind)) {
        None => Vec::new(),
        Some((_, Kind::List(items))) => items.iter().filter_map(|item| T::parse(item, place, reader)).collect(),
        Some((node, _)) => {
            reader.mismatch(node, place, "a list");
            Vec::new()
        }
    }
}

fn groups(node: Option<&Node>, reader: &mut Reader) -> Vec<(String, StreamGroup)> {
    let place = Place { component: ROOT.name, field: "stream_groups" };
    let Some(node) = node else { return Vec::new() };
    let Some(map) = node.as_map() else {
        reader.mismatch(node, place, "a mapping of names to groups");
        return Vec::new();
    };
    map.iter().filter_map(|entry| Some((entry.key.clone(), StreamGroup::parse(&entry.value, place, reader)?))).collect()
}
