//! Two streams of one name: their namespaces differ.

use airbyte_runtime::define::Stream;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, archive::Task, trash::Task])]
pub struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

mod archive {
    #[airbyte_runtime::stream(source = crate::Tracker, namespace = "archive", path = "/archive/tasks")]
    pub struct Task {
        id: u64,
    }
}

mod trash {
    #[airbyte_runtime::stream(source = crate::Tracker, namespace = "trash", path = "/trash/tasks")]
    pub struct Task {
        id: u64,
    }
}

fn main() {
    assert_eq!(Task::NAME, archive::Task::NAME);
    assert_ne!(Task::NAMESPACE, archive::Task::NAMESPACE);
}
