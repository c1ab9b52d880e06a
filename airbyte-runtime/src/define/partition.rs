//! `partition = …` and `parent = …`: the parts that a stream is read in.
//!
//! | form | one partition for each |
//! |---|---|
//! | `list(region = ["eu", "us"])` | value of the list |
//! | `list(repository = config.repositories)` | entry of a configured list |
//! | `parent = Project` | record of another stream |
//! | `parent = Project(id as project_id)` | the same, with the name that the state uses |
//! | `[a, b]` | combination |
//! | `list(shard = with(shards))` | value that a function gives |
//! | `union(a, b)` | value of the one or the other, each once |
//! | `group(10, a)` | ten values, as lists |
//!
//! In `union` and `group`, `parents` stands for the records of `parent = …`.
//! A partition's value stands in templates as `{partition.region}`, a parent's field as `{parent.id}`.
//! A type of your own that implements [`PartitionRouter`] and [`PartitionKeys`] stands here as well.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::inject::{Inject, inject_methods};
use super::stream::{Stream, StreamDef};
use super::value::Value;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::plan::{self, ParentPlan, PartitionPlan, PartitionRouter};
use crate::rules::text::{Text, same};

/// What an attribute says of partitions; implemented by [`list`] and by every [`PartitionRouter`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a partition router",
    label = "not a partition router",
    note = "built-in: `list(name = [\"a\", \"b\"])`, `list(name = config.field)`",
    note = "a type of your own implements `airbyte_runtime::plan::PartitionRouter` and `PartitionKeys`"
)]
pub trait PartitionDef: Sync {
    /// What the engine does, with the configuration filled in.
    ///
    /// # Errors
    /// A list that the configuration lacks is a config error.
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned>;
}

/// What a partition is lowered with.
pub struct Scope<'a> {
    pub(crate) config: &'a Config,
    /// The records of `parent = …`, until a partition takes them.
    pub(crate) parents: Vec<ParentPlan>,
    /// Where the values go in a request, by their keys.
    pub(crate) options: Vec<(String, plan::request::Inject)>,
}

impl std::fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope").field("parents", &self.parents.len()).finish_non_exhaustive()
    }
}

/// A partition as the engine runs it.
pub struct Planned(pub(crate) PartitionPlan);

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planned").finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl<R: PartitionRouter> PartitionDef for R {
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned> {
        scope.options.extend(self.options());
        Ok(Planned(PartitionPlan::Routed(Arc::new(self))))
    }
}

#[diagnostic::do_not_recommend]
impl PartitionDef for super::Component<dyn PartitionDef> {
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned> {
        self.0.plan(scope)
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

/// One partition for each value: `list(region = ["eu", "us"])`, `list(repository = config.repositories)`,
/// `list(shard = with(shards))`.
#[must_use]
pub const fn list<V: Copy>(key: &'static str, values: V) -> List<V> {
    List { key, values, option: None }
}

/// The values that a function gives, where only code can say them: `list(shard = with(shards))`, where
/// `async fn shards(source: &MySource) -> Result<Vec<String>>`.
#[must_use]
pub const fn with<S, T, F: ListFunction<S, T> + Copy>(function: F) -> With<S, T, F> {
    With { function, types: PhantomData }
}

/// What may stand behind `with`: an `async fn` of the source that gives the values of a list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not give the values of a list",
    label = "not a list's function",
    note = "it is an `async fn(source: &MySource) -> Result<Vec<String>>`; numbers may stand in place of `String`"
)]
pub trait ListFunction<S, T>: Send + Sync + 'static {
    /// Gives the values.
    fn values<'a>(&'a self, source: &'a S) -> LocalBoxFuture<'a, Result<Vec<T>>>;
}

#[diagnostic::do_not_recommend]
impl<S, T, F> ListFunction<S, T> for F
where
    F: AsyncFn(&S) -> Result<Vec<T>> + Send + Sync + 'static,
{
    fn values<'a>(&'a self, source: &'a S) -> LocalBoxFuture<'a, Result<Vec<T>>> {
        Box::pin(self(source))
    }
}

/// See [`with`].
pub struct With<S, T, F> {
    function: F,
    types: PhantomData<fn(&S) -> T>,
}

impl<S, T, F: Copy> Clone for With<S, T, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, T, F: Copy> Copy for With<S, T, F> {}

impl<S, T, F> std::fmt::Debug for With<S, T, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("With").finish_non_exhaustive()
    }
}

/// See [`list`].
#[derive(Clone, Copy, Debug)]
pub struct List<V> {
    key: &'static str,
    values: V,
    option: Option<Inject>,
}

impl<V: Copy> List<V> {
    inject_methods!(option, "partition's value", param, header, body, form);

    fn option(&self, scope: &mut Scope<'_>) {
        scope.options.extend(self.option.map(|place| (self.key.to_owned(), place.into())));
    }
}

impl List<Value> {
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

impl<S, T, F> List<With<S, T, F>> {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self
    where
        F: Copy,
    {
        self
    }
}

#[diagnostic::do_not_recommend]
impl PartitionDef for List<Value> {
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned> {
        self.option(scope);
        let values = scope.config.list(self.values)?;
        Ok(Planned(PartitionPlan::Routed(Arc::new(plan::partition::List { key: self.key.to_owned(), values }))))
    }
}

#[diagnostic::do_not_recommend]
impl<S, T, F> PartitionDef for List<With<S, T, F>>
where
    S: Send + Sync + 'static,
    T: Serialize + 'static,
    F: ListFunction<S, T> + Copy,
{
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned> {
        self.option(scope);
        Ok(Planned(PartitionPlan::Routed(Arc::new(Computed(self)))))
    }
}

/// A list whose values a function gives.
struct Computed<S: 'static, T: 'static, F: 'static>(&'static List<With<S, T, F>>);

impl<S, T, F> PartitionRouter for Computed<S, T, F>
where
    S: Send + Sync + 'static,
    T: Serialize + 'static,
    F: ListFunction<S, T> + Copy,
{
    fn partitions<'a>(&'a self, config: &'a Config) -> LocalBoxFuture<'a, Result<Vec<Map<String, Json>>>> {
        Box::pin(async move {
            let source: Arc<S> = config.typed()?;
            let values = self.0.values.function.values(&source).await?;
            let partition = |value: T| {
                let value = serde_json::to_value(value).map_err(|error| {
                    Error::system(format!("a value of partition `{}` is no JSON", self.0.key)).with_source(error)
                })?;
                Ok(Map::from_iter([(self.0.key.to_owned(), value)]))
            };
            values.into_iter().map(partition).collect()
        })
    }
}

/// What `union` and `group` hold: the keys that the members name, and the members.
#[derive(Clone, Copy, Debug)]
pub struct Members {
    keys: &'static [&'static str],
    members: &'static [&'static dyn PartitionDef],
}

impl std::fmt::Debug for dyn PartitionDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PartitionDef")
    }
}

/// The members of a [`union`] or [`group`].
#[must_use]
pub const fn members(keys: &'static [&'static str], members: &'static [&'static dyn PartitionDef]) -> Members {
    Members { keys, members }
}

/// The values of several partitions under one name, each once: `union(list(repository = config.repositories), parents)`.
#[must_use]
#[track_caller]
pub const fn union(members: Members) -> Union {
    assert!(
        members.members.len() > 1,
        "a union of one partition is that partition\nhelp: name another one behind a comma, or write the partition alone"
    );
    let mut at = 1;
    while at < members.keys.len() {
        if !same(members.keys[0], members.keys[at]) {
            let text = Text::new()
                .push("the partitions of a union have one name, but these have `")
                .push(members.keys[0])
                .push("` and `")
                .push(members.keys[at])
                .push("`\nhelp: give them the same name; every combination of two is `[a, b]`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
    assert!(
        !members.keys.is_empty(),
        "a union of parents has no name\nhelp: several parents are `parent = [A(id), B(id)]`"
    );
    Union { members }
}

/// See [`union`].
#[derive(Clone, Copy, Debug)]
pub struct Union {
    members: Members,
}

impl Union {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl PartitionDef for Union {
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned> {
        let field = self.members.keys.first().copied().unwrap_or_default().to_owned();
        Ok(Planned(PartitionPlan::Union { field, members: self.members.plan(scope)? }))
    }
}

/// Several values at a time, for an API that takes a list of them: `group(10, list(id = config.ids))`. A placeholder
/// `{partition.id}` is a list then, which a query repeats.
#[must_use]
#[track_caller]
pub const fn group(size: usize, members: Members) -> Group {
    assert!(size > 0, "a group of no values asks for nothing\nhelp: write how many values one request may hold");
    assert!(
        members.members.len() == 1,
        "a group is of one partition\nhelp: write `group(10, union(a, b))` for the values of several"
    );
    Group { size, members, deduplicate: true }
}

/// See [`group`].
#[derive(Clone, Copy, Debug)]
pub struct Group {
    size: usize,
    members: Members,
    deduplicate: bool,
}

impl Group {
    /// Whether a value that comes twice stands in one group only; so it is, if it is not set.
    #[must_use]
    pub const fn deduplicate(mut self, enabled: bool) -> Self {
        self.deduplicate = enabled;
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl PartitionDef for Group {
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned> {
        let member = self.members.plan(scope)?.pop().unwrap_or(PartitionPlan::Whole);
        Ok(Planned(PartitionPlan::Group { size: self.size, deduplicate: self.deduplicate, member: Box::new(member) }))
    }
}

impl Members {
    fn plan(&self, scope: &mut Scope<'_>) -> Result<Vec<PartitionPlan>> {
        self.members.iter().map(|member| member.plan(scope).map(|planned| planned.0)).collect()
    }
}

/// The records of `parent = …`, inside of [`union`] and [`group`].
#[must_use]
pub const fn parents() -> Parents {
    Parents
}

/// See [`parents`].
#[derive(Clone, Copy, Debug)]
pub struct Parents;

impl Parents {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl PartitionDef for Parents {
    fn plan(&'static self, scope: &mut Scope<'_>) -> Result<Planned> {
        match scope.parents.is_empty() {
            false => Ok(Planned(PartitionPlan::Parents(std::mem::take(&mut scope.parents)))),
            true => Err(Error::system("`parents` stands twice in a partition, or there is no `parent`")),
        }
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
    /// Whether the parent has a cursor.
    pub(crate) interval: bool,
    pub(crate) incremental: bool,
    pub(crate) new_only: bool,
    pub(crate) extra: &'static [&'static str],
    pub(crate) option: Option<Inject>,
}

impl ParentDef {
    /// The parent stream `P`; `keys` pairs a field (or partition key) of the parent with its name in the child's partition.
    #[must_use]
    pub const fn of<P: Stream>(keys: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            stream: P::definition,
            keys,
            name: P::NAME,
            fields: P::FIELDS,
            partition: P::PARTITION,
            interval: P::INTERVAL,
            incremental: false,
            new_only: false,
            extra: &[],
            option: None,
        }
    }

    /// Only children of parents that have changed since the child's last sync are read: the parent is asked from where
    /// it was then, which the child's state keeps. Both streams need a cursor.
    #[must_use]
    #[track_caller]
    pub const fn incremental_dependency(mut self, enabled: bool) -> Self {
        if enabled && !self.interval {
            let text = Text::new()
                .push("parent stream `")
                .push(self.name)
                .push("` has no cursor, so it does not know which of its records changed\nhelp: give it one, as in `cursor = datetime(updated_at)`, or take `incremental_dependency` out");
            panic!("{}", text.as_str());
        }
        self.incremental = enabled;
        self
    }

    /// Children are read once: those of a parent that an earlier sync read to their end are not asked for again. The
    /// state remembers 131,072 parents at most; the children of others are read by every sync.
    #[must_use]
    pub const fn new_parents_only(mut self, enabled: bool) -> Self {
        self.new_only = enabled;
        self
    }

    /// Fields of the parent that templates may use as `{parent.name}` and that do not name the partition: they are not
    /// in the state, so a change of them changes nothing.
    #[must_use]
    pub const fn extra_fields(mut self, fields: &'static [&'static str]) -> Self {
        self.extra = fields;
        self
    }

    inject_methods!(option, "parent's value", param, header, body, form);
}
