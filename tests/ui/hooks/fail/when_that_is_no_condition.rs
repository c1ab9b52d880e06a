//! A condition is true or false.
// Underlined: the function.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// Whether the account has reports.
    reports: Option<bool>,
}

fn has_reports(tracker: &Tracker) -> Option<bool> {
    tracker.reports
}

#[stream(source = Tracker, path = "/tasks", when = has_reports)]
struct Task {
    id: u64,
}

fn main() {}
