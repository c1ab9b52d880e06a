//! `migrate_state = …`: a function that brings states of an older version of the connector up to date.
//!
//! | form | what it does |
//! |---|---|
//! | `migrate_state = from_v1` | whatever `fn(&Value) -> Option<Value>` says |
//! | `migrate_state = legacy_to_per_partition` | [`legacy_to_per_partition`] |

use std::marker::PhantomData;

use serde_json::Value;

use super::record::ByFunction;
use crate::plan::migration;

/// What a stream's state looks like today.
#[derive(Clone, Debug)]
pub struct StateShape {
    /// The first key of a partition.
    pub(crate) partition_key: String,
    /// The key of the cursor.
    pub(crate) cursor_key: String,
}

/// Marks a migration that is a function of the connector.
#[derive(Debug)]
pub struct BuiltIn;

/// What may stand behind `migrate_state =`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not migrate a state",
    label = "not a migration",
    note = "a migration is `fn(state: &Value) -> Option<Value>`: the state in today's form, or `None` if it has it already",
    note = "built-in: `legacy_to_per_partition`"
)]
pub trait StateMigration<Marker>: Send + Sync + 'static {
    /// The state in today's form; `None` if it has that form already.
    fn migrate(&self, state: &Value, shape: &StateShape) -> Option<Value>;
}

impl<F: Fn(&Value) -> Option<Value> + Send + Sync + 'static> StateMigration<ByFunction> for F {
    fn migrate(&self, state: &Value, _shape: &StateShape) -> Option<Value> {
        self(state)
    }
}

impl<F: Fn(&Value, &StateShape) -> Option<Value> + Send + Sync + 'static> StateMigration<BuiltIn> for F {
    fn migrate(&self, state: &Value, shape: &StateShape) -> Option<Value> {
        self(state, shape)
    }
}

/// From `{"<id>": {"<cursor>": value}}`, in which connectors of old kept the state of each parent, to a state by
/// partition.
#[must_use]
pub fn legacy_to_per_partition(state: &Value, shape: &StateShape) -> Option<Value> {
    migration::legacy_to_per_partition(state, &shape.partition_key, &shape.cursor_key)
}

/// A migration with its types erased, so that it can stand in a [`StreamDef`](super::StreamDef).
pub trait MigrationDef: Send + Sync {
    /// The state in today's form; `None` if it has that form already.
    fn migrate(&self, state: &Value, shape: &StateShape) -> Option<Value>;
}

/// See [`migrate_state`].
#[derive(Debug)]
pub struct Migration<Marker, F> {
    function: F,
    marker: PhantomData<fn() -> Marker>,
}

/// The migration of a stream's states.
#[must_use]
pub const fn migrate_state<Marker, F: StateMigration<Marker>>(function: F) -> Migration<Marker, F> {
    Migration { function, marker: PhantomData }
}

impl<Marker, F: StateMigration<Marker>> MigrationDef for Migration<Marker, F> {
    fn migrate(&self, state: &Value, shape: &StateShape) -> Option<Value> {
        self.function.migrate(state, shape)
    }
}

impl MigrationDef for super::Component<dyn MigrationDef> {
    fn migrate(&self, state: &Value, shape: &StateShape) -> Option<Value> {
        self.0.migrate(state, shape)
    }
}

/// A migration, and the form that it leads to.
pub(crate) struct Migrate {
    pub(crate) migration: &'static dyn MigrationDef,
    pub(crate) shape: StateShape,
}

impl crate::plan::MigrateState for Migrate {
    fn migrate(&self, state: &Value) -> Option<Value> {
        self.migration.migrate(state, &self.shape)
    }
}
