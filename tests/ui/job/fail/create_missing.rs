//! Nothing begins the job.
// Underlined: the kind, async_job

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(poll = get("/exports/1"), completed = ["done"], targets = "url"),
)]
struct Order {
    id: u64,
}

fn main() {}
