//! Sources that need nothing from the user.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[source(base_url = "https://api.example.com", streams = [Invoice])]
pub struct Billing {}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

#[stream(source = Billing, path = "/invoices")]
struct Invoice {
    id: u64,
}

fn main() {}
