//! The base URL names a config field that the source does not have.
// Underlined: the URL.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://{config.subdomain}.example.com", streams = [Task])]
struct Tracker {
    /// The first part of the account's address.
    sub_domain: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
