//! A partition router of the connector's own.

use std::future::Future;
use std::pin::Pin;

use airbyte_runtime::define::Stream;
use airbyte_runtime::define::partition::PartitionKeys;
use airbyte_runtime::plan::PartitionRouter;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The countries to read, with commas.
    countries: String,
}

struct ByCountry {
    limit: usize,
}

type Partition = serde_json::Map<String, serde_json::Value>;

impl PartitionRouter for ByCountry {
    fn partitions<'a>(&'a self, config: &'a Config) -> Pin<Box<dyn Future<Output = Result<Vec<Partition>>> + 'a>> {
        Box::pin(async move {
            let tracker = config.typed::<Tracker>()?;
            let countries = tracker.countries.split(',').take(self.limit);
            Ok(countries.map(|country| Partition::from_iter([("country".to_owned(), country.into())])).collect())
        })
    }
}

impl PartitionKeys for ByCountry {
    const KEYS: &'static [&'static str] = &["country"];
}

#[stream(source = Tracker, path = "/{partition.country}/tasks", partition = ByCountry { limit: 5 })]
struct Task {
    id: u64,
}

fn main() {
    assert_eq!(Task::PARTITION, ["country"]);
}
