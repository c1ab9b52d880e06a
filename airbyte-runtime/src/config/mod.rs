//! The configuration of a source: read, completed, checked, and looked into by path.

mod defaults;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod redact;
mod secret;
mod spec;
mod validate;

use std::any::Any;
use std::sync::Arc;

use serde_json::Value;

pub(crate) use redact::{MASK, Redactor, one_line, secrets_in};
pub use secret::Secret;
pub(crate) use spec::connection_specification;
pub(crate) use validate::closest;

use crate::define::any_source::AnySource;
use crate::define::config::{ConfigField, Kind, json_keys};
use crate::define::migrate::MigrateConfig;
use crate::define::value::Value as DefValue;
use crate::error::{Error, Result};
use crate::placeholder::{Piece, as_text, joined, pieces};

/// What is wrong with a value according to a schema of the dialect that Airbyte uses.
#[cfg(feature = "testing")]
pub(crate) fn validate_schema(schema: &Value, value: &Value) -> Vec<String> {
    validate::validate(schema, value).iter().map(ToString::to_string).collect()
}

/// Changes a configuration; whether that made a difference.
///
/// # Errors
/// Those of the changes.
pub(crate) fn change(
    changes: &[&dyn MigrateConfig],
    fields: &'static [ConfigField],
    config: &mut Value,
) -> Result<bool> {
    // What is no object is refused by the validation, with better words.
    let Some(object) = config.as_object_mut().filter(|_| !changes.is_empty()) else { return Ok(false) };
    let before = object.clone();
    changes.iter().try_for_each(|change| change.migrate(object, fields))?;
    Ok(*object != before)
}

/// The configuration of one run: the values, with defaults filled in, and the struct made of them.
pub struct Config {
    value: Value,
    fields: &'static [ConfigField],
    typed: Arc<dyn Any + Send + Sync>,
    redactor: Redactor,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The values may be secrets.
        f.write_str("Config")
    }
}

impl Config {
    /// Checks a configuration against the specification of a source and fills in the defaults.
    ///
    /// # Errors
    /// Everything that is wrong with it, in one config error.
    pub(crate) fn load(source: AnySource, mut value: Value, redactor: Redactor) -> Result<Self> {
        let spec = source.specification();
        // Keys such as `_limit` are the platform's own.
        if let Some(object) = value.as_object_mut() {
            object.retain(|key, _| {
                key == "__injected_declarative_manifest" || !matches!(key.as_str(), "_limit" | "_page_size")
            });
        }
        defaults::apply_defaults(&spec, &mut value);
        for secret in redact::secrets_in(&spec, &value) {
            redactor.add(&secret);
        }
        let problems = validate::validate(&spec, &value);
        if !problems.is_empty() {
            let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Err(Error::config(format!("Config validation error: {}", texts.join("; "))));
        }
        for warning in validate::unknown_keys(&spec, &value) {
            tracing::warn!("{warning}");
        }
        // What they make of it is for this run; nobody stores it.
        if change(source.definition.transform_config, source.shape.fields(), &mut value)? {
            for secret in redact::secrets_in(&spec, &value) {
                redactor.add(&secret);
            }
        }
        // The cause may quote a secret, so only the path is shown.
        let typed = (source.make)(&value).map_err(|path| {
            Error::config(format!("Config validation error: `{path}` does not have the type that the source expects"))
        })?;
        let config = Self { value, fields: source.shape.fields(), typed, redactor };
        if let Some(condition) = source.definition.validate {
            condition.validate(&config)?;
        }
        Ok(config)
    }

    /// A configuration that no struct describes.
    #[cfg(feature = "manifest")]
    pub(crate) fn document(value: Value, redactor: Redactor) -> Self {
        Self { value, fields: &[], typed: Arc::new(()), redactor }
    }

    /// The configured struct.
    ///
    /// # Errors
    /// A type that is not this source's is a system error.
    pub fn typed<S: Send + Sync + 'static>(&self) -> Result<Arc<S>> {
        Arc::clone(&self.typed)
            .downcast()
            .map_err(|_| Error::system(format!("the configuration is not a `{}`", std::any::type_name::<S>())))
    }

    /// The values as the user gave them, with defaults filled in.
    #[cfg(feature = "manifest")]
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// Masks a value that became secret during the run, such as a token that was fetched, in every output from now on.
    pub fn mask(&self, secret: &str) {
        self.redactor.add(secret);
    }

    /// What masks the secrets of the run.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The value at a dotted path of Rust field names; `None` if it is not set or belongs to a variant that was not chosen.
    pub(crate) fn lookup(&self, path: &str) -> Option<&Value> {
        let found = self.keys(path).into_iter().try_fold(&self.value, |value, key| value.get(key));
        found.filter(|value| !value.is_null())
    }

    /// The JSON keys of a dotted path of Rust field names; what the configuration's type does not know stays as it is.
    pub(crate) fn keys<'p>(&'p self, path: &'p str) -> Vec<&'p str> {
        json_keys(self.fields, path, self.value.as_object())
    }

    /// The Rust name of the variant that is chosen at a path.
    pub(crate) fn variant_at(&self, path: &str) -> Result<String> {
        let missing = || {
            Error::config(format!("config field `{path}` is not set, but the source's authentication depends on it"))
        };
        let value = self.lookup(path).ok_or_else(missing)?;
        let mut fields = self.fields;
        let mut shape = None;
        for segment in path.split('.') {
            match fields.iter().find(|field| field.name == segment).map(|field| field.shape.kind) {
                Some(Kind::Struct(inner)) => fields = inner.fields,
                Some(Kind::Enum(inner)) => shape = Some(inner),
                _ => break,
            }
        }
        let shape = shape.ok_or_else(|| Error::system(format!("config field `{path}` is not an enum")))?;
        let chosen = value.as_str().or_else(|| value.get(shape.tag).and_then(Value::as_str)).unwrap_or_default();
        let variant = shape.variants.iter().find(|variant| variant.value == chosen);
        variant.map(|variant| variant.name.to_owned()).ok_or_else(missing)
    }

    /// A template in which only the configuration may stand.
    ///
    /// # Errors
    /// A field that is not set is a config error.
    pub(crate) fn render(&self, template: &str) -> Result<String> {
        self.render_optional(template)?
            .ok_or_else(|| Error::config(format!("the configuration does not set what `{template}` needs")))
    }

    /// The same; `None` if a field is not set.
    pub(crate) fn render_optional(&self, template: &str) -> Result<Option<String>> {
        let mut text = String::new();
        for piece in pieces(template)? {
            match piece {
                Piece::Text(literal) => text.push_str(&literal),
                Piece::Placeholder { root: "config", path } => match self.lookup(&path) {
                    Some(value) => text.push_str(&as_text(value)),
                    None => return Ok(None),
                },
                Piece::Placeholder { root, path } => {
                    return Err(Error::system(format!("`{{{root}.{path}}}` has no value outside a stream's request")));
                }
            }
        }
        Ok(Some(text))
    }

    /// A value of an attribute with the configuration filled in: with its JSON type if it is a single placeholder.
    /// `None` if a field is not set.
    ///
    /// # Errors
    /// A placeholder that only a slice could fill is a system error.
    pub(crate) fn json(&self, value: DefValue) -> Result<Option<Value>> {
        Ok(Some(match value {
            DefValue::Template(template) => {
                let mut found = pieces(template)?.into_iter();
                match (found.next(), found.next()) {
                    (Some(Piece::Placeholder { root: "config", path }), None) => {
                        return Ok(self.lookup(&path).cloned());
                    }
                    _ => return Ok(self.render_optional(template)?.map(Value::from)),
                }
            }
            DefValue::List(items) => {
                items.iter().filter_map(|item| self.json(*item).transpose()).collect::<Result<_>>()?
            }
            DefValue::Map(map) => Value::Object(self.entries(map)?.into_iter().collect()),
            DefValue::Joined(items, separator) => match self.json(*items)? {
                None | Some(Value::Null) => return Ok(None),
                Some(items) => joined(&items, separator).into(),
            },
            other => other.to_json(),
        }))
    }

    /// The entries of a map in an attribute whose config fields are set.
    ///
    /// # Errors
    /// See [`Config::json`].
    pub(crate) fn entries(&self, map: &[(&'static str, DefValue)]) -> Result<Vec<(String, Value)>> {
        let entry =
            |(key, value): &(&'static str, DefValue)| Ok(self.json(*value)?.map(|value| ((*key).to_owned(), value)));
        map.iter().filter_map(|pair| entry(pair).transpose()).collect()
    }

    /// The values of a list in an attribute: a list of literals, or a config field that holds one.
    pub(crate) fn list(&self, values: DefValue) -> Result<Vec<Value>> {
        match values {
            DefValue::Template(template) => {
                let mut pieces = pieces(template)?.into_iter();
                match (pieces.next(), pieces.next()) {
                    (Some(Piece::Placeholder { root: "config", path }), None) => Ok(match self.lookup(&path) {
                        Some(Value::Array(values)) => values.clone(),
                        Some(value) => vec![value.clone()],
                        None => Vec::new(),
                    }),
                    _ => Ok(vec![self.render(template)?.into()]),
                }
            }
            DefValue::List(values) => values
                .iter()
                .map(|value| match value {
                    DefValue::Template(template) => self.render(template).map(Value::from),
                    other => Ok(other.to_json()),
                })
                .collect(),
            other => Ok(vec![other.to_json()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_in_one_text_has_the_values_of_the_configuration() {
        let value = json!({"ids": [1, "b"], "empty": null});
        let config = Config { value, fields: &[], typed: Arc::new(()), redactor: Redactor::default() };
        let found = |value| config.json(value).unwrap();
        assert_eq!(found(DefValue::Joined(&DefValue::Template("{config.ids}"), ";")), Some(json!("1;b")));
        const LIST: DefValue = DefValue::List(&[DefValue::Template("id-{config.ids}"), DefValue::Integer(7)]);
        assert_eq!(found(DefValue::Joined(&LIST, ",")), Some(json!("id-[1,\"b\"],7")));
        assert_eq!(found(DefValue::Joined(&DefValue::Template("{config.empty}"), ",")), None);
    }
}
