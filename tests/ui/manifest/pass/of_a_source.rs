//! Streams of structs and of a manifest in one source, in every combination.

use airbyte_runtime::Connector;
use airbyte_runtime::manifest::Registry;
use airbyte_runtime::prelude::*;

mod renamed {
    pub use airbyte_runtime::*;
}

macro_rules! source_of {
    ($name:ident, $file:literal) => {
        #[source(manifest = $file, crate = crate::renamed)]
        struct $name;
    };
}

source_of!(Manifest, "ui/manifest/pass/of_a_source.yaml");

#[source(streams = [Task], manifest = "ui/manifest/pass/of_a_source.yaml", registry = Registry::default())]
struct Both {
    /// Where the API is.
    #[config(default = "api.example.com")]
    host: String,
}

/// The path has a base of its own, so the source needs none.
#[stream(source = Both, base_url = "https://{config.host}", path = "/tasks")]
struct Task {
    id: u64,
}

/// Its namespace tells it from the stream of the manifest.
#[source(base_url = "https://api.example.com", streams = [Order], manifest = "ui/manifest/pass/of_a_source.yaml")]
struct Namesakes;

#[stream(source = Namesakes, name = "orders", namespace = "structs", path = "/orders")]
struct Order {
    id: u64,
}

fn names(catalog: Result<Json>) -> Vec<String> {
    let catalog = catalog.expect("discover works");
    catalog.as_array().into_iter().flatten().map(|stream| stream["name"].to_string()).collect()
}

fn main() {
    let config = || Json::Object(Default::default());
    assert_eq!(names(Connector::<Manifest>::new(config()).discover()), ["\"orders\""]);
    assert_eq!(names(Connector::<Both>::new(config()).discover()), ["\"task\"", "\"orders\""]);
    assert_eq!(names(Connector::<Namesakes>::new(config()).discover()), ["\"orders\"", "\"orders\""]);
}
