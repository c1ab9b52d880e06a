//! No status means that the job is done.
// Underlined: the kind, async_job

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(create = post("/exports"), poll = get("/exports/1"), failed = ["error"], targets = "url"),
)]
struct Order {
    id: u64,
}

fn main() {}
