//! The request has a method that does not exist.
// Underlined: the method

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(create = psot("/exports"), poll = get("/exports/1"), completed = ["done"], targets = "url"),
)]
struct Order {
    id: u64,
}

fn main() {}
