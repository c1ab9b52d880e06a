//! The name of an argument of `xml` is misspelt.
// Underlined: the argument's name

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop {
    /// Who asks.
    user: String,
}

#[stream(
    source = Shop,
    path = "/orders",
    body = xml("<Get/>", contenttype = "text/xml"),
)]
struct Order {
    id: u64,
}

fn main() {}
