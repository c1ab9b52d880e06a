//! Nothing says which type a column has.
// Underlined: `endpoint`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Contact])]
struct Crm;

#[stream(
    source = Crm,
    path = "/contacts",
    schema = endpoint("/fields", name = "key", types = { whole = "integer" }),
)]
struct Contact {
    id: u64,
}

fn main() {}
