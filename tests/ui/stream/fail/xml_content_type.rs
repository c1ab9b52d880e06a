//! The content type of the XML body is none.
// Underlined: the content type

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Order])]
struct Shop {
    /// Who asks.
    user: String,
}

#[stream(
    source = Shop,
    path = "/orders",
    body = xml("<Get/>", content_type = "soap"),
)]
struct Order {
    id: u64,
}

fn main() {}
