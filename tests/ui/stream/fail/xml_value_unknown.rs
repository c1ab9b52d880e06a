//! A value in the XML body does not exist; the text has several lines.
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
    body = xml("<Get>
        <User>{config.usr}</User>
    </Get>"),
)]
struct Order {
    id: u64,
}

fn main() {}
