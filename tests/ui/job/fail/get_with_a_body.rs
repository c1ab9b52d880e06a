//! A GET request about a job carries a body.
// Underlined: body and its value

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    job = async_job(
        create = get("/exports", body = { kind = "orders" }), poll = get("/exports/1"), completed = ["done"], targets = "url",
    ),
)]
struct Order {
    id: u64,
}

fn main() {}
