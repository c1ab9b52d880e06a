//! A value stands in a CDATA section, where it cannot be escaped.
// Underlined: the text in quotes

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop {
    /// Who asks.
    user: String,
}

#[stream(
    source = Shop,
    path = "/orders",
    body = xml("<Get><![CDATA[{config.user}]]></Get>"),
)]
struct Order {
    id: u64,
}

fn main() {}
