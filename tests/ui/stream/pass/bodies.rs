//! Everything that a request can carry.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Json, Form, Graph, Patched, Soap])]
struct Tracker {
    /// The region of the account.
    region: String,
}

#[stream(
    source = Tracker,
    path = "/search",
    method = POST,
    body = {
        status = "open",
        limit = 100,
        offset = -1,
        ratio = 0.5,
        below = -0.5,
        exact = true,
        nothing = null,
        region = config.region,
        text = "in {config.region}",
        raw = raw("{config.region}"),
        braces = "{{}}",
        "odd-key" = "",
        type = "task",
        list = [1, "two", [3, null], { four = 4 },],
        nested = { deeper = { still = {} } },
        big = 9_000_000_000u64,
    },
)]
struct Json {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/search",
    method = "PUT",
    form = { status = "open", region = config.region, "tag[]" = ["a", "b"] },
)]
struct Form {
    id: u64,
}

#[stream(source = Tracker, path = "/graphql", body = graphql("{ tasks { id } }"))]
struct Graph {
    id: u64,
}

#[stream(source = Tracker, path = "/search", method = PATCH, body = {},)]
struct Patched {
    id: u64,
}

const SOAP: &str = "<Get region='{config.region}'/>";

#[stream(source = Tracker, path = "/soap", method = POST, body = text(SOAP))]
struct Soap {
    id: u64,
}

fn main() {}
