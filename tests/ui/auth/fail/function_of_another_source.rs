//! A function for `with` takes another source's configuration.
// Underlined: `sign`.

use airbyte_runtime::plan::RequestDraft;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://bills.example.com", streams = [Invoice])]
struct Billing {
    /// The access key.
    #[config(secret)]
    key: Secret,
}

#[stream(source = Billing, path = "/invoices")]
struct Invoice {
    id: u64,
}

fn sign(billing: &Billing, request: &mut RequestDraft) -> Result<()> {
    request.set_header("x-key", billing.key.expose())
}

#[source(base_url = "https://api.example.com", auth = with(sign), streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
