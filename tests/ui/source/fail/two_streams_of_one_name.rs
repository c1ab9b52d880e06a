//! Two streams have one name.
// Underlined: `Task` of `v2::Task`, the second of them.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [v1::Task, v2::Task])]
pub struct Tracker;

mod v1 {
    #[airbyte_runtime::stream(source = super::Tracker, path = "/v1/tasks")]
    pub struct Task {
        id: u64,
    }
}

mod v2 {
    #[airbyte_runtime::stream(source = super::Tracker, path = "/v2/tasks")]
    pub struct Task {
        id: u64,
    }
}

fn main() {}
