//! Every key of `#[stream]` that the other cases do not have.

use airbyte_runtime::define::Stream;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, PullRequest])]
struct Tracker;

#[stream(
    source = Tracker,
    name = "all tasks",
    namespace = "work",
    base_url = "https://tasks.example.com",
    path = "",
    method = GET,
    query = { "filter[status]" = ["open", "done"], page = 1 },
    headers = { Accept = "application/json", "X-Api-Version" = 2 },
    records = ["data", "*", "odd.key"],
    auth = none,
    paginator = none,
    max_retries = 0,
    allow_hosts = ["files.example.com"],
    primary_key = [id],
)]
struct Task {
    id: u64,
}

#[stream(source = Tracker, path = "/pulls", records = "data.*.items")]
struct PullRequest {
    id: u64,
}

fn main() {
    assert_eq!((Task::NAME, Task::NAMESPACE), ("all tasks", Some("work")));
    assert_eq!((PullRequest::NAME, PullRequest::NAMESPACE), ("pull_request", None));
    assert!(!Task::INTERVAL);
}
