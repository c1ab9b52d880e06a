//! Every key of a field's `#[config]`, and every type that a user can fill in.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The region of the account,
    /// as in the address.
    ///
    /// Ask your administrator.
    #[config(
        title = "Region",
        default = "eu",
        examples = ["eu", "us"],
        pattern = r"^[a-z]{2}$",
        pattern_descriptor = "two letters",
        min_length = 2,
        max_length = 2,
        group = "place",
        order = 0,
        always_show,
    )]
    region: String,
    /// The private key.
    #[config(secret, multiline)]
    #[config(hidden)]
    private_key: Option<Secret>,
    /// Keys.
    #[config(secret)]
    keys: Vec<Secret>,
    /// The first day to sync.
    #[config(format = "date", example = "2020-01-31")]
    start: String,
    #[doc = "The last day to sync."]
    end: Option<Date>,
    /** The first instant to sync. */
    since: Timestamp,
    /// How many.
    #[config(default = -5, minimum = -10, maximum = 10)]
    count: i64,
    /// What part.
    #[config(default = 0.5)]
    ratio: f64,
    /// Whether.
    #[config(default = true)]
    enabled: bool,
    /// Regions.
    #[config(default = ["eu", "us"])]
    regions: Vec<String>,
    /// Anything.
    anything: serde_json::Value,
    /// Renamed.
    #[config(rename = "odd-name")]
    odd: Option<Vec<u16>>,
}

#[stream(
    source = Tracker,
    path = "/{config.region}/{config.count}",
    headers = { "X-Odd" = "{config.odd}", "X-Key" = config.private_key },
)]
struct Task {
    id: u64,
}

fn main() {}
