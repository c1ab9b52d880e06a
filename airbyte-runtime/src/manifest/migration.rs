//! States of older versions of a manifest's stream.

use std::sync::Arc;

use serde_json::Value;

use airbyte_manifest::model::{DeclarativeStream, IncrementalSync, OneOrMany, PartitionRouter, StateMigration};

use super::components::Migrations;
use super::lowering::Lowering;
use crate::error::Result;
use crate::plan::MigrateState;
use crate::plan::migration::legacy_to_per_partition;

impl Lowering<'_> {
    /// The migrations of a stream, if it has some.
    ///
    /// # Errors
    /// A class that is not registered.
    pub(super) fn migration(
        &self,
        model: &DeclarativeStream,
        routers: Option<&OneOrMany<PartitionRouter>>,
    ) -> Result<Option<Arc<dyn MigrateState>>> {
        let mut migrations: Vec<Arc<dyn MigrateState>> = Vec::new();
        for migration in &model.state_migrations {
            match migration {
                StateMigration::LegacyToPerPartitionStateMigration(_) => {
                    migrations.extend(routers.and_then(|routers| legacy(model, routers)));
                }
                StateMigration::CustomStateMigration(custom) => {
                    migrations.push(self.registry.make_state_migration(custom, self.config)?);
                }
            }
        }
        Ok((!migrations.is_empty()).then(|| Arc::new(Migrations(migrations)) as Arc<_>))
    }
}

fn legacy(model: &DeclarativeStream, routers: &OneOrMany<PartitionRouter>) -> Option<Arc<dyn MigrateState>> {
    let Some(IncrementalSync::DatetimeBasedCursor(cursor)) = &model.incremental_sync else { return None };
    let router = match routers {
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
        legacy_to_per_partition(state, &self.partition_field, &self.cursor_field)
    }
}
