//! Nothing says what the columns are called.
// Underlined: `endpoint`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Contact])]
struct Crm;

#[stream(
    source = Crm,
    path = "/contacts",
    schema = endpoint("/fields", records = "fields"),
)]
struct Contact {
    id: u64,
}

fn main() {}
