//! The conditions that a spec puts on a configuration beyond its schema.

use airbyte_manifest::json_schema::Schema;
use airbyte_manifest::model::{ConfigValidator, DpathValidator, Spec, ValidateAdheresToSchema, ValidationStrategy};
use serde_json::Value;

use super::super::registry::Registry;
use super::validate::describe;
use crate::error::{Error, Result};
use crate::jinja::{Parameters, Scope, Template};
use crate::plan::dpath::Dpath;

/// Holds a configuration, after [`normalize`](super::normalize), against `config_normalization_rules.validations`.
///
/// The Python CDK does this whenever it builds streams, and reports a failure as one of the connector.
///
/// # Errors
/// The first condition that does not hold, without the value; a condition that cannot be evaluated.
pub(crate) fn validations(spec: &Spec, config: &Value, registry: &Registry) -> Result<()> {
    let rules = spec.config_normalization_rules.iter();
    rules.flat_map(|rules| &rules.validations).try_for_each(|validator| match validator {
        ConfigValidator::DpathValidator(validator) => at_path(validator, config, registry),
        // The CDK hands it the configuration, which it does not take.
        ConfigValidator::PredicateValidator(_) => Err(Error::system(
            "a PredicateValidator in `validations` fails for every configuration, in Airbyte as here; \
             use a DpathValidator",
        )),
    })
}

/// What is missing is not checked.
fn at_path(validator: &DpathValidator, config: &Value, registry: &Registry) -> Result<()> {
    let environment = super::environment();
    let segment = |segment: &airbyte_manifest::model::Text| {
        Template::new(&environment, segment.as_str(), &Parameters::default())?.eval(&Scope::new())
    };
    let path = Dpath::new(validator.field_path.iter().map(segment).collect::<Result<Vec<_>>>()?);
    if path.is_empty() {
        return Err(Error::system("the `field_path` of a DpathValidator is empty; name the field to check"));
    }
    let values = if path.has_star() { path.values(config)? } else { path.get(config)?.into_iter().collect() };
    if values.is_empty() {
        tracing::info!("the configuration has nothing at {path}, so that it is not checked there");
    }
    values.into_iter().try_for_each(|value| match &validator.validation_strategy {
        ValidationStrategy::ValidateAdheresToSchema(strategy) => adheres(strategy, value, &path),
        ValidationStrategy::CustomValidationStrategy(custom) => {
            registry.make_validation(custom, config)?.validate(value)
        }
    })
}

/// Text is read as JSON first, as the Python CDK does it: text that is none fails whatever the schema says.
fn adheres(strategy: &ValidateAdheresToSchema, value: &Value, path: &Dpath) -> Result<()> {
    let parsed = match value {
        Value::String(text) => Some(serde_json::from_str(text).map_err(|_| {
            Error::system(format!("Invalid JSON string at {path} of the configuration; a text is checked as JSON"))
        })?),
        _ => None,
    };
    if strategy.base_schema.as_map().is_none() {
        return Err(Error::system(
            "the `base_schema` of a ValidateAdheresToSchema is text, which Airbyte accepts and then fails on; \
             write the schema as a mapping",
        ));
    }
    let schema = Schema::compile(&strategy.base_schema.to_json())
        .map_err(|problem| Error::system(format!("a `base_schema` is no JSON Schema: {problem}")))?;
    match describe(&schema.validate(parsed.as_ref().unwrap_or(value))) {
        None => Ok(()),
        Some(problems) => {
            Err(Error::system(format!("JSON schema validation error at {path} of the configuration: {problems}")))
        }
    }
}
