//! A stream read by a function has no pages.
// Underlined: `read`, the second of the two.

use airbyte_runtime::prelude::*;

#[source(streams = [Row])]
struct Database;

async fn read_rows(_: &Database, _: &Slice, _: &mut Records<'_, Row>) -> Result<()> {
    Ok(())
}

#[stream(source = Database, paginator = link_header, read = read_rows)]
struct Row {
    id: u64,
}

fn main() {}
