//! Properties in every form: constants, raw names, nested columns and composite keys.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, Contact, Deal])]
struct Tracker {
    /// The account.
    account: String,
}

const FIELDS: &[&str] = &["id", "name"];

#[stream(source = Tracker, path = "/tasks", primary_key = (id, r#type), properties = columns(param = "fields", property_count = 1))]
struct Task {
    id: u64,
    r#type: String,
}

#[stream(source = Tracker, path = "/contacts", properties = names(FIELDS, body = "query.select", separator = ";"), method = POST)]
struct Contact {
    id: u64,
}

#[stream(
    source = Tracker, path = "/deals",
    properties = endpoint("/accounts/{config.account}/fields", name = "key", header = "X-Fields", characters = 2_000, merge_by = id),
)]
struct Deal {
    id: u64,
}

fn main() {}
