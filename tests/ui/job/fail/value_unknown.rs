//! A value of the job is misspelt.
// Underlined: the path of the poll

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(
        create = post("/exports"), keep = { export_id = "data.id" },
        poll = get("/exports/{job.exportid}"), completed = ["done"], targets = "url",
    ),
)]
struct Order {
    id: u64,
}

fn main() {}
