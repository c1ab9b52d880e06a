//! A type of the connector's own does not implement the trait.
// Underlined: `Signature` behind `auth =`.

use airbyte_runtime::prelude::*;

struct Signature;

#[source(base_url = "https://api.example.com", auth = Signature, streams = [Task])]
struct Tracker {
    /// The access key.
    #[config(secret)]
    key: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
