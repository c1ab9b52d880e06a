//! Constants in place of literals: in paths, maps, bodies and arguments.

use airbyte_runtime::prelude::*;

const BASE: &str = "https://{config.region}.example.com";
const PATH: &str = concat!("/", "tasks");
const QUERY: &str = "query($first: Int) { tasks(first: $first) { nodes { id } } }";
const PAGE_SIZE: u32 = 10 * 10;

mod settings {
    pub const STATUS: &str = "open";
    pub const ACCEPT: &str = "application/json";
    pub const STEP: &str = "P30D";
}

#[source(base_url = BASE, headers = { Accept = settings::ACCEPT }, streams = [Task, Search, Graph])]
struct Tracker {
    /// The region of the account.
    region: String,
}

#[stream(
    source = Tracker,
    path = PATH,
    query = { status = settings::STATUS },
    paginator = offset_increment(page_size = PAGE_SIZE, page_size_param = "limit"),
    cursor = datetime(updated_at, start = "2020-01-01T00:00:00Z", step = settings::STEP),
    max_retries = 3,
)]
struct Task {
    updated_at: Timestamp,
}

#[stream(
    source = Tracker,
    path = concat!("/tasks", "/search"),
    method = POST,
    body = { status = settings::STATUS, any = [PATH] },
)]
struct Search {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/graphql",
    body = graphql(QUERY, variables = { first = 100, status = settings::STATUS }),
)]
struct Graph {
    id: u64,
}

fn main() {}
