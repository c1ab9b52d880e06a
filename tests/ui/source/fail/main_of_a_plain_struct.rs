//! `main!` runs a struct without `#[source]`.
// Underlined: `Tracker`.

use airbyte_runtime::prelude::*;

struct Tracker {
    token: Secret,
}

airbyte_runtime::main!(Tracker);
