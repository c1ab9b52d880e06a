//! A stream that reads by itself has a decoder.
// Underlined: decoder

use airbyte_runtime::prelude::*;

#[source(streams = [Export])]
struct Shop {}

#[stream(source = Shop, read = read_rows, decoder = json_lines())]
struct Export {
    id: u64,
}

async fn read_rows(_: &Shop, _: &Slice, _: &mut Records<'_, Export>) -> Result<()> {
    Ok(())
}

fn main() {}
