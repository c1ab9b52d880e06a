//! The reading function yields records of another stream.
// Underlined: `read_rows`.

use airbyte_runtime::prelude::*;

#[source(streams = [Row, Column])]
struct Database;

async fn read_rows(_: &Database, _: &Slice, _: &mut Records<'_, Row>) -> Result<()> {
    Ok(())
}

#[stream(source = Database, read = read_rows)]
struct Row {
    id: u64,
}

#[stream(source = Database, read = read_rows)]
struct Column {
    name: String,
}

fn main() {}
