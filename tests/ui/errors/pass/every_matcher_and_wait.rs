//! Every matcher, action and wait, with functions and constants of the user's.

use airbyte_runtime::plan::Answer;
use airbyte_runtime::prelude::*;

const GONE: &[u16] = &[404, 410];

#[source(
    base_url        = "https://api.example.com",
    connect_timeout = "PT10S",
    request_timeout = "PT2H",
    tcp_keepalive   = true,
    streams         = [Task],
)]
struct Tracker;

#[stream(
    source        = Tracker,
    path          = "/tasks",
    read_timeout  = "PT5M",
    request_timeout = "PT30M",
    tcp_keepalive = false,
    error_handler = [
        when(is_quota) => rate_limited,
        when(|answer| answer.headers.contains_key("x-gone")) => ignore,
        all([statuses(GONE), when(is_quota), body("error.code", "gone")]) => ignore,
        status(418) => success,
        status(500) => retry,
        status(503) => retry(transient_error = "the API is down"),
        status(401) => refresh_token_then_retry,
        status(409) => reset_pagination,
    ],
    backoff       = [
        wait_from_header("X-Limits", regex = "reset=([0-9]+)", min = "PT1S", max = "PT10M"),
        wait_until_header("X-Reset", min = "PT1S"),
        wait_from_body("error.retry_after", max = "PT10M"),
        exponential(base = "PT1S", max = "PT1M", jitter = "PT5S"),
        constant("PT5S", jitter = "PT1S"),
    ],
)]
struct Task {
    id: u64,
}

fn is_quota(answer: &Answer<'_>) -> bool {
    answer.body.starts_with(b"quota")
}

fn main() {}
