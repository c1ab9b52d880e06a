//! Odd keys and values, closures, and a condition that is one.

use airbyte_runtime::plan::Map;
use airbyte_runtime::prelude::*;

#[source(
    base_url         = "https://api.example.com",
    migrate_config   = [rename("api.key", config.token), remap(config.region, values = { "old one" = "eu", us = 2 }), with(without_legacy)],
    transform_config = with(|config: &mut Map<String, Json>| { config.remove("x"); }),
    validate         = |tracker| if tracker.token.is_empty() { Err("there is no token".to_owned()) } else { Ok(()) },
    streams          = [Task],
)]
struct Tracker {
    /// The access token.
    token: String,
    /// Where the tracker is.
    region: Json,
}

fn without_legacy(config: &mut Map<String, Json>) -> Result<()> {
    config.remove("legacy");
    Ok(())
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
