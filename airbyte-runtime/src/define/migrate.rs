//! `migrate_config = …`, `transform_config = …` and `validate = …`: what happens to a configuration before it is used.
//!
//! | form | does |
//! |---|---|
//! | [`rename("apiKey", config.token)`](rename) | moves the value of an old key to a field |
//! | [`remap(config.region, values = { europe = "eu" })`](remap) | writes new values for old ones |
//! | [`remove("legacy")`](remove) | removes a key |
//! | [`with(function)`](with) | whatever the function does |

use std::marker::PhantomData;

use serde_json::{Map, Value};

use super::config::{ConfigField, json_keys};
use super::value::Map as DefMap;
use crate::config::Config;
use crate::error::{Error, Result};

/// A change to a configuration.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not change a configuration",
    label = "not a change of the configuration",
    note = "built-in: `rename`, `remap`, `remove`, and `with(function)` for a function of your own"
)]
pub trait MigrateConfig: Sync {
    /// Changes the configuration in place; `fields` are those of the source.
    ///
    /// # Errors
    /// A configuration that cannot be changed.
    fn migrate(&self, config: &mut Map<String, Value>, fields: &'static [ConfigField]) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl MigrateConfig for super::Component<dyn MigrateConfig> {
    fn migrate(&self, config: &mut Map<String, Value>, fields: &'static [ConfigField]) -> Result<()> {
        self.0.migrate(config, fields)
    }
}

/// Moves the value of an old key, whose parts are divided by dots, to a field that is not set.
#[must_use]
#[track_caller]
pub const fn rename(old: &'static str, field: &'static str) -> Rename {
    require_key(old);
    require_field(field);
    Rename { old, field }
}

/// See [`rename`].
#[derive(Clone, Copy, Debug)]
pub struct Rename {
    old: &'static str,
    field: &'static str,
}

impl Rename {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl MigrateConfig for Rename {
    fn migrate(&self, config: &mut Map<String, Value>, fields: &'static [ConfigField]) -> Result<()> {
        let new = keys(fields, self.field, config);
        if get(config, &new).is_some_and(|value| !value.is_null()) {
            return Ok(());
        }
        let old: Vec<&str> = self.old.split('.').collect();
        match take(config, &old) {
            Some(value) => put(config, &new, value),
            None => Ok(()),
        }
    }
}

/// Writes new values of a field for old ones: `remap(config.region, values = { europe = "eu" })`.
#[must_use]
#[track_caller]
pub const fn remap(field: &'static str) -> Remap {
    require_field(field);
    Remap { field, values: &[] }
}

/// See [`remap`].
#[derive(Clone, Copy, Debug)]
pub struct Remap {
    field: &'static str,
    values: DefMap,
}

impl Remap {
    /// The new value for each old one; other values stay.
    #[must_use]
    pub const fn values(mut self, values: DefMap) -> Self {
        self.values = values;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            !self.values.is_empty(),
            "`remap` has no values, so nothing would change\nhelp: write `values = {{ old = \"new\" }}`"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl MigrateConfig for Remap {
    fn migrate(&self, config: &mut Map<String, Value>, fields: &'static [ConfigField]) -> Result<()> {
        let field = keys(fields, self.field, config);
        let Some(old) = get(config, &field).and_then(Value::as_str) else { return Ok(()) };
        match self.values.iter().find(|(known, _)| *known == old) {
            Some((_, new)) => put(config, &field, new.to_json()),
            None => Ok(()),
        }
    }
}

/// Removes a key, whose parts are divided by dots.
#[must_use]
#[track_caller]
pub const fn remove(key: &'static str) -> Remove {
    require_key(key);
    Remove { key }
}

/// See [`remove`].
#[derive(Clone, Copy, Debug)]
pub struct Remove {
    key: &'static str,
}

impl Remove {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl MigrateConfig for Remove {
    fn migrate(&self, config: &mut Map<String, Value>, _: &'static [ConfigField]) -> Result<()> {
        take(config, &self.key.split('.').collect::<Vec<_>>());
        Ok(())
    }
}

/// Whatever a function makes of the configuration.
#[must_use]
pub const fn with<Marker, F>(function: F) -> With<Marker, F> {
    With { function, marker: PhantomData }
}

/// See [`with`].
#[derive(Debug)]
pub struct With<Marker, F> {
    function: F,
    marker: PhantomData<fn() -> Marker>,
}

impl<Marker, F: Copy> With<Marker, F> {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

impl<Marker, F: ConfigFunction<Marker>> MigrateConfig for With<Marker, F> {
    fn migrate(&self, config: &mut Map<String, Value>, _: &'static [ConfigField]) -> Result<()> {
        self.function.change(config)
    }
}

/// Marks a function that may fail.
#[derive(Debug)]
pub struct Fallible;
/// Marks a function that cannot fail.
#[derive(Debug)]
pub struct Infallible;
/// Marks a function that fails with a text.
#[derive(Debug)]
pub struct ByText;

/// What may stand in `with(…)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not change a configuration",
    label = "not a function on a configuration",
    note = "it is `fn(&mut Map<String, Json>)`, or the same with `-> Result<()>`; `Map` is `airbyte_runtime::plan::Map`"
)]
pub trait ConfigFunction<Marker>: Sync {
    /// Changes the configuration in place.
    ///
    /// # Errors
    /// Those of the function.
    fn change(&self, config: &mut Map<String, Value>) -> Result<()>;
}

impl<F: Fn(&mut Map<String, Value>) -> Result<()> + Sync> ConfigFunction<Fallible> for F {
    fn change(&self, config: &mut Map<String, Value>) -> Result<()> {
        self(config)
    }
}

impl<F: Fn(&mut Map<String, Value>) + Sync> ConfigFunction<Infallible> for F {
    fn change(&self, config: &mut Map<String, Value>) -> Result<()> {
        self(config);
        Ok(())
    }
}

/// A condition on the whole configuration.
pub trait ValidateConfig: Sync {
    /// Whether the configuration can be used.
    ///
    /// # Errors
    /// Why it cannot.
    fn validate(&self, config: &Config) -> Result<()>;
}

impl ValidateConfig for super::Component<dyn ValidateConfig> {
    fn validate(&self, config: &Config) -> Result<()> {
        self.0.validate(config)
    }
}

/// What may stand behind `validate =`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not validate a `{S}`",
    label = "not a condition on `{S}`",
    note = "it is `fn(&{S}) -> Result<()>`, or `fn(&{S}) -> Result<(), String>` with a sentence for the user"
)]
pub trait ValidateHook<S, Marker>: Sync {
    /// Whether the configuration can be used.
    ///
    /// # Errors
    /// Why it cannot.
    fn validate(&self, source: &S) -> Result<()>;
}

impl<S, F: Fn(&S) -> Result<()> + Sync> ValidateHook<S, Fallible> for F {
    fn validate(&self, source: &S) -> Result<()> {
        self(source)
    }
}

impl<S, F: Fn(&S) -> Result<(), String> + Sync> ValidateHook<S, ByText> for F {
    fn validate(&self, source: &S) -> Result<()> {
        self(source).map_err(Error::config)
    }
}

/// A condition on source `S`.
#[must_use]
pub const fn validate<S, Marker, F: ValidateHook<S, Marker>>(function: F) -> Validate<S, Marker, F> {
    Validate { function, types: PhantomData }
}

/// See [`validate`].
#[derive(Debug)]
pub struct Validate<S, Marker, F> {
    function: F,
    types: PhantomData<fn() -> (S, Marker)>,
}

impl<S: Send + Sync + 'static, Marker, F: ValidateHook<S, Marker>> ValidateConfig for Validate<S, Marker, F> {
    fn validate(&self, config: &Config) -> Result<()> {
        self.function.validate(&*config.typed::<S>()?)
    }
}

#[track_caller]
const fn require_key(key: &str) {
    assert!(!key.is_empty(), "the key is empty\nhelp: write the key as configurations have it");
}

#[track_caller]
const fn require_field(field: &str) {
    assert!(
        matches!(field.as_bytes(), [b'{', b'c', b'o', b'n', b'f', b'i', b'g', b'.', ..]),
        "this is not a field of the source\nhelp: write `config.` and the field's name, without quotes"
    );
}

/// The JSON keys of `{config.a.b}`.
fn keys(fields: &'static [ConfigField], field: &'static str, config: &Map<String, Value>) -> Vec<&'static str> {
    let path = field.trim_matches(['{', '}']);
    json_keys(fields, path.strip_prefix("config.").unwrap_or(path), Some(config))
}

fn get<'c>(config: &'c Map<String, Value>, keys: &[&str]) -> Option<&'c Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(config.get(*first)?, |value, key| value.get(*key))
}

fn take(config: &mut Map<String, Value>, keys: &[&str]) -> Option<Value> {
    match keys {
        [] => None,
        [last] => config.shift_remove(*last),
        [first, rest @ ..] => take(config.get_mut(*first)?.as_object_mut()?, rest),
    }
}

fn put(config: &mut Map<String, Value>, keys: &[&str], value: Value) -> Result<()> {
    match keys {
        [] => Ok(()),
        [last] => {
            config.insert((*last).to_owned(), value);
            Ok(())
        }
        [first, rest @ ..] => match config.entry(*first).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(inner) => put(inner, rest, value),
            _ => Err(Error::config(format!("Config validation error: `{first}` must be an object"))),
        },
    }
}
