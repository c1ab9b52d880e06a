//! A type of the connector's own does not implement the trait.
// Underlined: `ByCountry` behind `partition =`.

use airbyte_runtime::define::partition::PartitionKeys;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct ByCountry;

impl PartitionKeys for ByCountry {
    const KEYS: &'static [&'static str] = &["country"];
}

#[stream(source = Tracker, path = "/{partition.country}/tasks", partition = ByCountry)]
struct Task {
    id: u64,
}

fn main() {}
