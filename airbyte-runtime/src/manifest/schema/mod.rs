//! What a manifest says about the records of a stream: its schema and its primary key.

mod combined;
mod dynamic;
mod file;
mod key;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use airbyte_manifest::Node;
use airbyte_manifest::model::{Custom, DeclarativeStream, DynamicSchemaLoader, OneOrMany, SchemaLoader};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::jinja::Environment;
use crate::plan::{LoadSchema, SchemaPlan};

pub(crate) use dynamic::{DescribedSchema, DynamicSchema, FirstRecord};
pub(crate) use key::primary_key;

/// A loader that has to be asked.
pub(crate) enum Asked<'m> {
    Dynamic(&'m DynamicSchemaLoader),
    Custom(&'m Custom),
}

/// Makes what asks.
pub(crate) type Describe<'d> = dyn FnMut(Asked<'_>) -> Result<Arc<dyn LoadSchema>> + 'd;

/// Finds the schema of a stream: in the manifest, in a file beside it, or, on demand, at the API.
///
/// `manifest_dir` is the connector's directory, in which files are looked for; without one there are no files.
/// A stream without a loader has the schema of `schemas/<name>.json`, or `{}` if there is no such file.
/// A list of loaders gives all their properties, those of the first where they overlap.
///
/// # Errors
/// A file that is named and missing, or no JSON; references in it that lead nowhere; in a list, a
/// schema without `properties`; whatever `describe` fails with.
pub(crate) fn load(
    stream: &DeclarativeStream,
    environment: &Arc<Environment>,
    manifest_dir: Option<&Path>,
    describe: &mut Describe<'_>,
) -> Result<SchemaPlan> {
    let mut load = |loader: &SchemaLoader| part(loader, environment, manifest_dir, describe);
    let part = match &stream.schema_loader {
        None => Part::Known(file::default_schema(stream, manifest_dir)?),
        Some(OneOrMany::One(loader)) => load(loader)?,
        // An empty list counts as no loader.
        Some(OneOrMany::Many(loaders)) if loaders.is_empty() => {
            Part::Known(file::default_schema(stream, manifest_dir)?)
        }
        Some(OneOrMany::Many(loaders)) => combined::combined(loaders.iter().map(load).collect::<Result<_>>()?)?,
    };
    Ok(match part {
        Part::Known(schema) => SchemaPlan::Document(Arc::new(schema)),
        Part::Described(schema) => SchemaPlan::Loaded(schema),
    })
}

/// What one loader gives.
enum Part {
    Known(Value),
    Described(Arc<dyn LoadSchema>),
}

fn part(
    loader: &SchemaLoader,
    environment: &Arc<Environment>,
    manifest_dir: Option<&Path>,
    describe: &mut Describe<'_>,
) -> Result<Part> {
    Ok(match loader {
        SchemaLoader::InlineSchemaLoader(inline) => {
            Part::Known(inline.schema.as_ref().map_or_else(|| Value::Object(Map::new()), Node::to_json))
        }
        SchemaLoader::JsonFileSchemaLoader(json) => Part::Known(file::named_schema(json, environment, manifest_dir)?),
        SchemaLoader::DynamicSchemaLoader(dynamic) => Part::Described(describe(Asked::Dynamic(dynamic))?),
        SchemaLoader::CustomSchemaLoader(custom) => Part::Described(describe(Asked::Custom(custom))?),
    })
}
