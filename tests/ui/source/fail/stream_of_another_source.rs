//! A listed stream belongs to another source.
// Underlined: `Invoice` in the list of `Tracker`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://tasks.example.com", streams = [Task, Invoice])]
struct Tracker;

#[source(base_url = "https://bills.example.com", streams = [Invoice])]
struct Billing;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

#[stream(source = Billing, path = "/invoices")]
struct Invoice {
    id: u64,
}

fn main() {}
