//! The keys of JSON are serde's: renamed one by one, renamed all, skipped, flattened.

use std::collections::BTreeMap;

use airbyte_runtime::define::{Stream, stream::field};
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, Loose])]
#[serde(rename_all = "camelCase")]
struct Tracker {
    /// The first day to sync.
    start_date: Date,
    /// The number of the account.
    #[serde(rename = "accountID")]
    account: u64,
}

#[stream(
    source = Tracker,
    path = "/{config.account}/tasks",
    cursor = datetime(updated_at, start = config.start_date, start_param = "since"),
    paginator = cursor_token(from_last_record = task_id, token_param = "after"),
    primary_key = (task_id, r#ref),
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Task {
    task_id: u64,
    #[serde(rename = "REF")]
    r#ref: String,
    #[serde(rename(deserialize = "changed", serialize = "changed"))]
    updated_at: Timestamp,
    #[serde(skip)]
    checked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_on: Option<Date>,
}

#[stream(source = Tracker, path = "/anything", primary_key = gid)]
struct Loose {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

fn main() {
    let expected =
        [field("task_id", "taskId"), field("ref", "REF"), field("updated_at", "changed"), field("due_on", "dueOn")];
    assert_eq!(Task::FIELDS, expected);
    assert_eq!(Loose::FIELDS, [field("name", "name")]);
}
