//! Placeholders of every root in every place, in both spellings; braces that are text.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://{config.account.region}.example.com",
    auth = api_key(param = "key", value = config.account.key),
    streams = [Project, Task, Legacy],
)]
struct Tracker {
    /// The account.
    account: Account,
    /// The regions to read.
    regions: Vec<String>,
    /// The first instant to sync.
    start: Timestamp,
    /// Anything.
    anything: serde_json::Value,
}

#[config]
struct Account {
    /// The region.
    region: String,
    /// The key.
    #[config(secret)]
    key: Secret,
}

#[stream(
    source = Tracker,
    path = "/{partition.region}/projects",
    partition = list(region = config.regions),
    records = "data",
)]
struct Project {
    id: u64,
    owner: Owner,
}

#[record]
struct Owner {
    name: String,
}

#[stream(
    source = Tracker,
    base_url = "https://tasks.example.com/{config.account.region}",
    path = "/{parent.region}/{parent.owner.name}/{{braces}}/{config.anything.deep.down}/{partition.id}/ü",
    parent = Project(id),
    method = POST,
    query = { q = "updated:{interval.start}..{interval.end}", id = parent.id, raw = raw("{config.nothing}") },
    headers = { "X-Key" = "Key {config.account.key}" },
    body = { deep = [{ since = interval.start, id = "{parent.id}" }], all = "{{ {config.account.region} }}" },
    cursor = datetime(updated_at, start = config.start, end = "2030-01-01T00:00:00Z"),
)]
struct Task {
    updated_at: Timestamp,
}

#[stream(
    source = Tracker,
    path = "/legacy/{config.account.key|in_url}",
    query = { since = "{interval.start}" },
    cursor = integer(number),
)]
struct Legacy {
    number: u64,
}

fn main() {}
