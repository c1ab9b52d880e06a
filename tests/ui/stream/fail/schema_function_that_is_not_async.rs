//! The function that describes columns may have to wait.
// Underlined: the function.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Contact])]
struct Crm;

fn describe(_: &Crm) -> Result<Json> {
    Ok(Json::Null)
}

#[stream(
    source = Crm,
    path = "/contacts",
    schema = with(describe),
)]
struct Contact {
    id: u64,
}

fn main() {}
