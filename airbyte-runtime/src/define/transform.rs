//! `transform = …`: what is changed in a record, one step after the other.
//!
//! | form | what it does |
//! |---|---|
//! | a function | `fn(&mut Record)`, a closure, or a type that implements [`RecordTransformation`](crate::plan::RecordTransformation) |
//! | [`remove("a.b")`](remove) | takes fields out |
//! | [`add("a.b", "{partition.x}")`](add) | writes a field |
//! | [`replace_keys("-", "_")`](replace_keys) | replaces a text in the names of fields |
//! | [`lower_case_keys()`](lower_case_keys) | names in lower case |
//! | [`snake_case_keys()`](snake_case_keys) | names in snake case; needs the feature `snake_case` |
//! | [`flatten()`](flatten) | lifts every nested value to the top |
//! | [`flatten_path("a.b")`](flatten_path) | lifts the members of one nested object to the top |
//! | [`normalize()`](normalize) | brings values into the types of the columns |
//!
//! A step of this module is written with parentheses, also where it has no arguments: a lone name is a function.

use std::sync::Arc;

use serde_json::Value;

use super::record::{Hook, TransformHook};
use super::stream::StreamDef;
use crate::config::Config;
use crate::error::Result;
use crate::plan::Slice;
use crate::plan::dpath::Dpath;
use crate::plan::normalize::Normalizer;
use crate::plan::record::{ChangeRecord, RecordCell};
use crate::plan::template::{Escape, Filled, Template};
use crate::plan::transform::{self, TransformScope, Transformation};
use crate::rules::text::Text;

/// What an attribute says of a step; implemented by the functions of this module and by every hook.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a step of `transform`",
    label = "not a step",
    note = "built-in: `remove`, `add`, `replace_keys`, `lower_case_keys`, `snake_case_keys`, `flatten`, `flatten_path`, `normalize`",
    note = "a function of your own stands there by its name, without parentheses"
)]
pub trait TransformDef: Sync {
    /// The step that the engine runs for a stream.
    ///
    /// # Errors
    /// Values that the configuration lacks.
    fn plan(&'static self, stream: &StreamDef, config: &Config) -> Result<Arc<dyn ChangeRecord>>;
}

impl<T: 'static, Marker: 'static, F: TransformHook<T, Marker> + 'static> TransformDef for Hook<T, Marker, F> {
    fn plan(&'static self, _: &StreamDef, _: &Config) -> Result<Arc<dyn ChangeRecord>> {
        Ok(Arc::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl TransformDef for super::Component<dyn TransformDef> {
    fn plan(&'static self, stream: &StreamDef, config: &Config) -> Result<Arc<dyn ChangeRecord>> {
        self.0.plan(stream, config)
    }
}

/// Takes the fields at a path out: `remove("internal.notes")`.
///
/// Keys are joined by dots; `*` is any key or position, `**` any number of levels.
/// What is not there need not be removed.
#[must_use]
#[track_caller]
pub const fn remove(path: &'static str) -> Remove {
    require_path("remove", path);
    Remove { path }
}

/// See [`remove`].
#[derive(Clone, Copy, Debug)]
pub struct Remove {
    path: &'static str,
}

/// Writes a field: `add("origin.region", "{partition.region}")`.
///
/// The value is a [template](macro@crate::stream#templates): a single placeholder keeps its JSON type, and where it has
/// no value the field is left out.
/// What depends on the record itself is a function's work.
#[must_use]
#[track_caller]
pub const fn add(path: &'static str, value: &'static str) -> Add {
    require_path("add", path);
    let mut at = 0;
    while at < path.len() {
        if path.as_bytes()[at] == b'*' {
            panic!(
                "a field is written at one place, and this path has a `*`\nhelp: name each key, as in \"origin.region\""
            );
        }
        at += 1;
    }
    Add { path, value }
}

/// See [`add`].
#[derive(Clone, Copy, Debug)]
pub struct Add {
    path: &'static str,
    value: &'static str,
}

/// Replaces a text in the names of all fields, also in nested objects, but not in lists: `replace_keys("-", "_")`.
///
/// Where two names become one, the later value stays.
#[must_use]
#[track_caller]
pub const fn replace_keys(old: &'static str, new: &'static str) -> ReplaceKeys {
    if old.is_empty() {
        panic!(
            "an empty text cannot be replaced\nhelp: write what stands in the names, as in `replace_keys(\"-\", \"_\")`"
        );
    }
    ReplaceKeys { old, new }
}

/// See [`replace_keys`].
#[derive(Clone, Copy, Debug)]
pub struct ReplaceKeys {
    old: &'static str,
    new: &'static str,
}

/// Writes the names of the topmost fields in lower case: `lower_case_keys()`.
#[must_use]
pub const fn lower_case_keys() -> LowerCaseKeys {
    LowerCaseKeys
}

/// See [`lower_case_keys`].
#[derive(Clone, Copy, Debug)]
pub struct LowerCaseKeys;

/// Writes all names in snake case, also in nested objects, but not in lists: `snake_case_keys()` makes `user_id` of
/// `userId` and of `User ID`.
#[cfg(feature = "snake_case")]
#[must_use]
pub const fn snake_case_keys() -> SnakeCaseKeys {
    SnakeCaseKeys
}

/// See [`snake_case_keys`].
#[cfg(feature = "snake_case")]
#[derive(Clone, Copy, Debug)]
pub struct SnakeCaseKeys;

/// Lifts every nested value to the top: `flatten()` makes `{"id": 1, "city": "Oslo"}` of
/// `{"id": 1, "address": {"city": "Oslo"}}`.
///
/// A name that is taken gets its parent's in front, as in `address.id`.
#[must_use]
pub const fn flatten() -> Flatten {
    Flatten { lists: true }
}

/// See [`flatten`].
#[derive(Clone, Copy, Debug)]
pub struct Flatten {
    lists: bool,
}

impl Flatten {
    /// Whether the elements of lists are lifted, too, named by their position; they are unless it is `false`.
    #[must_use]
    pub const fn flatten_lists(mut self, lists: bool) -> Self {
        self.lists = lists;
        self
    }
}

/// Lifts the members of one nested object to the top: `flatten_path("attributes", delete_origin_value = true)`.
///
/// Nothing happens to a record that has a field of one of their names already.
#[must_use]
#[track_caller]
pub const fn flatten_path(path: &'static str) -> FlattenPath {
    require_path("flatten_path", path);
    FlattenPath { path, delete_origin_value: false, replace_record: false, prefix: "", suffix: "" }
}

/// See [`flatten_path`].
#[derive(Clone, Copy, Debug)]
pub struct FlattenPath {
    path: &'static str,
    delete_origin_value: bool,
    replace_record: bool,
    prefix: &'static str,
    suffix: &'static str,
}

impl FlattenPath {
    /// Whether the nested object itself is taken out.
    #[must_use]
    pub const fn delete_origin_value(mut self, delete: bool) -> Self {
        self.delete_origin_value = delete;
        self
    }

    /// Whether nothing but the lifted members stays.
    #[must_use]
    pub const fn replace_record(mut self, replace: bool) -> Self {
        self.replace_record = replace;
        self
    }

    /// What is put in front of each lifted name.
    #[must_use]
    pub const fn prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }

    /// What is put behind each lifted name.
    #[must_use]
    pub const fn suffix(mut self, suffix: &'static str) -> Self {
        self.suffix = suffix;
        self
    }
}

/// Brings values into the types of the struct's columns: `normalize()` makes `1` of `"1"` in a column of type `u64`.
///
/// What cannot be converted stays as it is, and a warning says so. Functions behind it get the converted values.
#[must_use]
pub const fn normalize() -> Normalize {
    Normalize
}

/// See [`normalize`].
#[derive(Clone, Copy, Debug)]
pub struct Normalize;

/// A path of keys; none of them is empty.
#[track_caller]
const fn require_path(what: &str, path: &str) {
    let bytes = path.as_bytes();
    let mut at = 0;
    let mut key = 0;
    while at <= bytes.len() {
        if at == bytes.len() || bytes[at] == b'.' {
            if key == 0 {
                let text = Text::new()
                    .push("`")
                    .push(what)
                    .push("` has a path with an empty key: \"")
                    .push(path)
                    .push("\"\nhelp: keys are joined by single dots, as in \"address.city\"");
                panic!("{}", text.as_str());
            }
            key = 0;
        } else {
            key += 1;
        }
        at += 1;
    }
}

fn dpath(path: &str) -> Dpath {
    Dpath::of_texts(path.split('.'))
}

/// Writes what every step without a value from the configuration has: `build`, and its place in a plan.
macro_rules! steps {
    ($($(#[$meta:meta])* $step:ident => |$self:ident, $stream:ident| $make:expr;)*) => {$(
        $(#[$meta])*
        impl $step {
            /// Ends the definition.
            #[must_use]
            pub const fn build(self) -> Self {
                self
            }
        }

        $(#[$meta])*
        #[diagnostic::do_not_recommend]
        impl TransformDef for $step {
            fn plan(&'static self, $stream: &StreamDef, _: &Config) -> Result<Arc<dyn ChangeRecord>> {
                let $self = self;
                Ok(Arc::new(Step($make)))
            }
        }
    )*};
}

steps! {
    Remove => |step, _stream| RemovePaths(vec![dpath(step.path)]);
    ReplaceKeys => |step, _stream| RenameKeys { old: step.old, new: step.new };
    LowerCaseKeys => |_step, _stream| transform::KeysToLower;
    #[cfg(feature = "snake_case")]
    SnakeCaseKeys => |_step, _stream| transform::KeysToSnakeCase;
    Flatten => |step, _stream| transform::FlattenFields::new(step.lists);
    FlattenPath => |step, _stream| transform::DpathFlattenFields::new(
        dpath(step.path),
        step.delete_origin_value,
        step.replace_record,
        transform::KeyTransformation { prefix: step.prefix.to_owned(), suffix: step.suffix.to_owned() },
    );
    Normalize => |_step, stream| Normalizer::new(&(stream.schema)());
}

impl Add {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl TransformDef for Add {
    fn plan(&'static self, _: &StreamDef, config: &Config) -> Result<Arc<dyn ChangeRecord>> {
        let value = match Template::fill(self.value, config, Escape::Nothing)? {
            Filled::Template(value) => Some(value),
            // An optional config field that is not set adds nothing.
            Filled::Absent(_) => None,
        };
        Ok(Arc::new(AddField { path: dpath(self.path), value }))
    }
}

/// A step that needs nothing but the record.
struct Step<T>(T);

impl<T: Transformation> ChangeRecord for Step<T> {
    fn transform(&self, record: &mut RecordCell<'_>, _: &Slice) -> Result<()> {
        record.change_value(|value| self.0.transform(value, &TransformScope::nothing()))
    }
}

struct AddField {
    path: Dpath,
    value: Option<Template>,
}

impl ChangeRecord for AddField {
    fn transform(&self, record: &mut RecordCell<'_>, slice: &Slice) -> Result<()> {
        let value = self.value.as_ref().map(|value| value.evaluate(slice)).transpose()?;
        match value.flatten() {
            Some(value) if !value.is_null() => record.change_value(|record| self.path.create(record, value)),
            _ => Ok(()),
        }
    }
}

struct RemovePaths(Vec<Dpath>);

impl Transformation for RemovePaths {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        self.0.iter().try_for_each(|path| path.delete(record).map(drop))
    }
}

struct RenameKeys {
    old: &'static str,
    new: &'static str,
}

impl Transformation for RenameKeys {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        if let Value::Object(record) = record {
            transform::rename(record, &|key| key.replace(self.old, self.new));
        }
        Ok(())
    }
}

impl Transformation for Normalizer {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        for warning in self.normalize(record) {
            tracing::warn!("{}", warning.message);
        }
        Ok(())
    }
}
