//! A stream read by a function has no path.
// Underlined: `path`, the second of the two.

use airbyte_runtime::prelude::*;

#[source(streams = [Row])]
struct Database;

async fn read_rows(_: &Database, _: &Slice, _: &mut Records<'_, Row>) -> Result<()> {
    Ok(())
}

#[stream(source = Database, read = read_rows, path = "/rows")]
struct Row {
    id: u64,
}

fn main() {}
