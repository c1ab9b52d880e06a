//! Every form of a budget: one set of requests or several, fixed numbers and the user's.

use airbyte_runtime::prelude::*;

const MANY: u32 = 5000;

#[source(
    base_url = "https://api.example.com",
    budget   = [
        requests(url_path_pattern = "^/(status|health)$") => unlimited,
        [
            requests(method = "POST", url_path_pattern = "^/search", params = { kind = "full", pages = 3 }, weight = 5),
            requests(url_base = "https://{config.region}.example.com", headers = { "X-Plan" = config.plan }, weight_from = config.cost),
        ] => moving_window(rates = [rate(10, "PT1S"), rate(MANY, "PT1H")], ratelimit_remaining_header = "X-Left"),
        requests => fixed_window(
            call_limit = 100,
            call_limit_from = config.calls,
            period = "PT1M",
            ratelimit_reset_header = "X-Reset",
            status_codes_for_ratelimit_hit = [420, 429],
        ),
    ],
    streams  = [Task],
)]
struct Tracker {
    /// Where the data is.
    region: String,
    /// What was bought.
    plan: String,
    /// What a search costs.
    cost: Option<u32>,
    /// Calls in a minute.
    calls: Option<u32>,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
