//! A path names a value of a job that the stream does not have.
// Underlined: the path

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop;

#[stream(
    source = Shop,
    path = "/exports/{job.id}",
)]
struct Order {
    id: u64,
}

fn main() {}
