//! The request that begins a job names a value of it.
// Underlined: create and its value

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(
        create = post("/exports", body = { after = "{job.id}" }), keep = { id = "id" },
        poll = get("/exports/{job.id}"), completed = ["done"], targets = "url",
    ),
)]
struct Order {
    id: u64,
}

fn main() {}
