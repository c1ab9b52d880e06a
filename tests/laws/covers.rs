//! What a state says that need not be read again.

use jiff::SignedDuration;
use serde_json::Value;

use super::api::{Row, bound};

/// Whether a state says that this row need not be read again.
///
/// A sync that goes on begins at the state's value, so only what lies strictly before it is covered.
pub(crate) fn covers(blob: &Value, row: &Row, lookback: SignedDuration) -> bool {
    let before = |cursor: &Value| {
        let reached = cursor["updated_at"].as_str().map(|text| bound(text, false));
        reached.is_some_and(|reached| row.updated_at < reached - lookback)
            || cursor["id"].as_u64().is_some_and(|id| row.id < id)
    };
    let entries = blob["states"].as_array();
    match entries.into_iter().flatten().find(|entry| is_of(row, &entry["partition"])) {
        Some(entry) => before(&entry["cursor"]),
        // A partition that the state does not know goes on from the value of the whole stream.
        None => before(blob.get("state").unwrap_or(blob)),
    }
}

/// Whether a row belongs to a partition, by each of the keys that it has.
fn is_of(row: &Row, partition: &Value) -> bool {
    let is_project = |project: &Value| match project.as_array() {
        Some(group) => group.iter().any(|project| *project == row.project),
        None => *project == row.project,
    };
    partition.get("region").is_none_or(|region| *region == row.region)
        && partition.get("project").is_none_or(is_project)
}
