//! A path through a nested struct ends at a field that it does not have.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The account to read.
    account: Account,
}

#[config]
struct Account {
    /// The account's number.
    number: u64,
}

#[stream(source = Tracker, path = "/accounts/{config.account.nummer}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
