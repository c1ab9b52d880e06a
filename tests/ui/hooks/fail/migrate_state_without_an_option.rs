//! A migration of states cannot say that a state has its form already.
// Underlined: `from_v1`.

use airbyte_runtime::plan::Value;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at), migrate_state = from_v1)]
struct Task {
    updated_at: Timestamp,
}

fn from_v1(state: &Value) -> Value {
    state.clone()
}

fn main() {}
