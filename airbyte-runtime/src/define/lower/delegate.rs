//! Choosing between the two ways in which a stream is read: the one of the first sync, and the one that goes on from it.

use serde_json::Value;

use crate::define::full_refresh::FullRefreshDef;
use crate::define::stream::StreamDef;
use crate::error::{Error, Result};
use crate::plan::StreamPlan;
use crate::protocol::without_sentinels;
use crate::time::{Duration, Moment};

/// The stream as it is read with this state: as it is, or, without a state or with one that is too old, as the other one
/// is, whose plan `one_way` makes.
///
/// # Errors
/// Streams whose cursors are different fields: neither could go on from the state of the other.
pub(super) fn choose(
    stream: StreamPlan,
    other: &FullRefreshDef,
    state: Option<&Value>,
    one_way: impl FnOnce(&'static StreamDef) -> Result<StreamPlan>,
) -> Result<StreamPlan> {
    let first = one_way((other.stream)())?;
    let key = |stream: &StreamPlan| stream.cursor.as_ref().map(|cursor| cursor.key.clone());
    if key(&first) != key(&stream) {
        return Err(Error::system(format!(
            "its cursor is `{}`, and that of its `full_refresh` is `{}`; one state has to serve both",
            key(&stream).unwrap_or_default(),
            key(&first).unwrap_or_default()
        )));
    }
    let migrated = state.zip(stream.migrate_state.as_ref()).and_then(|(state, migration)| migration.migrate(state));
    let state = migrated.as_ref().or(state).and_then(without_sentinels).filter(|state| says_something(state));
    let is_too_old = match (&state, other.api_retention_period) {
        (Some(state), Some(period)) => is_older(&stream, state, period),
        _ => false,
    };
    if state.is_some() && !is_too_old {
        return Ok(stream);
    }
    if is_too_old {
        tracing::warn!(
            "stream `{}`: its state is older than what the API still knows of changes, so everything is read again",
            stream.name
        );
    }
    Ok(StreamPlan {
        cursor: first.cursor,
        memory: first.memory,
        partitions: first.partitions,
        retriever: first.retriever,
        hooks: first.hooks,
        files: first.files,
        tolerance: first.tolerance,
        forgets_state: is_too_old,
        ..stream
    })
}

/// Whether a state has more than what the engine notes down for itself, such as jobs that were begun.
fn says_something(state: &Value) -> bool {
    state.as_object().is_some_and(|state| state.keys().any(|key| !key.starts_with("__")))
}

/// Whether a state ends before the period up to now; one whose time cannot be read may as well.
fn is_older(stream: &StreamPlan, state: &Value, period: Duration) -> bool {
    let Some(cutoff) = period.subtract_from(Moment::now()) else { return false };
    let Some(cursor) = &stream.cursor else { return true };
    let reached = |state: &Value| Some(cursor.state_position(state.get(&cursor.key)?).ok()?.order);
    let newest = match state.get("state") {
        _ if !stream.is_partitioned() => reached(state),
        // What all partitions share.
        Some(shared) => reached(shared),
        // Before a sync was complete only the partitions are known; the newest of them tells when they were read.
        None => {
            let partitions = state.get("states").and_then(Value::as_array).into_iter().flatten();
            partitions.filter_map(|partition| reached(partition.get("cursor")?)).max()
        }
    };
    newest.is_none_or(|newest| newest < cutoff.epoch_nanos())
}
