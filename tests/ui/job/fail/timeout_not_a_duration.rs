//! The timeout is a number of minutes in a text.
// Underlined: timeout and its value

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(
        create = post("/exports"), poll = get("/exports/1"), completed = ["done"], targets = "url", timeout = "30m",
    ),
)]
struct Order {
    id: u64,
}

fn main() {}
