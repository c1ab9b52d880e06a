//! A stream with a job has a path of its own.
// Underlined: the second of the two keys

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(create = post("/exports"), poll = get("/exports/1"), completed = ["done"], targets = "url"),
    path = "/orders",
)]
struct Order {
    id: u64,
}

fn main() {}
