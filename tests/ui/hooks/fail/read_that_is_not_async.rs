//! The reading function is not `async`.
// Underlined: `read_rows`.

use airbyte_runtime::prelude::*;

#[source(streams = [Row])]
struct Database;

fn read_rows(_: &Database, _: &Slice, _: &mut Records<'_, Row>) -> Result<()> {
    Ok(())
}

#[stream(source = Database, read = read_rows)]
struct Row {
    id: u64,
}

fn main() {}
