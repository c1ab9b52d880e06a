//! An element of the XML body is not closed.
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
    body = xml("<Envelope><Body><Get/></Envelope>"),
)]
struct Order {
    id: u64,
}

fn main() {}
