//! A struct and the manifest have a stream of one name.
// Underlined: `Order` in `streams`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    streams  = [Order],
    manifest = "ui/manifest/fail/stream_of_both.yaml",
)]
struct Tracker;

#[stream(source = Tracker, name = "orders", path = "/orders")]
struct Order {
    id: u64,
}

fn main() {}
