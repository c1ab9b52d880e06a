//! Bringing a configuration up to date before anything else sees it.

use std::sync::Arc;

use airbyte_manifest::Kind;
use airbyte_manifest::model::{
    ConfigAddFields as AddFieldsModel, ConfigRemapField as RemapFieldModel, ConfigRemoveFields as RemoveFieldsModel,
    ConfigTransformation, Spec, Text,
};
use serde_json::{Map, Value};

use super::super::components::CustomConfigTransformation;
use super::super::dynamic::value_type;
use super::super::registry::Registry;
use crate::error::{Error, Result};
use crate::jinja::{Environment, Parameters, Template};
use crate::plan::dpath::Dpath;
use crate::plan::transform::{
    AddFields, AddedField, ConfigRemapField, ConfigRemoveFields, MappedValue, TransformScope, Transformation,
};

/// A configuration as the streams see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Normalized {
    /// The configuration after migrations and transformations.
    pub(crate) config: Value,
    /// The configuration after the migrations, if they changed it: to write back to the user's file, and to emit as a
    /// CONTROL message. It holds secrets.
    pub(crate) migrated: Option<Value>,
}

type Changes = Vec<Box<dyn Transformation>>;

/// Applies `config_migrations`, which last, and then `transformations`, which only this run sees.
///
/// An empty configuration stays as it is.
///
/// # Errors
/// Classes that are not registered, a map that is text, templates that fail, paths that cannot be written.
pub(crate) fn normalize(spec: &Spec, config: &Value, registry: &Registry) -> Result<Normalized> {
    let Some(rules) = &spec.config_normalization_rules else {
        return Ok(Normalized { config: config.clone(), migrated: None });
    };
    // All are built before the first one runs, so that a broken rule leaves the user's file as it is.
    let environment = super::environment();
    let build = |changes: &mut dyn Iterator<Item = &ConfigTransformation>| -> Result<Changes> {
        changes.map(|change| transformation(change, &environment, registry, config)).collect()
    };
    let migrations = build(&mut rules.config_migrations.iter().flat_map(|migration| &migration.transformations))?;
    let transformations = build(&mut rules.transformations.iter())?;
    let mut changed = config.clone();
    if config.as_object().is_none_or(Map::is_empty) {
        return Ok(Normalized { config: changed, migrated: None });
    }
    apply(&migrations, &mut changed)?;
    let migrated = (changed != *config).then(|| changed.clone());
    apply(&transformations, &mut changed)?;
    Ok(Normalized { config: changed, migrated })
}

fn apply(changes: &Changes, config: &mut Value) -> Result<()> {
    changes.iter().try_for_each(|change| change.transform(config, &TransformScope::of_config()))
}

fn transformation(
    change: &ConfigTransformation,
    environment: &Arc<Environment>,
    registry: &Registry,
    config: &Value,
) -> Result<Box<dyn Transformation>> {
    Ok(match change {
        ConfigTransformation::ConfigAddFields(add) => Box::new(add_fields(add, environment)?),
        ConfigTransformation::ConfigRemoveFields(remove) => Box::new(remove_fields(remove, environment)?),
        ConfigTransformation::ConfigRemapField(remap) => Box::new(remap_field(remap, environment)?),
        ConfigTransformation::CustomConfigTransformation(custom) => {
            Box::new(CustomConfigTransformation(registry.make_config_transformation(custom, config)?))
        }
    })
}

fn add_fields(add: &AddFieldsModel, environment: &Arc<Environment>) -> Result<AddFields> {
    let field = |field: &airbyte_manifest::model::AddedFieldDefinition| {
        let path = field.path.iter().map(|key| key.text.clone()).collect();
        let value = Template::new(environment, field.value.as_str(), &field.parameters())?;
        AddedField::new(path, value, field.value_type.map(value_type))
    };
    let fields = add.fields.iter().map(field).collect::<Result<_>>()?;
    Ok(AddFields::new(fields, condition(&add.condition, environment)?))
}

fn remove_fields(remove: &RemoveFieldsModel, environment: &Arc<Environment>) -> Result<ConfigRemoveFields> {
    let pointer = |pointer: &Vec<Text>| Dpath::of_texts(pointer.iter().map(Text::as_str));
    let pointers = remove.field_pointers.iter().map(pointer).collect();
    Ok(ConfigRemoveFields::new(pointers, condition(&remove.condition, environment)?))
}

fn remap_field(remap: &RemapFieldModel, environment: &Arc<Environment>) -> Result<ConfigRemapField> {
    let template = |text: &str| Template::new(environment, text, &Parameters::default());
    let path = remap.field_path.iter().map(|key| template(key.as_str())).collect::<Result<_>>()?;
    let Some(map) = remap.map.as_map() else {
        return Err(Error::system(
            "the `map` of a ConfigRemapField is text; Airbyte accepts that and then fails, so write the mapping out",
        ));
    };
    let entry = |entry: &airbyte_manifest::Entry| {
        let new = match &entry.value.kind {
            Kind::Text(text) => MappedValue::Template(template(text)?),
            _ => MappedValue::Value(entry.value.to_json()),
        };
        Ok((template(&entry.key)?, new))
    };
    ConfigRemapField::new(path, map.iter().map(entry).collect::<Result<_>>()?)
}

/// Empty text is no condition. Conditions do not see parameters.
fn condition(text: &Text, environment: &Arc<Environment>) -> Result<Option<Template>> {
    let present = (!text.text.is_empty()).then_some(text.as_str());
    present.map(|text| Template::new(environment, text, &Parameters::default())).transpose()
}
