//! A router of the connector's own does not say its keys.
// Underlined: `ByCountry` behind `partition =`.

use std::future::Future;
use std::pin::Pin;

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

#[stream(source = Tracker, path = "/{partition.country}/tasks", partition = ByCountry)]
struct Task {
    id: u64,
}

fn main() {}
