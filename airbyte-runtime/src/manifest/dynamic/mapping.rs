//! Writing values into the template of a stream.

use std::sync::Arc;

use airbyte_manifest::model::{ComponentMappingDefinition, ComponentsResolver, Text, ValueType};
use airbyte_manifest::yaml;
use serde_json::Value;

use super::components::Component;
use crate::error::{Error, Result};
use crate::jinja::{self, Environment, PyType, Scope, Template};
use crate::plan::dpath::Dpath;
use crate::python::is_truthy;

/// The mappings of a resolver, with their templates compiled.
pub(super) struct Mappings {
    mappings: Vec<Mapping>,
    /// The resolvers differ in what becomes of text, and in what they create.
    text: TextAs,
}

struct Mapping {
    path: Vec<Template>,
    value: Template,
    value_type: Option<PyType>,
    create: bool,
    condition: Option<Template>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextAs {
    /// Text stays text, and nothing is created.
    Text,
    /// Text is read as YAML.
    Yaml,
    /// Text is read as YAML unless it is declared as text.
    YamlUnlessDeclared,
}

/// The type that a template's value is converted to.
pub(crate) fn value_type(value_type: ValueType) -> PyType {
    match value_type {
        ValueType::String => PyType::Str,
        ValueType::Number => PyType::Float,
        ValueType::Integer => PyType::Int,
        ValueType::Boolean => PyType::Bool,
    }
}

impl Mappings {
    /// # Errors
    /// Templates that Jinja cannot parse, a condition for a resolver that has none.
    pub(super) fn new(resolver: &ComponentsResolver, environment: &Arc<Environment>) -> Result<Self> {
        // Conditions see the parameters of the resolver, all else those of the mapping.
        let (mappings, text, parameters) = match resolver {
            ComponentsResolver::HttpComponentsResolver(http) => (&http.components_mapping, TextAs::Text, None),
            ComponentsResolver::ParametrizedComponentsResolver(list) => (&list.components_mapping, TextAs::Yaml, None),
            ComponentsResolver::ConfigComponentsResolver(config) => {
                (&config.components_mapping, TextAs::YamlUnlessDeclared, Some(config.parameters()))
            }
        };
        let mapping = |mapping: &ComponentMappingDefinition| {
            let own = mapping.parameters();
            let template = |text: &Text| Template::new(environment, text.as_str(), &own);
            let condition = match (mapping.condition.as_ref().filter(|text| !text.text.is_empty()), &parameters) {
                (None, _) => None,
                (Some(condition), Some(parameters)) => {
                    Some(Template::new(environment, condition.as_str(), parameters)?)
                }
                (Some(_), None) => {
                    return Err(Error::system(
                        "`condition` is only supported for `ConfigComponentsResolver`; remove it from this mapping",
                    ));
                }
            };
            Ok(Mapping {
                path: mapping.field_path.iter().map(template).collect::<Result<_>>()?,
                value: template(&mapping.value)?,
                value_type: mapping.value_type.map(value_type),
                create: mapping.create_or_update && text != TextAs::Text,
                condition,
            })
        };
        Ok(Self { mappings: mappings.iter().map(mapping).collect::<Result<_>>()?, text })
    }

    /// The template with the values of a component. `shown` is the template as its own templates see it.
    ///
    /// # Errors
    /// Templates that fail, values that JSON cannot hold, paths that cannot be written.
    pub(super) fn apply(&self, template: &Value, shown: &minijinja::Value, component: &Component) -> Result<Value> {
        let mut scope = Scope::new()
            .with("components_values", jinja::json(&component.value))
            .with("stream_template_config", shown.clone());
        if let Some(slice) = &component.slice {
            for name in ["stream_slice", "stream_interval", "stream_partition"] {
                scope = scope.with(name, slice.clone());
            }
        }
        let mut stream = template.clone();
        for mapping in &self.mappings {
            mapping.apply(&mut stream, &scope, self.text)?;
        }
        Ok(stream)
    }
}

impl Mapping {
    fn apply(&self, stream: &mut Value, scope: &Scope, text: TextAs) -> Result<()> {
        if let Some(condition) = &self.condition
            && !condition.condition(scope)?
        {
            return Ok(());
        }
        let value = self.value.eval_as(scope, self.value_type.as_slice())?;
        let value = value.to_json().ok_or_else(|| {
            Error::system(format!("`{}` in a components mapping yields what JSON cannot hold", self.value.text()))
        })?;
        let declared = text == TextAs::YamlUnlessDeclared && self.value_type == Some(PyType::Str);
        let value = match value {
            Value::String(written) if text != TextAs::Text && !declared => from_yaml(written),
            value => value,
        };
        let segments = self.path.iter().map(|segment| segment.eval(scope)).collect::<Result<Vec<_>>>()?;
        let path = Dpath::new(segments);
        let changed = path.set(stream, &value)?;
        if changed == 0 && self.create && is_truthy(&value) {
            path.create(stream, value)?;
        }
        Ok(())
    }
}

/// Text that is no YAML, such as a template or a date format, stays as it is.
fn from_yaml(text: String) -> Value {
    match yaml::parse(&text) {
        Ok(node) => node.to_json(),
        Err(_) => Value::String(text),
    }
}
