//! `partition = …` and `parent = …`: the parts that a stream is read in.
//!
//! | form | one partition for each |
//! |---|---|
//! | `list(region = ["eu", "us"])` | value of the list |
//! | `list(repository = config.repositories)` | entry of a configured list |
//! | `parent = Project` | record of another stream |
//! | `parent = Project(id as project_id)` | the same, with the name that the state uses |
//! | `[a, b]` | combination |
//!
//! A partition's value stands in templates as `{partition.region}`, a parent's field as `{parent.id}`.
//! A type of your own that implements [`PartitionRouter`] and [`PartitionKeys`] stands here as well.

use std::sync::Arc;

use super::inject::{Inject, inject_methods};
use super::stream::{Stream, StreamDef};
use super::value::Value;
use crate::config::Config;
use crate::error::Result;
use crate::plan::{self, PartitionRouter};

/// What an attribute says of partitions; implemented by [`list`] and by every [`PartitionRouter`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a partition router",
    label = "not a partition router",
    note = "built-in: `list(name = [\"a\", \"b\"])`, `list(name = config.field)`",
    note = "a type of your own implements `airbyte_runtime::plan::PartitionRouter` and `PartitionKeys`"
)]
pub trait PartitionDef: Sync {
    /// The component that the engine runs, with the configuration filled in.
    ///
    /// # Errors
    /// A list that the configuration lacks is a config error.
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn PartitionRouter>>;
}

#[diagnostic::do_not_recommend]
impl<R: PartitionRouter> PartitionDef for R {
    fn plan(&'static self, _config: &Config) -> Result<Arc<dyn PartitionRouter>> {
        Ok(Arc::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl PartitionDef for super::Component<dyn PartitionDef> {
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn PartitionRouter>> {
        self.0.plan(config)
    }
}

/// The names that a partition router of your own gives to its values, so that `{partition.…}` is checked while compiling.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which keys its partitions have",
    label = "no `PartitionKeys`",
    note = "write `impl PartitionKeys for {Self} {{ const KEYS: &'static [&'static str] = &[\"…\"]; }}`, so that `{{partition.…}}` is checked"
)]
pub trait PartitionKeys {
    /// The keys of every partition.
    const KEYS: &'static [&'static str];
}

/// One partition for each value: `list(region = ["eu", "us"])`, `list(repository = config.repositories)`.
#[must_use]
pub const fn list(key: &'static str, values: Value) -> List {
    List { key, values, option: None }
}

/// See [`list`].
#[derive(Clone, Copy, Debug)]
pub struct List {
    key: &'static str,
    values: Value,
    option: Option<Inject>,
}

impl List {
    inject_methods!(option, "partition's value", param, header, body, form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        if let Value::List(values) = self.values {
            assert!(
                !values.is_empty(),
                "this list has no values, so nothing would be read\nhelp: name at least one, e.g. `[\"eu\"]`"
            );
        }
        self
    }
}

#[diagnostic::do_not_recommend]
impl PartitionDef for List {
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn PartitionRouter>> {
        Ok(Arc::new(plan::partition::List {
            key: self.key.to_owned(),
            values: config.list(self.values)?,
            option: self.option.map(Into::into),
        }))
    }
}

/// A parent stream: which of its fields name a partition, and what the names in a child's `{parent.…}` may refer to.
#[derive(Clone, Copy, Debug)]
pub struct ParentDef {
    pub(crate) stream: fn() -> &'static StreamDef,
    /// `(what the parent calls it, what the partition calls it)`.
    pub(crate) keys: &'static [(&'static str, &'static str)],
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [super::stream::Field],
    pub(crate) partition: &'static [&'static str],
}

impl ParentDef {
    /// The parent stream `P`; `keys` pairs a field (or partition key) of the parent with its name in the child's partition.
    #[must_use]
    pub const fn of<P: Stream>(keys: &'static [(&'static str, &'static str)]) -> Self {
        Self { stream: P::definition, keys, name: P::NAME, fields: P::FIELDS, partition: P::PARTITION }
    }
}
