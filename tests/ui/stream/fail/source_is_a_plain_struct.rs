//! The source is a struct without `#[source]`.
// Underlined: `Settings` behind `source =`.

use airbyte_runtime::prelude::*;

struct Settings {
    token: Secret,
}

#[stream(source = Settings, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
