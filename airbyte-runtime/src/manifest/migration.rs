//! States of older versions of a manifest's stream.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use airbyte_manifest::model::{DeclarativeStream, IncrementalSync, OneOrMany, PartitionRouter, StateMigration};

use crate::plan::MigrateState;

/// The migration of a stream, if it has one.
pub(super) fn migration(
    model: &DeclarativeStream,
    routers: Option<&OneOrMany<PartitionRouter>>,
) -> Option<Arc<dyn MigrateState>> {
    let wanted = model
        .state_migrations
        .iter()
        .any(|migration| matches!(migration, StateMigration::LegacyToPerPartitionStateMigration(_)));
    let Some(IncrementalSync::DatetimeBasedCursor(cursor)) = model.incremental_sync.as_ref().filter(|_| wanted) else {
        return None;
    };
    let router = match routers? {
        OneOrMany::One(router) => router,
        OneOrMany::Many(routers) => routers.first()?,
    };
    let PartitionRouter::SubstreamPartitionRouter(substream) = router else { return None };
    let [parent] = substream.parent_stream_configs.as_slice() else { return None };
    Some(Arc::new(LegacyToPerPartition {
        partition_field: parent.partition_field.text.clone(),
        cursor_field: cursor.cursor_field.text.clone(),
    }))
}

/// From `{"<id>": {"<cursor field>": value}}` to a state by partition.
struct LegacyToPerPartition {
    partition_field: String,
    cursor_field: String,
}

impl MigrateState for LegacyToPerPartition {
    fn migrate(&self, state: &Value) -> Option<Value> {
        let object = state.as_object().filter(|object| !object.is_empty())?;
        let mut states = Vec::with_capacity(object.len());
        for (id, cursor) in object {
            let cursor =
                cursor.as_object().filter(|cursor| cursor.len() == 1 && cursor.contains_key(&self.cursor_field))?;
            let partition = Map::from_iter([(self.partition_field.clone(), Value::from(id.as_str()))]);
            states.push(json!({"partition": partition, "cursor": cursor}));
        }
        Some(json!({"states": states}))
    }
}
