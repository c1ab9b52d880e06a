//! Each word, beside functions of the same name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Kept, Dropped, Rejected])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", undeclared = keep, filter = keep)]
struct Kept {
    id: u64,
}

fn keep(task: &Kept) -> bool {
    task.id > 0
}

#[stream(source = Tracker, path = "/tasks", undeclared = drop)]
struct Dropped {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks", undeclared = reject)]
struct Rejected {
    id: u64,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, Json>,
}

fn main() {}
