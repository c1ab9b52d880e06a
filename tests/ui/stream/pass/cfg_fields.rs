//! Fields that exist under a condition only; the others' types do not even exist.

use airbyte_runtime::define::{Stream, stream::field};
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The region of the account.
    #[cfg(all())]
    region: String,
    /// Not compiled.
    #[cfg(any())]
    zone: Missing,
}

#[config]
enum Login {
    /// A personal access token.
    #[cfg(all())]
    Token {
        /// The token.
        token: Secret,
        /// Not compiled.
        #[cfg(any())]
        scope: Missing,
    },
    /// Not compiled.
    #[cfg(any())]
    Certificate(Missing),
}

#[stream(source = Tracker, path = "/{config.region}/tasks", primary_key = id)]
struct Task {
    #[cfg(all())]
    id: u64,
    #[cfg(any())]
    id: Missing,
    #[cfg(any())]
    number: Missing,
    #[serde(rename = "Title")]
    title: String,
}

fn main() {
    assert_eq!(Task::FIELDS, [field("id", "id"), field("title", "Title")]);
}
