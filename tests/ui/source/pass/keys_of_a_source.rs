//! Every key of `#[source]` that the other cases do not have.

use airbyte_runtime::define::Source;
use airbyte_runtime::prelude::*;

#[source(
    name = "source-task-tracker",
    title = "Task Tracker",
    documentation_url = "https://docs.example.com/tracker",
    base_url = "https://api.example.com",
    query = { version = 2 },
    headers = { "User-Agent" = "airbyte/{config.contact}" },
    max_retries = 10,
    backoff = constant("PT1S"),
    concurrency = config.workers,
    groups = { auth = "Authentication", "limits" = "Limits" },
    allow_hosts = ["files.example.com", "cdn.example.com"],
    streams = [Task],
    check = Task,
)]
struct Tracker {
    /// Whom to write to.
    #[config(group = "auth")]
    contact: String,
    /// Requests at one time.
    #[config(group = "limits", default = 4, minimum = 1, maximum = 20)]
    workers: u32,
}

#[source(base_url = "https://api.example.com", concurrency = 4, streams = [Repository])]
struct GitHub;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

#[stream(source = GitHub, path = "/repositories")]
struct Repository {
    id: u64,
}

fn main() {
    assert_eq!((Tracker::NAME, GitHub::NAME), ("source-task-tracker", "source-github"));
}
