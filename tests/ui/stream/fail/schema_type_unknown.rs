//! A type that Airbyte does not have.
// Underlined: `types = …`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Contact])]
struct Crm;

#[stream(
    source = Crm,
    path = "/contacts",
    schema = endpoint("/fields", name = "key", type = "kind", types = { whole = "int" }),
)]
struct Contact {
    id: u64,
}

fn main() {}
