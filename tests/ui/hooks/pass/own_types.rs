//! Types of the connector's own that look at records as JSON.

use airbyte_runtime::plan::{RecordFilter, RecordTransformation};
use airbyte_runtime::prelude::*;
use serde_json::{Map, Value};

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct Has {
    key: &'static str,
}

impl RecordFilter for Has {
    fn keep(&self, record: &Map<String, Value>) -> Result<bool> {
        Ok(record.contains_key(self.key))
    }
}

struct Without(&'static str);

impl RecordTransformation for Without {
    fn transform(&self, record: &mut Map<String, Value>) -> Result<()> {
        record.remove(self.0);
        Ok(())
    }
}

#[stream(source = Tracker, path = "/tasks", filter = Has { key: "id" }, transform = Without("internal"))]
struct Task {
    id: u64,
}

fn main() {}
