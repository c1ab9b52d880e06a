//! A router of the connector's own stands beside a list.
// Underlined: `ByCountry`, or the second of the two.

use std::future::Future;
use std::pin::Pin;

use airbyte_runtime::define::partition::PartitionKeys;
use airbyte_runtime::plan::PartitionRouter;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct ByCountry;

type Partition = serde_json::Map<String, serde_json::Value>;

impl PartitionRouter for ByCountry {
    fn partitions<'a>(&'a self, _: &'a Config) -> Pin<Box<dyn Future<Output = Result<Vec<Partition>>> + 'a>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

impl PartitionKeys for ByCountry {
    const KEYS: &'static [&'static str] = &["country"];
}

#[stream(
    source = Tracker,
    path = "/{partition.country}/tasks",
    partition = [list(status = ["open"], param = "s"), ByCountry],
)]
struct Task {
    id: u64,
}

fn main() {}
