//! Texts with braces that are no placeholders, constants, keywords as kept names, and every kind of request.

use airbyte_runtime::prelude::*;

const EXPORTS: &str = "/exports";
const QUERY: &str = "{ orders { id } }";

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop {
    /// Who asks.
    token: Secret,
    /// How many rows a file has.
    rows: Option<u64>,
}

#[stream(
    source    = Shop,
    partition = list(region = ["eu", "us"]),
    cursor    = datetime(at, start = "2024-01-01", start_body = "filter.from"),
    headers   = { Accept = "application/json" },
    job       = async_job(
        create            = post(EXPORTS, body = { query = raw("{job.id}"), graph = QUERY, region = "{partition.region}", rows = config.rows }),
        keep              = { r#type = "job.type", "odd-key" = "a" },
        keep_headers      = { address = "Operation-Location" },
        poll              = get("{job.address}", headers = { "X-Token" = config.token }),
        status            = "job.state",
        completed         = ["done", "partly done"],
        running           = ["queued"],
        failed            = [],
        skipped           = ["empty"],
        targets           = "files.*",
        targets_from      = get("/exports/{job.type}/files", query = { of = "{job.odd-key}" }),
        download          = put("/files/{job.target}", form = { since = "{interval.start}" }),
        abort             = patch("/exports/{job.type}", body = { state = "cancelled" }),
        delete            = delete("/exports/{job.type}"),
        timeout           = "PT2H",
        poll_interval     = "PT10S",
        failed_retry_wait = "PT1M",
        max_attempts      = 1,
        max_concurrent    = 5,
        resume            = false,
    ),
    records   = "rows",
)]
struct Order {
    id: u64,
    at: Timestamp,
}

fn main() {}
