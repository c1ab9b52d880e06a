//! Every decoder, nested and alone, with and without parentheses.

use std::io::Read;

use airbyte_runtime::plan::StreamDecoder;
use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Export, Lines, Own, Inner])]
struct Shop {}

#[stream(
    source = Shop, path = "/export",
    decoder = zip(gzip(csv(delimiter = '\t', quote = '\'', encoding = "cp1252", skip_rows = 2, column_names = ["id"]))),
)]
struct Export {
    id: u64,
}

#[stream(source = Shop, path = "/lines", decoder = zstd(json_lines))]
struct Lines {
    id: u64,
}

struct Pairs;

impl StreamDecoder for Pairs {
    fn decode(&self, _: &mut dyn Read, _: &mut dyn FnMut(Json) -> Result<()>) -> Result<()> {
        Ok(())
    }
}

#[stream(source = Shop, path = "/own", decoder = Pairs)]
struct Own {
    id: u64,
}

#[stream(source = Shop, path = "/inner", decoder = bzip2(Pairs))]
struct Inner {
    id: u64,
}

fn main() {}
