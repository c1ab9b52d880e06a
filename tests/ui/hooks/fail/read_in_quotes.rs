//! The reading function is named by a text.
// Underlined: `"read_rows"`.

use airbyte_runtime::prelude::*;

#[source(streams = [Row])]
struct Database;

#[stream(source = Database, read = "read_rows")]
struct Row {
    id: u64,
}

fn main() {}
